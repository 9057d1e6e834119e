"""Gathers a bundle from the office: facts with proofs, slips, attachments; and writes down that it was taken out.

Facts are read some hundreds at a time and go to the disk at once; each look is a transaction of its own, which is
enough because nothing under a head ever changes.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from bot.pages import printed, printing, reading
from bot.pages.attachments import Cabinet
from bot.proofs import bundle, keys, redaction, scope, wording
from bot.proofs.bundle import Archive, Label, Proven
from bot.proofs.scope import Place, Wish
from bot.proofs.summary import MOST, Book, Summary
from cards import records
from cards import slip as slips
from handlers.approval import facts as approval_facts
from handlers.approval import store
from handlers.audit import leaf, log, own_facts
from handlers.audit.facts import Origin
from handlers.audit.heads import Head
from handlers.context import Context, Office
from handlers.people import directory
from handlers.transaction import Database, Transaction

_SLIPS: Final = 300
"""More are not printed into one bundle: the facts are all there."""
_AT_ONCE: Final = 300
_OPENING: Final = frozenset({approval_facts.ItemOpened.KIND, approval_facts.StepDecided.KIND})

Progress = Callable[[int, int], None]


def _silent(done: int, of: int) -> None: ...


class TooMuch(Exception):
    """More facts than were asked for at the most; how many."""

    def __init__(self, facts: int) -> None:
        super().__init__(facts)
        self.facts = facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a bundle comes from: `folder` has the keys, `trace` names the request."""

    database: Database
    office: Office
    folder: Path
    cabinet: Cabinet
    now: datetime
    trace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """`sha256` is of the manifest."""

    facts: int
    slips: int
    attachments: int
    sha256: str
    head: Head


@dataclass(slots=True)
class _Gathered:
    """What went by while the facts were written."""

    items: dict[str, None] = field(default_factory=dict)
    files: dict[str, None] = field(default_factory=dict)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    facts: int = 0


async def make(
    source: Source, wish: Wish, *, head: Head, into: Path, most: int = 0, sizes: Collection[int] = (),
    progress: Progress = _silent,
) -> Made:  # fmt: skip
    """Writes the zip. `sizes` are of heads that somebody kept, whose proofs go in.

    Raises LookupError where there is no such item, TooMuch where there are more than `most` facts (0: any number),
    BadKey, NoFont, OSError.
    """
    places = await source.database.read(partial(scope.places, wish=wish, size=head.size))
    if most and len(places) > most:
        raise TooMuch(len(places))
    work = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=into.parent))
    try:
        return await _Making(source, wish, head, work).into(into, places, sizes, progress)
    finally:
        await asyncio.to_thread(shutil.rmtree, work)


async def exported(
    tx: Transaction, *, made: Made, what: str, redacted: Sequence[str], origin: Origin, now: datetime
) -> None:
    """That these records were taken out is a record too."""
    fact = own_facts.BundleExported(
        bundle=f"bundle:{secrets.token_hex(6)}", what=what, facts=made.facts, sha256=made.sha256,
        redacted=tuple(redacted),
    )  # fmt: skip
    await log.record(tx, fact, origin=origin, now=now)


