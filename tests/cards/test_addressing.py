"""How colleagues are called: which addresses a post gives, and which words are worth asking for."""

from __future__ import annotations

import pytest

from cards import addressing

POSTS = {
    ("李四", "办公室主任"): {"李主任", "李四主任"},
    ("王五", "副科长"): {"王科", "王科长", "王副科长", "王五科", "王五科长", "王五副科长"},
    ("欧阳明", "书记、局长"): {"欧阳书记", "欧阳局长", "欧阳局", "欧阳明书记", "欧阳明局长", "欧阳明局"},
    ("周建国", "驾驶员"): {"周师傅", "周建国师傅"},
    ("赵敏", "一级主任科员"): set(),
    ("钱进", ""): set(),
}


@pytest.mark.parametrize(("name", "post"), POSTS)
def test_a_post_gives_its_addresses(name, post):
    assert addressing.addresses(name, post) == POSTS[name, post]


@pytest.mark.parametrize("address", sorted(set().union(*POSTS.values(), {"局长", "办公室主任"})))
def test_every_address_is_worth_asking_for(address):
    assert addressing.may_be(address)


@pytest.mark.parametrize("word", ["张三", "明天", "年假", "材料", "李主任你好", "", "5月6日"])
def test_other_words_are_not(word):
    assert not addressing.may_be(word)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("领导今天在吗", "李四今天在吗"), ("我们领导今天在不在", "李四今天在不在"),
        ("明天领导有空吗", "明天李四有空吗"), ("领导的日程", "李四的日程"), ("领导批了吗", "领导批了吗"),
        ("领导班子会议", "领导班子会议"), ("张三在吗", "张三在吗"),
        ("领导去哪了", "李四去哪了"), ("领导几号回来", "李四几号回来"),
    ],
)  # fmt: skip
def test_the_leader_of_whoever_asks_needs_no_name(text, meant):
    assert addressing.leader_named(text, "李四") == meant
    assert addressing.asks_leader(text) is (text != meant)
