"""The inspector's pages: is this paper, this record, this bundle what it claims? For papers and bundles no sign-in.

    GET  /office/check                     number and code of a paper, a bundle to upload, a head to paste
    GET  /office/slips/{serial}?c=&n=&r=   what the code on a slip opens; n and r are the head that the paper carries
    POST /office/check/bundle              a bundle; POST /office/check/head: a head that somebody kept
    GET  /office/items/{item}/proof        every record of an item, for those who may read it; values for inspectors

A stranger with a slip is shown the verdict and the words of that slip, nothing else of the record. That they were shown
is a fact. Nothing else here writes, and nothing that is uploaded stays.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import structlog
from aiohttp import BodyPartReader, ClientPayloadError, web

from bot.pages import limits, visit
from bot.pages.items import Items
from bot.pages.limits import Limiter
from bot.pages.visit import Front, Visit
from bot.proofs import inspecting, keys, standing, verifier, wording
from bot.proofs.inspecting import Answer, TooLong
from bot.proofs.keys import BadKey
from bot.proofs.standing import Checked, Standing, State
from bot.proofs.wording import Told, Words
from cards import inspect as said
from cards.inspect import Verdict
from handlers.approval import access, facts, store
from handlers.approval.papers import slips
from handlers.approval.papers.slips import Found
from handlers.audit import notes
from handlers.audit.facts import Origin
from handlers.audit.notes import Checkpoint, Unsigned, Verifier
from handlers.context import Context
from handlers.transaction import Transaction

log = structlog.get_logger(__name__)

INSPECTOR: Final = "inspector"
"""Sees whole records with every value; others who may read an item see on its page what is theirs to see."""
_ANONYMOUS: Final = Origin(person="", door="check")
_LONGEST_TEXT: Final = 200_000
_HEADS: Final = 400
"""A year's, that are compared at once."""
_AT_ONCE: Final = 1 << 16
_SENDING: Final = 12  # uploads under way; each may be as large as the limit, on the disk
_QUEUE: Final = 2
_PATIENCE_S: Final = 180.0
_RUINED: Final = (ValueError, TypeError, LookupError, OverflowError)
"""What reading the journal raises where somebody wrote into it."""


class Unfit(Exception):
    """An upload that is not looked at: a code of `cards.inspect.REFUSED`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An upload on the disk, with what came beside it."""

    path: Path
    key: str
    heads: str


