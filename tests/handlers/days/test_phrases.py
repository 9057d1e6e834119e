"""Phrases as clerks type them. Each table row: the phrase, and the reading in one line (see `said`)."""

import sys
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.days import phrases, workdays
from handlers.days.phrases import Reading, Span
from handlers.days.slots import Half

WEDNESDAY = date(2026, 5, 6)


class Calendar:
    """May 2026 as in the State Council's notice: off from the 1st to the 5th, Saturday the 9th worked. Only 2026."""

    def is_working(self, day: date) -> bool:
        if day.year != 2026:
            raise LookupError(day)
        if date(2026, 5, 1) <= day <= date(2026, 5, 5):
            return False
        return day.weekday() < 5 or day == date(2026, 5, 9)


def read(text: str, *, today: date = WEDNESDAY) -> Reading:
    return phrases.read(text, today=today, calendar=Calendar())


def said(reading: Reading, *, year: int) -> str:
    """Spans as `05-06pm..05-07am` (the year where it is another one, both halves left out), then `?doubt`s."""
    doubts = [f"?{doubt.code}" for doubt in reading.doubts]
    alone = [f"+{reading.duration_days}"] if reading.duration_days else []
    return " ".join([*(_span(span, year) for span in reading.spans), *alone, *doubts])


def _span(span: Span, year: int) -> str:
    first, last = _day(span.start, year), _day(span.end, year)
    am, pm = "" if span.start_half is Half.AM else "pm", "" if span.end_half is Half.PM else "am"
    text = first + (am or pm) if span.start == span.end else f"{first}{am}..{last}{pm}"
    if span.from_time or span.to_time:
        clocks = [t.strftime("%H:%M") if t else "" for t in (span.from_time, span.to_time)]
        text += "@" + "-".join(clocks)
    if span.duration_days:
        text += f"+{span.duration_days}" + "w" * span.duration_working
    return text + (f"+{span.duration_minutes}min" if span.duration_minutes else "")


def _day(day: date, year: int) -> str:
    return f"{day:%m-%d}" if day.year == year else f"{day:%Y-%m-%d}"


