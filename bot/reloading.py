"""Form files take effect when they are saved, or when an administrator says so: watched, checked, compared, told.

A changed form comes with a card: what changed, and which of last year's items would have gone to other people. With
`forms_publish: at_once` it is in force already and the card takes it back; otherwise the card puts it in force.

A file with mistakes is not taken: the form that was in force stays, and every administrator gets file, line, key and
cure in the chat. Running items have their own version and notice nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from bot import forms
from cards import forms as form_cards
from cards.model import Text
from config.forms import FormFile
from config.loader import Configuration
from connectors.clock import Clock
from handlers.approval.language import book, form_model, releases, surroundings
from handlers.approval.language.book import Forms
from handlers.approval.language.form_model import Form
from handlers.approval.language.releases import Release
from handlers.approval.language.replaying import Report
from handlers.approval.language.routes import People
from handlers.audit.facts import SYSTEM, Origin
from handlers.context import Context, Office
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.transaction import Database, Transaction

EVERY_SECONDS = 3.0
ADMINISTRATORS = "admin"

_log = structlog.get_logger(__name__)

Seen = frozenset[tuple[str, int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """What became of a save: the forms in force now, the titles of those that changed, and what was refused."""

    forms: Mapping[str, Form]
    changed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    kept: bool = False  # a refused file had a form in force, which stays


def seen(folders: Sequence[Path]) -> Seen:
    """What the folders look like: cheap enough to be asked every few seconds."""
    found = set()
    for folder in folders:
        for path in folder.glob("*.yaml"):
            try:
                status = path.stat()
            except OSError:
                continue  # being replaced by an editor: the next look sees it
            found.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)


def reloaded(files: Sequence[FormFile], present: Mapping[str, Form]) -> Reloaded:
    """Good files come into force; a bad one leaves what it would replace. Pure."""
    taken = forms.usable(files)
    bad = [file for file in files if not file.usable]
    kept = {code: present[code] for file in bad if (code := _code(file)) in present and code not in taken}
    found = {**taken, **kept}
    changed = [form.title for code, form in found.items() if _is_new(form, present.get(code))]
    changed += [form.title for code, form in present.items() if code not in found]
    problems = [str(problem) for file in bad for problem in file.problems if problem.serious]
    return Reloaded(forms=found, changed=tuple(changed), problems=tuple(problems), kept=bool(kept))


def _code(file: FormFile) -> str:
    data = file.document.data
    code = data.get("form") if isinstance(data, dict) else None
    return code if isinstance(code, str) else file.path.stem


def _is_new(form: Form, before: Form | None) -> bool:
    return before is None or form_model.version(form) != form_model.version(before)


class Watcher:
    """Looks at the form folders of an office and at what administrators published; `apply` is given the office with its
    new forms. `publish` is the setting `approvals.forms_publish`."""

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
        self._folders = configuration.form_folders()
        self._roles = tuple(configuration.settings.roles)
        self._publish = configuration.settings.approvals.forms_publish
        self._database, self._clock = database, clock
        self._office, self._apply, self._wake = office, apply, wake
        self._seen = seen(self._folders)
        self._rows: Mapping[str, Release] = {}
        self._looking = asyncio.Lock()

    async def begin(self) -> None:
        """What the files became while nobody looked: before anything else is done with the forms."""
        self._rows = await self._database.read(releases.load)
        found = dict(self._office().of(Forms).by_code)
        await self._take(found, Reloaded(forms=found))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.look()
            except Exception:  # the job loop of design.md D9: a watcher that dies would be noticed by nobody
                _log.exception("forms", action="reload_failed")

    async def look(self) -> Reloaded | None:
        """One look; None where nothing was saved, published or put back since the last."""
        async with self._looking:  # of two at once, the second would find nothing new before the first has applied it
            return await self._look()

    async def _look(self) -> Reloaded | None:
        now = await asyncio.to_thread(seen, self._folders)
        rows = await self._database.read(releases.load)
        if now == self._seen and rows == self._rows:
            return None
        self._rows = rows
        files = await asyncio.to_thread(forms.read, self._folders, roles=self._roles)
        result = reloaded(files, self._office().of(Forms).by_code)
        changed = await self._take(result.forms, result if now != self._seen else None)
        self._seen = now
        return replace(result, changed=changed)

    async def _take(self, found: Mapping[str, Form], result: Reloaded | None) -> tuple[str, ...]:
        """Puts in force what may be; the titles of what is new in force. `result` is what a save has to tell."""
        present = await self._in_force()
        compared = await self._compared(found, present)
        plan = releases.planned(found, self._rows, waits=lambda code: self._waits(compared.get(code)))
        await self._database.write(lambda tx: self._note(tx, found, present, plan, compared, result))
        in_force = await self._database.read(lambda tx: _taken(tx, found, plan))
        office = self._office()  # as it is after all this: a calendar may have come meanwhile
        old = office.of(Forms).by_code
        self._apply(replace(office, areas={**office.areas, Forms: Forms(in_force)}))
        self._rows = plan
        changed = [form.title for code, form in in_force.items() if _is_new(form, old.get(code))]
        changed += [form.title for code, form in old.items() if code not in in_force]
        _log.info("forms", action="reloaded", changed=len(changed), problems=len(result.problems) if result else 0)
        self._wake()
        return tuple(changed)

    async def _in_force(self) -> Mapping[str, Form]:
        """By the rows, which outlive a restart; on the very first start nothing."""

        async def read(tx: Transaction) -> dict[str, Form]:
            stored = {code: await book.of_version(tx, row.version) for code, row in self._rows.items() if row.version}
            return {code: form for code, form in stored.items() if form is not None}

        return await self._database.read(read)

    async def _compared(self, found: Mapping[str, Form], present: Mapping[str, Form]) -> Mapping[str, _Compared]:
        """Every form that the files have otherwise than what is in force or was set aside, on last year's items."""
        office, now = self._office(), self._clock.now()
        changed = [
            code for code, form in found.items() if code in present and not _is_known(form, self._rows.get(code))
        ]
        results = {}
        for code in changed[:MOST_COMPARED]:
            old, new = present[code], found[code]
            read = partial(releases.year, after=new, now=now, zone=office.timezone)
            items, people = await self._database.read(read)
            report = await asyncio.to_thread(
                releases.compared, items, old, new, people, work=surroundings.work(office)
            )
            results[code] = _Compared(report=report, people=people)
        return results

    def _waits(self, compared: _Compared | None) -> bool:
        if self._publish == releases.CONFIRMED:
            return True
        return self._publish == releases.IF_ROUTES and compared is not None and bool(compared.report.differences)

    async def _note(
        self,
        tx: Transaction,
        found: Mapping[str, Form],
        present: Mapping[str, Form],
        plan: Mapping[str, Release],
        compared: Mapping[str, _Compared],
        result: Reloaded | None,
    ) -> None:
        """Texts of versions, rows, facts and cards, in one transaction."""
        now = self._clock.now()
        origin = Origin(person=SYSTEM, door="files", trace=secrets.token_hex(8))
        ctx = Context(tx=tx, now=now, trace=origin.trace, origin=origin, office=self._office())
        stored = await releases.load(tx)  # another instance may have been here
        for code in stored.keys() - plan.keys():
            await releases.forget(ctx, code)
        told = []
        for code, row in plan.items():
            if stored.get(code) == row:
                continue
            await book.keep(tx, found[code], now=now)
            await releases.save(ctx, row, by=SYSTEM)
            if not stored or _is_known(found[code], stored.get(code)):
                continue
            if code not in compared and not row.waiting:
                told.append(found[code].title)
                continue
            one = compared.get(code)
            await releases.announce(
                ctx, present.get(code), found[code], waiting=row.waiting, report=one.report if one else None,
                people=one.people if one else None,
            )  # fmt: skip
        if result is not None:
            gone = [present[code].title for code in present if code not in plan]
            await tell(tx, replace(result, changed=(*told, *gone)), now=now)


