"""`officebot item slip NUMBER -o FILE`: the printed slip of one item, from the office's own machine."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from bot import office as offices
from bot.commands import database as databases
from bot.commands import files, options
from bot.pages import printed, printing, reading
from bot.proofs import keys
from bot.sealing import Sealer
from config.loader import Configuration
from connectors.clock import SystemClock
from handlers.approval import store
from handlers.approval.papers import slips
from handlers.approval.papers.slips import Paper
from handlers.audit.facts import Origin
from handlers.audit.heads import Head
from handlers.context import Context, Office
from handlers.people import directory
from handlers.transaction import Database, Transaction


@click.group(help="单个事项：打印单。")
def command() -> None:
    pass


@command.command("slip", help="把一件事项做成打印单（PDF）。编号就是卡片上的“几号”。")
@click.argument("number", type=click.IntRange(min=1), metavar="编号")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="文件", help="写到哪里。"
)
@options.config_option
def slip_command(number: int, output: Path, config_file: Path) -> int:
    configuration = options.configuration(config_file)
    matter = databases.run(_matter(configuration, number))
    if matter is None:
        raise click.ClickException(f"没有{number}号事项，请核对编号。")
    try:
        data = printed.slip(printing.slip(matter))
    except printed.NoFont as error:
        raise click.ClickException("打印用的字体没有装好，请重新安装本系统。") from error
    files.write(output, data)
    click.echo(f"已写出 {output}：{matter.applicant}，{matter.form}{matter.number}号。")
    return 0


async def _matter(configuration: Configuration, number: int) -> printing.Matter | None:
    office = offices.build(configuration)
    async with databases.opened(configuration) as database:
        found = await database.write(partial(_issued, office, number))
        if found is None:
            return None
        head = await _head(database, configuration)
        return printing.numbered(*found, head, base=office.public_url)


async def _head(database: Database, configuration: Configuration) -> Head | None:
    folder = keys.folder(configuration.base)
    sealer = Sealer(database, SystemClock(), folder, second=configuration.settings.audit.sm3)
    head = await sealer.try_head()
    await sealer.release()
    return head


async def _issued(office: Office, number: int, tx: Transaction) -> tuple[printing.Matter, Paper] | None:
    item = await store.numbered(tx, number)
    applicant = await directory.load(tx, item.request.applicant) if item else None
    if item is None or applicant is None:
        return None
    origin = Origin(door="command")
    ctx = Context(tx=tx, now=datetime.now(UTC), trace=secrets.token_hex(8), origin=origin, office=office)
    matter = printing.matter(ctx, await reading.read(ctx, item, applicant), printed_by="系统管理员")
    return matter, await slips.issue(ctx, item, origin.person, printing.slip(matter).content())
