"""Form files take effect when they are saved: watched, checked, put in force, and the administrators told.

A file with mistakes is not taken: the form that was in force stays, and every administrator gets file, line, key and
cure in the chat. Running items have their own version and notice nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from bot import forms
from cards import forms as form_cards
from cards.model import Text
from config.forms import FormFile
from config.loader import Configuration
from connectors.clock import Clock
from handlers.approval import form_model
from handlers.approval.book import Forms
from handlers.approval.form_model import Form
from handlers.context import Office
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
    """Looks at the form folders of an office; `apply` is given the office with its new forms."""

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
        self._database, self._clock = database, clock
        self._office, self._apply, self._wake = office, apply, wake
        self._seen = seen(self._folders)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.look()
            except Exception:  # the job loop of design.md D9: a watcher that dies would be noticed by nobody
                _log.exception("forms", action="reload_failed")

    async def look(self) -> Reloaded | None:
        """One look; None where nothing was saved since the last."""
        now = await asyncio.to_thread(seen, self._folders)
        if now == self._seen:
            return None
        office = self._office()
        files = await asyncio.to_thread(forms.read, self._folders, roles=self._roles)
        result = reloaded(files, office.of(Forms).by_code)
        office = self._office()  # as it is after the reading: a calendar may have come meanwhile
        self._apply(replace(office, areas={**office.areas, Forms: Forms(result.forms)}))
        self._seen = now
        _log.info("forms", action="reloaded", changed=len(result.changed), problems=len(result.problems))
        await self._database.write(lambda tx: tell(tx, result, now=self._clock.now()))
        self._wake()
        return result


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
