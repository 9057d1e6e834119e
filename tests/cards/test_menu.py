"""What can be done here: lists that fit, and guesses that are right or silent."""

from __future__ import annotations

import pytest

from cards import menu

NAMES = {
    "用印申请": ("用印申请", "用印", "盖章"),
    "报修": ("报修", "维修"),
    "用车申请": ("用车申请", "用车", "派车"),
}


@pytest.mark.parametrize(
    ("sentence", "titles"),
    [
        ("我想给合同盖章", ["用印申请"]),
        ("用章", []),
        ("用印申", ["用印申请"]),
        ("空调坏了要维修", ["报修"]),
        ("派车去开会，合同还要盖章", ["用印申请", "用车申请"]),
        ("今天天气不错", []),
        ("", []),
    ],
)
def test_a_sentence_that_names_a_form_in_other_words_leads_to_it(sentence: str, titles: list[str]):
    assert sorted(menu.likely(sentence, NAMES)) == sorted(titles)


def test_the_longest_name_inside_a_sentence_is_the_surest():
    names = {"会议": ("会议", "开会"), "会议室借用": ("会议室借用", "会议室")}
    assert menu.likely("想订一个会议室", names) == ["会议室借用", "会议"]


def test_what_was_decided_is_asked_for():
    assert all(menu.asks_decided(word) for word in ("已办", "我批了哪些", "最近批了哪些"))


@pytest.mark.parametrize(
    ("word", "subject"),
    [("办事", ""), ("有哪些表单?", ""), ("办事 人事", "人事"), ("办事处", None), ("表单 人事", "人事"), ("待办", None)],
)
def test_the_list_is_asked_for_as_a_whole_or_by_subject(word: str, subject: str | None):
    assert menu.asks(word) == subject


def test_a_hundred_forms_fit_one_message_or_say_where_the_rest_is():
    subjects = {f"类别{number}": [f"第{number}类的第{one}种申请" for one in range(12)] for number in range(20)}
    shown = menu.forms(subjects).content
    assert len(shown.encode()) <= 2048
    assert "没有列出" in shown
    assert "办事 类别" in shown
    one = menu.forms(subjects, only="类别19").content
    assert "第19类的第11种申请" in one
    assert "类别18" not in one


def test_an_unknown_subject_shows_everything():
    assert menu.forms({"人事": ["请休假"]}, only="天文") == menu.forms({"人事": ["请休假"]})


def test_what_is_offered_is_what_can_be_replied():
    assert "“用印申请”吗？回复“是”就开始" in menu.offer("想盖个章啊", ["用印申请"])
    assert "例如“用印申请”" in menu.offer("想盖个章啊", ["用印申请", "合同审签"])


def test_the_way_to_the_records_is_a_word_or_a_number():
    said = ("查留痕", "核对12号", "核对 7", "核对", "核对对账单")
    assert [menu.asks_records(word) for word in said] == ["", "12", "7", None, None]
    assert menu.records("https://x/office/items/i1/proof", number="12").title == "核对12号的记录"


def test_a_form_that_the_office_has_not_put_to_use_is_named():
    names = {"费用报销": ("费用报销", "报销"), "办公用品领用": ("办公用品领用", "A4纸")}
    assert menu.named("我要报销", names) == "费用报销"
    assert menu.named("领两包a4纸", names) == "办公用品领用"
    assert menu.named("今天天气", names) == ""
    assert "“费用报销”在本单位还没有开通" in menu.not_here("费用报销")
