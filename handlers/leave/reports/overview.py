"""Everybody's leave as personnel look at it: searched, narrowed down, and reckoned for one page of people at a time.

Ten thousand ledgers are not read for fifty lines: what narrows the list is asked of indexed columns or of the staff
list alone, and only the people on the page are reckoned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from handlers import errors
from handlers.context import Context
from handlers.leave import charge, standing, store
from handlers.leave.book import ledger
from handlers.leave.book.entries import Entry, Stamp
from handlers.leave.book.ledger import Balance
from handlers.leave.law import counting
from handlers.leave.law.rules import ANNUAL
from handlers.leave.reports import absences
from handlers.leave.reports.doubts import Doubt, doubts
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction

SIZE = 50
SOON = timedelta(days=92)
"""What ends within a quarter of a year is about to expire."""
ALL, DOUBTS, WAITING, PROVISIONAL, EXPIRING = "", "doubts", "waiting", "provisional", "expiring"
ONLY = (ALL, DOUBTS, WAITING, PROVISIONAL, EXPIRING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to show; `page` counts from 1."""

    query: str = ""
    department: str = ""
    only: str = ALL
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`annual` is None where nothing can be reckoned. `ends` is the next day on which `ending` minutes expire."""

    person: Person
    annual: Balance | None
    doubts: tuple[Doubt, ...]
    ends: date | None
    ending: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    rows: list[Row]
    found: int
    pages: int
    page: int
    departments: list[str]
    people: int


async def listed(ctx: Context, wish: Wish) -> Listed:
    today = charge.today(ctx)
    everybody = await directory.everybody(ctx.tx)
    chosen = [one for one in everybody if _matches(one, wish)]
    kept = await _narrowed(ctx, chosen, wish.only, today)
    kept.sort(key=lambda one: (one.department, one.staff_no, one.name, one.id))
    pages = max(1, -(-len(kept) // SIZE))
    page = min(max(1, wish.page), pages)
    shown = kept[(page - 1) * SIZE : page * SIZE]
    ledgers = await store.of_people(ctx.tx, [one.id for one in shown])
    return Listed(
        rows=[_row(ctx, one, ledgers[one.id], today) for one in shown],
        found=len(kept),
        pages=pages,
        page=page,
        departments=sorted({one.department for one in everybody if one.department}),
        people=len(everybody),
    )


def _matches(one: Person, wish: Wish) -> bool:
    if wish.department and one.department != wish.department:
        return False
    return wish.query in one.name or (bool(wish.query) and one.staff_no.startswith(wish.query))


async def _narrowed(ctx: Context, people: Sequence[Person], only: str, today: date) -> list[Person]:
    if only == DOUBTS:
        return [one for one in people if doubts(one, charge.policy_of(ctx, one, on=today), today=today)]
    if only == WAITING:
        return _among(people, await _waiting(ctx.tx, today))
    if only == PROVISIONAL:
        return _among(people, await _provisional(ctx, today))
    if only == EXPIRING:
        return await _expiring(ctx, people, today)
    return list(people)


def _among(people: Iterable[Person], ids: set[str]) -> list[Person]:
    return [one for one in people if one.id in ids]


async def _waiting(tx: Transaction, today: date) -> set[str]:
    """Who has something held, in lots that ended no longer than a year ago."""
    rows = await tx.fetch(
        "SELECT person FROM leave_entry WHERE valid_to >= ? AND (account_to = 'held' OR account_from = 'held')"
        " GROUP BY person HAVING SUM(CASE WHEN account_to = 'held' THEN minutes ELSE -minutes END) > 0",
        date(today.year - 1, 1, 1).isoformat(),
    )
    return {row["person"] for row in rows}


async def _provisional(ctx: Context, today: date) -> set[str]:
    """Who has leave in a coming year that nobody has announced: its days are counted for the time being."""
    year = today.year
    while year in ctx.office.calendar.years:
        year += 1
    found = await absences.between(ctx.tx, date(year, 1, 1), date(year + 1, 12, 31))
    return {one.person for one in found}


async def _expiring(ctx: Context, people: Sequence[Person], today: date) -> list[Person]:
    until = today + SOON
    rows = await ctx.tx.fetch(
        "SELECT person, valid_to, SUM(CASE WHEN account_to = 'available' THEN minutes"
        " WHEN account_from = 'available' THEN -minutes ELSE 0 END) AS rest FROM leave_entry"
        " WHERE valid_to >= ? AND valid_to <= ? AND cause <> 'consume' AND limited = 1 AND effective <= ?"
        " GROUP BY person, valid_to",
        today.isoformat(), until.isoformat(), today.isoformat(),
    )  # fmt: skip
    ending = {row["person"] for row in rows if row["rest"] > 0}
    if date(today.year, 12, 31) > until:
        return _among(people, ending)
    given = await _given(ctx.tx, today.year)
    return [one for one in people if one.id in ending or _entitled(ctx, one, today) > given.get(one.id, 0)]


async def _given(tx: Transaction, year: int) -> dict[str, int]:
    """Minutes of the year's entitlement that are written, by person; what is due beyond them can only be unused."""
    rows = await tx.fetch(
        "SELECT person, SUM(CASE WHEN account_from = 'granted' THEN minutes ELSE -minutes END) AS given"
        " FROM leave_entry WHERE ref = ? GROUP BY person",
        f"entitlement-{year}",  # as `standing.due` writes it
    )
    return {row["person"]: int(row["given"]) for row in rows}


def _entitled(ctx: Context, one: Person, today: date) -> int:
    """Minutes due for this year; nothing where that cannot be reckoned."""
    try:
        found = standing.entitled(one, charge.policy_of(ctx, one, on=today), today.year, today=today)
    except errors.BadRequest:
        return 0
    return int(found.days * counting.DAY)


def _row(ctx: Context, person: Person, entries: Sequence[Entry], today: date) -> Row:
    policy = charge.policy_of(ctx, person, on=today)
    stamp = Stamp(recorded=ctx.now, effective=today)
    whole = standing.looked_at(entries, person, policy, on=today, stamp=stamp)
    balances = ledger.balances(whole, on=today)
    annual = [one for lot, one in balances.items() if lot.kind == ANNUAL and not lot.ended_by(today)]
    ends = sorted(
        (lot.valid_to, one.available)
        for lot, one in balances.items()
        if lot.limited and lot.valid_to and lot.valid_to >= today and one.available > 0
    )
    first = ends[0][0] if ends else None
    return Row(
        person=person,
        annual=sum(annual, Balance()) if person.first_work_date or annual else None,
        doubts=tuple(doubts(person, policy, today=today)),
        ends=first,
        ending=sum(minutes for day, minutes in ends if day == first),
    )
