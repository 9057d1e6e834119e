"""The smart bot's long connection (wecom.md 10.2): one ear, acknowledged after storage, no fight for it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import aiohttp
import pytest

from cards import smart_bot as words
from cards.model import Button, Card, Link, Markdown, Text
from connectors import errors
from connectors.clock import MovableClock
from connectors.events import ButtonPressed, TextReceived, Unknown
from connectors.refs import ChatRef, PersonRef
from connectors.sandbox.phones import Chat
from connectors.wecom import smart_bot as module
from connectors.wecom.fake.bot import CHAT
from connectors.wecom.inbound import bot as inbound

LISI = PersonRef("wecom-main", "lisi")
SLIP = Card(kind="k", title="请假", url="https://bot.example.gov.cn/1", buttons=(Button("同意", "p1"),))
CLOSED = Card(kind="k", title="请假", state="已同意")
NOW = MovableClock().now()


@pytest.fixture
async def bot(rigs):
    rig = rigs.BotRig()
    await rig.start()
    yield rig
    await rig.close()


def said(rig, user="lisi"):
    phone = next(one for one in rig.fake.phones() if one.id == user)
    return [message for message in phone.chats[CHAT].messages if not message.mine] if CHAT in phone.chats else []


async def pass_time(rig, seconds, holds):
    async with asyncio.timeout(10):
        while not holds():
            rig.clock.forward(timedelta(seconds=seconds))
            await asyncio.sleep(0.01)


async def test_words_come_in_and_are_acknowledged_when_they_are_stored(bot):
    stored = asyncio.Event()
    asked = asyncio.Event()

    async def admit(events):
        asked.set()
        await stored.wait()

    bot.admit = admit
    await bot.fake.say("lisi", "年假 5月6日到8日 回家")
    await asked.wait()
    assert said(bot) == []
    stored.set()
    await bot.until(lambda: said(bot))
    assert said(bot)[-1].text == words.received()


async def test_what_could_not_be_stored_is_said_because_nothing_comes_again(bot):
    async def admit(events):
        raise OSError("disk full")

    bot.admit = admit
    await bot.fake.say("lisi", "年假")
    await bot.until(lambda: said(bot))
    assert said(bot)[-1].text == words.failed()
    assert bot.fake.bot.sockets


async def test_a_second_connection_is_not_fought_for(bot):
    """13: being kicked means that somebody else is meant to have it; we come back after a good while."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{bot.base}/aibot") as other:
        frame = {"cmd": "aibot_subscribe", "headers": {"req_id": "r"}, "body": {
            "bot_id": "aib0000000000000001", "secret": "bot-secret"}}  # fmt: skip
        await other.send_str(json.dumps(frame))
        assert (await other.receive_json())["errcode"] == 0
        for _ in range(20):
            bot.clock.forward(timedelta(seconds=10))
            await asyncio.sleep(0.005)
        assert bot.fake.bot.subscribed == 2  # the first and the other, not us again
        await pass_time(bot, 60, lambda: bot.fake.bot.subscribed == 3)


async def test_a_wrong_secret_is_not_tried_again_and_again(rigs):
    rig = type("Wrong", (rigs.BotRig,), {"bot_secret": "wrong"})()
    await rig.start()
    try:
        lines = rig.fake.trace.lines
        await rig.until(lambda: any(one.name == "aibot_subscribe" for one in lines))
        for _ in range(20):
            rig.clock.forward(timedelta(seconds=10))
            await asyncio.sleep(0.005)
        tried = [one for one in lines if one.name == "aibot_subscribe"]
        assert [one.status for one in tried] == ["40001"]
        assert "wrong" not in str(tried)
    finally:
        await rig.close()


async def test_a_half_open_connection_is_left_after_two_pings_without_an_answer(bot, monkeypatch):
    monkeypatch.setattr(module, "ACK", 0.02)
    bot.fake.bot.deaf = True
    first = bot.fake.bot.sockets[0]
    await pass_time(bot, 31, lambda: first.closed)
    bot.fake.bot.deaf = False
    await pass_time(bot, 31, lambda: bot.fake.bot.subscribed == 2)


async def test_a_lost_connection_comes_back(bot):
    await bot.fake.disconnect()
    await pass_time(bot, 1, lambda: bot.fake.bot.subscribed == 2 and bot.connector.bot.here)
    await bot.fake.say("lisi", "待办")
    assert (await bot.next(TextReceived)).text == "待办"


