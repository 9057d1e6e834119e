"""The sample office on its sandboxes: made-up credentials, one fake per account, the configuration that fits.

Used by `officebot demo`, `officebot sandbox` and the scenario tests. The service that runs on it gets an ordinary
configuration and cannot tell.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from bot.demo.cast import sandbox_office
from config import loader
from config import secrets as secrets_file
from config.accounts import DingtalkAccount, OtherAccount, WecomAccount, YunzhijiaAccount
from config.crosscheck import PACKAGED
from config.loader import Configuration
from config.wecom_family import YuezhengyiAccount
from connectors.clock import MovableClock
from connectors.sandbox import control
from connectors.sandbox.office import SandboxOffice

SAMPLE = PACKAGED / "sample"
PLACES = {f"DEMO_{name}_URL": "http://127.0.0.1:9" for name in ("WECOM", "DINGTALK", "YUNZHIJIA", "YUEZHENGYI")}
PLACES["DEMO_WECOM_BOT_URL"] = "ws://127.0.0.1:9"
"""Where the sandboxes are while none is started."""
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Fake(control.Platform, Protocol):
    """A fake with its life."""

    async def start(self, host: str = ..., port: int = ...) -> str: ...

    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class World:
    """Started fakes by account name, and the configuration whose addresses lead to them."""

    fakes: Mapping[str, Fake]
    configuration: Configuration
    clock: MovableClock

    async def stop(self) -> None:
        for fake in self.fakes.values():
            await fake.stop()


async def build(folder: Path, *, clock: MovableClock, public_url: str, extra: Mapping[str, str] | None = None) -> World:
    """Copies the sample office into `folder` (kept where it is there already) and starts a fake per account.

    `public_url` is where the service will listen; `extra` overrides the made-up variables. Raises ConfigInvalid.
    """
    unpack(folder)
    made = credentials() | secrets_file.beside(folder)[0] | {"DEMO_PUBLIC_URL": public_url} | dict(extra or {})
    today = clock.now().date()
    draft = _load(folder, made | PLACES, today)
    fakes: dict[str, Fake] = {}
    addresses: dict[str, str] = {}
    for account in draft.settings.accounts:
        if isinstance(account, OtherAccount):
            continue  # no stand-in is known here
        office = sandbox_office(draft, account.name, account.platform)
        callback = f"{public_url}/callback/{account.name}"
        fakes[account.name] = fake_of(account, office=office, clock=clock, callback=callback)
        addresses[f"DEMO_{account.platform.upper()}_URL"] = await fakes[account.name].start()
        if account.platform == "wecom":
            addresses["DEMO_WECOM_BOT_URL"] = addresses["DEMO_WECOM_URL"].replace("http:", "ws:") + "/aibot"
    _remember(folder, made | addresses)
    return World(fakes, _load(folder, made | addresses, today), clock)


def fake_of(account: Any, *, office: SandboxOffice, clock: MovableClock, callback: str) -> Fake:
    """The strict stand-in for one account's platform, with its own credentials. `callback` has no door yet."""
    if isinstance(account, WecomAccount):
        return _wecom(account, office, clock, callback)
    if isinstance(account, DingtalkAccount):
        return _dingtalk(account, office, clock, callback)
    if isinstance(account, YunzhijiaAccount):
        return _yunzhijia(account, office, clock, callback)
    if isinstance(account, YuezhengyiAccount):
        return _yuezhengyi(account, office, clock, callback)
    raise LookupError(type(account).__name__)


def _wecom(account: WecomAccount, office: SandboxOffice, clock: MovableClock, callback: str) -> Fake:
    from connectors.wecom.fake import Fake as WecomFake  # the SDKs behind the fakes load only where a fake runs

    return WecomFake(
        corp_id=account.corp_id,
        agent_id=account.agent_id,
        secret=account.secret.get_secret_value(),
        token=account.token.get_secret_value(),
        encoding_aes_key=account.encoding_aes_key.get_secret_value(),
        callback_url=f"{callback}/app",
        office=office,
        clock=clock,
        app_name="工作助理",
        bot_id=account.bot_id,
        bot_secret=_secret(account.bot_secret),
    )


def _dingtalk(account: DingtalkAccount, office: SandboxOffice, clock: MovableClock, callback: str) -> Fake:
    from connectors.dingtalk.fake import Fake as DingtalkFake

    return DingtalkFake(
        client_id=account.client_id,
        client_secret=account.client_secret.get_secret_value(),
        corp_id=account.corp_id,
        robot_code=account.robot_code,
        token=_secret(account.token),
        encoding_aes_key=_secret(account.encoding_aes_key),
        card_template_id=account.card_template_id,
        callback_base=callback if account.transport == "http" else None,
        office=office,
        clock=clock,
        agent_id=str(account.agent_id or "1000"),
        route_key=account.card_route_key,
        api_secret=_secret(account.api_secret),
    )


