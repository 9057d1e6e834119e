from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from bot.demo import page
from connectors.sandbox.faults import Fault
from tests.bot.demo import scripted

Client = TestClient[Any, Any]


@pytest.fixture
def room() -> scripted.Rehearsal:
    return scripted.Rehearsal()


@pytest.fixture
async def client(room: scripted.Rehearsal) -> AsyncIterator[Client]:
    application = page.app(room.platforms, clock=room.clock, stage=scripted.STAGE)
    async with TestClient(TestServer(application)) as client:
        yield client


async def state(client: Client, query: str = "") -> dict[str, Any]:
    response = await client.get(f"/demo/state{query}")
    assert response.status == 200
    return dict(await response.json())


async def event(response: ClientResponse) -> tuple[str, dict[str, Any]]:
    line = (await response.content.readline()).decode()
    if line.startswith("retry:"):
        line = (await response.content.readline()).decode()
    name = line.removeprefix("event: ").strip()
    data = (await response.content.readline()).decode().removeprefix("data: ")
    await response.content.readline()
    return name, json.loads(data)


# ---- the page


async def test_the_page_allows_nothing_from_elsewhere_and_nothing_inline(client: Client) -> None:
    response = await client.get("/")
    text = await response.text()
    assert response.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert scripted.STAGE.office in text
    assert "<style" not in text
    assert " style=" not in text
    assert "http:" not in text
    assert "https:" not in text


async def test_an_office_s_name_is_words_and_not_markup(room: scripted.Rehearsal) -> None:
    stage = scripted.STAGE.model_copy(update={"office": "<b>示例</b>"})
    async with TestClient(TestServer(page.app(room.platforms, clock=room.clock, stage=stage))) as client:
        assert "&lt;b&gt;示例" in await (await client.get("/")).text()


@pytest.mark.parametrize("name", ["demo.js", "demo.css", "icon.svg"])
async def test_what_the_page_needs_is_there(client: Client, name: str) -> None:
    response = await client.get(f"/demo/static/{name}")
    assert response.status == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fpage.py", "%2Fetc%2Fpasswd"])
async def test_nothing_else_is_served(client: Client, name: str) -> None:
    assert (await client.get(f"/demo/static/{name}")).status == 404


# ---- the state


async def test_the_state_shows_the_phones_of_the_stage(client: Client) -> None:
    whole = await state(client)
    assert [(phone["platform"], phone["name"]) for phone in whole["phones"]] == [
        ("dingtalk", "张三"), ("wecom", "李四"), ("wecom", "王五"), ("wecom", "赵六"),
    ]  # fmt: skip
    assert whole["hints"][0] == "年假 5月6日到8日 回家"
    assert whole["now"].startswith("2026-04-27T01:05")


async def test_another_member_can_be_asked_for(client: Client) -> None:
    whole = await state(client, "?phone=dingtalk:wangwu&phone=wecom:nobody&phone=fax:lisi")
    assert [(phone["platform"], phone["id"]) for phone in whole["phones"]] == [("dingtalk", "wangwu")]


async def test_members_come_with_their_counts_but_without_their_messages(
    client: Client, room: scripted.Rehearsal
) -> None:
    message = room.wecom.put("wangwu", kind="text", text="密")
    whole = await state(client, "?phone=wecom:lisi&wire=no")
    (wecom,) = [one for one in whole["platforms"] if one["platform"] == "wecom"]
    (wangwu,) = [one for one in wecom["members"] if one["id"] == "wangwu"]
    assert wangwu["chats"][0] == {"id": scripted.BOT, "count": 1, "last": message.id}
    assert "密" not in json.dumps(whole, ensure_ascii=False)


async def test_the_wire_is_listed_in_order_of_time_without_bodies(client: Client, room: scripted.Rehearsal) -> None:
    room.wecom.callback("text", "内容")
    room.dingtalk.call("message/send", "内容")
    wire = (await state(client))["wire"]
    assert [(line["platform"], line["direction"], line["sealed"]) for line in wire] == [
        ("wecom", "out", True), ("dingtalk", "in", False),
    ]  # fmt: skip
    assert "plain" not in wire[0]


@pytest.mark.parametrize(("answer", "status"), [
    ('{"errcode": 0, "errmsg": "ok"}', "200"),
    ('{"errcode":45009,"errmsg":"api freq out of limit"}', "200 errcode 45009"),
    ("success", "200"),
])  # fmt: skip
async def test_a_refusal_inside_a_success_is_seen_in_the_list(
    client: Client, room: scripted.Rehearsal, answer: str, status: str
) -> None:
    room.wecom.trace.record(
        at="2026-04-27T01:05:00+00:00", platform="wecom", direction="in", name="POST message/send", status="200",
        plain="{}", answer=answer,
    )  # fmt: skip
    assert [line["status"] for line in (await state(client))["wire"]] == [status]


