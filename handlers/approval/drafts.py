"""From a sentence to a draft on a card: what was understood is always shown before anything is submitted.

What is missing is asked, with a button where there are few answers and in the chat where there are many; a second
sentence replaces the draft before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from cards import actions, vocabulary, words
from cards import desk as desk_cards
from cards import leave as leave_cards
from cards.model import Card, Text
from connectors.refs import PersonRef
from handlers import errors
from handlers.approval import act, engine, forms, store, submitting
from handlers.approval.language import book
from handlers.approval.leaves import leave_form
from handlers.context import Context
from handlers.days.phrases import Span
from handlers.leave import charge
from handlers.leave.asking import request, understanding, whose
from handlers.mailroom import copies, outbox, prompts
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person

FILL = "leave.fill"
DRAFT = "draft"
REASON = "reason"
"""What a question asks for; while this one is open any words may be the answer."""
_CHOICES = frozenset({"kind", "half"})
_WHEN = frozenset({"dates", "time"})
_PATIENCE = timedelta(minutes=30)
_REASON = 200


async def begin(ctx: Context, person: Person, text: str, *, to: PersonRef, key: str) -> bool:
    """Starts a leave draft from `text`; False when it is no request for leave. `key` makes the letters idempotent.

    Raises BadRequest(leave_for_other): leave is asked for by whoever takes it.
    """
    text = whose.without(person.name, text)
    ask = understanding.understand(ctx, text)
    if ask is None:
        return False
    for name in whose.maybe_names(text, ask.reason):
        if await directory.named(ctx.tx, name):
            raise errors.BadRequest("leave_for_other", by=person.id, name=name)
    await discard_others(ctx, person, keep="")
    if "dates" in ask.missing or ("time" in ask.missing and _by_hours(ctx, person, ask)):
        await _ask_when(ctx, person, ask, to=to, key=key)
        return True
    await _new(ctx, person, {"text": text}, to=to, key=key, ask=ask)
    return True


async def resume(
    ctx: Context, person: Person, kept: Mapping[str, Any], text: str, *, to: PersonRef, key: str
) -> bool:
    """The answer to one of our questions: a choice in words, a request of its own, or dates and times that join what
    was `kept` of the first.

    False when it is neither, so that an unrelated word does not go round in circles.
    """
    if kept["asks"] in _CHOICES and (said := understanding.chosen(ctx, str(kept["asks"]), text)):
        return await _fill_in(ctx, person, str(kept["item"]), said)
    if kept["asks"] in _WHEN and (named := understanding.chosen(ctx, "kind", text)):
        return await begin(ctx, person, understanding.renamed(ctx, kept, named), to=to, key=key)
    if kept["asks"] in _WHEN and vocabulary.confirms(text):
        return await begin(ctx, person, understanding.renamed(ctx, kept, {}), to=to, key=key)
    if kept["asks"] == "kind" and await _other_time(ctx, person, str(kept["item"]), text, to=to, key=key):
        return True
    anew = understanding.understand(ctx, text)
    if anew is None and kept["asks"] == REASON:
        return await _fill_in(ctx, person, str(kept["item"]), {"reason": text.strip()[:_REASON]})
    if anew is not None and not understanding.is_length(anew):
        return await begin(ctx, person, text, to=to, key=key)
    if kept["asks"] in _CHOICES or ctx.office.of(book.Forms).begun(text) is not None:
        return False
    joined = understanding.joined(ctx, kept, text)
    ask = understanding.understand(ctx, joined)
    if ask is None or ("dates" in ask.missing and not (ask.doubts or ask.length)):
        return False
    return await begin(ctx, person, joined, to=to, key=key)


async def again(
    ctx: Context, person: Person, item: store.Item, span: Span, *, kind: str = "", to: PersonRef, key: str
) -> None:
    """The same request at another time, or as another `kind`: a new draft in place of the old one, or of a request
    that still waits."""
    waits = item.request.state is not engine.State.DRAFT
    answers: dict[str, Any] = {"ask": {**leave_form.kept(item.fields, span), **({"kind": kind} if kind else {})}}
    old = item.fields if waits else {}
    if waits:
        names = ("start", "start_half", "end", "end_half", "minutes")
        answers |= {"replaces": item.id, "replaced": {name: old[name] for name in names} | {"number": item.number}}
    elif "replaces" in item.fields:
        answers |= {name: item.fields[name] for name in ("replaces", "replaced")}
    await discard_others(ctx, person, keep="")
    await _new(ctx, person, answers, to=to, key=key)


async def _other_time(ctx: Context, person: Person, item_id: str, text: str, *, to: PersonRef, key: str) -> bool:
    """`下午`, `后天` while the kind is asked: the half, or other days with the same reason; False for other words."""
    if half := understanding.chosen(ctx, "half", text):
        return await _fill_in(ctx, person, item_id, half)
    item = await store.load(ctx.tx, item_id)
    sentence = understanding.redated(ctx, _asked(ctx, item.fields), text) if item is not None else ""
    return bool(sentence) and await begin(ctx, person, sentence, to=to, key=key)


async def _fill_in(ctx: Context, person: Person, item_id: str, answer: Mapping[str, str]) -> bool:
    """What a button would have answered, in words; False when the draft is gone meanwhile."""
    item = await store.load(ctx.tx, item_id)
    if item is None or item.request.state is not engine.State.DRAFT:
        return False
    await fill(ctx, person, item_id, answer)
    return True


async def fill(ctx: Context, person: Person, item_id: str, answer: Mapping[str, str]) -> Card | None:
    """A button or a sentence answered a question: `answer` has `kind`, `half` or `reason`. The draft's new card."""
    item = await store.lock(ctx.tx, item_id)
    if item is None:
        raise errors.NotFound(item=item_id)
    if item.request.applicant != person.id:
        raise errors.NotAllowed(verb="fill", item=item_id)
    if item.request.state is not engine.State.DRAFT:
        raise errors.AlreadyDecided(item=item_id, state=item.request.state)
    await prompts.drop_about(ctx.tx, person.id, item_id)
    fields, card, offered = await _face(ctx, person, item_id, {**item.fields, **answer})
    request = item.request if offered else replace(item.request, state=engine.State.DISCARDED)
    await store.save(ctx.tx, replace(item, request=request, fields=fields, changed=ctx.now), before=item)
    for copy in await copies.of_item(ctx.tx, item_id):
        await outbox.refresh(ctx.tx, copy.id, card, now=ctx.now)
    return card