def _yunzhijia(account: YunzhijiaAccount, office: SandboxOffice, clock: MovableClock, callback: str) -> Fake:
    from connectors.yunzhijia.fake import Fake as YunzhijiaFake
    from connectors.yunzhijia.fake import Tenant

    tenant = Tenant(
        eid=account.eid,
        app_id=account.app_id,
        app_secret=_secret(account.app_secret),
        pub=account.pub,
        pub_secret=_secret(account.pub_secret),
        sign_key=_secret(account.sign_key),
        im_secret=_secret(account.im_secret),
        robot_secret=_secret(account.robot_secret),
        robot_token=_robot_token(_secret(account.robot_url)),
        approval_app_id=account.approval_app_id,
        approval_secret=_secret(account.approval_secret),
        approval_aes_key=_secret(account.approval_aes_key),
        calendar_secret=_secret(account.calendar_secret),
        calendar_key=_secret(account.calendar_key),
        files_secret=_secret(account.files_secret),
        base_template=account.card_base_template,
        action_template=account.card_template,
    )
    return YunzhijiaFake(tenant, office=office, clock=clock, callback=callback, websocket=account.websocket)


def _robot_token(url: str) -> str:
    return dict(parse_qsl(urlsplit(url).query)).get("yzjtoken", "")


def _yuezhengyi(account: YuezhengyiAccount, office: SandboxOffice, clock: MovableClock, callback: str) -> Fake:
    from connectors.yuezhengyi.fake import Deployment
    from connectors.yuezhengyi.fake import Fake as YuezhengyiFake
    from connectors.yuezhengyi.fake.gateway import Keys

    gateway, known = account.gateway, account.capabilities
    kinds = {name for name in ("template_card", "taskcard") if getattr(known, name) == "yes"}
    kinds |= {name for name in ("textcard", "markdown") if getattr(known, name) != "no"}
    deployment = Deployment(
        prefix=account.path_prefix,
        keys=Keys(gateway.paas_id, _secret(gateway.token), gateway.header_prefix) if gateway else None,
        kinds=frozenset({"text", "image", "file", *kinds}),
        callbacks=known.callback == "yes",
        published=bool(gateway and gateway.signs_callbacks),
        token_method=account.token_method,
    )
    fake = YuezhengyiFake(
        deployment=deployment,
        backend=callback.partition("/callback/")[0],
        workbench=f"{callback.partition('/callback/')[0]}/office/?via={account.name}" if callback else "",
        corp_id=account.corp_id,
        agent_id=account.agent_id,
        secret=_secret(account.secret),
        token=_secret(account.token),
        encoding_aes_key=_secret(account.encoding_aes_key),
        office=office,
        clock=clock,
        app_name="工作助理",
    )
    fake.set_callback(f"{callback}/app" if callback else "")
    return fake


def _secret(value: Any) -> str:
    return "" if value is None else str(value.get_secret_value())


def unpack(folder: Path) -> None:
    """The sample's files, where they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("office.yaml", "staff.csv"):
        if not (folder / name).exists():
            shutil.copyfile(SAMPLE / name, folder / name)
    (folder / "forms").mkdir(exist_ok=True)


def _remember(folder: Path, made: Mapping[str, str]) -> None:
    """In the office's own secrets file, so that a kept office keeps its keys and every command can be tried on it."""
    file = folder / secrets_file.SECRETS_FILE
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in made.items()), encoding="utf-8")


def credentials() -> dict[str, str]:
    """Fresh ones for every variable of the sample but the addresses."""
    return {
        "DEMO_WECOM_SECRET": _letters(43),
        "DEMO_WECOM_TOKEN": _letters(24),
        "DEMO_WECOM_AES_KEY": _letters(43),
        "DEMO_DINGTALK_SECRET": _letters(64),
        "DEMO_DINGTALK_TOKEN": _letters(24),
        "DEMO_DINGTALK_AES_KEY": _letters(43),
        "DEMO_DINGTALK_CARD_SECRET": _letters(32),
        "DEMO_YUNZHIJIA_SECRET": _letters(32),
        "DEMO_YUNZHIJIA_PUB_SECRET": _letters(32),
        "DEMO_YUNZHIJIA_SIGN_KEY": _letters(32),
        "DEMO_YUNZHIJIA_CARD_KEY": _letters(32),
        "DEMO_YUNZHIJIA_IM_SECRET": _letters(32),
        "DEMO_YUNZHIJIA_ROBOT_SECRET": _letters(32),
        "DEMO_YUNZHIJIA_ROBOT_TOKEN": _letters(32),
        "DEMO_YUNZHIJIA_APPROVAL_SECRET": _letters(32),
        "DEMO_YUNZHIJIA_APPROVAL_KEY": _letters(16),
        "DEMO_YUNZHIJIA_CALENDAR_SECRET": _letters(32),
        "DEMO_YUNZHIJIA_CALENDAR_KEY": _letters(32),
        "DEMO_YUNZHIJIA_FILES_SECRET": _letters(32),
        "DEMO_YUEZHENGYI_SECRET": _letters(43),
        "DEMO_YUEZHENGYI_PAAS_TOKEN": _letters(32),
        "DEMO_SIGNING_KEY": secrets.token_hex(32),
    }


def _letters(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _load(folder: Path, env: Mapping[str, str], today: date) -> Configuration:
    return loader.load(folder / "office.yaml", env=env, today=today)
