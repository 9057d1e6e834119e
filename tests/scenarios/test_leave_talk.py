"""People answer a question in their own words, come back to it after something else, and change their minds."""

from __future__ import annotations

from functools import partial

import pytest


@pytest.fixture
async def town(open_town):
    return await open_town()


async def said(town, text, part):
    """What the bot says to this: the newest message with these words, which was not there before."""
    before = _shown(town)
    await town.say("wecom", "zhangsan", text)
    new = lambda: [shown for shown in _shown(town) - before if part in shown]  # noqa: E731
    await town.until(new, f"“{part}” after “{text}”")
    await town.quiet()


def _shown(town):
    return {
        f"{one.id}/{one.updates} {one.title} {one.text} {'｜'.join(field.value for field in one.fields)}"
        for one in town.messages("wecom", "zhangsan")
        if not one.mine
    }


async def submitted(town, text, *, approved=False):
    await town.say("wecom", "zhangsan", text)
    await town.tap("wecom", "zhangsan", await town.open_card("wecom", "zhangsan", "请确认"), "提交")
    if approved:
        await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的"), "同意")
        await town.until(lambda: town.cards("wecom", "zhangsan", "已同意"), "it is approved")
    await town.quiet()


async def test_the_kind_and_the_half_may_be_typed(town):
    await said(town, "5月7日请假", "请什么假")
    await said(town, "年假吧 办事", "年假｜5月7日（周四）全天｜1天（工作日）｜办事")
    await said(town, "5月7日请半天事假", "上午还是下午")
    await said(town, "都行", "没有听懂")
    await said(town, "下午 接孩子", "事假｜5月7日（周四）下午｜0.5天（工作日）｜接孩子")


async def test_while_the_kind_is_asked_the_days_may_still_change(town):
    """The card shows what was understood; 下午 was not."""
    await said(town, "5月7日请假 家里有事", "5月7日（周四）全天｜家里有事")
    await said(town, "下午", "5月7日（周四）下午｜家里有事")
    await said(town, "5月8日到11日", "5月8日（周五） 至 5月11日（周一）｜家里有事")
    await said(town, "事假", "事假｜5月8日（周五） 至 5月11日（周一）")


async def test_a_question_stays_open_while_something_else_is_said(town):
    await said(town, "年假", "从哪天到哪天")
    await said(town, "家里有事", "没有听懂")
    await said(town, "5月6日", "请确认：年假1天")


async def test_a_question_does_not_swallow_another_form(town):
    await said(town, "年假", "从哪天到哪天")
    await said(town, "报修 三楼厕所漏水", "好的，报修")
    await said(town, "算了", "不写了")
    await said(town, "年假", "从哪天到哪天")
    await said(town, "出差 5月6号到8号 去广州", "填写出差申请")


async def test_a_bare_word_of_approval_is_read_while_a_question_of_leave_is_open(town):
    await said(town, "年假", "从哪天到哪天")
    await said(town, "同意", "现在没有等您同意的审批")


@pytest.mark.parametrize(("talk", "part"), [
    (("年假", "三天", "5月6号"), "请确认：年假3天"),
    (("事假 两个小时", "5月7日下午2点"), "5月7日（周四） 14:00至16:00"),
    (("事假 两个小时", "5月7日下午", "3点"), "5月7日（周四） 15:00至17:00"),
    (("年假 一周", "5月11号", "到15号"), "5月11日（周一） 至 5月15日（周五）"),
    (("病假 5月6日开始 发烧", "8号"), "5月6日（周三） 至 5月8日（周五）"),
    (("婚假 5月6日起", "3天"), "5月6日（周三） 至 5月8日（周五）"),
    (("5月7日请2小时事假", "下午3点到5点"), "5月7日（周四） 15:00至17:00"),
    (("事假5月7日下午2点 办证", "4点"), "5月7日（周四） 14:00至16:00｜2小时（工作日）｜办证"),
])  # fmt: skip
async def test_what_was_said_before_is_not_lost_by_the_answer(town, talk, part):
    *before, last = talk
    for text in before:
        await said(town, text, "")
    await said(town, last, part)