async def discard_others(ctx: Context, person: Person, *, keep: str) -> bool:
    """Older drafts of the person are closed, so that one sentence cannot be submitted twice; whether there were any."""
    others = [item for item in await store.drafts(ctx.tx, person.id) if item.id != keep]
    for item in others:
        await act.perform(ctx, item.id, engine.Act(verb=engine.Verb.DISCARD), by=person)
    return bool(others)


async def _ask_when(ctx: Context, person: Person, ask: request.LeaveAsk, *, to: PersonRef, key: str) -> None:
    """The days, what is missing of them, or the hours; what was said already is kept for the answer."""
    kept = understanding.kept(ask)
    await prompts.ask(ctx.tx, person.id, FILL, kept, until=ctx.now + _PATIENCE, now=ctx.now)
    span = ask.span or ask.since
    since = words.day(span.start, base=charge.today(ctx)) if span else ""
    if kept["asks"] == "time":
        question = leave_cards.ask_time(since, begin=kept["at"])
    else:
        question = leave_cards.ask_dates([doubt.code for doubt in ask.doubts], since=since, length=kept["length"])
    await outbox.post(ctx.tx, Letter(to=to, message=Text(question), key=f"{key}:dates"), now=ctx.now)


def _by_hours(ctx: Context, person: Person, ask: request.LeaveAsk) -> bool:
    """Whether hours can be asked for; a kind that has none says so itself."""
    if ask.kind is None or ask.span is None:
        return ask.span is not None
    try:
        return bool(charge.kind_of(ctx, person, ask.kind, on=ask.span.start).hour_step)
    except errors.RuleError:
        return False


async def _wait(ctx: Context, person: Person, item_id: str, asks: str) -> None:
    """The question on a draft's card may be answered in words as well."""
    data = {"item": item_id, "asks": asks}
    await prompts.ask(ctx.tx, person.id, FILL, data, until=ctx.now + _PATIENCE, now=ctx.now)