ON_A_WEDNESDAY = """
今天 = 05-06
今日 = 05-06
明天 = 05-07
明儿 = 05-07
后天 = 05-08
大后天 = 05-09
昨天 = 05-05 ?past
前天 = 05-04 ?past
大前天 = 05-03 ?past
三天后 = 05-09
两周后 = 05-20
明后天 = 05-07..05-08
今明两天 = 05-06..05-07
明天后天 = 05-07..05-08
明天、后天 = 05-07..05-08
周三 = 05-06
星期五 = 05-08
礼拜三 = 05-06
礼拜天 = 05-10
周一 = 05-11 ?week_unclear
周5 = 05-08
这周五 = 05-08
本周五 = 05-08
这周一 = 05-04 ?past
下周一 = 05-11
下周三 = 05-13
下个星期四 = 05-14
下周周二 = 05-12
下下周二 = 05-19
上周五 = 05-01 ?past
周四周五 = 05-07..05-08
周四、五 = 05-07..05-08
周四五 = 05-07..05-08
请周四下午和周五一天的假 = 05-07pm..05-08 ?duration_mismatch
周六、日 = 05-09..05-10
下周一、三、五 = 05-11 05-13 05-15 ?two_spans
周五年假 = 05-08
周三到周五年假 = 05-06..05-08
月底最后两天 = 05-30..05-31
周末 = 05-09..05-10
下周末 = 05-16..05-17
5月6日 = 05-06
5月6号 = 05-06
5月06日 = 05-06
五月六日 = 05-06
十二月三十一号 = 12-31
5.6 = 05-06
5/6 = 05-06
05.06 = 05-06
5.16号 = 05-16
2026-05-06 = 05-06
2026/5/6 = 05-06
2026.5.6 = 05-06
2026年5月6日 = 05-06
26年5月6日 = 05-06
二〇二六年五月六日 = 05-06
２０２６年５月６日 = 05-06
今年6月1日 = 06-01
明年1月3日 = 2027-01-03
去年12月30日 = 2025-12-30 ?past
6号 = 05-06
20号 = 05-20
二十号 = 05-20
二十日 = 05-20
三十一号 = 05-31
3号 = 06-03 ?month_unclear
下月3号 = 06-03
下个月15日 = 06-15
本月20日 = 05-20
月底 = 05-31
下月底 = 06-30
6月底 = 06-30
元旦 = 2027-01-01 ?year_unclear
国庆节 = 10-01
五一 = 05-01 ?past
1月3日 = 01-03 ?past
下个工作日 = 05-07
五一假期后第一个工作日 = 05-06
本月最后一个工作日 = 05-29
每月最后一个工作日 = 05-29
6月第一个工作日 = 06-01
下周第一个工作日 = 05-11
国庆前最后一个工作日 = 09-30
元旦后第一个工作日 = ?calendar_unknown
5月6日到8日 = 05-06..05-08
5月6日至8日 = 05-06..05-08
5月6-8日 = 05-06..05-08
5月6日-8日 = 05-06..05-08
5月6日-8 = 05-06..05-08
5月6日~5月8日 = 05-06..05-08
5月6日——8日 = 05-06..05-08
5月6日～8日 = 05-06..05-08
五月六日至八日 = 05-06..05-08
5月6日起至8日止 = 05-06..05-08
从5月6日开始到8日结束 = 05-06..05-08
5.6-5.8 = 05-06..05-08
5.7 5.8 = 05-07..05-08
5.7、5.8 = 05-07..05-08
5.8 14:00-16:00 = 05-08pm@14:00-16:00
5.6-8 = 05-06..05-08
5/6~5/8 = 05-06..05-08
2026.5.6-5.8 = 05-06..05-08
2026-05-06至2026-05-08 = 05-06..05-08
2026/5/6-2026/5/8 = 05-06..05-08
2026年5月6日至8日 = 05-06..05-08
6-8号 = 05-06..05-08
6号到8号 = 05-06..05-08
6、7、8号 = 05-06..05-08
5月6日、7日 = 05-06..05-07
5月6日和7日 = 05-06..05-07
20号到月底 = 05-20..05-31
今天到8号 = 05-06..05-08
今天到周五 = 05-06..05-08
明天到后天 = 05-07..05-08
下周一到周三 = 05-11..05-13
下周一至三 = 05-11..05-13
周一到五 = 05-11..05-15 ?week_unclear
周一到三楼开会 = 05-11 ?week_unclear
下周四到下下周一 = 05-14..05-18
周五到下周一 = 05-08..05-11
周五到周一 = 05-08..05-11
5月28日到6月3日 = 05-28..06-03
5月28日到3号 = 05-28..06-03 ?month_unclear
12月30日到1月3日 = 12-30..2027-01-03
明年1月3日到5日 = 2027-01-03..2027-01-05
5月6日到次日 = 05-06..05-07
5月6日下午到7日上午 = 05-06pm..05-07am
6号下午-7号 = 05-06pm..05-07
5月6日到8日上午 = 05-06..05-08am
明天下午到后天中午 = 05-07pm..05-08am
明天中午到后天 = 05-07pm..05-08
明天上午到下午 = 05-07
今早到明天 = 05-06..05-07
明天上午 = 05-07am
明早 = 05-07am
明天中午前 = 05-07am
明天下半天 = 05-07pm
5月6日，下午 = 05-06pm
周五一上午 = 05-08am
5月6日全天 = 05-06
5月6日一天 = 05-06
明天整天 = 05-07
下周一整天 = 05-11
5月6号上午半天 = 05-06am
5月6号半天 = 05-06+0.5
下午 = 05-06pm ?day_unclear
两天 = +2
3天半 = +3.5
半天 = +0.5
2.5天 = +2.5
５天 = +5
5月8日请两天 = 05-08+2
5月8日请2.5天 = 05-08+2.5
从5月6日起请三天 = 05-06+3
请三天假，5月8日起 = 05-08+3
5月8日起三个工作日 = 05-08+3w
5月8日起 = 05-08 ?last_unclear
明天下午开始 = 05-07pm ?last_unclear
5月8日起一天 = 05-08
明天吧 下午 = 05-07pm
6号下午起请一天半 = 05-06pm+1.5
5月8日请两个半天 = 05-08
5月6日到8日共三天 = 05-06..05-08
5月8日到11日3天 = 05-08..05-11
5月6日到8日共两天 = 05-06..05-08 ?duration_mismatch
5月8日到11日，今年已休5天，共4天 = 05-08..05-11
昨天忘了打卡，补请半天，上午 = 05-05am ?past
12月31日跨年到1月2日 = 12-31 ?start_unclear
请2天假，5月7号8号 = 05-07..05-08
明天请0天 = 05-07 ?duration_unclear
明天请0.01小时 = 05-07 ?duration_unclear
5月8日请1.25天 = 05-08 ?duration_unclear
5月8日下午请0.3天 = 05-08pm ?duration_mismatch
5月8日下午4点请假10小时 = 05-08pm@16:00- ?end_unclear ?duration_mismatch
2027年1月4日到6日共3天 = 2027-01-04..2027-01-06
5月8日请一周 = 05-08 ?duration_unclear
5月8日 孩子住院三天要陪 = 05-08 ?duration_unclear
周五下午两点到四点 = 05-08pm@14:00-16:00
明天上午9点到11点半 = 05-07am@09:00-11:30
明天上午9点到下午4点 = 05-07@09:00-16:00
明天上午10点到12点 = 05-07am@10:00-12:00
明天9:00-11:30 = 05-07am@09:00-11:30
2026-05-08 14:00至16:30 = 05-08pm@14:00-16:30
周五两点到四点 = 05-08pm@14:00-16:00 ?time_unclear
周五晚上7点到9点 = 05-08pm@19:00-21:00
周五凌晨5点到6点 = 05-08am@05:00-06:00
周五凌晨12点到2点 = 05-08am@00:00-02:00
周五晚上10点到凌晨2点 = 05-08pm..05-09am@22:00-02:00
周五晚上10点到早上6点 = 05-08pm..05-09am@22:00-06:00
周五22点到次日2点 = 05-08pm..05-09am@22:00-02:00
5月8日晚上8点到5月9日2点 = 05-08pm..05-09am@20:00-02:00
周五晚上12点 = 05-08
周五下午2点到上午9点 = ?end_before_start
今天凌晨 = ?half_unclear
半夜2点到4点 = 05-06am@02:00-04:00 ?day_unclear
5月8日下午3点到5月9日上午10点 = 05-08pm..05-09am@15:00-10:00
5月8日请假，下午两点到四点 = 05-08pm@14:00-16:00
周一早上8点 = 05-11am@08:00- ?week_unclear ?end_unclear
周五下午两点请假2小时 = 05-08pm@14:00-16:00+120min
周五下午请假一个半小时 = 05-08pm+90min
5月8日(周五) = 05-08
5月8日（星期五） = 05-08
周五（5月8日） = 05-08
周五5月8日上午 = 05-08am
5月7日(周四)至5月8日(周五) = 05-07..05-08
5月8日(周四) = 05-08 ?weekday_mismatch
下周五5月8日 = 05-08 ?weekday_mismatch
5月8日到6日 = ?end_before_start
6月8日到5月6日 = ?end_before_start
明天下午到上午 = ?end_before_start
明天下午四点到下午两点 = ?end_before_start
2月30日 = ?impossible_date
13月5日 = ?impossible_date
2026-02-29 = ?impossible_date
2月27日到30日 = ?impossible_date
4月31号 = ?impossible_date
6号、8号 = 05-06 05-08 ?two_spans
5月8日和5月11日 = 05-08 05-11 ?two_spans
明天晚上到后天 = ?half_unclear
5月7日上午、5月7日下午 = 05-07
5月7日下午2点到3点、5月8日 = 05-07pm@14:00-15:00 05-08 ?two_spans
9月30日到国庆 = 09-30..10-01
6月5日到5月30日 = ?end_before_start
5月7日到2月30日 = ?impossible_date
元旦前最后一个工作日 = ?calendar_unknown
廿八号 = 05-28
明天晚上 = ?half_unclear
明天中午 = ?half_unclear
5月8日请假 下午开会 = 05-08 ?half_unclear
到周五 = ?start_unclear
5月8日前 = ?date_vague
月底前 = ?date_vague
下周 = ?date_vague
过几天 = ?date_vague
""".strip().splitlines()  # fmt: skip


