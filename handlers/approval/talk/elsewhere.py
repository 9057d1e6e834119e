"""Words that are no answer to the open question of a form, but begin something of their own."""

from __future__ import annotations

from typing import Final

from cards import own
from handlers.approval.language import book
from handlers.approval.language.form_model import Field, Type
from handlers.context import Context
from handlers.days import phrases
from handlers.leave.asking import understanding

WORDS: Final = (Type.TEXT, Type.LONG_TEXT)
"""What any sentence may be the value of."""


def belongs(ctx: Context, asked: Field, text: str) -> bool:
    """Whether the next message after a question is another form's beginning, or a whole request for leave.

    To a question for words a sentence may begin like a form (`培训 新同事`) if no day follows (`访客 明天9点`); to one
    for a time or a choice it may not.
    """
    forms = ctx.office.of(book.Forms)
    if forms.called(text) is not None or understanding.is_whole(ctx, text):
        return True
    if asked.type not in WORDS and own.shows(text) is not None:
        return True
    begun = forms.begun(text)
    return begun is not None and (asked.type not in WORDS or _dated(ctx, begun[1]))


def _dated(ctx: Context, rest: str) -> bool:
    """Whether what follows a form's name begins with a day or a time."""
    today = ctx.now.astimezone(ctx.office.timezone).date()
    reading = phrases.read(rest, today=today, calendar=ctx.office.calendar)
    return bool(reading.spans) and rest.rstrip(" ,，。.").endswith(reading.rest)
