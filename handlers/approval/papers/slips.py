"""Numbered slips: given out with a fact that has the words of the paper, asked about later by whoever holds it."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from handlers.approval import facts, store
from handlers.audit import log
from handlers.audit.log import Recorded
from handlers.context import Context
from handlers.transaction import Transaction, to_ms

AGAIN: Final = timedelta(hours=1)
"""The same words for the same person within this time are the same paper."""
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Its number and the code printed beside it, each eight letters and digits."""

    serial: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A paper that was given out: `shown` are its words, None where they were erased; `number` is the fact's."""

    serial: str
    item: str
    person: str
    issued: datetime
    number: int
    facts: int
    shown: Mapping[str, Any] | None


async def issue(ctx: Context, item: store.Item, person: str, shown: Mapping[str, Any]) -> Paper:
    """`shown` without anything that differs from one print to the next."""
    again = await _again(ctx, item, person, shown)
    if again is not None:
        return again
    serial = "".join(secrets.choice(_LETTERS) for _ in range(8))
    paper = Paper(serial=serial, code=code_of(serial, ctx.office.card_key))
    row = await ctx.tx.first("SELECT COUNT(*) AS n FROM journal WHERE subject = ?", item.id)
    fact = facts.SlipIssued(
        slip=_subject(serial), item=item.id, person=person, code=_print(paper.code), facts=row["n"] if row else 0,
        shown=shown,
    )  # fmt: skip
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    return paper


async def find(tx: Transaction, serial: str, code: str) -> Found | None:
    """None for a number that was never given out, and for a code that is not its own: nobody learns which."""
    issued = [one for one in await log.read(tx, _subject(plain(serial))) if one.kind == facts.SlipIssued.KIND]
    if not issued or not hmac.compare_digest(_print(plain(code)), str(issued[0].data["code"])):
        return None
    return _found(issued[0])


async def checked(ctx: Context, paper: Found, *, person: str, address: str) -> None:
    """That the words of the paper were shown to somebody; once an hour for each paper."""
    row = await ctx.tx.first(
        "SELECT 1 AS one FROM journal WHERE subject = ? AND kind = ? AND recorded_ms > ? AND actor = ? LIMIT 1",
        _subject(paper.serial), facts.SlipChecked.KIND, to_ms(ctx.now - AGAIN), ctx.origin.person,
    )  # fmt: skip
    if row is None:
        fact = facts.SlipChecked(slip=_subject(paper.serial), item=paper.item, person=person, address=address)
        await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)


def plain(typed: str) -> str:
    """As people copy it from paper: small letters, spaces and dashes do not matter."""
    return "".join(one for one in typed.upper() if one.isascii() and one.isalnum())[:20]


async def _again(ctx: Context, item: store.Item, person: str, shown: Mapping[str, Any]) -> Paper | None:
    rows = await ctx.tx.fetch(
        "SELECT subject FROM journal WHERE actor = ? AND kind = ? AND recorded_ms > ? ORDER BY id DESC LIMIT 20",
        ctx.origin.person, facts.SlipIssued.KIND, to_ms(ctx.now - AGAIN),
    )  # fmt: skip
    for row in rows:
        one = _found((await log.read(ctx.tx, row["subject"]))[0])
        paper = Paper(serial=one.serial, code=code_of(one.serial, ctx.office.card_key))
        same = one.item == item.id and one.person == person and one.shown == shown
        if same and await find(ctx.tx, paper.serial, paper.code):  # not where the office's key was changed meanwhile
            return paper
    return None


def _found(one: Recorded) -> Found:
    return Found(
        serial=one.subject.removeprefix("slip:"), item=one.data["item"], person=one.data["person"],
        issued=one.recorded, number=one.id, facts=one.data["facts"], shown=one.data["shown"],
    )  # fmt: skip


def _subject(serial: str) -> str:
    return f"slip:{serial}"


def code_of(serial: str, key: bytes) -> str:
    mac = hmac.digest(key, f"officebot slip/{serial}".encode(), "sha256")
    return "".join(_LETTERS[one % len(_LETTERS)] for one in mac[:8])


def _print(code: str) -> str:
    return sha256(code.encode()).hexdigest()


def urlsafe(root: bytes) -> str:
    """A head's root as an address carries it."""
    return base64.urlsafe_b64encode(root).rstrip(b"=").decode()