@pytest.mark.parametrize("row", ON_A_WEDNESDAY)
def test_is_read_on_wednesday_the_6th_of_may(row):
    phrase, _, expected = row.partition(" = ")
    assert said(read(phrase), year=2026) == expected


ON_OTHER_DAYS = """
2026-12-30 1月3日 = 2027-01-03 ?year_unclear
2026-12-30 明天到1月3日 = 12-31..2027-01-03
2026-12-30 31号到2号 = 12-31..2027-01-02 ?month_unclear
2026-12-30 元旦 = 2027-01-01
2026-12-30 下周一 = 2027-01-04
2026-12-30 3号 = 2027-01-03 ?month_unclear
2026-12-31 明天 = 2027-01-01
2027-01-03 12月30日 = 12-30 ?year_unclear
2028-02-28 明天 = 02-29
2028-02-28 2月29日 = 02-29
2028-02-28 28日到3月1日 = 02-28..03-01
2028-02-29 后天 = 03-02
2028-02-29 明年2月29日 = ?impossible_date
2028-02-29 月底 = 02-29
2027-12-01 2月29日 = 2028-02-29 ?year_unclear
2026-05-10 周日 = 05-10
2026-05-10 周一 = 05-11 ?week_unclear
2026-05-10 下周一 = 05-11
2026-05-10 本周一 = 05-04 ?past
2026-05-10 周六到周日 = 05-16..05-17 ?week_unclear
2026-04-10 31号 = ?impossible_date
2026-01-31 下月30日 = ?impossible_date
""".strip().splitlines()


