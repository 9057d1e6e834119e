"""A notice goes out, is corrected, recalled, closed: each in the transaction that decides it, cards in handfuls after.

A notice is written as an item of a form (`handlers.approval.notice_form`), reviewed as one, and has its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from cards import notice as cards
from cards.model import Text
from handlers import errors
from handlers.audit import log
from handlers.context import Context
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.notice import audience, chasing, facts, rules, stand_ins, store, views
from handlers.notice.audience import Audience
from handlers.notice.rules import Grade, Notice, Notices, Per, Question, Receipt, State, Want
from handlers.people import directory
from handlers.people.directory import Person

OUT = "notice.out"  # a planned notice goes out
CARDS = "notice.cards"  # the next handful of cards
LATE = "notice.late"  # the time for answers is over
END = "notice.end"  # the notice is over
_HANDFUL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is to be published. `to` is the audience in words, `people` ids picked by hand, `groups` names of group
    chats that get the words as well; `at` later than now plans it.
    """

    id: str
    number: int
    sender: str
    title: str
    body: str
    to: str = ""
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    want: Want = Want.ACK
    per: Per = Per.PERSON
    grade: Grade = Grade.NORMAL
    questions: tuple[Question, ...] = ()
    files: tuple[str, ...] = ()
    at: datetime | None = None
    reply_by: datetime | None = None
    until: datetime | None = None


async def meant(ctx: Context, draft: Draft) -> Audience:
    """Who gets it, the sender left out.

    Raises BadRequest: notice_unknown, notice_ambiguous, notice_nobody, notice_time, notice_group.
    """
    everybody = await directory.everybody(ctx.tx)
    named = ctx.office.of(Notices).audiences
    found = audience.resolve(draft.to, everybody, named=named, also=draft.people)
    if found.unknown:
        raise errors.BadRequest("notice_unknown", names="、".join(found.unknown), item=draft.id)
    if found.ambiguous:
        raise errors.BadRequest("notice_ambiguous", names="、".join(found.ambiguous), item=draft.id)
    people = tuple(person for person in found.people if person.id != draft.sender)
    if not people:
        raise errors.BadRequest("notice_nobody", item=draft.id)
    _checked(ctx, draft)
    return replace(found, people=people)


def _checked(ctx: Context, draft: Draft) -> None:
    missing = [name for name in draft.groups if name not in ctx.office.groups]
    if missing:
        known = "、".join(ctx.office.groups)
        raise errors.BadRequest("notice_group", names="、".join(missing), known=known, item=draft.id)
    begin = max(draft.at or ctx.now, ctx.now)
    for end in (draft.reply_by, draft.until):
        if end is not None and end <= begin:
            raise errors.BadRequest("notice_time", item=draft.id)


async def publish(ctx: Context, draft: Draft) -> Notice:
    """Out now, or planned for `draft.at`. Raises as `meant`. Twice is once: the id is the item's."""
    known = await store.load(ctx.tx, draft.id)
    if known is not None:
        return known
    await meant(ctx, draft)
    planned = draft.at is not None and draft.at > ctx.now
    notice = _notice(draft, published=draft.at if planned and draft.at else ctx.now)
    notice = replace(notice, state=State.SCHEDULED if planned else State.PUBLISHED)
    await store.add(ctx.tx, notice)
    payload = {"notice": notice.id, "to": draft.to, "people": draft.people, "groups": draft.groups}
    if planned:
        fact = facts.NoticeScheduled(item=notice.id, at_ms=_ms(notice.published), row=store.to_row(notice))
        await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
        await due.at(ctx.tx, f"{OUT}:{notice.id}", OUT, notice.published, payload, now=ctx.now)
        await _tell_sender(ctx, notice, cards.scheduled(notice.number, notice.published), key="planned")
        return notice
    await _go_out(ctx, notice, draft.to, draft.people, draft.groups)
    return notice


async def on_out(row: Due, ctx: Context) -> None:
    """The planned time has come; who belongs to a department by now gets it.

    Where nobody is left to get it, or its time was over before the program ran again, it ends instead.
    """
    notice = await store.lock(ctx.tx, row.payload["notice"])
    if notice is None or notice.state is not State.SCHEDULED:
        return
    payload = row.payload
    people = await _recipients(ctx, notice, payload["to"], payload["people"])
    if not people or (notice.until is not None and notice.until <= ctx.now):
        await _never_out(ctx, notice)
        return
    notice = replace(notice, state=State.PUBLISHED, published=ctx.now)
    await store.save(ctx.tx, notice)
    await _go_out(ctx, notice, payload["to"], payload["people"], payload["groups"])
    sender = await directory.load(ctx.tx, notice.sender)
    if sender is None or not sender.active:
        words = cards.orphaned(notice.number, notice.title, url=views.url(ctx, notice.id))
        await _tell_sender(ctx, notice, words, key="orphaned")


