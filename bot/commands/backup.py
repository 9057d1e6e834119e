"""`officebot backup`: everything of the office in one file, while it works; read back and compared before it counts."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path
from typing import Any

import click

from bot.backups import archive, making, nightly
from bot.backups.archive import Manifest
from bot.backups.figures import Figures
from bot.backups.making import Wanted
from bot.backups.trouble import Trouble
from bot.commands import database as databases
from bot.commands import options, progress
from cards import operation as words
from config import tables
from config.loader import Configuration
from handlers.audit import log as journal
from handlers.audit.facts import Origin
from handlers.errors import DatabaseBusy

PASSPHRASE = "OFFICEBOT_BACKUP_PASSPHRASE"
_HELP = (
    "备份：数据库、附件、配置写进一个文件，写完读回来核对条数、休假余额和留痕的总指纹。服务不用停。"
    f"给了口令（--passphrase-file 或环境变量 {PASSPHRASE}），签名钥匙和 secrets.env 加密放进去；"
    "没有给，备份里没有它们，要自己另存。"
)
passphrase_option = click.option(
    "--passphrase-file", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="文件",
    help=f"口令在这个文件的第一行；也可以用环境变量 {PASSPHRASE}。",
)  # fmt: skip


@click.command(help=_HELP)
@click.argument("file", metavar="文件", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--check", "only_check", is_flag=True, help="不做新的，只核对这一份已有的备份。")
@passphrase_option
@options.config_option
@options.json_option
def command(file: Path, only_check: bool, passphrase_file: Path | None, config_file: Path, as_json: bool) -> int:
    try:
        with progress.shown() as bars:
            if only_check:
                made = asyncio.run(making.check(file, progress=bars))
            else:
                configuration = options.configuration(config_file)
                wanted = Wanted(file=file, passphrase=passphrase(passphrase_file, configuration))
                made = databases.run(_made(configuration, wanted, bars))
    except Trouble as trouble:
        raise click.ClickException(f"{trouble.words}。") from trouble
    if as_json:
        options.print_json(as_data(file, made))
    else:
        _say(file, made, checked=only_check)
    return 0


def passphrase(file: Path | None, configuration: Configuration | None = None) -> str:
    """From the file, the environment, or `backup.passphrase`; "" where there is none. Raises ClickException for a file
    without one: a backup without its keys would come of it."""
    if file is not None:
        lines = (tables.decoded(file.read_bytes()) or "").splitlines()
        if not (lines and (word := lines[0].strip())):
            raise click.ClickException(f"{file} 的第一行没有口令，或者不是文本文件，什么也没有做。")
        return word
    if told := os.environ.get(PASSPHRASE, "").strip():
        return told
    own = configuration.settings.backup.passphrase if configuration else None
    return own.get_secret_value() if own else ""


def as_data(file: Path, made: Manifest) -> dict[str, Any]:
    told = made.figures
    return {
        "file": str(file), "bytes": file.stat().st_size, "made": made.made, "program": made.program,
        "rows": sum(told.counts.values()), "facts": told.size, "root": told.root, "balances": told.balances,
        "attachments": len(made.attachments()), "lost": list(made.lost), "keys": archive.KEYS in made.files,
    }  # fmt: skip


async def _made(configuration: Configuration, wanted: Wanted, bars: Any) -> Manifest:
    async with databases.opened(configuration) as database:
        made = await making.make(configuration, wanted, now=options.now(), progress=bars)
        fact = nightly.made_fact(wanted.file, made)
        try:
            await database.write(partial(journal.record, fact=fact, origin=Origin(door="command"), now=options.now()))
        except DatabaseBusy:
            click.echo("备份已经做好，只是没能在留痕里记一笔（数据库正忙）。", err=True)
    return made


def facts_of(told: Figures) -> str:
    """`size` counts what is sealed; an office whose service never ran has facts all the same."""
    open_ = told.counts.get("journal", 0) - told.size
    return f"留痕 {told.size} 条" if open_ <= 0 else f"留痕 {told.size} 条（另有 {open_} 条还没有封存，总指纹不含它们）"


def say_figures(made: Manifest) -> None:
    told, files = made.figures, len(made.attachments())
    click.echo(f"{sum(told.counts.values())} 行数据，{facts_of(told)}，附件 {files} 个，休假余额一致。")
    click.echo(f"留痕总指纹 {told.root}")


def _say(file: Path, made: Manifest, *, checked: bool) -> None:
    click.echo(f"{'核对通过' if checked else '备份已写好并核对过'}：{file}（{words.size(file.stat().st_size)}）")
    say_figures(made)
    if made.lost:
        click.echo(f"注意：有 {len(made.lost)} 个附件在磁盘上本来就找不到，运行 officebot audit verify 看是哪些。")
    if archive.KEYS in made.files:
        click.echo("签名钥匙和密钥已用口令加密放进去。口令另外保存，丢了就打不开。")
    else:
        click.echo("没有给口令：签名钥匙（data/audit/signing.key）和 secrets.env 不在备份里，请另外保存。")
