"""A leave that is over: its person is reminded, a working day later the leader and personnel; once each."""

from __future__ import annotations

import pytest


async def on_leave(town, words="年假 5月6日到8日 回家", title="年假3天"):
    await town.tap("wecom", "lisi", await town.asked("wecom", "wecom", words, title=f"张三的{title}"), "同意")
    await town.until(lambda: town.cards("wecom", "zhangsan", f"{title}：已同意"), "approved")


def said(town, user, words):
    return [one for one in town.messages("wecom", user) if words in one.text]


@pytest.mark.parametrize("reports", [True, False])
async def test_who_does_not_report_back_is_reminded_and_then_the_leader_hears_of_it(open_town, reports):
    town = await open_town()
    await on_leave(town)
    await town.forward(days=14)
    await town.text("wecom", "zhangsan", "已经休完，请在今天下班前销假")
    if reports:
        await town.say("wecom", "zhangsan", "销假")
        await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认：销假"), "提交")
    await town.settled()
    await town.forward(days=4)
    await town.settled()
    assert bool(said(town, "lisi", "还没有销假")) is not reports
    assert bool(said(town, "wangwu", "还没有销假")) is not reports
    await town.forward(days=10)
    await town.settled()
    assert len(said(town, "zhangsan", "已经休完")) == 1
    assert len(said(town, "lisi", "还没有销假")) <= 1


async def test_personnel_ask_who_has_not_reported_back_and_others_may_not(open_town):
    town = await open_town()
    await on_leave(town)
    await town.say("wecom", "wangwu", "谁没销假")
    await town.text("wecom", "wangwu", "没有休完还没有销假的。")
    await town.forward(days=14)  # Monday, 11 May
    await town.say("wecom", "wangwu", "谁的假没销")
    told = await town.text("wecom", "wangwu", "休完还没有销假的有1件：")
    assert "· 张三：年假3天" in told.text
    await town.say("wecom", "zhangsan", "谁没销假")
    await town.text("wecom", "zhangsan", "只提供给人事")
    await town.say("wecom", "zhangsan", "销假")
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认：销假"), "提交")
    await town.settled()
    await town.say("wecom", "wangwu", "谁没销假？")
    await town.until(lambda: len(said(town, "wangwu", "没有休完还没有销假的。")) == 2, "it is on its way")


async def test_nobody_is_bothered_about_a_short_leave(open_town):
    town = await open_town()
    await on_leave(town, "年假 5月6日 回家", "年假1天")
    await town.forward(days=20)
    await town.settled()
    assert not said(town, "zhangsan", "已经休完")
