"""Lives to copy: what a few people of a real small office left in its tables, with the places where copies differ.

Everything comes about as in life, through the service's own code: they join, ask for leave, their leader agrees, they
read a notice, the night's housekeeping empties old texts, they leave. A copy differs in ids, salts (and so hashes),
instants, years and serial numbers; everything else is theirs, byte for byte.
"""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from bot import roster
from bot.app import Service
from bot.bench import office
from bot.bench.office import DAYS, MONDAY, WECOM, Crowd
from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.mailroom import inbox, outbox
from handlers.notice import facts as notice_facts
from handlers.notice import store as notices
from handlers.notice.rules import Notice
from handlers.people import directory, staff
from handlers.transaction import Transaction, to_ms

LIVES: Final = 2
_LIVES: Final = (
    "person", "person_account", "item", "decision", "copy", "inbox", "outbox", "leave_entry", "agenda_entry", "journal",
)  # fmt: skip

NOTICE: Final = "the-notice"
READER: Final = "the-reader"
READERS: Final = "the-readers"
UNITS: Final = "the-units"
WORDS: Final = "words"
UNIT: Final = "第0处"
_NUMBERED: Final = {"journal": "id", "item": "number", "agenda_entry": "id"}  # whose numbers stand in facts
_YEAR: Final = str(MONDAY.year)
_INSTANT: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)"
_MILLIS: Final = r"\b1[67]\d{11}\b"
_LONG: Final = 15  # of an id in a copy, at least: millions of them differ
_HOUR_MS: Final = 3_600_000
_LAST: Final = 2**63 - 1

Value = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Stencil:
    """A row: `fixed` values by column; of these the texts in `shapes` are filled in, the instants in `times` moved.

    `place` is the row's among those of its table, of a personal value its fact's; `numbered` the column that is
    counted, -1 for none; `hidden` names the place of a personal value's hash. `each`: of a notice, a row per reader.
    """

    table: str
    columns: tuple[str, ...]
    fixed: tuple[Value, ...]
    shapes: tuple[int, ...]
    times: tuple[int, ...]
    place: int = -1
    numbered: int = -1
    hidden: str = ""
    each: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mould:
    """`personal` values of the lives' facts, all other `rows` of lives; `notice` of one that one person has read, its
    `words` the personal value of its first fact.

    `ids` maps a place to how its id begins and how long it is; `shared` maps a place to the staff number of somebody
    who stays; `stamps` are the instants that stand in texts; `span_ms` how long the lives took.
    """

    personal: tuple[Stencil, ...]
    rows: tuple[Stencil, ...]
    ids: Mapping[str, tuple[str, int]]
    shared: Mapping[str, str]
    stamps: Mapping[str, str]
    items: int
    begun_ms: int
    span_ms: int
    notice: tuple[Stencil, ...] = ()
    words: Stencil | None = None

    @property
    def facts(self) -> int:
        return sum(row.table == "journal" for row in self.rows)


async def cast(folder: Path, *, days: int = len(DAYS)) -> Mould:
    """Runs the small office in `folder` and takes the lives of its people out."""
    crowd = Crowd(people=LIVES, leaders=1)
    office.furnish(folder, crowd, url=f"sqlite://{folder}/mould.db")
    service = await office.opened(folder)
    try:
        await office.decided(service, crowd, await office.submit(service, crowd, DAYS[:days]))
        people = [await service.database.read(partial(_known, user=user)) for user in crowd.asking()]
        await service.database.write(partial(_left, service=service, folder=folder, crowd=crowd))
        await service.database.write(partial(_notified, service=service, person=people[0]))
    finally:
        await service.stop()
    with closing(sqlite3.connect(folder / "mould.db")) as database:
        database.row_factory = sqlite3.Row
        return Caster(database, people, crowd.asking(), others=_staying(database, people)).with_notice()


def _staying(database: sqlite3.Connection, people: Sequence[str]) -> dict[str, str]:
    rows = database.execute("SELECT id, staff_no, name FROM person ORDER BY rowid").fetchall()
    return {row["id"]: row["staff_no"] or row["name"] for row in rows if row["id"] not in people}


async def _known(tx: Transaction, *, user: str) -> str:
    person = await directory.by_ref(tx, office.ref(user))
    assert person is not None
    return person.id


