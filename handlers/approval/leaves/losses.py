"""Sick or personal leave that costs annual leave, also after it was taken: proposed to personnel, never done silently.

Regulations art. 4; what is reckoned and written stands in `handlers.leave.forfeiture`.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from cards import actions
from cards import leave_loss as words
from cards.leave_loss import LossView
from cards.model import Card, Text
from handlers import errors
from handlers.approval import facts, store
from handlers.audit import log
from handlers.context import Context
from handlers.leave import charge, forfeiture, standing
from handlers.leave import store as leave_store
from handlers.leave.book.entries import Entry, Stamp
from handlers.leave.forfeiture import Forfeiture
from handlers.mailroom import copies, outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person

CONFIRM: Final = "leave-loss"
DECLINE: Final = "leave-loss-no"
ACTS = frozenset({CONFIRM, DECLINE})
PERSONNEL: Final = "personnel"
_PREFIX: Final = "loss-"


async def watch(ctx: Context, item: store.Item) -> store.Item:
    """An approved leave that counts toward such a total: personnel are asked when the total is reached.

    Each year has its own total: a leave over the year's end may reach the limit of either, or of both.
    """
    person = await directory.load(ctx.tx, item.request.applicant)
    if person is None or not person.first_work_date:
        return item
    on = date.fromisoformat(item.fields["start"])
    if not charge.kind_of(ctx, person, item.fields["kind"], on=on).counts_toward:
        return item
    for year in range(on.year, date.fromisoformat(item.fields["end"]).year + 1):
        found, _ = await _found(ctx, person, year)
        if found is not None:
            await _put(ctx, person, found, _about(item, year))
    return item


def _about(item: store.Item, year: int) -> str:
    """What the cards of a proposal are kept under; that of the year in which the leave begins needs no year."""
    begin = date.fromisoformat(item.fields["start"]).year
    return f"{_PREFIX}{item.id}" + (f"_{year}" if year != begin else "")


async def _put(ctx: Context, person: Person, found: Forfeiture, about: str) -> None:
    for reader in await directory.in_role(ctx.tx, PERSONNEL):
        where = await directory.reach(ctx.tx, reader) if reader.id != person.id else None
        if where is not None:
            card = _ask(ctx, about, _view(person, found), reader)
            await copies.open_copy(
                ctx.tx, item=about, person=reader.id, to=where, kind=CONFIRM, card=card, version=1,
                now=ctx.now, urgent=True,
            )  # fmt: skip


async def tapped(ctx: Context, by: Person, act: str, about: str) -> Card:
    """What personnel decided. Raises NotAllowed, OwnRequest, BadRequest(loss_gone)."""
    id_, _, year_ = about.removeprefix(_PREFIX).partition("_")
    item = await store.lock(ctx.tx, id_)
    if item is None or PERSONNEL not in await directory.roles_of(ctx.tx, by.id):
        raise errors.NotAllowed(verb=act, item=about)
    if item.request.applicant == by.id:
        raise errors.OwnRequest(verb=act, item=about)
    person = await directory.load(ctx.tx, item.request.applicant)
    year = int(year_ or date.fromisoformat(item.fields["start"]).year)
    found, entries = await _found(ctx, person, year, lock=True) if person else (None, [])
    if person is None or found is None:
        raise errors.BadRequest("loss_gone")
    if act == CONFIRM:
        await _confirmed(ctx, person, found, entries, by)
    else:
        fact = facts.LossDeclined(item=item.id, person=person.id, year=year)
        await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    card = words.closed(person.name, done=act == CONFIRM, by=by.name)
    for copy in await copies.of_item(ctx.tx, about):
        await outbox.refresh(ctx.tx, copy.id, card, now=ctx.now)
    return card


async def _confirmed(
    ctx: Context, person: Person, found: Forfeiture, entries: list[Entry], by: Person
) -> None:
    today = charge.today(ctx)
    stamp = Stamp(recorded=ctx.now, effective=today, actor=by.id, note=words.NOTE)
    following = charge.policy_of(ctx, person, on=date(found.year + 1, 1, 1))
    await leave_store.append(ctx, person.id, forfeiture.write(entries, person, following, found, stamp=stamp))
    where = await directory.reach(ctx.tx, person)
    if where is not None:
        text = Text(words.told(_view(person, found)))
        letter = Letter(to=where, message=text, key=f"{_PREFIX}{person.id}/{found.year}")
        await outbox.post(ctx.tx, letter, now=ctx.now)


async def _found(
    ctx: Context, person: Person, year: int, *, lock: bool = False
) -> tuple[Forfeiture | None, list[Entry]]:
    """The proposal with the ledger as it is, this year's lot in it."""
    today = charge.today(ctx)
    entries = await (leave_store.lock if lock else leave_store.load)(ctx.tx, person.id)
    if year >= today.year:
        entries = await charge.grant_year(ctx, person, year, entries)
    policy = charge.policy_of(ctx, person, on=standing.as_of(year, today=today))
    return forfeiture.proposal(entries, person, policy, year, today=today), entries


def _view(person: Person, found: Forfeiture) -> LossView:
    sick = found.why.value == "sick_leave"
    return LossView(
        name=person.name,
        department=person.department,
        year=found.year,
        why=found.why.value,
        days=found.sick_days if sick else found.personal_days,
        taken=found.taken,
        now=found.now,
        next_year=found.next_year,
        asks_pay=found.asks_pay,
    )


def _ask(ctx: Context, about: str, view: LossView, reader: Person) -> Card:
    def packed(act: str) -> str:
        return actions.pack(actions.Action(act, about, 1), to=reader.id, key=ctx.office.card_key)

    return words.ask(view, confirm=packed(CONFIRM), decline=packed(DECLINE))
