"""“通知 办公室、后勤科：周五下午三点开会，请参加”: one sentence, shown on a card before it goes anywhere.

And taking a notice back by its sender's card, which takes back the item that it was written as.
"""

from __future__ import annotations

from typing import Final

from cards import notice as cards
from cards import notice_said
from cards.model import Text
from cards.notice_said import Correction
from connectors.events import ButtonPressed, TextReceived
from handlers import senders
from handlers.approval import act, store
from handlers.approval.language import book
from handlers.approval.leaves import takeback
from handlers.approval.meetings import notice_form
from handlers.approval.talk import asking
from handlers.context import Context
from handlers.mailroom import copies
from handlers.notice import store as notices
from handlers.notice import views
from handlers.notice.rules import State
from handlers.routing import PASS, Answer, Router, router

_LATEST: Final = 20
_CORRECTABLE: Final = (State.PUBLISHED, State.SCHEDULED)


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """What the sentence does not say (grade, deadline) has its default and can be corrected in words."""
    if (new := notice_said.corrects(event.text)) is not None:
        return await _correct(event, ctx, new)
    said = notice_said.composed(event.text)
    form = ctx.office.of(book.Forms).find(notice_form.CODE)
    if said is None or form is None:
        return PASS
    person = await senders.known(ctx, event.sender)
    await asking.start(ctx, person, form, said, to=event.sender, key=senders.reply_key(event))
    return None


async def _correct(event: TextReceived, ctx: Context, new: Correction) -> Answer:
    """The form 更正通知 with the new words, to be confirmed. Raises NotFound, NotAllowed(not_your_notice)."""
    form = ctx.office.of(book.Forms).find(notice_form.FIX)
    if form is None:
        return PASS
    person = await senders.known(ctx, event.sender)
    sent = [one for one in await notices.of_sender(ctx.tx, person.id, limit=_LATEST) if one.state in _CORRECTABLE]
    meant = [one for one in sent if one.number == new.number] if new.number else sent
    if len(meant) > 1 or not (meant or new.number):
        rows = [(one.number, one.title) for one in meant]
        told = notice_said.which_to_correct(rows) if rows else notice_said.nothing_to_correct()
        await senders.answer(ctx, event, Text(told), "notice")
        return None
    body = notice_said.altered(new.body, meant[0].body) if new.part and meant else new.body
    values = {"number": meant[0].number if meant else new.number, "body": body}
    await asking.start(ctx, person, form, values, to=event.sender, key=senders.reply_key(event))
    return None


async def on_button(event: ButtonPressed, ctx: Context) -> Answer:
    """撤回通知 on the sender's card: the whole item, so that a meeting gives back its room, calendars and car too."""
    tap = await senders.tapped(ctx, event, views.RECALL)
    item = await store.load(ctx.tx, tap[1].item) if tap else None
    if tap is None or item is None:
        return PASS
    person = tap[0]
    await act.perform(ctx, item.id, takeback.of(item), by=person)
    notice = await notices.load(ctx.tx, item.id)
    if notice is None:
        return None
    words = Text(cards.recalled(notice.number, len(await notices.receipts(ctx.tx, notice.id))))
    await senders.answer(ctx, event, words, "notice")
    copy = await copies.find(ctx.tx, event.message.id)
    if copy is None or copy.person != person.id or copy.kind != views.COUNTS:
        return None
    return await views.counts_card(ctx, notice, account=copy.to.account)


ROUTES: Router = router((TextReceived, on_text), (ButtonPressed, on_button))
