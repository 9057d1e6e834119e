"""Reads a platform's directory and brings it in: the network first, then everything in one unit of work."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from connectors.clock import Clock
from connectors.contract import Connector, DirectoryDepartment, DirectoryPerson
from connectors.errors import PlatformError
from handlers.approval.standins import leaving
from handlers.audit.facts import Origin
from handlers.context import Context, Office
from handlers.errors import DatabaseBusy
from handlers.mailroom import due
from handlers.mailroom.due import Due
from handlers.people import roles as people_roles
from handlers.people import sync
from handlers.people.plan import Plan
from handlers.people.roles import RolesSet
from handlers.people.sync import Brake
from handlers.roster import rules, telling
from handlers.transaction import Database, Transaction

log = structlog.get_logger(__name__)

_RENEW_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one sync did, or would do in a dry run. `applied` is False for dry runs and refusals.

    A refused plan says what it would have done all the same.
    """

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
    office: Office | None = None,
    dry_run: bool = False,
    confirmed: bool = False,
    origin: Origin | None = None,
    row: Due | None = None,
) -> Report:
    """One account's directory into our tables; the roles of `office` are given out anew, as posts may have changed.

    What leavers could do ends in the same unit, and administrators hear of them. `confirmed`: an administrator has seen
    that this removes many. A page that cannot be read fails the whole reading, so half a directory removes nobody.

    `row`, if this was due, is finished in the same unit. Raises PlatformError when the directory cannot be read and
    `DatabaseBusy`; then nothing changed.
    """
    people = await connector.people()
    departments = await connector.departments()
    now = clock.now()
    trace = secrets.token_hex(8)
    by = origin or Origin(account=connector.account, door="directory", trace=trace)
    reading = _Reading(connector.account, people, departments, confirmed=confirmed)

    async def unit(tx: Transaction) -> Report:
        ctx = Context(tx=tx, now=now, trace=trace, origin=by, office=office or Office())
        report = await reading.bring_in(ctx, roles=office is not None, dry_run=dry_run)
        if row is not None and not await due.finish(tx, row):
            raise _Moved
        return report

    report = await (database.read(unit) if dry_run else database.write(unit))
    _log(report)
    return report


async def on_due(
    row: Due, *, database: Database, connectors: Mapping[str, Connector], clock: Clock, office: Callable[[], Office]
) -> None:
    """Runs a due row of the kind `roster.handler.KIND` outside of transactions, and ends it: done, or again later.

    When it was asked for again meanwhile, nothing is done: it will come up again.
    """
    connector = connectors.get(row.payload["account"])
    if connector is None or not connector.capabilities.directory:  # taken out of office.yaml, or without contacts
        await database.write(partial(due.finish, due=row))
        return
    keeping = asyncio.create_task(_keep(row, database, clock))
    try:
        await sync_account(database, connector, clock, office=office(), row=row)
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


@dataclass(frozen=True, slots=True)
class _Reading:
    """A directory as it was read."""

    account: str
    people: Sequence[DirectoryPerson]
    departments: Sequence[DirectoryDepartment]
    confirmed: bool

    async def bring_in(self, ctx: Context, *, roles: bool, dry_run: bool) -> Report:
        brake: Brake | None = None if self.confirmed else rules.of(ctx.office).brake
        plan = await sync.bring_in(
            ctx.tx, self.people, self.departments, account=self.account, now=ctx.now, origin=ctx.origin,
            dry_run=dry_run, brake=brake,
        )  # fmt: skip
        given = RolesSet() if dry_run else await self._follow(ctx, plan, roles=roles)
        return Report(
            account=self.account, members=len(self.people), departments=len(self.departments), plan=plan, roles=given,
            applied=not dry_run and not plan.refusals,
        )  # fmt: skip

    async def _follow(self, ctx: Context, plan: Plan, *, roles: bool) -> RolesSet:
        """Roles of new posts, ends for leavers, words for administrators."""
        if plan.refusals:
            await telling.doubted(ctx, self.account, plan)
            return RolesSet()
        given = RolesSet()
        if roles:
            given = await people_roles.set_roles(ctx.tx, ctx.office.roles, now=ctx.now, origin=ctx.origin)
        await leaving.left(ctx, plan.left)
        await telling.read(ctx, self.account, plan, members=len(self.people), confirmed=self.confirmed)
        return given


def _log(report: Report) -> None:
    """Numbers only: names of people have no place in a log."""
    plan = report.plan
    log.info(
        "people.sync", account=report.account, applied=report.applied, members=report.members,
        joined=len(plan.joined), changed=len(plan.changed), left=len(plan.left), linked=len(plan.linked),
        unlinked=len(plan.unlinked), doubts=len(plan.doubts), refused=[doubt.code for doubt in plan.refusals],
    )  # fmt: skip
