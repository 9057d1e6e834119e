"""What a reading consists of."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from handlers.days.slots import Half


class DoubtCode(StrEnum):
    """Why a person should look twice. Those marked * leave the phrase without a span."""

    PAST = "past"  # begins before today
    YEAR_UNCLEAR = "year_unclear"  # no year written, and the nearest one is not obvious
    MONTH_UNCLEAR = "month_unclear"  # a bare day of the month that has passed: the next month was taken
    WEEK_UNCLEAR = "week_unclear"  # a bare weekday that has passed: the next week was taken
    DAY_UNCLEAR = "day_unclear"  # a half of a day without a day: today was taken
    HALF_UNCLEAR = "half_unclear"  # noon, evening, or a morning mentioned apart from the date
    TIME_UNCLEAR = "time_unclear"  # "two o'clock" without morning or afternoon: office hours were assumed
    END_UNCLEAR = "end_unclear"  # a clock time to begin with and none to end with
    LAST_UNCLEAR = "last_unclear"  # "from the 6th on", and nothing that tells until when
    WEEKDAY_MISMATCH = "weekday_mismatch"  # the weekday beside a date is not that date's; the date was taken
    DURATION_MISMATCH = "duration_mismatch"  # first day, last day and number of days do not agree
    DURATION_UNCLEAR = "duration_unclear"  # weeks, months, or a number of days that may belong to something else
    TWO_SPANS = "two_spans"  # more than one stretch of days
    START_UNCLEAR = "start_unclear"  # * an end without a beginning
    END_BEFORE_START = "end_before_start"  # *
    IMPOSSIBLE_DATE = "impossible_date"  # * 30 February
    DATE_VAGUE = "date_vague"  # * "next week", "before the 8th"
    CALENDAR_UNKNOWN = "calendar_unknown"  # * needs working days of a year that is not loaded
    TOO_LONG = "too_long"  # * nobody asks for leave in ten thousand characters


@dataclass(frozen=True, slots=True)
class Doubt:
    """`text` is the offending piece as it was typed. Callers may add codes of their own."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From a slot to a slot, both included.

    `duration_days` is set only while it still decides something: the last day (`end` then equals `start`, see
    `stretched`), or which half of a single day is meant (0.5 and no half named). Whether such days are working days is
    for the kind of leave to say, unless the writer did (`duration_working`). `duration_minutes` comes from hours.
    """

    start: date
    start_half: Half = Half.AM
    end: date
    end_half: Half = Half.PM
    from_time: time | None = None
    to_time: time | None = None
    duration_days: Decimal | None = None
    duration_working: bool = False
    duration_minutes: int | None = None

    @property
    def half_missing(self) -> bool:
        """Half a day was asked for, and which half was not said."""
        return self.duration_days == Decimal("0.5") and (self.start_half, self.end_half) == (Half.AM, Half.PM)

    @property
    def open_ended(self) -> bool:
        """The last day is still to be counted from `duration_days`."""
        return self.duration_days is not None and not self.half_missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`rest` is what is left without date words and connecting words: for a leave request, the reason.

    `duration_days` is a number of days that was said without any date, `length` any such amount as it was typed.
    """

    spans: tuple[Span, ...] = ()
    rest: str = ""
    doubts: tuple[Doubt, ...] = ()
    duration_days: Decimal | None = None
    length: str = ""


class WorkingDays(Protocol):
    """The statutory working calendar, as far as phrases need it."""

    def is_working(self, day: date, /) -> bool:
        """Raise `errors.RuleError` or LookupError for a day of a year that is not loaded."""
        ...