@pytest.mark.parametrize("row", ON_OTHER_DAYS)
def test_is_read_at_the_edges_of_the_calendar(row):
    asked, _, expected = row.partition(" = ")
    today, _, phrase = asked.partition(" ")
    day = date.fromisoformat(today)
    assert said(read(phrase, today=day), year=day.year) == expected


@pytest.mark.parametrize("text", [
    "电话13812345678", "0756-2123456", "报销5.6元", "花了1234.5", "国办发明电〔2024〕12号",
    "住在6号楼", "乘3号线来", "第5号会议室", "版本5.6.1", "体温36.5度", "涨了5.6%", "一点小事",
    "半小时后", "每周三例会", "张国庆找你", "五一路12号院", "编号2026-05-06", "合同HT2026-05-06",
    "6元", "房号6号", "这三天", "三个月", "共5/6", "192.168.5.6", "比分3:2", "目前天气", "以后天天", "李十一",
    "请教十一个问题", "2026年度计划", "三五个人", "5月份的报表", "晚一点到", "", "。。。", "12",
    "去年", "1/2/3/4",
])  # fmt: skip
def test_a_number_that_is_no_date_gives_no_span(text):
    assert read(text).spans == ()


@pytest.mark.parametrize(("text", "rest"), [
    ("我想5月6日回家", "回家"),
    ("因为孩子生病，明天请假", "孩子生病"),
    ("因5月8日孩子开家长会请假", "孩子开家长会"),
    ("从5月6日起请三天，照顾父母，请批准。", "照顾父母"),
    ("5月6日到北京开会", "到北京开会"),
    ("5月6日到8日 回家", "回家"),
    ("明天请客", "请客"),
    ("明天 准备下周考试", "准备下周考试"),
    ("５月６日　带孩子打疫苗（第２针）", "带孩子打疫苗（第２针"),
    ("5月8日补假 4月26日加班", "补假 4月26日加班"),
    ("没有日期的一句话", "没有日期的一句话"),
])  # fmt: skip
def test_the_rest_is_the_reason(text, rest):
    assert read(text).rest == rest


def test_a_doubt_shows_the_offending_words_as_they_were_typed():
    assert [doubt.text for doubt in read("我２月３０日请假").doubts] == ["２月３０日"]


def test_without_a_calendar_working_days_are_not_guessed():
    reading = phrases.read("下个工作日", today=WEDNESDAY)
    assert said(reading, year=2026) == "?calendar_unknown"


def test_the_offices_own_calendar_serves_and_its_refusal_is_a_doubt():
    reading = phrases.read("下个工作日", today=WEDNESDAY, calendar=workdays.from_data([]))
    assert said(reading, year=2026) == "?calendar_unknown"


def test_a_day_mentioned_as_worked_is_not_asked_for():
    reading = read("5月8日补休，5月2日加班")
    assert said(reading, year=2026) == "05-08"
    assert "5月2日加班" in reading.rest


