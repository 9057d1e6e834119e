"""The control address refuses in words what it cannot do, and never answers 500."""

from __future__ import annotations

import pytest

from connectors.clock import MovableClock
from connectors.sandbox.office import Member, SandboxOffice
from connectors.wecom.fake import Fake


@pytest.fixture
async def client(aiohttp_client):
    office = SandboxOffice(members=(Member("wangwu", "王五", "人事科"),))
    fake = Fake(corp_id="ww1", agent_id=1, secret="s", office=office, clock=MovableClock())
    return await aiohttp_client(fake.app())


@pytest.mark.parametrize(
    ("act", "body", "status"),
    [
        ("say", "not json", 400),
        ("say", "{}", 400),
        ("say", '{"user": "wangwu", "text": "", "more": 1}', 400),
        ("say", '{"user": "nobody", "text": "hi"}', 404),
        ("say", '{"user": "wangwu", "text": "hi"}', 200),
        ("tap", '{"user": "wangwu", "message": "x", "button": "y"}', 404),
        ("clock", '{"forward": -1}', 400),
        ("clock", '{"forward": 60}', 200),
        ("faults", '{"kind": "error", "status": 200}', 400),
        ("faults", '{"kind": "error", "match": "message/send"}', 200),
        ("send", '{"user": "wangwu", "kind": "image", "name": "a.png"}', 400),
    ],
)
async def test_each_act_has_its_status(client, act, body, status):
    answer = await client.post(f"/_control/{act}", data=body)
    assert answer.status == status
    if status >= 400:
        assert (await answer.json())["error"]


async def test_state_shows_what_was_said_and_the_faults_in_force(client):
    await client.post("/_control/say", json={"user": "wangwu", "text": "你好"})
    await client.post("/_control/faults", json={"kind": "slow", "seconds": 1})
    state = await (await client.get("/_control/state")).json()
    said = [message["text"] for chat in state["phones"][0]["chats"].values() for message in chat["messages"]]
    assert said == ["你好"]
    assert [fault["kind"] for fault in state["faults"]] == ["slow"]
    await client.delete("/_control/faults")
    assert (await (await client.get("/_control/state")).json())["faults"] == []
