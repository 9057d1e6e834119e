"""A notice as its recipient's card and its sender's card show it now, and the letters that carry them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cards import actions
from cards import notice as cards
from cards.model import Card
from cards.notice import CountsView, NoticeView
from handlers.context import Context
from handlers.mailroom import copies, outbox
from handlers.notice import rules, store
from handlers.notice.rules import Notice, Per, Receipt, State
from handlers.people import directory

RECEIPT = "notice.receipt"
COUNTS = "notice.counts"
RECALL = "notice-recall"
"""Taken up by `handlers.approval.notice_talk`: what is taken back is the item."""
ACTS = ("notice-ack", "notice-attend", "notice-substitute", "notice-decline", "notice-fill", "notice-chase", RECALL)


def url(ctx: Context, notice: str, account: str = "") -> str:
    """Where the notice is read and answered; "" where the office has no address of its own."""
    base = ctx.office.public_url.rstrip("/")
    via = f"?via={account}" if account else ""
    return f"{base}/office/notices/{notice}{via}" if base else ""


async def receipt_view(ctx: Context, notice: Notice, receipt: Receipt, *, account: str = "") -> NoticeView:
    sender = await directory.load(ctx.tx, notice.sender)
    return NoticeView(
        number=notice.number,
        title=notice.title,
        body=notice.body,
        sender=sender.name if sender else "",
        want=notice.want,
        grade=notice.grade,
        published=notice.published,
        reply_by=notice.reply_by,
        state=notice.state,
        version=notice.version,
        files=len(notice.files),
        by_unit=receipt.unit if notice.per is Per.UNIT else "",
        spoken=await _spoken_for(ctx, notice, receipt),
        reply=receipt.reply,
        detail=receipt.detail,
        late=receipt.late,
        again=0 < receipt.replied < notice.asked,
        url=url(ctx, notice.id, account),
    )


async def _spoken_for(ctx: Context, notice: Notice, receipt: Receipt) -> str:
    """The name of whoever has answered for the department of somebody who has not."""
    if notice.per is not Per.UNIT or not receipt.unit or rules.answered(notice, receipt):
        return ""
    done = [one for one in await store.of_unit(ctx.tx, notice.id, receipt.unit) if rules.answered(notice, one)]
    person = await directory.load(ctx.tx, done[0].person) if done else None
    return person.name if person else ""


async def counts_view(ctx: Context, notice: Notice, *, account: str = "") -> CountsView:
    receipts = await present(ctx, notice)
    found = rules.counts(notice, receipts)
    return CountsView(
        number=notice.number,
        title=notice.title,
        total=found.total,
        answered=found.answered,
        seen=found.seen,
        late=found.late,
        want=notice.want,
        replies={code.value: count for code, count in found.by_reply.items()},
        options=rules.option_counts(notice, receipts),
        silent_names=await silent_names(ctx, notice, receipts),
        unreachable=await store.unreachable(ctx.tx, notice.id),
        by_unit=notice.per is Per.UNIT,
        reply_by=notice.reply_by,
        state=notice.state,
        url=url(ctx, notice.id, account),
    )


async def present(ctx: Context, notice: Notice) -> list[Receipt]:
    """The receipts of those who are in the office or have answered: who left is not waited for."""
    here = {person.id for person in await directory.everybody(ctx.tx)}
    receipts = await store.receipts(ctx.tx, notice.id)
    return [one for one in receipts if one.person in here or rules.answered(notice, one)]


async def silent_names(ctx: Context, notice: Notice, receipts: Sequence[Receipt], *, most: int = 20) -> tuple[str, ...]:
    """The first of those who are waited for: people, or departments where one answer speaks for all."""
    waiting = rules.silent(notice, receipts)
    if notice.per is Per.UNIT:
        return tuple(dict.fromkeys(one.unit for one in waiting if one.unit))[:most]
    people = [await directory.load(ctx.tx, one.person) for one in waiting[:most]]
    return tuple(one.name for one in people if one)


async def receipt_card(ctx: Context, notice: Notice, receipt: Receipt, *, account: str) -> Card:
    view = await receipt_view(ctx, notice, receipt, account=account)
    return cards.receipt(view, payloads=payloads(ctx, notice, receipt.person))


async def counts_card(ctx: Context, notice: Notice, *, account: str) -> Card:
    view = await counts_view(ctx, notice, account=account)
    return cards.counts(view, payloads=payloads(ctx, notice, notice.sender))


async def send_receipt(ctx: Context, notice: Notice, receipt: Receipt) -> bool:
    """A new card for a recipient; False when they have no account that could take it."""
    person = await directory.load(ctx.tx, receipt.person)
    where = await directory.reach(ctx.tx, person) if person and person.active else None
    if where is None:
        return False
    card = await receipt_card(ctx, notice, receipt, account=where.account)
    await copies.open_copy(
        ctx.tx, item=_subject(notice, receipt.person), person=receipt.person, to=where, kind=RECEIPT, card=card,
        version=notice.version, now=ctx.now, urgent=notice.grade is not rules.Grade.NORMAL,
    )  # fmt: skip
    return True


async def send_counts(ctx: Context, notice: Notice) -> None:
    sender = await directory.load(ctx.tx, notice.sender)
    where = await directory.reach(ctx.tx, sender) if sender and sender.active else None
    if where is None:
        return
    card = await counts_card(ctx, notice, account=where.account)
    await copies.open_copy(
        ctx.tx, item=_counted(notice), person=notice.sender, to=where, kind=COUNTS, card=card,
        version=notice.version, now=ctx.now,
    )  # fmt: skip


async def refresh_receipt(ctx: Context, notice: Notice, receipt: Receipt, *, sent: int = 0) -> None:
    """Every copy that this recipient has gets its present face, but those of version `sent`, which have it.

    An old one that cannot be changed any more stays as it is where there is a newer one, which says the same.
    """
    own = await copies.of_item(ctx.tx, _subject(notice, receipt.person))
    newest = max((copy.version for copy in own), default=0)
    for copy in own:
        if copy.version == sent:
            continue
        card = await receipt_card(ctx, notice, receipt, account=copy.to.account)
        card = replace(card, fleeting=copy.version < newest)
        await outbox.refresh(ctx.tx, copy.id, card, now=ctx.now)


async def refresh_unit(ctx: Context, notice: Notice, unit: str, *, but: str) -> None:
    """One has answered for the department: the others' cards say so."""
    for one in await store.of_unit(ctx.tx, notice.id, unit):
        if one.person != but:
            await refresh_receipt(ctx, notice, one)


async def refresh_counts(ctx: Context, notice: Notice) -> None:
    for copy in await copies.of_item(ctx.tx, _counted(notice)):
        card = await counts_card(ctx, notice, account=copy.to.account)
        await outbox.refresh(ctx.tx, copy.id, card, now=ctx.now)


def is_open(notice: Notice) -> bool:
    return notice.state is State.PUBLISHED


def _subject(notice: Notice, person: str) -> str:
    """Copies of a recipient are looked up by themselves: one answer must not walk ten thousand of them."""
    return f"notice/{notice.id}/{person}"


def _counted(notice: Notice) -> str:
    return f"notice/{notice.id}/counts"


def payloads(ctx: Context, notice: Notice, person: str) -> Mapping[str, str]:
    return {
        act: actions.pack(actions.Action(act, notice.id, notice.version), to=person, key=ctx.office.card_key)
        for act in ACTS
    }
