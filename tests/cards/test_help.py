"""Help that fits a card on every platform, and pages of words that are true to the vocabulary."""

from __future__ import annotations

import pytest

from cards import help as help_cards
from cards import loose, verbs, vocabulary


def test_the_card_keeps_to_what_the_narrowest_platform_shows():
    card = help_cards.card(name="欧阳建国", office="示例区机关事务中心")
    assert len(card.fields) <= 6
    assert all(len(field.name) <= 5 and len(field.value) <= 26 for field in card.fields)


@pytest.mark.parametrize("subject", help_cards.subjects())
def test_every_subject_has_a_page_that_fits(subject: str):
    page = help_cards.topic(f"帮助 {subject}")
    assert page is not None
    assert len(page.content.encode()) <= 2048


def test_other_words_are_not_a_subject():
    assert help_cards.topic("帮助") is None
    assert help_cards.topic("帮助 天文") is None
    assert help_cards.topic("办事 审批") is None


def test_the_words_of_the_approval_page_are_words_that_are_understood():
    page = help_cards.topic("帮助 审批")
    assert page is not None
    said = [line for line in page.content.split("\n")[1:] if not line.startswith(">")]
    plain = vocabulary.WAITING | {"全部同意", "已办"}
    known = [
        line
        for line in said
        if vocabulary.DECIDE.fullmatch(line) or verbs.numbered(line) or loose.said(line) or line in plain
    ]
    assert known == said
