"""What a booking by word leaves in calendars, made by a sentence of its holder or by the queue in their place."""

from __future__ import annotations

from collections.abc import Sequence

from cards import calendar as calendar_cards
from handlers.calendar import agenda, settings
from handlers.calendar.entry_store import Entry
from handlers.calendar.rules import Kind, Period, Resource
from handlers.context import Context


def source(number: int) -> str:
    """What entries of a booking by word name as their source."""
    return f"booking-{number}"


async def enter(
    ctx: Context, number: int, things: Sequence[Resource], period: Period, *, person: str, subject: str
) -> None:
    """A booking stands in the calendar of whoever has it, and a driver's trip in theirs."""
    rooms = "、".join(one.name for one in things)
    people = [person, *(one.person for one in things if one.kind is Kind.DRIVER and one.person)]
    entry = Entry(
        uid="", owner="", kind="booking", source=source(number), period=period,
        title=subject or f"{calendar_cards.BOOKING}：{rooms}", place=rooms[:120],
        remind=settings.of(ctx).remind_before, author=person,
    )  # fmt: skip
    await agenda.enter_for(ctx, people, entry)
