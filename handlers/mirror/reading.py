"""What a reading of a platform's own approval leaves behind: a fact per new state, and words to whom it concerns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from cards import mirror as words
from connectors.contract import NativeApproval
from connectors.refs import PersonRef
from handlers.audit import log
from handlers.context import Context
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.mirror.facts import ApprovalRead
from handlers.people import directory
from handlers.people.directory import Person

_LONGEST = 64


async def read(ctx: Context, account: str, platform: str, found: NativeApproval) -> bool:
    """False when it is as it was: written down once, told once."""
    waiting = [await directory.by_ref(ctx.tx, PersonRef(account, one)) for one in found.waiting]
    applicant = await directory.by_ref(ctx.tx, PersonRef(account, found.applicant)) if found.applicant else None
    known = [one for one in waiting if one is not None]
    fact = ApprovalRead(
        approval=_named(account, found.id), account=account, state=found.state,
        waiting=tuple(sorted({one.id for one in known})), strangers=len(waiting) - len(known),
        applicant=applicant.id if applicant else "", title=found.title,
    )  # fmt: skip
    before = await _before(ctx, fact)
    if before == (fact.state, fact.waiting):
        return False
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    new = [one for one in known if before is None or one.id not in before[1]]
    await _tell(ctx, account, new, words.waiting(platform, found, office=ctx.office.name), fact)
    if found.over and applicant is not None:
        await _tell(ctx, account, [applicant], words.over(platform, found, office=ctx.office.name), fact)
    return True


async def _before(ctx: Context, fact: ApprovalRead) -> tuple[str, tuple[str, ...]] | None:
    """State and whose turn it was, as written down last."""
    known = await log.read(ctx.tx, fact.subject)
    return (known[-1].data["state"], tuple(known[-1].data["waiting"])) if known else None


def _named(account: str, id_: str) -> str:
    """The subject of its facts; what is too long for that column is known by its hash."""
    whole = f"{account}/{id_}"
    return whole if len(whole) <= _LONGEST else hashlib.sha256(whole.encode()).hexdigest()[:_LONGEST]


async def _tell(ctx: Context, account: str, people: Iterable[Person], card: words.Card, fact: ApprovalRead) -> None:
    """Whoever is written to on that platform has its own word of it already."""
    state = hashlib.sha256(repr((fact.approval, fact.state, fact.waiting)).encode()).hexdigest()[:24]
    for person in people:
        where = await directory.reach(ctx.tx, person)
        if where is None or where.account == account:
            continue
        key = f"mirror/{state}/{int(ctx.now.timestamp() * 1000)}/{person.id}"
        await outbox.post(ctx.tx, Letter(to=where, message=card, key=key), now=ctx.now)
