"""`officebot handover`: a leaver's open approvals go to a successor, with a preview."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path

import click

from bot import office as offices
from bot.commands import database, options
from cards import desk
from config.loader import Configuration
from handlers import errors
from handlers.approval.standins import handover
from handlers.approval.standins.handover import Handover, Line
from handlers.audit.facts import Origin
from handlers.context import Context
from handlers.people.directory import Person
from handlers.transaction import Transaction


@click.command(
    help="离职交接：把一个人待办的审批交给另一个人；已经签过的不变。加 --item 只换一件事项的办理人：写了姓名的换下他，"
    "不写姓名的给没有人能办的那一步指定一位。"
)
@click.argument("name", metavar="[姓名]", default="")
@click.option("--item", "number", type=click.IntRange(min=1), metavar="编号", help="只换这一件事项的办理人。")
@click.option("--to", "successor", required=True, metavar="姓名", help="交给谁，写姓名或工号。")
@click.option("--dry-run", is_flag=True, help="只列出会交接什么，什么也不改。")
@options.config_option
@options.json_option
def command(
    name: str, number: int | None, successor: str, dry_run: bool, config_file: Path, as_json: bool
) -> int:
    if not name and number is None:
        raise click.UsageError("请写明谁离职，或者用 --item 写明哪一件事项。")
    configuration = options.configuration(config_file)
    done = database.run(_run(configuration, name, successor, number=number, dry_run=dry_run, now=options.now()))
    if as_json:
        options.print_json({**_json(done), "applied": not dry_run})
    else:
        click.echo("\n".join(_lines(done, dry_run=dry_run)))
    return 1 if any(line.refusal for line in done.lines) else 0


async def _run(
    configuration: Configuration, name: str, successor: str, *, number: int | None, dry_run: bool, now: datetime
) -> Handover:
    office = offices.build(configuration)

    async def unit(tx: Transaction) -> Handover:
        trace = secrets.token_hex(8)
        ctx = Context(tx=tx, now=now, trace=trace, origin=Origin(door="command", trace=trace), office=office)
        heir = await _one(tx, successor, active=True)
        leaver = await _one(tx, name) if name else None
        if leaver is not None and leaver.id == heir.id:
            raise click.ClickException("交接双方是同一个人。")
        if number is not None:
            return await _one_item(ctx, number, leaver, heir, dry_run=dry_run)
        assert leaver is not None  # `command` has seen to it
        return await (handover.plan if dry_run else handover.carry_out)(ctx, leaver, heir)

    async with database.opened(configuration) as opened:
        return await (opened.read(unit) if dry_run else opened.write(unit))


async def _one_item(
    ctx: Context, number: int, leaver: Person | None, heir: Person, *, dry_run: bool
) -> Handover:
    try:
        return await (handover.plan_one if dry_run else handover.carry_out_one)(ctx, number, leaver, heir)
    except errors.NotFound:
        raise click.ClickException(f"没有 {number} 号事项，请核对编号。") from None


async def _one(tx: Transaction, name: str, *, active: bool = False) -> Person:
    known = await handover.somebody(tx, name)
    found = [one for one in known if one.active or not active]
    if known and not found:
        raise click.ClickException(f"「{name}」已经离职，不能接手，请换一个人。")
    if not found:
        raise click.ClickException(f"没有找到「{name}」，请写全名或工号。")
    if len(found) > 1:
        raise click.ClickException(f"有 {len(found)} 位「{name}」，请写工号。")
    return found[0]


def _lines(done: Handover, *, dry_run: bool) -> list[str]:
    moved = [line for line in done.lines if not line.refusal]
    lines = [f"{line.item.number}号：{_what(line)}" for line in done.lines]
    lines += [f"{item.number}号：本人提交，仍在审批中，不随交接变动。" for item in done.own]
    lines += [f"结束外出授权 {done.proxies} 项。"] if done.proxies else []
    return [*lines, f"{'将交接' if dry_run else '已交接'} {len(moved)} 件。"]


def _what(line: Line) -> str:
    if line.refusal:
        return f"没有交接：{desk.refusal(line.refusal, {'title': line.about})}"
    return "正在等他办理" if line.open else "在后面的步骤里"


def _json(done: Handover) -> dict[str, object]:
    return {
        "items": [{"number": one.item.number, "open": one.open, "refusal": one.refusal} for one in done.lines],
        "own": [item.number for item in done.own],
        "proxies": done.proxies,
    }
