"""Runs worked examples against the engine: the format `leave-cases/1`, defined in the head of leave_examples.yaml.

A case names every choice in `policy`, so nothing here comes from the office's own configuration. Only what a case's
`expect` lists is compared; a refusal is compared by its code. A case that cannot be read is a failing case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import cast

from handlers import errors
from handlers.days import workdays
from handlers.days.slots import Slot
from handlers.days.workdays import WorkHours
from handlers.leave.casebook import case_ledger
from handlers.leave.casebook.case_reading import Case, Data, asked_range, calendar_from, day, facts_from, part, parts
from handlers.leave.law import counting, entitlement, payout, policy
from handlers.leave.law.counting import Counting, Segment, in_days, in_minutes
from handlers.leave.law.policy import fraction, mapping, sequence

FORMAT = "leave-cases/1"
UNREADABLE = (ValueError, TypeError, IndexError, AttributeError, OverflowError, ZeroDivisionError)


OPTIONS = frozenset({
    "unknown_year", "weekly_rest", "counting", "unit", "half_holidays", "half_holiday_free", "feb29_anniversary",
    "years_complete_on", "brackets", "bracket_change", "joining", "eligibility", "leaving", "rounding",
    "personal_limit_days", "sick_limit_days", "school_top_up", "disqualified_after_taking", "carry_over_max",
    "use_order", "restore_after_expiry", "divisor", "multiplier", "normal_pay_only_reasons", "segments",
    "work_periods", "hour_unit",
})  # fmt: skip
"""Every choice that the format knows, whatever the kind: a misspelt one would silently be another answer."""


ABOVE_ZERO = ("unit", "hour_unit", "divisor", "multiplier")
NOT_BELOW_ZERO = ("personal_limit_days", "carry_over_max")


class Why(StrEnum):
    """Why a case cannot be read."""

    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_OPTION = "unknown_option"
    MISSING = "missing"
    UNKNOWN_CHOICE = "unknown_choice"
    BAD_VALUE = "bad_value"
    NOT_A_MAPPING = "not_a_mapping"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """`name` is the kind, option or key; `detail` the error that came of it; `known` what it might have been."""

    why: Why
    name: str = ""
    detail: str = ""
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """`got` holds the fields that `expected` asks for, as plain JSON values; `error` in it is a refusal's code.

    `number` counts the cases of the file from 1; `unreadable` says why there is no answer.
    """

    number: int
    id: str
    kind: str
    title: str
    ok: bool
    expected: object
    got: object
    unreadable: Unreadable | None = None


def run(document: Data) -> list[CaseResult]:
    """One result per case, in order. Raises ValueError when the document is not in this format."""
    if document.get("format") != FORMAT:
        raise ValueError(f"not a {FORMAT} document: format is {document.get('format')!r}")
    calendars = cast(Data, mapping(document.get("calendars")))
    return [_run(case, calendars, number) for number, case in enumerate(sequence(document.get("cases")), 1)]


def _run(case: object, calendars: Data, number: int) -> CaseResult:
    data = cast(Data, case) if isinstance(case, Mapping) else {}
    expected = data.get("expect")
    got = _answer(data, calendars) if data else Unreadable(Why.NOT_A_MAPPING)
    unreadable = got if isinstance(got, Unreadable) else None
    answer: Data = {"unreadable": _said(unreadable)} if isinstance(got, Unreadable) else got
    return CaseResult(
        number=number,
        id=str(data.get("id", "")),
        kind=str(data.get("kind", "")),
        title=str(data.get("title", "")),
        ok=unreadable is None and isinstance(expected, Mapping) and bool(expected) and matches(expected, answer),
        expected=plain(expected),
        got=plain(_asked(expected, answer)),
        unreadable=unreadable,
    )


def _answer(data: Data, calendars: Data) -> Data | Unreadable:
    try:
        if (wrong := _unknown(data)) is not None:
            return wrong
        given, chosen = part(data, "given"), part(data, "policy")
        calendar = calendar_from(given, chosen, calendars)
        case = Case(given=given, policy=chosen, expect=part(data, "expect"), calendar=calendar)
        return KINDS[str(data["kind"])](case)
    except errors.RuleError as refused:
        return {"error": refused.code}
    except policy.UnknownChoice as strange:
        return Unreadable(Why.UNKNOWN_CHOICE, strange.key, strange.value, strange.known)
    except KeyError as missing:
        return Unreadable(Why.MISSING, str(missing.args[0]))
    except UNREADABLE as wrong:
        return Unreadable(Why.BAD_VALUE, "", f"{type(wrong).__name__}: {wrong}")


def _unknown(data: Data) -> Unreadable | None:
    """A kind or an option that the format does not have. Raises KeyError without a kind."""
    kind = str(data["kind"])
    if kind not in KINDS:
        return Unreadable(Why.UNKNOWN_KIND, kind, known=tuple(KINDS))
    chosen = part(data, "policy")
    strange = sorted(set(map(str, chosen)) - OPTIONS)
    if strange:
        return Unreadable(Why.UNKNOWN_OPTION, strange[0], known=tuple(sorted(OPTIONS)))
    wrong = next((name for name in (*ABOVE_ZERO, *NOT_BELOW_ZERO) if not _sound(chosen, name)), None)
    return Unreadable(Why.BAD_VALUE, wrong, str(chosen[wrong])) if wrong else None


def _sound(chosen: Data, name: str) -> bool:
    """Whether an amount is a number that can be one; what is not chosen is."""
    if name not in chosen or (chosen[name] is None and name in NOT_BELOW_ZERO):
        return True
    try:
        amount = fraction(chosen[name])
    except (ValueError, ZeroDivisionError):
        return False
    return amount > 0 or (amount == 0 and name in NOT_BELOW_ZERO)


def _said(wrong: Unreadable | None) -> str:
    return ": ".join(word for word in (wrong.why, wrong.name, wrong.detail) if word) if wrong else ""


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


def _counting(data: Data) -> Counting:
    """How a segment is counted, which it must say. Raises KeyError or `policy.UnknownChoice`."""
    return policy.choice({"counting": data["counting"]}, "counting", Counting.WORKDAYS)


def span(case: Case) -> Data:
    segments = [
        Segment(minutes=in_minutes(fraction(one["days"])), counting=_counting(one))
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
