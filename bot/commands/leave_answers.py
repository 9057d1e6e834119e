"""`officebot leave balance` and `leave explain`: what the ledger says of a person, read and never written."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import click

from bot.commands import database, leave_people, options
from bot.commands.leave_people import Book
from cards import leave_explain as explaining
from cards import words
from config.loader import Configuration
from handlers.leave import cases, counting, explanation, ledger
from handlers.leave.ledger import Balance
from handlers.leave.rules import ANNUAL
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
    book = database.run(_book(options.configuration(config_file), name))
    day = on or options.today()
    data = _balances(book, on=day, known_at=known_at)
    if as_json:
        options.print_json(data)
        return 0
    known = f"，按{words.moment(known_at)}已入账的记录" if known_at else ""
    click.echo(f"{book.person.name}　截至{words.day(day, base=options.today())}{known}")
    for kind in data["kinds"]:
        click.echo(f"{kind['title']}：{_in_words(kind)}")
        for lot in kind["lots"]:
            click.echo(f"  {lot['title']}：{_in_words(lot)}" + (f"，{lot['expires']} 到期" if lot["expires"] else ""))
    return 0


@click.command("explain", help="解释一个人的年休假：每个数字按哪条规定、由哪几笔得来。")
@click.argument("name", metavar="姓名或工号")
@_on_option
@options.config_option
@options.json_option
def explain(name: str, on: date | None, config_file: Path, as_json: bool) -> int:
    book = database.run(_book(options.configuration(config_file), name))
    explained = explanation.explain(book.source(now=options.now(), on=on or options.today()))
    if as_json:
        options.print_json(_explained(explained, book))
    else:
        click.echo(explaining.text(explained))
    return 0


async def _book(configuration: Configuration, name: str) -> Book:
    office = leave_people.office(configuration)

    async def unit(tx: Transaction) -> Book:
        return await leave_people.book(tx, office, name)

    async with database.opened(configuration) as opened:
        return await opened.read(unit)


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
