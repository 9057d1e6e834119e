"""Taps from the wrong hand, too late, or twice: one decision, words to the person, a record in the journal."""

from __future__ import annotations

import asyncio
import json
import re
import secrets

import pytest
from town import DOORS, staff

from cards import actions
from cards import approval as approval_cards

HOLIDAYS = ["6月1日", "6月2日", "6月3日", "6月4日", "6月5日"]
platforms = pytest.mark.parametrize("his", ["wecom", "dingtalk"])
UPDATES = {"wecom": "update_template_card", "dingtalk": "/v1.0/card/instances"}


async def decisions(town):
    """(who, what) of everything done to an item after it was submitted."""
    rows = await town.rows(
        "SELECT p.name, d.act FROM decision d JOIN person p ON p.id = d.person WHERE d.act <> 'submit' ORDER BY d.id"
    )
    return [(row["name"], row["act"]) for row in rows]


async def refusals(town):
    """(who, act, why, is the item named) of the refusals in the journal."""
    names = {row["id"]: row["name"] for row in await town.rows("SELECT id, name FROM person")}
    items = {row["id"] for row in await town.rows("SELECT id FROM item")}
    facts = await town.journal("approval.act_refused")
    return [(names.get(fact["person"], ""), fact["act"], fact["why"], fact["item"] in items) for fact in facts]


def updates_fail(town, platform):
    """Cards on phones stay as they are until `works_again`: what a phone without a network looks like."""
    from connectors.sandbox.faults import Fault

    town.fake(platform).faults.add(Fault("down", "api", UPDATES[platform], times=-1))


async def works_again(town, platform):
    town.fake(platform).faults.clear()
    await town.forward(minutes=11)  # the longest pause between two tries


async def a_tap(town, platform, user, copy_of, payload):
    """A callback as a client can be made to send it: any payload, from any member."""
    (copy,) = await town.rows(
        "SELECT c.ref FROM copy c JOIN person p ON p.id = c.person WHERE p.name = ? AND c.kind = 'decide'", copy_of
    )
    if platform == "wecom":
        fields = {"FromUserName": user, "EventKey": payload, "TaskId": copy["ref"], "CardType": "button_interaction"}
        await town.fake("wecom").emit("template_card_event", {**fields, "ResponseCode": secrets.token_hex(16)})
        return
    content = {"cardPrivateData": {"actionIds": ["act"], "params": {"payload": payload}}}
    fake = town.fake("dingtalk")
    callback = {
        "type": "actionCallback", "outTrackId": copy["ref"], "corpId": fake.world.app.corp_id, "userId": user,
        "userIdType": 1, "content": json.dumps(content),
    }  # fmt: skip
    await fake.gateway.push("CALLBACK", "/v1.0/card/instances/callback", callback)


async def packed(town, verb, item, *, name):
    """A button's payload with a true seal, made for this person."""
    (person,) = await town.rows("SELECT id FROM person WHERE name = ?", name)
    (row,) = await town.rows("SELECT version FROM item WHERE id = ?", item)
    key = town.service.office.card_key
    return actions.pack(actions.Action(verb, item, row["version"]), to=person["id"], key=key)


async def item_of(town):
    (row,) = await town.rows("SELECT id FROM item WHERE state <> 'discarded'")
    return row["id"]


async def test_a_forwarded_card_does_nothing_in_another_hand(open_town):
    town = await open_town(people=staff(li="dingtalk", chen="dingtalk"))
    asked = await town.asked("wecom", "dingtalk")
    await town.tap("dingtalk", "chenjing", asked, "同意")
    await town.text("dingtalk", "chenjing", "这张卡片不是发给您的，未做任何改动，并已记录。")
    await town.settled()
    assert await decisions(town) == []
    assert await refusals(town) == [("陈静", "approve", "bad_action", True)]
    assert not town.cards("dingtalk", "lisi", "已同意")

    await town.tap("dingtalk", "lisi", asked, "同意")
    await town.card("wecom", "zhangsan", "年假3天：已同意")
    assert await decisions(town) == [("李四", "approve")]


