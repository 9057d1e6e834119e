"""A leader's “同意”, a clerk's “催一下” and “撤回”: the one item that was meant is found, shown, and asked for where it
decides."""

from __future__ import annotations

import pytest


@pytest.fixture
async def town(open_town):
    return await open_town()


async def asked(town, text, card):
    before = len(town.cards("wecom", "lisi", card))  # another item may have a card of the same title
    await town.say("wecom", "zhangsan", text)
    await town.tap("wecom", "zhangsan", await town.open_card("wecom", "zhangsan", "请确认"), "提交")
    await town.until(lambda: len(town.cards("wecom", "lisi", card)) > before, f"{card} on lisi's phone")
    return await town.open_card("wecom", "lisi", card)


async def answered(town, who, text, part):
    await town.say("wecom", who, text)
    return (await town.text("wecom", who, part)).text


async def states(town):
    return [row["state"] for row in await town.rows("SELECT state FROM item WHERE number > 0 ORDER BY number")]


async def test_consent_to_the_only_item_is_confirmed_first(town):
    await asked(town, "年假 5月6日到8日 回家", "张三的年假3天")
    said = await answered(town, "lisi", "同意", "确认同意请回复“是”")
    assert "1号：张三的年假3天" in said
    assert "回家" in said
    assert await states(town) == ["pending"]
    await answered(town, "lisi", "是", "同意已记录")
    assert await states(town) == ["approved"]


async def test_of_several_one_is_named_by_its_number(town):
    await asked(town, "事假 5月20日 办事", "张三的事假1天")
    await asked(town, "事假 5月25日 办事", "张三的事假1天")
    said = await answered(town, "lisi", "同意", "同意哪一件")
    assert "1号：张三的事假1天，5月20日" in said
    assert "2号：张三的事假1天，5月25日" in said
    await answered(town, "lisi", "2号", "2号（张三的事假1天）同意已记录")
    assert await states(town) == ["pending", "approved"]


async def test_an_item_is_named_by_its_applicant(town):
    await asked(town, "年假 5月6日到8日 回家", "张三的年假3天")
    await town.say("wecom", "chenjing", "事假 5月7日 办事")
    await town.tap("wecom", "chenjing", await town.open_card("wecom", "chenjing", "请确认"), "提交")
    await town.card("wecom", "lisi", "陈静的事假1天")
    said = await answered(town, "lisi", "陈静的不同意，人手不够", "（意见：人手不够）请回复“是”")
    assert "2号：陈静的事假1天" in said
    await answered(town, "lisi", "是", "驳回已记录")
    await answered(town, "lisi", "同意陈静的", "没有听懂")
    await answered(town, "lisi", "张三的年假可以", "1号：张三的年假3天")
    await answered(town, "lisi", "是", "同意已记录")
    assert await states(town) == ["approved", "rejected"]


async def test_other_words_close_the_question_and_are_read_for_themselves(town):
    await asked(town, "事假 5月20日 办事", "张三的事假1天")
    await answered(town, "lisi", "同意", "确认同意")
    await answered(town, "lisi", "年假 5月13日 看病", "请确认：年假1天")
    await answered(town, "lisi", "是", "请点上面卡片上的“提交”")
    assert await states(town) == ["pending"]


async def test_what_changed_after_it_was_shown_is_not_decided(town):
    await asked(town, "事假 5月20日 办事", "张三的事假1天")
    await answered(town, "lisi", "同意", "确认同意")
    await answered(town, "zhangsan", "撤回", "撤回已记录")
    await answered(town, "lisi", "是", "已经办完")
    assert await states(town) == ["withdrawn"]


async def test_several_numbers_count_as_one_batch_that_can_be_undone(town):
    await asked(town, "事假 5月20日 办事", "张三的事假1天")
    await asked(town, "事假 5月25日 办事", "张三的事假1天")
    said = await answered(town, "lisi", "同意1、2、9", "已同意2件")
    assert "9号没有办理" in said
    await answered(town, "lisi", "撤销 2", "已撤销2号")
    await town.forward(seconds=32)

    async def first_only():
        return await states(town) == ["approved", "pending"]

    await town.until(first_only, "the first counts, the second waits again")


async def test_an_only_request_is_urged_at_once_and_not_twice(town):
    await asked(town, "事假 5月20日 办事", "张三的事假1天")
    await answered(town, "zhangsan", "催一下", "1号（张三的事假1天）已提醒李四，现在审批中。")
    await answered(town, "zhangsan", "催一下领导", "刚刚已经催过了")


async def test_sent_back_without_a_number_and_then_taken_back(town):
    """What a leave held was free already when it was sent back: taking it back has nothing to free."""
    await asked(town, "年假 5月6日到8日 回家", "张三的年假3天")
    await answered(town, "lisi", "退回给申请人 日期不对", "确认退回（意见：日期不对）")
    await answered(town, "lisi", "是", "退回已记录")
    assert await states(town) == ["returned"]
    await answered(town, "zhangsan", "撤回上一个", "1号（张三的年假3天）撤回已记录")
    assert await states(town) == ["withdrawn"]


async def test_handed_on_by_name(town):
    await asked(town, "事假 5月20日 办事", "张三的事假1天")
    await answered(town, "lisi", "1号给王五办", "1号（张三的事假1天）已转办给王五，现在审批中。")
    await town.open_card("wecom", "wangwu", "张三的事假1天")


async def test_asking_somebody_by_name_hands_on_or_urges(town):
    await asked(town, "事假 5月20日 办事", "张三的事假1天")
    await answered(town, "zhangsan", "请李主任批一下1号", "已提醒李四")
    await answered(town, "lisi", "1号请王科长批", "1号（张三的事假1天）已转办给王五，现在审批中。")
    await town.open_card("wecom", "wangwu", "张三的事假1天")


async def test_nothing_to_act_on_is_said(town):
    await answered(town, "lisi", "同意", "现在没有等您同意的审批")
    await answered(town, "zhangsan", "催一下", "不用催")
    await answered(town, "zhangsan", "撤回", "没有可以撤回的申请")


async def test_a_form_begins_with_what_it_is_about(town):
    await answered(town, "zhangsan", "帮我报修 三楼厕所漏水", "好的，报修。")
    rows = await town.rows("SELECT fields_json FROM item WHERE form = 'repair'")
    assert '{"place":"三楼厕所","thing":"漏水"}' in rows[0]["fields_json"]
    await answered(town, "zhangsan", "算了", "不写了")
    await town.say("wecom", "zhangsan", "用印 劳动合同")
    await town.card("wecom", "zhangsan", "填写用印申请")
    [draft] = await town.rows("SELECT values_json FROM page_draft WHERE form = 'seal'")
    assert "劳动合同" in draft["values_json"]
