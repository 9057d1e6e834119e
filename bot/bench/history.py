"""An office with a past: millions of facts, sealed, with the tables that belong to them, as the service would leave it.

Filled in cohorts, each a few lives and notices out of the `mould`; whole cohorts are committed together with their
seals, so that a filling that was killed goes on where it stopped. One fact in ten is of a slip (opened, decided,
charged, in the calendar), with its item, ledger, copies, letters and events; nine are of notices that were read. The
staff of today joined eleven years ago; whoever asked has left since.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import random
import secrets
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from bot.bench import mould, office, stores
from bot.bench.filling import Batch, Press
from bot.bench.mould import Mould
from bot.bench.office import DAYS, MONDAY, Crowd, Waiting
from bot.bench.plan import Tell, quietly
from bot.database import schema
from handlers.audit import leaf, sealing, tree
from handlers.audit.tree import Frontier
from handlers.mailroom import counters
from handlers.transaction import Transaction, from_ms, to_ms

JOINED: Final = datetime(2015, 1, 5, 1, 0, tzinfo=UTC)
YEARS: Final = range(2016, 2026)

_STATE: Final = "history.json"
_MOULD: Final = "mould.pickle"
_CARDS: Final = "cards.json"
_VERSION: Final = 2
"""Grows when what is filled in changes: pasts that were kept are then made anew."""
_LEADER: Final = "L00000"  # of the mould; in the office all of them take turns
_NOTICES = 10  # of a cohort
_TOGETHER = 10  # cohorts of one commit
_OF_A_SLIP = 3  # facts until it waits
_CROWD: Final = Crowd(people=160)
"""Those who ask today: their slips wait when the past is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An office whose journal has about `rows` facts, and slips of `crowd` for each of `days` days that wait.

    `readers` of each notice of the past are fewer than the people of today.
    """

    folder: Path
    url: str
    rows: int
    crowd: Crowd = _CROWD
    days: int = len(DAYS)
    readers: int = 150

    @property
    def state(self) -> State | None:
        try:
            return State(**json.loads((self.folder / _STATE).read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def cards(self) -> list[Waiting]:
        """Those that wait for a tap."""
        return [Waiting(**one) for one in json.loads((self.folder / _CARDS).read_text())]

    def keep(self, cards: Sequence[Waiting]) -> None:
        (self.folder / _CARDS).write_text(json.dumps([asdict(one) for one in cards]))

    def take(self, number: int) -> list[Waiting]:
        """The next cards, which count as tapped from here on."""
        cards = self.cards()
        self.keep(cards[number:])
        return cards[:number]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a filling has agreed on with the one that goes on: `facts` of a cohort, `first` the last before the past."""

    shape: str
    rows: int
    facts: int
    cohorts: int
    first: int
    done: bool = False


async def fill(past: Past, *, tell: Tell = quietly) -> None:
    """Makes the past, or the rest of it; nothing to do where it is full. Minutes for millions."""
    state = past.state
    if state is not None and (state.shape, state.rows) != (_shape(), past.rows):
        state = None
    if state is not None and state.done:
        return
    if state is None:
        shutil.rmtree(past.folder, ignore_errors=True)
    shape = await _mould(past)
    state = state or await _begun(past, shape)
    await _cohorts(past, shape, state, tell)
    await _today(past, state)
    (past.folder / _MOULD).unlink()
    _note(past, replace(state, done=True))


def _facts(shape: Mould, past: Past) -> int:
    """Of one cohort."""
    return shape.facts + _NOTICES * (1 + past.readers)


def _shape() -> str:
    """Of the tables, and of what is filled in."""
    return f"{_VERSION}-{tables()}"


def tables() -> str:
    """Another text when the tables are others."""
    migrations = Path(schema.__file__).parents[1] / "migrations"
    texts = b"".join(file.read_bytes() for file in sorted(migrations.glob("0*.py")))
    return hashlib.sha256(texts).hexdigest()[:16]


async def _mould(past: Past) -> Mould:
    """Kept beside the office until it is full: every cohort comes out of the same one."""
    kept = past.folder / _MOULD
    if kept.exists():
        found: Mould = pickle.loads(kept.read_bytes())
        return found
    with tempfile.TemporaryDirectory() as folder:
        return await mould.cast(Path(folder), days=past.days)