@platforms
async def test_a_payload_copied_to_another_client_does_nothing(open_town, his):
    town = await open_town(people=staff(li=his, chen=his))
    asked = await town.asked("wecom", his)
    stolen = await packed(town, "approve", await item_of(town), name="李四")
    await a_tap(town, his, "chenjing", "李四", stolen)
    await town.text(his, "chenjing", "这张卡片不是发给您的")
    await a_tap(town, his, "chenjing", "李四", stolen[:-1] + "x")
    await town.settled()
    assert await decisions(town) == []
    assert await refusals(town) == [("陈静", "approve", "bad_action", True)] * 2
    await town.tap(his, "lisi", asked, "同意")
    await town.card("wecom", "zhangsan", "年假3天：已同意")


@platforms
async def test_even_with_a_true_seal_nobody_decides_out_of_turn(open_town, his):
    """The seal is no authority, the engine is: whoever got at the signing key still decides nothing."""
    town = await open_town(people=staff(li=his, chen=his))
    await town.asked("wecom", his)
    await a_tap(town, his, "chenjing", "李四", await packed(town, "approve", await item_of(town), name="陈静"))
    await town.text(his, "chenjing", "这一步不由您办理，未做任何改动。")
    await town.settled()
    assert await decisions(town) == []
    assert await refusals(town) == [("陈静", "approve", "not_your_turn", True)]
    assert await town.moves() == ["grant", "hold"]


@pytest.mark.parametrize("hers", ["wecom", "dingtalk"])
async def test_nobody_approves_the_own_request(open_town, hers):
    town = await open_town(people=staff(zhang=hers, li=hers))
    await town.asked(hers, hers)
    await a_tap(town, hers, "zhangsan", "李四", await packed(town, "approve", await item_of(town), name="张三"))
    await town.text(hers, "zhangsan", "不能审批自己的申请，未做任何改动。")
    await town.settled()
    await town.say(hers, "zhangsan", "同意 1")
    await town.until(lambda: _times(town, hers, "zhangsan", "不能审批自己的申请") == 2, "the word is refused too")
    await town.say(hers, "zhangsan", "驳回 1 试试")
    await town.until(lambda: _times(town, hers, "zhangsan", "不能审批自己的申请") == 3, "and so is a rejection")
    await town.settled()
    assert await decisions(town) == []
    assert await refusals(town) == [
        ("张三", "approve", "own_request", True),
        ("张三", "approve", "own_request", True),
        ("张三", "reject", "own_request", True),
    ]
    assert await town.moves() == ["grant", "hold"]


async def test_words_of_others_decide_nothing_and_are_recorded(open_town):
    town = await open_town()
    await town.asked("wecom", "wecom")
    await town.say("wecom", "chenjing", "同意 1")
    await town.text("wecom", "chenjing", "这一步不由您办理")
    await town.say("wecom", "chenjing", "撤回 1")
    await town.text("wecom", "chenjing", "您不是这件事项的相关人员，未做任何改动，并已记录。")
    await town.say("wecom", "chenjing", "同意 99")
    await town.text("wecom", "chenjing", "没有找到这件事项，请核对编号。")
    await town.settled()
    assert await decisions(town) == []
    assert await refusals(town) == [
        ("陈静", "approve", "not_your_turn", True),
        ("陈静", "withdraw", "not_allowed", True),
        ("陈静", "approve", "not_found", False),
    ]


@platforms
async def test_a_tap_on_a_copy_that_missed_the_withdrawal(open_town, his):
    town = await open_town(people=staff(li=his))
    asked = await town.asked("wecom", his)
    await town.settled()
    updates_fail(town, his)
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "年假3天：审批中"), "撤回")
    await town.until(lambda: _has(town, "SELECT id FROM item WHERE state = 'withdrawn'"), "it is withdrawn")
    assert not town.cards(his, "lisi", "已撤回")

    await town.tap(his, "lisi", asked, "同意")
    await town.until(lambda: _count(town, "approval.act_refused", 1), "the tap is refused")
    await works_again(town, his)
    await town.text(his, "lisi", "这件事项已经办完，卡片已更新为最新状态。")
    await town.card(his, "lisi", "张三的年假3天：已撤回")
    await town.card("wecom", "zhangsan", "年假3天：已撤回")
    await town.settled()
    assert await decisions(town) == [("张三", "withdraw")]
    assert await refusals(town) == [("李四", "approve", "already_decided", True)]
    assert await town.moves() == ["grant", "hold", "withdraw"]
    assert not any(message.buttons and not message.state for message in town.cards(his, "lisi", "年假"))


