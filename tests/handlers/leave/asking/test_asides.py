"""Who takes over and who agreed by word of mouth, out of a sentence."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.leave.asking import asides

TODAY = date(2026, 5, 11)


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("年假 5月6日到8日 回家 工作交接给李四", "李四", "年假 5月6日到8日 回家"),
        ("年假 5月6日 交接人：004", "004", "年假 5月6日"),
        ("年假 5月6日 工作由王五代办", "王五", "年假 5月6日"),
        ("年假 5月6日 回家", "", "年假 5月6日 回家"),
    ],
)
def test_who_takes_over(text, name, rest):
    found, left = asides.split(text, today=TODAY)
    assert (found.handover, left.strip()) == (name, rest)


@pytest.mark.parametrize(
    ("text", "name", "on", "how"),
    [
        ("病假 5月6日 发烧 李四5月6日电话同意", "李四", date(2026, 5, 6), "电话"),
        ("病假 昨天 发烧，李四昨天电话同意了", "李四", date(2026, 5, 10), "电话"),
        ("事假 昨天 有事，已电话请示李四同意", "李四", None, "电话"),
        ("事假 昨天 送孩子 经李四口头同意", "李四", None, "口头"),
    ],
)
def test_who_agreed_when_and_how(text, name, on, how):
    found, left = asides.split(text, today=TODAY)
    assert (found.consent, found.consent_on, found.consent_how) == (name, on, how)
    assert "同意" not in left
    assert "李四" not in left


def test_an_agreement_of_nobody_stays_a_part_of_the_reason():
    found, left = asides.split("事假 昨天 有事 已口头同意", today=TODAY)
    assert not found.consent
    assert "口头同意" in left


@pytest.mark.parametrize("text", ["年假 5月6日，工作交给陈静", "工作先交给陈静 年假 5月6日", "年假5月6日 工作交由陈静"])
def test_work_that_is_given_to_somebody(text):
    found, rest = asides.split(text, today=date(2026, 4, 27))
    assert found.handover == "陈静"
    assert "陈静" not in rest
