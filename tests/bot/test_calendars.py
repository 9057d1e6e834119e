from __future__ import annotations

import pytest

from bot import calendars
from config import lines
from config.crosscheck import PACKAGED

NOTICE = (PACKAGED / "calendars" / "2026.yaml").read_text(encoding="utf-8")


def words(old: str = "", new: str = "") -> list[tuple[str, bool, str]]:
    """What is said of the year 2026 with one text changed: the key, whether it is serious, the sentence."""
    assert old in NOTICE
    document = lines.read(NOTICE.replace(old, new, 1).encode(), file="2026.yaml")
    return [(problem.key, problem.serious, problem.what) for problem in calendars.problems([document])]


def test_the_packaged_notice_is_fine():
    assert words() == []


@pytest.mark.parametrize(
    ("old", "new", "key", "serious"),
    [
        ("published: 2025", "printed: 2025", "published", True),
        ("  - 2026-06-19\n", "", "statutory", True),
        ("2026-06-19..2026-06-21", "2026-06-20..2026-06-21", "days_off", True),
        ("  - 2026-05-09", "  - 2026-05-11", "makeup_workdays", True),
        ("  - 2026-05-09", "  - 2026-05-03", "makeup_workdays", True),
        ("  - 2026-05-09", "  - 2028-05-06", "year", True),
        ("  - 2026-05-09\n", "", "year", False),
        ("  - 2026-05-09", "  - 五月九日", "makeup_workdays", True),
        ("makeup_workdays:", "make_up:", "makeup_workdays", True),
    ],
)
def test_one_mistake_is_named_in_words(old, new, key, serious):
    found = words(old, new)
    assert (key, serious) in [(where, how) for where, how, _ in found]
    assert all("{" not in what for _, _, what in found)


def test_the_line_is_that_of_the_key():
    document = lines.read(NOTICE.replace("  - 2026-06-19\n", "", 1).encode(), file="2026.yaml")
    problem = next(calendars.problems([document]))
    assert NOTICE.splitlines()[problem.line - 1].startswith("statutory:")


def test_local_days_off_are_not_compared_with_a_notice():
    document = lines.read(b"kind: local\ndays_off: [2026-06-01]\n", file="local.yaml")
    assert list(calendars.problems([document])) == []
