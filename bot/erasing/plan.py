"""What an erasure would take: found and shown first, carried out only as it was shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from handlers.approval import facts as approval_facts
from handlers.approval.engine import OPEN, State
from handlers.audit import by_kind
from handlers.calendar import facts as calendar_facts
from handlers.notice import facts as notice_facts
from handlers.people import facts as people_facts
from handlers.transaction import Row, Transaction, to_ms

SIX_MONTHS: Final = timedelta(days=184)
"""Logs are kept for at least as long: 网络安全法 art. 23(3)."""

SECURITY: Final = frozenset(
    {
        people_facts.SignInRefused.KIND,
        people_facts.LinkRefused.KIND,
        people_facts.DirectoryDoubted.KIND,
        approval_facts.SlipChecked.KIND,
    }
)
"""Facts of the security log that have personal values."""

SPOKEN: Final = frozenset({"evidence", "changes", "files"})
"""Of a decision's detail, what people put in; the rest only says which way the item went."""

_OF_PERSON: Final = ("people.", calendar_facts.EntryKept.KIND, calendar_facts.ScheduleDiffered.KIND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`values` are (number of the fact, field); `items` ids with their numbers; `kept` is why what stays (code -> how
    many): open_items, fresh_log, ledger."""

    about: str
    person: bool
    values: tuple[tuple[int, str], ...]
    kinds: Mapping[str, int]
    items: Mapping[str, int]
    kept: Mapping[str, int] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """Six digits that only this very plan has."""
        text = json.dumps([self.about, self.values], separators=(",", ":"))
        return f"{int.from_bytes(sha256(text.encode()).digest()[:8]) % 1_000_000:06d}"


async def of_item(tx: Transaction, item: str, *, now: datetime) -> Plan:
    """Everything personal that the journal has about a finished item; an open one, or one of an absence that is not
    over yet, has `open_items`."""
    row = await tx.first("SELECT number, state, fields_json FROM item WHERE id = ?", item)
    if row is None or not _over(row, now):
        return Plan(about=item, person=False, values=(), kinds={}, items={}, kept={"open_items": 1})
    found = await _values(tx, "j.subject = ?", item)
    found += await _beside(tx, item)
    return _plan(item, found, {item: row["number"]}, person=False, kept={})


async def of_person(tx: Transaction, person: str, *, now: datetime) -> Plan:
    """Everything personal about somebody who has left: who they were, their calendar, their finished items. The leave
    ledger stays (it is kept for its own period), and what the security log must keep for six months."""
    found, fresh = [], 0
    for row in await _values(tx, "j.subject = ?", person):
        if row["kind"].startswith(_OF_PERSON):
            young = row["kind"] in SECURITY and row["recorded_ms"] > to_ms(now - SIX_MONTHS)
            fresh += young
            found += [] if young else [row]
    items, still_open = {}, 0
    found += await _said(tx, person)
    sql = "SELECT id, number, state, fields_json FROM item WHERE applicant = ? AND number > 0 ORDER BY id"
    for row in await tx.fetch(sql, person):
        if not _over(row, now):
            still_open += 1
            continue
        items[row["id"]] = row["number"]
        found += [*await _values(tx, "j.subject = ?", row["id"]), *await _beside(tx, row["id"])]
    entries = await tx.first("SELECT COUNT(*) AS n FROM leave_entry WHERE person = ?", person)
    kept = {"open_items": still_open, "fresh_log": fresh, "ledger": entries["n"] if entries else 0}
    return _plan(person, found, items, person=True, kept={code: number for code, number in kept.items() if number})


def _over(row: Row, now: datetime) -> bool:
    """Decided, and what it is about lies behind us: an approved leave can be cancelled until it ends."""
    state, end = State(row["state"]), str(json.loads(row["fields_json"]).get("end", ""))[:10]
    return state not in OPEN and (state is not State.APPROVED or end < now.date().isoformat())


def _plan(about: str, rows: Iterable[Row], items: Mapping[str, int], *, person: bool, kept: Mapping[str, int]) -> Plan:
    kinds: dict[str, int] = {}
    values: dict[tuple[int, str], None] = {}
    for row in rows:
        if row["field"] == "detail" and row["kind"] == approval_facts.StepDecided.KIND and not _spoken(row["value"]):
            continue
        if (row["journal"], row["field"]) not in values:
            kinds[row["kind"]] = kinds.get(row["kind"], 0) + 1
        values[row["journal"], row["field"]] = None
    return Plan(about=about, person=person, values=tuple(sorted(values)), kinds=kinds, items=items, kept=kept)


def _spoken(value: str) -> bool:
    detail: dict[str, Any] = json.loads(value)
    return bool(SPOKEN & detail.keys())


async def _values(tx: Transaction, where: str, *values: str) -> list[Row]:
    sql = (
        "SELECT p.journal, p.field, p.value, j.kind, j.recorded_ms FROM journal_personal p"
        f" JOIN journal j ON j.id = p.journal WHERE {where} AND j.kind NOT LIKE 'audit.%' AND j.kind NOT LIKE 'leave.%'"
    )
    return list(await tx.fetch(sql, *values))


async def _beside(tx: Transaction, item: str) -> list[Row]:
    """What other subjects' facts say of the item: papers given out of it, entries of calendars and bookings that it
    made."""
    issued = approval_facts.SlipIssued.KIND
    found = await _values(tx, f"{by_kind.among([issued])} AND j.body LIKE ?", issued, f'%"item":"{item}"%')
    for row in await tx.fetch("SELECT owner, uid FROM agenda_entry WHERE source = ?", item):
        uid = f'%"uid":"{row["uid"]}"%'
        found += await _values(tx, "j.subject = ? AND j.body LIKE ?", row["owner"], uid)
    for row in await tx.fetch("SELECT DISTINCT booking FROM reservation WHERE source = ?", item):
        kind = calendar_facts.Reserved.KIND
        found += await _values(tx, "j.subject = ? AND j.kind = ?", str(row["booking"]), kind)
    return found


async def _said(tx: Transaction, person: str) -> list[Row]:
    """What this person said beside items: answers to notices, bookings, places in a queue, reminders."""
    answered = notice_facts.NoticeAnswered.KIND
    found = await _values(
        tx, f"{by_kind.among([answered])} AND j.body LIKE ?", answered, f'%"person":"{person}"%'
    )
    for sql, prefix in (
        ("SELECT DISTINCT booking AS id FROM reservation WHERE person = ?", ""),
        ("SELECT id FROM wait_place WHERE person = ?", "wait-"),
        ("SELECT id FROM notice_repeated WHERE owner = ?", "r"),
    ):
        for row in await tx.fetch(sql, person):
            found += await _values(tx, "j.subject = ?", f"{prefix}{row['id']}")
    return found
