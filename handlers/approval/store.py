"""Items in the tables: load, lock, save. Handlers get frozen records, nobody else sees a row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json

from handlers import ids
from handlers.approval import engine
from handlers.approval.engine.records import changed
from handlers.approval.standins import proxies, proxy_store
from handlers.transaction import Row, Transaction, from_ms, to_ms

_STEPS: TypeAdapter[tuple[engine.Step, ...]] = TypeAdapter(tuple[engine.Step, ...])
_DECISION: TypeAdapter[engine.Decision] = TypeAdapter(engine.Decision)
_beside = attrgetter("back", "readers", "asked", "unattended")
"""What `_rest` keeps of a request."""
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
_WITH_DECISIONS = """
    SELECT i.*, d.step, d.person, d.act, d.on_behalf, d.opinion, d.detail, d.at_ms
    FROM item i LEFT JOIN decision d ON d.item = i.id WHERE i.id = ? ORDER BY d.id
"""
_OWN_COLUMNS = {"step", "person", "verb", "at", "opinion", "on_behalf"}
_further = attrgetter(*(one.name for one in fields(engine.Decision) if one.name not in _OWN_COLUMNS))
_NOTHING_FURTHER = _further(engine.Decision(step=0, person="", verb=engine.Verb.APPROVE, at=from_ms(0)))

_AT_ONCE = 400
"""Values of one statement."""


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
    used: Mapping[str, Any] = field(default_factory=dict)  # what a submission saw, on its way into the fact

    @property
    def id(self) -> str:
        return self.request.id


def new_id(now: datetime) -> str:
    """Fourteen characters a person can read out, of the second and of chance."""
    return f"i{ids.new(now, chance=7)}"


async def load(tx: Transaction, item: str) -> Item | None:
    rows = await tx.fetch(_WITH_DECISIONS, item)
    if not rows:
        return None
    return _item(rows[0], [_decision(row) for row in rows if row["act"] is not None])


async def lock(tx: Transaction, item: str) -> Item | None:
    """`load` for somebody who is going to change it: two at once wait for each other.

    The statement that waits for the row would still see the decisions as they were when it began: the next one loads.
    """
    if tx.dialect == "postgres":
        await tx.first("SELECT id FROM item WHERE id = ? FOR UPDATE", item)
    return await load(tx, item)


async def numbered(tx: Transaction, number: int) -> Item | None:
    row = await tx.first("SELECT * FROM item WHERE number = ? AND number > 0", number)
    return _item(row, await _decisions(tx, row["id"])) if row else None


async def add(tx: Transaction, item: Item) -> None:
    request = item.request
    await tx.execute(
        "INSERT INTO item (id, number, form, form_version, applicant, state, version, current, fields_json, route_json,"
        " rest_json, created_ms, changed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        request.id,
        item.number,
        item.form,
        item.form_version,
        request.applicant,
        request.state.value,
        request.version,
        request.current,
        _json(item.fields),
        dump_steps(request.steps),
        _rest(request),
        to_ms(item.created),
        to_ms(item.changed),
    )
    await save_waiting(tx, item, now=item.changed)


async def save(tx: Transaction, item: Item, *, before: Item) -> tuple[str, ...]:
    """Writes what has changed since `before`, the item as it stands in the table; returns whose turn it became."""
    request, was = item.request, before.request
    new = _changed(item, before)
    marks = ", ".join(f"{name} = ?" for name in new)
    await tx.later(f"UPDATE item SET {marks} WHERE id = ?", *new.values(), request.id)
    for decision in request.decisions[len(was.decisions) :]:
        await _add_decision(tx, request.id, decision)
    if was.state is not request.state or was.version != request.version or _promised(request):
        return await save_waiting(tx, item, now=item.changed)
    return ()


def _changed(item: Item, before: Item) -> dict[str, str | int]:
    """Column -> value. What an index has is left alone where it is the same: SQLite would write its entry anew."""
    request, was = item.request, before.request
    found: dict[str, str | int] = {
        "version": request.version, "current": request.current, "changed_ms": to_ms(item.changed)
    }
    if was.state is not request.state:
        found["state"] = request.state.value
    if was.steps is not request.steps:
        found["route_json"] = dump_steps(request.steps)
    if _beside(was) != _beside(request):
        found["rest_json"] = _rest(request)
    if before.number != item.number:
        found["number"] = item.number
    if before.fields is not item.fields:
        found["fields_json"] = _json(item.fields)
    return found


def _promised(request: engine.Request) -> bool:
    """What is held or undone takes a turn or gives it back without a new version."""
    return bool(request.decisions) and request.decisions[-1].verb in (engine.Verb.HOLD, engine.Verb.UNDO)


async def waiting(tx: Transaction, person: str, *, limit: int = 20) -> list[Item]:
    """The oldest items that wait for this person."""
    rows = await tx.fetch(
        "SELECT i.* FROM waiting w JOIN item i ON i.id = w.item WHERE w.person = ? ORDER BY w.since_ms, w.id LIMIT ?",
        person,
        limit,
    )
    return [_item(row, ()) for row in rows]


async def waited_for(tx: Transaction, item: str) -> tuple[str, ...]:
    """Everybody whose act the item waits for, those who stand in for somebody among them."""
    rows = await tx.fetch("SELECT person FROM waiting WHERE item = ? ORDER BY id", item)
    return tuple(row["person"] for row in rows)


async def turning_on(tx: Transaction, person: str) -> list[Item]:
    """Everything that waits for this person, in their own right or for another, or for somebody in their place."""
    rows = await tx.fetch(
        "SELECT i.* FROM item i WHERE i.id IN (SELECT item FROM waiting WHERE person = ? OR principal = ?)"
        " ORDER BY i.created_ms, i.id",
        person,
        person,
    )
    return [_item(row, await _decisions(tx, row["id"])) for row in rows]


async def done_for(tx: Transaction, principal: str, *, since: datetime) -> list[tuple[Item, str, str]]:
    """(item, verb, person) of what was decided in the principal's place and came into effect, in order."""
    rows = await tx.fetch(
        "SELECT i.*, d.act AS done, d.person AS doer FROM decision d JOIN item i ON i.id = d.item"
        " WHERE d.on_behalf = ? AND d.at_ms >= ? AND d.act NOT IN ('hold', 'undo') ORDER BY d.id",
        principal,
        to_ms(since),
    )
    return [(_item(row, ()), row["done"], row["doer"]) for row in rows]


