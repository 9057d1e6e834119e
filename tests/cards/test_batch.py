"""The batch's card: whole on every platform, nothing agreed to that is not on it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cards import batch, text
from cards.batch import Line
from connectors.dingtalk import outbound as dingtalk
from connectors.wecom import template_cards as wecom

UNTIL = datetime(2026, 5, 6, 2, 0, 30, tzinfo=UTC)
PAYLOAD = "a1.batch-approve.b0123456789.0.0123456789abcdef01234567"
LONG = "欧阳长风的差旅和会议费用联合报销申请单（第二季度）"


def lines(count, **more):
    return [
        Line(number=123450 + i, title=LONG, detail="很长的说明" * 20, notes=("first", "overlap", "files"), **more)
        for i in range(count)
    ]


@pytest.mark.parametrize("count", [1, batch.MOST])
def test_the_fullest_card_fits_every_platform(count):
    apart = lines(30, flags=("long", "over_balance", "funds", "repeated"))
    for card in (
        batch.card([*apart, *lines(count)], payload=PAYLOAD, more=40),
        batch.agreed(lines(count), skipped=range(9), until=UNTIL, payload=PAYLOAD),
        batch.closed(count, undone=[1, 2]),
    ):
        wecom.render(card, task_id="c-1") if card.buttons else wecom.replacement(card, task_id="c-1")
        dingtalk.variables(card)


def test_each_going_item_is_a_box_of_its_own_and_ticked():
    card = batch.card([*lines(3), *lines(1, flags=("long",))], payload=PAYLOAD)
    (boxes,) = card.choices
    assert [one.id for one in boxes.options] == list(boxes.selected) == ["123450", "123451", "123452"]
    assert card.title == "3件可以一起同意"
    assert "时间较长" in card.fields[0].value, "what is left out comes first"


def test_without_cards_the_words_to_answer_stand_below():
    said = text.plain(batch.card(lines(2), payload=PAYLOAD))
    assert "确认全部同意" in said
    assert said.count("首次") == 2


@pytest.mark.parametrize("wrong", ["全部同意吧", "我全部同意了"])
def test_only_the_words_themselves_begin_a_batch(wrong):
    assert batch.asked(wrong) is None


def test_numbers_are_left_out_in_any_writing():
    assert batch.asked("全部同意 除 3 5") == batch.asked("全部同意，除了3号、5号外") == {3, 5}


def test_nothing_to_agree_to_has_no_button():
    card = batch.card(lines(2, flags=("funds",)), payload=PAYLOAD)
    assert not card.buttons
    assert card.state == "请逐件审批"
    assert batch.card([], payload=PAYLOAD).state == "没有待办"
