"""`officebot leave adjust`, `year-end` and `rerate`: what personnel confirm, each an entry with its reason.

Without `--confirm` the lists only show what would be written.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import click

from bot.commands import database, leave_people, options
from bot.commands.leave_answers import Day
from bot.commands.leave_people import Book
from cards import desk, words
from config.loader import Configuration
from handlers.audit.facts import Origin
from handlers.context import Context, Office
from handlers.leave import forfeiture, recounting, standing, store
from handlers.leave.book import ledger, yearly
from handlers.leave.book.entries import Entry, Lot, Stamp
from handlers.leave.casebook import cases
from handlers.leave.forfeiture import Forfeiture
from handlers.leave.law import counting
from handlers.leave.law.entitlement import Disqualified
from handlers.leave.law.policy import Kind, kind_named
from handlers.leave.law.rules import ANNUAL, LeaveRules
from handlers.leave.recounting import Found
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction

T = TypeVar("T")
Row = dict[str, Any]
_MAY_APPROVE = frozenset({"personnel", "office_director", "unit_leader"})
"""Who may stand behind what is written into other people's ledgers; never into one's own."""
_NEEDS = {"unit_reason": "工作需要的理由", "consent": "本人同意"}


class DaysOf(click.ParamType[int]):
    """Days in halves, as minutes of the ledger; below nothing takes away."""

    name = "天数"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            days = Fraction(Decimal(str(value)))
        except (InvalidOperation, ValueError, OverflowError):
            self.fail(f"「{value}」不是天数，写成 2、0.5 或 -1。", param, ctx)
        if not days or (days * 2).denominator != 1 or abs(days) > 366:
            self.fail("天数以半天为单位，不能是 0。", param, ctx)
        return counting.in_minutes(days)


_reason = click.option("--reason", required=True, metavar="理由", help="为什么，会记入账本。")
_approved = click.option("--approved-by", required=True, metavar="姓名", help="谁批准的，会记入账本。")


@click.command(
    "adjust", help="人工调整一个人的额度，写明理由和批准人。减少写负数，前面加 --，例如 adjust 张三 年假 -- -1。"
)
@click.argument("name", metavar="姓名或工号")
@click.argument("kind", metavar="假别")
@click.argument("days", metavar="天数", type=DaysOf())
@_reason
@_approved
@click.option("--year", type=int, metavar="年份", help="调整哪一年的额度，默认今年。")
@click.option("--until", type=Day(), metavar="日期", help="有效到哪一天，默认当年12月31日；只用于新的额度。")
@options.config_option
@options.json_option
def adjust(
    name: str,
    kind: str,
    days: int,
    reason: str,
    approved_by: str,
    year: int | None,
    until: date | None,
    config_file: Path,
    as_json: bool,
) -> int:
    configuration = options.configuration(config_file)

    async def work(ctx: Context, approver: Person) -> Row:
        book = await leave_people.book(ctx.tx, ctx.office, name, on=date(year, 1, 1) if year else options.today())
        if book.person.id == approver.id:
            raise click.ClickException("不能批准调整自己的额度。")
        chosen = _limited_kind(book, kind)
        lot = _lot(chosen, year or options.today().year, until)
        new = await _adjusted(ctx, book, lot, days, _stamp(ctx, approver, reason))
        return _row(book.person, chosen.title, sum(_signed(entry, days) for entry in new), reason=reason)

    row = database.run(_written(configuration, approved_by, work))
    _show([row], as_json=as_json, done=True)
    return 0


@click.command("year-end", help="年末结转：列出可以结转到下一年的余额；加 --confirm 才写入。")
@click.argument("year", type=int, metavar="年份")
@click.option("--confirm", is_flag=True, help="写入名单上的结转；不加时只列出来。")
@click.option("--dry-run", is_flag=True, help="只列出来，和不加 --confirm 一样。")
@click.option("--person", "names", multiple=True, metavar="姓名或工号", help="只结转这些人（已征得同意的），可写多次。")
@click.option("--reason", default="", metavar="理由", help="工作需要的理由，写入时必填。")
@click.option("--approved-by", default="", metavar="姓名", help="谁批准的，写入时必填。")
@options.config_option
@options.json_option
def year_end(
    year: int,
    confirm: bool,
    dry_run: bool,
    names: tuple[str, ...],
    reason: str,
    approved_by: str,
    config_file: Path,
    as_json: bool,
) -> int:
    confirm = confirm and not dry_run
    if confirm and not (reason and approved_by):
        raise click.UsageError("写入结转要写 --reason 和 --approved-by。")
    if confirm and options.today() <= date(year, 12, 31):
        raise click.ClickException(f"{year}年还没有结束，到{year + 1}年再写入。")
    configuration = options.configuration(config_file)

    async def work(ctx: Context, approver: Person | None) -> list[Row]:
        return [
            row
            for person in await _people(ctx.tx, names)
            if (row := await _carried(ctx, person, year, _stamp(ctx, approver, reason), write=confirm)) is not None
        ]

    rows = database.run(_listed(configuration, approved_by if confirm else "", work, write=confirm))
    _show(rows, as_json=as_json, done=confirm)
    return 0


@click.command("rerate", help="放假安排公布或变动后，列出天数会变的请假；加 --confirm 才写入。")
@click.option("--confirm", is_flag=True, help="写入名单上的重算；不加时只列出来。")
@click.option("--since", type=Day(), metavar="日期", help="只看这天以后结束的请假，默认今年1月1日。")
@click.option("--reason", default="按新的放假安排重算", show_default=True, metavar="理由", help="会记入账本。")
@click.option("--approved-by", default="", metavar="姓名", help="谁批准的，写入时必填。")
@options.config_option
@options.json_option
def rerate(confirm: bool, since: date | None, reason: str, approved_by: str, config_file: Path, as_json: bool) -> int:
    if confirm and not approved_by:
        raise click.UsageError("写入重算要写 --approved-by。")
    configuration = options.configuration(config_file)
    first = since or date(options.today().year, 1, 1)

    async def work(ctx: Context, approver: Person | None) -> list[Row]:
        return await _rerated(ctx, first, _stamp(ctx, approver, reason), write=confirm)

    rows = database.run(_listed(configuration, approved_by, work, write=confirm))
    _show(rows, as_json=as_json, done=confirm)
    return 1 if any(row["refused"] for row in rows) else 0


@click.command(
    "forfeit",
    help="病假、事假累计达到规定、不享受年休假的：列出建议；加 --confirm 才写入。已休过的，下一年的一并收回。",
)
@click.argument("year", type=int, metavar="年份")
@click.option("--confirm", is_flag=True, help="写入名单上的调整；不加时只列出来。")
@click.option("--person", "names", multiple=True, metavar="姓名或工号", help="只处理这些人，可写多次。")
@click.option("--reason", default="", metavar="理由", help="会记入账本，写入时必填。")
@click.option("--approved-by", default="", metavar="姓名", help="谁批准的，写入时必填。")
@options.config_option
@options.json_option
def forfeit(
    year: int,
    confirm: bool,
    names: tuple[str, ...],
    reason: str,
    approved_by: str,
    config_file: Path,
    as_json: bool,
) -> int:
    if confirm and not (reason and approved_by):
        raise click.UsageError("写入要写 --reason 和 --approved-by。")
    configuration = options.configuration(config_file)

    async def work(ctx: Context, approver: Person | None) -> list[Row]:
        stamp = _stamp(ctx, approver, reason)
        return [
            row
            for person in await _people(ctx.tx, names)
            if (row := await _forfeited(ctx, person, year, stamp, write=confirm)) is not None
        ]

    rows = database.run(_listed(configuration, approved_by if confirm else "", work, write=confirm))
    _show(rows, as_json=as_json, done=confirm)
    return 0


# One person


async def _forfeited(ctx: Context, person: Person, year: int, stamp: Stamp, *, write: bool) -> Row | None:
    """What is taken back now, and whether the next year is lost; None for somebody who loses nothing."""
    if not person.first_work_date:
        return None
    today = stamp.effective
    book = await leave_people.of_person(ctx.tx, ctx.office, person, on=standing.as_of(year, today=today))
    entries = await store.lock(ctx.tx, person.id) if write else book.entries
    due = standing.due(entries, person, book.policy, year, stamp=_system(stamp)) if year >= today.year else []
    found = forfeiture.proposal([*entries, *due], person, book.policy, year, today=today)
    if found is None:
        return None
    if write:
        following = ctx.office.of(LeaveRules).of(person.category, on=date(year + 1, 1, 1))
        new = forfeiture.write([*entries, *due], person, following, found, stamp=stamp)
        await store.append(ctx, person.id, [*due, *new])
    row = _row(person, book.policy.kinds[ANNUAL].title, -found.now, reason=stamp.note)
    return {
        **row,
        "why": found.why.value,
        "sick_days": cases.plain(found.sick_days),
        "personal_days": cases.plain(found.personal_days),
        "taken": cases.plain(found.taken),
        "next_year_lost": found.next_year,
        "asks_pay": found.asks_pay,
        "asked": _why(found),
    }


def _why(found: Forfeiture) -> str:
    days = found.sick_days if found.why is Disqualified.SICK_LEAVE else found.personal_days
    kind = "病假" if found.why is Disqualified.SICK_LEAVE else "事假"
    asks = "，请先核对是否扣发了工资（扣发的不算）" if found.asks_pay else ""
    following = f"，已休{float(found.taken):g}天，{found.year + 1}年的不再享受" if found.next_year else ""
    return f"{kind}累计{float(days):g}天{asks}{following}"


async def _adjusted(ctx: Context, book: Book, lot: Lot, minutes: int, stamp: Stamp) -> list[Entry]:
    """The year's own grant first, so that the correction stands beside it and not in its place."""
    entries = await store.lock(ctx.tx, book.person.id)
    due: list[Entry] = []
    if lot.kind == ANNUAL and book.person.first_work_date:
        due = standing.due(entries, book.person, book.policy, lot.valid_from.year, stamp=_system(stamp))
    entries = [*entries, *due]
    known = next((entry.lot for entry in entries if entry.lot.kind == lot.kind and entry.lot.name == lot.name), lot)
    when = min(max(stamp.effective, known.valid_from), known.valid_to or date.max)
    ref = f"adjust-{len(entries) + 1}"
    stamp = Stamp(recorded=stamp.recorded, effective=when, actor=stamp.actor, note=stamp.note)
    new = ledger.adjust(entries, known, minutes, stamp=stamp, ref=ref)
    await store.append(ctx, book.person.id, [*due, *new])
    return new


