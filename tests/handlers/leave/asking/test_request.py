"""What people type when they want leave, and what they type when they want something else."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.days.phrases import Span, WorkingDays
from handlers.days.slots import Half
from handlers.leave.asking.request import LeaveAsk, kind_and_rest, read_request

WEDNESDAY = date(2026, 5, 6)
KINDS = {
    "annual": ("年假", "年休假", "带薪年休假"),
    "sick": ("病假",),
    "personal": ("事假",),
    "in_lieu": ("调休", "补休"),
    "maternity": ("产假",),
    "care": ("护理假", "独生子女护理假"),
    "family_visit": ("探亲假", "探亲"),
    "maternity_check": ("产检假", "产检"),
    "funeral": ("丧假", "奔丧"),
}


def ask(text: str, calendar: WorkingDays | None = None) -> LeaveAsk | None:
    return read_request(text, kinds=KINDS, today=WEDNESDAY, calendar=calendar)


def may(first: int, last: int, *, start_half: Half = Half.AM, end_half: Half = Half.PM, days: str = "") -> Span:
    start, end = date(2026, 5, first), date(2026, 5, last)
    duration = Decimal(days) if days else None
    return Span(start=start, start_half=start_half, end=end, end_half=end_half, duration_days=duration)


MORNING = {"start_half": Half.AM, "end_half": Half.AM}
AFTERNOON = {"start_half": Half.PM, "end_half": Half.PM}


@pytest.mark.parametrize(("text", "kind", "span", "reason"), [
    ("年假 5月6日到8日 回家", "annual", may(6, 8), "回家"),
    ("年假 下周三到周五 回家", "annual", may(13, 15), "回家"),  # as the help says it: true at any time of the year
    ("我想请病假，明天上午，去医院", "sick", may(7, 7, **MORNING), "去医院"),
    ("下周二到周四休年假", "annual", may(12, 14), ""),
    ("年假5.6-5.8", "annual", may(6, 8), ""),
    ("周五下午请事假 接孩子", "personal", may(8, 8, **AFTERNOON), "接孩子"),
    ("5月8日事假，下午", "personal", may(8, 8, **AFTERNOON), ""),
    ("5月8日上午请半天事假", "personal", may(8, 8, **MORNING), ""),
    ("请三天年假，5月7日起，去旅游", "annual", may(7, 7, days="3"), "去旅游"),
    ("5月8日年假三天 回老家", "annual", may(8, 8, days="3"), "回老家"),
    ("五一加班，5月8日补休一天", "in_lieu", may(8, 8), "五一加班"),
    ("5月8日请年假，航班取消", "annual", may(8, 8), "航班取消"),
    ("因孩子生病，需要请事假5月7日至5月8日，请批准。", "personal", may(7, 8), "孩子生病"),
    ("带薪年休假：5月7日（周四）—5月8日（周五） 2天 事由：回家探亲", "annual", may(7, 8), "回家探亲"),
    ("独生子女护理假 5月11日至15日 母亲住院", "care", may(11, 15), "母亲住院"),
    ("把剩下的年假休了，5月7日到8日", "annual", may(7, 8), "把剩下"),
    ("请5月7日-8日年休假2天，本年度已休3天", "annual", may(7, 8), "本年度已休3天"),
    ("明天能请病假吗", "sick", may(7, 7), ""),
    ("张国庆明天请病假", "sick", may(7, 7), "张国庆"),
    ("請年假，5月8日，帶小孩", "annual", may(8, 8), "帶小孩"),
    ("年假连休三天 从5月7日", "annual", may(7, 7, days="3"), ""),
    ("病假 明天开始 3天", "sick", may(7, 7, days="3"), ""),
    ("用上周六的加班调休 明天", "in_lieu", may(7, 7), "用上周六的加班"),
    ("年假 5月7日 去查档案", "annual", may(7, 7), "去查档案"),
])  # fmt: skip
def test_a_whole_request_leaves_nothing_to_ask(text, kind, span, reason):
    asked = ask(text)
    assert asked is not None
    assert (asked.kind, asked.span, asked.reason, asked.missing) == (kind, span, reason, ())


@pytest.mark.parametrize(("text", "missing"), [
    ("请假", ("kind", "dates")),
    ("我想请个假", ("kind", "dates")),
    ("休假5.7-5.8", ("kind",)),
    ("年假", ("dates",)),
    ("请年假，家里有事", ("dates",)),
    ("想请几天年假", ("dates",)),
    ("下周请年假", ("dates",)),
    ("5月8日请一周年假", ("dates",)),
    ("5月8日和5月11日请年假", ("dates",)),
    ("2月30日请年假", ("dates",)),
    ("年假5月8日到6日", ("dates",)),
    ("请假到周五", ("kind", "dates")),
    ("12月31日跨年到1月2日请年假", ("dates",)),
    ("5月6号事假半天", ("half",)),
    ("5月6号请半天假", ("kind", "half")),
    ("明天请事假2小时", ("time",)),
    ("明天下午2点请事假", ("time",)),
    ("年假一周", ("dates",)),
    ("明天开始请病假", ("dates",)),
    ("病假 5月8日下午起", ("dates",)),
    ("明天请半天", ("kind", "half")),
    ("明天我想休息一天", ("kind",)),
    ("我要结婚了请10天", ("kind", "dates")),
    ("請假後天下午", ("kind",)),
])  # fmt: skip
def test_what_was_not_said_is_asked(text, missing):
    asked = ask(text)
    assert asked is not None
    assert asked.missing == missing


@pytest.mark.parametrize("text", [
    "年假余额", "我的假期", "我的年假", "还剩几天年假", "今天还剩几天年假", "我有几天年假",
    "年假还有多少", "年假怎么请", "产假多少天", "病假条交给谁", "年假规定", "请假流程",
    "取消5月6日的年假", "撤回请假", "5月8日的年假取消", "销假", "同意张三的年假", "批准年假",
    "我的年假批了吗", "能请年假吗", "你好", "5月6日到8日", "五一假期怎么安排", "放假通知", "明天开会",
    "", "假装", "请放心", "王五明天请假吗", "陈静休假到几号", "上周六加班半天 换调休", "请两天后再来", "请下午 去三楼",
    "丧假能请几天", "年假可以分几次休", "前天请的假能改成病假吗",
    "今天有几个人请假", "谁明天请假", "把李四的请假撤了", "安全生产检查 周五", "明天去生产检查", "周五上午协调休息室",
])  # fmt: skip
def test_other_wishes_are_no_requests(text):
    assert ask(text) is None


def test_days_without_a_date_are_kept_for_the_question():
    asked = ask("请三天年假")
    assert asked is not None
    assert (asked.span, asked.duration_days, asked.missing) == (None, Decimal(3), ("dates",))


@pytest.mark.parametrize(("text", "length"), [
    ("事假 两个小时", "两个小时"), ("年假一周", "一周"), ("请三天年假", "三天"), ("年假 5月8日 三天", ""),
])  # fmt: skip
def test_how_long_is_kept_as_it_was_typed_where_no_day_was_said(text, length):
    asked = ask(text)
    assert asked is not None
    assert asked.length == length


def test_a_first_day_is_kept_where_only_the_last_is_missing():
    asked = ask("病假 明天下午开始 发烧")
    assert asked is not None
    assert (asked.span, asked.since, asked.reason) == (None, may(7, 7, **AFTERNOON), "发烧")
    assert [doubt.code for doubt in asked.doubts] == ["last_unclear"]


def test_two_kinds_are_not_decided_for_the_person():
    asked = ask("5月8日病假，事假")
    assert asked is not None
    assert asked.kind is None
    assert [(doubt.code, doubt.text) for doubt in asked.doubts] == [("two_kinds", "事假")]


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("年假 5月8日 探亲", "annual", "探亲"),
        ("事假 5月8日 产检", "personal", "产检"),
        ("探亲 5月8日", "family_visit", ""),
        ("想休年假去奔丧 5月8日", "annual", "去奔丧"),
    ],
)
def test_beside_a_kind_a_word_that_is_also_one_is_the_reason(text, kind, reason):
    asked = ask(text)
    assert asked is not None
    assert (asked.kind, asked.reason) == (kind, reason)


def test_a_kind_named_twice_is_one_kind():
    asked = ask("年假申请：5月8日休年休假")
    assert asked is not None
    assert (asked.kind, asked.span, asked.missing) == ("annual", may(8, 8), ())


def test_a_kind_that_contains_the_name_of_another_is_not_taken_for_it():
    asked = ask("陪产假5月8日到20日")
    assert asked is not None
    assert (asked.kind, asked.missing) == (None, ("kind",))
    assert [(doubt.code, doubt.text) for doubt in asked.doubts] == [("unknown_kind", "陪产假")]


def test_a_doubt_of_the_reading_is_handed_on():
    asked = ask("周一请年假")
    assert asked is not None
    assert asked.span == may(11, 11)
    assert [doubt.code for doubt in asked.doubts] == ["week_unclear"]


def test_the_longest_name_wins_whatever_the_order():
    kinds = {"care": ["护理假"], "parents": ["独生子女护理假"]}
    asked = read_request("独生子女护理假 明天", kinds=kinds, today=WEDNESDAY)
    assert asked is not None
    assert asked.kind == "parents"


PIECES = [*"年病事假请休，。 5月6日到8号半天吗取消", "请假", "年假", "明天", "下午"]


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_any_text_is_answered_and_what_is_missing_is_named(text):
    asked = ask(text)
    if asked is not None:
        assert ("kind" in asked.missing) == (asked.kind is None)
        assert ("dates" in asked.missing) == (asked.span is None)


@pytest.mark.parametrize("piece", ["请", "年假", "取消", "请a", "休，", "年", "剩"])
def test_a_long_text_comes_back(piece):
    ask((piece * 10_000)[:10_000])


@pytest.mark.parametrize(
    "text", ["明天不来了，发烧", "后天上午来不了，送孩子", "今天上不了班，感冒", "明天不能来上班了"]
)
def test_who_will_not_be_there_is_asked_which_leave_it_is(text):
    found = ask(text)
    assert found is not None
    assert found.missing == ("kind",)
    assert found.span is not None


@pytest.mark.parametrize(
    "text", ["不来了", "明天的会议我来不了", "培训明天来不了", "明天不来食堂吃饭了", "明天能来上班吗"]
)
def test_words_about_other_absences_are_no_leave(text):
    assert ask(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("事假", ("personal", "")),
        ("病假 5月9日", ("sick", "5月9日")),
        ("5月9日", ("", "5月9日")),
        ("年假或事假", ("", "年假或事假")),
    ],
)
def test_another_kind_is_taken_out_of_the_words_of_a_change(text, found):
    assert kind_and_rest(text, kinds=KINDS) == found


@pytest.mark.parametrize("between", [" " * 5000, "\u3000" * 5000, "\n" * 5000, "\t \n" * 1500])
def test_a_table_that_was_pasted_is_read_as_quickly_as_a_sentence(between):
    """1,500 spaces kept the whole service busy for a minute: each could have been the room between two words."""
    found = ask(f"年假 5月6日到8日{between}回家")
    assert found is not None
    assert found.span == may(6, 8)
    assert found.reason == "回家"
