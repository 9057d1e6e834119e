"""Whether a schedule on a platform is still what we wrote; pure, the same for every platform."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from cards.model import Schedule
from connectors.contract import ScheduleThere

BEIJING = timezone(timedelta(hours=8))


def days(begin: datetime, end: datetime) -> tuple[date, date]:
    """First and last day of a whole-day schedule, whether its end is midnight or a moment before."""
    return begin.astimezone(BEIJING).date(), (end - timedelta(seconds=1)).astimezone(BEIJING).date()


def differs(written: Schedule, there: ScheduleThere) -> bool:
    """`written` is cut to the platform's sizes already, so that its own cutting is no change of anybody's."""
    if there.gone:
        return not written.cancelled
    if (written.title, written.place) != (there.title.strip(), there.place.strip()):
        return True
    if written.all_day or there.all_day:
        same_days = days(written.begin, written.end) == days(there.begin, there.end)
        return written.all_day != there.all_day or not same_days
    return (_minute(written.begin), _minute(written.end)) != (_minute(there.begin), _minute(there.end))


def _minute(moment: datetime) -> datetime:
    """What clients show and let people choose."""
    return moment.replace(second=0, microsecond=0)
