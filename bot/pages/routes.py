"""Everything under /office: one application of its own, added to the service's.

    GET  /office/                       workbench.py
    GET  /office/login, /office/login/back; POST /office/logout     login.py
    GET  /office/items/{item}           items.py; POST .../acts; GET .../news, .../files/{id}, .../slip.pdf
    GET  /office/forms/{code}           forms.py; POST, .../live, .../files, .../drop
    GET  /office/check, /office/slips/{serial}, /office/items/{item}/proof      checks.py: is it what it claims?
    GET  /office/log, /office/log/file.xlsx     log.py: for inspectors and administrators
    GET  /office/bundle, .../file.zip   bundles.py: for inspectors
    GET  /office/people                 people.py; GET /office/leave: leave.py
    GET  /office/notices                notices.py: what the reader got, and sent
    GET  /office/notices/{notice}       notices.py; POST answers it, .../roster.xlsx, .../files/{id}
    GET  /office/team                   team.py: who is away
    GET  /office/leave/people, /office/leave/sheets, .../sheets/file    leave_people.py, leave_sheets.py: for personnel
    GET  /office/leave/statement        statements.py; POST gives out a paper, .../{serial}.pdf; /office/leave/check
    GET  /office/operation              operation.py: how the service is doing, for administrators; .../dead, POST there
    GET  /office/releases/{pair}        releases.py: a changed form on last year's items, for administrators
    GET  /office/calendar               agenda.py; POST enters, .../{n}/cancel; .../feeds: feeds.py
    GET  /ics/{token}.ics               ics.py
    GET  /office/rooms                  rooms.py: rooms, vehicles and drivers of a day; POST books, .../{n}/cancel
    GET  /office/static/{name}          style, script and the vendored libraries
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import aiohttp_jinja2
import jinja2
import structlog
from aiohttp import web

from bot.pages import visit
from bot.pages.agenda import Agenda
from bot.pages.attachments import Cabinet
from bot.pages.bundles import Bundles
from bot.pages.checks import Checks
from bot.pages.feeds import Feeds
from bot.pages.forms import Forms
from bot.pages.ics import Ics
from bot.pages.items import Items
from bot.pages.leave import Leave
from bot.pages.leave_people import LeavePeople
from bot.pages.leave_sheets import LeaveSheets
from bot.pages.log import Log
from bot.pages.login import Login
from bot.pages.notices import Notices
from bot.pages.operation import Operation
from bot.pages.people import People
from bot.pages.releases import Releases
from bot.pages.rooms import Rooms
from bot.pages.statements import Statements
from bot.pages.team import Team
from bot.pages.visit import GUARDS, Front
from bot.pages.workbench import Workbench
from cards import accounts as account_words
from cards import approval as approval_cards
from cards import leave_doubts, words
from cards import notice as notice_words
from cards import operation as operation_words
from cards import slip as slips
from handlers.errors import DatabaseBusy

log = structlog.get_logger(__name__)

_HERE = Path(__file__).parent
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Part(Protocol):
    def routes(self) -> list[web.RouteDef]: ...


def setup(application: web.Application, front: Front) -> None:
    """Adds /office/... to an application."""
    office = web.Application(middlewares=[_guarded])
    environment = aiohttp_jinja2.setup(
        office, loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(moment=_moment, day_time=_day_time, fit=fit, file_size=slips.size)
    environment.filters.update(ago=words.ago, second=words.second)
    environment.filters.update(days=words.days, doubt=leave_doubts.doubt)
    environment.filters.update(grade_word=notice_words.grade_word, reply_words=notice_words.reply_words)
    environment.filters.update(
        view_word=approval_cards.view_word, state_tone=approval_cards.state_tone, verb_word=approval_cards.verb_word
    )
    environment.filters.update(bytes=operation_words.size, span=operation_words.span, lease=operation_words.lease)
    environment.globals.update(
        PLATFORMS=account_words.PLATFORMS, OUTCOMES=operation_words.OUTCOMES, QUOTAS=operation_words.QUOTAS
    )
    environment.globals["office"] = lambda: front.office().name
    for part in _parts(front):
        office.add_routes(part.routes())
    office.add_routes([web.get("/static/{name}", _static)])
    application.add_subapp("/office", office)
    application.add_routes([web.get("/office", _home), *Ics(front).routes()])


def _parts(front: Front) -> Sequence[Part]:
    cabinet = Cabinet(front.files)
    items = Items(front, cabinet)
    return (
        Workbench(front), Login(front), items, Checks(front, items), Log(front), Bundles(front, cabinet),
        People(front), Forms(front, cabinet), Leave(front),
        Agenda(front), Rooms(front), Feeds(front),
        Team(front), Statements(front), LeavePeople(front), LeaveSheets(front),
        Releases(front), Notices(front, cabinet), Operation(front),
    )  # fmt: skip


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer under one policy; a busy database is a page, not an error."""
    try:
        response = await handler(request)
    except DatabaseBusy as error:
        log.warning("page.busy", reason=error.reason)
        response = visit.refusal(request, "busy", status=503)
    except web.HTTPNotFound:
        response = visit.refusal(request, "no_page", status=404)
    except web.HTTPRedirection as redirect:
        redirect.headers.extend({name: value for name, value in GUARDS.items() if name not in redirect.headers})
        raise
    for name, value in GUARDS.items():
        response.headers.setdefault(name, value)
    return response


async def _home(request: web.Request) -> web.StreamResponse:
    raise web.HTTPPermanentRedirect("/office/")


_FILES = {file.name: file for file in (_HERE / "static").iterdir() if file.is_file()}


async def _static(request: web.Request) -> web.StreamResponse:
    file = _FILES.get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    return web.FileResponse(file, headers={"Cache-Control": "public, max-age=3600"})


def _moment(value: datetime, now: datetime | None = None) -> str:
    return words.moment(value, now=now)


def _day_time(value: datetime) -> str:
    """With the year and seconds: what a record shows."""
    return value.astimezone(words.BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def fit(text: str, width: float, size: float = 12.5) -> str:
    """As much of a line as fits into `width` units; Chinese characters are square, others about half as wide."""
    room = width / size
    taken = 0.0
    for index, character in enumerate(text):
        taken += 1.0 if ord(character) > 0x2E80 else 0.56
        if taken > room:
            return text[: max(1, index - 1)] + "…"
    return text