@platforms
async def test_a_tap_on_the_first_copy_after_the_reminder_was_decided(open_town, his):
    town = await open_town(people=staff(li=his))
    first = await town.asked("wecom", his)
    await town.forward(hours=7)
    reminder = await town.card(his, "lisi", "待您审批：张三的年假3天")
    await town.settled()
    updates_fail(town, his)
    await town.tap(his, "lisi", reminder, "同意")
    await town.until(lambda: _has(town, "SELECT id FROM item WHERE state = 'approved'"), "it is approved")
    await town.tap(his, "lisi", first, "驳回", opinion=[approval_cards.mark("近期人手不足")])
    await town.until(lambda: _count(town, "approval.act_refused", 1), "the tap is refused")
    await works_again(town, his)
    await town.text(his, "lisi", "这件事项已经办完")
    await town.until(
        lambda: len([m for m in town.cards(his, "lisi", "张三的年假3天：已同意") if m.state]) == 2, "both copies close"
    )
    await town.settled()
    assert await decisions(town) == [("李四", "approve")]
    assert await refusals(town) == [("李四", "reject", "already_decided", True)]
    assert await town.moves() == ["grant", "hold", "consume"]


async def _each_decided_once(town, rounds):
    """One decision, one move in the ledger and one refusal for each of the items, whatever came first."""
    decided = await decisions(town)
    assert len(decided) == rounds
    assert {act for _, act in decided} <= {"approve", "reject"}
    moves = await town.moves()
    ends = {"approve": "consume", "reject": "reject"}
    assert [move for move in moves if move not in ("grant", "hold")] == [ends[act] for _, act in decided]
    assert [(who, why, named) for who, _, why, named in await refusals(town)] == [
        ("李四", "already_decided", True)
    ] * rounds
    words = {"approve": "已同意", "reject": "已驳回"}
    return [words[act] for _, act in decided]


@platforms
async def test_approved_and_rejected_at_once_on_two_devices(open_town, his):
    town = await open_town(people=staff(li=his))
    for number, day in enumerate(HOLIDAYS, start=1):
        asked = await town.asked("wecom", his, f"年假 {day}", title="张三的年假1天")
        no = [approval_cards.mark("近期人手不足")]
        acts = [town.tap(his, "lisi", asked, "同意"), town.tap(his, "lisi", asked, "驳回", opinion=no)]
        await asyncio.gather(*(reversed(acts) if number % 2 else acts))
        await town.until(lambda number=number: _count(town, "approval.act_refused", number), "one is refused")
        await town.settled()
    states = await _each_decided_once(town, len(HOLIDAYS))
    await town.until(lambda: _states(town, "wecom", "zhangsan", "年假1天：") == states, "the applicant's cards say so")
    await town.until(lambda: _states(town, his, "lisi", "张三的年假1天：") == states, "the leader's cards say so")


@platforms
async def test_the_same_button_twice_at_once(open_town, his):
    town = await open_town(people=staff(li=his))
    for number, day in enumerate(HOLIDAYS, start=1):
        asked = await town.asked("wecom", his, f"年假 {day}", title="张三的年假1天")
        await asyncio.gather(*[town.tap(his, "lisi", asked, "同意") for _ in range(2)])
        await town.until(lambda number=number: _count(town, "approval.act_refused", number), "one is refused")
        await town.settled()
    assert await _each_decided_once(town, len(HOLIDAYS)) == ["已同意"] * len(HOLIDAYS)
    await town.until(
        lambda: _states(town, his, "lisi", "张三的年假1天：") == ["已同意"] * len(HOLIDAYS), "the leader's cards say so"
    )


async def test_decided_at_once_on_two_platforms(open_town):
    """The card on one phone, the word on the other."""
    town = await open_town(people=staff(li="both", zhang="dingtalk"))
    for number, day in enumerate(HOLIDAYS, start=1):
        asked = await town.asked("dingtalk", "wecom", f"年假 {day}", title="张三的年假1天")
        card = town.tap("wecom", "lisi", asked, "同意")
        word = town.say("dingtalk", "lisi", f"驳回 {number} 近期人手不足")
        await asyncio.gather(*([card, word] if number % 2 else [word, card]))
        await town.until(lambda number=number: _count(town, "approval.act_refused", number), "one is refused")
        await town.settled()
    states = await _each_decided_once(town, len(HOLIDAYS))
    await town.until(
        lambda: _states(town, "dingtalk", "zhangsan", "年假1天：") == states, "the applicant's cards say so"
    )
    await town.until(lambda: _states(town, "wecom", "lisi", "张三的年假1天：") == states, "the leader's cards say so")


