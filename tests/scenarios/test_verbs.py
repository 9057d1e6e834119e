"""Every verb that an office expects, in words and with buttons, on one leave that goes to two leaders."""

from __future__ import annotations

from office_days import acts, asked, rebuilt, state

from config import crosscheck


async def test_a_transfer_gives_the_turn_to_somebody_else(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "转办 1 王五 请代为把关")
    hers = await town.card("wecom", "wangwu", "张三的年假")
    assert "请代为把关" in hers.quote
    await town.say("wecom", "lisi", "同意 1")
    await town.text("wecom", "lisi", "这一步不由您办理")
    await town.tap("wecom", "wangwu", hers, "同意")
    await town.card("wecom", "sunlixin", "张三的年假")
    assert (await acts(town))[1:] == [("李四", "transfer", ""), ("王五", "approve", "")]


async def test_a_button_that_needs_a_name_asks_for_it(open_town):
    town = await open_town()
    card = await asked(town)
    await town.tap("wecom", "lisi", card, "转办")
    await town.text("wecom", "lisi", "转办给谁")
    await town.say("wecom", "lisi", "王五")
    await town.card("wecom", "wangwu", "张三的年假")


async def test_words_without_a_name_ask_for_it_too_and_keep_the_place_that_was_said(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "后加签 1")
    await town.text("wecom", "lisi", "1号请谁加签")
    await town.say("wecom", "lisi", "王五 陈静 请把关")
    await town.text("wecom", "lisi", "加签已记录")
    assert not town.cards("wecom", "wangwu", "张三的年假")  # after 李四
    await town.say("wecom", "lisi", "同意 1")
    await town.card("wecom", "wangwu", "张三的年假")
    hers = await town.card("wecom", "chenjing", "张三的年假")
    assert "请把关" in hers.quote


async def test_a_turn_is_never_given_to_the_applicant_nor_to_a_name_that_is_nobodys(open_town):
    town = await open_town()
    await asked(town)
    for words in ("转办 1 张三", "加签 1 张三", "委派 1 张三"):
        await town.say("wecom", "lisi", words)
        await town.text("wecom", "lisi", "不能审批自己的申请")
    await town.say("wecom", "lisi", "转办 1 赵不在")
    await town.text("wecom", "lisi", "没有找到“赵不在”")
    assert await acts(town) == [("张三", "submit", "")]


async def test_an_added_signer_decides_before_and_the_asker_after(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "加签 1 王五")
    hers = await town.card("wecom", "wangwu", "张三的年假")
    await town.say("wecom", "lisi", "同意 1")
    await town.text("wecom", "lisi", "这一步不由您办理")
    await town.tap("wecom", "wangwu", hers, "同意")
    await town.settled()
    await town.say("wecom", "lisi", "同意 1")
    await town.card("wecom", "sunlixin", "张三的年假")


async def test_a_signer_added_by_mistake_is_dropped_again(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "加签 1 王五")
    await town.card("wecom", "wangwu", "张三的年假")
    await town.say("wecom", "lisi", "减签 1 王五")
    await town.text("wecom", "lisi", "减签已记录")
    await town.say("wecom", "wangwu", "同意 1")
    await town.text("wecom", "wangwu", "这一步不由您办理")
    await town.say("wecom", "lisi", "同意 1")
    await town.card("wecom", "sunlixin", "张三的年假")


async def test_returned_to_the_applicant_and_submitted_again_it_begins_anew(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "同意 1")
    await town.card("wecom", "sunlixin", "张三的年假")
    await town.say("wecom", "sunlixin", "退回 1")
    await town.text("wecom", "sunlixin", "退回理由")
    await town.say("wecom", "sunlixin", "请写清交接")
    returned = await town.card("wecom", "zhangsan", "已退回")
    assert "请写清交接" in returned.quote
    assert returned.subtitle == "孙立新已退回，等修改后重新提交"
    await town.tap("wecom", "zhangsan", returned, "重新提交")
    await town.text("wecom", "zhangsan", "在李四处")
    await town.say("wecom", "lisi", "同意 1")
    await town.settled()
    await town.say("wecom", "sunlixin", "同意 1")
    await town.card("wecom", "zhangsan", "：已同意")
    causes = [row["cause"] for row in await town.rows("SELECT cause FROM leave_entry ORDER BY number")]
    assert causes.count("consume") == 1
    shown, told = await rebuilt(town)
    assert shown == told


async def test_submitted_again_it_is_one_card_with_buttons_not_two(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "退回 1 写清楚")
    await town.card("wecom", "zhangsan", "已退回")
    await town.say("wecom", "zhangsan", "重新提交 1")
    await town.open_card("wecom", "lisi", "张三的年假")
    await town.settled()
    cards = town.cards("wecom", "lisi", "张三的年假")
    assert [any(not one.dead for one in card.buttons) for card in cards] == [False, True]


async def test_a_consent_from_the_list_is_no_reason_against(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "驳回 1")
    await town.text("wecom", "lisi", "驳回理由")
    before = len(town.messages("wecom", "lisi"))
    await town.say("wecom", "lisi", "1")  # 同意 in the list of quick opinions
    await town.until(lambda: len(town.messages("wecom", "lisi")) >= before + 2, "the reason is asked for again")
    assert await state(town) == "pending"
    await town.say("wecom", "lisi", "3")
    await town.card("wecom", "zhangsan", "已驳回")
    assert "请另选时间" in town.cards("wecom", "zhangsan", "已驳回")[-1].quote


