"""Words and buttons about a leave that there is already: back from it (销假), or at another time (改到5月9日).

What was understood is always shown on a card before anything happens; several leaves are asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from cards import desk as desk_words
from cards import leave_cancel as cancel_words
from cards import leave_change as change_words
from cards import leave_proof as proof_words
from cards import leave_return as words
from cards.model import Text
from connectors.refs import PersonRef
from handlers import errors
from handlers.approval import drafts, faces, post, store, views
from handlers.approval.engine import State
from handlers.approval.language import book
from handlers.approval.leaves import leave_change, leave_form, leave_return, proofs
from handlers.approval.talk import asking
from handlers.context import Context
from handlers.days import phrases
from handlers.days.phrases import Span
from handlers.days.slots import Half, Range, Slot
from handlers.leave import charge, costing
from handlers.leave.asking import changing, understanding
from handlers.mailroom import outbox, prompts
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person

BACK = "leave-back"
CHANGE = "leave-change"
PROOF = "leave-proof"
ACTS = frozenset({BACK, CHANGE, PROOF})
ASK_CHANGE = "leave.change"
_PATIENCE = timedelta(minutes=10)
_LATEST = 60
_OPEN = frozenset({State.PENDING, State.RETURNED})


async def begin(ctx: Context, person: Person, text: str, *, to: PersonRef, key: str) -> bool:
    """Starts what the text asks for; False when it is about something else. Raises RuleErrors."""
    if await _about_proof(ctx, person, text, to=to, key=key):
        return True
    reason = change_words.reason(text)
    if reason and (shown := await _counted_drafts(ctx, person)):
        await drafts.fill(ctx, person, shown[-1].id, {"reason": reason})
        return True
    wanted = change_words.wanted(text)
    if wanted is not None:
        return await _change(ctx, person, wanted, await _targets(ctx, person), to=to, key=key)
    fixed = change_words.corrected(text)
    if fixed is not None and (shown := await _counted_drafts(ctx, person)):
        if not fixed.rest:
            await _ask_change(ctx, person, shown[-1].id, to=to, key=key)
            return True
        return await _change(ctx, person, fixed, shown, to=to, key=key)
    if cancel_words.asks(text):
        return await _cancel(ctx, person, text, to=to, key=key)
    if not words.asks(text):
        return False
    span = _span(ctx, text)
    leaves = await leave_return.own(ctx, person)
    running = [one for one in leaves if _begun(ctx, one)]
    if not leaves:
        await _say(ctx, to, words.none(), key)
    elif not running:
        await _not_begun(ctx, leaves[0], person, to=to, key=key)
    else:
        await _start(ctx, person, _meant(running, span), _last(text, span), to=to, key=key)
    return True


async def give_up(ctx: Context, person: Person, text: str, *, to: PersonRef, key: str) -> bool:
    """`算了不请了` of somebody who has nothing open; False where the words are not about leave."""
    return cancel_words.asks(text) and await _cancel(ctx, person, text, to=to, key=key)


async def _cancel(ctx: Context, person: Person, text: str, *, to: PersonRef, key: str) -> bool:
    """The leave that is given up: a draft is closed, what was submitted is shown with the button that takes it back."""
    said = cancel_words.dates(text)
    if not said and await drafts.discard_others(ctx, person, keep=""):
        await _say(ctx, to, desk_words.nothing_pending(), key)
        return True
    found = _named_by(ctx, text, said, await _not_over(ctx, person))
    open_ones = [one for one in found if one.request.state in _OPEN or not _begun(ctx, one)]
    if len(open_ones) == 1 or (found and not open_ones):
        await _offer_back(ctx, person, (open_ones or found)[0], to=to, key=key)
    else:
        names = [leave_return.named(one, charge.today(ctx)) for one in open_ones]
        await _say(ctx, to, cancel_words.which(names) if names else cancel_words.none(), key)
    return True


async def _offer_back(ctx: Context, person: Person, item: store.Item, *, to: PersonRef, key: str) -> None:
    waits = item.request.state in _OPEN
    if not waits and _begun(ctx, item):
        await _say(ctx, to, cancel_words.begun(leave_return.named(item, charge.today(ctx))), key)
        return
    await _say(ctx, to, cancel_words.shown(waits=waits), key)
    await post.send(ctx, item, person.id, kind=views.MINE, to=to)


def _named_by(ctx: Context, text: str, said: str, leaves: Sequence[store.Item]) -> list[store.Item]:
    """Those of the kind and on the day that the words name; all where they name neither."""
    kind, _ = understanding.kind_and_rest(ctx, text)
    of_kind = [one for one in leaves if not kind or one.fields["kind"] == kind]
    return _on(ctx, said, of_kind)


def _numbered(ctx: Context, number: int, leaves: Sequence[store.Item]) -> list[store.Item]:
    """`3号改到5月9日`: item 3, or the leave on the third where that is none of these."""
    found = [one for one in leaves if one.number == number]
    day = change_words.day(number)
    return found or (_on(ctx, day, leaves) if phrases.read(day, today=charge.today(ctx)).spans else [])


def _on(ctx: Context, said: str, leaves: Sequence[store.Item]) -> list[store.Item]:
    """Those that take in the day that is named; all where none is."""
    spans = phrases.read(said, today=charge.today(ctx), calendar=ctx.office.calendar).spans
    return [one for one in leaves if not spans or (_first(one) <= spans[0].end and spans[0].start <= _end(one))]


async def tapped(ctx: Context, person: Person, act: str, item_id: str, *, to: PersonRef, key: str) -> None:
    """The button of the leave's own card. Raises RuleErrors."""
    if act == PROOF:
        await _proof_seen(ctx, person, item_id, to=to, key=key)
        return
    item = await store.load(ctx.tx, item_id)
    if item is None or item.request.applicant != person.id:
        raise errors.NotAllowed(verb=act, item=item_id)
    if act == CHANGE:
        await _ask_change(ctx, person, item_id, to=to, key=key)
        return
    if not _begun(ctx, item):
        await _not_begun(ctx, item, person, to=to, key=key)
        return
    await _start(ctx, person, [item], None, to=to, key=key)