async def test_submitted_twice_at_once_is_one_request(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "年假 5月6日到8日")
    draft = await town.card("wecom", "zhangsan", "请确认")
    await asyncio.gather(*[town.tap("wecom", "zhangsan", draft, "提交") for _ in range(3)])
    await town.card("wecom", "lisi", "张三的年假3天")
    await town.until(lambda: _count(town, "approval.act_refused", 2), "two are refused")
    await town.settled()
    assert await town.moves() == ["grant", "hold"]
    assert len(town.cards("wecom", "lisi", "张三的年假3天")) == 1
    assert len(await town.rows("SELECT id FROM item WHERE number > 0")) == 1


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_a_member_of_the_platform_who_is_not_in_the_list(open_town, platform):
    town = await open_town(people=staff(li=platform, chen=platform), serve=False)
    town.without("陈静")
    await town.serve()
    await town.say(platform, "chenjing", "年假 5月6日到8日")
    await town.text(platform, "chenjing", "您还不在本单位名册里，请联系管理员添加后再试。")
    await town.asked("wecom", platform)
    await a_tap(town, platform, "chenjing", "李四", await packed(town, "approve", await item_of(town), name="李四"))
    await town.until(lambda: _times(town, platform, "chenjing", "您还不在本单位名册里") == 2, "the tap is refused")
    await town.settled()
    assert await decisions(town) == []
    assert await refusals(town) == [("", "", "stranger", False), ("", "approve", "stranger", True)]
    assert len(await town.rows("SELECT id FROM item")) == 1
    (refused, _) = await town.journal("approval.act_refused")
    assert (refused["account"], refused["door"]) == (DOORS[platform], "app" if platform == "wecom" else "stream")


@platforms
async def test_a_comment_is_a_letter_and_decides_nothing(open_town, his):
    town = await open_town(people=staff(li=his))
    asked = await town.asked("wecom", his)
    mine = await town.card("wecom", "zhangsan", "年假3天：审批中")
    await town.tap(his, "lisi", asked, "留言")
    await town.text(his, "lisi", "请直接回复1号（张三的年假3天）的留言内容")
    changes = "SELECT copy, COUNT(*) AS n FROM outbox WHERE copy <> '' GROUP BY copy ORDER BY copy"
    before = await town.rows(changes)
    await town.say(his, "lisi", "材料先交接给陈静")
    await town.text("wecom", "zhangsan", "李四在1号（张三的年假3天）留言：材料先交接给陈静")
    await town.settled()
    assert _times(town, his, "lisi", "李四在1号") == 0
    assert await town.rows(changes) == before
    assert "材料先交接给陈静" not in next(m for m in town.messages("wecom", "zhangsan") if m.id == mine.id).quote
    assert await decisions(town) == [("李四", "comment")]
    await town.tap(his, "lisi", (await town.card(his, "lisi", "张三的年假3天")), "同意")
    assert "材料先交接给陈静" in (await town.card("wecom", "zhangsan", "年假3天：已同意")).quote


async def test_the_words_of_a_comment_reach_whose_turn_it_is_and_who_has_decided_once(open_town):
    town = await open_town()
    await town.asked("wecom", "wecom", "年假 5月6日到13日 回家", title="张三的年假")
    await town.say("wecom", "lisi", "同意 1")
    await town.open_card("wecom", "sunlixin", "张三的年假")
    await town.tap("wecom", "sunlixin", await town.open_card("wecom", "sunlixin", "张三的年假"), "留言")
    await town.text("wecom", "sunlixin", "的留言内容")
    await town.say("wecom", "sunlixin", "注意安全")
    for who in ("zhangsan", "lisi"):
        await town.text("wecom", who, "留言：注意安全")
    await town.settled()
    told = [_times(town, "wecom", who, "留言：注意安全") for who in ("zhangsan", "lisi", "sunlixin", "wangwu")]
    assert told == [1, 1, 0, 0]