async def _new(
    ctx: Context,
    person: Person,
    answers: Mapping[str, Any],
    *,
    to: PersonRef,
    key: str,
    ask: request.LeaveAsk | None = None,
) -> None:
    """`ask` is what the answers say, where that was read already."""
    item_id = store.new_id(ctx.now)
    fields, card, offered = await _face(ctx, person, item_id, answers, ask=ask)
    if not offered:
        await outbox.post(ctx.tx, Letter(to=to, message=card, key=f"{key}:problem"), now=ctx.now)
        return
    item = store.Item(
        request=engine.Request(id=item_id, applicant=person.id),
        form=forms.LEAVE,
        form_version=await book.keep(ctx.tx, ctx.office.of(book.Forms).get(forms.LEAVE), now=ctx.now),
        number=0,
        fields=fields,
        created=ctx.now,
        changed=ctx.now,
    )
    await store.add(ctx.tx, item)
    await copies.open_copy(
        ctx.tx, item=item_id, person=person.id, to=to, kind=DRAFT, card=card, version=1, now=ctx.now, urgent=True
    )


async def _face(
    ctx: Context, person: Person, item_id: str, answers: Mapping[str, Any], *, ask: request.LeaveAsk | None = None
) -> tuple[Mapping[str, Any], Card, bool]:
    """The draft's fields, its card (a question, a refusal or the confirmation), and whether it may go on."""
    ask = understanding.answered(ask or _asked(ctx, answers), answers)
    packed = _Packed(ctx, person, item_id)
    if "kind" in ask.missing:
        await _wait(ctx, person, item_id, "kind")
        return answers, _ask_kind(ctx, person, ask, packed), True
    if "half" in ask.missing:
        await _wait(ctx, person, item_id, "half")
        card = leave_cards.ask_half(
            morning=packed("half-am"), afternoon=packed("half-pm"), discard=packed("discard")
        )
        return answers, card, True
    return await _confirmation(ctx, person, ask, answers, packed, item_id)


def _ask_kind(ctx: Context, person: Person, ask: request.LeaveAsk, packed: _Packed) -> Card:
    span = ask.span
    when = span and words.span(
        span.start, span.start_half.value, span.end, span.end_half.value, base=charge.today(ctx)
    )
    return leave_cards.ask_kind(
        understanding.kinds_on_offer(ctx, person), when=when or "", reason=ask.reason,
        confirm=packed("fill"), discard=packed("discard"),
    )  # fmt: skip


def _asked(ctx: Context, answers: Mapping[str, Any]) -> request.LeaveAsk | None:
    kept = answers.get("ask")
    return leave_form.asked(kept) if kept else understanding.understand(ctx, str(answers["text"]))


async def _confirmation(
    ctx: Context, person: Person, ask: request.LeaveAsk, answers: Mapping[str, Any], packed: _Packed, item_id: str
) -> tuple[Mapping[str, Any], Card, bool]:
    fields, refusal = await leave_form.drafted(ctx, person, ask, instead_of=str(answers.get("replaces", "")))
    fields = {**answers, **fields}
    if refusal is not None and "kind_name" not in fields:
        raise refusal
    view = forms.leave_view(fields)
    today = ctx.now.astimezone(ctx.office.timezone).date()
    if refusal is not None and refusal.code == "late_reason_missing":
        await _wait(ctx, person, item_id, REASON)
        return answers, leave_cards.ask_reason(view, discard=packed("discard"), today=today), True
    if refusal is not None:
        why = desk_cards.refusal(refusal.code, refusal.circumstances)
        return fields, leave_cards.problem(view, why=why, today=today), False
    fields = leave_form.with_values(fields)
    approvers = await _approvers(ctx, person, fields)
    card = leave_cards.confirm(
        view, approver=approvers, submit=packed("submit"), discard=packed("discard"), today=today
    )
    return fields, card, True


async def _approvers(ctx: Context, person: Person, fields: Mapping[str, Any]) -> str:
    """The names along the way, in order: `李四，再由赵六`."""
    form = ctx.office.of(book.Forms).get(forms.LEAVE)
    route = await submitting.preview(ctx, form, fields, person)
    if route.blocked:
        raise errors.NoApprover(by=person.id, step=route.blocked)
    steps = [[await directory.load(ctx.tx, one) for one in station.people] for station in route.stations]
    return leave_cards.in_turn(["、".join(one.name for one in step if one) for step in steps if step])


class _Packed:
    """Packs the draft's own buttons for its applicant."""

    def __init__(self, ctx: Context, person: Person, item_id: str) -> None:
        self._ctx, self._person, self._item = ctx, person, item_id

    def __call__(self, word: str) -> str:
        action = actions.Action(word, self._item, 1)
        return actions.pack(action, to=self._person.id, key=self._ctx.office.card_key)