async def _ask_change(ctx: Context, person: Person, item_id: str, *, to: PersonRef, key: str) -> None:
    await prompts.ask(ctx.tx, person.id, ASK_CHANGE, {"item": item_id}, until=ctx.now + _PATIENCE, now=ctx.now)
    await _say(ctx, to, change_words.ask(), key)


async def answered(
    ctx: Context, person: Person, item_id: str, text: str, *, to: PersonRef, key: str
) -> bool:
    """The answer to the button 改时间: a change as it is said in words, or the days alone."""
    item = await store.load(ctx.tx, item_id)
    wanted = change_words.wanted(text) or change_words.wanted(f"改到{text.strip()}")
    if item is None or wanted is None:
        return False
    return await _change(ctx, person, wanted, [item], to=to, key=key)


async def _about_proof(ctx: Context, person: Person, text: str, *, to: PersonRef, key: str) -> bool:
    """“证明已收 3” and, where that was a mistake, “证明没收 3”."""
    seen, unseen = proof_words.seen(text), proof_words.unseen(text)
    if not (seen or unseen):
        return False
    item = await store.numbered(ctx.tx, seen or unseen)
    if item is None:
        raise errors.NotFound(number=seen or unseen)
    if seen:
        await _proof_seen(ctx, person, item.id, to=to, key=key)
    else:
        item = await proofs.unseen(ctx, item.id, by=person)
        until = date.fromisoformat(item.fields["proof_wanted"]["due"])
        await _say(ctx, to, proof_words.undone(*await _whose(ctx, item), until, today=charge.today(ctx)), key)
    return True


async def _proof_seen(ctx: Context, person: Person, item_id: str, *, to: PersonRef, key: str) -> None:
    item = await proofs.seen(ctx, item_id, by=person)
    await _say(ctx, to, proof_words.done(*await _whose(ctx, item), item.number), key)


async def _whose(ctx: Context, item: store.Item) -> tuple[str, str]:
    """The name of its applicant, and its title."""
    applicant = await directory.load(ctx.tx, item.request.applicant)
    return applicant.name if applicant else "", (await faces.of(ctx, item)).title(item.fields)


async def _targets(ctx: Context, person: Person) -> list[store.Item]:
    """What words about another time may mean: the leave in a draft if there is one, the leave that the draft of a
    change is about, else what waits and what is not over yet."""
    found = await store.drafts(ctx.tx, person.id)
    if changed := [one for one in found if one.form == leave_change.CODE]:
        meant = await store.load(ctx.tx, str(changed[-1].fields.get("leave", "")))
        return [meant] if meant else []
    return await _counted_drafts(ctx, person) if found else await _not_over(ctx, person)


async def _counted_drafts(ctx: Context, person: Person) -> list[store.Item]:
    """The leave that is shown to be confirmed."""
    found = await store.drafts(ctx.tx, person.id)
    return [one for one in found if one.form == leave_form.CODE and one.fields.get("minutes")]


async def _not_over(ctx: Context, person: Person) -> list[store.Item]:
    today = charge.today(ctx)
    mine = await store.of_applicant(ctx.tx, person.id, limit=_LATEST)
    waiting = [one for one in mine if one.form == leave_form.CODE and one.request.state in _OPEN]
    approved = [one for one in await leave_return.own(ctx, person) if _end(one) >= today]
    return [*waiting, *approved]