@platforms
async def test_urging_sends_the_card_again_but_not_twice_in_half_an_hour(open_town, his):
    town = await open_town(people=staff(li=his))
    await town.asked("wecom", his)
    mine = await town.card("wecom", "zhangsan", "年假3天：审批中")
    await town.tap("wecom", "zhangsan", mine, "催一下")
    await town.text("wecom", "zhangsan", "已提醒审批人。")
    await town.card(his, "lisi", "待您审批：张三的年假3天")
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "年假3天：审批中"), "催一下")
    await town.text("wecom", "zhangsan", "刚刚已经催过了，请过一会儿再催。")
    await town.settled()
    assert await decisions(town) == [("张三", "urge")]
    await town.forward(minutes=31)
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "年假3天：审批中"), "催一下")
    await town.until(lambda: len(town.cards(his, "lisi", "待您审批：张三的年假3天")) == 2, "a second reminder")
    await town.tap(his, "lisi", town.cards(his, "lisi", "待您审批")[0], "同意")
    await town.until(lambda: len(town.cards(his, "lisi", "张三的年假3天：已同意")) == 3, "every copy closes")
    assert not any(message.buttons and not message.state for message in town.cards(his, "lisi"))
    assert not town.cards(his, "lisi", "待您审批")  # a reminder that is over asks for nothing any more


@platforms
async def test_what_is_withdrawn_gives_the_days_back_and_closes_every_card(open_town, his):
    town = await open_town(people=staff(li=his))
    await town.asked("wecom", his)
    await town.say("wecom", "zhangsan", "撤回 1")
    await town.card("wecom", "zhangsan", "年假3天：已撤回")
    closed = await town.card(his, "lisi", "张三的年假3天：已撤回")
    assert not [button for button in closed.buttons if not button.dead]
    assert await town.moves() == ["grant", "hold", "withdraw"]
    assert await _balance(town, "wecom") == "10天"
    await town.say("wecom", "zhangsan", "撤回 1")
    await town.text("wecom", "zhangsan", "这件事项已经办完")


@pytest.mark.parametrize("hers", ["wecom", "dingtalk"])
async def test_a_leave_is_cancelled_before_it_begins(open_town, hers):
    town = await open_town(people=staff(zhang=hers))
    await town.tap("wecom", "lisi", await town.asked(hers, "wecom"), "同意")
    await town.tap(hers, "zhangsan", await town.card(hers, "zhangsan", "年假3天：已同意"), "取消休假")
    await town.card(hers, "zhangsan", "年假3天：已取消")
    await town.card("wecom", "lisi", "张三的年假3天：已取消")
    await town.card("wecom", "wangwu", "张三的年假3天：已取消")
    assert (await town.moves())[:3] == ["grant", "hold", "consume"]
    assert await _balance(town, hers) == "10天"


@pytest.mark.parametrize("hers", ["wecom", "dingtalk"])
async def test_a_leave_that_has_begun_is_not_cancelled_by_a_tap(open_town, hers):
    town = await open_town(people=staff(zhang=hers))
    await town.tap("wecom", "lisi", await town.asked(hers, "wecom"), "同意")
    approved = await town.card(hers, "zhangsan", "年假3天：已同意")
    await town.settled()
    await town.forward(days=9)  # Wednesday, 6 May, in the morning
    await town.tap(hers, "zhangsan", approved, "取消休假")
    await town.text(hers, "zhangsan", "休假已经开始，不能取消了。提前回来的请说“销假”。")
    await town.settled()
    assert await decisions(town) == [("李四", "approve")]
    assert await refusals(town) == [("张三", "cancel", "too_late", True)]
    assert await town.moves() == ["grant", "hold", "consume"]


def _times(town, platform, user, part):
    return sum(part in message.text for message in town.messages(platform, user) if not message.mine)


def _states(town, platform, user, prefix):
    """What the cards with this title say, oldest first."""
    return [card.title.removeprefix(prefix) for card in town.cards(platform, user, prefix)]


async def _balance(town, platform):
    await town.say(platform, "zhangsan", "我的假期")
    shown = await town.text(platform, "zhangsan", "年假余额")
    return shown.big[0] if shown.big else re.search(r"\d+天", shown.text)[0]


async def _has(town, sql):
    return bool(await town.rows(sql))


async def _count(town, kind, number):
    return len(await town.journal(kind)) == number
