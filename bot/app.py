"""Builds every part from the settings and joins them; the only file that knows them all."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, cast

import structlog
from aiohttp import web

from bot import heading, platforms, sweeping, sync
from bot import office as offices
from bot.backups import departure, nightly
from bot.backups.departure import Left
from bot.backups.nightly import Keeper
from bot.backups.rota import Keeping
from bot.calendar_watch import CalendarWatcher
from bot.comparing import Comparer
from bot.database import schema
from bot.database.open import OpenDatabase, open_database
from bot.dispatch import Dispatcher
from bot.erasing import retention
from bot.erasing.retention import Periods
from bot.fetching import Fetcher
from bot.heading import Herald
from bot.holding import Holder, Tenure
from bot.links import Addressed
from bot.metrics import Metrics
from bot.mirroring import Mirror
from bot.pages import routes as pages
from bot.pages.attachments import Cabinet
from bot.pages.visit import Front
from bot.proofs import keys
from bot.reloading import Watcher
from bot.sealing import Sealer
from bot.telling import Telling
from bot.watching import Watch
from bot.webhooks import Webhooks
from config.loader import Configuration
from config.settings import Settings
from connectors import registry
from connectors.clock import Clock
from connectors.contract import Connector, Metered
from connectors.errors import PlatformError
from connectors.refs import PersonRef
from connectors.transport import Http
from handlers.approval import deadlines, reminders, secrecy, undo
from handlers.approval import handler as approval
from handlers.approval.language import releases
from handlers.approval.leaves import amending, leave_check, outstanding, overdue, proofs
from handlers.approval.meetings import followups, trip_reports
from handlers.approval.standins import absence, leaving
from handlers.approval.talk import (
    attaching,
    batch,
    duty_talk,
    meant,
    meeting_changes,
    meeting_talk,
    menu,
    notice_talk,
    opinion_words,
    own_talk,
    verbs,
)
from handlers.audit import facts
from handlers.audit.facts import Origin
from handlers.calendar import agenda, comparing, reminding, resources, writing
from handlers.calendar import handler as calendar
from handlers.calendar import settings as calendar_settings
from handlers.context import Context, Office
from handlers.desk import handler as desk
from handlers.errors import DatabaseBusy
from handlers.leave import ending, recounting
from handlers.leave import handler as leave
from handlers.leave import jobs as leave_jobs
from handlers.leave.reports import papers as leave_papers
from handlers.mailroom import screening
from handlers.mailroom.answers import Answers
from handlers.mailroom.deliver import Postman, always
from handlers.mirror import handler as mirror
from handlers.notice import answering, chasing, publishing, recurring
from handlers.notice import handler as notice
from handlers.people import directory
from handlers.roster import accounts, moving
from handlers.roster import handler as roster
from handlers.routing import joined
from handlers.team import handler as team
from handlers.transaction import Transaction
from scheduler import housekeeping, telling
from scheduler.jobs import Job, Jobs, Rule
from scheduler.runner import Runner

log = structlog.get_logger(__name__)

ROUTER = joined(
    secrecy.ROUTES,
    accounts.ROUTES,
    leaving.ROUTES,
    batch.ROUTES,
    recounting.ROUTES,
    attaching.ROUTES,
    releases.ROUTES,
    opinion_words.ROUTES,
    verbs.ROUTES,
    meant.ROUTES,
    calendar.ROUTES,
    team.ROUTES,
    leave_papers.ROUTES,
    outstanding.ROUTES,
    notice_talk.ROUTES,
    duty_talk.ROUTES,
    notice.ROUTES,
    meeting_changes.ROUTES,
    meeting_talk.ROUTES,
    approval.ROUTES,
    leave.ROUTES,
    roster.ROUTES,
    mirror.ROUTES,
    notice.LATE_ROUTES,
    own_talk.ROUTES,
    menu.ROUTES,
    desk.ROUTES,
)
"""Asked in this order: a tap or a word belongs to the first that knows it, the desk answers what is left."""

JOBS: dict[str, Job] = {
    reminders.REMIND: reminders.on_remind,
    reminders.DIGEST: reminders.on_digest,
    deadlines.KIND: deadlines.on_due,
    undo.KIND: undo.on_due,
    batch.OVER: batch.on_over,
    absence.BEGIN: absence.on_begin,
    absence.END: absence.on_end,
    agenda.REMIND: reminding.on_remind,
    comparing.SWEEP: comparing.on_sweep,
    writing.DIFFERS: comparing.on_over,
    housekeeping.KIND: housekeeping.on_tidy,
    telling.KIND: telling.on_due,
    proofs.KIND: proofs.on_due,
    trip_reports.KIND: trip_reports.on_due,
    overdue.KIND: overdue.on_due,
    recounting.WRITTEN: amending.on_recounted,
    leave_jobs.EXPIRE: leave_jobs.on_expire,
    ending.KIND: ending.on_due,
    leave_jobs.WARN: leave_jobs.on_warn,
    leave_jobs.GAP: leave_jobs.on_gap,
    leave_check.CHECK: leave_check.on_check,
    recounting.KIND: recounting.on_due,
    publishing.OUT: publishing.on_out,
    publishing.CARDS: publishing.on_cards,
    publishing.LATE: publishing.on_late,
    publishing.END: publishing.on_end,
    answering.COUNT: followups.on_count,
    chasing.SWEEP: chasing.on_sweep,
    chasing.BURDEN: chasing.on_burden,
    recurring.MINUTE: recurring.on_minute,
    moving.KIND: moving.on_due,
    roster.NIGHTLY: roster.on_nightly,
}


_GRACE_S = 10.0
"""As long as one call of a platform may take."""


class SchemaMismatch(Exception):
    """The tables are older or newer than this program (`state`), or not there at all."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class OfficeLeft(Exception):
    """The office was moved to another database; what is in this one is old."""

    def __init__(self, left: Left) -> None:
        super().__init__(left)
        self.left = left