class Checks:
    """`routes` once."""

    def __init__(self, front: Front, items: Items) -> None:
        self._front = front
        self._items = items
        self._questions = Limiter(each=30, all=600)
        self._uploads = Limiter(each=6, all=60)
        self._one = asyncio.Semaphore(1)
        self._sending = self._waiting = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/check", self.begin),
            web.get("/slips/{serial}", self.slip),
            web.post("/check/bundle", self.bundle),
            web.post("/check/head", self.head),
            web.get("/items/{item}/proof", self._front.page(self.proof)),
        ]

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """The three ways in; number and code typed by hand lead to the paper."""
        serial, code = (slips.plain(request.query.get(name, "")) for name in ("serial", "code"))
        if serial and code:
            raise web.HTTPSeeOther(f"/office/slips/{quote(serial)}?{urlencode({'c': code})}")
        return await self._page(request, {"serial": serial})

    async def slip(self, request: web.Request) -> web.StreamResponse:
        if not self._questions.allows(limits.address_of(request), now=self._front.clock.now()):
            return await self._refused(request, "slow_down", status=429)
        seen = await self._front.visitor(request)
        serial, code = request.match_info["serial"], request.query.get("c", "")
        try:
            found = await self._front.database.read(partial(slips.find, serial=serial, code=code))
        except _RUINED:
            log.error("slip.unreadable", serial=slips.plain(serial))
            data = {"verdict": said.ruined_slip(), "serial": slips.plain(serial)}
            return await self._page(request, data, seen=seen)
        if found is None:
            data = {"verdict": said.unknown_slip(), "serial": slips.plain(serial)}
            return await self._page(request, data, seen=seen, status=404)
        now = self._front.clock.now()
        await self._front.database.write(
            partial(self._shown_to, found=found, seen=seen, address=limits.address_of(request), now=now)
        )
        kept = _carried(request.query)
        ours = await self._keys()
        unit = partial(self._slip, found=found, kept=kept, seen=seen, ours=ours, now=now)
        data = await self._front.database.read(unit)
        return await self._page(request, data, seen=seen)

    async def proof(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """For readers of the item; a fresh head is signed first, so that what was just written is under it too."""
        shown = await self._items.load(seen, request.match_info["item"])
        await self._front.head()
        whole = INSPECTOR in seen.roles
        ours = await self._keys()
        told = await self._front.database.read(partial(self._told, item=shown.item.id, ours=ours, now=seen.now))
        if not seen.roles & access.LOG_READERS:  # the rows say who has looked
            told["rows"] = ()
        data = {"shown": shown, "whole": whole, "said": said, **told}
        return visit.render(request, "proof.html", data, visit=seen)

    async def head(self, request: web.Request) -> web.StreamResponse:
        if not self._questions.allows(limits.address_of(request), now=self._front.clock.now()):
            return await self._refused(request, "slow_down", status=429)
        text = str((await request.post()).get("head", ""))[:_LONGEST_TEXT]
        verdicts = await self._front.database.read(partial(_heads, text=text, ours=await self._keys()))
        return await self._page(request, {"verdicts": verdicts, "pasted": text[:2000]})

    async def bundle(self, request: web.Request) -> web.StreamResponse:
        """One check at a time and two in the queue: it takes a processor for itself. Slow uploads hold up nobody."""
        if not self._uploads.allows(limits.address_of(request), now=self._front.clock.now()):
            return await self._refused(request, "slow_down", status=429)
        if self._sending >= _SENDING or self._waiting > _QUEUE:
            return await self._refused(request, "busy", status=503)
        folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="officebot-check-")
        try:
            sheet = await self._sent(request, Path(folder))
            return await self._in_turn(request, sheet)
        except Unfit as unfit:
            return await self._refused(request, str(unfit), status=413 if str(unfit) == "too_big" else 422)
        except TooLong:
            return await self._refused(request, "too_long", status=422)
        finally:
            await asyncio.to_thread(_gone, Path(folder))

    async def _sent(self, request: web.Request, folder: Path) -> Sheet:
        """Raises Unfit, also for one that takes too long."""
        self._sending += 1
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await _taken(request, folder)
        except TimeoutError:
            raise Unfit("broken_off") from None
        finally:
            self._sending -= 1

    async def _in_turn(self, request: web.Request, sheet: Sheet) -> web.StreamResponse:
        """Raises TooLong."""
        self._waiting += 1
        try:
            async with self._one:
                return await self._checked(request, sheet)
        finally:
            self._waiting -= 1

    async def _checked(self, request: web.Request, sheet: Sheet) -> web.StreamResponse:
        heads = sheet.path.with_name("heads.txt")
        await asyncio.to_thread(heads.write_text, sheet.heads, encoding="utf-8", errors="replace")
        answer = await inspecting.inspect(
            sheet.path, office=self._front.office(), ours=await self._keys(), keys=[sheet.key] if sheet.key else (),
            heads=heads if sheet.heads.strip() else None,
        )  # fmt: skip
        log.info("bundle.checked", ok=not answer.bad and not answer.unreadable, ours=answer.ours)
        if answer.unreadable:
            return await self._page(request, {"verdict": said.unreadable(answer.unreadable)}, status=422)
        here = await self._front.database.read(partial(_here, about=answer.about)) if answer.ours else ""
        verdict = said.bundle(
            bad=answer.bad, good=answer.good, limits=answer.limits, ours=answer.ours,
            office=str(answer.about.get("office", "")), here=here, size=int(answer.about.get("size", 0)),
        )  # fmt: skip
        data = {"verdict": verdict, "answer": answer, "rows": _rows(answer), "most": inspecting.SHOWN}
        return await self._page(request, data)

    async def _shown_to(
        self, tx: Transaction, *, found: Found, seen: Visit | None, address: str, now: datetime
    ) -> None:
        origin = seen.origin() if seen else _ANONYMOUS
        ctx = Context(tx=tx, now=now, trace="", origin=origin, office=self._front.office())
        await slips.checked(ctx, found, person=seen.person.id if seen else "", address=address)

    async def _slip(
        self, tx: Transaction, *, found: Found, kept: tuple[int, bytes] | None, seen: Visit | None,
        ours: Sequence[Verifier], now: datetime,
    ) -> dict[str, Any]:  # fmt: skip
        stand = await standing.of_subject(tx, found.item, keys=ours, now=now)
        own = await standing.of_subject(tx, f"slip:{found.serial}", keys=ours, now=now)
        words = await wording.of(tx, self._front.office(), [one.fact for one in [*stand.facts, *own.facts]])
        before = await tx.first(
            "SELECT COUNT(*) AS n FROM journal WHERE subject = ? AND id < ?", found.item, found.number
        )
        there = before["n"] if before else 0
        # Who looked since is no business of whoever holds the paper.
        later = await tx.first(
            "SELECT COUNT(*) AS n FROM journal WHERE subject = ? AND id > ? AND kind NOT IN (?, ?)",
            found.item, found.number, facts.RecordRead.KIND, facts.SlipPrinted.KIND,
        )  # fmt: skip
        grew = await standing.grew(tx, *kept) if kept else None
        paper = "" if kept is None else {True: "good", False: "bad", None: "cut"}[grew]
        wrong = [_wrong(one, words) for one in [*own.wrong, *stand.wrong]]
        verdict = said.slip(
            wrong=wrong, waiting=stand.count(State.WAITING), unsigned=_unsigned(stand), signed=stand.signed,
            sound=stand.count(State.SOUND), facts=len(stand.facts), head=stand.head.at if stand.head else None,
            paper=paper, paper_size=kept[0] if kept else 0, missing=found.facts - there,
            erased=found.shown is None, later=later["n"] if later else 0, late=stand.late,
        )  # fmt: skip
        item = await store.load(tx, found.item)
        readable = seen is not None and item is not None and await access.may_read(
            tx, item, person=seen.person.id, roles=seen.roles
        )
        # What was written into is no measure for a paper.
        shown = None if own.wrong else found.shown
        return {"verdict": verdict, "found": found, "slip": shown, "readable": readable}

    async def _told(
        self, tx: Transaction, *, item: str, ours: Sequence[Verifier], now: datetime
    ) -> dict[str, Any]:
        stand = await standing.of_subject(tx, item, keys=ours, now=now)
        words = await wording.of(tx, self._front.office(), [one.fact for one in stand.facts])
        verdict = said.record(
            wrong=[_wrong(one, words) for one in stand.wrong], sound=stand.count(State.SOUND),
            waiting=stand.count(State.WAITING), unsigned=_unsigned(stand),
            head=stand.head.at if stand.head else None, signed=stand.signed, late=stand.late, more=stand.more,
        )  # fmt: skip
        rows = [(wording.told(one.fact, words), one.state.value, one.erased) for one in stand.facts]
        return {"verdict": verdict, "rows": rows, "head": stand.head}

    async def _keys(self) -> list[Verifier]:
        try:
            return await asyncio.to_thread(keys.public, keys.folder(self._front.files.parents[1]))
        except BadKey:
            log.error("keys.unreadable")
            return []

    async def _page(
        self, request: web.Request, data: Mapping[str, Any], *, seen: Visit | None = None, status: int = 200
    ) -> web.StreamResponse:
        seen = seen or await self._front.visitor(request)
        base = {"said": said, "most_mb": inspecting.MOST_MB, "serial": ""}
        return visit.render(request, "check.html", {**base, **data}, visit=seen, status=status)

    async def _refused(self, request: web.Request, code: str, *, status: int) -> web.StreamResponse:
        words = said.REFUSED[code].format(most=inspecting.MOST_MB)
        return await self._page(request, {"refusal": words}, status=status)