async def _carried(ctx: Context, person: Person, year: int, stamp: Stamp, *, write: bool) -> Row | None:
    """The row of the list; None for somebody who has nothing to carry."""
    book = await leave_people.of_person(ctx.tx, ctx.office, person, on=date(year, 12, 31))
    if not person.first_work_date:
        return None
    rules = book.policy.carry_over
    entries = await store.lock(ctx.tx, person.id) if write else book.entries
    over = year < stamp.effective.year
    kept = not over or standing.is_kept(person, year, since=book.since)
    due = yearly.closed(entries, person, book.policy, year, stamp=_system(stamp)) if kept else []
    entries = [*entries, *due]
    minutes = yearly.carryable(entries, rules, year)
    if minutes <= 0:
        return None
    row = _row(book.person, book.policy.kinds[ANNUAL].title, minutes, reason=stamp.note)
    row |= {"needs": list(rules.needs), "basis": rules.basis}
    if write and stamp.actor == person.id:
        return {**row, "refused": "own_request"}
    if write:
        await store.append(ctx, person.id, [*due, *yearly.carry(entries, rules, year, minutes, stamp=stamp)])
    return row


async def _rerated(ctx: Context, since: date, stamp: Stamp, *, write: bool) -> list[Row]:
    found = await recounting.everything(ctx, since=since, stamp=stamp, lock=write)
    if write:
        await recounting.write(ctx, [one for one in found if not one.refused])
    return [_proposed(one, stamp) for one in found]