async def test_the_wire_can_be_spared(client: Client, room: scripted.Rehearsal) -> None:
    room.wecom.callback("text", "内容")
    assert (await state(client, "?wire=no"))["wire"] == []


async def test_a_line_is_opened_with_both_forms(client: Client, room: scripted.Rehearsal) -> None:
    room.wecom.callback("text", "内容")
    line = await (await client.get("/demo/wecom/wire/1")).json()
    assert "内容" in line["plain"]
    assert "Encrypt" in line["sealed"]
    assert (await client.get("/demo/wecom/wire/2")).status == 404


# ---- the hand


async def test_a_sentence_reaches_the_fake_and_its_answer_the_state(client: Client, room: scripted.Rehearsal) -> None:
    body = {"user": "zhangsan", "text": "年假 5月6日到8日 回家"}
    assert (await client.post("/demo/dingtalk/say", json=body)).status == 200
    assert room.dingtalk.said == [("zhangsan", "年假 5月6日到8日 回家", "")]
    messages = (await state(client))["phones"][0]["chats"][0]["messages"]
    assert [message["kind"] for message in messages] == ["text", "card"]


async def test_a_group_is_named_with_the_sentence(client: Client, room: scripted.Rehearsal) -> None:
    await client.post("/demo/wecom/say", json={"user": "lisi", "text": "大家好", "chat": scripted.GROUP})
    assert room.wecom.said == [("lisi", "大家好", scripted.GROUP)]


async def test_a_tap_carries_its_inputs_and_returns_the_toast(client: Client, room: scripted.Rehearsal) -> None:
    card = room.wecom.put("lisi", **scripted.leader_card())
    room.dingtalk.put("zhangsan", **scripted.draft_card("年假"))
    body = {"user": "lisi", "message": card.id, "button": "approve", "inputs": {"opinion": ["handover"]}}
    response = await client.post("/demo/wecom/tap", json=body)
    assert await response.json() == {"toast": "已同意"}
    assert room.wecom.taps == [("lisi", card.id, "approve", {"opinion": ["handover"]})]


@pytest.mark.parametrize("body", [
    {"user": "lisi", "message": "nothing", "button": "approve"},
    {"user": "nobody", "message": "nothing", "button": "approve"},
])  # fmt: skip
async def test_a_tap_on_nothing_is_not_found(client: Client, body: dict[str, Any]) -> None:
    assert (await client.post("/demo/wecom/tap", json=body)).status == 404


async def test_a_picture_comes_back_as_a_picture(client: Client, room: scripted.Rehearsal) -> None:
    data = base64.b64encode(scripted.PIXEL).decode()
    await client.post("/demo/wecom/send", json={"user": "lisi", "kind": "image", "name": "现场.png", "data": data})
    response = await client.get("/demo/wecom/file/media-1")
    assert response.content_type == "image/png"
    assert await response.read() == scripted.PIXEL


async def test_an_uploaded_page_is_saved_and_never_shown(client: Client) -> None:
    data = base64.b64encode(b"<script>alert(1)</script>").decode()
    await client.post("/demo/wecom/send", json={"user": "lisi", "kind": "image", "name": "a.png", "data": data})
    response = await client.get("/demo/wecom/file/media-1")
    assert response.content_type == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]


async def test_a_file_larger_than_the_application_s_limit_for_callbacks_passes(client: Client) -> None:
    data = base64.b64encode(bytes(3 * 1024 * 1024)).decode()
    body = json.dumps({"user": "lisi", "kind": "file", "name": "大文件.zip", "data": data}).encode()
    headers = {"Content-Type": "application/json"}
    assert (await client.post("/demo/wecom/send", data=io.BytesIO(body), headers=headers)).status == 200
    assert len(await (await client.get("/demo/wecom/file/media-1")).read()) == 3 * 1024 * 1024


async def test_a_file_nobody_sent_is_not_found(client: Client) -> None:
    assert (await client.get("/demo/wecom/file/media-9")).status == 404


async def test_opening_a_chat_and_platform_events_reach_the_fake(client: Client, room: scripted.Rehearsal) -> None:
    await client.post("/demo/wecom/open", json={"user": "lisi"})
    await client.post("/demo/wecom/event", json={"name": "change_contact", "fields": {"UserID": "lisi"}})
    assert room.wecom.opened == ["lisi"]
    assert room.wecom.events == [("change_contact", {"UserID": "lisi"})]


