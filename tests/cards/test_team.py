"""The card of who is away: short enough for both platforms, whatever the office has done."""

from __future__ import annotations

from datetime import date

import pytest

from cards import team
from connectors.dingtalk import outbound as dingtalk
from connectors.wecom import outbound as wecom

TODAY = date(2026, 5, 6)


def away(first=6, last=8, first_half="am", last_half="pm", **more):
    values = {"name": "张三", "first": date(2026, 5, first), "last": date(2026, 5, last), "first_half": first_half,
              "last_half": last_half, **more}  # fmt: skip
    return team.AwayView(**values)


def view(*rows, first=TODAY, last=TODAY, **more):
    return team.TeamView(where="办公室", first=first, last=last, today=TODAY, people=len(rows), rows=rows, **more)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (away(), "不在 5月6日至8日"),
        (away(last=6), "不在 5月6日"),
        (away(last=6, last_half="am"), "不在 5月6日上午"),
        (away(first_half="pm", last_half="am", kind="年假"), "年假 5月6日下午至8日上午"),
        (away(kind="病假", waits=True), "病假（待批） 5月6日至8日"),
    ],
)
def test_a_line_of_the_card(one, said):
    assert team.said(one, base=TODAY) == said
    assert len(said) <= 26


@pytest.mark.parametrize("url", ["", "https://bot.example.gov.cn/office/team?month=2026-05"])
def test_many_people_are_a_card_that_both_platforms_take(url):
    card = team.card(view(*[away(name=f"欧阳某某{n}") for n in range(40)], url=url))
    assert len(card.fields) == 6
    assert card.fields[-1].value.startswith("35条")
    assert card.big == ("40人", "今天不在")
    wecom.for_person(card, ref="m-1")
    dingtalk.variables(card)


def test_nobody_is_said_in_words_and_holidays_are_named():
    week = view(first=date(2026, 4, 27), last=date(2026, 5, 3), off=[(date(2026, 5, 1), date(2026, 5, 3))])
    card = team.card(week)
    assert card.title == "办公室：4月27日至5月3日没有人不在"
    assert card.note == "5月1日至3日放假"
    month = view(first=date(2026, 5, 1), last=date(2026, 5, 31), makeup=[date(2026, 5, 9)])
    assert team.card(month).title == "办公室：5月没有人不在"
    assert team.card(month).note == "5月9日（周六）调休上班"
