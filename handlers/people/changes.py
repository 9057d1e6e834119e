"""Carries out a plan: rows and facts in one transaction. The only writer of `person` and `person_account`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from connectors.refs import PersonRef
from handlers.audit import log
from handlers.audit.facts import Fact, Origin, canonical
from handlers.people import directory, facts
from handlers.people.plan import FIELDS, Change, Known, Link, Plan
from handlers.transaction import Transaction, to_ms

_LOCK = 0x9E0913  # any constant that no other advisory lock of ours has


async def present(tx: Transaction) -> list[Known]:
    """Everybody ever known, leavers too, by id: what a plan starts from.

    In a writing unit, two plans at once wait for each other here: both would otherwise add the same newcomer.
    """
    if tx.dialect == "postgres":
        await tx.fetch(f"SELECT pg_advisory_xact_lock({_LOCK})")
    accounts: dict[str, dict[PersonRef, str]] = {}
    for row in await tx.fetch("SELECT person, account, platform_id, union_id FROM person_account ORDER BY id"):
        accounts.setdefault(row["person"], {})[PersonRef(row["account"], row["platform_id"])] = row["union_id"]
    apart: dict[str, set[PersonRef]] = {}
    for row in await tx.fetch("SELECT person, account, platform_id FROM account_apart"):
        apart.setdefault(row["person"], set()).add(PersonRef(row["account"], row["platform_id"]))
    rows = await tx.fetch("SELECT * FROM person ORDER BY id")
    return [
        Known(
            person=directory.from_row(row),
            accounts=accounts.get(row["id"], {}),
            sources=json.loads(row["sources"] or "{}"),
            left_by=row["left_by"],
            apart=frozenset(apart.get(row["id"], ())),
        )
        for row in rows
    ]


async def apply(tx: Transaction, plan: Plan, *, now: datetime, origin: Origin) -> None:
    """Raises ValueError for a plan with refusals. A plan that is `empty` writes nothing and records nothing."""
    if plan.refusals:
        raise ValueError("a plan with refusals is not applied")
    # An account may move from one person to another: all ends come before all beginnings.
    for link in plan.unlinked:
        await _unlink(tx, link)
    for known in plan.joined:
        await _insert(tx, known, now)
    for change in plan.changed:
        await _update(tx, change, now)
    for person in plan.left:
        await tx.execute(
            "UPDATE person SET active = 0, left_by = ?, updated_ms = ? WHERE id = ?",
            plan.left_by,
            to_ms(now),
            person.id,
        )
    for link in plan.linked:
        await _link(tx, link)
    for link in plan.apart:
        await _keep_apart(tx, link)
    directory.forget(tx)
    for fact in _facts(plan):
        await log.record(tx, fact, origin=origin, now=now)


async def rename(tx: Transaction, old: PersonRef, new: PersonRef, *, now: datetime, origin: Origin) -> bool:
    """The platform gave an account another id. False when `old` is nobody's, or `new` is somebody's already."""
    row = await tx.first(
        "SELECT person, union_id FROM person_account WHERE account = ? AND platform_id = ?", old.account, old.id
    )
    taken = await tx.first(
        "SELECT person FROM person_account WHERE account = ? AND platform_id = ?", new.account, new.id
    )
    if row is None or taken is not None:
        return False
    link = Link(person=row["person"], ref=new, union_id=row["union_id"])
    plan = Plan(linked=(link,), unlinked=(Link(person=row["person"], ref=old),))
    await apply(tx, plan, now=now, origin=origin)
    return True


def _facts(plan: Plan) -> Iterator[Fact]:
    for link in plan.unlinked:
        yield facts.AccountUnlinked(person=link.person, account=link.ref.account, platform_id=link.ref.id)
    for known in plan.joined:
        yield facts.PersonJoined(person=known.id, record=_record(known))
    for change in plan.changed:
        yield from _changed(change)
    for person in plan.left:
        yield facts.PersonLeft(person=person.id, by=plan.left_by)
    for link in plan.apart:
        yield facts.AccountKeptApart(person=link.person, account=link.ref.account, platform_id=link.ref.id)
    for link in plan.linked:
        yield facts.AccountLinked(
            person=link.person, account=link.ref.account, platform_id=link.ref.id, union_id=link.union_id
        )


def _changed(change: Change) -> Iterator[Fact]:
    if change.returned:
        yield facts.PersonReturned(person=change.after.id)
    before, after = _record(change.before), _record(change.after)
    changes = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    if changes:
        yield facts.PersonChanged(person=change.after.id, fields=tuple(changes), changes=changes)


def _record(known: Known) -> dict[str, str]:
    """The columns that a plan sets, as text."""
    sources = canonical(dict(known.sources)) if known.sources else ""
    return {name: getattr(known.person, name) for name in FIELDS} | {"sources": sources}


async def _insert(tx: Transaction, known: Known, now: datetime) -> None:
    record = _record(known)
    columns = ", ".join(["id", *record, "active", "left_by", "updated_ms"])
    marks = ", ".join("?" * (len(record) + 4))
    await tx.execute(f"INSERT INTO person ({columns}) VALUES ({marks})", known.id, *record.values(), 1, "", to_ms(now))


async def _update(tx: Transaction, change: Change, now: datetime) -> None:
    record = _record(change.after)
    columns = ", ".join(f"{name} = ?" for name in record)
    await tx.execute(
        f"UPDATE person SET {columns}, active = 1, left_by = '', updated_ms = ? WHERE id = ?",
        *record.values(), to_ms(now), change.after.id,
    )  # fmt: skip


async def _unlink(tx: Transaction, link: Link) -> None:
    await tx.execute(
        "DELETE FROM person_account WHERE account = ? AND platform_id = ? AND person = ?",
        link.ref.account, link.ref.id, link.person,
    )  # fmt: skip


async def _keep_apart(tx: Transaction, link: Link) -> None:
    await tx.execute(
        "INSERT INTO account_apart (account, platform_id, person) VALUES (?, ?, ?)"
        " ON CONFLICT (account, platform_id, person) DO NOTHING",
        link.ref.account, link.ref.id, link.person,
    )  # fmt: skip


async def _link(tx: Transaction, link: Link) -> None:
    await tx.execute(
        "DELETE FROM account_apart WHERE account = ? AND platform_id = ? AND person = ?",
        link.ref.account, link.ref.id, link.person,
    )  # fmt: skip
    touched = await tx.execute(
        "INSERT INTO person_account (account, platform_id, person, union_id) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (account, platform_id) DO UPDATE SET union_id = excluded.union_id"
        " WHERE person_account.person = excluded.person",
        link.ref.account, link.ref.id, link.person, link.union_id,
    )  # fmt: skip
    if touched != 1:
        raise ValueError("the account is somebody else's: the plan is older than the tables")
