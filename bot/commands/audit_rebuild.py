"""`officebot audit rebuild`: a new database out of the journal alone."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path

import click

from bot.commands import database as databases
from bot.commands import options
from bot.proofs.rebuild import office
from config.loader import Configuration
from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.audit.own_facts import CommandRead

_HELP = (
    "只凭留痕重建一份新的数据库（SQLite 文件），原来的不动。人员、事项、办理过程、假期台账、会议室和车辆、日程、"
    "通知和回执都重建；待发消息、到点任务和草稿不在留痕里，新库里是空的。"
)


@click.command("rebuild", help=_HELP)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="文件.db",
              help="写到这个新文件；已经有的不覆盖。")  # fmt: skip
@options.config_option
@options.json_option
def command(output: Path, config_file: Path, as_json: bool) -> int:
    counts = databases.run(_rebuilt(options.configuration(config_file), output))
    if as_json:
        options.print_json({"file": str(output), "rows": counts})
        return 0
    click.echo(f"已按 {counts['journal']} 条留痕重建 {output}：")
    for name, number in counts.items():
        if number:
            click.echo(f"  {name:<18} {number} 行")
    click.echo("接着核对：把 office.yaml 的 database.url 指向新文件，运行 officebot audit verify；对得上再启用。")
    return 0


async def _rebuilt(configuration: Configuration, output: Path) -> dict[str, int]:
    async with databases.opened(configuration) as database:
        try:
            counts = await office.rebuild(database, output)
            fact = CommandRead(about="journal", command="audit rebuild", rows=counts["journal"])
            await database.write(partial(log.record, fact=fact, origin=Origin(door="command"), now=options.now()))
            return counts
        except FileExistsError as error:
            raise click.ClickException(f"{output} 已经存在，换一个文件名。") from error
        except (OSError, sqlite3.Error) as error:
            raise click.ClickException(f"{output} 写不进去（{error}）。") from error