async def _begun(past: Past, shape: Mould) -> State:
    """An office of eleven years ago, with its staff and nothing else."""
    office.furnish(past.folder, past.crowd, url=past.url)
    office.set_clock(past.folder, JOINED)
    service = await office.opened(past.folder)
    try:
        await service.sealer.seal()
        first = await service.database.read(sealing.last)
    finally:
        await service.stop()
    facts, waiting = _facts(shape, past), past.crowd.people * past.days * _OF_A_SLIP
    cohorts = max(1, (past.rows - first - waiting) // facts)
    state = State(shape=_shape(), rows=past.rows, facts=facts, cohorts=cohorts, first=first)
    (past.folder / _MOULD).write_bytes(pickle.dumps(shape))
    _note(past, state)
    return state


def _note(past: Past, state: State) -> None:
    (past.folder / _STATE).write_text(json.dumps(asdict(state)))


async def _cohorts(past: Past, shape: Mould, state: State, tell: Tell) -> None:
    filler = await _filler(past, shape, state)
    store = await stores.opened(past.url)
    try:
        while filler.cohort < state.cohorts:
            batch: Batch = {}
            for _ in range(min(_TOGETHER, state.cohorts - filler.cohort)):
                filler.add(batch)
            filler.seal(batch)
            await store.add(batch)
            tell("fill", filler.fact, past.rows)
    finally:
        await store.close()


async def _filler(past: Past, shape: Mould, state: State) -> Filler:
    """Where the last filling stopped."""
    service = await office.opened(past.folder)
    try:
        return await service.database.read(partial(_position, shape=shape, past=past, state=state))
    finally:
        await service.stop()


async def _position(tx: Transaction, *, shape: Mould, past: Past, state: State) -> Filler:
    people = await tx.fetch("SELECT id, staff_no, name FROM person")
    shared = {row["staff_no"] or row["name"]: [row["id"]] for row in people}
    shared[_LEADER] = [row["id"] for row in people if row["staff_no"].startswith("L")]
    fact, size = await sealing.last(tx), await sealing.size(tx)
    return Filler(
        shape,
        shared={place: shared[no] for place, no in shape.shared.items() if no in shared},
        people=[row["id"] for row in people],
        readers=past.readers,
        cohorts=state.cohorts,
        cohort=(fact - state.first) // state.facts,
        fact=fact,
        item=await _highest(tx, "item", "number"),
        entry=await _highest(tx, "agenda_entry", "id"),
        front=await sealing.frontier(tx, sealing.MAIN, size),
    )


async def _highest(tx: Transaction, table: str, column: str) -> int:
    row = await tx.first(f"SELECT MAX({column}) AS n FROM {table}")
    return 0 if row is None else row["n"] or 0


async def _today(past: Past, state: State) -> None:
    """It is that Monday; a head is signed over the past, and slips of today's staff wait for their leaders."""
    service = await office.opened(past.folder)
    try:
        latest = await service.database.read(_latest)
    finally:
        await service.stop()
    office.set_clock(past.folder, max(MONDAY, latest + timedelta(minutes=1)))  # whoever was killed held leases
    service = await office.opened(past.folder)
    try:
        await service.database.write(numbered)
        await service.sealer.head()
        await office.submit(service, past.crowd, DAYS[: past.days])
        await service.sealer.seal()
        past.keep(await office.agreeable(service))
    finally:
        await service.stop()


async def _latest(tx: Transaction) -> datetime:
    row = await tx.first("SELECT recorded_ms FROM journal ORDER BY id DESC LIMIT 1")
    assert row is not None
    return from_ms(row["recorded_ms"])


async def numbered(tx: Transaction) -> None:
    """Slips go on with the number after the last."""
    await counters.put(tx, "item", await _highest(tx, "item", "number"))


class Filler(Press):
    """Makes the rows of one cohort after the other, and their leaves."""

    def __init__(
        self,
        shape: Mould,
        *,
        shared: Mapping[str, Sequence[str]],
        people: list[str],
        readers: int,
        cohorts: int,
        cohort: int,
        fact: int,
        item: int,
        entry: int,
        front: Frontier,
    ) -> None:
        super().__init__(shape, fact=fact, item=item, entry=entry)
        self._shared = shared
        self._people = people
        self._readers = readers
        self._cohorts = cohorts
        self.cohort = cohort
        self._front = front
        self._step_ms = shape.span_ms + 1000

    def add(self, batch: Batch) -> None:
        """The rows of the next cohort."""
        years = len(YEARS)
        year = self.cohort * years // self._cohorts
        within = self.cohort - -(-year * self._cohorts // years)
        years_ms = to_ms(MONDAY) - to_ms(MONDAY.replace(year=YEARS[year]))
        more_ms = within * self._step_ms
        known = self._known(YEARS[year], years_ms, more_ms)
        self.lives(batch, known, years_ms, more_ms)
        self._people += [known[place] for place in self.shape.ids if place[0] == "p"]
        for _ in range(_NOTICES):
            self._notice(batch, known, years_ms, more_ms)
        self.cohort += 1

    def _known(self, year: int, years_ms: int, more_ms: int) -> dict[str, str]:
        """What stands in every place of this cohort, but for hashes."""
        known = {place: prefix + secrets.token_hex(24)[: length - len(prefix)]
                 for place, (prefix, length) in self.shape.ids.items()}  # fmt: skip
        known |= self.stamps(years_ms, more_ms)
        known |= {place: random.choice(found) for place, found in self._shared.items()}
        known["year"] = str(year)
        return known | self.numbers()

    def _notice(self, batch: Batch, known: dict[str, str], years_ms: int, more_ms: int) -> None:
        readers = random.sample(self._people, self._readers)
        places = {
            **known,
            mould.NOTICE: "i" + secrets.token_hex(7),
            mould.READERS: '","'.join(readers),
            mould.UNITS: '","'.join([mould.UNIT] * len(readers)),
        }
        assert self.shape.words is not None
        self.personal(batch, self.shape.words, places, years_ms, more_ms)
        for row in self.shape.notice:
            for reader in readers if row.each else readers[:1]:
                places[mould.READER] = reader
                values = self.filled(row, places, years_ms, more_ms)
                if row.table == "journal":
                    self.fact += 1
                    values[row.numbered] = self.fact
                self.put(batch, row, values)

    def seal(self, batch: Batch) -> None:
        """Leaves in the order of their numbers, and the nodes that they complete."""
        columns, facts = batch["journal"]
        assert columns == leaf.COLUMNS
        begin, nodes = self._front.size, []
        for fact in facts:
            for level, idx, hash in self._front.append(tree.leaf_hash(leaf.encode(*fact))):
                if level % sealing.STEP == 0:
                    nodes.append((sealing.MAIN, level, idx, hash))
        batch["seal_order"] = ("idx", "journal"), [(begin + n, fact[0]) for n, fact in enumerate(facts)]
        batch["seal_node"] = ("tree", "level", "idx", "hash"), nodes