# --- open spans -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("phrase", "working", "calendar_days"), [
    ("5月8日起请三天", "05-08..05-11", "05-08..05-10"),
    ("5月8日下午起请一天半", "05-08pm..05-09", "05-08pm..05-09"),
    ("5月8日起请2.5天", "05-08..05-11am", "05-08..05-10am"),
    ("5月8日", "05-08", "05-08"),
])  # fmt: skip
def test_the_kind_of_leave_closes_an_open_span(phrase, working, calendar_days):
    span = read(phrase).spans[0]
    assert _span(phrases.stretched(span, counts=Calendar().is_working), 2026) == working
    assert _span(phrases.stretched(span, counts=lambda _: True), 2026) == calendar_days


def test_an_open_span_that_never_ends_is_refused():
    span = read("5月8日起请三天").spans[0]
    with pytest.raises(ValueError, match="three years"):
        phrases.stretched(span, counts=lambda _: False)


def test_quarters_of_days_cannot_be_slots():
    span = Span(start=WEDNESDAY, end=WEDNESDAY, duration_days=Decimal("1.25"))
    with pytest.raises(ValueError, match="half-days"):
        phrases.stretched(span, counts=lambda _: True)


# --- any range, written in any form, is read back ---------------------------------------------------------------------

_SIGNS = "〇一二三四五六七八九"


def _chinese(n: int) -> str:
    tens, ones = divmod(n, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _SIGNS[tens] + "十") + ("" if n % 10 == 0 else _SIGNS[ones])


def _wide(text: str) -> str:
    return text.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})


WITH_YEAR = [
    lambda d: f"{d.year}年{d.month}月{d.day}日",
    lambda d: f"{d.year}年{d.month}月{d.day}号",
    lambda d: f"{d.year}年{d.month:02}月{d.day:02}日",
    lambda d: d.isoformat(),
    lambda d: f"{d.year}/{d.month}/{d.day}",
    lambda d: f"{d.year}.{d.month}.{d.day}",
    lambda d: "".join(_SIGNS[int(n)] for n in str(d.year)) + f"年{_chinese(d.month)}月{_chinese(d.day)}日",
    lambda d: _wide(f"{d.year}年{d.month}月{d.day}日"),
]
WITHOUT_YEAR = [
    lambda d: f"{d.month}月{d.day}日",
    lambda d: f"{d.month}月{d.day}号",
    lambda d: f"{d.month}.{d.day}",
    lambda d: f"{d.month}/{d.day}",
    lambda d: f"{_chinese(d.month)}月{_chinese(d.day)}日",
    lambda d: f"{d.month}月{d.day}日（周{'一二三四五六日'[d.weekday()]}）",
]
UNTIL = ["到", "至", "-", "~", "—", "——", "－", "～", " 到 ", "起至", " - "]
AROUND = ["{}", "请假{}", "{} 回家", "我想{}请假，去医院", "从{}", "时间：{}。"]
DATES = st.dates(date(2000, 1, 1), date(2098, 12, 31))
SHORT = st.integers(0, 150).map(timedelta)


@settings(deadline=None)
@given(DATES, SHORT, *map(st.sampled_from, (WITH_YEAR, WITH_YEAR, UNTIL, AROUND)), DATES)
def test_a_range_with_years_is_read_back_exactly(start, length, form, end_form, until, around, today):
    end = start + length
    reading = phrases.read(around.format(form(start) + until + end_form(end)), today=today)
    assert reading.spans == (Span(start=start, end=end),)


@settings(deadline=None)
@given(
    DATES, st.integers(0, 180), st.integers(0, 120),
    *map(st.sampled_from, (WITHOUT_YEAR, WITHOUT_YEAR, UNTIL, AROUND)),
)  # fmt: skip
def test_a_coming_range_without_years_is_read_back_exactly(today, ahead, length, form, end_form, until, around):
    start = today + timedelta(ahead)
    end = start + timedelta(length)
    reading = phrases.read(around.format(form(start) + until + end_form(end)), today=today)
    assert reading.spans == (Span(start=start, end=end),)


@settings(deadline=None)
@given(DATES, st.integers(0, 30), st.sampled_from(["日", "号"]), st.sampled_from(["到", "至", "-", "～"]), st.data())
def test_the_end_inherits_the_month(start, length, suffix, until, data):
    end = min(start + timedelta(length), start.replace(day=28) if start.day <= 28 else start)
    first = data.draw(st.sampled_from([f"{start.month}月{start.day}", f"{start.month}月{start.day}{suffix}"]))
    reading = phrases.read(f"{first}{until}{end.day}{suffix}", today=start)
    assert reading.spans == (Span(start=start, end=end),)


