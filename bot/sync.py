"""Reads a platform's directory and brings it in: the network first, then everything in one unit of work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from connectors.clock import Clock
from connectors.contract import Connector, DirectoryDepartment, DirectoryPerson
from connectors.errors import PlatformError
from handlers.audit.facts import Origin
from handlers.errors import DatabaseBusy
from handlers.mailroom import due
from handlers.mailroom.due import Due
from handlers.people import roles as people_roles
from handlers.people import sync
from handlers.people.plan import Plan
from handlers.people.roles import RolesSet
from handlers.transaction import Database, Transaction

log = structlog.get_logger(__name__)

_RENEW_S = 20.0

Roles = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one sync did, or would do in a dry run. `applied` is False for dry runs and refusals."""

    account: str
    members: int
    departments: int
    plan: Plan
    roles: RolesSet
    applied: bool


class _Moved(Exception):
    """The due row was asked for again while we read: what we read is too old."""


async def sync_account(
    database: Database,
    connector: Connector,
    clock: Clock,
    *,
    roles: Roles | None = None,
    dry_run: bool = False,
    origin: Origin | None = None,
    row: Due | None = None,
) -> Report:
    """One account's directory into our tables; `roles` of `office.yaml` are given out anew, as posts may have changed.

    `row`, if this was due, is finished in the same unit. Raises PlatformError when the directory cannot be read and
    `DatabaseBusy`; then nothing changed.
    """
    people = await connector.people()
    departments = await connector.departments()
    now = clock.now()
    by = origin or Origin(account=connector.account, door="directory")

    async def unit(tx: Transaction) -> Report:
        report = await _bring_in(
            tx, connector.account, people, departments, roles=roles, dry_run=dry_run, now=now, origin=by
        )
        if row is not None and not await due.finish(tx, row):
            raise _Moved
        return report

    report = await (database.read(unit) if dry_run else database.write(unit))
    _log(report)
    return report


async def on_due(
    row: Due, *, database: Database, connectors: Mapping[str, Connector], clock: Clock, roles: Callable[[], Roles]
) -> None:
    """Runs a due row of the kind `roster.handler.KIND` outside of transactions, and ends it: done, or again later.

    When it was asked for again meanwhile, nothing is done: it will come up again.
    """
    connector = connectors.get(row.payload["account"])
    if connector is None:  # the account was taken out of office.yaml
        await database.write(partial(due.finish, due=row))
        return
    keeping = asyncio.create_task(_keep(row, database, clock))
    try:
        await sync_account(database, connector, clock, roles=roles(), row=row)
    except _Moved:
        return
    except (PlatformError, DatabaseBusy) as error:
        log.warning("people.sync_failed", account=connector.account, error=type(error).__name__)
        await database.write(partial(due.later, due=row, error=type(error).__name__, now=clock.now()))
    finally:
        keeping.cancel()


async def _keep(row: Due, database: Database, clock: Clock) -> None:
    """Reading a large directory takes longer than a lease."""
    while True:
        await asyncio.sleep(_RENEW_S)
        with contextlib.suppress(DatabaseBusy):
            await database.write(partial(due.renew, due=row, now=clock.now()))


async def _bring_in(
    tx: Transaction,
    account: str,
    people: Sequence[DirectoryPerson],
    departments: Sequence[DirectoryDepartment],
    *,
    roles: Roles | None,
    dry_run: bool,
    now: datetime,
    origin: Origin,
) -> Report:
    plan = await sync.bring_in(tx, people, departments, account=account, now=now, origin=origin, dry_run=dry_run)
    applied = not dry_run and not plan.refusals
    given = RolesSet()
    if applied and roles is not None:
        given = await people_roles.set_roles(tx, roles, now=now, origin=origin)
    return Report(
        account=account, members=len(people), departments=len(departments), plan=plan, roles=given, applied=applied
    )


def _log(report: Report) -> None:
    """Numbers only: names of people have no place in a log."""
    plan = report.plan
    log.info(
        "people.sync", account=report.account, applied=report.applied, members=report.members,
        joined=len(plan.joined), changed=len(plan.changed), left=len(plan.left), linked=len(plan.linked),
        unlinked=len(plan.unlinked), doubts=len(plan.doubts), refused=[doubt.code for doubt in plan.refusals],
    )  # fmt: skip
