"""Colleagues are called by surname and post, as in any office: in questions, in acts, in sentences."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("text", ["李主任在吗", "李四主任今天在不在", "领导今天在吗"])
async def test_whether_somebody_is_in_is_asked_by_their_address(open_town, text):
    town = await open_town()
    await town.say("wecom", "zhangsan", text)
    await town.text("wecom", "zhangsan", "李四：今天没有请假或出差的登记")


@pytest.mark.parametrize("text", ["李主任明天的日程", "李主任明天有空吗", "领导明天有空吗"])
async def test_a_leaders_agenda_too(open_town, text):
    town = await open_town()
    await town.say("wecom", "zhangsan", text)
    await town.card("wecom", "zhangsan", "李四的日程 4月28日")


async def test_a_request_is_handed_on_by_address_and_a_strange_one_is_asked_back(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "年假 5月6日到8日 看父母")
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认：年假3天"), "提交")
    await town.open_card("wecom", "lisi", "张三的年假3天")
    await town.say("wecom", "lisi", "转办 1 钱局长")
    await town.text("wecom", "lisi", "没有找到“钱局长”")
    await town.say("wecom", "lisi", "转办 1 孙主任 请您定")
    await town.open_card("wecom", "sunlixin", "张三的年假3天")