@settings(deadline=None)
@given(DATES, st.integers(-2, 2), st.integers(0, 6))
def test_a_weekday_of_a_named_week(today, weeks, index):
    word = {-2: "上上", -1: "上", 0: "本", 1: "下", 2: "下下"}[weeks]
    span = phrases.read(f"{word}周{'一二三四五六日'[index]}", today=today).spans[0]
    monday = today - timedelta(today.weekday())
    assert span.start == span.end == monday + timedelta(7 * weeks + index)


@settings(deadline=None)
@given(DATES, st.sampled_from(["上午", "下午"]), st.sampled_from(["上午", "下午"]), st.integers(1, 60))
def test_halves_are_read_back(start, first, last, length):
    end = start + timedelta(length)
    reading = phrases.read(f"{start}{first}到{end}{last}", today=start)
    halves = {"上午": Half.AM, "下午": Half.PM}
    assert reading.spans == (Span(start=start, start_half=halves[first], end=end, end_half=halves[last]),)


@settings(deadline=None)
@given(DATES, st.integers(1, 98))
def test_chinese_and_arabic_numbers_of_days_say_the_same(today, count):
    arabic, chinese = (phrases.read(f"明天起请{n}天", today=today) for n in (count, _chinese(count)))
    assert arabic == chinese


@settings(deadline=None)
@given(DATES, st.integers(1, 60))
def test_an_end_before_its_start_never_becomes_a_span(start, back):
    end = start - timedelta(back)
    reading = phrases.read(f"{start}到{end}", today=start)
    assert reading.spans == ()
    assert [doubt.code for doubt in reading.doubts] == ["end_before_start"]


# --- nothing that is typed can do harm --------------------------------------------------------------------------------

PIECES = [
    *"0123456789０５〇一二三四五六七八九十廿卅两半年月日号周天点时分个到至-~—、，。,;.:/()（） \n〕第共请休假起",
    *"前后内上下中午早晚",
    "今天", "明天", "下周", "周五", "星期", "月底", "五一", "元旦", "工作日", "第一个", "最后一个", "上午",
    "下午", "小时", "5月6日", "2月30日", "2026-05-06", "5.6", "14:00", "两点", "加班", "回家", phrases.TAKEN,
]  # fmt: skip


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)), st.dates())
def test_any_text_is_answered_and_no_span_runs_backwards(text, today):
    reading = phrases.read(text, today=today, calendar=Calendar())
    for span in reading.spans:
        assert (span.start, span.start_half) <= (span.end, span.end_half)
    assert all(doubt.text in text for doubt in reading.doubts)


@pytest.mark.parametrize("today", [date.min, date.max])
@pytest.mark.parametrize("text", [
    "昨天", "明天", "上周一", "下周日", "下月3号", "月底", "1月3日", "周末", "元旦", "三天后", "明天到次日",
])  # fmt: skip
def test_the_ends_of_time_are_no_dates(text, today):
    for span in phrases.read(text, today=today, calendar=Calendar()).spans:
        assert span.start <= span.end


@pytest.mark.parametrize("piece", [
    "1", "一", " ", "下", "5月", "5月6日", "5月6日到", "5.", "5.6-", "6、", "周", "明天、",
    "2月30日三天", "请", "上午", "5月8日请三天", "两点到", "下下周", "五一", "最后一个", "（", "、",
    "—", "\n", "请1", "半", "起", "5月6日 ", "三天 ", "5月8日x三天", "2月30日x三天", "5月8日 上午，",
    "明天a", "三天x",
])  # fmt: skip
def test_ten_thousand_characters_are_read_in_steps_that_grow_with_the_length(piece):
    """Counted rather than timed: the work for the double length stays near the double."""
    short, long = ((piece * 10_000)[:length] for length in (5_000, 10_000))
    assert _steps(long) < 3 * _steps(short) + 2_000


def _steps(text: str) -> int:
    """Lines of Python run while reading: what a loop over a loop would make grow with the square."""
    steps = 0

    def count(frame: object, event: str, _: object) -> object:
        nonlocal steps
        steps += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        phrases.read(text, today=WEDNESDAY, calendar=Calendar())
    finally:
        sys.settrace(before)
    return steps


def test_a_text_past_the_cap_is_not_searched():
    reading = read("明天" + "啊" * phrases.LONGEST)
    assert (reading.spans, [doubt.code for doubt in reading.doubts]) == ((), ["too_long"])