async def _taken(request: web.Request, folder: Path) -> Sheet:
    """The upload, a piece at a time onto the disk. Raises Unfit."""
    if not request.content_type.startswith("multipart/"):
        raise Unfit("no_file")
    fields: dict[str, str] = {}
    path = folder / "bundle.zip"
    size = 0
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise Unfit("no_file")
            if part.name == "bundle" and part.filename:
                size = await _kept_on_disk(part, path)
            elif part.name in ("key", "heads"):
                fields[part.name] = (await _text(part)).strip()
    except (ValueError, AssertionError, web.HTTPException, ClientPayloadError):
        raise Unfit("broken_off") from None
    if not size:
        raise Unfit("no_file")
    try:
        if fields.get("key"):
            verifier.key_of(fields["key"])
    except ValueError:
        raise Unfit("bad_key") from None
    return Sheet(path=path, key=fields.get("key", ""), heads=fields.get("heads", ""))


async def _kept_on_disk(part: BodyPartReader, path: Path) -> int:
    size = 0
    with await asyncio.to_thread(path.open, "wb") as file:
        while some := await part.read_chunk(_AT_ONCE):
            size += len(some)
            if size > inspecting.MOST_MB << 20:
                raise Unfit("too_big")
            await asyncio.to_thread(file.write, some)
    if not part.at_eof():
        raise Unfit("broken_off")
    return size


