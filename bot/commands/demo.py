"""`officebot demo`: the service on its sandboxes with a sample office, and the page with several phones."""

from __future__ import annotations

import asyncio
import logging
import socket
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import click
from aiohttp import web

from bot import leave_rules, logs, roster
from bot.app import Service
from bot.commands.serve import until_stopped
from bot.database import schema
from bot.demo import page, stage, world
from bot.demo.world import World
from cards import causes
from config.crosscheck import PACKAGED
from config.loader import Configuration
from connectors.clock import MovableClock, SystemClock
from handlers.audit import log
from handlers.days import workdays

_SHOWN: Final = timedelta(days=30)
"""How far ahead the sentences of a demo reach."""


@click.command(help="不用注册任何平台，在本机演示：服务、平台沙箱和示例单位一起启动，打印一个要打开的网址。")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8080, show_default=True, metavar="端口", help="网页端口。"
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, metavar="地址", help="监听地址；谁能打开网页，谁就能扮演所有人。"
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    metavar="文件夹",
    help="把演示的数据留在这里，下次接着演；不写就每次从头开始。",
)
@click.option("--verbose", is_flag=True, help="把日志也打印出来。")
def command(port: int, host: str, keep: Path | None, verbose: bool) -> int:
    logs.set_up(level=logging.INFO if verbose else logging.ERROR)
    _free(host, port)
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="officebot-demo-")))
        asyncio.run(_demo(folder, host, port))
    return 0


async def _demo(folder: Path, host: str, port: int) -> None:
    clock = MovableClock(_known(SystemClock().now()))
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
    click.echo("正在启动平台沙箱…")
    made = await world.build(folder, clock=clock, public_url=address)
    click.echo("正在准备数据库和示例单位…")
    await schema.migrate(made.configuration.settings.database.url.get_secret_value())
    service = Service(_with_backups(made.configuration), clock=clock)
    await _go_on(service, clock)
    _begin_at_work(service, clock)
    await service.database.write(lambda tx: roster.bring_in(tx, made.configuration, now=clock.now()))
    runner = web.AppRunner(_application(service, made), access_log=None, handler_cancellation=False)
    await runner.setup()
    try:
        await service.start()
        await web.TCPSite(runner, host, port).start()
        click.echo(f"演示已就绪，请在浏览器打开：{address}\n按 Ctrl+C 结束。")
        await until_stopped()
    finally:
        click.echo("正在结束…")
        await runner.cleanup()
        await service.stop()
        await made.stop()


def _with_backups(configuration: Configuration) -> Configuration:
    """The sample office makes none, because tests and measurements begin with it too."""
    own = configuration.settings.backup.model_copy(update={"enabled": True})
    return replace(configuration, settings=configuration.settings.model_copy(update={"backup": own}))


def _application(service: Service, made: World) -> web.Application:
    shown = stage.load(world.SAMPLE / "stage.yaml", office=service.office.name)
    fakes = list(made.fakes.values())
    return service.application(lambda app: page.setup(app, fakes, clock=made.clock, stage=shown))


def _known(now: datetime) -> datetime:
    """Now; or, while the holidays of the weeks to come are not packaged, the same weekday one or more years ago: a
    demo in which every leave is refused shows nothing."""
    files = [leave_rules.read(file) for file in (PACKAGED / "calendars").glob("*.yaml")]
    years, begin = workdays.from_data(files).years, now
    while (begin + _SHOWN).astimezone(workdays.SHANGHAI).year not in years:
        begin -= timedelta(weeks=52)
    if begin != now:
        shown = f"{begin.year}年{begin.month}月{begin.day}日"
        click.echo(f"程序里还没有{(now + _SHOWN).year}年的放假安排，演示从{shown}开始。")
    return begin


async def _go_on(service: Service, clock: MovableClock) -> None:
    """A kept office goes on where it was left, however far its clock had been moved."""
    left = await service.database.read(log.last_time)
    if left is not None and left > clock.now():
        clock.forward(left - clock.now())


def _begin_at_work(service: Service, clock: MovableClock) -> None:
    """A demo begins in working hours, so that reminders and working-day words make sense at once."""
    now = clock.now()
    # Of one moment: in working hours that is nothing, and a clock does not go back.
    clock.forward(service.office.working_after(now, 0) - now)


def _free(host: str, port: int) -> None:
    """Told at once, not after everything has been started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"端口 {port} 用不了（{causes.why(error)}）。换一个：officebot demo --port 8081"
            ) from error