async def test_two_kinds_in_a_sentence_are_to_be_sent_apart(town):
    await said(town, "年假6号到8号，调休9号", "写了不止一段时间。请分几条发，一条只写一种假、一段时间")


@pytest.mark.parametrize(("text", "part"), [
    ("不对，是5月7日到8日", "年假｜5月7日（周四） 至 5月8日（周五）"),
    ("搞错了，是7号到8号", "年假｜5月7日（周四） 至 5月8日（周五）"),
    ("应该是5月7号", "年假｜5月7日（周四）"),
    ("不对 是事假", "事假｜5月6日（周三） 至 5月8日（周五）"),
    ("多加一天", "年假｜5月6日（周三） 至 5月9日（周六）"),
    ("不对", "改到什么时候"),
    ("提交", "请点上面卡片上的“提交”"),
    ("算了不请了", "不写了"),
    ("我不请了吧", "不写了"),
    ("取消请假", "不写了"),
])  # fmt: skip
async def test_what_is_said_to_the_card_that_waits_to_be_confirmed(town, text, part):
    await said(town, "年假 5月6日到8日", "请确认：年假3天")
    await said(town, text, part)


async def test_a_correction_without_a_draft_changes_nothing(town):
    await submitted(town, "年假 5月6日到8日")
    await said(town, "不对，是9号", "没有听懂")


@pytest.mark.parametrize("text", ["取消休假", "取消5月6号的年假", "5月6号的假不休了", "算了不请了", "不休了"])
async def test_an_approved_leave_that_is_given_up_is_shown_with_its_button(town, text):
    await submitted(town, "年假 5月6日到8日", approved=True)
    await said(town, text, "点“取消休假”")
    card = await town.open_card("wecom", "zhangsan", "年假3天：已同意")
    await town.tap("wecom", "zhangsan", card, "取消休假")
    await town.until(lambda: town.cards("wecom", "zhangsan", "年假3天：已取消"), "it is cancelled")


async def test_a_request_that_waits_is_given_up_by_its_own_button(town):
    await submitted(town, "年假 5月6日到8日")
    await said(town, "不请了", "点“撤回”")
    await said(town, "算了", "现在没有正在填写的内容")


async def test_of_several_leaves_the_one_that_is_named_is_given_up(town):
    await submitted(town, "年假 5月6日")
    await submitted(town, "事假 5月20日 办事")
    await said(town, "取消休假", "您有几次休假，请写明取消哪一次")
    await said(town, "取消5月20日的休假", "点“撤回”")
    await said(town, "取消病假", "没有找到可以取消的休假")


async def test_a_leave_is_moved_by_the_day_that_it_is_on(town):
    await submitted(town, "年假 5月6日")
    await submitted(town, "年假 5月20日")
    await said(town, "我5月20号的年假能改成5月21日吗", "代替2号")
    await said(town, "算了", "不写了")
    await said(town, "20号改到22号", "5月22日（周五）")


async def test_how_long_a_leave_is_may_be_asked_while_something_else_is_open(town):
    await said(town, "年假", "从哪天到哪天")
    await said(town, "陪产假一般多少天", "陪产假（每次，广东）：15天")
    await said(town, "探亲假有几天", "探亲假（每年，广东）")
    await said(town, "年假有几天", "10天")
    await said(town, "5月6日", "请确认：年假1天")


async def test_a_leave_that_has_begun_is_not_given_up(town):
    await submitted(town, "年假 4月28日到29日", approved=True)
    await town.forward(hours=26)
    await said(town, "今天的假不休了", "已经开始，不能取消了。提前回来的请说“销假”")


async def test_whether_a_colleague_is_there_may_be_asked_by_name(town):
    await submitted(town, "年假 5月6日到8日", approved=True)
    await said(town, "张三5月7日在不在", "张三：5月7日（周四）不在")
    await said(town, "陈静明天请假吗", "陈静：4月28日（周二）没有请假或出差的登记")
    await said(town, "王五在吗", "没有听懂")


