"""The office's calendar files take effect when saved: checked, in force, journalled, the list to personnel.

A bad file leaves the old calendar in force and every administrator is told file, line and cure. What changed while the
service was down is noticed at the first look, against the last calendar in the journal.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import structlog

from bot import calendars, leave_rules
from bot.reloading import ADMINISTRATORS, EVERY_SECONDS, Seen, seen
from cards import leave_recount as cards
from cards.leave_recount import YearView
from cards.model import Text
from config import lines
from config.crosscheck import PACKAGED
from config.lines import Document
from config.loader import Configuration
from connectors.clock import Clock
from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.context import Office
from handlers.days import workdays
from handlers.days.workdays import WorkCalendar
from handlers.leave import facts, recounting
from handlers.leave.law.rules import LeaveRules
from handlers.mailroom import due, outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.transaction import Database, Transaction

_log = structlog.get_logger(__name__)
_ORIGIN = Origin(door="file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The files of all folders as they stand: `problems` of the office's own in words, and the calendar if there are
    none."""

    documents: tuple[Document, ...]
    digests: tuple[str, ...]
    calendar: WorkCalendar | None
    problems: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(self.digests).encode()).hexdigest()


def read(folders: Sequence[Path], *, rules: LeaveRules) -> Read:
    """Never raises for what is in a file."""
    files = [file for folder in folders for file in sorted(folder.glob("*.yaml"))]
    contents = [(file, file.read_bytes()) for file in files]
    documents = tuple(lines.read(content, file=str(file)) for file, content in contents)
    digests = tuple(hashlib.sha256(content).hexdigest() for _, content in contents)
    judged = list(calendars.problems(documents))
    found = [problem for document in documents for problem in document.problems]
    found += [problem for problem in judged if problem.serious]
    if found:
        return Read(documents=documents, digests=digests, calendar=None, problems=tuple(map(str, found)))
    calendar = leave_rules.calendar(folders, rules.of(""))
    own = [problem for problem in judged if Path(problem.file).parent != PACKAGED / "calendars"]
    advice = tuple(str(problem) for problem in own if not problem.serious)
    return Read(documents=documents, digests=digests, calendar=calendar, advice=advice)


class CalendarWatcher:
    """Looks at the calendar folders; `apply` is given the office with its new calendar."""

    def __init__(
        self,
        configuration: Configuration,
        database: Database,
        clock: Clock,
        *,
        office: Callable[[], Office],
        apply: Callable[[Office], None],
        wake: Callable[[], None],
    ) -> None:
        self._folders = configuration.calendar_folders()
        self._database, self._clock = database, clock
        self._office, self._apply, self._wake = office, apply, wake
        self._seen: Seen | None = None

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:  # the job loop of design.md D9: a watcher that dies would be noticed by nobody
                _log.exception("calendar", action="reload_failed")
            await asyncio.sleep(EVERY_SECONDS)

    async def look(self) -> Read | None:
        """One look; None where nothing was saved since the last."""
        now = await asyncio.to_thread(seen, self._folders)
        if now == self._seen:
            return None
        found = await asyncio.to_thread(read, self._folders, rules=self._office().of(LeaveRules))
        if found.calendar is not None:
            self._apply(replace(self._office(), calendar=found.calendar))
        await self._database.write(lambda tx: in_force(tx, found, office=self._office(), now=self._clock.now()))
        self._seen = now
        _log.info("calendar", action="read", digest=found.digest[:16], problems=len(found.problems))
        self._wake()
        return found


async def in_force(tx: Transaction, found: Read, *, office: Office, now: datetime) -> None:
    """Journals a calendar that differs from the last one, tells administrators, and asks for the list of leaves.

    The first calendar of an office is only journalled: nothing was counted before it. Several instances that notice
    the same save write one fact: whoever comes second finds it.
    """
    if found.problems:
        await _tell(tx, cards.not_loaded(found.problems), mark=found.digest, now=now)
        return
    if tx.dialect == "postgres":
        await tx.fetch("SELECT pg_advisory_xact_lock(10360851)")
    row = await tx.first(
        # Spelled as in the partial index `journal_calendars`, or the whole journal is read at every start.
        f"SELECT body FROM journal WHERE kind = '{facts.CalendarLoaded.KIND}' ORDER BY id DESC LIMIT 1"
    )
    before = json.loads(row["body"]) if row else None
    if before is not None and before["digest"] == found.digest:
        return
    await log.record(tx, _fact(found), origin=_ORIGIN, now=now)
    if before is None:
        return
    changed = _changed(found, before["files"])
    await _tell(tx, cards.loaded(_years(found, changed), found.advice), mark=found.digest, now=now)
    payload = {"digest": found.digest, "since": _since(changed, now, office).isoformat()}
    await due.at(tx, f"{recounting.KIND}:{found.digest[:32]}", recounting.KIND, now, payload, now=now)


def _fact(found: Read) -> facts.CalendarLoaded:
    calendar = found.calendar
    assert calendar is not None
    return facts.CalendarLoaded(
        calendar=f"calendar:{found.digest[:16]}",
        digest=found.digest,
        years=tuple(sorted(calendar.years)),
        files=tuple(_file(document, digest) for document, digest in zip(found.documents, found.digests, strict=True)),
    )


def _file(document: Document, digest: str) -> tuple[str, str, str, str]:
    data = document.data if isinstance(document.data, dict) else {}
    return Path(document.file).name, digest, str(data.get("source", "")), str(data.get("published", ""))


def _changed(found: Read, before: Iterable[Sequence[str]]) -> list[dict[str, Any]]:
    """The data of the files that are new or differ from the journal's last."""
    known = {one[1] for one in before}
    pairs = zip(found.documents, found.digests, strict=True)
    return [document.data for document, digest in pairs if digest not in known and isinstance(document.data, dict)]


def _years(found: Read, changed: Iterable[dict[str, Any]]) -> list[YearView]:
    assert found.calendar is not None
    return [
        YearView(
            year=data["year"],
            source=str(data.get("source", "")),
            published=str(data.get("published", "")),
            working_days=sum(map(found.calendar.is_working, workdays.days_of(data["year"]))),
        )
        for data in changed
        if data.get("kind", "notice") == "notice"
    ]


def _since(changed: Iterable[dict[str, Any]], now: datetime, office: Office) -> date:
    """From the first year that may count differently; local days, or a file taken away, may change all of this year."""
    this = now.astimezone(office.timezone).date().year
    files = list(changed)
    years = [data["year"] for data in files if data.get("kind", "notice") == "notice"]
    known = bool(years) and len(years) == len(files)
    return date(min(years) if known else min([*years, this]), 1, 1)


async def _tell(tx: Transaction, text: str, *, mark: str, now: datetime) -> None:
    for person in await directory.in_role(tx, ADMINISTRATORS):
        where = await directory.reach(tx, person)
        if where is not None:
            key = f"calendar:{mark[:16]}:{now:%Y%m%d%H%M}:{person.id}"
            await outbox.post(tx, Letter(to=where, message=Text(text), key=key), now=now)
