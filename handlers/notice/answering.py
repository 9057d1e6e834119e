"""A receipt comes in: by a button, a word, the answer to a question of ours, or the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from cards import notice as cards
from cards import notice_said
from cards.model import Text
from handlers import errors
from handlers.audit import log
from handlers.context import Context
from handlers.mailroom import due, outbox, prompts
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.notice import facts, rules, stand_ins, store, views
from handlers.notice.rules import Notice, Per, Receipt, Reply, Want
from handlers.people import directory
from handlers.people.directory import Person

COUNT: Final = "notice.count"
SUBSTITUTE: Final = "notice.substitute"
DECLINE: Final = "notice.decline"
FILL: Final = "notice.fill"
PATIENCE: Final = timedelta(minutes=30)
_A_BURST: Final = timedelta(seconds=5)


async def found(ctx: Context, notice_id: str, person: Person) -> tuple[Notice, Receipt]:
    """The notice and this person's side of it. Raises NotFound; NotAllowed for somebody who did not get it."""
    notice = await store.load(ctx.tx, notice_id)
    if notice is None:
        raise errors.NotFound(item=notice_id)
    receipt = await store.receipt(ctx.tx, notice.id, person.id)
    if receipt is None:
        raise errors.NotAllowed(by=person.id, item=notice.id)
    return notice, receipt


async def answer(
    ctx: Context, person: Person, notice_id: str, kind: Reply, detail: Mapping[str, str] | None = None
) -> tuple[Notice, Receipt]:
    """Records the answer, unless it is the one that is there. Raises as `found` and `rules.reply`."""
    notice, receipt = await found(ctx, notice_id, person)
    after, changed = rules.reply(notice, receipt, kind, detail=detail or {}, now=ctx.now)
    if not changed:
        return notice, receipt
    await store.write(ctx.tx, notice.id, after)
    if notice.per is Per.UNIT and after.unit:
        await store.no_more_chasing(ctx.tx, notice.id, unit=after.unit)
    fact = facts.NoticeAnswered(
        item=notice.id, person=person.id, by=ctx.origin.person, version=notice.version, reply=after.reply,
        late=after.late, detail=after.detail,
    )  # fmt: skip
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    await views.refresh_receipt(ctx, notice, after)
    await stand_ins.changed(ctx, notice, receipt, after)
    if notice.per is Per.UNIT and after.unit:
        await views.refresh_unit(ctx, notice, after.unit, but=person.id)
    await _count_soon(ctx, notice)
    return notice, after


async def seen(ctx: Context, person: Person, notice_id: str) -> tuple[Notice, Receipt]:
    """The page was opened. The first time counts; for a notice that only wants to be read it is the answer."""
    notice, receipt = await found(ctx, notice_id, person)
    if receipt.seen is not None or not views.is_open(notice):
        return notice, receipt
    after = replace(receipt, seen=ctx.now)
    if notice.want is Want.READ:
        after = replace(after, chase_at=None)
    await store.write(ctx.tx, notice.id, after)
    fact = facts.NoticeSeen(item=notice.id, person=person.id)
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    await _count_soon(ctx, notice)
    return notice, after


async def _count_soon(ctx: Context, notice: Notice) -> None:
    """Two hundred answers in a minute are a few changes of the sender's card, not two hundred."""
    key = f"{COUNT}:{notice.id}"
    await due.by(ctx.tx, key, COUNT, ctx.now + _A_BURST, {"notice": notice.id}, now=ctx.now)


async def on_count(row: Due, ctx: Context) -> None:
    """The sender's card shows the figures; when the last answer is in, it is said."""
    notice = await store.load(ctx.tx, row.payload["notice"])
    if notice is None or not views.is_open(notice):
        return
    await views.refresh_counts(ctx, notice)
    view = await views.counts_view(ctx, notice)
    sender = await directory.load(ctx.tx, notice.sender)
    where = await directory.reach(ctx.tx, sender) if sender else None
    if where is None or view.answered < view.total:
        return
    key = f"notice/complete/{notice.id}/{notice.asked}"  # once, also when somebody changes an answer afterwards
    await outbox.post(ctx.tx, Letter(to=where, message=Text(cards.complete(view)), key=key), now=ctx.now)


# ---- answers that need a question first ------------------------------------------------------------------------------


async def ask(ctx: Context, person: Person, notice: Notice, kind: str, data: Mapping[str, Any] | None = None) -> str:
    """Puts the question and returns its words; the next message is the answer."""
    rules.require_open(notice, now=ctx.now)
    payload = {"notice": notice.id, **(data or {})}
    await prompts.ask(ctx.tx, person.id, kind, payload, until=ctx.now + PATIENCE, now=ctx.now)
    if kind == SUBSTITUTE:
        return cards.ask_substitute(notice.number)
    if kind == DECLINE:
        return cards.ask_reason(notice.number, notice.want)
    place = int(payload.get("place", 0))
    question = notice.questions[place]
    return cards.ask_question(
        notice.number, place, len(notice.questions), question.title, question.options, required=question.required
    )


async def answered(ctx: Context, person: Person, kind: str, data: Mapping[str, Any], text: str) -> str:
    """The next message after one of our questions; what to say about it."""
    notice, _ = await found(ctx, data["notice"], person)
    if kind == FILL:
        return await _filled(ctx, person, notice, data, text)
    if kind == SUBSTITUTE:
        detail = notice_said.substitute(text)
        return await said(ctx, person, notice.id, Reply.SUBSTITUTE, detail)
    return await said(ctx, person, notice.id, Reply.DECLINE, {"reason": text.strip()})


async def said(ctx: Context, person: Person, notice_id: str, kind: Reply, detail: Mapping[str, str]) -> str:
    notice, receipt = await answer(ctx, person, notice_id, kind, detail)
    told = cards.replied(await views.receipt_view(ctx, notice, receipt))
    if kind is not Reply.SUBSTITUTE:
        return told
    goes = await stand_ins.of(ctx, receipt)
    return told + cards.stand_in_told(goes.name if goes and await directory.reach(ctx.tx, goes) else "")


async def _filled(ctx: Context, person: Person, notice: Notice, data: Mapping[str, Any], text: str) -> str:
    """One question answered: the next one, or all of it recorded."""
    place = int(data["place"])
    question = notice.questions[place]
    given = "" if not question.required and text.strip() in notice_said.SKIP else text.strip()
    if question.options and given.isdigit() and 1 <= int(given) <= len(question.options):
        given = question.options[int(given) - 1]
    if given and question.options and given not in question.options:
        return await ask(ctx, person, notice, FILL, {"place": place, "given": data["given"]})
    answers = {**data["given"], str(place): given}
    if place + 1 < len(notice.questions):
        return await ask(ctx, person, notice, FILL, {"place": place + 1, "given": answers})
    return await said(ctx, person, notice.id, Reply.ANSWERED, answers)