async def _text(part: BodyPartReader) -> str:
    data = b""
    while (some := await part.read_chunk(_AT_ONCE)) and len(data) < _LONGEST_TEXT:
        data += some
    return data.decode("utf-8", "replace")


def _gone(folder: Path) -> None:
    for one in folder.iterdir():
        one.unlink()
    os.rmdir(folder)


def _carried(query: Mapping[str, str]) -> tuple[int, bytes] | None:
    """The head that a paper's code brought along; None without one, or where it is torn."""
    size, root = query.get("n", ""), query.get("r", "")
    if not (size.isascii() and size.isdigit() and len(size) < 16):
        return None
    try:
        raw = base64.urlsafe_b64decode(root + "=" * (-len(root) % 4))
    except (binascii.Error, ValueError):
        return None
    return (int(size), raw) if len(raw) == 32 else None


async def _here(tx: Transaction, about: Mapping[str, Any]) -> str:
    """How the head of a bundle of ours stands to our journal of today."""
    try:
        grew = await standing.grew(tx, int(about["size"]), bytes.fromhex(str(about["root"])))
    except (KeyError, ValueError, OverflowError):
        return ""
    return {True: "good", False: "bad", None: "cut"}[grew]


async def _heads(tx: Transaction, *, text: str, ours: Sequence[Verifier]) -> list[Verdict]:
    kept = notes.split(text)
    found = [await _kept(tx, note, ours) for note in kept[:_HEADS]]
    left_out, torn = len(kept) - len(found), verifier.unread_in(text)
    return said.kept_heads(found, left_out=left_out, torn=torn)


async def _kept(tx: Transaction, note: str, ours: Sequence[Verifier]) -> Verdict:
    try:
        point: Checkpoint = notes.checkpoint(note.rpartition("\n\n")[0] + "\n")
    except Unsigned:
        return said.kept_head(state="none", size=0, at=None)
    try:
        notes.opened(note, ours)
    except Unsigned:
        return said.kept_head(state="unknown", size=point.size, at=point.at)
    state = {True: "good", False: "bad", None: "cut"}[await standing.grew(tx, point.size, point.root)]
    return said.kept_head(state=state, size=point.size, at=point.at)


def _unsigned(stand: Standing) -> int:
    """A last head that is not ours, or torn, is another matter than one that has not come yet."""
    return stand.count(State.UNSIGNED) if stand.signed else 0


def _wrong(one: Checked, words: Words) -> str:
    told = wording.told(one.fact, words)
    field = wording.title(one.fact, one.field)
    return said.wrong_record(
        told.number, told.recorded, told.what, told.who, state=one.state.value, field=field
    )


def _rows(answer: Answer) -> list[tuple[Told, str, tuple[str, ...]]]:
    """As on an item's own page; a bundle's records are all wrong after nothing: only the first bad one is named."""
    wrong = {index + 1 for index in answer.wrong}
    return [(one, "changed" if one.number in wrong else "", ()) for one in answer.facts]

