"""The verbs that have words instead of buttons: `转办 3 王五`, `退回 3 理由`, `外出授权 王五 5月6日到8日`.

Names are looked up here, so that the engine sees person ids only; a name that is nobody's or several people's is said
back, and nothing is done.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from cards import amend as amend_words
from cards import approval as approval_cards
from cards import calendar_words, vocabulary
from cards import undo as undo_words
from cards import verbs as words
from cards.model import Text
from connectors.events import TextReceived
from handlers import errors, senders
from handlers.approval import act, engine, store, views
from handlers.approval.engine import Act, Proof, Request, Side, Status, Verb
from handlers.approval.standins import absence, proxy_store
from handlers.approval.talk import editing_talk, opinions
from handlers.context import Context
from handlers.days import phrases
from handlers.days.slots import Half
from handlers.mailroom import outbox, prompts
from handlers.mailroom.outbox import Letter
from handlers.mailroom.prompts import Prompt
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

PEOPLE = "approval.people"
_PATIENCE = timedelta(minutes=10)
_SIDES = {"后加签": Side.AFTER, "并加签": Side.BESIDE}


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """One of the words of `cards.verbs`; everything else is for the next to read."""
    text = event.text.strip()
    said = words.numbered(text), words.proxy(text), words.proxy_for(text)
    ending, listing = vocabulary.plain(text) in words.NO_PROXY, vocabulary.plain(text) in words.PROXIES
    change = amend_words.wanted(text)
    finished = await _finished(ctx, text) if not any(said) else None
    if not any(said) and not ending and not listing and not change and not finished:
        return PASS
    person = await senders.known(ctx, event.sender)
    if change is not None:
        told = await editing_talk.answer(ctx, person, *change, account=event.account)
        await outbox.post(ctx.tx, Letter(to=event.sender, message=told, key=_key(event)), now=ctx.now)
        return None
    numbered, proxy, proxy_for = said
    numbered = numbered or finished
    if numbered is not None:
        answer = await _act(ctx, person, *numbered)
    elif proxy is not None:
        answer = await _give(ctx, person, *proxy)
    elif proxy_for is not None:
        answer = await _give_for(ctx, person, *proxy_for)
    else:
        answer = await (_proxies(ctx, person) if listing else _end(ctx, person))
    await outbox.post(ctx.tx, Letter(to=event.sender, message=Text(answer), key=_key(event)), now=ctx.now)
    return None


async def _finished(ctx: Context, text: str) -> tuple[str, int, str] | None:
    """`已用印 3 ...` where that is what item 3 calls it, as 办结; any other text is none."""
    said = words.own(text)
    item = await store.numbered(ctx.tx, said[1]) if said else None
    if said is None or item is None:
        return None
    own = {item.request.steps[index].button for index in engine.present(item.request)}
    return (words.FINISHED, said[1], said[2]) if said[0] in own else None


def asks_who(error: errors.RuleError) -> bool:
    """Whether an act lacks only the name of somebody for whom we ask."""
    return error.code == "nobody_named" and str(error.circumstances["verb"]) in words.ONE_NAME


async def ask_person(ctx: Context, person: Person, item: store.Item, error: errors.RuleError) -> str:
    """The question for the name that a button could not carry, or that was not said; the next message is the answer."""
    verb = str(error.circumstances["verb"])
    data = {"item": item.id, "verb": verb, "side": str(error.circumstances.get("side") or Side.BEFORE)}
    await prompts.ask(ctx.tx, person.id, PEOPLE, data, until=ctx.now + _PATIENCE, now=ctx.now)
    return words.ask_person(item.number, verb)


async def answered(ctx: Context, person: Person, prompt: Prompt, text: str) -> str:
    """The name came: the act, and what to say about it. Raises RuleErrors."""
    item_id, verb = str(prompt.data["item"]), Verb(prompt.data["verb"])
    first, _, rest = text.strip().partition(" ")
    to = [(await someone(ctx, first, item=item_id)).id]
    while verb is Verb.ADD_SIGNER and (more := await directory.named(ctx.tx, rest.partition(" ")[0])):
        to.append(directory.the_one(more, more[0].name, item=item_id).id)
        rest = rest.partition(" ")[2].strip()
    side = Side(prompt.data.get("side", Side.BEFORE))
    after = await act.perform(ctx, item_id, Act(verb=verb, to=tuple(to), opinion=rest, side=side), by=person)
    return await done(ctx, after, person, verb)


async def someone(ctx: Context, name: str, *, item: str = "") -> Person:
    """The one active person of this name or staff number. Raises BadRequest: who_unknown, who_ambiguous."""
    return directory.the_one(await directory.named(ctx.tx, name), name, item=item)


async def _act(ctx: Context, person: Person, word: str, number: int, rest: str) -> str:
    item = await store.numbered(ctx.tx, number)
    if item is None:
        raise errors.NotFound(number=number)
    verb = Verb(words.ACTS[word][0])
    wanted = await _wanted(ctx, item, word, rest)
    if verb in (Verb.RETURN, Verb.READ):
        wanted = replace(wanted, opinion=await opinions.meant(ctx, person.id, item, wanted.opinion))
    after = await act.perform(ctx, item.id, wanted, by=person)
    return await done(ctx, after, person, verb)


async def _wanted(ctx: Context, item: store.Item, word: str, rest: str) -> Act:
    """What the word and what follows it mean for this item."""
    name, people = words.ACTS[word]
    verb = Verb(name)
    if people == "many":
        to = tuple([(await someone(ctx, one, item=item.id)).id for one in words.names(rest)])
        if verb is Verb.APPROVE:
            return Act(verb=verb, chosen=_choices(item.request, to))
        return Act(verb=verb, to=to, side=_SIDES.get(word, Side.BEFORE))
    if people == "one":
        first, _, opinion = rest.partition(" ")
        to = ((await someone(ctx, first, item=item.id)).id,) if first else ()
        return Act(verb=verb, to=to, opinion=opinion)
    if verb is Verb.RETURN:
        target = _previous(item.request) if word == "退回上一步" else None
        return Act(verb=verb, opinion=rest, target=target, resume=word == "退回直达")
    if verb is Verb.CONFIRM:
        return Act(verb=verb, opinion=rest, evidence=evidence_in(item.request, rest))
    return Act(verb=verb, opinion=rest)


def _choices(request: Request, people: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    """The steps that the present one leaves to its people, all to the same ones."""
    present = engine.present(request)
    return {i: people for i, step in enumerate(request.steps) if step.chosen_by in present}


def _previous(request: Request) -> int:
    """The step right before the present one; -1, which the engine refuses, where there is none."""
    if request.current >= len(request.steps):
        return -1
    before = request.steps[request.current].after or ()
    return max((one for one in before if request.steps[one].status is Status.DONE), default=-1)


def evidence_in(request: Request, text: str) -> dict[str, str | int]:
    """`里程 120` for the evidence of that title, as typed; photos and files come over the page."""
    found: dict[str, str | int] = {}
    wanted = [one for i in engine.present(request) for one in request.steps[i].task]
    for one in wanted:
        match = re.search(rf"{re.escape(one.title or one.key)}\s*[:：]?\s*(\S+)", text)
        if match is None or one.kind in (Proof.PHOTO, Proof.FILE):
            continue
        found[one.key] = match[1]
    return found


async def _give(ctx: Context, person: Person, name: str, days: str) -> str:
    proxy = await someone(ctx, name)
    today = ctx.now.astimezone(ctx.office.timezone).date()
    spans = phrases.read(days, today=today, calendar=ctx.office.calendar).spans
    week = _week(days, today, ctx.office.timezone) if not spans else None
    if week is None and (len(spans) != 1 or spans[0].half_missing or spans[0].open_ended):
        return words.which_days()
    begin, end = week or _ends(spans[0], ctx.office.timezone)
    given, covered = await absence.give(
        ctx, person.id, proxy.id, begin=begin.astimezone(UTC), end=end.astimezone(UTC)
    )
    return words.proxy_given(proxy.name, given.begin, given.end, covered=covered)


def _ends(span: phrases.Span, zone: tzinfo) -> tuple[datetime, datetime]:
    begin = datetime.combine(span.start, time(12 if span.start_half is Half.PM else 0), zone)
    midnight = datetime.combine(span.end + timedelta(days=1), time(0), zone)
    return begin, datetime.combine(span.end, time(12), zone) if span.end_half is Half.AM else midnight


def _week(days: str, today: date, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """`下周` with its weekend, the rest of `这周`; None where no week is named."""
    ahead, _ = calendar_words.week(days)
    if ahead is None:
        return None
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=ahead)
    first, after = datetime.combine(max(monday, today), time(0), zone), monday + timedelta(days=7)
    return first, datetime.combine(after, time(0), zone)


async def _give_for(ctx: Context, person: Person, number: int, name: str) -> str:
    item = await store.numbered(ctx.tx, number)
    if item is None:
        raise errors.NotFound(number=number)
    if item.request.applicant != person.id:
        raise errors.NotAllowed(verb="proxy", item=item.id)
    if item.request.state not in (*engine.RUNNING, engine.State.APPROVED):
        raise errors.AlreadyDecided(item=item.id, state=item.request.state)
    proxy = await someone(ctx, name, item=item.id)
    given, covered = await absence.for_item(ctx, item, proxy.id)
    return words.proxy_given(proxy.name, given.begin, given.end, covered=covered)


async def _proxies(ctx: Context, person: Person) -> str:
    """Who stands in for this person, and for whom this person does, now or later."""
    given = await proxy_store.of_principal(ctx.tx, person.id, at=ctx.now)
    got = await proxy_store.of_proxy(ctx.tx, person.id, at=ctx.now)
    ids = [*(one.proxy for one in given), *(one.principal for one in got)]
    names = [one.name if one else "" for one in [await directory.load(ctx.tx, id) for id in ids]]
    rows = [(name, one.begin, one.end) for name, one in zip(names, [*given, *got], strict=True)]
    return words.proxies(rows[: len(given)], rows[len(given) :])


async def _end(ctx: Context, person: Person) -> str:
    ended = await absence.end_of(ctx, await proxy_store.of_principal(ctx.tx, person.id, at=ctx.now))
    return words.proxies_ended(ended) if ended else words.no_proxy()


async def done(ctx: Context, item: store.Item, person: Person, verb: Verb) -> str:
    """The answer to an act in words; for a decision that can still be undone, until when and how."""
    view = await views.item_view(ctx, item, reader=person.id, kind=views.DECIDE)
    if view.promise is not None and view.promise.verb == verb.value:
        return undo_words.can_undo(view, verb=verb.value, until=view.promise.until)
    return approval_cards.done(view, verb=verb.value)


def _key(event: TextReceived) -> str:
    return senders.reply_key(event, "verb")


ROUTES: Router = router((TextReceived, on_text))