async def test_the_kind_may_be_said_where_the_time_was_asked_for(town):
    await said(town, "明早想请两小时假", "4月28日（周二），从几点到几点")
    await said(town, "事假", "4月28日（周二），从几点到几点")
    await town.say("wecom", "zhangsan", "9点到11点")
    card = await town.open_card("wecom", "zhangsan", "请确认：事假2小时")
    assert "4月28日（周二） 09:00至11:00" in [field.value for field in card.fields]


async def test_the_kind_may_be_said_where_the_last_day_was_asked_for(town):
    await said(town, "6日起请假", "从5月6日（周三）起，到哪天")
    await said(town, "年假", "从5月6日（周三）起，到哪天")
    await town.say("wecom", "zhangsan", "到周五")
    card = await town.open_card("wecom", "zhangsan", "请确认：年假3天")
    assert any("5月6日（周三）" in field.value for field in card.fields)


async def test_a_question_about_the_rules_is_answered_and_what_was_begun_goes_on(town):
    await said(town, "年假", "从哪天到哪天")
    await said(town, "婚假包括周末吗", "周末和法定节假日也算在内")
    await said(town, "病假要什么证明", "请2天及以上的，要医疗证明")
    await said(town, "调休能跟年假连着休吗", "分两条说")
    await said(town, "请假流程", "您可以请的假：年假、病假")
    await said(town, "5月6日", "请确认：年假1天")
    await said(town, "事假扣工资吗", "请问人事")
    await said(town, "我可以明天请病假吗", "请确认：病假1天")


async def test_days_off_are_asked_for_and_an_open_question_stays(town):
    await town.say("wecom", "zhangsan", "我要请假")
    await town.text("wecom", "zhangsan", "从哪天到哪天")
    await town.say("wecom", "zhangsan", "五一放几天")
    await town.text("wecom", "zhangsan", "劳动节：5月1日（周五）至5月5日（周二）放假，共5天；5月9日（周六）上班。")
    await town.say("wecom", "zhangsan", "5月9日上班吗")
    await town.text("wecom", "zhangsan", "5月9日（周六）要上班（调休上班）。")
    await town.say("wecom", "zhangsan", "2040年春节放几天")
    await town.text("wecom", "zhangsan", "还没有2040年的放假安排")
    await town.say("wecom", "zhangsan", "5月6日到8日")
    await town.card("wecom", "zhangsan", "请什么假")


@pytest.mark.parametrize("text", ["帮张三请年假 5月6日到8日", "张三明天请病假", "替张三请事假 5月7日 办事"])
async def test_leave_is_asked_for_by_whoever_takes_it(town, text):
    """It became the writer's own leave, with the colleague as its reason."""
    await town.say("wecom", "wangwu", text)
    await town.text("wecom", "wangwu", "请假要由本人申请：请张三自己发给我")
    await town.say("wecom", "wangwu", "王五 事假 5月7日 帮张三搬家")
    card = await town.card("wecom", "wangwu", "请确认：事假1天")
    assert {field.name: field.value for field in card.fields}["事由"] == "帮张三搬家"


async def test_who_says_that_they_are_ill_is_offered_sick_leave(town):
    await town.say("wecom", "zhangsan", "明天我要去医院看病")
    await town.text("wecom", "zhangsan", "您是要请病假吗？回复“是”就开始")
    await town.say("wecom", "zhangsan", "是")
    card = await town.card("wecom", "zhangsan", "请确认：病假1天")
    assert ("事由", "去医院看病") in [(field.name, field.value) for field in card.fields]


async def test_who_looks_for_people_is_told_names(town):
    await town.say("wecom", "zhangsan", "转人工")
    said = await town.text("wecom", "zhangsan", "找管理员：陈静")
    assert "找人事：王五" in said.text


async def test_the_reason_of_a_draft_is_changed_and_not_its_kind(town):
    """“探亲” became leave for visiting one's family, counted in other days."""
    await town.say("wecom", "zhangsan", "年假 下周三到周五 回家")
    await town.card("wecom", "zhangsan", "请确认：年假3天")
    await town.say("wecom", "zhangsan", "事由改成探亲")
    await town.until(
        lambda: ("事由", "探亲") in [
            (field.name, field.value) for field in town.cards("wecom", "zhangsan", "请确认：年假3天")[-1].fields
        ],
        "the reason",
    )  # fmt: skip
    await town.say("wecom", "zhangsan", "领导什么时候批")
    await town.text("wecom", "zhangsan", "有一份草稿还没有提交")


