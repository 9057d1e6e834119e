"""For administrators: how the service is doing, and what it could not do.

    GET  /office/operation                      queues, platforms, backups, heads, disk, versions
    GET  /office/operation/dead?what=letter     what gave up: letters, events, due work
    POST /office/operation/dead                 do=resume | resume_all | discard, what, id, reason
"""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from importlib import metadata
from typing import Final

from aiohttp import web

from bot.pages import visit
from bot.pages.visit import Front, Visit
from bot.watching import Concern, Outcome, State, Watch
from cards import operation as words
from connectors.refs import PersonRef
from handlers import errors
from handlers.approval import store
from handlers.approval.language import book
from handlers.errors import DatabaseBusy
from handlers.mailroom import dead
from handlers.mailroom.dead import Dead, What
from handlers.people import directory
from handlers.transaction import Transaction

ADMINISTRATORS: Final = "admin"
_PAGE: Final = 30
_DAYS: Final = 30
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of what gave up; `about` names the item, `to` a person or a group."""

    one: Dead
    kind: str
    about: str
    to: str
    why: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One platform account on the overview."""

    name: str
    platform: str
    waiting: int
    age: float
    error: str
    sent: Outcome | None
    received: Outcome | None
    holder: str  # "" nobody, "-" where none is needed
    quotas: Sequence[tuple[str, int, int]]


