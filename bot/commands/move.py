"""`officebot move`: the same office on another database, SQLite to PostgreSQL or back, verified on both sides."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from bot.backups import copying, departure, figures, making
from bot.backups.figures import Figures
from bot.backups.trouble import Trouble
from bot.commands import backup, options, progress
from bot.commands import database as databases
from bot.database.open import open_database, sqlite_path
from bot.database.single import Occupied, single
from config.loader import Configuration
from config.settings import Database
from handlers.audit import backup_facts as facts
from handlers.audit import log as journal
from handlers.audit.facts import Fact, Origin
from handlers.errors import DatabaseBusy
from handlers.transaction import to_ms

_HELP = (
    "搬家：把数据库整个搬到另一个地址（SQLite 搬到 PostgreSQL 或者反过来），两边核对一致才算数。先停掉服务；"
    "新地址必须是空的；原来的数据库记下搬到了哪里，除此不动，从此不能在上面启动服务。"
)
_BACK = "不搬，而是收回：这个数据库以前搬走过，现在决定还用它。新地址上后来的操作不会过来。"


@click.command(help=_HELP)
@click.option("--to", "target", default="", metavar="地址", help="如 postgres://用户:密码@主机/库名 或 sqlite:///路径/office.db。")
@click.option("--take-back", is_flag=True, help=_BACK)
@options.config_option
@options.json_option
def command(target: str, take_back: bool, config_file: Path, as_json: bool) -> int:
    if bool(target) == take_back:
        raise click.UsageError("写明搬到哪里（--to 地址），或者收回搬走的（--take-back），只写一样。")
    configuration = options.configuration(config_file)
    if take_back:
        return databases.run(_taken_back(configuration))
    try:
        target = _rooted(target, configuration.base)
    except ValueError as error:
        raise click.UsageError("--to 应写 postgres://… 或 sqlite://…") from error
    try:
        with progress.shown() as bars:
            told = databases.run(moved(configuration, target, bars))
    except Trouble as trouble:
        raise click.ClickException(f"{trouble.words}。") from trouble
    if as_json:
        options.print_json({"to": copying.shown(target), "rows": sum(told.counts.values()), "facts": told.size,
                            "root": told.root, "balances": told.balances})  # fmt: skip
        return 0
    click.echo(f"已搬到 {copying.shown(target)}，核对通过：")
    click.echo(f"{sum(told.counts.values())} 行数据，{backup.facts_of(told)}，休假余额一致。")
    click.echo(f"留痕总指纹 {told.root}")
    click.echo(f"下一步：把 {config_file} 的 database.url 改成新地址，启动服务。原来的数据库还在，核对无误后再处理。")
    click.echo("用原来的地址不能再启动服务；要用回它，运行 officebot move --take-back。")
    return 0


def _rooted(target: str, base: Path) -> str:
    """A relative file lies beside `office.yaml`, as there. Raises ValueError for what is no address."""
    if not target.startswith("sqlite://"):
        Database.model_validate({"url": target})  # pydantic's error is a ValueError; asyncpg's of later is none
    open_database(target)
    return f"sqlite://{base.resolve() / sqlite_path(target)}" if target.startswith("sqlite://") else target


async def moved(configuration: Configuration, target: str, bars: Any) -> Figures:
    """Raises Trouble; the target is then as empty as it was, or (`differs`) not to be used."""
    source = configuration.settings.database.url.get_secret_value()
    if source == target:
        raise Trouble("same_place")
    try:
        with single(source):
            return await _carried(configuration, source, target, bars)
    except Occupied:
        raise Trouble("running") from None


async def _carried(configuration: Configuration, source: str, target: str, bars: Any) -> Figures:
    async with databases.opened(configuration) as database:
        if gone := await database.read(departure.left):
            raise Trouble("left", at=gone.at, target=gone.target)
        if await database.read(partial(copying.running, now_ms=to_ms(options.now()))):
            raise Trouble("running")
    if not await copying.empty(target):
        raise Trouble("not_empty", where=copying.shown(target))
    near = sqlite_path(target).parent if target.startswith("sqlite://") else configuration.base
    with making.working_folder(near) as folder:
        copy = folder / "moving.db"
        told = await copying.snapshot(source, copy, progress=bars)
        await copying.load(copy, target, progress=bars)
    bars("check", 0, 1)
    different = told.differences(await figures.of(target))
    if different:
        raise Trouble("arrived_different", what=different)
    bars("check", 1, 1)
    await _recorded(source, target, told)
    await _marked(source, target, told)
    return told


async def _recorded(source: str, target: str, told: Figures) -> None:
    fact = facts.OfficeMoved(
        source=source.partition("://")[0], target=target.partition("://")[0], size=told.size, root=told.root
    )
    await _written(target, fact)


async def _written(url: str, fact: Fact) -> None:
    database = open_database(url)
    try:
        await database.write(partial(journal.record, fact=fact, origin=Origin(door="command"), now=options.now()))
    finally:
        await database.close()


async def _marked(source: str, target: str, told: Figures) -> None:
    """In the database that was left. A disk that is full is a reason to move, and no reason to have moved in vain."""
    try:
        await _written(source, facts.OfficeLeft(target=copying.shown(target), size=told.size, root=told.root))
    except (DatabaseBusy, OSError):
        click.echo("注意：原来的数据库写不进去，没有记下搬走的事。不要再用原来的地址启动服务。", err=True)


async def _taken_back(configuration: Configuration) -> int:
    async with databases.opened(configuration) as database:
        gone = await database.write(partial(departure.take_back, now=options.now()))
    if gone is None:
        raise click.ClickException("这个数据库没有搬走，不用收回。")
    click.echo(f"已收回，可以在这里启动服务了。{gone.target} 上的服务要停着，那边后来的操作不会过来。")
    return 0
