"""Reading the parts of a `leave-cases/1` case into the engine's records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from handlers.days import workdays
from handlers.days.slots import Half, Range, Slot
from handlers.days.workdays import UnknownYear, WorkCalendar
from handlers.leave.law import entitlement
from handlers.leave.law.policy import UnknownChoice, choice, fraction, mapping, sequence, switch
from handlers.leave.law.service import Gap

DEFAULT_CALENDAR = "cn-2024-2026"

Data = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    given: Data
    policy: Data
    expect: Data
    calendar: WorkCalendar

    @property
    def sex(self) -> str | None:
        sex = mapping(self.given.get("person")).get("sex")
        return None if sex is None else str(sex)

    def asks_for(self, field: str) -> bool:
        """Whether a field matters. A case that expects a refusal asks for everything that could refuse."""
        return field in self.expect or "error" in self.expect


def part(data: Data, key: str) -> Data:
    """A mapping inside a case, empty when it is not there."""
    return cast(Data, mapping(data.get(key)))


def parts(data: Data, key: str) -> list[Data]:
    """A list of mappings inside a case, empty when it is not there."""
    return [cast(Data, mapping(one)) for one in sequence(data.get(key) or ())]


def calendar_from(given: Data, chosen: Data, calendars: Data) -> WorkCalendar:
    """The case's calendar with the policy's weekly rest, half-holidays and unknown years, and the given local days."""
    data = mapping(calendars[str(given.get("calendar", DEFAULT_CALENDAR))])
    local = part(given, "local_days")
    rest = chosen.get("weekly_rest", data.get("weekly_rest", ["sat", "sun"]))
    return WorkCalendar(
        years=frozenset(int(str(year)) for year in sequence(data.get("years") or ())),
        statutory=_days(data.get("statutory")),
        days_off=_days(data.get("days_off")),
        makeup_workdays=_days(data.get("makeup_workdays")),
        statutory_without_notice=_days(data.get("statutory_without_notice")),
        weekly_rest=_weekdays(sequence(rest or ())),
        local_off=_days(local.get("days_off")),
        local_work=_days(local.get("work_days")),
        half_holidays=tuple(workdays.as_half_holiday(one) for one in parts(chosen, "half_holidays")),
        unknown_year=choice(chosen, "unknown_year", UnknownYear.REFUSE),
    )


def _weekdays(names: Sequence[object]) -> frozenset[int]:
    for name in names:
        if str(name).lower()[:3] not in workdays.WEEKDAYS:
            raise UnknownChoice("weekly_rest", name, workdays.WEEKDAYS)
    return workdays.as_weekdays(names)


def asked_range(data: Data) -> Range:
    return Range(
        Slot(workdays.as_day(data["start"]), choice(data, "start_half", Half.AM)),
        Slot(workdays.as_day(data["end"]), choice(data, "end_half", Half.PM)),
    )


def _days(values: object) -> frozenset[date]:
    return workdays.as_days(sequence(values or ()))


def day(data: Data, key: str) -> date | None:
    return None if data.get(key) is None else workdays.as_day(data[key])


def facts_from(given: Data) -> entitlement.Facts:
    """The facts of an entitlement case, or of anything else that names them the same way."""
    absences = part(given, "absences")
    return entitlement.Facts(
        first_work_date=workdays.as_day(given["first_work_date"]),
        gaps=tuple(
            Gap(workdays.as_day(gap["from"]), workdays.as_day(gap["to"])) for gap in parts(given, "service_gaps")
        ),
        joined_unit=day(given, "joined_unit"),
        continuous_since=day(given, "continuous_since"),
        leaving_date=day(given, "leaving_date"),
        taken=fraction(given.get("taken") or 0),
        forfeited_by_last_year=switch(given, "forfeited_by_last_year"),
        absences=entitlement.Absences(
            personal_days=fraction(absences.get("personal_days") or 0),
            pay_deducted=switch(absences, "pay_deducted"),
            sick_days=fraction(absences.get("sick_days") or 0),
            school_vacation_days=fraction(absences.get("school_vacation_days") or 0),
        ),
    )
