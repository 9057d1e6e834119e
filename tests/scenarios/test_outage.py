"""Platforms on a bad day: what was decided goes out afterwards, in order, once, and what came in is not lost."""

from __future__ import annotations

import re

import pytest
from town import staff

from connectors.sandbox.faults import Fault

WRITERS = ("zhangsan", "lisi", "chenjing")
platforms = pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
SENDS = {"wecom": "message/send", "dingtalk": "/v1.0/robot/oToMessages/batchSend"}
CARDS = {"wecom": "message/send", "dingtalk": "createAndDeliver"}


def everybody_on(platform):
    return staff(**dict.fromkeys(("sun", "li", "zhang", "wang", "chen"), platform))


def heard(town, platform, user):
    """The numbers of the sentences that the bot has answered on this phone, in the order of the answers."""
    answers = [m.text for m in town.messages(platform, user) if not m.mine and "没有听懂" in m.text]
    return [int(re.search(r"第(\d+)句", text)[1]) for text in answers]


def helps(town, platform, user):
    return [m for m in town.messages(platform, user) if not m.mine and "您可以直接对我说" in m.title + m.text]


@platforms
async def test_an_hour_without_the_platform(open_town, platform):
    town = await open_town(people=everybody_on(platform))
    fake = town.fake(platform)
    fake.faults.add(Fault("down", "api", times=-1))
    for number in range(10):
        await town.say(platform, WRITERS[number % 3], f"第{number}句")
        await town.until(lambda number=number: _events(town, number + 1), "the sentence is taken in")
    for number, user in enumerate(WRITERS):
        await town.say(platform, user, "帮助")
        await town.until(lambda number=number: _events(town, number + 11), "the question is taken in")
    for _ in range(6):
        await town.forward(minutes=10)
        await town.until(lambda: _nothing_is_due(town), "every lane has tried")
    assert not any(heard(town, platform, user) for user in WRITERS)
    waiting = await town.rows("SELECT state FROM outbox")
    assert [row["state"] for row in waiting] == ["waiting"] * 13

    fake.faults.clear()
    wanted = [list(range(start, 10, 3)) for start in range(3)]
    await town.passing(lambda: [heard(town, platform, user) for user in WRITERS] == wanted, "all are there", minutes=2)
    await town.until(lambda: _all_sent(town), "the help cards follow")
    assert [heard(town, platform, user) for user in WRITERS] == wanted
    assert [len(helps(town, platform, user)) for user in WRITERS] == [1, 1, 1]


@platforms
@pytest.mark.parametrize("fault", ["error", "limit", "down", "slow"])
async def test_a_bad_quarter_of_an_hour(open_town, platform, fault):
    town = await open_town(people=everybody_on(platform))
    town.fake(platform).faults.add(Fault(fault, "api", SENDS[platform], times=3, seconds=20.0))
    for number in range(3):
        await town.say(platform, "zhangsan", f"第{number}句")
        await town.until(lambda number=number: _events(town, number + 1), "the sentence is taken in")
    await town.passing(lambda: heard(town, platform, "zhangsan") == [0, 1, 2], "all are there", seconds=30)
    await town.passing(lambda: _all_sent(town), "and nothing is left", seconds=30)
    assert heard(town, platform, "zhangsan") == [0, 1, 2]


@platforms
async def test_tokens_revoked_in_the_middle(open_town, platform):
    town = await open_town(people=everybody_on(platform))
    await town.say(platform, "zhangsan", "第0句")
    await town.until(lambda: heard(town, platform, "zhangsan") == [0], "it works")
    town.fake(platform).revoke_tokens()
    await town.say(platform, "zhangsan", "第1句")
    await town.until(lambda: heard(town, platform, "zhangsan") == [0, 1], "it works at once")


@platforms
async def test_the_answer_to_a_card_is_lost_and_there_is_one_card(open_town, platform):
    town = await open_town(people=everybody_on(platform))
    town.fake(platform).faults.add(Fault("lost", "api", CARDS[platform]))
    await town.say(platform, "zhangsan", "年假 5月6日到8日")
    draft = await town.open_card(platform, "zhangsan", "请确认")
    await town.passing(lambda: _all_sent(town), "the letter is closed", seconds=10)
    assert len(town.cards(platform, "zhangsan", "请确认")) == 1
    await town.tap(platform, "zhangsan", draft, "提交")
    await town.open_card(platform, "lisi", "张三的年假3天")


