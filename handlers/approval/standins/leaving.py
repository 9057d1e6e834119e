"""Somebody left: what they could do ends at once, and administrators are offered the hand-over, with a preview.

    a directory or the list says so ─▶ proxies end, a card to the administrators ─▶ “交接 李四 王五” ─▶ preview ─▶ tap

Their sessions and taps need no ending: every page and every tap asks the directory who it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cards import actions, desk
from cards import leaving as words
from cards.leaving import Turn
from cards.model import Card, Text
from connectors.events import ButtonPressed, TextReceived
from handlers import errors, senders
from handlers.approval.language import book
from handlers.approval.standins import absence, handover, proxy_store
from handlers.approval.standins.handover import Line
from handlers.context import Context
from handlers.mailroom import copies, outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

ACT = "hand-over"
_ADMIN = "admin"


async def left(ctx: Context, people: Sequence[Person], *, into: Mapping[str, str] | None = None) -> None:
    """Called in the transaction in which they become inactive; `into` names for a merged person whom they became."""
    for person in people:
        given = await proxy_store.of_principal(ctx.tx, person.id, at=ctx.now)
        held = await proxy_store.of_proxy(ctx.tx, person.id, at=ctx.now)
        ended = await absence.end_of(ctx, given + held)
        found = await handover.waiting(ctx, person)
        if not (found.lines or found.own or ended):
            continue
        heir = await directory.load(ctx.tx, (into or {}).get(person.id, ""))
        card = words.left(
            person.name, await _turns(ctx, found.lines), [one.number for one in found.own], proxies=ended,
            successor=heir.name if heir else "", office=ctx.office.name,
        )  # fmt: skip
        await _tell_admins(ctx, card, key=f"left/{person.id}/{ctx.now.timestamp():.0f}")


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """“交接 李四 王五”: the preview, for administrators."""
    asked = words.handover_of(event.text)
    person = await directory.by_ref(ctx.tx, event.sender) if asked else None
    if asked is None or person is None:
        return PASS
    await _only_admins(ctx, person)
    leaver = directory.the_one(await handover.somebody(ctx.tx, asked[0]), asked[0])
    heir = directory.the_one(await directory.named(ctx.tx, asked[1]), asked[1])
    found = await handover.plan(ctx, leaver, heir)
    action = actions.Action(ACT, f"{leaver.id}_{heir.id}")
    payload = actions.pack(action, to=person.id, key=ctx.office.card_key)
    turns = await _turns(ctx, found.lines)
    card = words.preview(
        leaver.name, heir.name, turns, proxies=found.proxies, payload=payload, office=ctx.office.name
    )
    await copies.open_copy(
        ctx.tx, item=f"handover:{leaver.id}", person=person.id, to=event.sender, kind="handover", card=card, version=0,
        now=ctx.now,
    )  # fmt: skip
    return None


async def on_button(event: ButtonPressed, ctx: Context) -> Answer:
    """The preview's button: done as things stand now, which may be more or less than was shown."""
    if not senders.claims(event, ACT):
        return PASS
    person = await directory.by_ref(ctx.tx, event.sender)
    if person is None:
        return PASS
    try:
        action = actions.unpack(event.payload, to=person.id, key=ctx.office.card_key)
    except actions.BadAction:
        raise errors.NotAllowed(code="bad_action") from None
    await _only_admins(ctx, person)
    one, _, other = action.item.partition("_")
    leaver, heir = await directory.load(ctx.tx, one), await directory.load(ctx.tx, other)
    if leaver is None or heir is None or not heir.active:
        raise errors.BadRequest("who_unknown", name=heir.name if heir else "")
    found = await handover.carry_out(ctx, leaver, heir)
    turns = await _turns(ctx, found.lines)
    return words.handed_over(leaver.name, heir.name, turns, office=ctx.office.name)


async def _only_admins(ctx: Context, person: Person) -> None:
    if _ADMIN not in await directory.roles_of(ctx.tx, person.id):
        raise errors.NotAllowed(code="admin_only")


async def _turns(ctx: Context, lines: Sequence[Line]) -> list[Turn]:
    """Numbers, forms and applicants: what an administrator may know of anybody's items."""
    turns = []
    for line in lines:
        form = await book.of_item(ctx, line.item)
        applicant = await directory.load(ctx.tx, line.item.request.applicant)
        what = f"{applicant.name if applicant else ''}的{form.title if form else line.item.form}"
        refusal = desk.refusal(line.refusal, {"title": line.about}) if line.refusal else ""
        turns.append(Turn(line.item.number, what, line.open, refusal))
    return turns


async def _tell_admins(ctx: Context, card: Card | Text, *, key: str) -> None:
    for person in await directory.in_role(ctx.tx, _ADMIN):
        where = await directory.reach(ctx.tx, person)
        if where is not None:
            letter = Letter(to=where, message=card, key=f"{key}/{person.id}")
            await outbox.post(ctx.tx, letter, now=ctx.now)


ROUTES: Router = router((TextReceived, on_text), (ButtonPressed, on_button))