async def _notified(tx: Transaction, *, service: Service, person: str) -> None:
    """A notice of one recipient, who opens it. Its item, approval and cards are left out: that would be lives again."""
    now, origin = service.clock.now(), Origin(person=person, account=WECOM, door="page", trace=secrets.token_hex(8))
    told = Notice(id=NOTICE, number=1, sender="sender", title="国庆值班安排", body="请各科室按表值班。", published=now)
    await notices.add(tx, told)
    await notices.address(tx, NOTICE, [(person, UNIT)], chase=None)
    await tx.execute("UPDATE notice_receipt SET sent = 1, seen_ms = ?", to_ms(now))
    published = notice_facts.NoticePublished(
        item=NOTICE, version=1, want=told.want, per=told.per, grade=told.grade, people=(READERS,), units=(UNITS,),
        text="0" * 64, reply_by_ms=0, until_ms=0, row=notices.to_row(told),
    )  # fmt: skip
    await log.record(tx, published, origin=origin, now=now)
    await log.record(tx, notice_facts.NoticeSeen(item=NOTICE, person=person), origin=origin, now=now)


async def _left(tx: Transaction, *, service: Service, folder: Path, crowd: Crowd) -> None:
    """All that was sent is emptied as after a month, and the people are no longer on the list."""
    made = office.configuration(folder)
    platforms = {account.name: account.platform for account in made.settings.accounts}
    staying = [roster.as_wanted(row, platforms) for row in made.staff if not row.staff_no.startswith("P")]
    later = service.clock.now() + timedelta(days=1)
    await tx.execute("UPDATE outbox SET state = 'sent' WHERE state = 'waiting'")
    await inbox.prune(tx, before=later)
    await outbox.prune(tx, before=later)
    plan = await staff.bring_in(tx, staying, now=service.clock.now(), origin=Origin(door="import"), leavers=True)
    assert len(plan.left) == crowd.people