async def test_an_own_request_is_no_reason_against_the_item(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "驳回 1")
    await town.text("wecom", "lisi", "驳回理由")
    await town.say("wecom", "lisi", "年假 5月13日到15日 探亲")
    await town.card("wecom", "lisi", "请确认：年假3天")
    assert await state(town) == "pending"


async def test_returned_with_resume_it_comes_straight_back(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "同意 1")
    await town.card("wecom", "sunlixin", "张三的年假")
    await town.say("wecom", "sunlixin", "退回直达 1 请写清交接")
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "已退回"), "重新提交")
    await town.text("wecom", "zhangsan", "在孙立新处")


async def test_the_second_leader_reads_when_it_was_submitted_and_how_long_it_has_waited_here(open_town):
    town = await open_town()
    await asked(town)
    await town.forward(hours=3)
    await town.say("wecom", "lisi", "同意 1")
    his = await town.card("wecom", "sunlixin", "张三的年假")
    assert "4月27日 09:00提交" in his.subtitle
    await town.forward(hours=1)
    await town.say("wecom", "sunlixin", "待办")
    await town.text("wecom", "sunlixin", "已等1小时")
    await town.say("wecom", "sunlixin", "转办 1 王五")
    await town.card("wecom", "wangwu", "张三的年假")
    await town.say("wecom", "wangwu", "退回 1 请写清交接")
    await town.open_card("wecom", "zhangsan", "已退回")
    await town.forward(hours=1)
    await town.tap("wecom", "zhangsan", await town.open_card("wecom", "zhangsan", "已退回"), "重新提交")
    again = await town.open_card("wecom", "lisi", "张三的年假")
    assert "4月27日 14:00提交" in again.subtitle


async def test_returned_to_the_step_before(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "退回上一步 1")
    await town.text("wecom", "lisi", "前面")
    await town.say("wecom", "lisi", "同意 1")
    await town.card("wecom", "sunlixin", "张三的年假")
    await town.say("wecom", "sunlixin", "退回上一步 1")
    await town.text("wecom", "sunlixin", "退回理由")
    await town.say("wecom", "sunlixin", "请先核对人手")
    await town.text("wecom", "zhangsan", "在李四处")
    assert await state(town) == "pending"


async def test_a_decision_is_taken_back_until_the_next_step_has_acted(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "同意 1")
    await town.card("wecom", "sunlixin", "张三的年假")
    await town.say("wecom", "lisi", "拿回 1")
    await town.text("wecom", "lisi", "拿回已记录")
    await town.say("wecom", "sunlixin", "同意 1")
    await town.text("wecom", "sunlixin", "这一步不由您办理")
    await town.say("wecom", "lisi", "同意 1")
    await town.settled()
    await town.say("wecom", "sunlixin", "同意 1")
    await town.card("wecom", "zhangsan", "：已同意")
    shown, told = await rebuilt(town)
    assert shown == told
    await town.say("wecom", "lisi", "拿回 1")
    await town.text("wecom", "lisi", "这件事项已经办完")


async def test_somebody_asked_first_answers_and_the_turn_comes_back(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "委派 1 王五 人手够吗")
    hers = await town.card("wecom", "wangwu", "张三的年假")
    await town.tap("wecom", "wangwu", hers, "交回")
    await town.text("wecom", "wangwu", "意见")
    await town.say("wecom", "wangwu", "够的")
    await town.settled()
    await town.say("wecom", "lisi", "同意 1")
    seen = await town.card("wecom", "sunlixin", "张三的年假")
    assert "够的" in seen.quote


async def test_a_copy_is_sent_and_an_opinion_asked_without_holding_anything_up(open_town):
    town = await open_town()
    await asked(town)
    await town.say("wecom", "lisi", "传阅 1 陈静 王五")
    copy = await town.card("wecom", "chenjing", "张三的年假")
    await town.say("wecom", "lisi", "同意 1")
    await town.card("wecom", "sunlixin", "张三的年假")
    await town.say("wecom", "chenjing", "已阅 1 无意见")
    await town.text("wecom", "chenjing", "已阅已记录")
    assert copy.title


async def test_time_that_is_up_brings_somebody_else_in(open_town, tmp_path):
    forms = tmp_path / "office0" / "forms"
    forms.mkdir(parents=True)
    text = (crosscheck.PACKAGED / "forms" / "leave.yaml").read_text(encoding="utf-8")
    limit = "    if_applicant: up\n    deadline: {working_hours: 4, then: escalate, to: {role: personnel}}\n"
    (forms / "leave.yaml").write_text(text.replace("    if_applicant: up\n", limit, 1), encoding="utf-8")
    town = await open_town()
    await asked(town)
    await town.forward(hours=3)
    assert not town.cards("wecom", "wangwu", "张三的年假")
    await town.forward(hours=24)
    await town.card("wecom", "wangwu", "张三的年假")
    await town.say("wecom", "wangwu", "同意 1")
    await town.text("wecom", "wangwu", "同意已记录")
    assert ("王五", "approve", "李四") in await acts(town)