@platforms
async def test_the_answer_to_an_update_is_lost_and_the_card_is_right(open_town, platform):
    town = await open_town(people=everybody_on(platform))
    asked = await town.asked(platform, platform)
    await town.settled()
    path = {"wecom": "update_template_card", "dingtalk": "/v1.0/card/instances"}[platform]
    town.fake(platform).faults.add(Fault("lost", "api", path, times=2))
    await town.tap(platform, "lisi", asked, "同意")
    await town.until(lambda: _approved(town), "it is decided")
    await town.passing(lambda: _all_sent(town), "every letter is closed", seconds=10)
    assert [card.title for card in town.cards(platform, "zhangsan", "年假3天")] == ["年假3天：已同意"]
    assert [card.title for card in town.cards(platform, "lisi", "年假3天")] == ["张三的年假3天：已同意"]


@pytest.mark.parametrize(("platform", "texts"), [("wecom", 1), ("dingtalk", 2)])
async def test_what_may_have_arrived_is_repeated_as_such_where_nobody_drops_it(open_town, platform, texts):
    """DingTalk keeps no key of a text: the second one says that it is a repeat. WeCom drops it by itself."""
    town = await open_town(people=everybody_on(platform))
    town.fake(platform).faults.add(Fault("lost", "api", SENDS[platform]))
    await town.say(platform, "zhangsan", "第0句")
    await town.until(lambda: _events(town, 1), "the sentence is taken in")
    await town.passing(lambda: _all_sent(town), "every letter is closed", seconds=10)
    assert heard(town, platform, "zhangsan") == [0] * texts
    assert len({m.text for m in town.messages(platform, "zhangsan") if "没有听懂" in m.text}) == texts


async def test_after_three_days_a_card_is_followed_by_one_that_works(open_town):
    """WeCom's right to change a card ends after 72 hours (wecom.md 8.5)."""
    town = await open_town(office=lambda text: text.replace("remind_at_most: 3", "remind_at_most: 0"))
    first = await town.asked("wecom", "wecom")
    await town.settled()
    await town.forward(hours=73)
    await town.say("wecom", "zhangsan", "撤回 1")
    closed = await town.card("wecom", "lisi", "张三的年假3天：已撤回")
    assert closed.id != first.id
    await town.say("wecom", "zhangsan", "年假 5月6日到8日")
    await town.tap("wecom", "zhangsan", await town.open_card("wecom", "zhangsan", "请确认"), "提交")
    await town.until(lambda: len(town.cards("wecom", "lisi", "张三的年假3天")) == 3, "the second request")
    # The old message cannot be changed any more: its buttons decide nothing.
    await town.tap("wecom", "lisi", first, "同意")
    await town.text("wecom", "lisi", "这件事项已经办完")
    second = await town.open_card("wecom", "lisi", "张三的年假3天")
    await town.tap("wecom", "lisi", second, "同意")
    await town.card("wecom", "zhangsan", "年假3天：已同意")


async def test_a_replacement_can_be_tapped_like_the_first(open_town):
    town = await open_town(
        people=staff(zhang="dingtalk"), office=lambda text: text.replace("remind_at_most: 3", "remind_at_most: 0")
    )
    first = await town.asked("dingtalk", "wecom")
    await town.settled()
    await town.forward(hours=73)
    await town.fake("wecom").settle()
    await town.say("wecom", "lisi", "抄送 1 王五")
    await town.until(
        lambda: [m for m in town.cards("wecom", "lisi", "张三的年假3天") if m.id != first.id],
        "a card in the place of the first",
    )
    (replacement,) = [m for m in town.cards("wecom", "lisi", "张三的年假3天") if m.id != first.id]
    assert "抄送给王五" in replacement.quote
    await town.tap("wecom", "lisi", replacement, "同意")
    await town.card("dingtalk", "zhangsan", "年假3天：已同意")
    assert (await town.moves()) == ["grant", "hold", "consume"]


async def test_the_stream_is_asked_to_go_and_comes_back(open_town):
    town = await open_town(people=everybody_on("dingtalk"))
    gateway = town.fake("dingtalk").gateway
    for number in range(3):
        opened = gateway.opened
        await town.fake("dingtalk").disconnect()
        await town.say("dingtalk", "zhangsan", f"第{number}句")
        await town.passing(
            lambda number=number: heard(town, "dingtalk", "zhangsan") == list(range(number + 1)), "heard", seconds=5
        )
        assert gateway.opened > opened