async def _never_out(ctx: Context, notice: Notice) -> None:
    await store.save(ctx.tx, replace(notice, state=State.CLOSED))
    await log.record(ctx.tx, facts.NoticeClosed(item=notice.id), origin=ctx.origin, now=ctx.now)
    await _tell_sender(ctx, notice, cards.never_out(notice.number, notice.title), key="never")


async def _tell_sender(ctx: Context, notice: Notice, words: str, *, key: str) -> None:
    """In the place of a sender who has left the office: the administrators."""
    sender = await directory.load(ctx.tx, notice.sender)
    here = [sender] if sender is not None and sender.active else await directory.in_role(ctx.tx, "admin")
    for person in here:
        where = await directory.reach(ctx.tx, person)
        if where is not None:
            letter = Letter(to=where, message=Text(words), key=f"notice/{key}/{notice.id}/{person.id}")
            await outbox.post(ctx.tx, letter, now=ctx.now)


async def _recipients(ctx: Context, notice: Notice, to: str, picked: Sequence[str]) -> list[Person]:
    named = ctx.office.of(Notices).audiences
    found = audience.resolve(to, await directory.everybody(ctx.tx), named=named, also=picked)
    return [person for person in found.people if person.id != notice.sender]


async def _go_out(ctx: Context, notice: Notice, to: str, picked: Sequence[str], groups: Iterable[str]) -> None:
    people = await _recipients(ctx, notice, to, picked)
    chase = chasing.first(ctx, notice)
    await store.address(ctx.tx, notice.id, [(person.id, person.department) for person in people], chase=chase)
    await _record_published(ctx, notice, people)
    await views.send_counts(ctx, notice)
    await _handful(ctx, notice)
    await _to_groups(ctx, notice, groups)
    await _plan_ends(ctx, notice)


async def _record_published(ctx: Context, notice: Notice, people: Sequence[Person]) -> None:
    fact = facts.NoticePublished(
        item=notice.id, version=notice.version, want=notice.want, per=notice.per, grade=notice.grade,
        people=tuple(person.id for person in people), units=tuple(person.department for person in people),
        text=digest(notice), reply_by_ms=_ms(notice.reply_by), until_ms=_ms(notice.until), row=store.to_row(notice),
    )  # fmt: skip
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)


async def on_cards(row: Due, ctx: Context) -> None:
    """The next handful; `face` true: not new cards but the present face of those that are out."""
    notice = await store.load(ctx.tx, row.payload["notice"])
    if notice is None:
        return
    if row.payload.get("face"):
        await _faces(ctx, notice, int(row.payload["after"]))
    elif notice.state is State.PUBLISHED:
        await _handful(ctx, notice)


async def _handful(ctx: Context, notice: Notice) -> None:
    people = await store.unsent(ctx.tx, notice.id, limit=_HANDFUL)
    for person in people:
        receipt = await store.receipt(ctx.tx, notice.id, person)
        if receipt is not None and not await views.send_receipt(ctx, notice, receipt):
            await store.cannot_reach(ctx.tx, notice.id, person)
    if len(people) == _HANDFUL:
        key = f"{CARDS}:{notice.id}:{notice.version}:{people[-1]}"
        await due.once(ctx.tx, key, CARDS, ctx.now, {"notice": notice.id})


async def _faces(ctx: Context, notice: Notice, after: int) -> None:
    last, receipts = await store.receipts_after(ctx.tx, notice.id, after, limit=_HANDFUL)
    anew = notice.version if notice.state is State.PUBLISHED and notice.asked == notice.version else 0
    for receipt in receipts:
        await views.refresh_receipt(ctx, notice, receipt, sent=anew)  # some platforms let a card be changed once
        if notice.state is State.RECALLED and receipt.seen is not None:
            await _tell_off(ctx, notice, receipt)
        if notice.state is State.RECALLED:
            await stand_ins.called_off(ctx, notice, receipt)
    if len(receipts) == _HANDFUL:
        await _show_faces(ctx, notice, after=last)


async def _tell_off(ctx: Context, notice: Notice, receipt: Receipt) -> None:
    """Who has read it may be getting ready: a card that changes in silence is not enough."""
    person = await directory.load(ctx.tx, receipt.person)
    where = await directory.reach(ctx.tx, person) if person and person.active else None
    if where is not None:
        words = Text(cards.off(notice.number, notice.title))
        letter = Letter(to=where, message=words, key=f"notice/off/{notice.id}/{receipt.person}")
        await outbox.post(ctx.tx, letter, now=ctx.now)


async def _show_faces(ctx: Context, notice: Notice, *, after: int = 0) -> None:
    key = f"{CARDS}:{notice.id}:{notice.state}:{notice.version}:{after}"
    payload = {"notice": notice.id, "face": True, "after": after}
    await due.at(ctx.tx, key, CARDS, ctx.now, payload, now=ctx.now)


