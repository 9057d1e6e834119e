"""What people say of a meeting that was called: at another time, in another room, not at all."""

from __future__ import annotations

import pytest

from cards import meeting_changes as words
from cards.meeting_changes import Move


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("会议改到周五下午4点", Move(0, "会", "周五下午4点")),
        ("把会议的时间改到周五下午4点到6点。", Move(0, "会", "周五下午4点到6点")),
        ("12号会议改到二楼会议室", Move(12, "会", "二楼会议室")),
        ("改会议 12 周五下午4点", Move(12, "会", "周五下午4点")),
        ("年终总结会换到二楼会议室", Move(0, "年终总结会", "二楼会议室", elsewhere=True)),
        ("会议地点改到楼下大厅", Move(0, "会", "楼下大厅", elsewhere=True)),
        ("周五的会提前到上午9点", Move(0, "周五的会", "上午9点")),
        ("会议推迟半小时", Move(0, "会", shift=30)),
        ("这个会提前两个小时", Move(0, "会", shift=-120)),
        ("会议顺延一周", Move(0, "会", shift=7 * 1440)),
        ("党课推迟45分钟", Move(0, "党课", shift=45)),
        ("5号改到9号", Move(5, "", "9号")),
        ("会议改到几点好？", None),
        ("会议怎么改到周五", None),
        ("改日程 1 周五下午4点", None),
        ("周五下午开会", None),
    ],
)
def test_another_time_or_room(text, meant):
    assert words.moves(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("取消会议", Move(0, "会")),
        ("请取消12号会议", Move(12, "会")),
        ("周五的会不开了", Move(0, "周五的会")),
        ("年终总结会取消", Move(0, "年终总结会")),
        ("取消会议室", None),
        ("取消会议室预订", None),
        ("取消休假", None),
        ("不开会", None),
    ],
)
def test_not_at_all(text, meant):
    assert words.calls_off(text) == meant


@pytest.mark.parametrize(
    ("what", "topic", "this"),
    [
        ("总结会", "年终总结会", True), ("年终总结", "年终总结会", True), ("会", "年终总结会", False),
        ("党课", "年终总结会", False),
    ],
)
def test_which_meeting_is_named(what, topic, this):
    assert words.is_this(what, topic) is this
