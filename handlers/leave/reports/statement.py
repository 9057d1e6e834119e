"""A statement of somebody's leave for a year: lots, every entry with the running balance, as known at a moment. Pure.

The same ledger, day and moment give the same statement for ever, because nothing in a ledger is changed: that is what
makes a printed one checkable. `digest` covers its figures and entries and none of its words, so that a wording that
is changed later does not make an honest paper look forged.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from cards import leave_statement as views
from cards.leave_explain import Explained, MoveView
from handlers.audit.facts import canonical
from handlers.days.workdays import WorkCalendar
from handlers.leave import standing
from handlers.leave.book import ledger
from handlers.leave.book.entries import Account, Entry, Lot, Stamp, delta
from handlers.leave.book.ledger import Balance
from handlers.leave.law.rules import Policy
from handlers.leave.reports import explanation
from handlers.people.directory import Person
from handlers.transaction import to_ms

ACCOUNTS = ("granted", "carried", "available", "held", "used", "expired")
Figures = tuple[tuple[str, str, tuple[int, ...]], ...]
"""(kind, lot, minutes in each of `ACCOUNTS`): what a paper says and can be compared by."""

Difference = tuple[str, str, str, int, int]
"""(kind, lot, account, minutes on the paper, minutes now)."""

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE = 12
SERIAL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose leave of which year, at the end of which day, from what was known when (aware)."""

    person: Person
    policy: Policy
    year: int
    on: date
    known_at: datetime
    today: date
    """The office's day at `known_at`."""
    last: int | None = None
    """The number of the last entry that a printed statement knew: what was on its way when it was printed is not in."""
    since: date | None = None
    """From which day on the office keeps the person's leave; None: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry and what its kind has available after it (of kinds without a limit: what is used)."""

    entry: Entry
    move: MoveView
    change: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """`opening` are the minutes available (or used) of each kind before the first line."""

    question: Question
    explained: Explained
    lots: tuple[tuple[Lot, Balance], ...]
    lines: tuple[Line, ...]
    opening: Mapping[str, int]
    last: int
    entries: tuple[Entry, ...]
    """Everything that it was made from, what is still to be written among it."""

    @property
    def figures(self) -> Figures:
        return tuple(
            (lot.kind, lot.name, tuple(getattr(balance, account) for account in ACCOUNTS)) for lot, balance in self.lots
        )


def day_of(year: int, *, today: date) -> date:
    """The day that a statement of a year shows unless another is asked for: today, or the year's end nearest to it."""
    return min(max(today, date(year, 1, 1)), date(year, 12, 31))


def statement(entries: Sequence[Entry], question: Question, *, calendar: WorkCalendar) -> Statement:
    """From the whole ledger of the person; what was recorded later than `known_at` is not in it."""
    known = [entry for entry in entries if _known(entry, question)]
    last = max((entry.number for entry in known), default=0)
    whole = _whole(known, question)
    source = explanation.Source(
        person=question.person, policy=question.policy, calendar=calendar, entries=whole, on=question.on, written=last
    )
    lots = tuple(
        (lot, balance)
        for lot, balance in ledger.balances(whole, on=question.on).items()
        if _concerns(lot, question.year)
    )
    lines, opening = _lines(source, {lot for lot, _ in lots}, question.year)
    explained = explanation.explain(source)
    return Statement(
        question=question, explained=explained, lots=lots, lines=lines, opening=opening, last=last,
        entries=tuple(whole),
    )  # fmt: skip


def _known(entry: Entry, question: Question) -> bool:
    return entry.recorded <= question.known_at and (question.last is None or entry.number <= question.last)


def digest(found: Statement) -> str:
    """SHA-256 of the question, the figures and the entries, as hex."""
    question = found.question
    content = {
        "person": question.person.id,
        "year": question.year,
        "on": question.on.isoformat(),
        "known_at": to_ms(question.known_at),
        "figures": [[kind, lot, *minutes] for kind, lot, minutes in found.figures],
        "lines": told(found),
    }
    return sha256(canonical(content).encode()).hexdigest()


def told(found: Statement) -> list[list[str | int]]:
    """What the lines say, as plain values."""
    return [[*_told(line.entry), line.change, line.after] for line in found.lines]


def code(serial: str, content: str, *, key: bytes) -> str:
    """The check code of a paper: 60 bits that only this office can make, `XXXX-XXXX-XXXX` without look-alikes."""
    mac = hmac.digest(key, f"leave-statement\0{serial}\0{content}".encode(), "sha256")
    number = int.from_bytes(mac[:8], "big")
    text = "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(_CODE))
    return "-".join(text[at : at + 4] for at in range(0, _CODE, 4))


