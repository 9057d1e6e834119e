"""“通知 办公室、后勤科：周五下午三点开会，请参加”: one sentence, shown on a card before it goes anywhere."""

from __future__ import annotations

from cards import notice as cards
from connectors.events import TextReceived
from handlers import errors
from handlers.approval import asking, book, notice_form
from handlers.context import Context
from handlers.people import directory
from handlers.routing import PASS, Answer, Router, router


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """What the sentence does not say (grade, deadline) has its default and can be corrected in words."""
    said = cards.composed(event.text)
    form = ctx.office.of(book.Forms).by_code.get(notice_form.CODE)
    if said is None or form is None or not form.is_enabled:
        return PASS
    person = await directory.by_ref(ctx.tx, event.sender)
    if person is None:
        raise errors.BadRequest("stranger")
    to, title, body, want = said
    values = {"to": to, "title": title, "body": body, "want": want}
    await asking.start(ctx, person, form, values, to=event.sender, key=f"re:{event.account}:{event.key}")
    return None


ROUTES: Router = router((TextReceived, on_text))
