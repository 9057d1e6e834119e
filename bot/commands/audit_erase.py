"""`officebot audit erase`: personal data erased on request: shown first, agreed to by two people, then carried out."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from bot.commands import database as databases
from bot.commands import options
from bot.erasing import erasure, plan
from bot.erasing.plan import Plan
from cards import records
from config.loader import Configuration
from handlers.approval import access, store
from handlers.approval.standins import handover
from handlers.audit.erasing import Warrant
from handlers.audit.facts import Origin
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction

_HELP = (
    "按申请删除个人信息：离职人员的（--person），或者一件办结事项的（--item）。原文和盐都删掉，留痕里只剩指纹，"
    "证明不受影响；谁申请、谁同意、删了什么、为什么，本身记入留痕。先显示会删什么和确认码，"
    "加上 --confirm 再运行一次才真的删。假期台账、别人的事项里他签的意见不在内；以前的备份和手机上的旧卡片要另外处理。"
)
_KEPT = {
    "open_items": "还没办结、或者时间还没过完的事项 {n} 件，以后再删",
    "fresh_log": "安全日志 {n} 处，不满六个月，依《网络安全法》第二十三条第三项还要保存",
    "ledger": "假期台账 {n} 笔，按保管期限表另行保存",
}


@click.command("erase", help=_HELP)
@click.option("--person", "name", metavar="姓名", help="离职人员，写姓名或工号。")
@click.option("--item", "number", type=click.IntRange(min=1), metavar="编号", help="办结的事项。")
@click.option("--reason", required=True, metavar="理由", help="写进留痕，如“本人申请，2026年11月22日书面”。")
@click.option("--by", required=True, metavar="姓名", help="谁提出，有管理员或监督员角色的人。")
@click.option("--second", required=True, metavar="姓名", help="谁同意，另一位有管理员或监督员角色的人。")
@click.option("--confirm", "code", default="", metavar="确认码", help="上一次显示的六位数字；不写只预览。")
@options.config_option
@options.json_option
def command(
    name: str | None, number: int | None, reason: str, by: str, second: str, code: str, config_file: Path,
    as_json: bool,
) -> int:  # fmt: skip
    if (name is None) == (number is None):
        raise click.UsageError("写明 --person 或 --item，二者选一。")
    if not reason.strip():
        raise click.UsageError("--reason 不能空着。")
    wanted, erased = databases.run(
        _run(options.configuration(config_file), name or "", number or 0, reason.strip(), (by, second), code)
    )
    if as_json:
        options.print_json(_json(wanted, erased))
    else:
        click.echo("\n".join(_lines(wanted, erased)))
    return 0


async def _run(
    configuration: Configuration, name: str, number: int, reason: str, two: tuple[str, str], code: str
) -> tuple[Plan, int]:
    """The plan, and how many values were erased by it (-1: only shown)."""
    now = options.now()

    async def unit(tx: Transaction) -> tuple[Plan, int]:
        by, second = [await _answerable(tx, one) for one in two]
        if by.id == second.id:
            raise click.ClickException("提出的人和同意的人要是两个人。")
        wanted = await _planned(tx, name, number, now=now)
        if not code:
            return wanted, -1
        if code != wanted.code:
            raise click.ClickException("确认码不对，或者这期间内容变了。不带 --confirm 重新预览一次。")
        warrant = Warrant(reason=reason, by=by.id, second=second.id)
        origin = Origin(door="command", trace=secrets.token_hex(8))
        return wanted, await erasure.carry_out(tx, wanted, warrant=warrant, origin=origin, now=now)

    async with databases.opened(configuration) as database:
        return await (database.write(unit) if code else database.read(unit))


async def _planned(tx: Transaction, name: str, number: int, *, now: datetime) -> Plan:
    if number:
        item = await store.numbered(tx, number)
        if item is None:
            raise click.ClickException(f"没有 {number} 号事项，请核对编号。")
        found = await plan.of_item(tx, item.id, now=now)
        if found.kept:
            raise click.ClickException(f"{number} 号事项还没有办结，或者说的时间还没有过完，以后才能删。")
        return found
    person = await _one(tx, name)
    if person.active:
        raise click.ClickException(f"{person.name}还在职，信息还在用，不能删。离职以后再办；单件事项用 --item。")
    return await plan.of_person(tx, person.id, now=now)


async def _answerable(tx: Transaction, name: str) -> Person:
    person = await _one(tx, name)
    if not person.active or not await directory.roles_of(tx, person.id) & access.LOG_READERS:
        raise click.ClickException(f"{name}不是在职的管理员或监督员，不能提出或同意删除。")
    return person


async def _one(tx: Transaction, name: str) -> Person:
    found = await handover.somebody(tx, name)
    if len(found) != 1:
        what = f"没有找到「{name}」，请写全名或工号。" if not found else f"有 {len(found)} 位「{name}」，请写工号。"
        raise click.ClickException(what)
    return found[0]


def _lines(wanted: Plan, erased: int) -> Iterator[str]:
    yield f"{'将删除' if erased < 0 else '已删除'}个人信息 {max(erased, 0) if erased >= 0 else len(wanted.values)} 处："
    yield from (f"  {records.kind(kind)}：{number} 处" for kind, number in sorted(wanted.kinds.items()))
    if wanted.items:
        shown = "、".join(str(number) for number in list(wanted.items.values())[:20])
        yield f"  涉及事项 {len(wanted.items)} 件：{shown}{' 等' if len(wanted.items) > 20 else ''}"
    yield from (f"不删：{_KEPT[code].format(n=number)}。" for code, number in wanted.kept.items())
    if erased < 0:
        yield f"什么也没有改。核对无误后，同样的命令加上 --confirm {wanted.code} 再运行一次。"
        return
    yield "原文和盐已删，指纹还在，officebot audit verify 照样核对得上。"
    yield "以前的备份里还有：等它们按期轮换掉，或者现在另做备份、删去旧的。手机上的旧卡片请本人或平台管理员删除。"


def _json(wanted: Plan, erased: int) -> dict[str, object]:
    return {
        "applied": erased >= 0, "values": len(wanted.values), "kinds": dict(wanted.kinds),
        "items": sorted(wanted.items.values()), "kept": dict(wanted.kept),
        **({} if erased >= 0 else {"confirm": wanted.code}),
    }  # fmt: skip
