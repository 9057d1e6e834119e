"""Proxies in their table; a few rows are in force at a time, so all of them are read and the pure part chooses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, cast

from handlers.approval.standins import proxies
from handlers.approval.standins.proxies import Proxy
from handlers.transaction import Row, Transaction, from_ms, to_ms

_KNOWN: Final = "proxies"
_NEVER: Final[tuple[datetime, tuple[Proxy, ...]]] = (datetime.max.replace(tzinfo=UTC), ())
"""Read so late that nobody may use it."""


async def add(tx: Transaction, proxy: Proxy, *, now: datetime) -> Proxy:
    """Writes it and returns it with its id."""
    _forget(tx)
    row = await tx.first(
        "INSERT INTO proxy (principal, proxy, begin_ms, end_ms, forms, source, ended_ms, given_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, NULL, ?) RETURNING *",
        proxy.principal,
        proxy.proxy,
        to_ms(proxy.begin),
        to_ms(proxy.end),
        " ".join(sorted(proxy.forms)),
        proxy.source,
        to_ms(now),
    )
    assert row is not None
    return _proxy(row)


async def end(tx: Transaction, id: int, *, now: datetime) -> bool:
    """False when it was over already."""
    _forget(tx)
    return await tx.execute("UPDATE proxy SET ended_ms = ? WHERE id = ? AND ended_ms IS NULL", to_ms(now), id) == 1


async def find(tx: Transaction, id: int) -> Proxy | None:
    """One that was not ended, whether its time has come or is over."""
    row = await tx.first("SELECT * FROM proxy WHERE id = ? AND ended_ms IS NULL", id)
    return _proxy(row) if row else None


async def in_force(tx: Transaction, *, at: datetime) -> list[Proxy]:
    """Every event asks and hardly any changes them: those that were not over when they were read are remembered."""
    since, known = cast("tuple[datetime, tuple[Proxy, ...]]", tx.people.get(_KNOWN, _NEVER))
    if at < since:
        rows = await tx.fetch("SELECT * FROM proxy WHERE end_ms > ? AND ended_ms IS NULL ORDER BY id", to_ms(at))
        known = tuple(_proxy(row) for row in rows)
        tx.people[_KNOWN] = (at, known)
    return [one for one in known if one.begin <= at < one.end]


async def of_principal(tx: Transaction, person: str, *, at: datetime) -> list[Proxy]:
    """What this person gave and is in force or still to come."""
    rows = await tx.fetch(
        "SELECT * FROM proxy WHERE principal = ? AND end_ms > ? AND ended_ms IS NULL ORDER BY id", person, to_ms(at)
    )
    return [_proxy(row) for row in rows]


async def of_proxy(tx: Transaction, person: str, *, at: datetime) -> list[Proxy]:
    """What was given to this person and is in force or still to come."""
    rows = await tx.fetch(
        "SELECT * FROM proxy WHERE proxy = ? AND end_ms > ? AND ended_ms IS NULL ORDER BY id", person, to_ms(at)
    )
    return [_proxy(row) for row in rows]


async def of_source(tx: Transaction, item: str) -> list[Proxy]:
    rows = await tx.fetch("SELECT * FROM proxy WHERE source = ? AND ended_ms IS NULL ORDER BY id", item)
    return [_proxy(row) for row in rows]


async def principals(tx: Transaction, person: str, *, form: str, at: datetime) -> tuple[str, ...]:
    """For whom `person` stands in: what `engine.authorise` takes."""
    return proxies.principals(person, await in_force(tx, at=at), form=form, at=at)


def _forget(tx: Transaction) -> None:
    tx.people.pop(_KNOWN, None)


def _proxy(row: Row) -> Proxy:
    return Proxy(
        id=row["id"],
        principal=row["principal"],
        proxy=row["proxy"],
        begin=from_ms(row["begin_ms"]),
        end=from_ms(row["end_ms"]),
        forms=frozenset(row["forms"].split()),
        source=row["source"],
    )
