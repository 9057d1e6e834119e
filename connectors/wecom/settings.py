"""What one WeCom account needs to work: a frozen record, made from the account's section of `office.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HOST = "https://qyapi.weixin.qq.com"
OAUTH_HOST = "https://open.weixin.qq.com"
BOT_URL = "wss://openws.work.weixin.qq.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`base_url` and `oauth_base` are without a trailing slash.

    The `contact_*` values belong to the address-book assistant (wecom.md 5.4), which has its own secret and its own
    callback; the door `contact` exists only with token and key. `robots` are group robots: name -> key (a secret).
    `window` is how old a callback may be, in seconds (wecom.md 4.4). `bot_*` belong to the smart bot (10.2), which we
    reach over its own long connection. `token_method`, `userinfo_path` and `receive_id` (empty: the corp id) differ in
    private editions.
    """

    account: str
    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    encoding_aes_key: str = field(default="", repr=False)
    base_url: str = HOST
    contact_secret: str = field(default="", repr=False)
    contact_token: str = field(default="", repr=False)
    contact_encoding_aes_key: str = field(default="", repr=False)
    robots: Mapping[str, str] = field(default_factory=dict, repr=False)
    oauth_base: str = OAUTH_HOST
    window: float = 300.0
    bot_id: str = ""
    bot_secret: str = field(default="", repr=False)
    bot_url: str = BOT_URL
    token_method: str = "GET"
    userinfo_path: str = "auth/getuserinfo"
    receive_id: str = ""

    @property
    def receives(self) -> bool:
        """Whether a callback can be configured, without which WeCom refuses cards with buttons (wecom.md 7)."""
        return bool(self.token and self.encoding_aes_key)


def from_account(account: Any) -> Settings:
    """Reads `config.accounts.WeComAccount` by attribute, so that nothing here imports the configuration."""
    robots = getattr(account, "robots", None) or {}
    return Settings(
        account=account.name,
        corp_id=account.corp_id,
        agent_id=int(account.agent_id),
        secret=_plain(account, "secret"),
        token=_plain(account, "token"),
        encoding_aes_key=_plain(account, "encoding_aes_key"),
        base_url=(_plain(account, "base_url") or HOST).rstrip("/"),
        contact_secret=_plain(account, "contact_secret"),
        contact_token=_plain(account, "contact_token"),
        contact_encoding_aes_key=_plain(account, "contact_encoding_aes_key"),
        robots={name: reveal(key) for name, key in robots.items()},
        oauth_base=(_plain(account, "oauth_base") or OAUTH_HOST).rstrip("/"),
        bot_id=_plain(account, "bot_id"),
        bot_secret=_plain(account, "bot_secret"),
        bot_url=_plain(account, "bot_url") or BOT_URL,
    )


def _plain(account: Any, name: str) -> str:
    return reveal(getattr(account, name, None))


def reveal(value: Any) -> str:
    """pydantic's SecretStr hides its text behind a call."""
    if value is None:
        return ""
    opened = getattr(value, "get_secret_value", None)
    return str(opened() if opened else value)
