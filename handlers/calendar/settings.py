"""What office.yaml says of calendars, rooms and vehicles."""

from __future__ import annotations

from handlers.calendar.rules import CalendarRules
from handlers.context import Context


def of(ctx: Context) -> CalendarRules:
    found = ctx.office.areas.get(CalendarRules)
    return found if isinstance(found, CalendarRules) else CalendarRules()
