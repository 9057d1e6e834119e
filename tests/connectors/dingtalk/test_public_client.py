"""DingTalk's own Python client against the stand-in, unchanged but for the host: it cannot tell."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

import pytest

from cards.model import Button, Card
from connectors.refs import PersonRef

SLIP = Card(kind="k", title="请假", buttons=(Button("同意", "p1"),))

CLIENT = """
import logging, sys
import dingtalk_stream
from dingtalk_stream import AckMessage

class Said(dingtalk_stream.ChatbotHandler):
    async def process(self, callback):
        message = dingtalk_stream.ChatbotMessage.from_dict(callback.data)
        print("said", message.sender_staff_id, message.text.content, flush=True)
        if message.text.content == "发卡":
            replier = dingtalk_stream.CardReplier(self.dingtalk_client, message)
            track = replier.create_and_send_card(sys.argv[3], {"title": "官方", "status": ""}, support_forward=False)
            replier.put_card_data(track, {"title": "官方", "status": "改过"})
            self.reply_text("发了", message)
            print("sent", bool(track), flush=True)
        return AckMessage.STATUS_OK, "OK"

class Tapped(dingtalk_stream.CallbackHandler):
    async def process(self, callback):
        message = dingtalk_stream.CardCallbackMessage.from_dict(callback.data)
        params = message.content["cardPrivateData"]["params"]
        print("tapped", message.user_id, message.card_instance_id, params["payload"], flush=True)
        options = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
        return AckMessage.STATUS_OK, {"cardUpdateOptions": options, "cardData": {"cardParamMap": {"status": "done"}}}

class Happened(dingtalk_stream.EventHandler):
    async def process(self, event):
        print("event", event.headers.event_type, event.data["staffId"], flush=True)
        return AckMessage.STATUS_OK, "OK"

logging.disable(logging.CRITICAL)
client = dingtalk_stream.DingTalkStreamClient(dingtalk_stream.Credential(sys.argv[1], sys.argv[2]))
client.register_callback_handler(dingtalk_stream.ChatbotMessage.TOPIC, Said())
client.register_callback_handler(dingtalk_stream.CallbackHandler.TOPIC_CARD_CALLBACK, Tapped())
client.register_all_event_handler(Happened())
print("token", bool(client.get_access_token()), flush=True)
client.start_forever()
"""


@pytest.fixture
async def official(start, made):
    """(rig, reader of the client's lines); our own connector has left the stage."""
    rig = await start(transport="stream")
    rig._listening.cancel()
    await asyncio.gather(rig._listening, return_exceptions=True)
    await rig.until(lambda: not rig.fake.gateway.sockets)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", CLIENT, made.CLIENT, made.SECRET, made.TEMPLATE,
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "DINGTALK_OPENAPI_ENDPOINT": rig.base},
    )  # fmt: skip

    async def line():
        async with asyncio.timeout(30):
            return (await process.stdout.readline()).decode().split()

    yield rig, line
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.communicate()


async def test_the_official_client_hears_a_message_a_tap_and_an_event_and_acks(official):
    rig, line = official
    assert await line() == ["token", "True"]
    async with asyncio.timeout(30):
        await rig.until(lambda: rig.fake.gateway.sockets)

    await rig.fake.say("u_li", "在吗")
    assert await line() == ["said", "u_li", "在吗"]
    await rig.fake.idle()

    await rig.connector.send(PersonRef("dd-main", "u_li"), SLIP, ref="letter-1")
    await rig.fake.tap("u_li", "letter-1", "b0", inputs={})
    assert await line() == ["tapped", "u_li", "letter-1", "p1"]
    assert rig.shown()[0].state == "done"

    await rig.fake.emit("check_in", {"staffId": "u_wang"})
    assert await line() == ["event", "check_in", "u_wang"]
    await rig.fake.idle()

    await rig.fake.say("u_zhang", "发卡")
    assert await line() == ["said", "u_zhang", "发卡"]
    assert await line() == ["sent", "True"]
    card, text = rig.shown("u_zhang")
    assert (card.title, card.state, text.text) == ("官方", "改过", "发了")
    await rig.fake.idle()

    opened = rig.fake.gateway.opened
    await rig.fake.disconnect()
    await rig.until(lambda: rig.fake.gateway.opened == opened + 1)
    await rig.fake.say("u_li", "还在吗")
    assert await line() == ["said", "u_li", "还在吗"]