def _proposed(found: Found, stamp: Stamp) -> Row:
    first, last = found.proposal.about
    row = _row(found.person, found.kind.title, found.proposal.minutes, reason=stamp.note)
    return {
        **row,
        "ref": found.proposal.ref,
        "asked": words.span(first.day, first.half.value, last.day, last.half.value, base=options.today()),
        "before": cases.plain(counting.in_days(found.before)),
        "after": cases.plain(counting.in_days(found.before + found.proposal.minutes)),
        "freed": sorted({slot.day.isoformat() for slot in found.proposal.freed}),
        "charged": sorted({slot.day.isoformat() for slot in found.proposal.charged}),
        "refused": found.refused,
    }


def _limited_kind(book: Book, text: str) -> Kind:
    kind = kind_named(book.policy.kinds, text)
    limited = "、".join(one.title for one in book.policy.kinds.values() if one.limited)
    if kind is None:
        raise click.ClickException(f"没有「{text}」这种假。可以调整：{limited}。")
    if not kind.limited:
        raise click.ClickException(f"{kind.title}没有额度，不用调整。可以调整：{limited}。")
    return kind


def _lot(kind: Kind, year: int, until: date | None) -> Lot:
    if kind.code == ANNUAL:
        return standing.annual_lot(year)
    end = until or date(year, 12, 31)
    if end < date(year, 1, 1):
        raise click.ClickException("有效期在额度的年份之前。")
    return Lot(kind.code, f"{kind.code}-{year}" if until is None else f"{kind.code}-{end}", date(year, 1, 1), end)


