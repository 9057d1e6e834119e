"""Festivals out of the calendar's days: names, stretches, and which weekends are worked for which."""

from datetime import date, timedelta
from pathlib import Path

import yaml

from handlers.days import holidays, workdays

FOLDER = Path(__file__).parents[3] / "config" / "calendars"
FILES = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.yaml"))]
CALENDAR = workdays.from_data(FILES)


def of(year):
    return {one.festivals: one for one in holidays.of(CALENDAR) if one.legal[0].year == year}


def test_2026_is_what_the_notice_says():
    """State Council notice of 4 November 2025: 20 September and 10 October are worked for the National Day."""
    found = {
        "、".join(festivals): (one.first, one.last, one.worked) for festivals, one in of(2026).items()
    }
    assert found == {
        "new_year": (date(2026, 1, 1), date(2026, 1, 3), (date(2026, 1, 4),)),
        "spring": (date(2026, 2, 15), date(2026, 2, 23), (date(2026, 2, 14), date(2026, 2, 28))),
        "qingming": (date(2026, 4, 4), date(2026, 4, 6), ()),
        "labour": (date(2026, 5, 1), date(2026, 5, 5), (date(2026, 5, 9),)),
        "dragon_boat": (date(2026, 6, 19), date(2026, 6, 21), ()),
        "mid_autumn": (date(2026, 9, 25), date(2026, 9, 27), ()),
        "national": (date(2026, 10, 1), date(2026, 10, 7), (date(2026, 9, 20), date(2026, 10, 10))),
    }


def test_two_festivals_in_one_stretch_share_it():
    assert ("national", "mid_autumn") in of(2025)


def test_a_year_without_a_notice_has_only_its_legal_days():
    spring = of(2027)["spring",]
    assert (spring.announced, spring.first, spring.last) == (False, date(2027, 2, 5), date(2027, 2, 8))


def test_every_notice_is_explained_whole():
    """No festival lost, no worked weekend without one, in twenty years of notices."""
    found = [one for one in holidays.of(CALENDAR) if one.announced]
    worked = [day for one in found for day in one.worked]
    assert sorted(worked) == sorted(CALENDAR.makeup_workdays)
    legal = {day for one in found for day in one.legal}
    assert legal == CALENDAR.statutory
    assert all(one.last - one.first < timedelta(days=12) for one in found)
