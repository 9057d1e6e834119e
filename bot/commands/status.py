"""`officebot status`: asks the running service whether all is well, with the office's own key."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import click

from bot.commands import options
from bot.webhooks import WATCH_HEADER, watch_token
from config.loader import Configuration
from connectors.transport import Http

_GRADES = {"serious": "✗", "bad": "!", "note": "·"}


@click.command(help="问运行中的服务有没有要处理的事：积压、长连接、磁盘、封存、备份。不能正常服务时退出码是 1。")
@options.config_option
@options.json_option
def command(config_file: Path, as_json: bool) -> int:
    configuration = options.configuration(config_file)
    ready, lines = asyncio.run(asked(configuration))
    if as_json:
        options.print_json({"ready": ready, "concerns": [{"grade": grade, "words": said} for grade, said in lines]})
        return 0 if ready else 1
    for grade, said in lines:
        click.echo(f"{_GRADES.get(grade, '!')} {said}。")
    if not lines:
        click.echo("✓ 服务正常，没有要处理的事。")
    return 0 if ready else 1


async def asked(configuration: Configuration) -> tuple[bool, list[tuple[str, str]]]:
    """Whether the running service takes work, and what it said: (grade, sentence) of each."""
    server = configuration.settings.server
    host = "127.0.0.1" if server.host in ("0.0.0.0", "::") else server.host
    key = configuration.settings.security.signing_key.get_secret_value().encode()
    http = Http()
    try:
        async with http.session.get(
            f"http://{host}:{server.port}/readyz", headers={WATCH_HEADER: watch_token(key)}
        ) as response:
            ready, text = response.status == 200, await response.text()
    except (aiohttp.ClientError, TimeoutError, OSError):
        words = f"{host}:{server.port} 上没有服务在回答。看它是不是在运行：systemctl status officebot"
        return False, [("serious", words)]
    finally:
        await http.close()
    lines = [line.partition(" ") for line in text.splitlines() if line not in ("ok", "not ready")]
    if not ready and not lines:
        return False, [("serious", "这个服务用的不是这份配置（signing_key 不一样），它只说现在不能服务")]
    return ready, [(grade, said) for grade, _, said in lines]
