"""The person's own word about the platform's calendar: `日程不同步`, `日程同步`."""

from __future__ import annotations

from cards import calendar_sync as words
from cards import vocabulary
from handlers.calendar import writing
from handlers.calendar.speaking import Speaker


async def said(speaker: Speaker, text: str) -> bool:
    plain = vocabulary.plain(text)
    if plain in words.HIDE:
        await speaker.answer(words.hidden(await writing.hide(speaker.ctx, speaker.person.id, True)))
        return True
    if plain not in words.SHOW:
        return False
    if await writing.where(speaker.ctx, speaker.person.id) is None:
        await speaker.answer(words.not_offered())
        return True
    await speaker.answer(words.shown(await writing.hide(speaker.ctx, speaker.person.id, False)))
    return True
