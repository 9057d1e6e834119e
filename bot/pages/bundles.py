"""A bundle taken out by an inspector: of an item, a person, a kind, a span; with chosen fields left out.

    GET /office/bundle               what to take
    GET /office/bundle/file.zip      the file; larger ones are the command's (`officebot audit export`)
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping

from bot.pages import attachments, visit
from bot.pages.attachments import Cabinet
from bot.pages.printed import NoFont
from bot.pages.visit import Front, Visit
from bot.proofs import bundling, keys, redaction, scope
from bot.proofs.bundling import Made, Source, TooMuch
from bot.proofs.keys import BadKey
from bot.proofs.redaction import Unknown
from bot.proofs.scope import Wish
from cards import inspect as said
from handlers import errors
from handlers.approval.language import book
from handlers.transaction import Transaction

INSPECTOR: Final = "inspector"
MOST: Final = 5000
"""Facts of one file made here."""
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """As the address has it; `redact` are words that people know fields by."""

    item: str = ""
    person: str = ""
    kind: str = ""
    begin: str = ""
    end: str = ""
    redact: tuple[str, ...] = ()

    def query(self) -> str:
        pairs = [(name, getattr(self, name)) for name in ("item", "person", "kind", "begin", "end")]
        return urlencode([pair for pair in pairs if pair[1]] + [("redact", one) for one in self.redact])

    @property
    def command(self) -> str:
        """The same for the command line."""
        options = {"item": self.item, "person": self.person, "kind": self.kind, "from": self.begin, "to": self.end}
        parts = [f"--{name} {value}" for name, value in options.items() if value]
        hidden = [f"--redact {one}" for one in self.redact]
        return " ".join(["officebot audit export", *parts, *hidden, "-o 证据包.zip"])


class Mistaken(Exception):
    """What was asked for cannot be; in words."""


class Bundles:
    """`routes` once."""

    def __init__(self, front: Front, cabinet: Cabinet) -> None:
        self._front = front
        self._cabinet = cabinet
        self._one = asyncio.Semaphore(1)

    def routes(self) -> list[web.RouteDef]:
        page = self._front.page
        return [web.get("/bundle", page(self.show)), web.get("/bundle/file.zip", page(self.file))]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        _for_inspectors(seen)
        return self._form(request, seen, _asked(request.query), "")

    async def file(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """The fact is durable before the first byte goes out."""
        _for_inspectors(seen)
        asked = _asked(request.query)
        try:
            wish = await self._front.database.read(partial(self._wish, asked=asked))
            data, made = await self._made(wish, seen, asked)
        except Mistaken as mistaken:
            return self._form(request, seen, asked, str(mistaken))
        what = wish.words(self._front.office())
        await self._front.database.write(
            partial(bundling.exported, made=made, what=what, redacted=wish.redact, origin=seen.origin(), now=seen.now)
        )
        name = f"证据包-{what}.zip".replace("/", "-").replace(":", "")[:80]
        return web.Response(body=data, headers=attachments.headers(name, "application/zip"))

    async def _made(self, wish: Wish, seen: Visit, asked: Asked) -> tuple[bytes, Made]:
        head = await self._front.head()
        if head is None:
            raise Mistaken(said.EXPORT["no_head"])
        source = Source(
            database=self._front.database, office=self._front.office(), cabinet=self._cabinet, now=seen.now,
            folder=keys.folder(self._front.files.parents[1]), trace=seen.trace,
        )  # fmt: skip
        async with self._one:
            with tempfile.TemporaryDirectory(prefix="officebot-bundle-") as folder:
                path = Path(folder) / "x.zip"
                try:
                    made = await bundling.make(source, wish, head=head, into=path, most=MOST)
                except TooMuch as much:
                    words = said.EXPORT["too_much"]
                    raise Mistaken(words.format(facts=much.facts, most=MOST, command=asked.command)) from None
                except LookupError:
                    raise Mistaken(said.EXPORT["no_item" if wish.item else "no_nodes"].format(item=wish.item)) from None
                except (NoFont, BadKey):
                    raise Mistaken(said.EXPORT["no_head"]) from None
                if not made.facts:
                    raise Mistaken(said.EXPORT["nothing"])
                return await asyncio.to_thread(path.read_bytes), made

    def _form(self, request: web.Request, seen: Visit, asked: Asked, problem: str) -> web.StreamResponse:
        office = self._front.office()
        forms = sorted(form.title for form in office.of(book.Forms).by_code.values())
        known = redaction.called(office)
        common = [word for word in redaction.COMMON if word in known]
        data = {
            "asked": asked, "problem": problem, "forms": ["休假", *(one for one in forms if one != "请休假")],
            "common": common, "others": sorted(set(known) - set(common)), "everything": redaction.EVERYTHING,
            "more": "、".join(one for one in asked.redact if one not in common and one != redaction.EVERYTHING),
        }  # fmt: skip
        return visit.render(request, "bundle.html", data, visit=seen, status=422 if problem else 200)

    async def _wish(self, tx: Transaction, *, asked: Asked) -> Wish:
        """Raises Mistaken."""
        office = self._front.office()
        try:
            codes = redaction.codes(asked.redact, office)
        except Unknown as unknown:
            near = said.EXPORT["near"].format(near="、".join(unknown.near)) if unknown.near else ""
            raise Mistaken(said.EXPORT["no_field"].format(word=unknown.word) + near) from None
        kind = scope.kind_called(asked.kind, office) if asked.kind else ""
        if kind is None:
            raise Mistaken(said.EXPORT["no_kind"].format(word=asked.kind))
        number = asked.item.removesuffix("号").strip()
        if number and not (number.isascii() and number.isdigit() and len(number) < 16):
            raise Mistaken(said.EXPORT["no_item"].format(item=asked.item))
        people = await scope.people_called(tx, asked.person) if asked.person else []
        if asked.person and len(people) != 1:
            numbers = "、".join(one.staff_no or one.id for one in people)
            raise Mistaken(said.EXPORT["many" if people else "nobody"].format(word=asked.person, numbers=numbers))
        span = self._span(asked)
        if not (number or people or kind or span):
            raise Mistaken(said.EXPORT["what"])
        return Wish(
            item=int(number or 0), person=people[0] if people else None, kind=kind, span=span, redact=codes,
            redact_words=asked.redact,
        )  # fmt: skip

    def _span(self, asked: Asked) -> tuple[datetime, datetime] | None:
        if not asked.begin and not asked.end:
            return None
        try:
            zone = self._front.office().timezone
            first, last = (datetime.fromisoformat(one[:10]).replace(tzinfo=zone) for one in (asked.begin, asked.end))
            end = last + timedelta(days=1)
        except (ValueError, OverflowError):
            raise Mistaken(said.EXPORT["days"]) from None
        if end <= first:
            raise Mistaken(said.EXPORT["days"])
        return first, end


def _for_inspectors(seen: Visit) -> None:
    """Raises NotAllowed(inspectors_only)."""
    if INSPECTOR not in seen.roles:
        raise errors.NotAllowed(code="inspectors_only", by=seen.person.id)


def _asked(query: MultiMapping[str]) -> Asked:
    text = {name: query.get(name, "").strip().replace("\0", "")[:_LONGEST] for name in query}
    words = [one for sent in query.getall("redact", ()) for one in sent.replace("，", "、").split("、")]
    return Asked(
        item=text.get("item", ""), person=text.get("person", ""), kind=text.get("kind", ""),
        begin=text.get("begin", ""), end=text.get("end", ""),
        redact=tuple(dict.fromkeys(one.strip()[:_LONGEST] for one in words if one.strip()))[:100],
    )  # fmt: skip