async def _change(
    ctx: Context,
    person: Person,
    wanted: change_words.Wanted,
    targets: Sequence[store.Item],
    *,
    to: PersonRef,
    key: str,
) -> bool:
    """False where there is no leave that the words could be about, so that somebody else may read them."""
    named = _numbered(ctx, wanted.number, targets) if wanted.number else list(targets)
    named = [one for one in named if one.fields["kind_name"] in wanted.on + wanted.what] or named
    named = _on(ctx, wanted.on, named) or named
    if not named:
        return False
    if len(named) > 1:
        await _say(ctx, to, change_words.which([leave_return.named(one, charge.today(ctx)) for one in named]), key)
        return True
    item = named[0]
    kind, rest = understanding.kind_and_rest(ctx, wanted.rest)
    span = _at(ctx, item, wanted.verb, rest, same=bool(kind))
    if kind and kind != item.fields["kind"] and item.request.state is State.APPROVED:
        await _say(ctx, to, change_words.another_kind(item.fields["kind_name"], begun=_begun(ctx, item)), key)
    elif span is None:
        await _say(ctx, to, change_words.unclear(), key)
    elif item.request.state is State.APPROVED:
        await _change_approved(ctx, person, item, span, to=to, key=key)
    else:
        await drafts.again(ctx, person, item, span, kind=kind, to=to, key=key)
    return True


def _at(ctx: Context, item: store.Item, verb: str, rest: str, *, same: bool) -> Span | None:
    """When a leave is to be: as it is where nothing is said of it and that may be (`same`); None: it is not clear."""
    if same and not rest:
        return leave_form.asked(leave_form.as_it_is(item.fields)).span
    reading = phrases.read(rest, today=charge.today(ctx), calendar=ctx.office.calendar)
    about, minutes = leave_return.span(item.fields), int(item.fields["minutes"])
    clock = charge.clock_of(item.fields)
    return changing.meant(verb, change_words.half(rest), reading, about, minutes, clock=clock)


async def _change_approved(
    ctx: Context, person: Person, item: store.Item, span: Span, *, to: PersonRef, key: str
) -> None:
    """The form 休假变更 with what was said, to be confirmed."""
    if item.fields.get("from_time") or span.from_time is not None:
        raise errors.BadRequest("change_by_hours", item=item.id)
    kind = charge.kind_of(ctx, person, item.fields["kind"], on=span.start)
    first, last = costing.of_span(charge.scale(ctx, person, kind, span.start), span).about
    time = {
        "start": first.day.isoformat(), "start_half": first.half.value,
        "end": last.day.isoformat(), "end_half": last.half.value,
    }  # fmt: skip
    form = ctx.office.of(book.Forms).get(leave_change.CODE)
    await asking.start(ctx, person, form, {"leave": item.id, "time": time}, to=to, key=key)


def now_at(ctx: Context) -> Slot:
    """The half-day in which we are: the afternoon from when the last working period begins."""
    local = ctx.now.astimezone(ctx.office.timezone)
    today = Slot(local.date(), Half.PM)
    return today if charge.begun(ctx, today) else today.previous()


def last_taken(about: Range, now: Slot) -> Slot:
    """Of somebody who says no more than that they are back: everything before this half-day, the leave at the most."""
    return min(about.last, max(now.previous(), about.first.previous()))


def _begun(ctx: Context, leave: store.Item) -> bool:
    return charge.begun(ctx, leave_return.span(leave.fields).first, clock=charge.clock_of(leave.fields))


async def _start(
    ctx: Context, person: Person, leaves: Sequence[store.Item], last: Slot | None, *, to: PersonRef, key: str
) -> None:
    values: dict[str, object] = {}
    if len(leaves) == 1:
        values["leave"] = leaves[0].id
        last = last or last_taken(leave_return.span(leaves[0].fields), now_at(ctx))
    if last is not None:
        values |= {"last_day": last.day.isoformat(), "last_half": last.half.value}
    form = ctx.office.of(book.Forms).get(leave_return.CODE)
    await asking.start(ctx, person, form, values, to=to, key=key)


def _meant(leaves: Sequence[store.Item], span: Span | None) -> list[store.Item]:
    """Those that the day belongs to; without a day the one that is running, if only one is."""
    if span is not None:
        day = span.end
        inside = [one for one in leaves if _first(one) <= day <= _end(one)]
        return inside or list(leaves)
    return list(leaves)


def _last(text: str, span: Span | None) -> Slot | None:
    """The last half-day taken: what was named, or the one before it where the day back was named."""
    if span is None:
        return None
    if words.names_the_day_back(text):
        return Slot(span.start, span.start_half).previous()
    return Slot(span.end, span.end_half)


def _span(ctx: Context, text: str) -> Span | None:
    today = ctx.now.astimezone(ctx.office.timezone).date()
    found = phrases.read(words.dates(text), today=today, calendar=ctx.office.calendar).spans
    return found[0] if len(found) == 1 and not found[0].open_ended else None


def _first(item: store.Item) -> date:
    return leave_return.span(item.fields).first.day


def _end(item: store.Item) -> date:
    return leave_return.span(item.fields).last.day


async def _not_begun(ctx: Context, item: store.Item, person: Person, *, to: PersonRef, key: str) -> None:
    await _say(ctx, to, words.not_begun(), key)
    await post.send(ctx, item, person.id, kind=views.MINE, to=to)


async def _say(ctx: Context, to: PersonRef, text: str, key: str) -> None:
    await outbox.post(ctx.tx, Letter(to=to, message=Text(text), key=f"{key}:leave"), now=ctx.now)
