"""An office in which as many slips wait as one wants, each with a card that its leader can tap.

One person's slips come into being as in life, through the service (`office.submit`). What that left in the tables is
copied for everybody else on the staff, all of whom the service itself has taken in: with new ids, salts, hashes,
numbers and instants, each under its own leader. The service's sealer seals the facts, and a head is signed over them.
Texts of letters and events are empty, as after a month. Whole people are committed, so that a filling that was killed
goes on where it stopped.
"""

from __future__ import annotations

import json
import random
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import Final, NamedTuple

from bot import office as offices
from bot.app import Service
from bot.bench import history, load, office, stores
from bot.bench.filling import Batch, Press
from bot.bench.mould import Caster
from bot.bench.office import DAYS, MONDAY, WECOM, Crowd, Waiting
from bot.bench.plan import Tell, quietly
from bot.bench.running import Failed
from bot.database.open import sqlite_path
from cards import actions
from connectors.clock import MovableClock
from handlers.approval import store
from handlers.mailroom import copies, inbox, outbox
from handlers.transaction import Transaction, from_ms, to_ms

_STATE: Final = "slips.json"
_VERSION: Final = 2
"""Grows when what is copied changes: offices that were kept are then made anew."""
_TABLES: Final = (
    "item", "decision", "waiting", "due", "copy", "inbox", "outbox", "leave_entry", "journal",
)  # fmt: skip
_ONCE: Final = {"form_version", "counter", "journal_personal", "lease"}
"""Also written when somebody asks for leave: once for all, or copied with its fact."""
_DECIDABLE: Final = (
    "SELECT c.recipient, c.ref, c.person, c.item, c.version FROM waiting w"
    " JOIN copy c ON c.item = w.item AND c.person = w.person AND c.kind = 'decide'"
)
_TOGETHER: Final = 10  # people who ask at the same time; the next ones do when they are done
_COMMITTED: Final = 200  # people
_TICKS: Final = 20_000
_LEADER, _LEADERS_USER = "leader", "leader's user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """At least `slips` slips in the office in `folder`, of `days` days a person, under `leaders` leaders."""

    folder: Path
    slips: int
    leaders: int = 200
    days: int = len(DAYS)

    @property
    def url(self) -> str:
        return f"sqlite://{self.folder.absolute()}/office.db"

    @property
    def crowd(self) -> Crowd:
        return Crowd(people=-(-self.slips // self.days), leaders=self.leaders)

    @property
    def file(self) -> Path:
        return sqlite_path(self.url)

    def at(self, folder: Path) -> Pile:
        """A copy of the office, which is on the disk when this returns: its taps leave the first one as it was."""
        there = replace(self, folder=folder)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        office.move(folder, url=there.url)
        load.synced(there.file)
        return there


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """`within` are the last rowids of every table before and after the first person asked."""

    shape: str
    slips: int
    leaders: int
    days: int
    within: Mapping[str, Sequence[int]]
    done: bool = False

    def fits(self, pile: Pile) -> bool:
        return (self.shape, self.slips, self.leaders, self.days) == (_shape(), pile.slips, pile.leaders, pile.days)


def _shape() -> str:
    return f"{_VERSION}-{history.tables()}"


@dataclass(frozen=True, slots=True)
class _Person:
    id: str
    user: str


async def fill(pile: Pile, *, tell: Tell = quietly) -> None:
    """Makes the office, or the rest of it; nothing to do where it is full. Some minutes for 300,000 slips."""
    state = _noted(pile)
    if state is None or not state.fits(pile):
        shutil.rmtree(pile.folder, ignore_errors=True)
        tell("slips.staff", 0, pile.crowd.people)
        state = await _begun(pile)
    if state.done:
        return
    await _copied(pile, state, tell)
    tell("slips.seal")
    await _closed(pile)
    _note(pile, replace(state, done=True))


def _noted(pile: Pile) -> _State | None:
    try:
        return _State(**json.loads((pile.folder / _STATE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _note(pile: Pile, state: _State) -> None:
    (pile.folder / _STATE).write_text(json.dumps(asdict(state)))


async def _begun(pile: Pile) -> _State:
    """Everybody is on the staff, and the first person has asked for every day."""
    office.furnish(pile.folder, pile.crowd, url=pile.url)
    service = await office.opened(pile.folder)
    try:
        await service.sealer.seal()
        before = _rowids(pile)
        await office.submit(service, replace(pile.crowd, people=1), DAYS[: pile.days])
        await service.database.write(partial(_emptied, service=service))
    finally:
        await service.stop()
    within = {name: (before[name], last) for name, last in _rowids(pile).items()}
    _only_known(within)
    state = _State(shape=_shape(), slips=pile.slips, leaders=pile.leaders, days=pile.days, within=within)
    _note(pile, state)
    return state


def _rowids(pile: Pile) -> dict[str, int]:
    """The last rowid of every table."""
    with closing(sqlite3.connect(pile.file)) as database:
        rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        names = [name for (name,) in rows.fetchall()]
        return {name: database.execute(f"SELECT COALESCE(MAX(rowid), 0) FROM {name}").fetchone()[0] for name in names}


def _only_known(within: Mapping[str, Sequence[int]]) -> None:
    """A table that is written too, but not copied, would make a copied slip less than a real one."""
    new = {name for name, (before, after) in within.items() if after > before} - {*_TABLES, *_ONCE}
    if new:
        raise Failed(f"a slip is in tables that are not copied: {', '.join(sorted(new))}")


async def _emptied(tx: Transaction, *, service: Service) -> None:
    later = service.clock.now() + timedelta(days=1)
    await inbox.prune(tx, before=later)
    await outbox.prune(tx, before=later)


async def _copied(pile: Pile, state: _State, tell: Tell) -> None:
    copier = _Copier(pile, state)
    filling = await stores.opened(pile.url)
    try:
        while copier.done < pile.crowd.people:
            batch: Batch = {}
            for _ in range(min(_COMMITTED, pile.crowd.people - copier.done)):
                copier.add(batch)
            await filling.add(batch)
            tell("slips.copies", copier.done * pile.days, pile.crowd.people * pile.days)
    finally:
        await filling.close()


class _Copier:
    """The slips of the next person; `done` are those who have theirs."""

    def __init__(self, pile: Pile, state: _State) -> None:
        self._leaders = pile.leaders
        with closing(sqlite3.connect(pile.file)) as database:
            database.row_factory = sqlite3.Row
            self._people = _by_staff_no(database)
            first, leader = self._people["P00000"], self._people["L00000"]
            others = {leader.id: _LEADER, leader.user: _LEADERS_USER}
            caster = Caster(
                database, [first.id], [first.user], others=others, tables=_TABLES, within=state.within
            )
            shape = caster.cast()
            self.done = int(database.execute("SELECT COUNT(DISTINCT applicant) FROM item").fetchone()[0])
            fact, item = (database.execute(f"SELECT MAX({column}) FROM {table}").fetchone()[0]
                          for table, column in (("journal", "id"), ("item", "number")))  # fmt: skip
        self._press = Press(shape, fact=fact, item=item, entry=0)

    def add(self, batch: Batch) -> None:
        more_ms = self.done // _TOGETHER * self._press.shape.span_ms
        person = self._people[f"P{self.done:05}"]
        leader = self._people[f"L{self.done % self._leaders:05}"]
        known = self._ids(more_ms) | self._press.stamps(0, more_ms) | self._press.numbers()
        known |= {"p0": person.id, "a0": person.user, "year": str(MONDAY.year)}
        found = {_LEADER: leader.id, _LEADERS_USER: leader.user}
        known |= {place: found[label] for place, label in self._press.shape.shared.items()}
        self._press.lives(batch, known, 0, more_ms)
        self.done += 1

    def _ids(self, more_ms: int) -> dict[str, str]:
        """As the service would have made them at that moment."""
        now = from_ms(self._press.shape.begun_ms + more_ms)
        new: dict[str, Callable[[datetime], str]] = {
            "i": store.new_id, "c": copies.new_id, "t": lambda now: secrets.token_hex(8),
        }  # fmt: skip
        return {place: new[place[0]](now) for place in self._press.shape.ids if place[0] in new}


def _by_staff_no(database: sqlite3.Connection) -> dict[str, _Person]:
    rows = database.execute(
        "SELECT p.staff_no, p.id, a.platform_id FROM person p JOIN person_account a ON a.person = p.id"
        " WHERE a.account = ?",
        (WECOM,),
    )
    return {row["staff_no"]: _Person(row["id"], row["platform_id"]) for row in rows}


async def _closed(pile: Pile) -> None:
    """Numbers go on after the last slip; every fact is sealed by the service, under a head."""
    wind(pile)
    service = await office.opened(pile.folder)
    try:
        await service.database.write(history.numbered)
        await _night(service)
        await service.sealer.head()
    finally:
        await service.stop()


async def _night(service: Service) -> None:
    """What the night does is no part of a tap. It checks the ledgers in portions, each a moment after the other."""
    clock = service.clock
    assert isinstance(clock, MovableClock)
    for _ in range(_TICKS):
        if not await service.runner.tick() and not await _soon(service):
            return
        clock.forward(timedelta(seconds=1))
    raise Failed("the jobs of the night do not end")


async def _soon(service: Service) -> bool:
    until = to_ms(service.clock.now() + timedelta(seconds=5))
    sql = f"SELECT COUNT(*) AS n FROM due WHERE state = 'waiting' AND due_ms < {until}"
    return await office.count(service, sql) > 0


def wind(pile: Pile) -> None:
    """It is a minute after the last fact in this office, on that Monday's morning."""
    with closing(sqlite3.connect(pile.file)) as database:
        (latest,) = database.execute("SELECT MAX(recorded_ms) FROM journal").fetchone()
    office.set_clock(pile.folder, from_ms(latest) + timedelta(minutes=1))


def cards(pile: Pile, number: int) -> Iterator[Waiting]:
    """Those to be tapped: the leaders take turns, as nobody taps twice within a moment; a leader's are in no order."""
    by_leader: dict[str, list[_Card]] = {}
    with closing(sqlite3.connect(pile.file)) as database:
        for one in map(_Card._make, database.execute(_DECIDABLE)):
            by_leader.setdefault(one.user, []).append(one)
    piles = [random.sample(some, len(some)) for some in by_leader.values()]
    in_turn = [one for one in chain.from_iterable(zip_longest(*piles)) if one is not None]
    if len(in_turn) < number:
        raise Failed(f"only {len(in_turn)} slips wait in {pile.folder}: delete it")
    key = offices.build(office.configuration(pile.folder)).card_key
    return (_tappable(one, key) for one in in_turn[:number])


class _Card(NamedTuple):
    user: str
    ref: str
    person: str
    item: str
    version: int


def _tappable(card: _Card, key: bytes) -> Waiting:
    act = actions.Action("approve", card.item, card.version)
    return Waiting(user=card.user, ref=card.ref, payload=actions.pack(act, to=card.person, key=key))