MOST_COMPARED = 3
"""So many cards for one look; more changed forms at once (an upgrade of the program) are told in one message."""


@dataclass(frozen=True, slots=True)
class _Compared:
    report: Report
    people: People


def _is_known(form: Form, row: Release | None) -> bool:
    """The version of the file is in force or was set aside."""
    return row is not None and form_model.version(form) in (row.version, row.set_aside)


async def _taken(tx: Transaction, found: Mapping[str, Form], plan: Mapping[str, Release]) -> dict[str, Form]:
    """The forms in force: the file's where it may be, else the text of the version that is."""
    in_force = {}
    for code, row in plan.items():
        form = found[code] if form_model.version(found[code]) == row.version else await book.of_version(tx, row.version)
        if form is not None:
            in_force[code] = form
    return in_force


async def tell(tx: Transaction, result: Reloaded, *, now: datetime) -> None:
    """One message to each administrator; a save that changed nothing is nobody's business."""
    texts = []
    if result.problems:
        texts.append(form_cards.not_reloaded(result.problems, kept=result.kept))
    if result.changed:
        texts.append(form_cards.reloaded(result.changed))
    for text in texts:
        mark = hashlib.sha256(f"{text}{now:%Y%m%d%H%M}".encode()).hexdigest()[:16]
        for person in await directory.in_role(tx, ADMINISTRATORS):
            where = await directory.reach(tx, person)
            if where is not None:
                await outbox.post(tx, Letter(to=where, message=Text(text), key=f"forms:{mark}:{person.id}"), now=now)
