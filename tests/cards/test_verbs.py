import pytest

from cards import verbs


@pytest.mark.parametrize(
    ("text", "name", "days"),
    [
        ("外出授权 王五 5月6日到8日", "王五", "5月6日到8日"),
        ("授权给王五 明天", "王五", "明天"),
        ("我明天去省里开会，让王五代我审批", "王五", "我明天去省里开会"),
        ("请张三明天替我批", "张三", "明天"),
        ("由王五代批", "王五", ""),
        ("明天我不在，委托欧阳明代为签批文件。", "欧阳明", "明天我不在"),
    ],
)
def test_who_is_to_decide_in_ones_place(text, name, days):
    said = verbs.proxy(text)
    assert said is not None
    assert (said[0], said[1].rstrip("，, ")) == (name, days)


@pytest.mark.parametrize(
    "text",
    [
        "请李四帮我批一下",
        "帮我批一下",
        "王五能代我审批吗",
        "谁代批？",
        "让" + "代" * 100 + "批",
    ],
)
def test_words_that_give_nobody_a_right(text):
    assert verbs.proxy(text) is None