@pytest.mark.parametrize("body", [
    {}, {"user": "", "text": "x"}, {"user": "lisi"}, {"user": "lisi", "text": "x", "more": 1}, [], "x",
])  # fmt: skip
async def test_a_request_of_another_shape_is_refused(
    client: Client, room: scripted.Rehearsal, body: dict[str, Any]
) -> None:
    assert (await client.post("/demo/wecom/say", json=body)).status == 400
    assert room.wecom.said == []


async def test_a_form_of_another_site_is_refused(client: Client, room: scripted.Rehearsal) -> None:
    body = json.dumps({"user": "lisi", "text": "x"})
    response = await client.post("/demo/wecom/say", data=body, headers={"Content-Type": "text/plain"})
    assert response.status == 415
    assert room.wecom.said == []


async def test_an_unknown_platform_is_not_found(client: Client) -> None:
    assert (await client.post("/demo/fax/say", json={"user": "lisi", "text": "x"})).status == 404


# ---- the clock and bad days


async def test_one_clock_moves_for_all(client: Client, room: scripted.Rehearsal) -> None:
    before = room.clock.now()
    assert (await client.post("/demo/clock", json={"forward": 86400})).status == 200
    assert room.clock.now() - before >= timedelta(days=1)


@pytest.mark.parametrize("seconds", [-1, 400 * 86400, "soon"])
async def test_the_clock_does_not_go_back_or_leap(client: Client, room: scripted.Rehearsal, seconds: Any) -> None:
    before = room.clock.now()
    assert (await client.post("/demo/clock", json={"forward": seconds})).status == 400
    assert room.clock.now() - before < timedelta(hours=1)


async def test_a_fault_is_added_shown_and_cleared(client: Client, room: scripted.Rehearsal) -> None:
    await client.post("/demo/wecom/faults", json={"kind": "limit", "target": "api", "times": 3})
    assert room.wecom.faults.rules == [Fault("limit", "api", times=3)]
    shown = {one["platform"]: one["faults"] for one in (await state(client))["platforms"]}
    assert [rule["kind"] for rule in shown["wecom"]] == ["limit"]
    assert shown["dingtalk"] == []
    await client.delete("/demo/wecom/faults")
    assert room.wecom.faults.rules == []


async def test_tokens_are_revoked_and_connections_cut_at_once(client: Client, room: scripted.Rehearsal) -> None:
    await client.post("/demo/wecom/faults", json={"kind": "revoke"})
    await client.post("/demo/dingtalk/faults", json={"kind": "disconnect", "target": "stream"})
    assert (room.wecom.revoked, room.dingtalk.cut) == (1, 1)
    assert room.wecom.faults.rules == room.dingtalk.faults.rules == []


async def test_an_hour_offline_ends_when_the_clock_has_passed_it(client: Client, room: scripted.Rehearsal) -> None:
    changes = room.wecom.trace.subscribe()
    await client.post("/demo/wecom/faults", json={"kind": "down", "times": -1, "lasts": 3600})
    await client.post("/demo/wecom/faults", json={"kind": "down", "times": -1})
    await client.post("/demo/clock", json={"forward": 1800})
    assert len(room.wecom.faults.rules) == 2
    await client.post("/demo/clock", json={"forward": 1801})
    assert await changes.get() == ("change", {"faults": True})
    assert room.wecom.faults.rules == [Fault("down", times=-1)]


# ---- the feed


async def test_the_feed_begins_with_the_time_and_merges_all_platforms(client: Client, room: scripted.Rehearsal) -> None:
    async with client.get("/demo/feed") as feed:
        assert feed.content_type == "text/event-stream"
        assert (await event(feed))[0] == "clock"
        room.wecom.trace.changed(user="lisi", chat="bot")
        assert await event(feed) == ("change", {"user": "lisi", "chat": "bot", "platform": "wecom"})
        room.dingtalk.callback("text", "内容")
        name, line = await event(feed)
        assert (name, line["platform"], line["sealed"], "plain" in line) == ("wire", "dingtalk", True, False)


async def test_every_open_page_hears_that_the_clock_moved(client: Client) -> None:
    async with client.get("/demo/feed") as one, client.get("/demo/feed") as two:
        for feed in (one, two):
            await event(feed)
        await client.post("/demo/clock", json={"forward": 3600})
        for feed in (one, two):
            name, value = await event(feed)
            assert (name, value["now"][:13]) == ("clock", "2026-04-27T02")


async def test_the_feed_ends_when_the_server_stops(room: scripted.Rehearsal) -> None:
    server = TestServer(page.app(room.platforms, clock=room.clock, stage=scripted.STAGE))
    async with TestClient(server) as client, client.get("/demo/feed") as feed:
        await event(feed)
        await server.close()
        assert await feed.content.read() == b""
    assert not room.wecom.trace._feeds