async def running(tx: Transaction) -> list[Item]:
    """Every item on its way: for a hand-over, which looks at steps to come as well."""
    rows = await tx.fetch("SELECT * FROM item WHERE state IN ('pending', 'returned') ORDER BY created_ms, id")
    return [_item(row, await _decisions(tx, row["id"])) for row in rows]


async def approved_since(tx: Transaction, forms: Iterable[str], *, since: datetime) -> list[Item]:
    """Items of these forms that are approved and were touched since, without their decisions."""
    names = tuple(forms)
    marks = ", ".join("?" * len(names))
    rows = await tx.fetch(
        f"SELECT * FROM item WHERE form IN ({marks}) AND state = 'approved' AND changed_ms >= ?"
        " ORDER BY changed_ms, id",
        *names,
        to_ms(since),
    )
    return [_item(row, ()) for row in rows]


async def approved(tx: Transaction, ids: Sequence[str]) -> list[Item]:
    """Those of these items that are approved, without their decisions."""
    found: list[Item] = []
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        # By id, not by state (hence `|| ''`): all that were ever approved are many.
        rows = await tx.fetch(f"SELECT * FROM item WHERE id IN ({marks}) AND state || '' = 'approved'", *some)
        found += [_item(row, ()) for row in rows]
    return found


async def count_waiting(tx: Transaction, person: str) -> int:
    row = await tx.first("SELECT COUNT(*) AS n FROM waiting WHERE person = ?", person)
    return int(row["n"]) if row else 0


async def waiting_by_person(tx: Transaction) -> list[tuple[str, int, datetime]]:
    """(person, how many, the oldest since) of what waits for anybody, longest wait first: the digest's list.

    Counted by the database: with 300,000 slips the rows alone would hold the writer up for half a minute.
    """
    rows = await tx.fetch(
        "SELECT person, COUNT(*) AS number, MIN(since_ms) AS since_ms FROM waiting WHERE principal = ''"
        " GROUP BY person ORDER BY MIN(since_ms), person"
    )
    return [(row["person"], row["number"], from_ms(row["since_ms"])) for row in rows]


