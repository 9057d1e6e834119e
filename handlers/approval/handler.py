"""Taps and words about approvals: find the person, find the item, act, answer.

Everything that changes an item goes through `act.perform`; this file only finds out what was meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from cards import actions, holidays, vocabulary
from cards import approval as approval_cards
from cards import desk as desk_cards
from cards import help as help_cards
from cards import menu as menu_cards
from cards import opinions as opinion_words
from cards.model import Card, Text
from connectors.events import ButtonPressed, Event, TextReceived
from connectors.refs import PersonRef
from handlers import errors, senders
from handlers.approval import act, drafts, engine, facts, store, views
from handlers.approval.leaves import losses, takeback
from handlers.approval.talk import asking, attaching, editing_talk, leave_talk, menu, opinions, own_talk, verbs
from handlers.audit import log
from handlers.context import Context
from handlers.leave.asking import understanding
from handlers.mailroom import copies, outbox, prompts
from handlers.mailroom.outbox import Letter
from handlers.mailroom.prompts import Prompt
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

REASON = "approval.reason"
_PATIENCE = timedelta(minutes=10)
_UNSEEN = frozenset(
    {engine.Verb.URGE, engine.Verb.COMMENT, engine.Verb.WITHDRAW, engine.Verb.CANCEL, engine.Verb.DISCARD}
)
_OF_DRAFTS = frozenset({asking.ASK, drafts.FILL})
_OURS = frozenset(
    {*(verb.value for verb in engine.Verb), asking.DECLARE, "fill", "half-am", "half-pm"}
    | leave_talk.ACTS
    | losses.ACTS
)


async def on_button(event: ButtonPressed, ctx: Context) -> Answer:
    """A tap. The payload is trusted only for the person it was packed for; the item decides the rest."""
    copy = await copies.find(ctx.tx, event.message.id)
    person = await senders.known(ctx, event.sender)
    action = senders.sealed(ctx, event, person)
    if action.act not in _OURS:
        return PASS
    if action.act == "fill":
        return await drafts.fill(ctx, person, action.item, {"kind": _first(event.inputs, "kind")})
    if action.act.startswith("half-"):
        return await drafts.fill(ctx, person, action.item, {"half": action.act.removeprefix("half-")})
    if action.act in losses.ACTS:
        return await losses.tapped(ctx, person, action.act, action.item)
    if action.act in leave_talk.ACTS:
        await leave_talk.tapped(ctx, person, action.act, action.item, to=event.sender, key=_key(event))
        return None
    declared = action.act == asking.DECLARE  # the button that says so
    verb = engine.Verb.SUBMIT if declared else engine.Verb(action.act)
    opinion = await _opinion(ctx, person, action.item, event.inputs)
    if verb is engine.Verb.COMMENT and not opinion:
        raise errors.ReasonMissing(verb=verb, item=action.item)
    wanted = engine.Act(verb=verb, opinion=opinion, seen=_seen(verb, action))
    item = await act.perform(ctx, action.item, wanted, by=person, declared=declared)
    await _say(ctx, event, _done_words(verb, item))
    return await _card_of(ctx, item, copy, person)


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """Words: first the commands, then the answer to a pending question, then a request for leave."""
    person = await senders.known(ctx, event.sender)
    word = vocabulary.plain(event.text)
    if vocabulary.asks_waiting(word):
        await _list_waiting(ctx, event, person)
        return None
    if vocabulary.asks_progress(word):
        await _list_own(ctx, event, person)
        return None
    if (match := vocabulary.DECIDE.fullmatch(event.text.strip())) is not None:
        verb = engine.Verb(vocabulary.VERBS[match[1]])
        await _by_number(ctx, event, person, int(match[2]), engine.Act(verb=verb, opinion=match[3].strip()))
        return None
    if (match := vocabulary.WITHDRAW.fullmatch(event.text.strip())) is not None:
        item = await store.numbered(ctx.tx, int(match[1]))
        wanted = takeback.of(item) if item else engine.Act(verb=engine.Verb.WITHDRAW)
        await _by_number(ctx, event, person, int(match[1]), wanted)
        return None
    if _is_aside(word):
        return PASS
    prompt = await prompts.take(ctx.tx, person.id, now=ctx.now)
    if prompt is not None and prompt.kind == REASON and understanding.is_whole(ctx, event.text):
        prompt = None  # somebody's own leave is no reason against another's: nothing is decided
    if prompt is not None and prompt.kind == menu.OFFER:
        if await _offered(ctx, event, person, prompt, word):
            return None
        prompt = None
    gives_up = vocabulary.never_mind(word) if asking.is_free(prompt) else word in vocabulary.NEVER_MIND
    drafted = prompt is None or prompt.kind in _OF_DRAFTS
    if (gives_up and drafted) or (drafted and await own_talk.names_draft(ctx, person, event.text)):
        await _give_up(ctx, event, person, asked=prompt is not None)
        return None
    if prompt is not None and prompt.kind not in _OF_DRAFTS:
        return await _answered(ctx, event, person, prompt, word)
    if await _about_drafts(ctx, event, person, prompt, word):
        return None
    if asking.is_free(prompt):  # an aside closes no question
        await _keep(ctx, prompt)
    return PASS


async def _offered(ctx: Context, event: TextReceived, person: Person, prompt: Prompt, word: str) -> bool:
    """A form was offered: it is begun with what was said before, or not wanted; False for other words."""
    begun = menu.taken_up(prompt, word)
    if begun is None and vocabulary.never_mind(word):
        await _say(ctx, event, desk_cards.nothing_pending())
        return True
    if begun is None:
        return False
    to, key = event.sender, _key(event)
    return await asking.begin(ctx, person, begun, to=to, key=key) or await drafts.begin(
        ctx, person, begun, to=to, key=key
    )


async def _about_drafts(
    ctx: Context, event: TextReceived, person: Person, prompt: Prompt | None, word: str
) -> bool:
    """Words about what is being filled in, the answer to a question about it, or the beginning of something new."""
    to, key = event.sender, _key(event)
    if asking.is_free(prompt) and await leave_talk.begin(ctx, person, event.text, to=to, key=key):
        return True
    # an aside: `handlers.leave`
    rules = asking.is_free(prompt) and understanding.rules_asked(ctx, event.text) is not None
    if prompt is not None and prompt.kind == drafts.FILL:
        if not rules and await drafts.resume(ctx, person, prompt.data, event.text, to=to, key=key):
            return True
    elif prompt is not None and not rules and await asking.answered(ctx, person, prompt, event.text, to=to, key=key):
        return True
    if vocabulary.confirms(word) and _all_said(prompt) and await store.drafts(ctx.tx, person.id):
        await _keep(ctx, prompt)
        await _say(ctx, event, desk_cards.tap_submit())
        return True
    if not rules and await drafts.begin(ctx, person, event.text, to=to, key=key):
        return True
    return await asking.begin(ctx, person, event.text, to=to, key=key)


async def refused(error: errors.RuleError, event: Event, ctx: Context) -> Card | None:
    """The office said no: in words to the person, in the journal, and the copy shows the present state.

    A missing reason is not an offence: it is asked for, and the next message is the answer.
    """
    sender: PersonRef | None = getattr(event, "sender", None)
    if sender is None:
        return None
    person = await directory.by_ref(ctx.tx, sender)
    item = await _item_of(ctx, error, event)
    if isinstance(error, errors.ReasonMissing) and person is not None and item is not None:
        return await _ask_reason(ctx, event, person, item, error)
    if verbs.asks_who(error) and isinstance(event, ButtonPressed | TextReceived) and person and item:
        await _say(ctx, event, await verbs.ask_person(ctx, person, item, error))
        copy = await copies.find(ctx.tx, event.message.id) if isinstance(event, ButtonPressed) else None
        return await _card_of(ctx, item, copy, person)
    if error.code == "no_change" and isinstance(event, ButtonPressed) and person is not None and item is not None:
        await _show_to(ctx, event, await editing_talk.tapped(ctx, item, person, account=event.account))
        return await _card_of(ctx, item, await copies.find(ctx.tx, event.message.id), person)
    lacking = attaching.next_file(item, error) if item is not None and person is not None else None
    if lacking and item and person and isinstance(event, ButtonPressed | TextReceived):
        said = event.text if isinstance(event, TextReceived) else ""
        await _say(ctx, event, await attaching.ask_evidence(ctx, person, item, *lacking, said))
        copy = await copies.find(ctx.tx, event.message.id) if isinstance(event, ButtonPressed) else None
        return await _card_of(ctx, item, copy, person)
    await _record_refusal(ctx, error, event, person)
    words = Text(desk_cards.refusal(error.code, error.circumstances))
    await outbox.post(ctx.tx, Letter(to=sender, message=words, key=f"{_key(event)}:no"), now=ctx.now)
    copy = await copies.find(ctx.tx, event.message.id) if isinstance(event, ButtonPressed) else None
    if item is None or copy is None or person is None or copy.person != person.id:
        return None
    if item.request.state is engine.State.DRAFT:
        return None
    return await _card_of(ctx, item, copy, person)


ROUTES: Router = router((ButtonPressed, on_button), (TextReceived, on_text))


def _is_aside(word: str) -> bool:
    """Words that others answer, whatever question is open."""
    if word in vocabulary.HELP or help_cards.topic(word) is not None or menu_cards.unmistakable(word):
        return True
    if holidays.asks(word) is not None:
        return True
    return vocabulary.asks_balance(word) or vocabulary.asks_why(word) or bool(vocabulary.asks_how_long(word))


def _all_said(prompt: Prompt | None) -> bool:
    """No question is open: a draft, if there is one, waits for its “提交”."""
    return prompt is None or (prompt.kind == asking.ASK and not prompt.data["field"])


def _seen(verb: engine.Verb, action: actions.Action) -> int | None:
    """Urging, commenting and withdrawing do not depend on what the card showed; decisions do."""
    return None if verb in _UNSEEN else action.version


async def _opinion(ctx: Context, person: Person, item: str, inputs: Mapping[str, Sequence[str]]) -> str:
    """A typed line, or the words of the chosen quick opinion."""
    value = _first(inputs, approval_cards.OPINION)
    found = await store.load(ctx.tx, item) if approval_cards.is_mark(value) else None
    if found is not None:
        return await opinions.chosen(ctx, person.id, found, value)
    return "" if value == approval_cards.NO_OPINION else value


async def _reason(ctx: Context, person: Person, item: str, verb: engine.Verb, text: str) -> str:
    """The answer to the question for a reason: words, or the number of a quick opinion."""
    found = await store.load(ctx.tx, item)
    if found is None or verb is engine.Verb.COMMENT:
        return text
    return await opinions.meant(ctx, person.id, found, text, asked=True)


def _first(inputs: Mapping[str, Sequence[str]], key: str) -> str:
    return next(iter(inputs.get(key, ())), "").strip()


async def _card_of(ctx: Context, item: store.Item, copy: copies.Copy | None, person: Person) -> Card | None:
    """What the tapped copy shows now, for the answer that carries a card."""
    if copy is None or copy.person != person.id:
        return None
    return await views.of_copy(ctx, item, copy)


def _done_words(verb: engine.Verb, item: store.Item) -> str:
    """Most acts are seen on the card; these two are not."""
    if verb is engine.Verb.COMMENT:
        return desk_cards.commented()
    if verb is engine.Verb.URGE:
        return desk_cards.urged()
    return ""


async def _say(ctx: Context, event: ButtonPressed | TextReceived, text: str) -> None:
    if text:
        await outbox.post(ctx.tx, Letter(to=event.sender, message=Text(text), key=f"{_key(event)}:say"), now=ctx.now)


async def _show(ctx: Context, event: TextReceived, card: Card) -> None:
    await outbox.post(ctx.tx, Letter(to=event.sender, message=card, key=f"{_key(event)}:card"), now=ctx.now)


async def _show_to(ctx: Context, event: ButtonPressed, card: Card) -> None:
    await outbox.post(ctx.tx, Letter(to=event.sender, message=card, key=f"{_key(event)}:card"), now=ctx.now)


async def _list_waiting(ctx: Context, event: TextReceived, person: Person) -> None:
    items = await store.waiting(ctx.tx, person.id, limit=6)
    shown = [await views.item_view(ctx, item, reader=person.id, kind=views.DECIDE) for item in items]
    total = await store.count_waiting(ctx.tx, person.id)
    await _show(ctx, event, approval_cards.waiting_list(shown, total=total, now=ctx.now))


async def _list_own(ctx: Context, event: TextReceived, person: Person) -> None:
    items = await store.of_applicant(ctx.tx, person.id)
    shown = [await views.item_view(ctx, item, reader=person.id, kind=views.MINE) for item in items]
    draft = bool(await store.drafts(ctx.tx, person.id))
    await _show(ctx, event, approval_cards.progress(shown, now=ctx.now, draft=draft))


async def _by_number(ctx: Context, event: TextReceived, person: Person, number: int, wanted: engine.Act) -> None:
    item = await store.numbered(ctx.tx, number)
    if item is None:
        raise errors.NotFound(number=number, verb=wanted.verb)
    wanted = replace(wanted, opinion=await opinions.meant(ctx, person.id, item, wanted.opinion))
    try:
        after = await act.perform(ctx, item.id, wanted, by=person)
    except errors.ReasonMissing:
        raise errors.ReasonMissing(verb=wanted.verb, item=item.id) from None
    await _say(ctx, event, await verbs.done(ctx, after, person, wanted.verb))


async def _answered(ctx: Context, event: TextReceived, person: Person, prompt: Prompt, word: str) -> Answer:
    """The next message after a question of ours."""
    if word in vocabulary.NEVER_MIND:
        await _say(ctx, event, desk_cards.nothing_pending())
        return None
    if prompt.kind == REASON:
        verb = engine.Verb(prompt.data["verb"])
        opinion = await _reason(ctx, person, prompt.data["item"], verb, event.text)
        target, resume = prompt.data.get("target"), bool(prompt.data.get("resume"))
        wanted = engine.Act(verb=verb, opinion=opinion, target=target, resume=resume)
        item = await act.perform(ctx, prompt.data["item"], wanted, by=person)
        await _say(ctx, event, await verbs.done(ctx, item, person, wanted.verb))
        return None
    if prompt.kind == verbs.PEOPLE:
        await _say(ctx, event, await verbs.answered(ctx, person, prompt, event.text))
        return None
    if prompt.kind == leave_talk.ASK_CHANGE:
        item_id, to = str(prompt.data["item"]), event.sender
        return None if await leave_talk.answered(ctx, person, item_id, event.text, to=to, key=_key(event)) else PASS
    return PASS


async def _keep(ctx: Context, prompt: Prompt | None) -> None:
    """What was asked, or may still be added, is open again."""
    if prompt is not None:
        await prompts.ask(ctx.tx, prompt.person, prompt.kind, prompt.data, until=ctx.now + _PATIENCE, now=ctx.now)


async def _give_up(ctx: Context, event: TextReceived, person: Person, *, asked: bool) -> None:
    """`算了`: the question and the draft are gone; where there was neither, a leave that was submitted may be meant."""
    if await drafts.discard_others(ctx, person, keep="") or asked:
        await _say(ctx, event, desk_cards.nothing_pending())
    elif not await leave_talk.give_up(ctx, person, event.text, to=event.sender, key=_key(event)):
        await _say(ctx, event, desk_cards.nothing_open(await asking.on_pages(ctx, person)))


async def _ask_reason(
    ctx: Context, event: Event, person: Person, item: store.Item, error: errors.RuleError
) -> Card | None:
    verb = str(error.circumstances["verb"])
    way = {one: error.circumstances.get(one) for one in ("target", "resume")}
    data = {"item": item.id, "verb": verb, **way}
    await prompts.ask(ctx.tx, person.id, REASON, data, until=ctx.now + _PATIENCE, now=ctx.now)
    view = await views.item_view(ctx, item, reader=person.id, kind=views.DECIDE)
    if isinstance(event, ButtonPressed | TextReceived):
        quick = await opinions.offered(ctx, person.id, item) if verb != engine.Verb.COMMENT else ()
        await _say(ctx, event, approval_cards.ask_reason(view, verb=verb) + opinion_words.numbered(quick))
    copy = await copies.find(ctx.tx, event.message.id) if isinstance(event, ButtonPressed) else None
    return await _card_of(ctx, item, copy, person)


async def _item_of(ctx: Context, error: errors.RuleError, event: Event) -> store.Item | None:
    """The item that the refusal is about: named by the error, or claimed by the tapped payload."""
    named = error.circumstances.get("item")
    if isinstance(named, str):
        return await store.load(ctx.tx, named)
    if isinstance(event, ButtonPressed):
        try:
            return await store.load(ctx.tx, actions.peek(event.payload).item)
        except actions.BadAction:
            return None
    return None


async def _record_refusal(ctx: Context, error: errors.RuleError, event: Event, person: Person | None) -> None:
    if isinstance(event, ButtonPressed):
        try:
            action = actions.peek(event.payload)
            claimed, about = action.act, action.item
        except actions.BadAction:
            claimed, about = "unreadable", ""
    else:
        claimed, about = (str(error.circumstances.get(name, "")) for name in ("verb", "item"))
    who = person.id if person else ""
    refusal = facts.ActRefused(item=about, person=who, act=claimed, why=error.code)
    await log.record(ctx.tx, refusal, origin=ctx.origin, now=ctx.now)


def _key(event: Event) -> str:
    return senders.reply_key(event)
