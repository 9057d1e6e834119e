"""The pure cores: one step of the approval engine, balances of the leave ledger. No database, no loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from bot.bench.figures import Figure, middle
from bot.bench.plan import Plan
from handlers.approval import engine
from handlers.days.slots import Half, Slot
from handlers.leave.book import ledger
from handlers.leave.book.allocation import Ask, UseOrder
from handlers.leave.book.entries import Charge, Entry, Lot, Stamp, from_rows, to_row

_NOW = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)
_YEARS = range(2017, 2027)
_DAY = 480  # minutes


def step(plan: Plan) -> list[Figure]:
    """The second of three people agrees: authorised, decided, the next step opened. The median of rounds."""
    pending = _pending()
    act = engine.Act(verb=engine.Verb.APPROVE, opinion="同意", seen=pending.version)
    outcome = engine.decide(pending, act, by="p2", now=_NOW)
    assert engine.waiting_for(outcome.request) == ("p3",)
    count = plan.size(5000, 300)
    return [middle("engine.step", _each_us(count, lambda: engine.decide(pending, act, by="p2", now=_NOW)), "us")]


def balances(plan: Plan) -> list[Figure]:
    """From ten years of grants, requests and approvals: one person's balances, and everybody's out of table rows.

    Everybody's are in this process's own time: what else the machine does is not the ledger's affair.
    """
    entries = ten_years("p0")
    one = [us / 1000 for us in _each_us(plan.size(200, 10), lambda: ledger.balances(entries, on=date(2026, 12, 31)))]
    people, spent = plan.size(10_000, 20), 0.0
    for number in range(people):
        if number % 1000 == 0:
            plan.tell("ledger.everybody", number, people)
        own = ten_years(f"p{number}", number)
        rows = [to_row(entry) for entry in own]
        begun = time.process_time()
        found = ledger.balances(from_rows(rows), on=date(2026, 12, 31))
        spent += time.process_time() - begun
        assert len(found) == len(_YEARS)
    return [
        Figure(name="ledger.entries", value=float(len(entries)), unit="x"),
        middle("ledger.one", one, "ms"),
        Figure(name="ledger.everybody", value=spent * 10_000 / people, unit="s"),
    ]


def ten_years(person: str, seed: int = 0) -> list[Entry]:
    """A lot a year, and four requests a year of one to three days: held, then approved or rejected; then expired."""
    entries: list[Entry] = []
    for year in _YEARS:
        lot = Lot("annual", f"annual/{year}", date(year, 1, 1), date(year + 1, 3, 31))
        entries += ledger.grant(entries, lot, 10 * _DAY, stamp=_stamp(date(year, 1, 1)))
        for number in range(4):
            entries += _request(entries, f"{person}/{year}/{number}", year, number, 1 + (seed + number) % 3)
    return entries


def _request(entries: list[Entry], ref: str, year: int, number: int, days: int) -> list[Entry]:
    first = date(year, 2 + 2 * number, 6)
    charges = tuple(
        Charge(Slot(first + timedelta(days=day), half), _DAY // 2) for day in range(days) for half in (Half.AM, Half.PM)
    )
    ask = Ask(ref=ref, kind="annual", charges=charges)
    held = ledger.hold(entries, ask, stamp=_stamp(first), order=UseOrder.OLDEST_FIRST)
    known = [*entries, *held]
    if number == 3:
        return [*held, *ledger.release(known, ref, stamp=_stamp(first))]
    return [*held, *ledger.consume(known, ref, stamp=_stamp(first))]


def _stamp(day: date) -> Stamp:
    return Stamp(recorded=datetime(day.year, day.month, day.day, tzinfo=UTC), effective=day)


def _pending() -> engine.Request:
    """A route of three, submitted and agreed to by the first."""
    steps = tuple(engine.Step(name=f"s{number}", approvers=(f"p{number}",)) for number in (1, 2, 3))
    request = engine.Request(id="i1", applicant="p0", steps=steps)
    request = engine.decide(request, engine.Act(verb=engine.Verb.SUBMIT), by="p0", now=_NOW).request
    return engine.decide(request, engine.Act(verb=engine.Verb.APPROVE), by="p1", now=_NOW).request


def _each_us(count: int, work: Callable[[], object], *, rounds: int = 7) -> list[float]:
    """Microseconds of one call, round by round."""
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        for _ in range(count):
            work()
        found.append((time.perf_counter() - begun) / count)
    return [seconds * 1e6 for seconds in found]
