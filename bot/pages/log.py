"""The log (查留痕): what happened, searched by time, person, kind, item and door; who searched stands there too.

    GET /office/log            for inspectors everything; for administrators technical facts without personal values
    GET /office/log/file.xlsx  the same as a sheet
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from bot.pages import attachments, visit
from bot.pages.leave_sheets import KIND as SHEET
from bot.pages.visit import Front, Visit
from bot.proofs import scope, wording
from bot.proofs.bundle import Proven
from bot.proofs.summary import Book
from bot.proofs.wording import Told, Words
from cards import inspect as said
from cards import records
from handlers import errors
from handlers.approval import store
from handlers.audit import log, own_facts, salted, sealing, searching
from handlers.audit.facts import Fact
from handlers.audit.searching import Found, Query
from handlers.transaction import Row, Transaction, to_ms

INSPECTOR, ADMIN = "inspector", "admin"
PAGE: Final = 40
MOST: Final = 50_000
"""Rows of one file."""
_AT_ONCE: Final = 1000
_LONGEST: Final = 60
_TECHNICAL: Final = (
    "audit.", "people.", "backup.", "operator.", "approval.form_", "approval.act_refused", "approval.content_refused",
    "calendar.resource_changed", "calendar.feed_moved", "calendar.schedule_", "leave.calendar_loaded", "leave.sheet_",
    "notice.reminder_", "notice.roster_exported",
)  # fmt: skip
"""Kinds that administrators answer for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """As the address has it; dates are days of the office."""

    begin: str = ""
    end: str = ""
    person: str = ""
    side: str = ""
    kind: str = ""
    item: str = ""
    door: str = ""
    before: int = 0

    def filled(self) -> dict[str, str]:
        pairs = {
            "begin": self.begin, "end": self.end, "person": self.person, "side": self.side if self.person else "",
            "kind": self.kind, "item": self.item, "door": self.door,
        }  # fmt: skip
        return {name: value for name, value in pairs.items() if value}

    def address(self, *, before: int = 0, path: str = "/office/log") -> str:
        return f"{path}?{urlencode(self.filled() | ({'before': str(before)} if before else {}))}"

    def words(self) -> str:
        names = {
            "begin": "从", "end": "到", "person": "人员", "kind": "类型", "item": "事项", "door": "入口", "side": "",
        }  # fmt: skip
        shown = {"kind": records.kind(self.kind), "door": records.door(self.door), "side": SIDES.get(self.side, "")}
        parts = (f"{names[name]}{shown.get(name) or value}" for name, value in self.filled().items())
        return "，".join(parts) or "全部"


SIDES: Final = {"did": "本人办理的", "about": "关于本人的"}


