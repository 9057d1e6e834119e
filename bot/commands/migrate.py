"""`officebot migrate`: the tables of the configured database brought up to date."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from bot.commands import options
from bot.database import schema
from cards import causes


@click.command(help="把数据库的表更新到这一版；已经是最新时什么也不做。更新前 SQLite 会先留一份备份。")
@options.config_option
def command(config_file: Path) -> int:
    url = options.configuration(config_file).settings.database.url.get_secret_value()
    try:
        applied = asyncio.run(schema.migrate(url))
    except schema.FAILURES as error:
        raise click.ClickException(f"连不上数据库：{causes.why(error)}。") from error
    except schema.Newer as error:
        raise click.ClickException("数据库的表比程序新，什么也没有改。请安装新版 officebot。") from error
    for name in applied:
        click.echo(f"已更新：{name}")
    click.echo("数据库已是最新。" if not applied else f"完成，共 {len(applied)} 步。")
    return 0
