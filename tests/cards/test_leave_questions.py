import pytest

from cards import leave_owner, vocabulary
from cards.leave import ask_dates, ask_time


@pytest.mark.parametrize(("text", "kind"), [
    ("产假多少天", "产假"), ("婚假几天？", "婚假"), ("丧假能请几天", "丧假"), ("产假一般休几天呢", "产假"),
    ("年假有几天", "年假"),
])  # fmt: skip
def test_somebody_asks_how_long_a_leave_is(text, kind):
    assert vocabulary.asks_how_long(text) == kind


@pytest.mark.parametrize("text", ["想请几天年假", "年假还剩几天", "请假 三天", "放假几天通知一下", "会议几天"])
def test_other_words_ask_for_no_length(text):
    assert not vocabulary.asks_how_long(text)


@pytest.mark.parametrize(("text", "half", "rest"), [
    ("下午", "pm", ""), ("上午吧", "am", ""), ("就下午 去接孩子", "pm", "去接孩子"), ("下午3点", "", ""),
    ("都行", "", ""),
])  # fmt: skip
def test_a_half_is_answered_in_words(text, half, rest):
    assert vocabulary.half(text) == (half, rest)


def test_only_what_is_missing_is_asked():
    assert ask_dates(["month_unclear", "month_unclear"]).count("没有写月份") == 1
    assert "从哪天到哪天" in ask_dates()
    assert ask_dates(length="三天").startswith("三天，从哪天开始？")
    assert ask_dates(["last_unclear"], since="5月6日（周三）").startswith("没有写到哪天。从5月6日（周三）起，到哪天？")
    assert "14:00起，到几点？" in ask_time("5月6日（周三）", begin="14:00")


@pytest.mark.parametrize(
    "text",
    [
        "我的调休", "张三的年假", "张三还有几天年假", "调休还剩几天", "余额", "欧阳小明的假期", "我还能休几天",
        "年假还能请几天", "我今年年假还能休多少天",
    ],
)  # fmt: skip
def test_what_is_left_is_asked_for(text):
    assert vocabulary.asks_balance(text)


@pytest.mark.parametrize(
    "text",
    ["明天的年假", "下周三的年假", "上午的事假", "5月6日的年假", "调休 明天下午", "调休", "取消张三的年假"],
)
def test_a_day_makes_it_a_request(text):
    assert not vocabulary.asks_balance(text)


@pytest.mark.parametrize(
    ("text", "who", "kind"),
    [
        ("张三的婚假", "张三", "婚假"),
        ("我的病假", "我", "病假"),
        ("欧阳小明的产假呢？", "欧阳小明", "产假"),
        ("国家的婚假", "", ""),
        ("下周的年假", "", ""),
        ("五月的年假", "", ""),
        ("取消张三的年假", "", ""),
        ("张三的婚假 5月6日", "", ""),
    ],
)
def test_whose_leave_is_meant(text, who, kind):
    assert leave_owner.asked(text) == (who, kind)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("马六还有几天年假", "马六"),
        ("马六的年假还有几天", "马六"),
        ("局长的年假", "局长"),
        ("还有几天年假", ""),
        ("我还有几天年假", ""),
        ("今年还剩几天年假", ""),
        ("年假还有几天", ""),
        ("本月还有几天调休", ""),
        ("单位的年假", ""),
    ],
)
def test_who_is_asked_about(text, who):
    assert leave_owner.named(text) == who


@pytest.mark.parametrize(
    "text", ["待办", "有什么要我批的吗", "现在有几件要审批的？", "有没有等我审批的事项", "看一下待办"]
)
def test_a_leader_asks_what_waits(text):
    assert vocabulary.asks_waiting(text)


@pytest.mark.parametrize("text", ["有什么办法", "我要办的事", "有办理护照的吗", "批了吗"])
def test_these_words_ask_for_no_list(text):
    assert not vocabulary.asks_waiting(text)


@pytest.mark.parametrize(
    ("text", "ill"),
    [("明天我要去医院看病", True), ("发烧了", True), ("我妈去医院了", False), ("陪孩子看病", False), ("开会", False)],
)
def test_who_is_ill(text, ill):
    assert vocabulary.ill(text) is ill


@pytest.mark.parametrize(
    ("text", "asks"), [("找管理员", True), ("转人工", True), ("有问题找谁？", True), ("人事", False)]
)
def test_who_looks_for_people(text, asks):
    assert vocabulary.asks_for_people(text) is asks