class _Making:
    def __init__(self, source: Source, wish: Wish, head: Head, work: Path) -> None:
        self._source = source
        self._wish = wish
        self._head = head
        self._work = work
        self._gathered = _Gathered()
        self._what = wish.words(source.office)

    async def into(self, path: Path, places: Sequence[Place], sizes: Collection[int], progress: Progress) -> Made:
        signer = await asyncio.to_thread(keys.load, self._source.folder)
        known = await asyncio.to_thread(keys.public, self._source.folder)
        older = await self._source.database.read(partial(bundle.older, head=self._head, sizes=sizes))
        counts = await self._facts(places, progress)
        sheets = {} if self._wish.redact else await self._slips()
        draft = self._work / "draft.zip"
        label = Label(
            office=self._source.office.name, what=self._what, made=slips.exact(self._source.now),
            redacted=self._wish.redact,
        )  # fmt: skip
        attached = [] if self._wish.redact else self._attached()

        def written() -> str:
            with Archive(draft) as archive:
                archive.furnish(self._head, older)
                archive.take("facts.jsonl", self._work / "facts.jsonl")
                archive.put("names.json", self._names())
                archive.take("summary.xlsx", self._work / "summary.xlsx")
                archive.put("summary.pdf", _paper(self._summary(counts, len(sheets), len(attached))))
                for name, data in sheets.items():
                    archive.put(f"slips/{name}", data)
                for digest in attached:
                    archive.take(f"attachments/{digest}", self._source.cabinet.path(digest))
                return archive.seal(label, keys=known, signer=signer)

        digest = await asyncio.to_thread(written)
        await asyncio.to_thread(draft.replace, path)
        return Made(
            facts=self._gathered.facts, slips=len(sheets), attachments=len(attached), sha256=digest, head=self._head
        )

    async def _facts(self, places: Sequence[Place], progress: Progress) -> dict[str, int]:
        """Onto the disk, a portion at a time; how many of each kind."""
        book = await asyncio.to_thread(partial(Book, self._work / "summary.xlsx", title=self._what))
        try:
            for at in range(0, len(places), _AT_ONCE):
                facts, words = await self._source.database.read(partial(self._portion, places[at : at + _AT_ONCE]))
                await asyncio.to_thread(self._write, facts, words, book)
                progress(min(at + _AT_ONCE, len(places)), len(places))
            if not places:
                await asyncio.to_thread((self._work / "facts.jsonl").touch)
        finally:
            await asyncio.to_thread(book.close)
        return dict(book.counts)

    async def _portion(self, places: Sequence[Place], tx: Transaction) -> tuple[list[Proven], wording.Words]:
        facts = await bundle.proven(tx, places, size=self._head.size, redact=self._wish.redact)
        return facts, await wording.of(tx, self._source.office, facts)

    def _write(self, facts: Sequence[Proven], words: wording.Words, book: Book) -> None:
        with (self._work / "facts.jsonl").open("a", encoding="utf-8", newline="\n") as lines:
            lines.writelines(one.line() + "\n" for one in facts)
        book.add(facts, words)
        gathered = self._gathered
        gathered.facts += len(facts)
        gathered.names |= words.names
        gathered.forms |= words.forms
        for one in facts:
            fact = leaf.read(one.leaf)
            if fact.kind in _OPENING:
                gathered.items[fact.subject] = None
            gathered.files.update(dict.fromkeys(bundle.files(one)))
            if len(gathered.rows) < MOST:
                gathered.rows.append(_brief(one, words))

    async def _slips(self) -> dict[str, bytes]:
        source, found = self._source, {}
        for item in list(self._gathered.items)[:_SLIPS]:
            ctx = partial(Context, now=source.now, trace=source.trace, origin=Origin(), office=source.office)
            matter = await source.database.read(partial(_matter, context=ctx, item=item, head=self._head))
            if matter is not None:
                found[f"{matter.number}.pdf"] = await asyncio.to_thread(printed.slip, printing.slip(matter))
        return found

    def _names(self) -> bytes:
        names = {"names": self._gathered.names, "forms": self._gathered.forms}
        return json.dumps(names, ensure_ascii=False, sort_keys=True).encode()

    def _attached(self) -> list[str]:
        """Those that are there; the checker says how many are not."""
        return [one for one in self._gathered.files if _there(self._source.cabinet, one)]

    def _summary(self, counts: dict[str, int], printed: int, attached: int) -> Summary:
        gathered, seal = self._gathered, printing.seal(self._head)
        assert seal is not None
        return Summary(
            office=self._source.office.name,
            what=self._what,
            made=slips.exact(self._source.now),
            seal=seal,
            parts=(("记录", gathered.facts), ("事项", len(gathered.items)), ("打印单", printed), ("附件", attached)),
            kinds=[(records.kind(kind), count) for kind, count in sorted(counts.items(), key=lambda one: -one[1])],
            rows=gathered.rows,
            left_out=gathered.facts - len(gathered.rows),
            redacted=self._wish.redact_words or redaction.words(self._wish.redact, self._source.office),
        )


def _brief(one: Proven, words: wording.Words) -> tuple[str, ...]:
    told = wording.told(one, words)
    said = "；".join(f"{line.title}：{line.text}" for line in told.lines if not line.technical)
    return str(told.number), slips.exact(told.recorded), told.what, told.about, told.who, said


def _there(cabinet: Cabinet, digest: str) -> bool:
    try:
        return cabinet.path(digest).is_file()
    except FileNotFoundError:
        return False


async def _matter(tx: Transaction, context: Any, item: str, head: Head) -> printing.Matter | None:
    ctx: Context = context(tx=tx)
    shown = await store.load(tx, item)
    applicant = await directory.load(tx, shown.request.applicant) if shown else None
    if shown is None or applicant is None:
        return None
    read = await reading.read(ctx, shown, applicant)
    return replace(printing.matter(ctx, read, printed_by="证据包"), seal=printing.seal(head))


def _paper(summary: Summary) -> bytes:
    """Raises NoFont. Blocking; the library is loaded here, as in `bot/pages/printed.py`."""
    from bot.proofs import summary_paper

    return summary_paper.pdf(summary)
