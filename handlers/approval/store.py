"""Items in the tables: load, lock, save. Handlers get frozen records, nobody else sees a row."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from handlers.approval import engine
from handlers.transaction import Row, Transaction, from_ms, to_ms

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A slip with its engine state. `fields` is the form's content as JSON values; `number` what people call it by."""

    request: engine.Request
    form: str
    number: int
    fields: Mapping[str, Any]
    created: datetime
    changed: datetime
    form_version: str = ""

    @property
    def id(self) -> str:
        return self.request.id


def new_id() -> str:
    """Fourteen characters a person can read out: 70 bits, no letters that look like digits."""
    return "i" + "".join(secrets.choice(_ALPHABET) for _ in range(14))


async def load(tx: Transaction, item: str) -> Item | None:
    row = await tx.first("SELECT * FROM item WHERE id = ?", item)
    return _item(row, await _decisions(tx, item)) if row else None


async def lock(tx: Transaction, item: str) -> Item | None:
    """`load` for somebody who is going to change it: two at once wait for each other."""
    suffix = " FOR UPDATE" if tx.dialect == "postgres" else ""
    row = await tx.first(f"SELECT * FROM item WHERE id = ?{suffix}", item)
    return _item(row, await _decisions(tx, item)) if row else None


async def numbered(tx: Transaction, number: int) -> Item | None:
    row = await tx.first("SELECT * FROM item WHERE number = ? AND number > 0", number)
    return _item(row, await _decisions(tx, row["id"])) if row else None


async def add(tx: Transaction, item: Item) -> None:
    request = item.request
    await tx.execute(
        "INSERT INTO item (id, number, form, form_version, applicant, state, version, current, fields_json, route_json,"
        " created_ms, changed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        request.id,
        item.number,
        item.form,
        item.form_version,
        request.applicant,
        request.state.value,
        request.version,
        request.current,
        _json(item.fields),
        _route(request.steps),
        to_ms(item.created),
        to_ms(item.changed),
    )
    await _save_waiting(tx, request, item.changed)


async def save(tx: Transaction, item: Item, *, before: engine.Request | None = None) -> None:
    """Writes state, route and fields, and the decisions that `before` did not have yet."""
    request = item.request
    await tx.execute(
        "UPDATE item SET number = ?, state = ?, version = ?, current = ?, fields_json = ?, route_json = ?,"
        " changed_ms = ? WHERE id = ?",
        item.number,
        request.state.value,
        request.version,
        request.current,
        _json(item.fields),
        _route(request.steps),
        to_ms(item.changed),
        request.id,
    )
    for decision in request.decisions[len(before.decisions) if before else 0 :]:
        await _add_decision(tx, request.id, decision)
    if before is None or before.state is not request.state or before.version != request.version:
        await _save_waiting(tx, request, item.changed)


async def waiting(tx: Transaction, person: str, *, limit: int = 20) -> list[Item]:
    """The oldest items that wait for this person."""
    rows = await tx.fetch(
        "SELECT i.* FROM waiting w JOIN item i ON i.id = w.item WHERE w.person = ? ORDER BY w.since_ms, w.id LIMIT ?",
        person,
        limit,
    )
    return [_item(row, ()) for row in rows]


async def count_waiting(tx: Transaction, person: str) -> int:
    row = await tx.first("SELECT COUNT(*) AS n FROM waiting WHERE person = ?", person)
    return int(row["n"]) if row else 0


async def all_waiting(tx: Transaction) -> list[tuple[str, Item, datetime]]:
    """(person, item, since) of everything that waits for anybody: the digest's list."""
    rows = await tx.fetch(
        "SELECT w.person AS waiting_person, w.since_ms AS since_ms, i.* FROM waiting w JOIN item i ON i.id = w.item"
        " ORDER BY w.since_ms, w.id"
    )
    return [(row["waiting_person"], _item(row, ()), from_ms(row["since_ms"])) for row in rows]


async def of_applicant(tx: Transaction, person: str, *, limit: int = 5) -> list[Item]:
    """The person's own latest items, newest first, drafts left out."""
    rows = await tx.fetch(
        "SELECT * FROM item WHERE applicant = ? AND state NOT IN ('draft', 'discarded')"
        " ORDER BY created_ms DESC, id LIMIT ?",
        person,
        limit,
    )
    return [_item(row, await _decisions(tx, row["id"])) for row in rows]


async def drafts(tx: Transaction, person: str) -> list[Item]:
    rows = await tx.fetch("SELECT * FROM item WHERE applicant = ? AND state = 'draft'", person)
    return [_item(row, ()) for row in rows]


def with_request(item: Item, request: engine.Request, *, now: datetime) -> Item:
    return replace(item, request=request, changed=now)


async def _add_decision(tx: Transaction, item: str, decision: engine.Decision) -> None:
    await tx.execute(
        "INSERT INTO decision (item, step, person, act, opinion, account, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
        item,
        decision.step,
        decision.person,
        decision.verb.value,
        decision.opinion,
        "",
        to_ms(decision.at),
    )


async def _save_waiting(tx: Transaction, request: engine.Request, now: datetime) -> None:
    wanted = set(engine.waiting_for(request))
    present = {row["person"] for row in await tx.fetch("SELECT person FROM waiting WHERE item = ?", request.id)}
    for person in sorted(present - wanted):
        await tx.execute("DELETE FROM waiting WHERE item = ? AND person = ?", request.id, person)
    for person in sorted(wanted - present):
        await tx.execute(
            "INSERT INTO waiting (item, person, since_ms) VALUES (?, ?, ?)", request.id, person, to_ms(now)
        )


async def _decisions(tx: Transaction, item: str) -> tuple[engine.Decision, ...]:
    rows = await tx.fetch("SELECT step, person, act, opinion, at_ms FROM decision WHERE item = ? ORDER BY id", item)
    return tuple(
        engine.Decision(
            step=row["step"],
            person=row["person"],
            verb=engine.Verb(row["act"]),
            opinion=row["opinion"],
            at=from_ms(row["at_ms"]),
        )
        for row in rows
    )


def _item(row: Row, decisions: Sequence[engine.Decision]) -> Item:
    request = engine.Request(
        id=row["id"],
        applicant=row["applicant"],
        state=engine.State(row["state"]),
        version=row["version"],
        current=row["current"],
        steps=_steps(row["route_json"]),
        decisions=tuple(decisions),
    )
    return Item(
        request=request,
        form=row["form"],
        form_version=row["form_version"],
        number=row["number"],
        fields=json.loads(row["fields_json"]),
        created=from_ms(row["created_ms"]),
        changed=from_ms(row["changed_ms"]),
    )


def _steps(text: str) -> tuple[engine.Step, ...]:
    return tuple(
        engine.Step(name=step["name"], approvers=tuple(step["approvers"]), rule=engine.Rule(step["rule"]))
        for step in json.loads(text)
    )


def _route(steps: Sequence[engine.Step]) -> str:
    return _json([{"name": s.name, "approvers": list(s.approvers), "rule": s.rule.value} for s in steps])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