def same_code(given: str, right: str) -> bool:
    """Whether somebody typed the code, however they wrote it."""
    plain = "".join(one for one in given.upper() if one in _ALPHABET)
    return hmac.compare_digest(plain.encode(), right.replace("-", "").encode())


def new_serial(random: int, *, year: int) -> str:
    """`2026-7K3M9QXT`: what the paper is called; `random` has at least 40 bits."""
    return f"{year}-" + "".join(_ALPHABET[(random >> (5 * place)) & 31] for place in range(SERIAL))


def differences(before: Figures, after: Figures) -> list[Difference]:
    """Of every figure that is not the same."""
    old = {(kind, lot): minutes for kind, lot, minutes in before}
    new = {(kind, lot): minutes for kind, lot, minutes in after}
    none = (0,) * len(ACCOUNTS)
    return [
        (kind, lot, account, was, now)
        for kind, lot in dict.fromkeys((*old, *new))
        for account, was, now in zip(
            ACCOUNTS, old.get((kind, lot), none), new.get((kind, lot), none), strict=True
        )
        if was != now
    ]


def _whole(known: Sequence[Entry], question: Question) -> list[Entry]:
    """With what will be written when it is first needed, and with the expiries that no job has written yet."""
    stamp = Stamp(recorded=question.known_at, effective=question.today)
    found = standing.looked_at(
        known, question.person, question.policy, on=question.on, stamp=stamp, since=question.since
    )
    return found + ledger.expire(found, on=question.on, stamp=stamp)


def _concerns(lot: Lot, year: int) -> bool:
    """Whether a lot belongs on the year's paper: it could be spent in the year."""
    return lot.valid_from.year <= year and (lot.valid_to is None or lot.valid_to >= date(year, 1, 1))


def _lines(source: explanation.Source, lots: set[Lot], year: int) -> tuple[tuple[Line, ...], dict[str, int]]:
    """In the order in which they count."""
    running: dict[str, int] = {}
    opening: dict[str, int] = {}
    lines: list[Line] = []
    shown = [entry for entry in source.entries if entry.effective <= source.on and entry.lot in lots]
    for entry in sorted(shown, key=lambda one: (one.effective, one.number)):
        kind, change = entry.lot.kind, _change(entry)
        running[kind] = running.get(kind, 0) + change
        if entry.effective.year < year:
            opening[kind] = running[kind]
        else:
            move = explanation.move(source, entry)
            lines.append(Line(entry=entry, move=move, change=change, after=running[kind]))
    return tuple(lines), opening


def _change(entry: Entry) -> int:
    return delta(entry, Account.AVAILABLE if entry.lot.limited else Account.USED)


def _told(entry: Entry) -> list[str | int]:
    """What of an entry is on the paper; numbers of unwritten ones may differ later, so they are no part of it."""
    return [
        entry.lot.kind, entry.lot.name, entry.effective.isoformat(), entry.cause.value, entry.account_from.value,
        entry.account_to.value, entry.minutes, entry.ref, entry.note,
    ]  # fmt: skip


# What people read


def view(found: Statement, *, office: str) -> views.StatementView:
    question = found.question
    titles = {code: kind.title for code, kind in question.policy.kinds.items()}
    return views.StatementView(
        office=office,
        name=question.person.name,
        staff_no=question.person.staff_no,
        department=question.person.department,
        year=question.year,
        on=question.on,
        known_at=question.known_at,
        explained=found.explained,
        lots=tuple(_lot_view(lot, balance, titles) for lot, balance in found.lots),
        lines=tuple(_line_view(line, titles) for line in found.lines),
        opening=tuple((titles.get(kind, kind), minutes) for kind, minutes in found.opening.items() if minutes),
    )


def _line_view(line: Line, titles: Mapping[str, str]) -> views.LineView:
    lot = line.entry.lot
    return views.LineView(
        recorded=line.entry.recorded,
        kind=titles.get(lot.kind, lot.kind),
        move=line.move,
        change=line.change,
        after=line.after,
        limited=lot.limited,
        item=line.entry.ref,
    )


def _lot_view(lot: Lot, balance: Balance, titles: Mapping[str, str]) -> views.LotLine:
    return views.LotLine(
        kind=titles.get(lot.kind, lot.kind),
        name=explanation.name_of(lot),
        limited=lot.limited,
        granted=balance.granted,
        carried=balance.carried,
        available=balance.available,
        held=balance.held,
        used=balance.used,
        expired=balance.expired,
        expires=lot.valid_to if lot.limited else None,
    )


def changes(found: Iterable[Difference], titles: Mapping[str, str]) -> list[views.ChangeView]:
    """Differences for people to read."""
    return [
        views.ChangeView(kind=titles.get(kind, kind), lot=lot, account=account, before=was, after=now)
        for kind, lot, account, was, now in found
    ]
