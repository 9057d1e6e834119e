"""Taps and words about notices."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cards import notice as cards
from cards import notice_said, vocabulary
from cards import reminders as reminder_words
from cards.actions import Action
from cards.model import Card, Message, Text
from connectors.events import ButtonPressed, TextReceived
from handlers import errors, senders
from handlers.context import Context
from handlers.mailroom import copies, prompts
from handlers.notice import answering, chasing, recurring, recurring_store, rules, store, views
from handlers.notice.rules import Notice, Receipt, Reply, Want
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

_ASKING: Final = {
    "notice-substitute": answering.SUBSTITUTE,
    "notice-decline": answering.DECLINE,
    "notice-fill": answering.FILL,
}
_AT_ONCE: Final = {"notice-ack": Reply.ACK, "notice-attend": Reply.ATTEND}
_AREA: Final = "notice."
"""How the kinds of questions begin that are asked here."""
_LISTED: Final = 20
_LONGEST_OPTION: Final = 60
_LATELY: Final = timedelta(days=30)
_MAY_RING: Final = frozenset({"admin", "office_director", "personnel"})
"""Who may have a group chat reminded."""


async def on_button(event: ButtonPressed, ctx: Context) -> Answer:
    tap = await senders.tapped(ctx, event, *views.ACTS)
    if tap is None or tap[1].act == views.RECALL:
        return PASS
    person, action = tap
    words = await _outdated(ctx, action) or await _tapped(ctx, person, action.act, action.item)
    if words:
        await _say(ctx, event, Text(words))
    return await _face(ctx, event, person, action.item)


async def _outdated(ctx: Context, action: Action) -> str:
    """What to say to an answer to words of which everybody was asked anew: it is none to the new ones. The card shows
    those now; a platform may not have let it be changed before."""
    notice = await store.load(ctx.tx, action.item) if action.act in (*_AT_ONCE, *_ASKING) else None
    return cards.outdated(notice.number) if notice is not None and action.version < notice.asked else ""


async def _tapped(ctx: Context, person: Person, act: str, notice_id: str) -> str:
    """Does what the button says; the words for what the card alone does not show."""
    if act in _AT_ONCE:
        await answering.answer(ctx, person, notice_id, _AT_ONCE[act])
        return ""
    if act in _ASKING:
        notice, _ = await answering.found(ctx, notice_id, person)
        return await answering.ask(ctx, person, notice, _ASKING[act], _start(act))
    return await _chase(ctx, await _own(ctx, person, notice_id))


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """Words of `cards.notice`, or the answer to a question about a notice; everything else is for the next."""
    person = await directory.by_ref(ctx.tx, event.sender)
    if person is None:
        return PASS
    message = await _asked(ctx, person, event.text) or await _answered(ctx, person, event.text)
    if message is None:
        return PASS
    await _say(ctx, event, message)
    return None


async def _asked(ctx: Context, person: Person, text: str) -> Message | None:
    word = vocabulary.plain(text)
    if word in notice_said.MINE:
        return await _mine(ctx, person)
    if word in notice_said.SENT:
        return await _sent(ctx, person)
    if (number := notice_said.asks_roster(text)) is not None:
        notice = await _sent_by(ctx, person, number)
        return cards.counts(await views.counts_view(ctx, notice), payloads=views.payloads(ctx, notice, person.id))
    if (number := notice_said.asks_chase(text)) is not None:
        return Text(await _chase(ctx, await _sent_by(ctx, person, number)))
    if (bare := notice_said.bare(text)) is not None:
        return await _bare(ctx, person, *bare)
    if (said := notice_said.numbered(text)) is not None:
        return Text(await _replied(ctx, person, *said))
    return await _reminder(ctx, person, text)


async def _reminder(ctx: Context, person: Person, text: str) -> Message | None:
    """Reminders that come again: set up, listed, stopped."""
    if vocabulary.plain(text) in reminder_words.REMINDERS:
        rows = await recurring_store.of_owner(ctx.tx, person.id)
        listed = [(number, recurring.rule_words(one.said, one.text), one.text, one.group) for number, one in rows]
        return Text(reminder_words.reminders(listed))
    if (number := reminder_words.stops(text)) is not None:
        return Text(await recurring.stop(ctx, person.id, number))
    found = reminder_words.sets_up(text)
    if found is None:
        return None
    group, said = found
    if group and not await directory.roles_of(ctx.tx, person.id) & _MAY_RING:
        raise errors.NotAllowed(code="reminder_not_yours", by=person.id)
    return Text(await recurring.set_up(ctx, person.id, said, group=group))


async def _bare(ctx: Context, person: Person, code: str, rest: str) -> Message | None:
    """Without a number: the one notice that waits for such an answer, or the one whose answer is changed; several are
    listed, none is for the next."""
    kind = Reply(code)
    pairs = [pair for pair in await _open(ctx, person) if kind in rules.ALLOWED[pair[0].want]]
    waiting = [notice for notice, receipt in pairs if not rules.answered(notice, receipt)]
    asked = await prompts.peek(ctx.tx, person.id, now=ctx.now)
    busy = asked is not None and not asked.kind.startswith(_AREA)
    given = [] if waiting or busy or kind is Reply.ACK else [one for one, _ in pairs if _changeable(one, ctx)]
    if len(waiting or given) > 1:
        listed = [(notice.number, notice.title) for notice in waiting or given]
        return Text(cards.which(kind, listed, answered=not waiting))
    if waiting or given:
        return Text(await _replied(ctx, person, code, (waiting or given)[0].number, rest))
    return None if kind is not Reply.ACK or asked is not None else Text(cards.nothing_to_answer())


async def _open(ctx: Context, person: Person) -> list[tuple[Notice, Receipt]]:
    return [pair for pair in await store.for_person(ctx.tx, person.id, limit=_LISTED) if views.is_open(pair[0])]


async def _unanswered(ctx: Context, person: Person) -> list[Notice]:
    return [notice for notice, receipt in await _open(ctx, person) if not rules.answered(notice, receipt)]


def _changeable(notice: Notice, ctx: Context) -> bool:
    """Of late, and answered in one of several ways; “收到” changes nothing."""
    return notice.want is Want.ATTEND and notice.published > ctx.now - _LATELY


async def on_choice(event: TextReceived, ctx: Context) -> Answer:
    """An option of the one open question that has it, as the message alone: `不订`. To be asked late."""
    person = await directory.by_ref(ctx.tx, event.sender)
    said = event.text.strip()
    if person is None or len(said) > _LONGEST_OPTION:
        return PASS
    asked = [one for one in await _unanswered(ctx, person) if len(one.questions) == 1]
    found = [one for one in asked if said in one.questions[0].options]
    if len(found) != 1:
        return PASS
    await _say(ctx, event, Text(await answering.said(ctx, person, found[0].id, Reply.ANSWERED, {"0": said})))
    return None


async def _replied(ctx: Context, person: Person, code: str, number: int, rest: str) -> str:
    """`参加 12`, with what is still missing asked for. A question about an answer that is given otherwise is over."""
    notice = await _numbered(ctx, number)
    await prompts.take_of(ctx.tx, person.id, _AREA, now=ctx.now)
    kind = Reply(code)
    await answering.found(ctx, notice.id, person)
    if kind is Reply.ANSWERED and notice.want is Want.ANSWER:
        return await answering.ask(ctx, person, notice, answering.FILL, _start("notice-fill"))
    if kind is Reply.SUBSTITUTE:
        if not rest:
            return await answering.ask(ctx, person, notice, answering.SUBSTITUTE)
        return await answering.said(ctx, person, notice.id, kind, notice_said.substitute(rest))
    if kind is Reply.DECLINE:
        if not rest:
            return await answering.ask(ctx, person, notice, answering.DECLINE)
        return await answering.said(ctx, person, notice.id, kind, {"reason": rest})
    return await answering.said(ctx, person, notice.id, kind, {})


async def _answered(ctx: Context, person: Person, text: str) -> Message | None:
    """The answer to the open question, unless it is a command of its own."""
    word = vocabulary.plain(text)
    if word in vocabulary.HELP | vocabulary.PROGRESS or vocabulary.asks_waiting(word):
        return None
    if vocabulary.DECIDE.fullmatch(text.strip()):
        return None
    prompt = await prompts.take_of(ctx.tx, person.id, _AREA, now=ctx.now)
    if prompt is None:
        return None
    if word in vocabulary.NEVER_MIND:
        return Text(cards.never_mind())
    return Text(await answering.answered(ctx, person, prompt.kind, prompt.data, text))


async def _mine(ctx: Context, person: Person) -> Card:
    pairs = await store.for_person(ctx.tx, person.id, limit=_LISTED)
    rows = [(one.number, one.title, _shown(one, receipt), str(one.state), one.published) for one, receipt in pairs]
    return cards.mine(sorted(rows, key=lambda row: bool(row[2])))  # a stable sort: silent ones first, then by date


def _shown(notice: Notice, receipt: rules.Receipt) -> str:
    if not rules.answered(notice, receipt):
        return ""
    return receipt.reply if receipt.reply is not Reply.NONE else Reply.ACK


async def _sent(ctx: Context, person: Person) -> Card:
    rows = []
    for notice in await store.of_sender(ctx.tx, person.id, limit=6):
        found = rules.counts(notice, await store.receipts(ctx.tx, notice.id))
        rows.append((notice.number, notice.title, found.answered, found.total, str(notice.state)))
    return cards.sent(rows)


async def _chase(ctx: Context, notice: Notice) -> str:
    rules.require_open(notice, now=ctx.now)
    reminded, held = await chasing.now(ctx, notice)
    return cards.chased(reminded, held_back=held)


async def _own(ctx: Context, person: Person, notice_id: str) -> Notice:
    """The notice, for whoever sent it. Raises NotFound, NotAllowed."""
    notice = await store.load(ctx.tx, notice_id)
    if notice is None:
        raise errors.NotFound(item=notice_id)
    if notice.sender != person.id:
        raise errors.NotAllowed(by=person.id, item=notice_id)
    return notice


async def _sent_by(ctx: Context, person: Person, number: int) -> Notice:
    """The notice of that number, or for 0 the last one, if this person sent it. Raises NotFound, NotAllowed."""
    if number:
        return await _own(ctx, person, (await _numbered(ctx, number)).id)
    last = await store.of_sender(ctx.tx, person.id, limit=1)
    if not last:
        raise errors.NotFound(code="no_notice")
    return last[0]


async def _numbered(ctx: Context, number: int) -> Notice:
    notice = await store.numbered(ctx.tx, number)
    if notice is None:
        raise errors.NotFound(number=number)
    return notice


async def _face(ctx: Context, event: ButtonPressed, person: Person, notice_id: str) -> Card | None:
    """What the tapped copy shows now, for the answer that carries a card."""
    copy = await copies.find(ctx.tx, event.message.id)
    notice = await store.load(ctx.tx, notice_id)
    if copy is None or notice is None or copy.person != person.id:
        return None
    if copy.kind == views.COUNTS:
        return await views.counts_card(ctx, notice, account=copy.to.account)
    receipt = await store.receipt(ctx.tx, notice.id, person.id)
    return await views.receipt_card(ctx, notice, receipt, account=copy.to.account) if receipt else None


def _start(act: str) -> dict[str, object]:
    return {"place": 0, "given": {}} if act == "notice-fill" else {}


async def _say(ctx: Context, event: ButtonPressed | TextReceived, message: Message) -> None:
    await senders.answer(ctx, event, message, "notice")


ROUTES: Router = router((ButtonPressed, on_button), (TextReceived, on_text))
LATE_ROUTES: Router = router((TextReceived, on_choice))
