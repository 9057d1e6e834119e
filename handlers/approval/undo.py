"""Undoing for some seconds: how long, what waits for the end of it, and what is said when it ends otherwise.

The engine holds the decision (`hold`); this file gives it a due row in the same transaction, which settles it. So a
service that was killed in between settles late and loses nothing, and whatever closes the item meanwhile takes the row
away again and tells who had decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from cards import desk as desk_cards
from cards import undo as words
from cards.model import Text
from handlers import errors
from handlers.approval import act, engine, store, views
from handlers.approval.engine import Act, Decision, Verb
from handlers.approval.language import book
from handlers.context import Context
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import from_ms, to_ms

KIND = "approval.settle"
_SYSTEM = Person(id=engine.SYSTEM, name="")


async def delayed(ctx: Context, item: store.Item, wanted: Act, *, many: bool) -> Act:
    """The act with the time until which it can be undone: the form's seconds, else the office's; `many` in a batch."""
    if wanted.verb not in engine.HELD or wanted.until is not None:
        return wanted
    form = await book.of_item(ctx, item)
    office = ctx.office.undoing
    usual = office.batch_seconds if many else office.seconds
    seconds = usual if form.undo_seconds is None else form.undo_seconds
    if not seconds:
        return wanted
    return replace(wanted, until=from_ms(to_ms(ctx.now)) + timedelta(seconds=seconds))


async def follow(ctx: Context, before: store.Item, after: store.Item, decision: Decision) -> None:
    """A due row for what is held now; none for what no longer is, and a word to whom something else overtook."""
    was, now = _held(before), _held(after)
    for key in sorted(now.keys() - was.keys()):
        held = now[key]
        assert held.until is not None
        payload = {"item": after.id, "step": held.step, "seat": held.seat, "at": to_ms(held.at)}
        await due.at(ctx.tx, key, KIND, held.until, payload, now=ctx.now)
    for key in sorted(was.keys() - now.keys()):
        await due.cancel(ctx.tx, key)
        if not _of_its_own(was[key], decision):
            await _tell_overtaken(ctx, after, was[key], key)


async def on_due(row: Due, ctx: Context) -> None:
    """The time is over: the decision is carried out like any other. Raises the RuleErrors of the form's effects."""
    item = await store.load(ctx.tx, row.payload["item"])
    if item is None or row.key not in _held(item):
        return
    wanted = Act(verb=Verb.SETTLE, step=int(row.payload["step"]), to=(str(row.payload["seat"]),))
    await act.perform(ctx, item.id, wanted, by=_SYSTEM)


async def on_refused(refused: errors.RuleError, row: Due, ctx: Context) -> None:
    """An effect says no although the tap was fine: the item waits for its approver again, who is told why."""
    item = await store.load(ctx.tx, row.payload["item"])
    held = _held(item).get(row.key) if item else None
    if item is None or held is None:
        return
    await act.perform(ctx, item.id, Act(verb=Verb.UNDO, step=held.step, to=(held.seat,)), by=_SYSTEM)
    view = await views.item_view(ctx, item, reader=held.person, kind=views.INFORMED)
    why = desk_cards.refusal(refused.code, refused.circumstances)
    await _tell(ctx, held.person, words.not_settled(view, verb=_verb(held), why=why), key=f"{row.key}:refused")


def held_by(item: store.Item, person: str) -> Decision | None:
    """What this person can still undo in the item."""
    return next((one for step in item.request.steps for one in step.held if one.person == person), None)


def _held(item: store.Item) -> Mapping[str, Decision]:
    return {
        f"{KIND}:{item.id}:{one.step}:{one.seat}:{to_ms(one.at)}": one
        for step in item.request.steps
        for one in step.held
    }


def _of_its_own(held: Decision, decision: Decision) -> bool:
    """Whether it ended by coming into effect, or because it was undone."""
    if decision.verb is Verb.UNDO:
        return True
    return decision.tapped == held.at and decision.seat == held.seat


async def _tell_overtaken(ctx: Context, item: store.Item, held: Decision, key: str) -> None:
    reader = held.person
    view = await views.item_view(ctx, item, reader=reader, kind=views.INFORMED)
    await _tell(ctx, reader, words.overtaken(view, verb=_verb(held)), key=f"{key}:void")


async def _tell(ctx: Context, person: str, text: str, *, key: str) -> None:
    who = await directory.load(ctx.tx, person)
    where = await directory.reach(ctx.tx, who) if who and who.active else None
    if where is not None:
        await outbox.post(ctx.tx, Letter(to=where, message=Text(text), key=key), now=ctx.now)


def _verb(held: Decision) -> str:
    return (held.wanted or Verb.APPROVE).value
