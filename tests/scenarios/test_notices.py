"""Notices through the chat: one sentence, cards that are answered, the silent ones chased, corrected and recalled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from town import staff

BOTH = staff(zhang="dingtalk", wang="dingtalk")


async def sent(town, sentence="通知 张三、王五、陈静：周五下午三点全体开会，请参加。"):
    """李四 writes the sentence and submits; the card that was confirmed."""
    await town.say("wecom", "lisi", sentence)
    card = await town.card("wecom", "lisi", "请确认")
    await town.tap("wecom", "lisi", card, "不涉密，提交")
    return card


async def facts(town, kind):
    rows = await town.rows("SELECT body FROM journal WHERE kind = ? ORDER BY id", kind)
    return [row["body"] for row in rows]


async def test_a_sentence_becomes_a_notice_that_everybody_answers_their_own_way(open_town):
    town = await open_town(people=BOTH)
    await sent(town)
    zhang = await town.card("dingtalk", "zhangsan", "周五下午三点全体开会")
    assert [button.text for button in zhang.buttons] == ["参加", "派人参加", "不能参加"]
    await town.tap("dingtalk", "zhangsan", zhang, "参加")
    wang = await town.card("dingtalk", "wangwu", "周五下午三点全体开会")
    await town.tap("dingtalk", "wangwu", wang, "派人参加")
    await town.text("dingtalk", "wangwu", "请回复代您参加的人")
    await town.say("dingtalk", "wangwu", "刘洋 副科长 13812345678")
    await town.text("dingtalk", "wangwu", "派人参加：刘洋 副科长 13812345678，已记录")
    chen = await town.card("wecom", "chenjing", "周五下午三点全体开会")
    await town.tap("wecom", "chenjing", chen, "不能参加")
    await town.text("wecom", "chenjing", "请回复不能参加的理由")
    await town.say("wecom", "chenjing", "当天下乡")
    await town.text("wecom", "chenjing", "不能参加：当天下乡，已记录")
    town.clock.forward(timedelta(minutes=1))
    await town.text("wecom", "lisi", "已全部回执（3人）")
    assert len(await facts(town, "notice.answered")) == 3
    assert not any("刘洋" in body or "下乡" in body for body in await facts(town, "notice.answered"))


async def test_only_the_silent_ones_are_reminded_in_working_time_and_not_for_ever(open_town):
    town = await open_town(people=BOTH)
    await sent(town, "通知 张三、王五：请报送值班表。")
    card = await town.card("dingtalk", "wangwu", "请报送值班表")
    await town.tap("dingtalk", "wangwu", card, "收到")
    await town.card("dingtalk", "zhangsan", "请报送值班表")
    for _ in range(8 * 24):
        town.clock.forward(timedelta(hours=1))
        await town.service.runner.tick()
    await town.settled()
    reminders = await town.rows("SELECT person, day, at_ms FROM notice_reminder ORDER BY id")
    zhang = await town.rows("SELECT id FROM person WHERE name = '张三'")
    assert [row["person"] for row in reminders] == [zhang[0]["id"]] * 3
    hours = {(row["at_ms"] // 3_600_000 + 8) % 24 for row in reminders}
    assert hours <= set(range(8, 18))
    assert len(town.cards("dingtalk", "wangwu", "请报送值班表")) == 1


async def test_a_notice_taken_back_is_shown_as_such_and_answers_are_refused(open_town):
    town = await open_town(people=BOTH)
    await sent(town, "通知 张三、陈静：请报送值班表。")
    await town.tap("dingtalk", "zhangsan", await town.card("dingtalk", "zhangsan", "请报送值班表"), "收到")
    counts = await town.card("wecom", "lisi", "请报送值班表")
    await town.tap("wecom", "lisi", counts, "撤回通知")
    await town.text("wecom", "lisi", "通知已撤回，2人的卡片上会显示已撤回")
    await town.until(
        lambda: [c for c in town.cards("dingtalk", "zhangsan", "请报送值班表") if c.state == "已撤回"],
        "the card says that it was recalled",
    )
    await town.text("dingtalk", "zhangsan", "已由发布人撤回，不用再按它办理")
    await town.settled()
    assert not [one for one in town.messages("wecom", "chenjing") if "不用再按它办理" in one.text]  # had not looked
    (row,) = await town.rows("SELECT number FROM notice")
    await town.say("dingtalk", "zhangsan", f"收到 {row['number']}")
    await town.text("dingtalk", "zhangsan", "已经撤回，不用回执了")


async def test_words_nobody_knows_in_the_audience_are_named_before_anything_is_sent(open_town):
    town = await open_town(people=BOTH)
    await town.say("wecom", "lisi", "通知 办公室、保卫科：请报送值班表。")
    await town.text("wecom", "lisi", "没有找到：保卫科")
    assert not await town.rows("SELECT id FROM notice")


@pytest.mark.parametrize("word", ["收到", "收到 {number}"])
async def test_a_word_is_an_answer_too(open_town, word):
    town = await open_town(people=BOTH)
    await sent(town, "通知 张三：请报送值班表。")
    await town.card("dingtalk", "zhangsan", "请报送值班表")
    (row,) = await town.rows("SELECT number FROM notice")
    await town.say("dingtalk", "zhangsan", word.format(number=row["number"]))
    await town.text("dingtalk", "zhangsan", "收到，已记录")


async def test_what_is_asked_again_comes_as_a_new_card_and_a_slip_of_the_pen_does_not(open_town):
    town = await open_town(people=BOTH)
    await sent(town, "通知 张三：周五下午三点开会，请参加。")
    await town.tap("dingtalk", "zhangsan", await town.card("dingtalk", "zhangsan", "周五下午三点开会"), "参加")
    for again, cards in (("不用重新回执", 1), ("请大家重新回执", 2)):
        for words in ("更正通知", "1", f"会议改到四点（{again}）", f"重新回执 {again}"):
            await town.say("wecom", "lisi", words)
            await town.settled()  # each is the answer to the question before
        await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "请确认：更正通知"), "不涉密，提交")
        await town.text("dingtalk", "zhangsan", f"会议改到四点（{again}）")
        await town.settled()
        # The title was the sentence itself: the old time must not stand above the new one.
        assert not town.cards("dingtalk", "zhangsan", "周五下午三点开会")
        assert len(town.cards("dingtalk", "zhangsan", "会议改到四点")) == cards
    (row,) = await town.rows("SELECT version, asked FROM notice")
    assert (row["version"], row["asked"]) == (3, 3)
    newest = town.cards("dingtalk", "zhangsan", "会议改到四点")[-1]
    assert "请重新回执" in str(newest)


async def test_one_answers_for_the_department_and_the_others_are_left_alone(open_town):
    town = await open_town(people=BOTH)
    await town.say("wecom", "sunlixin", "通知 办公室：请报送值班表。")
    await town.card("wecom", "sunlixin", "请确认")
    await town.say("wecom", "sunlixin", "谁来回 每个科室一份")
    await town.settled()
    await town.tap("wecom", "sunlixin", await town.open_card("wecom", "sunlixin", "请确认"), "不涉密，提交")
    await town.tap("wecom", "chenjing", await town.card("wecom", "chenjing", "请报送值班表"), "收到")
    await town.text("dingtalk", "zhangsan", "办公室已由陈静回执，您不用再回")
    assert not await town.rows("SELECT id FROM notice_receipt WHERE chase_ms > 0")


async def test_nobody_is_reminded_at_night_by_hand_either(open_town):
    town = await open_town(people=BOTH)
    await sent(town, "通知 张三：请报送值班表。")
    await town.card("dingtalk", "zhangsan", "请报送值班表")
    await town.settled()
    town.clock.forward(timedelta(hours=14))
    await town.say("wecom", "lisi", "催回执 1")
    await town.text("wecom", "lisi", "现在不是提醒大家的时间")
    assert not await town.rows("SELECT id FROM notice_reminder")


async def test_a_second_tap_on_reminding_does_not_use_up_the_reminders_of_the_day(open_town):
    town = await open_town(people=BOTH)
    await sent(town, "通知 张三：请报送值班表。")
    await town.card("dingtalk", "zhangsan", "请报送值班表")
    await town.say("wecom", "lisi", "催回执 1")
    await town.text("wecom", "lisi", "已提醒1人")
    await town.say("wecom", "lisi", "催回执 1")
    await town.text("wecom", "lisi", "或者刚刚提醒过")
    assert len(await town.rows("SELECT id FROM notice_reminder")) == 1


async def test_an_answer_that_was_not_asked_for_is_told_the_words_that_are(open_town):
    town = await open_town(people=BOTH)
    await sent(town, "通知 张三：周五下午三点开会，请参加。")
    await town.card("dingtalk", "zhangsan", "周五下午三点开会")
    await town.say("dingtalk", "zhangsan", "收到 1")
    await town.text("dingtalk", "zhangsan", "1号通知请回复“参加 1”“不参加 1 理由”")


async def test_a_planned_notice_goes_out_at_its_time_to_who_is_there_then(open_town):
    town = await open_town(people=BOTH)
    await town.say("wecom", "lisi", "通知 张三、王五：请报送值班表。")
    await town.card("wecom", "lisi", "请确认")
    await town.say("wecom", "lisi", "发布日期 4月28日")
    await town.settled()
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "请确认"), "不涉密，提交")
    await town.text("wecom", "lisi", "发出前可以撤回")
    for words in ("更正通知", "1", "请报送值班表和联系电话。"):
        await town.say("wecom", "lisi", words)
        await town.settled()
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "请确认：更正通知"), "不涉密，提交")
    await town.settled()
    assert not town.cards("dingtalk", "zhangsan", "请报送值班表")
    await town.service.database.write(_leaves("王五"))
    await town.forward(hours=24)
    card = await town.card("dingtalk", "zhangsan", "请报送值班表")
    assert "联系电话" in card.quote
    assert "更正" not in card.subtitle  # nobody has read the first words
    await town.settled()
    assert len(await town.rows("SELECT id FROM notice_receipt")) == 1


def _leaves(name):
    async def unit(tx):
        await tx.execute("UPDATE person SET active = 0 WHERE name = ?", name)

    return unit


async def test_once_it_is_submitted_no_question_of_it_stays_open(open_town):
    town = await open_town(people=BOTH)
    await sent(town, "通知 张三：请报送值班表。")
    await town.settled()
    await town.say("wecom", "lisi", "哪个会议室有空 明天下午")
    await town.text("wecom", "lisi", "空着的会议室")


async def test_a_collection_is_counted_per_option(open_town):
    town = await open_town(people=BOTH)
    await sent(town, "收集 张三、王五：周五午餐订几份？1份/2份/不订")
    for user, choice in (("zhangsan", "2"), ("wangwu", "2份")):
        await town.tap("dingtalk", user, await town.card("dingtalk", user, "周五午餐订几份"), "填写回执")
        await town.text("dingtalk", user, "1 1份，2 2份，3 不订")
        await town.say("dingtalk", user, choice)
        await town.text("dingtalk", user, "已填写，已记录")
    await town.passing(
        lambda: "1份 0；2份 2；不订 0" in str(town.cards("wecom", "lisi", "周五午餐订几份")), "counted", seconds=5
    )


async def test_people_answer_the_one_notice_in_their_own_words(open_town):
    town = await open_town()
    await sent(town)
    await town.card("wecom", "zhangsan", "周五下午三点全体开会")
    await town.say("wecom", "zhangsan", "我参加")
    await town.text("wecom", "zhangsan", "：参加，已记录")
    await town.say("wecom", "wangwu", "派刘洋参加")
    await town.text("wecom", "wangwu", "派人参加：刘洋，已记录")
    await town.say("wecom", "chenjing", "不参加，下乡")
    await town.text("wecom", "chenjing", "不能参加：下乡，已记录")
    await town.say("wecom", "chenjing", "收到")
    await town.text("wecom", "chenjing", "现在没有等您回执的通知")
    assert len(await facts(town, "notice.answered")) == 3
    await town.say("wecom", "lisi", "谁没回")
    await town.until(lambda: any("3/3人" in str(one.fields) for one in town.messages("wecom", "lisi")), "all three")


async def test_an_option_alone_answers_the_question_that_has_it(open_town):
    town = await open_town()
    await sent(town, "收集 张三、王五：周五午餐订几份？1份/2份/不订")
    await town.card("wecom", "zhangsan", "周五午餐订几份")
    await town.say("wecom", "zhangsan", "不订")
    await town.text("wecom", "zhangsan", "已记录")
    await town.say("wecom", "wangwu", "5份")
    await town.text("wecom", "wangwu", "没有听懂“5份”")
    (fact,) = await facts(town, "notice.answered")
    assert "answered" in fact


async def test_a_notice_that_nobody_approves_is_in_force_not_agreed_to(open_town):
    town = await open_town()
    await sent(town, "通知 张三：请报送值班表。")
    card = await town.card("wecom", "lisi", "发通知：请报送值班表：已生效")
    assert "已同意" not in card.title + card.subtitle


async def test_who_goes_in_somebodys_place_is_told_and_told_of_every_change(open_town):
    """A substitute heard of it from nobody but the one who sent them."""
    town = await open_town()
    await sent(town, "通知 张三、王五：周五下午三点全体开会，请回执是否参加。")
    await town.card("wecom", "zhangsan", "周五下午三点全体开会")
    await town.say("wecom", "zhangsan", "派刘洋参加")
    await town.text("wecom", "zhangsan", "已记录。名册里没有能对上的这个人，请您自己转告。")
    await town.say("wecom", "zhangsan", "派陈静参加")
    await town.text("wecom", "zhangsan", "派人参加：陈静，已记录。已告诉陈静。")
    told = await town.text("wecom", "chenjing", "张三请您代为参加：")
    assert "周五下午三点全体开会" in told.text
    assert "（李四发布）" in told.text
    await town.say("wecom", "zhangsan", "派陈静参加")
    await town.say("wecom", "zhangsan", "我参加")
    await town.text("wecom", "chenjing", "张三改了回执，不用您代为参加了")
    await town.say("wecom", "zhangsan", "派陈静参加")
    await town.until(lambda: len(begun(town)) == 2, "asked again")
    await town.say("wecom", "lisi", "撤回 1")
    await town.text("wecom", "chenjing", "已由发布人撤回，不用代张三参加了")
    assert len(begun(town)) == 2


async def test_an_answer_given_otherwise_ends_the_question_about_it(open_town):
    """After 不能参加 and then “参加” the next message was taken for the reason, and nobody came."""
    town = await open_town()
    await sent(town, "通知 张三、王五：周五下午三点全体开会，请回执是否参加。")
    card = await town.card("wecom", "zhangsan", "周五下午三点全体开会")
    await town.tap("wecom", "zhangsan", card, "不能参加")
    await town.text("wecom", "zhangsan", "请回复不能参加的理由")
    await town.say("wecom", "zhangsan", "参加")
    await town.text("wecom", "zhangsan", "：参加，已记录")
    await town.say("wecom", "zhangsan", "年假 5月6日到8日 回家")
    await town.card("wecom", "zhangsan", "请确认：年假3天")
    assert await reply_of(town, "张三") == "attend"


async def test_words_for_another_question_change_no_answer(open_town):
    town = await open_town()
    await sent(town, "通知 张三、王五：周五下午三点全体开会，请回执是否参加。")
    await town.card("wecom", "zhangsan", "周五下午三点全体开会")
    await town.say("wecom", "zhangsan", "参加")
    await town.text("wecom", "zhangsan", "：参加，已记录")
    await town.say("wecom", "zhangsan", "报修")
    await town.text("wecom", "zhangsan", "好的，报修")
    await town.say("wecom", "zhangsan", "派陈静参加")
    await town.settled()
    assert await reply_of(town, "张三") == "attend"


async def reply_of(town, name):
    sql = "SELECT reply FROM notice_receipt r JOIN person p ON p.id = r.person WHERE p.name = ?"
    (row,) = await town.rows(sql, name)
    return row["reply"]


def begun(town):
    return [one for one in town.messages("wecom", "chenjing") if "请您代为参加" in one.text]


async def test_a_notice_is_corrected_by_a_sentence_and_its_new_words_are_shown_before(open_town):
    """The card to confirm did not say what the notice would be; a part that was said alone took the place of it all."""
    town = await open_town()
    await sent(town, "通知 张三、王五：周五下午三点学习，请回执是否参加。")
    await town.say("wecom", "lisi", "通知改一下，时间改为4点")
    card = await town.open_card("wecom", "lisi", "请确认：更正通知")
    shown = {field.name: field.value for field in card.fields}["改为"]
    assert shown.startswith("更正：时间改为4点 原通知：周五下午三点学习")
    await town.tap("wecom", "lisi", card, "不涉密，提交")
    await town.card("wecom", "zhangsan", "时间改为4点")
    await town.settled()
    await town.say("wecom", "lisi", "更正通知 周五下午四点学习，带笔记本")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "请确认：更正通知"), "不涉密，提交")
    await town.settled()
    (row,) = await town.rows("SELECT body, version FROM notice")
    assert (row["body"], row["version"]) == ("周五下午四点学习，带笔记本", 3)


async def test_which_notice_is_corrected_is_asked_and_only_the_sender_does_it(open_town):
    town = await open_town()
    await town.say("wecom", "lisi", "更正通知 明天放假")
    await town.text("wecom", "lisi", "您没有发出过还没结束的通知")
    await sent(town, "通知 张三、王五：周五下午三点学习。")
    await town.settled()
    await town.say("wecom", "lisi", "通知 张三：报送值班表。")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "请确认"), "不涉密，提交")
    await town.settled()
    await town.say("wecom", "lisi", "更正通知 值班表后天交")
    told = await town.text("wecom", "lisi", "您发的通知有几件")
    assert "报送值班表" in told.text
    (row,) = await town.rows("SELECT number FROM notice WHERE title = '报送值班表'")
    await town.say("wecom", "zhangsan", f"更正通知 {row['number']} 不用交了")
    await town.text("wecom", "zhangsan", "通知只能由发布人更正")
    await town.say("wecom", "lisi", f"更正通知 {row['number']} 值班表后天交")
    await town.open_card("wecom", "lisi", "请确认：更正通知")


async def test_a_new_card_of_a_correction_keeps_its_one_change_for_the_answer(open_town):
    """WeCom changes a card once: it was spent on what the card said already, and the answer came as a third card."""
    town = await open_town()
    await sent(town, "通知 张三、王五：周五下午三点学习，请回执是否参加。")
    await town.card("wecom", "zhangsan", "周五下午三点学习")
    await town.say("wecom", "lisi", "更正通知 周五下午四点学习")
    await town.open_card("wecom", "lisi", "请确认：更正通知")
    await town.say("wecom", "lisi", "重新回执 请大家重新回执")
    await town.settled()
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "请确认：更正通知"), "不涉密，提交")
    await town.settled()
    await town.forward(minutes=1)
    await town.settled()
    before = len(town.cards("wecom", "zhangsan", "周五下午四点学习"))
    await town.say("wecom", "zhangsan", "参加")
    await town.settled()
    assert len(town.cards("wecom", "zhangsan", "周五下午四点学习")) == before


async def test_an_answer_on_a_card_with_the_old_words_is_none_to_the_new_ones(open_town):
    """After an answer in words WeCom lets the first card be changed no more: it went on to offer the old time."""
    town = await open_town()
    await sent(town, "通知 张三、王五：周五下午三点学习，请回执是否参加。")
    old = await town.card("wecom", "zhangsan", "周五下午三点学习")
    await town.say("wecom", "zhangsan", "参加")
    await town.settled()
    await town.say("wecom", "lisi", "更正通知 周五下午四点学习")
    await town.open_card("wecom", "lisi", "请确认：更正通知")
    await town.say("wecom", "lisi", "重新回执 请大家重新回执")
    await town.settled()
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "请确认：更正通知"), "不涉密，提交")
    await town.settled()
    await town.tap("wecom", "zhangsan", old, "不能参加")
    await town.text("wecom", "zhangsan", "内容已经更正，这张卡片上是原来的，没有记回执")
    await town.settled()
    assert [one["reply"] for one in await town.journal("notice.answered")] == ["attend"]
    await town.say("wecom", "zhangsan", "不参加，出差")
    await town.settled()
    assert [one["reply"] for one in await town.journal("notice.answered")] == ["attend", "decline"]
