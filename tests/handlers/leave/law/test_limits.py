"""A leave that is longer than its kind usually is: told, never refused."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from bot import leave_rules
from config import leave_files, leave_policy, leave_province
from config.crosscheck import PACKAGED
from handlers.leave.book import ledger, submission
from handlers.leave.book.submission import Terms
from handlers.leave.law import limits
from tests.handlers.leave.books import leave, packaged_calendar, stamp

CALENDAR = packaged_calendar()
POLICY = leave_policy.parse(yaml.safe_load((PACKAGED / "leave" / "organ.yaml").read_text("utf-8")))
GUANGDONG = leave_province.parse(yaml.safe_load((leave_files.PROVINCES / "guangdong.yaml").read_text("utf-8")))
KINDS = leave_rules.leave_rules((POLICY,), GUANGDONG).of("", on=date(2026, 5, 6)).kinds


def asked(code, first, last, entries=()):
    kind = KINDS[code]
    about = leave(first, last)
    terms = Terms(kind=code, rules=kind.rules, calendar=CALENDAR, limited=False)
    minutes = submission.submit([], "x", about, terms=terms, stamp=stamp(first)).minutes
    return limits.doubt(kind, about, minutes, entries, calendar=CALENDAR)


@pytest.mark.parametrize(
    ("code", "first", "last", "expected"),
    [
        ("marriage", "2026-05-06", "2026-05-08", ""),
        ("marriage", "2026-05-06", "2026-05-09", "over_most"),
        ("maternity", "2026-03-02", "2026-08-26", ""),
        ("maternity", "2026-03-02", "2026-08-27", "over_usual"),
        ("maternity", "2026-03-02", "2026-10-26", "over_most"),
        ("paternity", "2026-05-06", "2026-05-20", ""),
        ("paternity", "2026-05-06", "2026-05-21", "over_most"),
        ("home_visit", "2026-05-06", "2026-05-27", "over_usual"),
        ("sick", "2026-03-02", "2026-12-20", ""),
    ],
)
def test_a_length_beyond_the_usual_or_the_longest_is_named(code, first, last, expected):
    assert asked(code, first, last) == expected


def test_of_a_kind_given_by_the_year_the_year_is_added_up():
    kind = KINDS["childcare"]
    terms = Terms(kind="childcare", rules=kind.rules, calendar=CALENDAR, limited=False)
    at = stamp("2026-03-02")
    held = submission.submit([], "a", leave("2026-03-02", "2026-03-10"), terms=terms, stamp=at).entries
    held += ledger.consume(held, "a", stamp=at)
    assert asked("childcare", "2026-05-06", "2026-05-08", held) == ""
    assert asked("childcare", "2026-05-06", "2026-05-09", held) == "over_usual"
