"""What one Yunzhijia account needs to work: a frozen record, made from the account's section of `office.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HOST = "https://www.yunzhijia.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`base_url` is without a trailing slash; a robot's send URL is kept as the platform gave it (yunzhijia.md 3.1).

    `window` is how old a robot's delivery may be, in seconds; nobody prescribes it (3.2).
    """

    account: str
    eid: str
    app_id: str
    app_secret: str = field(repr=False)
    pub: str
    pub_secret: str = field(repr=False)
    base_url: str = HOST
    pubsend_path: str = "/pubacc/pubsendV2"
    sign_key: str = field(default="", repr=False)
    card_template: str = ""
    card_base_template: str = ""
    card_selects: bool = False
    card_key: str = field(default="", repr=False)
    im_secret: str = field(default="", repr=False)
    robot_secret: str = field(default="", repr=False)
    robot_url: str = field(default="", repr=False)
    websocket: bool = False
    robots: Mapping[str, str] = field(default_factory=dict, repr=False)
    approval_app_id: str = ""
    approval_secret: str = field(default="", repr=False)
    approval_aes_key: str = field(default="", repr=False)
    calendar_secret: str = field(default="", repr=False)
    calendar_key: str = field(default="", repr=False)
    files_secret: str = field(default="", repr=False)
    window: float = 300.0

    @property
    def cards(self) -> bool:
        """Whether all four things are there that an interactive card needs (9.1)."""
        return bool(self.card_template and self.card_base_template and self.card_key and self.im_secret)


_PLAIN = (
    "eid", "app_id", "app_secret", "pub", "pub_secret", "sign_key", "card_template", "card_base_template", "card_key",
    "im_secret", "robot_secret", "robot_url", "approval_app_id", "approval_secret", "approval_aes_key",
    "calendar_secret", "calendar_key", "files_secret",
)  # fmt: skip


def from_account(account: Any) -> Settings:
    """Reads `config.accounts.YunzhijiaAccount` by attribute; raises ValueError for an AES key that is not 16 bytes."""
    values: dict[str, Any] = {name: _text(getattr(account, name, "")) for name in _PLAIN}
    if values["approval_aes_key"] and len(values["approval_aes_key"].encode()) != 16:
        raise ValueError("the approval key has 16 bytes")
    robots = getattr(account, "robots", None) or {}
    return Settings(
        account=account.name,
        base_url=(_text(getattr(account, "base_url", "")) or HOST).rstrip("/"),
        pubsend_path=_text(getattr(account, "pubsend_path", "")) or "/pubacc/pubsendV2",
        card_selects=bool(getattr(account, "card_selects", False)),
        websocket=bool(getattr(account, "websocket", False)),
        robots={name: _text(url) for name, url in robots.items()},
        **values,
    )


def _text(value: Any) -> str:
    """pydantic's SecretStr hides its text behind a call."""
    if value is None:
        return ""
    opened = getattr(value, "get_secret_value", None)
    return str(opened() if opened else value)