async def test_a_confirmation_is_no_answer_to_a_question_about_time(town):
    await town.say("wecom", "zhangsan", "明天上午事假2小时 家里装宽带")
    await town.text("wecom", "zhangsan", "从几点到几点？")
    await town.say("wecom", "zhangsan", "提交")
    await town.until(lambda: asked(town, "从几点到几点？") == 2, "asked again")
    await town.say("wecom", "zhangsan", "9点到11点")
    card = await town.card("wecom", "zhangsan", "请确认：事假2小时")
    assert ("事由", "家里装宽带") in [(field.name, field.value) for field in card.fields]


def asked(town, part):
    return sum(part in one.text for one in town.messages("wecom", "zhangsan"))


def _lists(town, number):
    return len(town.cards("wecom", "wangwu", "全员休假余额")) == number


async def test_personnel_ask_for_sheets_and_balances_in_words(town):
    await town.say("wecom", "wangwu", "谁的年假还没休")
    assert await town.card("wecom", "wangwu", "全员休假余额")
    for number, words in enumerate(("全单位年假余额", "谁的年假快到期了", "导出年假余额"), start=2):
        await town.say("wecom", "wangwu", words)
        await town.until(partial(_lists, town, number), words)
    await town.say("wecom", "wangwu", "余额 陈静")
    await town.text("wecom", "wangwu", "陈静的年假余额")
    await town.say("wecom", "wangwu", "余额 马六")
    await town.text("wecom", "wangwu", "没有找到“马六”")
    await town.say("wecom", "wangwu", "调整 张三 年假 +1天")  # it began a leave of her own
    await town.text("wecom", "wangwu", "officebot leave adjust 张三")
    await town.say("wecom", "zhangsan", "给陈静加1天年假")
    await town.text("wecom", "zhangsan", "额度有误请联系人事核对")
    await town.say("wecom", "zhangsan", "陈静的余额")
    await town.text("wecom", "zhangsan", "别人的休假明细只有本人和人事能看")
    await town.say("wecom", "wangwu", "把张三的年假改成15天")
    await town.text("wecom", "wangwu", "officebot leave adjust 张三 年假 1")
    await town.say("wecom", "wangwu", "4月考勤表")
    assert await town.card("wecom", "wangwu", "2026年4月休假情况")
    await town.say("wecom", "wangwu", "导出3月请假统计")
    assert await town.card("wecom", "wangwu", "2026年3月休假情况")
    await town.say("wecom", "zhangsan", "导出休假情况")
    await town.text("wecom", "zhangsan", "休假报表只提供给人事")
    assert not await town.rows("SELECT id FROM item")


async def test_a_leader_who_will_be_out_says_who_decides(town):
    await town.say("wecom", "lisi", "我明天去省里开会，让王五代我审批")
    await town.text("wecom", "lisi", "已授权王五在4月28日（周二）全天代您办理审批")
    await town.say("wecom", "lisi", "取消代批")
    await town.text("wecom", "lisi", "已收回1项外出授权")
    await town.say("wecom", "lisi", "请张三明天替我批")
    await town.text("wecom", "lisi", "已授权张三在4月28日（周二）全天")
    await town.say("wecom", "lisi", "由王五代批")
    await town.text("wecom", "lisi", "没有看懂授权从哪天到哪天")
    await town.say("wecom", "lisi", "我下周出差，让王五代我审批")
    await town.text("wecom", "lisi", "已授权王五在5月4日（周一） 至 5月10日（周日）代您办理审批")
    await town.say("wecom", "lisi", "取消代批")
    await town.text("wecom", "lisi", "对王五的外出授权已收回")
    await town.say("wecom", "lisi", "外出授权 王五 本周")
    await town.text("wecom", "lisi", "已授权王五在4月27日（周一） 至 5月3日（周日）代您办理审批")