class Log:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        page = self._front.page
        return [web.get("/log", page(self.show)), web.get("/log/file.xlsx", page(self.file))]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """What was asked is written down before anything is shown."""
        whole = _whole(seen)
        asked, problem = _asked(request.query), ""
        found = Found(rows=(), next=0)
        rows: Sequence[Told] = ()
        try:
            query = await self._front.database.read(partial(self._query, asked=asked, whole=whole))
            found = await self._front.database.read(partial(searching.page, query=query, limit=PAGE))
            rows, _ = await self._front.database.read(partial(self._told, rows=found.rows, whole=whole))
        except _Mistaken as mistaken:
            problem = str(mistaken)
        fact = own_facts.LogQueried(rows=len(found.rows), what=asked.filled())
        await self._front.database.write(partial(self._record, seen=seen, fact=fact))
        data = {
            "asked": asked, "rows": [(one, "", ()) for one in rows], "next": found.next, "problem": problem,
            "whole": whole, "said": said, "kinds": _kinds(whole), "doors": records.doors(), "most": MOST,
        }  # fmt: skip
        return visit.render(request, "log.html", data, visit=seen, status=422 if problem else 200)

    async def file(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """Made on the disk, a portion at a time; the fact is durable before the first byte goes out."""
        whole, asked = _whole(seen), replace(_asked(request.query), before=0)
        try:
            query = await self._front.database.read(partial(self._query, asked=asked, whole=whole))
        except _Mistaken:
            raise web.HTTPSeeOther(asked.address()) from None
        with tempfile.TemporaryDirectory(prefix="officebot-log-") as folder:
            path = Path(folder) / "log.xlsx"
            count = await self._written(path, query, asked, whole)
            data = await asyncio.to_thread(path.read_bytes)
        fact = own_facts.LogExported(rows=count, sha256=sha256(data).hexdigest(), what=asked.filled())
        await self._front.database.write(partial(self._record, seen=seen, fact=fact))
        return web.Response(body=data, headers=attachments.headers("留痕.xlsx", SHEET))

    async def _written(self, path: Path, query: Query, asked: Asked, whole: bool) -> int:
        count = 0
        book = await asyncio.to_thread(partial(Book, path, title=f"留痕：{asked.words()}"))
        try:
            while count < MOST:
                found = await self._front.database.read(partial(searching.page, query=query, limit=_AT_ONCE))
                facts, words = await self._front.database.read(partial(self._facts, rows=found.rows, whole=whole))
                await asyncio.to_thread(book.add, facts, words)
                count += len(facts)
                if not found.next:
                    break
                query = searching.after(query, found)
            else:
                await asyncio.to_thread(book.say, said.cut_short(MOST))
        finally:
            await asyncio.to_thread(book.close)
        return count

    async def _told(self, tx: Transaction, *, rows: Sequence[Row], whole: bool) -> tuple[list[Told], Words]:
        facts, words = await self._facts(tx, rows=rows, whole=whole)
        return [wording.told(one, words) for one in facts], words

    async def _facts(self, tx: Transaction, *, rows: Sequence[Row], whole: bool) -> tuple[list[Proven], Words]:
        numbers = [row["id"] for row in rows]
        indexes = await sealing.indexes(tx, numbers)
        values = await _values(tx, numbers) if whole else {}
        facts = [
            Proven(
                index=indexes.get(row["id"], -1), leaf=wording.leaf_of(row), proof=(),
                personal=values.get(row["id"], {}),
            )
            for row in rows
        ]  # fmt: skip
        return facts, await wording.of(tx, self._front.office(), facts)

    async def _query(self, tx: Transaction, *, asked: Asked, whole: bool) -> Query:
        """Raises _Mistaken."""
        kinds: tuple[str, ...] = (asked.kind,) if asked.kind else ()
        if not whole:
            kinds = tuple(one for one in kinds or records.KINDS if _technical(one)) or ("none",)
        person = await self._person(tx, asked.person) if asked.person else ""
        item = await self._item(tx, asked.item) if asked.item and whole else ""
        about = asked.side == "about"
        if item and person and about:
            raise _Mistaken("事项和“关于本人的”不能一起查。")
        return Query(
            begin_ms=self._day(asked.begin), end_ms=self._day(asked.end, after=1), actor="" if about else person,
            subject=item or (person if about else ""), kinds=kinds, door=asked.door or None, before=asked.before,
        )  # fmt: skip

    async def _person(self, tx: Transaction, word: str) -> str:
        if word == "系统":
            return "system"
        found = await scope.people_called(tx, word)
        if not found:
            raise _Mistaken(f"没有叫“{word}”的人，写姓名或工号。")
        if len(found) > 1:
            numbers = "、".join(one.staff_no or one.id for one in found)
            raise _Mistaken(f"有{len(found)}个人叫“{word}”，写工号：{numbers}。")
        return found[0].id

    async def _item(self, tx: Transaction, word: str) -> str:
        number = word.removesuffix("号").strip()
        sound = number.isascii() and number.isdigit() and len(number) < 16
        found = await store.numbered(tx, int(number)) if sound else None
        if found is None:
            raise _Mistaken(f"没有{word.removesuffix('号')}号事项。")
        return found.request.id

    def _day(self, text: str, *, after: int = 0) -> int:
        if not text:
            return 0
        try:
            day = datetime.fromisoformat(text).replace(tzinfo=self._front.office().timezone)
            return to_ms(day + timedelta(days=after if len(text) <= 10 else 0))
        except (ValueError, OverflowError):
            raise _Mistaken("日期不对，写成 2026-04-27 这样。") from None

    async def _record(self, tx: Transaction, *, seen: Visit, fact: Fact) -> None:
        await log.record(tx, fact, origin=seen.origin(), now=seen.now)


class _Mistaken(Exception):
    """What was asked cannot be; in words."""


def _whole(seen: Visit) -> bool:
    """Whether the reader sees everything. Raises NotAllowed(inspectors_only) for those who may not look at all."""
    if not seen.roles & {INSPECTOR, ADMIN}:
        raise errors.NotAllowed(code="inspectors_only", by=seen.person.id)
    return INSPECTOR in seen.roles


def _asked(query: Mapping[str, str]) -> Asked:
    text = {name: query.get(name, "").strip().replace("\0", "")[:_LONGEST] for name in query}
    before = text.get("before", "")
    return Asked(
        begin=text.get("begin", ""), end=text.get("end", ""), person=text.get("person", ""),
        side=text.get("side", "") if text.get("side", "") in SIDES else "", kind=text.get("kind", ""),
        item=text.get("item", ""), door=text.get("door", ""),
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 16 else 0,
    )  # fmt: skip


def _technical(kind: str) -> bool:
    return kind.startswith(_TECHNICAL)


def _kinds(whole: bool) -> list[tuple[str, str]]:
    shown = ((code, title) for code, title in records.KINDS.items() if whole or _technical(code))
    return sorted(shown, key=lambda one: one[0])


async def _values(tx: Transaction, numbers: Sequence[int]) -> dict[int, dict[str, Mapping[str, Any]]]:
    found: dict[int, dict[str, Mapping[str, Any]]] = {}
    for at in range(0, len(numbers), 500):
        some = numbers[at : at + 500]
        marks = ", ".join("?" * len(some))
        for row in await tx.fetch(f"SELECT * FROM journal_personal WHERE journal IN ({marks})", *some):
            found.setdefault(row["journal"], {})[row["field"]] = salted.given(row["salt"], row["value"])
    return found
