"""`officebot leave sheet`: personnel's month or year sheet as a file; that it was made is in the journal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from bot import leave_book
from bot.commands import database, files, leave_people, options
from bot.leave_book import Sheet, Wish
from config.loader import Configuration
from handlers.audit.facts import Origin
from handlers.context import Context
from handlers.transaction import Transaction


@click.command("sheet", help="人事的月表（2026-05）或年表（2026）：每人一行，导出为 Excel 文件。")
@click.argument("period", metavar="年份或月份")
@click.option(
    "-o", "--output", required=True, metavar="文件.xlsx", type=click.Path(path_type=Path, dir_okay=False), help="存到。"
)
@click.option("--department", default="", metavar="部门", help="只要这个部门的，默认全单位。")
@options.config_option
@options.json_option
def command(period: str, output: Path, department: str, config_file: Path, as_json: bool) -> int:
    wish = leave_book.wished(period, department=department)
    if wish is None:
        raise click.UsageError(f"「{period}」不是年份或月份，写成 2026 或 2026-05。")
    count = database.run(_made(options.configuration(config_file), wish, output))
    if as_json:
        options.print_json({"file": str(output), "title": wish.title, "people": count})
    else:
        click.echo(f"{output}：{wish.title}，{count} 人。")
    return 0


async def _made(configuration: Configuration, wish: Wish, output: Path) -> int:
    """How many people are in the file. Raises ClickException when it cannot be written."""
    office, now = leave_people.office(configuration), options.now()

    def context(tx: Transaction) -> Context:
        return Context(tx=tx, now=now, trace="", origin=Origin(door="command"), office=office)

    async def read(tx: Transaction) -> Sheet:
        return await leave_book.read(context(tx), wish)

    async with database.opened(configuration) as opened:
        sheet = await opened.read(read)
        if not sheet.lines:
            raise click.ClickException(f"没有「{wish.department}」的人，运行 officebot people list 看名单。")
        data = leave_book.write(sheet)
        await asyncio.to_thread(files.write, output, data)
        await opened.write(lambda tx: leave_book.exported(context(tx), sheet, data))
    return len(sheet.lines)
