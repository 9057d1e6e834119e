"""What belongs to calendars and rooms, and what does not."""

from __future__ import annotations

import pytest

from cards import calendar_words as words

ROOMS = frozenset({"三楼会议室", "小会议室"})


@pytest.mark.parametrize(
    "text",
    [
        "我的预订", "取消预订 3", "取消预订3号 5月8日", "候补 三楼会议室 明天下午",
        "派车 粤A12345 郑海 明天下午2点到5点", "哪个会议室有空 明天下午", "哪辆车有空",
        "会议室 明天下午3点到5点", "订三楼会议室 明天上午",
        "我的日程", "明天有什么安排？",
        "局长周三的日程", "日程 周五上午10点 接待", "给局长记日程 周三下午3点 汇报", "改日程 12 周五下午3点",
        "取消日程 12", "恢复日程 12", "撤销日程", "共享日程 李四 全部", "日程共享", "日历订阅", "停用日历订阅",
    ],
)  # fmt: skip
def test_these_are_ours(text):
    assert words.concerns(text, ROOMS)


@pytest.mark.parametrize(
    "text",
    [
        "年假 5月6日到8日 回家",
        "待办",
        "同意 3",
        "撤销",
        "撤回 3",
        "订餐",
        "用车",
        "车坏了",
        "请假",
        "安排",
        "取消",
        "开会",
        "x" * 500,
    ],
)
def test_these_are_not(text):
    assert not words.concerns(text, ROOMS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("订三楼会议室 明天上午", ("三楼会议室", "明天上午", True)),
        ("帮我订个会议室明天上午9点到10点", ("", "明天上午9点到10点", True)),
        ("预订 明天下午3点到5点 小会议室", ("小会议室", "明天下午3点到5点", True)),
        ("会议室漏水了", ("", "漏水了", False)),
        ("明天开会", None),
    ],
)
def test_which_room_is_meant(text, found):
    assert words.books(text, ROOMS) == found


def test_people_places_and_reminders_are_taken_out():
    assert words.people("二十个人 例会") == (20, "  例会")
    assert words.people("三人行读书会")[0] == 0
    assert words.place("接待 @三楼 会议室") == ("三楼", "接待   会议室")
    assert words.lead("汇报 提前2小时提醒") == (120, "汇报  ")
    assert words.lead("汇报 不用提醒")[0] == -1
    assert words.week("下周的日程") == (1, "的日程")
    assert words.week("下周三") == (None, "下周三")


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("李四下午有空吗", "李四下午"), ("李四明天有没有空", "李四明天"), ("孙立新现在忙不忙", "孙立新"),
        ("李四有时间吗？", "李四"), ("我有空", None), ("李四有空", None), ("哪个会议室有空", None), ("谁有空吗", None),
        ("有车吗", None), ("明天几点开会？", "明天"), ("明天的会在哪开", "明天"), ("周三我们有会吗", "周三"),
        ("李四明天开会吗", "李四明天"), ("开会", None), ("几点开会", None), ("明天开会", None),
    ],
)  # fmt: skip
def test_whether_somebody_is_free_is_a_question_about_their_calendar(text, whose):
    assert words.asks(text) == whose