async def test_somebody_who_opens_the_chat_is_greeted_within_five_seconds(bot):
    await bot.fake.bot.enter("lisi")
    await bot.until(lambda: said(bot))
    assert said(bot)[-1].text == words.welcome()


async def test_a_card_in_a_group_of_the_bots_and_its_tap(bot):
    chat = ChatRef("wecom-main", f"{inbound.CHAT}wrAll")
    for phone in bot.fake.phones():
        if phone.id == "lisi":
            phone.chats["wrAll"] = Chat("wrAll", "全体", group=True)
    handle = await bot.connector.send(chat, SLIP, ref="letter-1")
    assert handle == {"task_id": "letter-1"}
    phone = next(one for one in bot.fake.phones() if one.id == "lisi")
    shown = phone.chats["wrAll"].messages[-1]
    assert shown.title == "请假"

    async def admit(events):
        bot.events.put_nowait(events[0])
        return CLOSED

    bot.admit = admit
    await bot.fake.tap("lisi", shown.id, shown.buttons[0].id, inputs={})
    tap = await bot.next(ButtonPressed)
    assert (tap.sender, tap.payload, tap.message.id) == (LISI, "p1", "letter-1")
    await bot.until(lambda: any(m.state == "已同意" for c in phone.chats.values() for m in c.messages))


@pytest.mark.parametrize(("message", "shows"), [
    (Text("周报 *今天* 交"), "周报 ＊今天＊ 交"), (Markdown("周报", "# 周报"), "# 周报"),
    (Link("通知", "请阅", "https://bot.example.gov.cn/1"), "https://bot.example.gov.cn/1"),
])  # fmt: skip
async def test_words_into_a_group_are_markdown_in_which_nothing_of_a_persons_formats(bot, message, shows):
    phone = next(one for one in bot.fake.phones() if one.id == "lisi")
    phone.chats["wrAll"] = Chat("wrAll", "全体", group=True)
    await bot.connector.send(ChatRef("wecom-main", "bot:wrAll"), message, ref="r1")
    assert shows in phone.chats["wrAll"].messages[-1].text


async def test_an_instance_that_does_not_hold_the_connection_lets_the_letter_wait(rig):
    with pytest.raises(errors.PlatformBusy):
        await rig.connector.send(ChatRef("wecom-main", "bot:wrAll"), Text("一"), ref="r1")


# --- translation, pure


def heard(**changes):
    body = {"msgid": "m1", "aibotid": "b", "chattype": "single", "from": {"userid": "LiSi"}, "msgtype": "text",
            "text": {"content": "年假"}, "response_url": "https://secret"} | changes  # fmt: skip
    return inbound.message(body, account="wecom-main", received=NOW)


def test_a_message_has_the_key_that_the_apps_door_would_give_it():
    event = heard()
    assert isinstance(event, TextReceived)
    assert (event.key, event.sender, event.text, event.chat) == ("msg:m1", LISI, "年假", None)
    assert "secret" not in str(event.raw)


def test_in_a_group_the_bots_name_is_taken_off():
    event = heard(chattype="group", chatid="wr1", text={"content": "@助手 年假 明天"})
    assert (event.text, event.chat) == ("年假 明天", ChatRef("wecom-main", "bot:wr1"))


def test_a_voice_is_words_and_a_file_is_known_but_not_taken():
    assert heard(msgtype="voice", voice={"content": "我的假期"}).text == "我的假期"
    assert isinstance(heard(msgtype="file", file={"url": "https://x"}), Unknown)


@pytest.mark.parametrize("change", [
    {"from": {}}, {"from": "lisi"}, {"msgid": ""}, {"msgid": 7}, {"from": {"userid": "x" * 600}},
])  # fmt: skip
def test_what_says_neither_who_nor_which_is_no_event(change):
    assert heard(**change) is None


@pytest.mark.parametrize("body", [
    {}, {"event": None}, {"event": {"eventtype": "template_card_event"}}, {"event": {"eventtype": "feedback_event"}},
    {"event": {"eventtype": "template_card_event", "template_card_event": {"task_id": "t"}}},
])  # fmt: skip
def test_what_is_no_tap_is_none(body):
    assert inbound.event(body, account="wecom-main", received=NOW) is None


def test_control_characters_are_taken_out_before_the_json_is_read():
    assert json.loads(inbound.clean('{"a": "x\x00y\x1f"}')) == {"a": "xy"}
