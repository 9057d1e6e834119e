"""The question about a calendar that was changed on the platform, as its owner reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cards import calendar_sync as words
from cards import calendar_words
from cards.calendar import EntryView

NOW = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)
HERE = EntryView(
    number=12, title="接待调研组", begin=NOW + timedelta(days=1), end=NOW + timedelta(days=1, hours=1), place="三楼"
)
THERE = replace(HERE, begin=HERE.begin + timedelta(hours=5), end=HERE.end + timedelta(hours=5))
CHOICES = words.Choices(take="a1.take", put="a1.put", leave="a1.leave")


def shown(**view):
    choices = CHOICES if view.get("own", True) else replace(CHOICES, take="")
    defaults = {"here": HERE, "there": THERE, "gone": False, "own": True}
    return words.difference(words.DifferenceView(**{**defaults, **view}), choices, now=NOW)


def test_both_sides_stand_there_and_nothing_is_decided():
    card = shown()
    assert [(field.name, field.value) for field in card.fields] == [
        ("本系统", "4月28日（周二）09:00-10:00 接待调研组 @三楼"),
        ("平台上", "4月28日（周二）14:00-15:00 接待调研组 @三楼"),
    ]
    assert [button.text for button in card.buttons] == ["采用平台上的", "恢复为本系统的", "不管"]
    assert card.state == ""


def test_deleted_there_it_can_be_cancelled_here():
    card = shown(gone=True)
    assert card.fields[1].value == "已删除"
    assert card.buttons[0].text == "本系统也取消"


def test_of_a_slip_only_going_back_is_offered_and_the_card_says_where_to_change_it():
    card = shown(own=False)
    assert [button.text for button in card.buttons] == ["恢复为本系统的", "不管"]
    assert "改时间" in card.note


@pytest.mark.parametrize("choice", ["taken", "cancelled", "put_back", "left", "same", "changed", "again", "over"])
def test_every_end_is_said_and_has_no_buttons(choice):
    card = words.settled(HERE, choice, now=NOW)
    assert card.state
    assert not card.buttons


@pytest.mark.parametrize("text", sorted(words.HIDE | words.SHOW))
def test_the_words_are_known(text):
    assert calendar_words.concerns(text, frozenset())
    assert calendar_words.asks(text) is None or text in words.HIDE | words.SHOW