class Service:
    """A configured office, not yet running. `start` and `stop` once each; `application` may be served in between."""

    def __init__(self, configuration: Configuration, *, clock: Clock, database: OpenDatabase | None = None) -> None:
        settings = configuration.settings
        self.url = settings.database.url.get_secret_value()
        self.clock = clock
        self.session_hours = settings.security.session_hours
        self.files = configuration.base / "data" / "attachments"
        self.metrics = Metrics()
        self.office: Office = offices.build(configuration)
        self.database = database or open_database(self.url)
        platforms.must_be_known(configuration)
        self.https = [Http(proxy=account.proxy) for account in settings.accounts]
        self.connectors: dict[str, Connector] = {
            account.name: registry.build(account, http=http, clock=clock)
            for account, http in zip(settings.accounts, self.https, strict=True)
        }
        self.watch = self._watch(configuration)
        answers = Answers()
        several = self.url.startswith("postgres")  # a SQLite file has one process
        self.tenures = {name: Tenure(self.database, f"post:{name}", clock) for name in self.connectors if several}
        self.telling = Telling(self.database, self.connectors, self.tenures)
        self.dispatcher = Dispatcher(
            self.database,
            ROUTER,
            self.office,
            clock,
            refusal=approval.refused,
            identify=_identify,
            metrics=self.metrics,
            answers=answers,
            went_out=self.telling,
            wake=self.wake,
            screen=lambda event: screening.incoming(event, phrases=self.office.marked_phrases),
        )
        self.sealer = Sealer(self.database, clock, keys.folder(configuration.base), second=settings.audit.sm3)
        self.herald = self._herald(configuration)
        self.keeper = self._keeper(configuration)
        self.postmen = [self._postman(connector, answers) for connector in self.connectors.values()]
        self.runner = Runner(
            self.database, self._jobs(settings), lambda: self.office, clock, wake=self.wake, count=self._count_due
        )
        self.watcher = Watcher(
            configuration, self.database, clock, office=lambda: self.office, apply=self.renew, wake=self.wake
        )
        self.calendar_watcher = CalendarWatcher(
            configuration, self.database, clock, office=lambda: self.office, apply=self.renew, wake=self.wake
        )
        self._listeners: list[asyncio.Task[None]] = []
        self._workers: list[asyncio.Task[None]] = []
        self._tasks: list[asyncio.Task[None]] = []

    def renew(self, office: Office) -> None:
        """The office as it is from the next event on: a form was saved."""
        self.office = self.dispatcher.office = office

    def wake(self) -> None:
        """Something was committed that may have to go out."""
        for postman in self.postmen:
            postman.wake()

    def application(self, *extra: Callable[[web.Application], None]) -> web.Application:
        """The doors and the addresses for those who watch; `extra` adds what else is served (the demo's page)."""
        app = web.Application()
        doors = Webhooks(
            self.connectors, self.dispatcher, self.clock, self.metrics, self.watch, key=lambda: self.office.card_key
        )
        app.add_routes(doors.routes())
        pages.setup(app, self.front())
        for add in extra:
            add(app)
        return app

    def front(self) -> Front:
        """What the pages use of the service."""
        return Front(
            database=self.database,
            connectors=self.connectors,
            office=lambda: self.office,
            clock=self.clock,
            session_hours=self.session_hours,
            files=self.files,
            wake=self.wake,
            head=self.sealer.try_head,
            watch=self.watch,
        )

    async def start(self) -> None:
        """Workers, ticks and long connections. Raises `SchemaMismatch`, `OfficeLeft` before anything has begun."""
        state = await schema.schema_state(self.url)
        if state != "current":
            raise SchemaMismatch(state)
        if left := await self.database.read(departure.left):
            raise OfficeLeft(left)
        await self.database.write(self._bring_in_resources)
        await self.watcher.begin()
        self._workers = _begun(self.dispatcher.run(), *(postman.run() for postman in self.postmen))
        self._listeners = _begun(*(self._holder(connector).run() for connector in self._listening()))
        self._tasks = _begun(
            self.sealer.run(),
            self.watcher.run(),
            self.calendar_watcher.run(),
            *(self._announce(connector) for connector in self.connectors.values()),
        )
        self.runner.start()

    async def stop(self) -> None:
        """In this order: nobody listens any more, no new work is begun, what is under way ends (what a platform holds
        up for long is left for another instance or the next start), the leases are given back, connections closed."""
        await _cancelled(self._listeners)
        await self.runner.stop()
        self.dispatcher.stop()
        for postman in self.postmen:
            postman.stop()
        if self._workers:
            await asyncio.wait(self._workers, timeout=_GRACE_S)
        await _cancelled([*self._workers, *self._tasks])
        with contextlib.suppress(DatabaseBusy):
            await self.sealer.release()
        await self.telling.close()
        for tenure in self.tenures.values():
            await tenure.release()
        for connector in self.connectors.values():
            await connector.close()
        for http in self.https:
            await http.close()
        await self.database.close()

    async def _bring_in_resources(self, tx: Transaction) -> None:
        """Rooms, vehicles and drivers are what `office.yaml` says; what has not changed writes nothing."""
        origin = Origin(door="import")
        ctx = Context(tx=tx, now=self.clock.now(), trace="resources", origin=origin, office=self.office)
        await resources.bring_in(ctx, calendar_settings.of(ctx).things)

    async def _announce(self, connector: Connector) -> None:
        """Not in the way of the start: a platform that is down now gets its messages later all the same."""
        if not self.office.public_url:
            return
        try:
            await connector.announce(f"{self.office.public_url.rstrip('/')}/callback/{connector.account}")
        except PlatformError as error:
            log.error("announce.failed", account=connector.account, code=error.code, call=error.call)

    def _postman(self, connector: Connector, answers: Answers) -> Postman:
        return Postman(
            self.database,
            cast("Connector", Addressed(connector, office=lambda: self.office, clock=self.clock)),
            self.clock.now,
            owner=f"out-{connector.account}-{secrets.token_hex(6)}",
            answers=answers,
            count=self._count_letter,
            took=self.metrics.took,
            screen=lambda message: screening.outgoing(message, phrases=self.office.marked_phrases, page=self._page()),
            served=tuple(self.connectors),
            ours=self.tenures[connector.account].ours if connector.account in self.tenures else always,
        )

    def _page(self) -> str:
        base = self.office.public_url.rstrip("/")
        return f"{base}/office/" if base else ""

    def _jobs(self, settings: Settings) -> Jobs:
        reading = partial(
            sync.on_due,
            database=self.database,
            connectors=self.connectors,
            clock=self.clock,
            office=lambda: self.office,
        )
        sweep = partial(sweeping.on_due, database=self.database, cabinet=Cabinet(self.files), clock=self.clock)
        expiring = partial(
            retention.on_due, database=self.database, clock=self.clock,
            periods=Periods(log=settings.retention.log_months, items=settings.retention.item_months),
        )  # fmt: skip
        fetching = Fetcher(self.database, self.connectors, Cabinet(self.files), self.clock, lambda: self.office)
        comparer = Comparer(self.database, self.connectors, self.clock, lambda: self.office)
        return Jobs(
            rules=_rules(settings),
            jobs=JOBS,
            outside={roster.KIND: reading, comparing.READ: comparer.on_due, sweeping.KIND: sweep,
                     mirror.READ: Mirror(self.database, self.connectors, self.clock, lambda: self.office).on_due,
                     retention.KIND: expiring,
                     attaching.FETCH: fetching.on_due,
                     heading.KIND: self.herald.on_due,
                     nightly.DAILY: self.keeper.on_daily, nightly.DRILL: self.keeper.on_drill},
            refused={undo.KIND: undo.on_refused},
        )

    def _herald(self, configuration: Configuration) -> Herald:
        settings = configuration.settings.audit
        second = [configuration.base / settings.head_file] if settings.head_file else []
        return Herald(
            database=self.database,
            sealer=self.sealer,
            clock=self.clock,
            office=lambda: self.office,
            wake=self.wake,
            files=[keys.folder(configuration.base) / heading.FILE, *second],
            group=settings.head_group or "",
        )

    def _keeper(self, configuration: Configuration) -> Keeper:
        own = configuration.settings.backup
        return Keeper(
            database=self.database,
            configuration=configuration,
            folder=nightly.folder_of(configuration),
            keeping=Keeping(daily=own.daily, weekly=own.weekly, monthly=own.monthly),
            passphrase=own.passphrase.get_secret_value() if own.passphrase else "",
            clock=self.clock,
            office=lambda: self.office,
            wake=self.wake,
        )

    def _holder(self, connector: Connector) -> Holder:
        return Holder(self.database, connector, self.dispatcher, self.clock)

    def _listening(self) -> Iterable[Connector]:
        return (connector for connector in self.connectors.values() if connector.capabilities.stream)

    def _watch(self, configuration: Configuration) -> Watch:
        return Watch(
            self.database,
            self.clock,
            configuration.base / "data",
            schema_ok=self._schema_ok,
            streams=tuple(one.account for one in self._listening()),
            backups=configuration.settings.backup.enabled,
            quotas=self._quotas,
            unknown_year=lambda: leave_jobs.unknown_year(self.office, now=self.clock.now()),
        )

    def _quotas(self) -> tuple[tuple[str, str, int, int], ...]:
        now = self.clock.now()
        metered = [one for one in self.connectors.values() if isinstance(one, Metered)]
        return tuple(
            (one.account, meter.what, meter.used, meter.limit) for one in metered for meter in one.meters(now=now)
        )

    def _count_letter(self, account: str, outcome: str) -> None:
        self.metrics.letter(account, outcome)
        self.watch.letter(account, outcome)

    def _count_due(self, kind: str, outcome: str) -> None:
        self.metrics.due.labels(kind, outcome).inc()

    async def _schema_ok(self) -> bool:
        return await schema.schema_state(self.url) == "current"