async def of_applicant(tx: Transaction, person: str, *, limit: int = 5) -> list[Item]:
    """The person's own latest items, newest first, drafts left out."""
    rows = await tx.fetch(
        "SELECT * FROM item WHERE applicant = ? AND state NOT IN ('draft', 'discarded')"
        " ORDER BY created_ms DESC, id LIMIT ?",
        person,
        limit,
    )
    return [_item(row, await _decisions(tx, row["id"])) for row in rows]


async def decided_by(tx: Transaction, person: str, *, limit: int = 20) -> list[Item]:
    """Other people's items on which this person has acted, the last touched first."""
    rows = await tx.fetch(
        # Back along the index of their decisions, so that years of them are not gathered for the last twenty.
        "SELECT i.* FROM decision d JOIN item i ON i.id = d.item WHERE d.person = ? AND i.applicant <> ?"
        " AND NOT EXISTS (SELECT 1 FROM decision n WHERE n.item = d.item AND n.person || '' = d.person"
        " AND n.id > d.id)"
        " ORDER BY d.id DESC LIMIT ?",
        person, person, limit,
    )  # fmt: skip
    return [_item(row, await _decisions(tx, row["id"])) for row in rows]


async def approved_of(tx: Transaction, person: str, forms: Sequence[str], *, limit: int) -> list[Item]:
    """The person's own approved items of these forms, newest first, without their decisions."""
    marks = ", ".join("?" * len(forms))
    rows = await tx.fetch(
        # By applicant, not by state (hence `|| ''`): all that were ever approved are many.
        f"SELECT * FROM item WHERE applicant = ? AND state || '' = 'approved' AND form IN ({marks})"
        " ORDER BY number DESC LIMIT ?",
        person, *forms, limit,
    )  # fmt: skip
    return [_item(row, ()) for row in rows]


async def naming(tx: Transaction, named: str, *, form: str) -> list[Item]:
    """The items of this form under way or approved whose fields mention this id, without their decisions."""
    rows = await tx.fetch(
        "SELECT * FROM item WHERE form = ? AND state IN ('pending', 'returned', 'approved') AND fields_json LIKE ?"
        " ORDER BY number",
        form, f'%"{named}"%',
    )  # fmt: skip
    return [_item(row, ()) for row in rows]


async def drafts(tx: Transaction, person: str) -> list[Item]:
    rows = await tx.fetch("SELECT * FROM item WHERE applicant = ? AND state = 'draft'", person)
    return [_item(row, ()) for row in rows]


def with_request(item: Item, request: engine.Request, *, now: datetime) -> Item:
    return changed(item, request=request, changed=now)


async def _add_decision(tx: Transaction, item: str, decision: engine.Decision) -> None:
    row = decision_columns(decision)
    columns, marks = ", ".join(row), ", ".join("?" * (len(row) + 1))
    await tx.later(f"INSERT INTO decision (item, {columns}) VALUES ({marks})", item, *row.values())


def decision_columns(decision: engine.Decision) -> dict[str, str | int]:
    """Column -> value of what somebody did, without the item."""
    return {
        "step": decision.step, "person": decision.person, "act": decision.verb.value,
        "on_behalf": decision.on_behalf, "opinion": decision.opinion, "detail": _json(detail(decision)),
        "account": "", "at_ms": to_ms(decision.at),
    }  # fmt: skip


def engine_columns(request: engine.Request) -> dict[str, str | int]:
    """Column -> value of what the engine keeps of an item."""
    return {
        "state": request.state.value, "version": request.version, "current": request.current,
        "route_json": dump_steps(request.steps), "rest_json": _rest(request),
    }  # fmt: skip


def dump_fields(fields: Mapping[str, Any]) -> str:
    """The form's content as it stands in the table."""
    return _json(fields)


