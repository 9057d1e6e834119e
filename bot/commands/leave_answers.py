"""`officebot leave balance` and `leave explain`: what the ledger says of a person, read and never written."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import click

from bot.commands import database, leave_people, options
from bot.commands.leave_people import Book
from cards import leave_allowance as allowing
from cards import leave_explain as explaining
from cards import words
from config.loader import Configuration
from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.audit.own_facts import CommandRead
from handlers.leave.book import ledger
from handlers.leave.book.ledger import Balance
from handlers.leave.casebook import cases
from handlers.leave.law import allowance_view as allowing_rules
from handlers.leave.law import counting
from handlers.leave.law.policy import Kind, kind_named
from handlers.leave.law.rules import ANNUAL
from handlers.leave.reports import explanation
from handlers.transaction import Transaction

_ACCOUNTS = {
    "granted": "发放", "carried": "结转", "used": "已休", "held": "在批", "available": "可用", "expired": "失效",
}  # fmt: skip


class Moment(click.ParamType[datetime]):
    """An instant: `2026-05-01` (the end of that day), `2026-05-01 09:30` in Beijing, or ISO 8601 with a zone."""

    name = "时刻"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            if len(str(value)) == len("2026-05-01"):
                return datetime.combine(date.fromisoformat(value), time.max, tzinfo=options.BEIJING)
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"「{value}」不是时间，写成 2026-05-01 或 2026-05-01T09:30。", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=options.BEIJING)


class Day(click.ParamType[date]):
    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"「{value}」不是日期，写成 2026-05-01。", param, ctx)


_on_option = click.option("--on", type=Day(), metavar="日期", help="哪一天的余额，默认今天。")
_known_option = click.option("--known-at", type=Moment(), metavar="时间", help="只看这个时间以前已经入账的记录。")


@click.command("balance", help="查一个人的假期余额：任意一天的，也可以是当时所知道的。")
@click.argument("name", metavar="姓名或工号")
@_on_option
@_known_option
@options.config_option
@options.json_option
def balance(name: str, on: date | None, known_at: datetime | None, config_file: Path, as_json: bool) -> int:
    day = on or options.today()
    book = database.run(_book(options.configuration(config_file), name, on=day, command="leave balance"))
    data = _balances(book, on=day, known_at=known_at)
    if as_json:
        options.print_json(data)
        return 0
    known = f"，按{words.moment(known_at)}已入账的记录" if known_at else ""
    who = book.person.name if book.person.active else f"{book.person.name}（已离职）"
    click.echo(f"{who}　截至{words.day(day, base=options.today())}{known}")
    for kind in data["kinds"]:
        click.echo(f"{kind['title']}：{_in_words(kind)}")
        for lot in kind["lots"]:
            click.echo(f"  {lot['title']}：{_in_words(lot)}" + (f"，{lot['expires']} 到期" if lot["expires"] else ""))
    return 0


_when_option = click.option(
    "--when", multiple=True, metavar="情形", help="符合的情形，例如 难产、多胞胎=2；可写多次。只用于年假以外的假。"
)
_start_option = click.option("--start", type=Day(), metavar="日期", help="从哪天开始休，算出休到哪天。")

_child_option = click.option(
    "--child-born", type=Day(), metavar="日期", help="孩子的出生日期，列出育儿假的每一年；只用来算，不保存。"
)


@click.command("explain", help="解释一个人的假：每个数字按哪条规定、由哪几笔得来；年假以外的，能休几天、依据是什么。")
@click.argument("name", metavar="姓名或工号")
@click.argument("kind", metavar="[假别]", default="年假")
@_on_option
@_known_option
@_when_option
@_start_option
@_child_option
@options.config_option
@options.json_option
def explain(
    name: str,
    kind: str,
    on: date | None,
    known_at: datetime | None,
    when: tuple[str, ...],
    start: date | None,
    child_born: date | None,
    config_file: Path,
    as_json: bool,
) -> int:
    day = on or options.today()
    book = database.run(_book(options.configuration(config_file), name, on=start or day, command="leave explain"))
    chosen = _kind_named(book, kind)
    if chosen.code != ANNUAL:
        return _allowance(
            book, chosen, when=when, start=start, born=child_born, on=day, known_at=known_at, as_json=as_json
        )
    explained = explanation.explain(book.source(now=options.now(), on=day, known_at=known_at))
    if as_json:
        options.print_json(_explained(explained, book))
    else:
        click.echo(explaining.text(explained))
    return 0


async def _book(configuration: Configuration, name: str, *, on: date, command: str) -> Book:
    """That it was read is a fact, whoever sits at the server."""
    office = leave_people.office(configuration)

    async def unit(tx: Transaction) -> Book:
        book = await leave_people.kept_book(tx, office, name, on=on)
        fact = CommandRead(about=book.person.id, command=command)
        await log.record(tx, fact, origin=Origin(door="command"), now=options.now())
        return book

    async with database.opened(configuration) as opened:
        return await opened.write(unit)


def _kind_named(book: Book, text: str) -> Kind:
    found = kind_named(book.policy.kinds, text)
    if found is None:
        titles = "、".join(one.title for one in book.policy.kinds.values())
        raise click.ClickException(f"没有「{text}」这种假，有：{titles}。")
    return found


def _allowance(
    book: Book,
    kind: Kind,
    *,
    when: tuple[str, ...],
    start: date | None,
    born: date | None,
    on: date,
    known_at: datetime | None,
    as_json: bool,
) -> int:
    """A kind that is given by the event and not by service: how long, on what basis, and what has been taken."""
    try:
        conditions = allowing.conditions(when)
    except ValueError as error:
        known = "、".join(allowing.CONDITIONS.values())
        raise click.ClickException(f"没有「{error}」这种情形，有：{known}。") from error
    calendar = book.office.calendar
    view = allowing_rules.view(book.policy, kind, conditions, start=start, calendar=calendar, child_born=born)
    taken = _balances(book, on=on, known_at=known_at)["kinds"]
    own = next((one for one in taken if one["kind"] == kind.code), None)
    if as_json:
        head = {"name": book.person.name, "on": on.isoformat()}
        options.print_json({**head, **allowing_rules.as_data(view), "balance": own})
        return 0
    click.echo("\n".join(allowing.lines(view)))
    if own is not None:
        click.echo(f"{book.person.name}：{_in_words(own)}")
    return 0


def _balances(book: Book, *, on: date, known_at: datetime | None) -> dict[str, Any]:
    """What is not written yet is known from now on, and to nobody before."""
    entries = book.looked_at(now=options.now(), on=on)
    found = ledger.balances(entries, on=on, known_at=known_at)
    kinds = dict.fromkeys([ANNUAL, *(lot.kind for lot in found)])
    return {
        "name": book.person.name,
        "staff_no": book.person.staff_no,
        "on": on.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "policy": book.policy.name,
        "version": book.policy.version,
        "kinds": [_kind(book, kind, {lot: one for lot, one in found.items() if lot.kind == kind}) for kind in kinds],
    }


def _kind(book: Book, code: str, lots: dict[Any, Balance]) -> dict[str, Any]:
    kind = book.policy.kinds.get(code)
    return {
        "kind": code,
        "title": kind.title if kind else code,
        "limited": all(lot.limited for lot in lots),
        **_amounts(sum(lots.values(), Balance())),
        "lots": [
            {
                "lot": lot.name,
                "title": explanation.name_of(lot),
                **_amounts(one),
                "valid_from": lot.valid_from.isoformat(),
                "expires": lot.valid_to.isoformat() if lot.valid_to else None,
            }
            for lot, one in lots.items()
        ],
    }


def _amounts(one: Balance) -> dict[str, Any]:
    """In days, and in the ledger's own minutes."""
    days = {account: cases.plain(counting.in_days(getattr(one, account))) for account in _ACCOUNTS}
    return {**days, "minutes": {account: getattr(one, account) for account in _ACCOUNTS}}


