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

from bot.demo.cast import sandbox_office
from config import loader
from config import secrets as secrets_file
from config.accounts import DingtalkAccount, WecomAccount
from config.crosscheck import PACKAGED
from config.loader import Configuration
from connectors.clock import MovableClock
from connectors.sandbox import control
from connectors.sandbox.office import SandboxOffice

SAMPLE = PACKAGED / "sample"
_NOWHERE = "http://127.0.0.1:9"
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
    draft = _load(folder, made | {"DEMO_WECOM_URL": _NOWHERE, "DEMO_DINGTALK_URL": _NOWHERE}, today)
    fakes: dict[str, Fake] = {}
    addresses: dict[str, str] = {}
    for account in draft.settings.accounts:
        office = sandbox_office(draft, account.name, account.platform)
        callback = f"{public_url}/callback/{account.name}"
        fakes[account.name] = fake_of(account, office=office, clock=clock, callback=callback)
        addresses[f"DEMO_{account.platform.upper()}_URL"] = await fakes[account.name].start()
    _remember(folder, made | addresses)
    return World(fakes, _load(folder, made | addresses, today), clock)


def fake_of(account: Any, *, office: SandboxOffice, clock: MovableClock, callback: str) -> Fake:
    """The strict stand-in for one account's platform, with its own credentials. `callback` has no door yet."""
    if isinstance(account, WecomAccount):
        return _wecom(account, office, clock, callback)
    if isinstance(account, DingtalkAccount):
        return _dingtalk(account, office, clock, callback)
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
        "DEMO_SIGNING_KEY": secrets.token_hex(32),
    }


def _letters(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _load(folder: Path, env: Mapping[str, str], today: date) -> Configuration:
    return loader.load(folder / "office.yaml", env=env, today=today)