def _begun(*work: Coroutine[Any, Any, None]) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(one) for one in work]


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _identify(tx: Transaction, ref: PersonRef) -> str:
    person = await directory.by_ref(tx, ref)
    return person.id if person else facts.SYSTEM


def _rules(settings: Settings) -> tuple[Rule, ...]:
    notices = settings.notices
    rules = [
        housekeeping.RULE,
        sweeping.RULE,
        retention.RULE,
        Rule(name="dead", cron="*/5 * * * *", kind=telling.KIND, grace=timedelta(minutes=15)),
        Rule(name="leave-check", cron="30 2 * * *", kind=leave_check.CHECK, grace=timedelta(hours=20)),
        Rule(name="expire", cron="10 1 * * *", kind=leave_jobs.EXPIRE, grace=timedelta(hours=20)),
        Rule(name="ending", cron="20 9 * * *", kind=ending.KIND, grace=timedelta(hours=8)),
        Rule(name="chase", cron="*/10 * * * *", kind=chasing.SWEEP, grace=timedelta(minutes=20)),
        Rule(name="elsewhere", cron="* * * * *", kind=moving.KIND, grace=timedelta(minutes=5)),
        Rule(name="schedules", cron="10 9 * * *", kind=comparing.SWEEP, grace=timedelta(hours=7)),
        Rule(name="minute", cron="* * * * *", kind=recurring.MINUTE, grace=timedelta(minutes=5)),
        Rule(name="burden", cron="0 9 1 * *", kind=chasing.BURDEN, grace=timedelta(days=5)),
        Rule(name="calendar", cron="0 9 * * mon", kind=leave_jobs.WARN, grace=timedelta(days=3)),
        Rule(name="calendar-gap", cron="0 9 * * *", kind=leave_jobs.GAP, grace=timedelta(hours=12)),
    ]
    at = settings.audit.head_at
    rules.append(Rule(name="head", cron=f"{at.minute} {at.hour} * * *", kind=heading.KIND, grace=timedelta(hours=20)))
    at = settings.directory.read_at
    cron, grace = f"{at.minute} {at.hour} * * *", timedelta(hours=2)  # not in the morning, when all begin to work
    rules.append(Rule(name="directories", cron=cron, kind=roster.NIGHTLY, grace=grace))
    rules.extend(_backups(settings))
    if notices.digest_group:
        cron = f"{notices.digest_at.minute} {notices.digest_at.hour} * * {notices.digest_day}"
        rules.append(Rule(name="digest", cron=cron, kind=reminders.DIGEST, payload={"group": notices.digest_group}))
    return tuple(rules)


def _backups(settings: Settings) -> Iterable[Rule]:
    own = settings.backup
    if not own.enabled:
        return
    cron, grace = f"{own.at.minute} {own.at.hour} * * *", timedelta(hours=20)
    yield Rule(name="backup", cron=cron, kind=nightly.DAILY, grace=grace)
    if own.drill_day:
        cron = f"{own.at.minute} {(own.at.hour + 2) % 24} {own.drill_day} * *"
        yield Rule(name="drill", cron=cron, kind=nightly.DRILL, grace=timedelta(days=3))
