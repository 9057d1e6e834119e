"""`officebot probe ACCOUNT --to USERID`: what a private deployment can do, tried once on a named test user.

By hand only: each kind of message is sent for real (yuezhengyi.md 6.2). The result is printed as `office.yaml` has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from bot.commands import options
from cards import causes
from connectors import registry
from connectors.clock import SystemClock
from connectors.errors import PlatformError
from connectors.transport import Http

_WORDS = {True: "yes", False: "no", None: "unknown"}
_TEXT = "officebot 试发，请忽略"
_HELP = "试一次粤政易（政务微信）账号会发哪几种消息：给指定的测试人员各发一条，打印该写进 office.yaml 的几行。"


@click.command(help=_HELP)
@click.argument("account", metavar="账号")
@click.option("--to", required=True, metavar="成员账号", help="收试发消息的测试人员，在平台上的账号。")
@options.config_option
@options.json_option
def command(account: str, to: str, config_file: Path, as_json: bool) -> int:
    settings = options.configuration(config_file).settings
    able = {one.name: one for one in settings.accounts if one.platform == "yuezhengyi"}
    if account not in able:
        raise click.UsageError(f"配置里没有叫「{account}」的粤政易账号，可以写：{'、'.join(able) or '（一个也没有）'}")
    try:
        found = asyncio.run(_probe(able[account], to, settings.server.public_url or "https://example.gov.cn"))
    except PlatformError as error:
        why = " ".join(part for part in (error.code, causes.network(error.words)) if part)
        raise click.ClickException(f"试不成：{why}。先运行 officebot doctor 看是哪一步不通。") from error
    shown = {name: _WORDS[value] for name, value in found.items()}
    if as_json:
        options.print_json(shown)
        return 0
    click.echo("试完了，请测试人员看一眼手机。把下面几行写进这个账号（群聊、撤回、回调要问运维方，没有试）：")
    click.echo("    capabilities:")
    for name, value in shown.items():
        click.echo(f"      {name}: {value}")
    return 0


async def _probe(account: Any, to: str, link: str) -> Mapping[str, bool | None]:
    http = Http(proxy=account.proxy)
    connector: Any = registry.build(account, http=http, clock=SystemClock())
    try:
        found: Mapping[str, bool | None] = await connector.probe(to, link=link, words=_TEXT)
    finally:
        await connector.close()
        await http.close()
    return found
