"""What people say about an approval without naming its number first."""

from __future__ import annotations

import pytest

from cards import batch, loose, verbs, vocabulary
from cards.loose import Said


def said(verb, *numbers, rest="", latest=False):
    return Said(verb=verb, numbers=numbers, rest=rest, latest=latest)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("同意", said("approve")),
        ("同意。", said("approve")),
        ("我同意", said("approve")),
        ("批准", said("approve")),
        ("同意 请尽快办理", said("approve", rest="请尽快办理")),
        ("同意，注意安全", said("approve", rest="注意安全")),
        ("同意1、2、3", said("approve", 1, 2, 3)),
        ("同意 1号 2号", said("approve", 1, 2)),
        ("同意1号2号", said("approve", 1, 2)),
        ("同意 3,5", said("approve", 3, 5)),
        ("批准 3", said("approve", 3)),
        ("3号同意", said("approve", 3)),
        ("驳回", said("reject")),
        ("不同意 材料不全", said("reject", rest="材料不全")),
        ("3号驳回 材料不全", said("reject", 3, rest="材料不全")),
        ("退回给申请人 材料不全", said("return", rest="材料不全")),
        ("退回，缺发票", said("return", rest="缺发票")),
        ("打回 3 缺发票", said("return", 3, rest="缺发票")),
        ("3号退回 缺发票", said("return", 3, rest="缺发票")),
        ("转给王五", said("transfer", rest="王五")),
        ("转给王五办", said("transfer", rest="王五")),
        ("转给王五 3号", said("transfer", 3, rest="王五")),
        ("3号给王五办", said("transfer", 3, rest="王五")),
        ("把3号转给王五", said("transfer", 3, rest="王五")),
        ("请王科长批一下3号", said("transfer", 3, rest="王科长")),
        ("让王五处理3号", said("transfer", 3, rest="王五")),
        ("3号请王科长批", said("transfer", 3, rest="王科长")), ("3号让王五办吧", said("transfer", 3, rest="王五")),
        ("催一下", said("urge")),
        ("催一下领导", said("urge")),
        ("催办", said("urge")),
        ("催一下3号", said("urge", 3)),
        ("催3号", said("urge", 3)),
        ("撤回", said("withdraw")),
        ("撤回吧", said("withdraw")),
        ("撤回上一个", said("withdraw", latest=True)),
        ("撤回刚才的", said("withdraw", latest=True)),
        ("3号撤回", said("withdraw", 3)),
    ],
)
def test_words_are_read_as_they_are_meant(text, meant):
    assert loose.said(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "同意 3", "同意3号 请尽快", "驳回 3 材料不全", "退回 3", "转办 3 王五", "催办 3", "撤回 3", "给王五3",
        "同意书怎么写", "撤回通知怎么办", "转给", "催回执 3", "年假 5月6日到8日", "批了吗", "给我看看余额",
        "催一下 王五 3", "撤销", "3", "3号会议室明天下午", "不同意见汇总",
    ],
)  # fmt: skip
def test_what_others_read_or_what_is_something_else_is_left(text):
    assert loose.said(text) is None


@pytest.mark.parametrize("text", ["同意 3", "驳回 3 材料不全", "转办 3 王五", "退回 3", "催办 3", "撤回 3"])
def test_and_somebody_does_read_it(text):
    assert vocabulary.DECIDE.fullmatch(text) or vocabulary.WITHDRAW.fullmatch(text) or verbs.numbered(text)


@pytest.mark.parametrize("text", ["都同意", "全都同意", "同意全部", "全部同意", "全部通过"])
def test_all_of_them(text):
    assert batch.asked(text) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "领导批了吗", "局长批了没有？", "批了吗", "我的假批下来了吗", "审批好了吗", "到谁那了", "我的申请到哪一步了",
        "我的年假条到哪了", "请假条到谁那了", "谁还没批我的", "谁还没批我的申请",
        "到哪了",
    ],
)  # fmt: skip
def test_how_far_it_is(text):
    assert vocabulary.asks_progress(text)


@pytest.mark.parametrize("text", ["批", "审批", "在", "待我审批", "领导", "在哪里订会议室", "到哪里报销"])
def test_other_questions_are_no_question_for_progress(text):
    assert not vocabulary.asks_progress(text)


def test_yes_is_yes_and_the_word_again_is_yes_for_that_word_only():
    assert all(loose.is_yes(text, "approve") for text in ("是", "好的。", "确认", "同意"))
    assert not loose.is_yes("同意", "reject")
    assert not loose.is_yes("不", "approve")


def test_numbers_of_an_answer():
    assert loose.number("3号") == (3,)
    assert loose.number("1、2") == (1, 2)
    assert loose.number("5月6日") == ()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("同意张三的", ("approve", "张三的", "")),
        ("批准张三的年假，注意安全", ("approve", "张三的年假", "注意安全")),
        ("张三的可以", ("approve", "张三的", "")),
        ("张三的年假我同意", ("approve", "张三的年假", "")),
        ("王五的不同意，人手不够", ("reject", "王五的", "人手不够")),
        ("驳回王五的 材料不全", ("reject", "王五的", "材料不全")),
        ("退回张三的用印，缺附件", ("return", "张三的用印", "缺附件")),
        ("年假 5月6日 回家", None),
        ("可以", None),
    ],
)
def test_an_item_by_whose_it_is(text, meant):
    found = loose.by_name(text)
    assert (found and (found.verb, found.whose, found.rest)) == meant