async def _to_groups(ctx: Context, notice: Notice, groups: Iterable[str]) -> None:
    empty = Receipt(person=notice.sender)
    view = await views.receipt_view(ctx, notice, empty)
    for name in groups:
        chat = ctx.office.groups.get(name)
        if chat is not None:
            key = f"notice/{notice.id}/{notice.version}/{notice.state}/{name}"
            letter = Letter(to=chat, message=cards.group(view), key=key)
            await outbox.post(ctx.tx, letter, now=ctx.now)


async def _plan_ends(ctx: Context, notice: Notice) -> None:
    for kind, at in ((LATE, notice.reply_by), (END, notice.until)):
        if at is not None:
            await due.at(ctx.tx, f"{kind}:{notice.id}", kind, at, {"notice": notice.id}, now=ctx.now)


async def correct(
    ctx: Context, notice_id: str, *, title: str, body: str, again: bool, by_item: str, groups: Sequence[str] = (),
    reply_by: datetime | None = None,
) -> Notice:
    """New words; `again`: everybody is asked once more by a new card, and answers to the old words no longer count.

    `reply_by`: until when, where that changes. Group chats that got the old words get the new ones. One that is planned
    goes out with the new words.
    Raises NotFound, BadRequest: notice_recalled, notice_closed.
    """
    notice = await store.lock(ctx.tx, notice_id)
    if notice is None:
        raise errors.NotFound(item=notice_id)
    planned = notice.state is State.SCHEDULED  # nobody has read the old words
    if not planned:
        rules.require_open(notice, now=ctx.now)
    version = notice.version + (0 if planned else 1)
    notice = replace(
        notice, title=title or notice.title, body=body, version=version, asked=version if again else notice.asked,
        reply_by=reply_by or notice.reply_by,
    )  # fmt: skip
    await store.save(ctx.tx, notice)
    fact = facts.NoticeCorrected(
        item=notice.id, version=version, again=again, text=digest(notice), by_item=by_item, row=store.to_row(notice)
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    if planned:
        return notice
    if reply_by is not None:
        await _plan_ends(ctx, notice)
    if again:
        await store.ask_again(ctx.tx, notice.id, chase=chasing.first(ctx, notice))
        await _handful(ctx, notice)
    await stand_ins.corrected(ctx, notice)
    await _show_faces(ctx, notice)
    await _to_groups(ctx, notice, groups)
    await views.refresh_counts(ctx, notice)
    return notice


async def recall(ctx: Context, notice_id: str, *, groups: Sequence[str] = ()) -> Notice | None:
    """Taken back: cards and group chats say so, nobody is reminded any more. A planned one never goes out. Twice is
    once; one that has ended stays what it is.
    """
    notice = await store.lock(ctx.tx, notice_id)
    if notice is None or notice.state in (State.RECALLED, State.CLOSED):
        return notice
    was_out = notice.state is State.PUBLISHED
    notice = replace(notice, state=State.RECALLED)
    if was_out:
        await _to_groups(ctx, notice, groups)
    await store.save(ctx.tx, notice)
    await store.no_more_chasing(ctx.tx, notice.id)
    for kind in (OUT, LATE, END):
        await due.cancel(ctx.tx, f"{kind}:{notice.id}")
    await log.record(ctx.tx, facts.NoticeRecalled(item=notice.id), origin=ctx.origin, now=ctx.now)
    await _show_faces(ctx, notice)
    await views.refresh_counts(ctx, notice)
    return notice


async def on_late(row: Due, ctx: Context) -> None:
    """The sender learns who is silent."""
    notice = await store.load(ctx.tx, row.payload["notice"])
    if notice is not None and notice.state is State.PUBLISHED:
        await _tell_sender(ctx, notice, cards.deadline(await views.counts_view(ctx, notice)), key="late")


async def on_end(row: Due, ctx: Context) -> None:
    notice = await store.lock(ctx.tx, row.payload["notice"])
    if notice is None or notice.state is not State.PUBLISHED:
        return
    notice = replace(notice, state=State.CLOSED)
    await store.save(ctx.tx, notice)
    await store.no_more_chasing(ctx.tx, notice.id)
    await log.record(ctx.tx, facts.NoticeClosed(item=notice.id), origin=ctx.origin, now=ctx.now)
    await _show_faces(ctx, notice)
    await views.refresh_counts(ctx, notice)


def digest(notice: Notice) -> str:
    """SHA-256 of the words, for the journal; they stand in the item."""
    return sha256(f"{notice.title}\n{notice.body}".encode()).hexdigest()


def _notice(draft: Draft, *, published: datetime) -> Notice:
    return Notice(
        id=draft.id, number=draft.number, sender=draft.sender, title=draft.title, body=draft.body, want=draft.want,
        per=draft.per, grade=draft.grade, questions=draft.questions, published=published, reply_by=draft.reply_by,
        until=draft.until, files=draft.files,
    )  # fmt: skip


def _ms(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp() * 1000)
