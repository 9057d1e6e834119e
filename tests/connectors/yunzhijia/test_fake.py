"""The stand-in is as strict as the notes: what the platform would refuse, it refuses."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import aiohttp
import pytest

from connectors.sandbox.faults import Fault


@pytest.fixture
async def post(rig):
    async with aiohttp.ClientSession() as session:

        async def one(path, **options):
            async with session.post(rig.base + path, **options) as response:
                return await response.json()

        yield one


@pytest.fixture
async def token(rig, post):
    async def one(scope="app"):
        asked = {"app": {"appId": "500400001", "secret": "app-secret"},
                 "resGroupSecret": {"eid": "9000001", "secret": "im-secret"}}[scope]  # fmt: skip
        answer = await post("/gateway/oauth2/token/getAccessToken",
                            json={**asked, "scope": scope, "timestamp": rig.millis()})  # fmt: skip
        return {"accessToken": answer["data"]["accessToken"]}

    return one


def sender(rig, **other):
    return {"no": "9000001", "pub": "XT-0a1b", "time": str(rig.millis()), "nonce": "n", "pubtoken": "x", **other}


async def test_a_wrong_secret_and_a_stale_stamp_get_no_token(rig, post):
    path = "/gateway/oauth2/token/getAccessToken"
    right = {"appId": "500400001", "secret": "app-secret", "scope": "app", "timestamp": rig.millis()}
    assert (await post(path, json=right))["success"] is True
    for wrong in ({"secret": "x"}, {"timestamp": rig.millis(ago=240)}, {"timestamp": 1700000000}, {"scope": "x"}):
        assert (await post(path, json={**right, **wrong}))["success"] is False


async def test_asking_again_gives_the_same_token_until_it_ends(rig, token):
    first = await token()
    assert await token() == first
    rig.clock.forward(timedelta(seconds=6401))
    assert await token() != first


async def test_a_message_with_a_wrong_pubtoken_or_for_a_stranger_is_refused(rig, post):
    to, msg = [{"no": "9000001", "user": ["u_li"]}], {"text": "x"}
    body = {"from": sender(rig), "to": to, "type": 2, "msg": msg}
    assert (await post("/pubacc/pubsendV2", json=body))["code"] == 5004
    numbers = {**body, "from": sender(rig, time=rig.millis())}
    assert (await post("/pubacc/pubsendV2", json=numbers))["code"] == 5000
    large = io.BytesIO(json.dumps({**body, "msg": {"text": "x" * 1_500_000}}).encode())
    answer = await post("/pubacc/pubsendV2", data=large, headers={"Content-Type": "application/json"})
    assert answer["code"] == 5002


async def test_a_token_of_another_scope_opens_nothing(post, token):
    query = await token("resGroupSecret")
    form = {"eid": "9000001", "begin": "0", "count": "10"}
    path = "/gateway/opendata-control/data/getallpersons"
    assert (await post(path, params=query, data=form))["success"] is False
    assert (await post(path, params=await token(), data=form))["errorCode"] == 100


async def test_contacts_asked_for_as_json_arrive_as_nothing(post, token):
    path = "/gateway/opendata-control/data/getallorgs"
    assert (await post(path, params=await token(), json={"eid": "9000001"}))["success"] is False


async def test_a_to_do_wants_all_its_fields_and_never_goes_back(rig, post, token):
    query, path = await token(), "/gateway/newtodo/open/"
    item = {"appId": "500400001", "sourceId": "s", "url": "https://o/", "title": "t", "headImg": "https://o/i.svg",
            "params": [{"openId": "u_li"}]}  # fmt: skip
    for name in ("sourceId", "url", "title", "headImg"):
        answer = await post(f"{path}generatetodo.json", params=query, json={**item, name: ""})
        assert answer["success"] == "false"
    await post(f"{path}generatetodo.json", params=query, json=item)
    change = {"sourcetype": "500400001", "sourceitemid": "s", "openids": ["u_li"]}
    await post(f"{path}action.json", params=query, json={**change, "actiontype": {"deal": 1}})
    await post(f"{path}action.json", params=query, json={**change, "actiontype": {"read": 1}})
    await post(f"{path}generatetodo.json", params=query, json=item)
    assert [one.state for one in rig.fake.api.todos.values()] == [2]
    nobody = {**change, "openids": [], "actiontype": {"deal": 1}}
    assert (await post(f"{path}action.json", params=query, json=nobody))["success"] == "false"


async def test_a_card_nobody_sent_or_with_a_foreign_variable_is_not_updated(post, token):
    body = {"appId": "500400001", "outTrackId": "none", "baseInfo": {"templateId": "tpl-base", "dataContent": "{}"}}
    path = "/gateway/groupassist/cardmsg/updateCardMsg"
    assert (await post(path, params=await token("resGroupSecret"), json=body))["success"] is False


async def test_a_group_robot_refuses_what_is_too_long_and_tells_its_limit(rig, post):
    path = "/gateway/robot/webhook/send?yzjtype=12&yzjtoken=group-token"
    assert (await post(path, json={"content": "x" * 3001}))["errorCode"] == 1401002
    rig.fake.faults.add(Fault("limit", "api", "webhook"))
    assert (await post(path, json={"content": "x"}))["success"] is False
    assert (await post(path.replace("group-token", "guess"), json={"content": "x"}))["success"] is False


async def test_what_travels_is_seen_without_what_opens_doors(rig, token):
    found = await token()
    lines = "".join(f"{line.plain}{line.answer}" for line in rig.fake.trace.lines)
    assert found["accessToken"] not in lines
    assert "app-secret" not in lines