async def test_a_silent_stream_is_noticed(open_town):
    town = await open_town(people=everybody_on("dingtalk"))
    town.fake("dingtalk").gateway.silence()
    await town.say("dingtalk", "zhangsan", "第0句")
    await town.passing(lambda: heard(town, "dingtalk", "zhangsan") == [0], "heard", seconds=30)
    await town.until(lambda: _all_sent(town), "answered")
    assert heard(town, "dingtalk", "zhangsan") == [0]


async def test_a_dropped_stream_comes_back(open_town):
    town = await open_town(people=everybody_on("dingtalk"))
    town.fake("dingtalk").gateway.drop()
    await town.say("dingtalk", "zhangsan", "第0句")
    await town.passing(lambda: heard(town, "dingtalk", "zhangsan") == [0], "heard", seconds=5)


@platforms
async def test_callbacks_delivered_twice_are_one(open_town, platform):
    town = await open_town(people=everybody_on(platform))
    fake = town.fake(platform)
    fake.faults.add(Fault("duplicate", "callback", times=-1))
    asked = await town.asked(platform, platform)
    await town.tap(platform, "lisi", asked, "同意")
    await town.card(platform, "zhangsan", "年假3天：已同意")
    await town.settled()
    assert await town.moves() == ["grant", "hold", "consume"]
    assert await town.journal("approval.act_refused") == []
    assert await town.counted("officebot_events_total", outcome="repeated") == 3
    assert len(await town.rows("SELECT id FROM item")) == 1


@platforms
async def test_callbacks_out_of_order_are_all_taken(open_town, platform):
    town = await open_town(people=everybody_on(platform))
    town.fake(platform).faults.add(Fault("reorder", "callback"))
    await town.say(platform, "zhangsan", "第0句")
    await town.say(platform, "zhangsan", "第1句")
    await town.until(lambda: heard(town, platform, "zhangsan") == [1, 0], "both are answered, as they came")


async def test_wecom_comes_again_when_nobody_answered(open_town):
    town = await open_town(people=everybody_on("wecom"))
    town.fake("wecom").faults.add(Fault("down", "callback", times=2))
    await town.say("wecom", "zhangsan", "第0句")
    await town.passing(lambda: heard(town, "wecom", "zhangsan") == [0], "the third attempt", seconds=6)


async def test_a_lost_tap_is_tapped_again(open_town):
    """The client shows that it failed; nothing else has happened."""
    town = await open_town(people=everybody_on("dingtalk"))
    asked = await town.asked("dingtalk", "dingtalk")
    town.fake("dingtalk").faults.add(Fault("lost", "callback", "card"))
    failed = await town.tap("dingtalk", "lisi", asked, "同意")
    assert await town.moves() == ["grant", "hold"]
    assert await town.tap("dingtalk", "lisi", asked, "同意") != failed
    await town.card("dingtalk", "zhangsan", "年假3天：已同意")


async def test_dingtalk_events_come_again_over_http(open_town):
    town = await open_town(
        people=everybody_on("dingtalk"), office=lambda text: text.replace("transport: stream", "transport: http")
    )
    town.fake("dingtalk").faults.add(Fault("down", "callback", "event"))
    town.fake("dingtalk").faults.add(Fault("duplicate", "callback", "event"))
    for name in ("label_conf_add", "label_conf_del"):
        await town.fake("dingtalk").emit(name, {"labelId": "7"})
    await town.passing(lambda: _events(town, 2), "both events", seconds=11)
    await town.fake("dingtalk").idle()
    assert await town.counted("officebot_events_total", outcome="repeated") >= 1
    assert await _events(town, 2)


async def _approved(town):
    return await town.rows("SELECT id FROM item WHERE state = 'approved'")


async def _events(town, number):
    return len(await town.rows("SELECT id FROM inbox WHERE state = 'done'")) == number


async def _all_sent(town):
    return not await town.rows("SELECT id FROM outbox WHERE state = 'waiting'") and await town.rows(
        "SELECT id FROM outbox"
    )


async def _nothing_is_due(town):
    """The heads of the lanes have been tried and wait for their next time."""
    now = int(town.clock.now().timestamp() * 1000)
    heads = await town.rows("SELECT MIN(id) AS id FROM outbox WHERE state = 'waiting' GROUP BY lane")
    rows = await town.rows("SELECT id FROM outbox WHERE due_ms <= ? OR owner <> ''", now)
    return not {row["id"] for row in heads} & {row["id"] for row in rows}
