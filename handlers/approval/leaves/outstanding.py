"""“谁没销假”, “谁的证明没交”: what personnel wait for, asked for instead of told (`overdue`, `proofs`)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from cards import leave_outstanding as words
from cards.leave_outstanding import Owed
from cards.model import Text
from connectors.events import TextReceived
from handlers import senders
from handlers.approval import faces, store
from handlers.approval.leaves import leave_return, overdue, proofs
from handlers.context import Context
from handlers.leave import charge
from handlers.leave.reports import absences
from handlers.people import directory
from handlers.routing import PASS, Answer, Router, router

PERSONNEL: Final = "personnel"
_BACK, _AHEAD = timedelta(days=180), timedelta(days=60)


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """The list, for personnel; others are told whose it is."""
    asked = words.asks(event.text)
    if not asked:
        return PASS
    person = await senders.known(ctx, event.sender)
    if PERSONNEL not in await directory.roles_of(ctx.tx, person.id):
        await senders.answer(ctx, event, Text(words.not_allowed()), "outstanding")
        return None
    rows = await (_returns(ctx) if asked == words.RETURN else _proofs(ctx))
    told = words.listed(asked, rows, today=charge.today(ctx))
    await senders.answer(ctx, event, Text(told), "outstanding")
    return None


async def _returns(ctx: Context) -> list[Owed]:
    today = charge.today(ctx)
    found = []
    for item in await _leaves(ctx, today - timedelta(days=1)):
        person = await directory.load(ctx.tx, item.request.applicant)
        if person is not None and person.active and await overdue.is_overdue(ctx, person, item):
            last = leave_return.span(item.fields).last.day
            found.append(Owed(person.name, leave_return.named(item, today), last))
    return sorted(found, key=_oldest)


async def _proofs(ctx: Context) -> list[Owed]:
    found = []
    for item in await _leaves(ctx, charge.today(ctx) + _AHEAD):
        person = await directory.load(ctx.tx, item.request.applicant)
        if person is None or not person.active or not proofs.is_owed(item):
            continue
        wanted, title = item.fields["proof_wanted"], (await faces.of(ctx, item)).title(item.fields)
        until = date.fromisoformat(wanted["due"]) if wanted.get("due") else None
        found.append(Owed(person.name, words.numbered(title, item.number), until, wanted["kind"]))
    return sorted(found, key=_oldest)


def _oldest(one: Owed) -> tuple[date, str]:
    return one.until or date.max, one.person


async def _leaves(ctx: Context, last: date) -> list[store.Item]:
    """The approved leaves of the last half year with a day until `last`, without their decisions."""
    refs = await absences.of_whom(ctx.tx, charge.today(ctx) - _BACK, last)
    return await store.approved(ctx.tx, sorted({ref for _, ref in refs}))


ROUTES: Router = router((TextReceived, on_text))
