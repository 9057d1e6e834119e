"""The words about accounts: what is understood, and what is left to others."""

from __future__ import annotations

import pytest

from cards import accounts, leaving
from cards.accounts import Place


@pytest.mark.parametrize("said", ["绑定 482913", "绑定482913", "绑定码 482 913", "绑定账号 482913。"])
def test_digits_behind_the_word(said):
    assert accounts.code_in(said, bare=False) == "482913"


@pytest.mark.parametrize("said", ["482913", "482 913"])
def test_bare_digits_are_a_code_only_where_nothing_else_could_be_meant(said):
    assert accounts.code_in(said, bare=True) == "482913"
    assert accounts.code_in(said, bare=False) == ""


@pytest.mark.parametrize("said", ["绑定 12345", "绑定 1234567", "同意 482913", "482913元", "绑定 ４８２９１３"[:5]])
def test_other_digits_are_none(said):
    assert accounts.code_in(said, bare=False) == ""


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("以后发到企业微信", "企业微信"),
        ("发到钉钉", "钉钉"),
        ("首选账号 云之家", "云之家"),
        ("以后发到dd-main", "dd-main"),
    ],
)
def test_where_messages_shall_go(said, place):
    assert accounts.prefers(said) == place


@pytest.mark.parametrize(
    ("said", "target"), [("绑定 云之家", "云之家"), ("绑定账号 钉钉", "钉钉"), ("绑定 dd-main", "dd-main")]
)
def test_what_shall_be_linked(said, target):
    assert accounts.link_to(said) == target


def test_no_id_is_shown_whole_and_the_preferred_one_is_marked():
    places = [Place("wecom-main", "wecom", "zhangsan", True), Place("dd-main", "dingtalk", "0123456", False)]
    card = accounts.mine("张三", places, ["yunzhijia"], office="示例局")
    assert [field.name for field in card.fields] == ["企业微信", "钉钉"]
    assert "首选" in card.fields[0].value
    assert "0123456" not in card.fields[1].value
    assert "以后发到钉钉" in card.note
    assert "绑定 云之家" in card.note


@pytest.mark.parametrize(
    ("said", "both"),
    [
        ("交接 李四 王五", ("李四", "王五")),
        ("交接 李四 给 王五", ("李四", "王五")),
        ("交接 李四给王五。", ("李四", "王五")),
        ("工作交接 李四的工作交给王五", ("李四", "王五")),
        ("交接", None),
        ("交接人王五", None),
    ],
)
def test_who_hands_over_to_whom(said, both):
    assert leaving.handover_of(said) == both


def test_a_long_list_of_leavers_is_cut_and_says_how_to_go_on():
    names = [f"人{n}" for n in range(40)]
    card = leaving.doubted("dd-main", "dingtalk", names, lost=40, of=100, empty=False, office="局")
    assert card.fields[2].value.endswith("等40人")
    assert "officebot people sync dd-main --confirm" in card.note
    assert "--confirm" not in leaving.doubted("d", "x", [], lost=9, of=9, empty=True, office="局").note
