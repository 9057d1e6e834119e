"""The long connection: acks after storage, redelivery, moving house, and being cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from datetime import timedelta

import pytest

from cards.model import Button, Card
from connectors.dingtalk import stream as module
from connectors.dingtalk.inbound.fields import LARGEST
from connectors.events import ButtonPressed, ObjectChanged, TextReceived
from connectors.refs import PersonRef
from connectors.sandbox.faults import Fault

SLIP = Card(kind="k", title="请假", buttons=(Button("同意", "p"),))
LI = PersonRef("dd-main", "u_li")


def acks(rig, code=200):
    return [ack for ack in rig.fake.gateway.acks if ack["code"] == code]


async def pass_time(rig, seconds, condition):
    """Moves the clock on until something has happened because of it."""
    async with asyncio.timeout(10):
        while not condition():
            rig.clock.forward(timedelta(seconds=seconds))
            for _ in range(200):  # lets what is due run before time goes on
                await asyncio.sleep(0)


async def test_an_event_is_acked_only_when_it_is_stored(stream):
    stored = asyncio.Event()
    asked = asyncio.Event()

    async def admit(events):
        asked.set()
        await stored.wait()

    stream.admit = admit
    before = len(acks(stream))
    await stream.fake.emit("check_in", {"staffId": "u_li"})
    await asked.wait()
    pings = [ack for ack in acks(stream)[before:] if "opaque" not in ack["data"]]
    assert pings == []
    stored.set()
    await stream.fake.idle()
    assert json.loads(acks(stream)[-1]["data"]) == {"status": "SUCCESS", "message": ""}


@pytest.mark.parametrize("fresh_ids", [False, True])
async def test_what_could_not_be_stored_comes_again(stream, fresh_ids):
    stream.fake.gateway.fresh_ids = fresh_ids
    seen = []

    async def admit(events):
        seen.extend(events)
        if len(seen) == 1:
            raise OSError("disk full")

    stream.admit = admit
    await stream.fake.emit("check_in", {"staffId": "u_li"})
    await stream.until(lambda: acks(stream, 500))
    await pass_time(stream, 20, lambda: len(seen) >= 2)
    assert seen[0].key == seen[1].key
    await stream.fake.idle()


async def test_a_message_that_arrives_twice_has_one_key(stream):
    stream.fake.faults.add(Fault("duplicate", "callback", match="robot"))
    await stream.fake.say("u_li", "在吗")
    first, second = await stream.next(TextReceived), await stream.next(TextReceived)
    assert first.key == second.key


async def test_a_ping_comes_back_with_its_own_words(stream):
    await stream.until(lambda: stream.fake.gateway.sockets)
    await stream.fake.say("u_li", "在吗")
    await stream.next(TextReceived)
    pongs = [json.loads(ack["data"]) for ack in acks(stream) if "opaque" in ack["data"]]
    assert pongs
    assert set(pongs[0]) == {"opaque"}


async def test_a_topic_that_nobody_handles_is_a_404(stream):
    gateway = stream.fake.gateway
    socket = gateway.sockets[0]
    socket.topics |= {("CALLBACK", "/v1.0/graph/api/invoke")}
    ack = await gateway.push("CALLBACK", "/v1.0/graph/api/invoke", {})
    assert ack["code"] == 404


async def test_data_that_cannot_be_read_is_a_400(stream):
    ack = await stream.fake.gateway.push("EVENT", "*", [1], extra={"eventType": "check_in"})
    assert ack["code"] == 400


async def test_nonsense_on_the_socket_harms_nobody(stream):
    socket = stream.fake.gateway.sockets[0]
    for text in ("", "[]", "{}", "nonsense", '{"headers":1}', '{"headers":{},"type":"EVENT","data":"["}'):
        await socket.ws.send_str(text)
    await stream.fake.say("u_li", "在吗")
    assert (await stream.next(TextReceived)).text == "在吗"
    assert stream.fake.gateway.opened == 1


async def test_after_disconnect_the_next_socket_stands_before_the_old_one_closes(stream):
    old = stream.fake.gateway.sockets[0]
    await stream.fake.disconnect()
    await stream.until(lambda: stream.fake.gateway.opened == 2)
    await stream.fake.say("u_li", "还在吗")
    assert (await stream.next(TextReceived)).text == "还在吗"
    await stream.until(lambda: old.ws.closed or old not in stream.fake.gateway.sockets)
    assert stream.connector.stream.opened == 2


async def test_a_tap_works_right_after_a_disconnect(stream):
    await stream.connector.send(LI, SLIP, ref="letter-1")
    await stream.fake.disconnect()
    await stream.until(lambda: stream.fake.gateway.opened == 2)
    assert await stream.fake.tap("u_li", "letter-1", "b0", inputs={}) == "已收到"
    assert (await stream.next(ButtonPressed)).payload == "p"


async def test_a_deaf_socket_is_left_after_two_silent_minutes(stream):
    stream.fake.gateway.silence()
    await pass_time(stream, 30, lambda: stream.fake.gateway.opened == 2)
    await stream.fake.say("u_li", "听得见吗")
    assert (await stream.next(TextReceived)).text == "听得见吗"


async def test_what_was_said_while_the_line_was_cut_arrives_afterwards(stream):
    stream.fake.gateway.drop()
    await stream.fake.say("u_li", "断线时说的")
    await pass_time(stream, 1, lambda: not stream.events.empty())
    assert (await stream.next(TextReceived)).text == "断线时说的"


async def test_a_gateway_that_is_down_is_asked_again_with_pauses(stream):
    stream.fake.faults.add(Fault("error", match="connections/open", times=3))
    stream.fake.gateway.drop()
    await pass_time(stream, 5, lambda: stream.fake.gateway.opened == 2)
    tries = [line.status for line in stream.fake.trace.lines if "connections/open" in line.name]
    assert tries == ["200", "503", "503", "503", "200"]


def test_pauses_grow_and_end_at_a_minute():
    longest = [max(module.pause(n) for _ in range(50)) for n in (1, 3, 5, 40)]
    assert longest == sorted(longest)
    assert longest[-1] <= 60
    assert all(module.pause(1) >= 0.5 for _ in range(50))


async def test_cancelling_closes_the_socket_and_leaves_no_task(start):
    rig = await start(transport="stream")
    socket = rig.fake.gateway.sockets[0]
    await rig.fake.say("u_li", "在吗")
    await rig.next(TextReceived)
    before = {task for task in asyncio.all_tasks() if "Link" in repr(task)}
    assert before
    rig._listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await rig._listening
    await rig.until(lambda: socket.ws.closed or not rig.fake.gateway.sockets)
    assert not {task for task in asyncio.all_tasks() if "Link" in repr(task)}


async def test_a_frame_beyond_the_cap_closes_that_socket_and_not_the_service(stream):
    await stream.fake.gateway.sockets[0].ws.send_str("x" * (LARGEST + 1))
    await pass_time(stream, 1, lambda: stream.fake.gateway.opened == 2)
    await stream.fake.say("u_li", "好")
    assert (await stream.next(TextReceived)).text == "好"


async def test_no_ticket_and_no_secret_is_logged_or_traced(start, made, caplog):
    caplog.set_level(logging.DEBUG)
    rig = await start(transport="stream")
    issued = []
    original = rig.connector.client.open_stream

    async def remember(body):
        endpoint, ticket = await original(body)
        issued.append(ticket)
        return endpoint, ticket

    rig.connector.stream._open_connection = remember
    rig.fake.gateway.drop()
    await pass_time(rig, 1, lambda: rig.fake.gateway.opened == 2)
    traced = "".join(line.plain + line.answer + line.sealed for line in rig.fake.trace.lines)
    assert issued
    for secret in (issued[0], issued[0].split("/")[0], made.SECRET):
        assert secret not in caplog.text
        assert secret not in traced


async def test_events_keep_their_order_on_one_socket(stream):
    for n in range(20):
        await stream.fake.emit("check_in", {"staffId": f"u{n}"})
    found = [(await stream.next(ObjectChanged)).object for _ in range(20)]
    assert found == [f"u{n}" for n in range(20)]


async def test_pushes_are_metered_and_contact_events_are_free(stream):
    await stream.fake.say("u_li", "一")
    await stream.fake.emit("user_leave_org", {"userId": ["u_li"]})
    await stream.fake.idle()
    assert stream.connector.pushes.used(now=stream.clock.now()) == 1


async def test_http_mode_holds_no_connection(http):
    await http.connector.listen(http.admit)
    assert http.fake.gateway.opened == 0