def _in_words(amounts: dict[str, Any]) -> str:
    minutes = amounts["minutes"]
    shown = [account for account in _ACCOUNTS if minutes[account] or account in ("used", "available")]
    if not amounts.get("limited", True):
        shown = ["used", "held"]
    return "，".join(f"{_ACCOUNTS[account]}{words.days(minutes[account])}" for account in shown)


def _explained(found: explaining.Explained, book: Book) -> dict[str, Any]:
    rules = [
        {"rule": rule.rule, "basis": rule.basis, "figures": _plain(rule.figures), "result": _plain(rule.result)}
        for rule in found.rules
    ]
    return {
        "name": found.name,
        "staff_no": book.person.staff_no,
        "category": book.person.category,
        "policy": {"name": book.policy.name, "title": found.policy, "version": found.version},
        "year": found.year,
        "on": found.on.isoformat(),
        "days": _plain(found.days),
        "missing": found.missing,
        "rules": rules,
        "lines": explaining.entitlement(found) + explaining.ledger(found),
        "lots": [_record(lot) for lot in found.lots],
        "entries": [_record(move) | {"text": explaining.move(move, base=found.on)} for move in found.moves],
        "next_expiry": next(iter(explaining.next_expiry(found.lots, on=found.on)), ""),
        "warnings": explaining.warnings(found.warnings),
    }


def _record(value: Any) -> dict[str, Any]:
    return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__ if name not in _NESTED} | {
        name: [_record(one) for one in getattr(value, name)] for name in value.__dataclass_fields__ if name in _NESTED
    }


_NESTED = frozenset({"skipped"})


def _plain(value: Any) -> Any:
    return cases.plain(value)
