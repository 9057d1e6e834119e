from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.demo import hints


def weekday(day: date) -> bool:
    return day.weekday() < 5


def asked(now: datetime) -> str:
    (sentence,) = hints.filled(["年假 {days} 回家"], now=now, workday=hints.statutory_workday)
    return sentence


def test_three_days_in_one_month_name_it_once() -> None:
    assert asked(datetime(2026, 5, 31, 1, tzinfo=UTC)) == "年假 6月3日到5日 回家"


def test_the_labour_day_holidays_are_stepped_over() -> None:
    # 1 to 5 May 2026 are holidays, 28 to 30 April are too near on the 27th
    assert asked(datetime(2026, 4, 27, 1, tzinfo=UTC)) == "年假 5月6日到8日 回家"


def test_a_run_over_the_end_of_a_month_names_both() -> None:
    assert asked(datetime(2026, 6, 26, 1, tzinfo=UTC)) == "年假 6月29日到7月1日 回家"


def test_a_run_over_new_year_names_the_later_year() -> None:
    now = datetime(2025, 12, 27, 1, tzinfo=UTC)
    assert hints.filled(["{days}"], now=now, workday=lambda _: True) == ["12月30日到2026年1月1日"]


def test_the_day_is_the_office_s_day_and_not_the_computer_s() -> None:
    late = datetime(2026, 5, 31, 16, 30, tzinfo=UTC)  # half past midnight of 1 June in the office
    assert hints.filled(["{days}"], now=late, workday=lambda _: True) == ["6月4日到6日"]


def test_a_year_without_published_holidays_counts_weekdays() -> None:
    assert hints.statutory_workday(date(2199, 1, 1)) is weekday(date(2199, 1, 1))


def test_an_office_that_never_works_still_gets_a_sentence() -> None:
    assert hints.filled(["{days}"], now=datetime(2026, 6, 1, 1, tzinfo=UTC), workday=lambda _: False) == ["6月4日到6日"]


def test_sentences_without_days_stay_as_they_are() -> None:
    assert hints.filled(["帮助"], now=datetime(2026, 6, 1, tzinfo=UTC), workday=weekday) == ["帮助"]


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)))  # noqa: DTZ001
def test_the_days_never_lie_in_the_past(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    first, last = hints._three_workdays(now.date(), weekday)
    assert now.date() < first < last
    assert (last - first).days == 2
    assert weekday(first)
    assert weekday(last)
