"""What one private deployment needs: the parent's record, and the differences as data (yuezhengyi.md 6.1).

There is no default host: a request with an office's data must never fall back to the public WeCom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from connectors.wecom import settings as wecom

DIRECT_LOGIN = "wecom"
GATEWAY_LOGIN = "gateway"
PAGE_LOGIN = "page"


@dataclass(frozen=True, slots=True)
class Flags:
    """What this deployment can do: True and False are known, None is unknown (yuezhengyi.md 6.2).

    Unknown means for messages that are only read: try, and step down when refused. For cards that are tapped it means
    no: one that nobody can tap is worse than a link.
    """

    callback: bool | None = False
    template_card: bool | None = False
    update_template_card: bool | None = False
    taskcard: bool | None = None
    textcard: bool | None = None
    markdown: bool | None = None
    appchat: bool | None = None
    recall: bool | None = False
    duplicate_check: bool | None = None

    def tapped(self) -> bool:
        """Whether any card can be tapped in the chat; a tap comes back by callback only."""
        return bool(self.callback and (self.template_card or self.taskcard))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The smart gateway in front (yuezhengyi.md 4); `prefix` names its headers, `token` is the secret of `paas_id`."""

    paas_id: str
    token: str = field(repr=False)
    prefix: str = "x-tif-"
    signs_callbacks: bool = False
    addresses: tuple[str, ...] = ()
    window: float = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One POST: in the texts of `body`, at any depth, `{id}`, `{title}`, `{assignee}`, `{url}` and `{due}` stand for
    the to-do's. An act whose `url` is "" is not told."""

    url: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TodoList:
    """The operator's unified to-do list (yuezhengyi.md 6.5) by acts create, complete, delete."""

    calls: Mapping[str, Call]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    success: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(wecom.Settings):
    """`base_url` already has the gateway's path prefix. `login_page` is a template for every login but the authorize
    page; with `code_check` (a template too) another host than the deployment says whose code it is, at `code_user`.

    `per_minute` counts all messages of the account, `per_member_a_minute` those to one member: no limits are published,
    so these are guesses on the low side (yuezhengyi.md 3.3).
    """

    gateway: Gateway | None = None
    flags: Flags = Flags()
    login: str = DIRECT_LOGIN
    login_page: str = ""
    code_check: str = ""
    code_user: str = "userid"
    todo: TodoList | None = None
    page_base: str = ""
    ca_bundle: str = ""
    server_hostname: str = ""
    per_member_a_minute: int = 10
    per_minute: int = 300

    @property
    def receives(self) -> bool:
        """Whether anything is delivered to us by callback: the flag says so and there are keys to prove it."""
        return bool(self.flags.callback and self.token and self.encoding_aes_key)


def from_account(account: Any) -> Settings:
    """Reads `config.accounts.YuezhengyiAccount` by attribute. Raises ValueError without a host of the account's own."""
    if not getattr(account, "base_url", ""):
        raise ValueError("a private deployment has no default host")
    given = {one.name: getattr(account, one.name) for one in fields(Settings) if _plainly(account, one.name)}
    return Settings(**{**given, **_shared(account)})


_SHARED = frozenset({"account", "base_url", "secret", "gateway", "flags", "robots", "oauth_base", "todo"})


def _plainly(account: Any, name: str) -> bool:
    return name not in _SHARED and getattr(account, name, None) is not None


def _shared(account: Any) -> Mapping[str, Any]:
    opened = {
        name: wecom.reveal(getattr(account, name))
        for name in ("secret", "token", "encoding_aes_key", "bot_secret")
        if getattr(account, name, None) is not None
    }
    robots = getattr(account, "robots", None) or {}
    prefix = getattr(account, "path_prefix", "").strip("/")
    return {
        **opened, "account": account.name, "gateway": _gateway(getattr(account, "gateway", None)),
        "oauth_base": (getattr(account, "oauth_base", None) or "").rstrip("/"),
        "base_url": "/".join(filter(None, (account.base_url.rstrip("/"), prefix))),
        "todo": _todo(getattr(account, "todo", None)),
        "flags": _flags(getattr(account, "capabilities", None)),
        "robots": {name: wecom.reveal(key) for name, key in robots.items()},
    }  # fmt: skip


def _gateway(section: Any) -> Gateway | None:
    if section is None:
        return None
    return Gateway(
        paas_id=section.paas_id, token=wecom.reveal(section.token), prefix=section.header_prefix,
        signs_callbacks=section.signs_callbacks, addresses=tuple(section.addresses),
    )  # fmt: skip


def _todo(section: Any) -> TodoList | None:
    if section is None:
        return None
    acts = {name: getattr(section, name) for name in ("create", "complete", "delete")}
    field_, _, value = section.success.partition("=")
    return TodoList(
        calls={name: Call(url=one.url, body=one.body) for name, one in acts.items() if one is not None},
        headers={name: wecom.reveal(one) for name, one in section.headers.items()}, success=(field_, value),
    )  # fmt: skip


def _flags(section: Any) -> Flags:
    known = {"yes": True, "no": False}
    if section is None:
        return Flags()
    return Flags(**{one.name: known.get(getattr(section, one.name)) for one in fields(Flags)})