class Caster:
    """Finds everything that belongs to these people, and in it what a copy must change.

    `users` are their accounts; `others` what stands for somebody else in their rows, and the label under which a copy
    finds it again. Of every table named in `within` only rows after its first rowid, up to its second, are looked at.
    """

    def __init__(
        self,
        database: sqlite3.Connection,
        people: Sequence[str],
        users: Sequence[str],
        *,
        others: Mapping[str, str],
        tables: Sequence[str] = _LIVES,
        within: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        self._database = database
        self._people = people
        self._tables = tables
        self._within = within or {}
        self._places: dict[str, str] = {}  # what stands there -> the name of its place
        self._stamps: dict[str, str] = {}
        self._numbers = dict.fromkeys(_NUMBERED, 0)
        self._shared = others
        self._ids(people, users)
        names = sorted([*self._places, *self._shared], key=len, reverse=True)
        self._pattern = re.compile("|".join([*map(re.escape, names), _INSTANT, _MILLIS, _YEAR]))
        self._mine = re.compile("|".join(re.escape(name) for name in self._places))

    def cast(self) -> Mould:
        lives = [self._stencil(table, row) for table in self._tables for row in self._of(table)]
        instants = [row["recorded_ms"] for row in self._all("journal") if self._is_ours(row) or NOTICE in tuple(row)]
        return Mould(
            personal=tuple(self._personal()),
            rows=tuple(lives),
            ids={name: (text[: _prefix(text)], max(len(text), _LONG)) for text, name in self._places.items()},
            shared={f"s{number}": label for number, label in enumerate(self._shared.values())},
            stamps=self._stamps,
            items=self._numbers["item"],
            begun_ms=min(instants),
            span_ms=max(instants) - min(instants) + 1000,
        )

    def with_notice(self) -> Mould:
        shape = self.cast()
        words = self._database.execute("SELECT * FROM journal_personal ORDER BY id DESC LIMIT 1").fetchone()
        return replace(
            shape,
            notice=(*self._of_notice("notice"), *self._of_notice("notice_receipt"), *self._of_notice("journal")),
            words=self._stencil("journal_personal", words, hidden=f"h{WORDS}_row", reader=self._people[0]),
        )

    def _ids(self, people: Sequence[str], users: Sequence[str]) -> None:
        marks = ", ".join("?" * len(people))
        items = [row["id"] for row in self._database.execute(
            f"SELECT id FROM item WHERE applicant IN ({marks}) ORDER BY number", people)]  # fmt: skip
        its = ", ".join("?" * len(items))
        copies = [row["id"] for row in self._all("copy")]  # there is nobody else's
        uids = [row["uid"] for row in self._all("agenda_entry")]
        traces = [row[0] for row in self._database.execute(
            f"SELECT DISTINCT trace FROM journal WHERE actor IN ({marks}) OR subject IN ({its}, {marks})",
            (*people, *items, *people)) if row[0]]  # fmt: skip
        for kind, texts in {"p": people, "i": items, "c": copies, "u": uids, "a": users, "t": traces}.items():
            self._places |= {text: f"{kind}{number}" for number, text in enumerate(texts)}

    def _all(self, table: str) -> list[sqlite3.Row]:
        after, last = self._within.get(table, (0, _LAST))
        return self._database.execute(
            f"SELECT * FROM {table} WHERE rowid > ? AND rowid <= ? ORDER BY rowid", (after, last)
        ).fetchall()

    def _is_ours(self, row: sqlite3.Row) -> bool:
        """Facts about a notice are not a life's, whoever reads it."""
        texts = [one for one in tuple(row) if isinstance(one, str)]
        return NOTICE not in texts and any(self._mine.search(one) for one in texts)

    def _personal(self) -> Iterator[Stencil]:
        places = {row["id"]: place for place, row in enumerate(self._of("journal"))}
        for row in self._all("journal_personal"):
            if row["journal"] in places:
                place = places[row["journal"]]
                yield self._stencil("journal_personal", row, place=place, hidden=f"h{place}_{row['field']}")

    def _of_notice(self, table: str) -> Iterator[Stencil]:
        for row in self._all(table):
            if NOTICE in tuple(row):
                yield self._stencil(table, row, reader=self._people[0])

    def _stencil(self, table: str, row: sqlite3.Row, *, place: int = -1, hidden: str = "", reader: str = "") -> Stencil:
        keep = table in _NUMBERED or not isinstance(row[0], int)
        values = {name: row[name] for name in row.keys() if keep or name != "id"}  # noqa: SIM118 - a Row has no items
        if table in self._numbers and not reader:
            place = self._numbers[table] = self._numbers[table] + 1
            place -= 1
        if table == "journal":
            values["body"] = self._hashes(values["body"], WORDS if reader else str(place), row["kind"])
        shaped = {name: self._shape(one, reader=reader) for name, one in values.items() if isinstance(one, str)}
        changed = {name: shape for name, shape in shaped.items() if shape != values[name].replace("%", "%%")}
        columns = tuple(values)
        return Stencil(
            table=table,
            columns=columns,
            fixed=tuple(changed.get(name, value) for name, value in values.items()),
            shapes=tuple(number for number, name in enumerate(columns) if name in changed),
            times=tuple(n for n, name in enumerate(columns) if name.endswith("_ms") and (values[name] or 0) > 10**12),
            place=place,
            numbered=columns.index(_NUMBERED[table]) if table in _NUMBERED else -1,
            hidden=hidden,
            each=table == "notice_receipt" or values.get("kind") == notice_facts.NoticeSeen.KIND,
        )

    def _hashes(self, body: str, place: str, kind: str) -> str:
        """Hashes of personal values become places (`\\0` guards them from the next step), and so do serial numbers."""
        data = json.loads(body)
        for name, value in data.items():
            if isinstance(value, dict) and value.keys() == {"sha256"}:
                body = body.replace(value["sha256"], f"\0h{place}_{name}\0")
        if kind in ("approval.item_opened", "calendar.entry_kept"):
            table = "item" if kind == "approval.item_opened" else "agenda_entry"
            own = {row[_NUMBERED[table]]: number for number, row in enumerate(self._of(table))}
            body = body.replace(f'"number":{data["number"]},', f'"number":\0n_{table}{own[data["number"]]}\0,')
        return body

    def _of(self, table: str) -> list[sqlite3.Row]:
        return [row for row in self._all(table) if self._is_ours(row)]

    def _shape(self, text: str, *, reader: str) -> str:
        def place(found: re.Match[str]) -> str:
            there = found[0]
            if there in self._places:
                return f"%({READER})s" if there == reader else f"%({self._places[there]})s"
            if there in self._shared:
                return f"%(s{list(self._shared).index(there)})s"
            if there == _YEAR:
                return "%(year)s"
            return f"%({self._stamps.setdefault(there, f'z{len(self._stamps)}')})s"

        shaped = self._pattern.sub(place, text.replace("%", "%%"))
        for whole in (NOTICE, READERS, UNITS) if reader else ():
            shaped = shaped.replace(f'"{whole}"', f'"%({whole})s"')
            shaped = f"%({whole})s" if shaped == whole else shaped
        return re.sub(r"\0(\w+)\0", r"%(\1)s", shaped)


def moved(stamp: str, *, years_ms: int, more_ms: int) -> str:
    """An instant of the mould as a copy has it: whole hours keep to the day, everything else moves on."""
    if stamp.isdigit():
        return str(moved_ms(int(stamp), years_ms=years_ms, more_ms=more_ms))
    at = datetime.fromisoformat(stamp)
    ms = moved_ms(int(at.timestamp() * 1000), years_ms=years_ms, more_ms=more_ms)
    text = datetime.fromtimestamp(ms // 1000, UTC).isoformat()
    return text.replace("+00:00", f".{ms % 1000:03}000Z" if "." in stamp else "Z")


def moved_ms(ms: int, *, years_ms: int, more_ms: int) -> int:
    return ms - years_ms if ms % _HOUR_MS == 0 else ms - years_ms + more_ms


def _prefix(text: str) -> int:
    return 2 if text.startswith("c-") else 0 if re.fullmatch("[0-9a-f]{16}", text) else 1
