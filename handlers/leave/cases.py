"""Runs worked examples against the engine: the format `leave-cases/1`, defined in the head of leave_examples.yaml.

A case names every choice in `policy`, so nothing here comes from the office's own configuration. Only what a case's
`expect` lists is compared; a refusal is compared by its code. A case that cannot be read is a failing case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import cast

from handlers import errors
from handlers.days import workdays
from handlers.days.slots import Slot
from handlers.days.workdays import WorkHours
from handlers.leave import case_ledger, counting, entitlement, payout, policy
from handlers.leave.case_reading import Case, Data, asked_range, calendar_from, day, facts_from, part, parts
from handlers.leave.counting import Counting, Segment, in_days, in_minutes
from handlers.leave.policy import fraction, mapping, sequence

FORMAT = "leave-cases/1"
UNREADABLE = (KeyError, ValueError, TypeError, IndexError)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """`got` holds the fields that `expected` asks for, as plain JSON values; `error` in it is a refusal's code."""

    id: str
    kind: str
    title: str
    ok: bool
    expected: object
    got: object


def run(document: Data) -> list[CaseResult]:
    """One result per case, in order. Raises ValueError when the document is not in this format."""
    if document.get("format") != FORMAT:
        raise ValueError(f"not a {FORMAT} document: format is {document.get('format')!r}")
    calendars = cast(Data, mapping(document.get("calendars")))
    return [_run(cast(Data, mapping(case)), calendars) for case in sequence(document["cases"])]


def _run(data: Data, calendars: Data) -> CaseResult:
    expected = data.get("expect")
    got = _answer(data, calendars)
    return CaseResult(
        id=str(data.get("id", "")),
        kind=str(data.get("kind", "")),
        title=str(data.get("title", "")),
        ok=matches(expected, got),
        expected=plain(expected),
        got=plain(_asked(expected, got)),
    )


def _answer(data: Data, calendars: Data) -> Data:
    try:
        kind = str(data["kind"])
        if kind not in KINDS:
            return {"unreadable": f"unknown kind {kind}"}
        given, chosen = part(data, "given"), part(data, "policy")
        calendar = calendar_from(given, chosen, calendars)
        return KINDS[kind](Case(given=given, policy=chosen, expect=part(data, "expect"), calendar=calendar))
    except errors.RuleError as refused:
        return {"error": refused.code}
    except UNREADABLE as wrong:
        return {"unreadable": f"{type(wrong).__name__}: {wrong}"}


# Comparing


def matches(expected: object, got: object) -> bool:
    """Whether an answer has all that is expected of it. Numbers by value, dates as ISO text, a missing year as 0."""
    if isinstance(expected, Mapping):
        return isinstance(got, Mapping) and all(matches(want, _field(got, key)) for key, want in expected.items())
    if isinstance(expected, list | tuple):
        return (
            isinstance(got, list | tuple)
            and len(expected) == len(got)
            and all(matches(want, have) for want, have in zip(expected, got, strict=True))
        )
    return bool(_comparable(expected) == _comparable(got))


def _field(got: Mapping[object, object], key: object) -> object:
    by_text = {str(name): value for name, value in got.items()}
    return by_text.get(str(key), 0 if str(key).isdecimal() else None)


def _comparable(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal | Fraction):
        return Fraction(str(value))
    return str(value)


def _asked(expected: object, got: Data) -> Data:
    if not isinstance(expected, Mapping) or "error" in got or "unreadable" in got:
        return got
    return {key: got[key] for key in map(str, expected) if key in got} if "error" not in expected else got


def plain(value: object) -> object:
    """A value as JSON has it: exact numbers become ints or floats, dates ISO text."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Fraction | Decimal):
        return int(value) if value == int(value) else float(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)


# The kinds


def day_type(case: Case) -> Data:
    asked = workdays.as_day(case.given["date"])
    return {
        "type": case.calendar.day_type(asked),
        "working": case.calendar.is_working(asked),
        "provisional": case.calendar.is_provisional(asked),
    }


def count(case: Case) -> Data:
    counted = counting.count(
        asked_range(case.given), rules=policy.rules_from(case.policy), calendar=case.calendar, sex=case.sex
    )
    return {
        "days": in_days(counted.minutes),
        "by_year": {year: in_days(minutes) for year, minutes in counted.by_year.items()},
        "provisional": counted.provisional,
    }


def span(case: Case) -> Data:
    segments = [
        Segment(minutes=in_minutes(fraction(one["days"])), counting=Counting(str(one["counting"])))
        for one in parts(case.policy, "segments")
    ]
    found = counting.span(Slot(workdays.as_day(case.given["start"])), segments, calendar=case.calendar)
    answer: dict[str, object] = {
        "end": found.end,
        "segment_ends": list(found.segment_ends),
        "provisional": found.provisional,
    }
    if case.asks_for("back_to_work"):
        back = case.calendar.next_working_day(found.end)
        answer |= {"back_to_work": back, "provisional": found.provisional or case.calendar.is_provisional(back)}
    return answer


def hours(case: Case) -> Data:
    periods = [sequence(pair) for pair in sequence(case.policy["work_periods"])]
    missed = counting.hours(
        workdays.as_day(case.given["date"]),
        workdays.as_minute(case.given["from"]),
        workdays.as_minute(case.given["to"]),
        unit=int(fraction(case.policy.get("hour_unit", 1)) * 60),
        timetable=WorkHours(periods=workdays.as_periods(periods)),
        calendar=case.calendar,
    )
    return {"hours": Fraction(missed, 60)}


def annual(case: Case) -> Data:
    found = entitlement.entitlement(
        facts_from(case.given),
        policy=policy.annual_from(case.policy),
        year=int(str(case.given["year"])),
        as_of=day(case.given, "as_of"),
    )
    entitlement.check_trace(found)
    return {
        "days": found.days,
        "bracket": found.bracket,
        "disqualified": found.disqualified,
        "next_year_lost": found.next_year_lost,
        "unused_payable": found.unused,
    }


def pay(case: Case) -> Data:
    income = case.given.get("annual_income", case.given.get("monthly_average"))
    found = payout.payout(
        fraction(case.given["unused_days"]),
        income=fraction(income),
        reason=str(case.given.get("reason", "")),
        policy=policy.pay_from(case.policy),
    )
    return {
        "compensable_days": found.compensable_days,
        "total": found.total,
        "extra_over_normal_pay": found.extra_over_normal_pay,
    }


KINDS: Mapping[str, Callable[[Case], Data]] = {
    "day_type": day_type,
    "count": count,
    "span": span,
    "hours": hours,
    "entitlement": annual,
    "payout": pay,
    "ledger": case_ledger.replay,
}