# Around them


def _stamp(ctx: Context, approver: Person | None, reason: str) -> Stamp:
    today = ctx.now.astimezone(ctx.office.timezone).date()
    return Stamp(recorded=ctx.now, effective=today, actor=approver.id if approver else "", note=reason)


def _system(stamp: Stamp) -> Stamp:
    """What the law gives needs nobody's reason."""
    return Stamp(recorded=stamp.recorded, effective=stamp.effective)


async def _people(tx: Transaction, names: Sequence[str]) -> list[Person]:
    if names:
        return [await leave_people.person(tx, name) for name in names]
    return await directory.everybody(tx)


async def _written(
    configuration: Configuration, approved_by: str, work: Callable[[Context, Person], Awaitable[T]]
) -> T:
    async def unit(tx: Transaction, office: Office, now: datetime) -> T:
        approver = await leave_people.person(tx, approved_by)
        if not _MAY_APPROVE & await directory.roles_of(tx, approver.id):
            raise click.ClickException(f"{approver.name} 不能批准：要由担任人事、办公室主任或主要领导角色的人批准。")
        origin = Origin(person=approver.id, door="command")
        return await work(Context(tx=tx, now=now, trace="", origin=origin, office=office), approver)

    office, now = leave_people.office(configuration), options.now()
    async with database.opened(configuration) as opened:
        return await opened.write(lambda tx: unit(tx, office, now))


async def _listed(
    configuration: Configuration,
    approved_by: str,
    work: Callable[[Context, Person | None], Awaitable[list[Row]]],
    *,
    write: bool,
) -> list[Row]:
    if write:
        return await _written(configuration, approved_by, work)
    office, now = leave_people.office(configuration), options.now()

    async def unit(tx: Transaction) -> list[Row]:
        return await work(Context(tx=tx, now=now, trace="", origin=Origin(door="command"), office=office), None)

    async with database.opened(configuration) as opened:
        return await opened.read(unit)


def _row(person: Person, kind: str, minutes: int, *, reason: str) -> Row:
    days = counting.in_days(minutes)
    return {
        "name": person.name,
        "staff_no": person.staff_no,
        "kind": kind,
        "days": int(days) if days.denominator == 1 else float(days),
        "minutes": minutes,
        "reason": reason,
        "refused": "",
    }


def _signed(entry: Entry, days: int) -> int:
    return entry.minutes if days > 0 else -entry.minutes


def _show(rows: list[Row], *, as_json: bool, done: bool) -> None:
    if as_json:
        options.print_json({"written": done, "rows": rows})
        return
    for row in rows:
        asked = f"　{row['asked']}" if "asked" in row else ""
        needs = "　须有" + "、".join(_NEEDS[need] for need in row["needs"]) if row.get("needs") else ""
        no = f"　写不了：{desk.refusal(row['refused'])}" if row["refused"] else ""
        who = f"{row['name']}（{row['staff_no'] or '无工号'}）"
        click.echo(f"{who}　{row['kind']}　{_plus(row['minutes'])}{asked}{needs}{no}")
    what = "已写入" if done else "只是列出来，没有写入"
    click.echo(f"共 {len(rows)} 条，{what}。")


def _plus(minutes: int) -> str:
    return ("+" if minutes > 0 else "") + words.days(minutes)
