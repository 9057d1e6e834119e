"""One internal app (企业内部应用) of one organisation, with its robot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class GroupRobot:
    """A custom group robot: the `access_token` of its webhook and its signing secret (`SEC...`)."""

    token: str = field(repr=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`robot_code` is the client id unless the robot is a separate one; no `card_template_id`, no interactive cards."""

    account: str
    client_id: str
    client_secret: str = field(repr=False)
    corp_id: str
    robot_code: str
    agent_id: str = ""
    transport: str = "stream"  # stream | http
    token: str = field(default="", repr=False)
    encoding_aes_key: str = field(default="", repr=False)
    card_template_id: str = ""
    card_route_key: str = ""
    api_secret: str = field(default="", repr=False)
    api_base: str = "https://api.dingtalk.com"
    oapi_base: str = "https://oapi.dingtalk.com"
    robots: Mapping[str, GroupRobot] = field(default_factory=dict, repr=False)

    @property
    def over_http(self) -> bool:
        return self.transport == "http"


_PLAIN = (
    "client_id", "client_secret", "corp_id", "robot_code", "agent_id", "transport", "token", "encoding_aes_key",
    "card_template_id", "card_route_key", "api_secret",
)  # fmt: skip


def from_account(account: Any) -> Settings:
    """From a `config.accounts.DingTalkAccount`, read by attribute; secrets may be pydantic's SecretStr."""
    values = {name: text(getattr(account, name, "")) for name in _PLAIN}
    values["robot_code"] = values["robot_code"] or values["client_id"]
    values["transport"] = values["transport"] or "stream"
    given = {name: text(getattr(account, name, "")) for name in ("api_base", "oapi_base")}
    bases = {name: value.rstrip("/") for name, value in given.items() if value}
    robots = {name: _robot(robot) for name, robot in (getattr(account, "robots", None) or {}).items()}
    return Settings(account=account.name, robots=robots, **values, **bases)


def text(value: Any) -> str:
    """Plain text of a value that may be a SecretStr, a number or nothing."""
    if value is None:
        return ""
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)


def _robot(robot: Any) -> GroupRobot:
    return GroupRobot(text(robot.token), text(getattr(robot, "secret", "")))