async def save_waiting(tx: Transaction, item: Item, *, now: datetime) -> tuple[str, ...]:
    """Makes the table say whose turn it is at this moment; returns the people who are new there."""
    wanted = await turns(tx, item, now=now)
    if not wanted:
        await tx.later("DELETE FROM waiting WHERE item = ?", item.id)
        return ()
    rows = await tx.fetch("SELECT person, principal FROM waiting WHERE item = ?", item.id)
    present = {row["person"]: row["principal"] for row in rows}
    for person in sorted(present.keys() - wanted.keys()):
        await tx.execute("DELETE FROM waiting WHERE item = ? AND person = ?", item.id, person)
    new = tuple(sorted(wanted.keys() - present.keys()))
    for person, principal in wanted.items():
        if present.get(person) != principal:
            await tx.execute(
                "INSERT INTO waiting (item, person, principal, since_ms) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (item, person) DO UPDATE SET principal = excluded.principal",
                item.id, person, principal, to_ms(now),
            )  # fmt: skip
    return new


async def turns(tx: Transaction, item: Item, *, now: datetime) -> dict[str, str]:
    """person -> "" for their own turn, or whose turn it is that they may use; never the applicant."""
    own = engine.waiting_for(item.request)
    if not own:
        return {}
    found = dict.fromkeys(own, "")
    in_force = await proxy_store.in_force(tx, at=now)
    for principal in own:
        for person in proxies.stand_ins(principal, in_force, form=item.form, at=now):
            if engine.may_stand_in(item.request, person, principal=principal):
                found.setdefault(person, principal)
    return found


async def _decisions(tx: Transaction, item: str) -> tuple[engine.Decision, ...]:
    rows = await tx.fetch(
        "SELECT step, person, act, on_behalf, opinion, detail, at_ms FROM decision WHERE item = ? ORDER BY id", item
    )
    return tuple(_decision(row) for row in rows)


def _decision(row: Row) -> engine.Decision:
    """Most decisions have no detail; pydantic is asked only for those that do."""
    own = {"step": row["step"], "person": row["person"], "verb": engine.Verb(row["act"]), "opinion": row["opinion"],
           "on_behalf": row["on_behalf"], "at": from_ms(row["at_ms"])}  # fmt: skip
    if row["detail"] in ("", "{}"):
        return engine.Decision(**own)
    return _DECISION.validate_python({**json.loads(row["detail"]), **own})


def _item(row: Row, decisions: Sequence[engine.Decision]) -> Item:
    rest = from_json(row["rest_json"])
    request = engine.Request(
        id=row["id"],
        applicant=row["applicant"],
        state=engine.State(row["state"]),
        version=row["version"],
        steps=load_steps(row["route_json"]),
        decisions=tuple(decisions),
        readers=tuple(rest.get("readers", ())),
        asked=tuple(rest.get("asked", ())),
        back=engine.Back(**rest["back"]) if "back" in rest else None,
        unattended=rest.get("unattended", ""),
    )
    return Item(
        request=request,
        form=row["form"],
        form_version=row["form_version"],
        number=row["number"],
        fields=from_json(row["fields_json"]),
        created=from_ms(row["created_ms"]),
        changed=from_ms(row["changed_ms"]),
    )


def load_steps(text: str) -> tuple[engine.Step, ...]:
    """The inverse of `dump_steps`."""
    return _STEPS.validate_json(text)


def dump_steps(steps: Sequence[engine.Step]) -> str:
    """A route as JSON text, without what is as it is by default."""
    return _STEPS.dump_json(tuple(steps), exclude_defaults=True).decode()


def decision_of(fact: Mapping[str, Any], *, at: datetime) -> engine.Decision:
    """The decision that a StepDecided fact tells of."""
    own = {name: fact[name] for name in ("step", "person", "verb", "opinion", "on_behalf")}
    return _DECISION.validate_python({**fact["detail"], **own, "at": at})


def detail(decision: engine.Decision) -> dict[str, Any]:
    """What of a decision has no column or field of its own, as JSON values; most have nothing."""
    if _further(decision) == _NOTHING_FURTHER:
        return {}
    values: dict[str, Any] = _DECISION.dump_python(
        decision, mode="json", exclude_defaults=True, exclude=_OWN_COLUMNS
    )
    return values


def _rest(request: engine.Request) -> str:
    back = {"back": {"step": request.back.step, "resume": request.back.resume}} if request.back else {}
    told = {"readers": request.readers, "asked": request.asked, "unattended": request.unattended}
    return _json({**back, **{name: value for name, value in told.items() if value}})