class Operation:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        page = self._front.page
        return [
            web.get("/operation", page(self.show)),
            web.get("/operation/dead", page(self.show_dead)),
            web.post("/operation/dead", page(self.act)),
        ]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        _allow(seen)
        watch = self._front.watch
        if watch is None:
            raise errors.NotFound(code="no_page")
        try:
            state = await watch.state()
        except TimeoutError:
            raise DatabaseBusy("slow") from None
        data = {
            "state": state, "concerns": _worded(await watch.concerns()), "accounts": self._accounts(watch, state),
            "days": _strip(state, seen.now.astimezone(self._front.office().timezone).date(), self._front),
            "versions": _versions(), "began": watch.began, "now": seen.now, "stations": _stations(state),
            "backups": watch.backups,
            "leases": [lease for lease in state.queues.leases if lease.until > state.at],
        }  # fmt: skip
        return visit.render(request, "operation.html", data, visit=seen)

    async def show_dead(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        _allow(seen)
        asked = _what(request.query.get("what", ""))
        below = request.query.get("below", "")
        number = int(below) if below.isascii() and below.isdigit() and len(below) < 16 else 0
        read = self._front.database.read
        counts = await read(dead.counts)
        what = asked or _first(counts)
        rows = await read(partial(self._rows, what=what, below=number))
        data = {
            "what": what, "counts": counts, "rows": rows[:_PAGE], "more": rows[_PAGE - 1].one.id if rows[_PAGE:] else 0,
            "done": request.query.get("done", ""), "whats": words.WHATS, "now": seen.now,
        }  # fmt: skip
        return visit.render(request, "dead.html", data, visit=seen)

    async def act(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        _allow(seen)
        form = await request.post()
        what = _what(str(form.get("what", "")))
        if what is None:
            raise errors.NotFound(code="work_gone")
        done = await self._front.database.write(partial(self._act, seen, what, dict(form)))
        self._front.wake()
        if self._front.watch is not None:
            self._front.watch.forget()
        raise web.HTTPSeeOther(f"/office/operation/dead?what={what}&done={done}")

    async def _act(self, seen: Visit, what: What, form: Mapping[str, object], tx: Transaction) -> str:
        do, number = str(form.get("do", "")), str(form.get("id", ""))
        how = {"origin": seen.origin(), "now": seen.now}
        if do == "resume_all":
            return f"all{await dead.resume_all(tx, what, **how)}"  # type: ignore[arg-type]
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            raise errors.NotFound(code="work_gone")
        if do == "resume":
            await dead.resume(tx, what, int(number), **how)  # type: ignore[arg-type]
            return "resume"
        reason = str(form.get("reason", ""))[:_LONGEST]
        await dead.discard(tx, what, int(number), reason, **how)  # type: ignore[arg-type]
        return "discard"

    async def _rows(self, tx: Transaction, what: What, below: int) -> list[Row]:
        return [await self._row(tx, one) for one in await dead.listed(tx, what, limit=_PAGE + 1, below=below)]

    async def _row(self, tx: Transaction, one: Dead) -> Row:
        why, advice = words.why(one.error)
        kind = words.work(one.what, one.kind)
        return Row(
            one=one, kind=kind, about=await self._about(tx, one), to=await self._to(tx, one), why=why, advice=advice
        )

    async def _about(self, tx: Transaction, one: Dead) -> str:
        item = await store.load(tx, one.item) if one.item else None
        if item is None or not item.number:
            return ""
        form = self._front.office().of(book.Forms).by_code.get(item.form)
        return f"{item.number}号{form.title if form else ''}"

    async def _to(self, tx: Transaction, one: Dead) -> str:
        if one.recipient_kind == "chat":
            groups = self._front.office().groups.items()
            return next((name for name, chat in groups if chat.id == one.recipient), "群")
        person = await directory.load(tx, one.person) if one.person else None
        if person is None and one.recipient:
            person = await directory.by_ref(tx, PersonRef(one.account, one.recipient))
        return person.name if person else ""

    def _accounts(self, watch: Watch, state: State) -> list[Account]:
        held = {one.name: one.owner for one in state.queues.leases if one.until > state.at}
        names = [*self._front.connectors, *(name for name in state.queues.outbox if name not in self._front.connectors)]
        found = []
        for name in names:
            connector, queue = self._front.connectors.get(name), state.queues.outbox.get(name)
            streams = connector is not None and connector.capabilities.stream
            found.append(
                Account(
                    name=name,
                    platform=connector.platform if connector else "",
                    waiting=queue.number if queue else 0,
                    age=queue.age(state.at) if queue else 0.0,
                    error=words.why_waiting(queue.error) if queue and queue.error else "",
                    sent=watch.sent.get(name),
                    received=watch.received.get(name),
                    holder=held.get(f"listen:{name}", "") if streams else "-",
                    quotas=[(what, used, limit) for own, what, used, limit in state.quotas if own == name],
                )
            )
        return found


def _allow(seen: Visit) -> None:
    if ADMINISTRATORS not in seen.roles:
        raise errors.NotAllowed(code="administrators_only")


def _what(text: str) -> What | None:
    return next((one for one in dead.WHATS if one == text), None)


def _first(counts: Mapping[What, int]) -> What:
    """Where something waits."""
    return max(dead.WHATS, key=lambda what: counts[what] > 0)


def _worded(concerns: Sequence[Concern]) -> list[tuple[str, str, str]]:
    return [(one.code, one.grade, words.concern(one.code, one.about)) for one in concerns]


def _stations(state: State) -> list[tuple[str, int, str, str]]:
    """The way of an operation through the service: (name, how many wait, since when, tone)."""
    letters = state.queues.outbox.values()
    oldest = max((queue.age(state.at) for queue in letters), default=0.0)
    waits = sum(queue.number for queue in letters)
    stages = [
        ("收到待办理", state.queues.inbox.number, state.queues.inbox.age(state.at), 600.0),
        ("留痕待封存", state.unsealed.number, state.unsealed.age(state.at), 600.0),
        ("消息待发出", waits, oldest, 1800.0),
    ]
    return [
        (name, number, f"最久 {words.span(age)}" if number else "没有积压", "bad" if age > limit else "good")
        for name, number, age, limit in stages
    ]


def _strip(state: State, today: date, front: Front) -> list[tuple[date, str]]:
    """The last thirty days: made, failed, or "" for none."""
    zone = front.office().timezone
    made: dict[date, str] = {}
    for at, good in state.kept.days:
        day = at.astimezone(zone).date()
        made[day] = "made" if good or made.get(day) == "made" else "failed"
    return [(day, made.get(day, "")) for day in (today - timedelta(days=back) for back in range(_DAYS - 1, -1, -1))]


def _versions() -> list[tuple[str, str]]:
    return [
        ("officebot", metadata.version("officebot")),
        ("Python", platform.python_version()),
        ("SQLite", sqlite3.sqlite_version),
    ]
