"""`officebot serve`: the service, until it is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import click
import structlog
from aiohttp import web

from bot import logs, runtime
from bot.app import OfficeLeft, SchemaMismatch, Service
from bot.commands import database, options
from bot.database import schema
from bot.database.single import Occupied, single
from cards import causes
from cards import operation as words
from config.loader import Configuration
from connectors.clock import Clock, SystemClock
from handlers.errors import DatabaseBusy

log = structlog.get_logger(__name__)

_ANSWERS_S = 10.0  # for answers under way; the platforms themselves wait five seconds
_STOP_S = 40.0  # a service manager should wait longer than this

_MISMATCH = {
    "empty": "数据库还是空的，先运行 officebot migrate。",
    "older": "数据库的表比程序旧，先运行 officebot migrate。",
    "newer": "数据库的表比程序新，请安装新版 officebot。",
}


_OCCUPIED = (
    "已经有一个服务在用这个数据库（或者正在搬家），没有再启动一个：SQLite 的数据库只能给一个服务用，换端口也不行。"
    "要重启就先停掉那一个；要几个实例一起运行，用 officebot move 搬到 PostgreSQL。"
)
_LEFT = (
    "{}，没有启动。把 office.yaml 的 database.url 改成新地址再启动；"
    "确实要用回这里的旧数据，先停掉那边的服务，再运行 officebot move --take-back。"
)


@click.command(help="运行服务，直到被要求停止（Ctrl+C 或 systemd）。")
@options.config_option
@click.option("--host", default="", metavar="地址", help="在哪个地址上等，代替配置里的 server.host。")
@click.option(
    "--port", default=0, type=click.IntRange(0, 65535), metavar="端口",
    help="在哪个端口上等，代替配置里的 server.port：一台机器上运行几个实例时，各用一个（要用 PostgreSQL）。",
)  # fmt: skip
def command(config_file: Path, host: str, port: int) -> int:
    logs.set_up()
    runtime.loading()
    return runtime.run(run(config_file, SystemClock(), host=host, port=port))


async def run(config_file: Path, clock: Clock, *, host: str = "", port: int = 0) -> int:
    """Until SIGINT or SIGTERM; the clock is the computer's but in drills, which move it. `host` and `port` as the
    configuration says where they are empty."""
    configuration = options.configuration(config_file)
    try:
        with single(configuration.settings.database.url.get_secret_value()):
            return await _served(configuration, clock, host=host, port=port)
    except Occupied:
        raise click.ClickException(_OCCUPIED) from None


async def _served(configuration: Configuration, clock: Clock, *, host: str, port: int) -> int:
    server = configuration.settings.server
    host, port = host or server.host, port or server.port
    service = Service(configuration, clock=clock)
    runner = web.AppRunner(
        service.application(), access_log=None, handler_cancellation=False, shutdown_timeout=_ANSWERS_S
    )
    await runner.setup()
    try:
        await service.start()
        runtime.settle()
        await _listen(runner, host, port)
        with contextlib.suppress(OSError):  # nobody reads it any more, or its disk is full
            click.echo(f"服务已启动：http://{host}:{port}")
        await until_stopped()
    except SchemaMismatch as mismatch:
        raise click.ClickException(_MISMATCH[mismatch.state]) from None
    except OfficeLeft as gone:
        raise click.ClickException(_LEFT.format(words.left(at=gone.left.at, target=gone.left.target))) from None
    except DatabaseBusy as error:
        raise click.ClickException(database.busy(error)) from error
    except schema.FAILURES as error:
        raise click.ClickException(f"连不上数据库：{causes.why(error)}。") from error
    finally:
        service.watch.stopping = True
        asyncio.get_running_loop().call_later(_STOP_S, _leave)
        await runner.cleanup()
        await service.stop()
    return 0


def _leave() -> None:
    """Something does not let go. What was answered is on the disk, and leases run out by themselves."""
    log.error("stop.forced", seconds=_STOP_S)
    os._exit(1)


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        words = f"{host}:{port} 用不了（{causes.why(error)}），换一个端口，或者停掉占用它的程序。"
        raise click.ClickException(words) from error


async def until_stopped() -> None:
    """SIGINT or SIGTERM, or that the terminal was closed, where nobody wished that ignored (`nohup`)."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    hangup = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    for number in (signal.SIGINT, signal.SIGTERM, *hangup):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
