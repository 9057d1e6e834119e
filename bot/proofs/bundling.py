"""Gathers a bundle from the office: facts with proofs, slips, attachments; and writes down that it was taken out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from bot.pages import printing, reading, slip
from bot.pages.attachments import Cabinet
from bot.proofs import bundle, keys
from bot.proofs.bundle import Contents, Proven
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One item by its number, or everything recorded in a span; `redact` names fields of personal values."""

    item: int = 0
    span: tuple[datetime, datetime] | None = None
    redact: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        if self.span is None:
            return f"{self.item}号事项"
        begin, end = (slips.exact(one) for one in self.span)
        return f"{begin} 至 {end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """`sha256` is of the manifest."""

    data: bytes
    facts: int
    slips: int
    attachments: int
    sha256: str
    head: Head


async def make(
    database: Database, office: Office, wish: Wish, *, head: Head, folder: Path, cabinet: Cabinet, now: datetime,
    trace: str,
) -> Made:  # fmt: skip
    """Raises LookupError where there is no such item, BadKey."""
    facts = bundle.redacted(await database.read(partial(_facts, wish=wish, head=head)), wish.redact)
    printed = {} if wish.redact else await _slips(database, office, facts, head=head, now=now, trace=trace)
    contents = Contents(
        office=office.name,
        what=wish.words,
        made=slips.exact(now),
        facts=facts,
        head=head,
        older=await database.read(partial(bundle.older, head=head)),
        names=await database.read(_names),
        slips=printed,
        attachments={} if wish.redact else await asyncio.to_thread(_attachments, cabinet, facts),
        redacted=wish.redact,
    )
    signer = await asyncio.to_thread(keys.load, folder)
    inside, manifest = await asyncio.to_thread(bundle.manifest_of, contents, keys=keys.public(folder))
    return Made(
        data=await asyncio.to_thread(bundle.packed, inside, manifest, signer),
        facts=len(facts),
        slips=len(contents.slips),
        attachments=len(contents.attachments),
        sha256=sha256(manifest).hexdigest(),
        head=head,
    )


async def exported(tx: Transaction, *, made: Made, wish: Wish, now: datetime) -> None:
    """That these records were taken out is a record too."""
    fact = own_facts.BundleExported(
        bundle=f"bundle:{secrets.token_hex(6)}", what=wish.words, facts=made.facts, sha256=made.sha256,
        redacted=wish.redact,
    )  # fmt: skip
    await log.record(tx, fact, origin=Origin(door="command"), now=now)


async def _facts(tx: Transaction, wish: Wish, head: Head) -> list[Proven]:
    if wish.span is not None:
        return await bundle.between(tx, *wish.span, size=head.size)
    item = await store.numbered(tx, wish.item)
    if item is None:
        raise LookupError(wish.item)
    return await bundle.of_item(tx, item.id, size=head.size)


async def _slips(
    database: Database, office: Office, facts: Sequence[Proven], *, head: Head, now: datetime, trace: str
) -> dict[str, bytes]:
    found = {}
    for item in list(_items(facts))[:_SLIPS]:
        ctx = partial(Context, now=now, trace=trace, origin=Origin(), office=office)
        matter = await database.read(partial(_matter, context=ctx, item=item, head=head))
        if matter is not None:
            found[f"{matter.number}.pdf"] = await asyncio.to_thread(slip.pdf, printing.slip(matter))
    return found


async def _matter(tx: Transaction, context: partial[Context], item: str, head: Head) -> printing.Matter | None:
    ctx = context(tx=tx)
    shown = await store.load(tx, item)
    applicant = await directory.load(tx, shown.request.applicant) if shown else None
    if shown is None or applicant is None:
        return None
    return await _printed(ctx, shown, applicant, head)


async def _printed(ctx: Context, item: store.Item, applicant: directory.Person, head: Head) -> printing.Matter:
    read = await reading.read(ctx, item, applicant)
    return replace(printing.matter(ctx, read, printed_by="证据包"), seal=printing.seal(head))


def _items(facts: Iterable[Proven]) -> Iterable[str]:
    """Of which the bundle has a decision or the opening, each once."""
    kinds = {approval_facts.ItemOpened.KIND, approval_facts.StepDecided.KIND}
    read = (leaf.read(one.leaf) for one in facts)
    return dict.fromkeys(one.subject for one in read if one.kind in kinds)


def _attachments(cabinet: Cabinet, facts: Iterable[Proven]) -> dict[str, bytes]:
    """Those that are there; the checker says how many are not."""
    found = {}
    for hash in dict.fromkeys(one for fact in facts for one in bundle.files(fact)):
        try:
            found[hash] = cabinet.path(hash).read_bytes()
        except FileNotFoundError:
            continue
    return found


async def _names(tx: Transaction) -> dict[str, str]:
    people = await tx.fetch("SELECT id, name FROM person")
    items = await tx.fetch("SELECT id, number FROM item WHERE number > 0")
    return {row["id"]: row["name"] for row in people} | {row["id"]: f"{row['number']}号" for row in items}
