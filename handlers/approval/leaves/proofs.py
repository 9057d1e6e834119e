"""The certificate that a kind of leave asks for: told of at once, chased when it is due, seen by personnel.

The paper itself goes to personnel and never into the chat (office-rules.md 2: medical data). Only that it was seen, by
whom and when, is kept here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from cards import leave_proof as words
from cards.model import Text
from handlers import errors
from handlers.approval import faces, store
from handlers.approval.engine import State
from handlers.approval.leaves import amending, leave_form
from handlers.context import Context
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person

KIND: Final = "leave.proof"
PERSONNEL: Final = "personnel"
_MOST = 3
_AT = time(9)


async def ask(ctx: Context, item: store.Item) -> store.Item:
    """An approved leave of which a certificate has to be shown: when the reminder comes."""
    wanted = item.fields.get("proof_wanted") or {}
    if wanted.get("due") and not wanted.get("seen"):
        first = date.fromisoformat(wanted["due"]) - timedelta(days=1)
        await _plan(ctx, item.id, first, 0)
    return item


async def on_due(row: Due, ctx: Context) -> None:
    """The day before it is due to the applicant; then to personnel as well, some times."""
    item = await store.load(ctx.tx, str(row.payload["item"]))
    if item is None or not is_owed(item):
        return
    times = int(row.payload["times"])
    people = [item.request.applicant]
    if times:
        people += [one.id for one in await directory.in_role(ctx.tx, PERSONNEL)]
    for person in dict.fromkeys(people):
        await _tell(ctx, item, person, key=f"{row.key}:{times}:{person}")
    if times < _MOST:
        await _plan(ctx, item.id, _today(ctx) + timedelta(days=2 if times == 0 else 7), times + 1)


def is_owed(item: store.Item) -> bool:
    """Whether personnel still have to see a certificate for this leave."""
    wanted = item.fields.get("proof_wanted") or {}
    taken = item.request.state is State.APPROVED and bool(item.fields.get("minutes"))
    return item.form == leave_form.CODE and taken and bool(wanted) and not wanted.get("seen")


async def seen(ctx: Context, item_id: str, *, by: Person) -> store.Item:
    """Personnel have seen it. Raises NotAllowed, OwnRequest, BadRequest(no_proof_owed)."""
    item = await _for_personnel(ctx, item_id, by)
    if not is_owed(item):
        raise errors.BadRequest("no_proof_owed", item=item_id)
    wanted = {**item.fields["proof_wanted"], "seen": _today(ctx).isoformat(), "by": by.id}
    await due.cancel(ctx.tx, f"{KIND}:{item.id}")
    return await amending.amend(ctx, item_id, {**item.fields, "proof_wanted": wanted}, because="proof_seen")


async def unseen(ctx: Context, item_id: str, *, by: Person) -> store.Item:
    """Said by mistake: it is owed again, and chased. Raises NotAllowed, OwnRequest, BadRequest(no_proof_seen)."""
    item = await _for_personnel(ctx, item_id, by)
    wanted = dict(item.fields.get("proof_wanted") or {})
    if not wanted.pop("seen", "") or item.request.state is not State.APPROVED:
        raise errors.BadRequest("no_proof_seen", item=item_id)
    wanted.pop("by", None)
    after = await amending.amend(ctx, item_id, {**item.fields, "proof_wanted": wanted}, because="proof_unseen")
    if is_owed(after):
        first = date.fromisoformat(wanted["due"]) - timedelta(days=1)
        await _plan(ctx, item_id, max(first, _today(ctx) + timedelta(days=1)), 0)
    return after


async def _for_personnel(ctx: Context, item_id: str, by: Person) -> store.Item:
    item = await store.lock(ctx.tx, item_id)
    if item is None:
        raise errors.NotFound(item=item_id)
    if PERSONNEL not in await directory.roles_of(ctx.tx, by.id):
        raise errors.NotAllowed(verb="leave-proof", item=item_id)
    if item.request.applicant == by.id:
        raise errors.OwnRequest(verb="leave-proof", item=item_id)
    return item


async def _tell(ctx: Context, item: store.Item, person: str, *, key: str) -> None:
    reader = await directory.load(ctx.tx, person)
    where = await directory.reach(ctx.tx, reader) if reader and reader.active else None
    applicant = await directory.load(ctx.tx, item.request.applicant)
    if where is None or applicant is None:
        return
    title = (await faces.of(ctx, item)).title(item.fields)
    wanted = item.fields["proof_wanted"]
    until = date.fromisoformat(wanted["due"])
    if person == applicant.id:
        text = words.owed(title, wanted["kind"], until, today=_today(ctx))
    else:
        text = words.missing(applicant.name, title, item.number, wanted["kind"], until)
    await outbox.post(ctx.tx, Letter(to=where, message=Text(text), key=key), now=ctx.now)


async def _plan(ctx: Context, item_id: str, day: date, times: int) -> None:
    at = datetime.combine(day, _AT, ctx.office.timezone).astimezone(UTC)
    await due.at(ctx.tx, f"{KIND}:{item_id}", KIND, at, {"item": item_id, "times": times}, now=ctx.now)


def _today(ctx: Context) -> date:
    return ctx.now.astimezone(ctx.office.timezone).date()
