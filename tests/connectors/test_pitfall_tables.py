"""Every pitfall of the two platforms' notes has a test that names it: the tables in their READMEs, held to the tests.

The notes number sections, not pitfalls; a pitfall is known by its section and its place among those of the section.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import connectors

FOLDER = Path(connectors.__file__).parent
TESTS = {
    name
    for path in Path(__file__).parents[1].rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}
SECTIONS = {"yunzhijia": range(13), "yuezhengyi": range(1, 8)}
"""Of the notes; what follows are lists of questions and sources."""


def rows(platform):
    text = (FOLDER / platform / "README.md").read_text(encoding="utf-8")
    inside = text.split("<!-- pitfalls -->")[1].split("<!-- /pitfalls -->")[0]
    return re.findall(r"^\| (\d+)\.(\d+) \| (.+) \| `(test_\w+)` \|$", inside, re.MULTILINE)


@pytest.mark.parametrize("platform", SECTIONS)
def test_every_section_has_its_pitfalls_in_order_and_each_a_test_that_is_there(platform):
    found = rows(platform)
    for section in SECTIONS[platform]:
        places = [int(place) for own, place, *_ in found if int(own) == section]
        assert places == list(range(1, len(places) + 1)), section
        assert places, f"section {section} has none"
    assert [test for *_, test in found if test not in TESTS] == []


@pytest.mark.parametrize("platform", SECTIONS)
def test_no_test_of_a_pitfall_is_missing_in_the_table(platform):
    """The tests that bear a section's number in their name."""
    folder = Path(__file__).parent / platform
    named = {
        name
        for path in folder.glob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_(?:pitfall_)?\d\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert named - {test for *_, test in rows(platform)} == set()
