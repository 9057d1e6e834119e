"""The working calendar, and time counted in working minutes.

A calendar is what the State Council's yearly notices say, loaded as data (office-rules.md section 3): which years are
known, which days are off, on which weekends everybody works, and which of the days off are the legal holidays
themselves (全国年节及纪念日放假办法 art. 2). A year whose notice is not loaded is never guessed: to look up one of its
days raises `CalendarMissing`, or, where the policy allows it, is answered from rest days and legal days, provisionally.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from handlers import errors
from handlers.days.slots import Half, Slot

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTES_A_DAY = 24 * 60
LONGEST_SEARCH = 3660
"""Days within which a working day must turn up; a calendar without any is a mistake and not a reason to loop."""


class CalendarMissing(errors.RuleError):
    """A day had to be looked up in a year whose notice is not loaded. Circumstances: day, year."""

    CODE = "calendar_missing"


class UnknownYear(StrEnum):
    """What to do when a day lies in a year without a notice."""

    REFUSE = "refuse"
    STATUTORY_RULE = "statutory_rule"


class DayType(StrEnum):
    WORKDAY = "workday"
    MAKEUP_WORKDAY = "makeup_workday"
    REST_DAY = "rest_day"
    BRIDGE_DAY = "bridge_day"
    """A weekday off under the notice that is no legal holiday."""
    STATUTORY_HOLIDAY = "statutory_holiday"
    LOCAL_OFF = "local_off"
    LOCAL_WORK = "local_work"


WORKING = frozenset({DayType.WORKDAY, DayType.MAKEUP_WORKDAY, DayType.LOCAL_WORK})


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfHoliday:
    """Off for a part of the people: 8 March for women, 4 May for the young (Holiday Measures art. 3), or a festival
    that the local government gives to those who keep it (art. 4).

    `sex` and `group` name who has it; None means no condition. Which half is the unit's choice; None: the whole day.
    `year` is for festivals of another calendar, which fall on another day each year; None: every year.
    """

    month: int
    day: int
    half: Half | None
    sex: str | None = None
    group: str | None = None
    year: int | None = None

    def covers(self, slot: Slot, *, sex: str | None, groups: frozenset[str]) -> bool:
        if (slot.day.month, slot.day.day) != (self.month, self.day) or self.half not in (None, slot.half):
            return False
        if self.year not in (None, slot.day.year):
            return False
        return self.sex in (None, sex) and (self.group is None or self.group in groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """Which days work. Local days, of the unit or of the local government, go before everything else."""

    years: frozenset[int]
    statutory: frozenset[date]
    days_off: frozenset[date]
    makeup_workdays: frozenset[date]
    statutory_without_notice: frozenset[date] = frozenset()
    weekly_rest: frozenset[int] = frozenset({5, 6})
    """Weekdays as `date.weekday()` counts them."""
    local_off: frozenset[date] = frozenset()
    local_work: frozenset[date] = frozenset()
    half_holidays: tuple[HalfHoliday, ...] = ()
    unknown_year: UnknownYear = UnknownYear.REFUSE

    def day_type(self, day: date) -> DayType:
        """Raises `CalendarMissing` for a day of an unknown year, unless a local entry or the policy answers it."""
        if day in self.local_work:
            return DayType.LOCAL_WORK
        if day in self.local_off:
            return DayType.LOCAL_OFF
        if day.year not in self.years:
            return self._by_law_alone(day)
        if day in self.makeup_workdays:
            return DayType.MAKEUP_WORKDAY
        if day in self.statutory:
            return DayType.STATUTORY_HOLIDAY
        if day.weekday() in self.weekly_rest:
            return DayType.REST_DAY
        return DayType.BRIDGE_DAY if day in self.days_off else DayType.WORKDAY

    def is_working(self, day: date) -> bool:
        return self.day_type(day) in WORKING

    def is_statutory(self, day: date) -> bool:
        """Whether the day is a legal holiday, which no local entry can change. Raises `CalendarMissing`."""
        if day.year in self.years:
            return day in self.statutory
        self._allow_unknown(day)
        return day in self.statutory_without_notice

    def is_provisional(self, day: date) -> bool:
        """Whether an answer about this day may change once the year's notice is loaded."""
        return day.year not in self.years and day not in self.local_work and day not in self.local_off

    def is_half_holiday(self, slot: Slot, *, sex: str | None, groups: frozenset[str] = frozenset()) -> bool:
        return bool(self.half_holidays) and any(
            holiday.covers(slot, sex=sex, groups=groups) for holiday in self.half_holidays
        )

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        for ahead in range(1, LONGEST_SEARCH):
            if self.is_working(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        raise ValueError("a calendar without working days")

    def by_law_where_unknown(self) -> WorkCalendar:
        """The same calendar, which never raises `CalendarMissing`: for reminders and deadlines, which have to come at
        some time. What people are charged is counted with the calendar itself."""
        return replace(self, unknown_year=UnknownYear.STATUTORY_RULE)

    def _by_law_alone(self, day: date) -> DayType:
        self._allow_unknown(day)
        if day in self.statutory_without_notice:
            return DayType.STATUTORY_HOLIDAY
        return DayType.REST_DAY if day.weekday() in self.weekly_rest else DayType.WORKDAY

    def _allow_unknown(self, day: date) -> None:
        if self.unknown_year is UnknownYear.REFUSE:
            raise CalendarMissing(day=day, year=day.year)


# Reading the data files


def as_day(value: object) -> date:
    """A date from a date or from its ISO text; YYYY-MM is read as the 1st. Raises ValueError."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    return date.fromisoformat(f"{text}-01" if len(text) == len("2005-09") else text)


def as_days(values: Iterable[object]) -> frozenset[date]:
    """Dates and `a..b` blocks (both ends included) as a set of days."""
    return frozenset(day for value in values for day in _block(value))


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=ahead) for ahead in range((date(year + 1, 1, 1) - first).days)]


def as_minute(value: object) -> int:
    """Minutes since midnight from "08:30" (up to "24:00"), or from the number YAML 1.1 makes of an unquoted 11:00."""
    if isinstance(value, int):
        return value
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    hour, _, minute = str(value).partition(":")
    return int(hour) * 60 + int(minute or 0)


def as_half_holiday(data: Mapping[str, object]) -> HalfHoliday:
    """`month_day` of every year; `half` am, pm or day. Raises KeyError or ValueError."""
    month, day = str(data["month_day"]).split("-")
    date(2024, int(month), int(day))  # a leap year: 02-29 is a day, 02-30 is none
    sex, group = data.get("sex"), data.get("group")
    return HalfHoliday(
        month=int(month),
        day=int(day),
        half=_half(data["half"]),
        sex=None if sex is None else str(sex),
        group=None if group is None else str(group),
    )


def as_group_holidays(data: Mapping[str, object]) -> list[HalfHoliday]:
    """`days` of certain years for a `group` (or `sex`): one of 古尔邦节, 开斋节. Raises KeyError or ValueError."""
    sex, group = data.get("sex"), data.get("group")
    if sex is None and group is None:
        raise ValueError("a group holiday names its group")
    return [
        HalfHoliday(
            month=day.month,
            day=day.day,
            year=day.year,
            half=_half(data.get("half", "day")),
            sex=None if sex is None else str(sex),
            group=None if group is None else str(group),
        )
        for day in sorted(as_days(_listed(data, "days")))
    ]


def _half(value: object) -> Half | None:
    return None if value == "day" else Half(str(value))


def as_weekdays(names: Iterable[object]) -> frozenset[int]:
    return frozenset(WEEKDAYS.index(str(name).lower()[:3]) for name in names)


def from_data(files: Iterable[Mapping[str, object]], *, unknown_year: UnknownYear = UnknownYear.REFUSE) -> WorkCalendar:
    """One calendar out of the parsed files of config/calendars and of the office.

    A file has `kind`: `notice` (a year as the State Council arranged it), `law_only` (the legal days of a year whose
    notice is not out; ignored as soon as it is) or `local` (`days_off`, `work_days`, `half_holidays` and
    `group_holidays` of a unit or region). Of two notices for one year the later holds, whole: an office's own file
    replaces the packaged one. Raises KeyError or ValueError on data that `checking.problems` would have named.
    """
    files = list(files)
    notices = {int(str(file["year"])): file for file in files if file.get("kind", "notice") == "notice"}
    local = [file for file in files if file.get("kind") == "local"]
    return WorkCalendar(
        years=frozenset(notices),
        statutory=_gather(notices.values(), "statutory"),
        days_off=_gather(notices.values(), "days_off"),
        makeup_workdays=_gather(notices.values(), "makeup_workdays"),
        statutory_without_notice=_gather((file for file in files if file.get("kind") == "law_only"), "statutory"),
        local_off=_gather(local, "days_off"),
        local_work=_gather(local, "work_days"),
        half_holidays=(
            *(as_half_holiday(holiday) for file in local for holiday in _mappings(file, "half_holidays")),
            *(day for file in local for group in _mappings(file, "group_holidays") for day in as_group_holidays(group)),
        ),
        unknown_year=unknown_year,
    )


def _block(value: object) -> Iterator[date]:
    first, _, last = str(value).partition("..") if isinstance(value, str) else (value, "", "")
    begin = as_day(first)
    length = (as_day(last) - begin).days if last else 0
    return (begin + timedelta(days=ahead) for ahead in range(length + 1))


def _gather(files: Iterable[Mapping[str, object]], key: str) -> frozenset[date]:
    return frozenset(day for file in files for day in as_days(_listed(file, key)))


def _listed(file: Mapping[str, object], key: str) -> list[object]:
    values = file.get(key) or []
    if not isinstance(values, list):
        raise ValueError(f"{key} is not a list")
    return values


def _mappings(file: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    values = _listed(file, key)
    if not all(isinstance(value, Mapping) for value in values):
        raise ValueError(f"{key} is not a list of mappings")
    return [value for value in values if isinstance(value, Mapping)]


# Working time


@dataclass(frozen=True, slots=True)
class Period:
    """Minutes since midnight; `until` is the first minute that no longer belongs to it."""

    begin: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """A timetable that holds from a day of the year on, until the next season begins (夏季、冬季作息)."""

    month: int
    day: int
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkHours:
    """The office's timetable in its own time zone. `periods` hold all year unless there are `seasons`."""

    periods: tuple[Period, ...]
    zone: ZoneInfo = SHANGHAI
    seasons: tuple[Season, ...] = ()

    def on(self, day: date) -> tuple[Period, ...]:
        if not self.seasons:
            return self.periods
        ordered = sorted(self.seasons, key=lambda season: (season.month, season.day))
        begun = [season for season in ordered if (season.month, season.day) <= (day.month, day.day)]
        return (begun or ordered)[-1].periods


def as_periods(pairs: Iterable[Iterable[object]]) -> tuple[Period, ...]:
    """[["08:30", "12:00"], ...] as periods in the order of the day. Raises ValueError when they overlap."""
    periods = sorted((Period(*(as_minute(end) for end in pair)) for pair in pairs), key=lambda period: period.begin)
    for period in periods:
        if not 0 <= period.begin < period.until <= MINUTES_A_DAY:
            raise ValueError(f"a working period ends before it begins: {period}")
    for earlier, later in pairwise(periods):
        if later.begin < earlier.until:
            raise ValueError(f"working periods overlap: {earlier}, {later}")
    return tuple(periods)


def is_working_moment(moment: datetime, *, calendar: WorkCalendar, hours: WorkHours) -> bool:
    """Whether an aware instant lies inside working time. Raises `CalendarMissing`."""
    local = moment.astimezone(hours.zone)
    minute = local.hour * 60 + local.minute
    return calendar.is_working(local.date()) and any(
        period.begin <= minute < period.until for period in hours.on(local.date())
    )


def add_working_minutes(start: datetime, minutes: int, *, calendar: WorkCalendar, hours: WorkHours) -> datetime:
    """The UTC instant at which `minutes` of working time have passed since the aware instant `start`.

    A sum that ends with a period ends there, not at the next one's beginning; 0 gives the first working moment at or
    after `start`. Raises ValueError when `minutes` is negative, `CalendarMissing` when the way leads into an unknown
    year.
    """
    if minutes < 0:
        raise ValueError("working minutes run forward only")
    left = timedelta(minutes=minutes)
    for begin, until in _working_time(start, calendar, hours):
        if left < until - begin or left == until - begin > timedelta(0):
            return begin + left
        left -= until - begin
    raise ValueError("a calendar without working time")


def working_minutes_between(start: datetime, end: datetime, *, calendar: WorkCalendar, hours: WorkHours) -> int:
    """Whole minutes of working time from `start` up to `end`; 0 when `end` is not later. Raises `CalendarMissing`."""
    passed = timedelta(0)
    for begin, until in _working_time(start, calendar, hours, end):
        if begin >= end:
            break
        passed += min(until, end) - begin
    return passed // timedelta(minutes=1)


def _working_time(
    start: datetime, calendar: WorkCalendar, hours: WorkHours, end: datetime | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of working time in UTC from `start` on, the first one cut to begin there; no day after `end`'s."""
    first = start.astimezone(hours.zone).date()
    days = LONGEST_SEARCH if end is None else (end.astimezone(hours.zone).date() - first).days + 1
    for day in (first + timedelta(days=ahead) for ahead in range(days)):
        if not calendar.is_working(day):
            continue
        midnight = datetime.combine(day, time(), tzinfo=hours.zone)
        for period in hours.on(day):
            begin = (midnight + timedelta(minutes=period.begin)).astimezone(UTC)
            until = (midnight + timedelta(minutes=period.until)).astimezone(UTC)
            if until > start:
                yield max(begin, start.astimezone(UTC)), until
