"""`officebot sandbox PLATFORM`: one strict stand-in alone, for anybody's client."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Any

import click

from bot.commands import options
from bot.commands.serve import until_stopped
from bot.demo import cast, world
from cards import causes
from config import loader
from config.accounts import DingtalkAccount, WecomAccount, YunzhijiaAccount
from config.wecom_family import YuezhengyiAccount
from connectors.clock import MovableClock

_PLACES = {"DEMO_PUBLIC_URL": "http://127.0.0.1:9", **world.PLACES}


@click.command(help="单独运行一个平台的沙箱：严格按平台的协议办事，给任何客户端用。按 Ctrl+C 结束。")
@click.argument("platform", metavar="平台", type=click.Choice(["wecom", "dingtalk", "yunzhijia", "yuezhengyi"]))
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="端口", help="监听端口；0 表示随便找一个。")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="地址", help="监听地址。")
@click.option(
    "--callback",
    default="",
    metavar="网址",
    help="把回调推送到这个网址（不含入口名），例如 http://127.0.0.1:8080/callback/wecom-main",
)
@click.option("--http-push", is_flag=True, help="钉钉：用 HTTP 推送事件，不用 Stream。")
@options.json_option
def command(platform: str, port: int, host: str, callback: str, http_push: bool, as_json: bool) -> int:
    asyncio.run(_serve(platform, host, port, callback, http_push=http_push, as_json=as_json))
    return 0


async def _serve(platform: str, host: str, port: int, callback: str, *, http_push: bool, as_json: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world.unpack(Path(folder))
        env = {**world.credentials(), **_PLACES, **os.environ}
        configuration = loader.load(Path(folder) / "office.yaml", env=env, today=options.today())
    account = next(one for one in configuration.settings.accounts if one.platform == platform)
    if http_push and isinstance(account, DingtalkAccount):
        account = account.model_copy(update={"transport": "http"})
    office = cast.sandbox_office(configuration, account.name, platform)
    fake = world.fake_of(account, office=office, clock=MovableClock(), callback=callback)
    try:
        address = await fake.start(host, port)
    except OSError as error:
        raise click.ClickException(f"端口 {port} 用不了：{causes.why(error)}。换一个端口再试。") from error
    _tell(address, account, [member.id for member in office.members], as_json=as_json)
    await until_stopped()
    await fake.stop()


def _tell(address: str, account: Any, members: list[str], *, as_json: bool) -> None:
    facts: dict[str, Any] = {"base_url": address, "control": f"{address}/_control/state", **_keys(account)}
    facts["members"] = members
    if "robot_url" in facts:  # one address more that leads to the sandbox
        facts["robot_url"] = facts["robot_url"].replace(world.PLACES["DEMO_YUNZHIJIA_URL"], address)
    if as_json:
        options.print_json(facts)
        return
    for name, value in facts.items():
        click.echo(f"{name}: {'、'.join(value) if isinstance(value, list) else value}")
    click.echo("沙箱已启动，按 Ctrl+C 结束。")


def _keys(account: Any) -> dict[str, str]:
    """What a client needs; made up at each start unless given in DEMO_... variables of the environment."""
    if isinstance(account, WecomAccount):
        return {
            "corp_id": account.corp_id,
            "agent_id": str(account.agent_id),
            "secret": account.secret.get_secret_value(),
            "token": account.token.get_secret_value(),
            "encoding_aes_key": account.encoding_aes_key.get_secret_value(),
        }
    if isinstance(account, YuezhengyiAccount):
        shown = {name: _plain(getattr(account, name)) for name in ("path_prefix", "corp_id", "agent_id", "secret")}
        gateway = account.gateway
        return {**shown, "paas_id": gateway.paas_id, "paas_token": _plain(gateway.token)} if gateway else shown
    if isinstance(account, YunzhijiaAccount):
        return {name: _plain(getattr(account, name)) for name in _YUNZHIJIA}
    return {
        "client_id": account.client_id,
        "client_secret": account.client_secret.get_secret_value(),
        "corp_id": account.corp_id,
        "robot_code": account.robot_code,
        "token": account.token.get_secret_value(),
        "encoding_aes_key": account.encoding_aes_key.get_secret_value(),
        "card_template_id": account.card_template_id,
    }


_YUNZHIJIA = (
    "eid", "app_id", "app_secret", "pub", "pub_secret", "sign_key", "card_template", "card_base_template", "im_secret",
    "robot_secret", "robot_url", "approval_app_id", "approval_secret", "approval_aes_key",
    "calendar_secret", "calendar_key", "files_secret",
)  # fmt: skip


def _plain(value: Any) -> str:
    """The text of a secret or of anything else."""
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)
