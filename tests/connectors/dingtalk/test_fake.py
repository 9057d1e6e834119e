"""The stand-in is strict: what the notes say the platform refuses, it refuses, and in the platform's words."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import aiohttp
import pytest

from connectors.dingtalk.fake.crypto import BadReply
from connectors.events import PeopleChanged, TextReceived

PUBLIC = {"title": "请假", "buttons": '[{"text":"同意","payload":"p","style":"plain","url":""}]', "can_act": "true"}


def body(made, **changes):
    whole = {
        "cardTemplateId": made.TEMPLATE, "outTrackId": "t1", "cardData": {"cardParamMap": dict(PUBLIC)},
        "openSpaceId": "dtv1.card//IM_ROBOT.u_li", "callbackType": "STREAM",
        "imRobotOpenSpaceModel": {"supportForward": False},
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": made.CLIENT},
    }  # fmt: skip
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


@pytest.fixture
async def call(stream):
    """(method, path, body) -> (status, answer), with a good token."""
    async with aiohttp.ClientSession() as session:

        async def one(method, path, sent=None, *, token=True, **options):
            headers = {"x-acs-dingtalk-access-token": stream.fake.world.issue_token()} if token else {}
            async with session.request(method, stream.base + path, json=sent, headers=headers, **options) as response:
                return response.status, await response.json(content_type=None)

        yield one


CREATE = "/v1.0/card/instances/createAndDeliver"
INSTANCES = "/v1.0/card/instances"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"cardTemplateId": "x"}, "param.templateNotExist"),
        ({"cardTemplateId": None}, "param.error"),
        ({"cardData": {"cardParamMap": {"n": 1}}}, "param.error"),
        ({"cardData": {"cardParamMap": {"n": "长" * 342}}}, "param.error"),
        ({"cardData": {"cardParamMap": {"k" * 101: "v"}}}, "param.error"),
        ({"openSpaceId": "IM_ROBOT.u_li"}, "param.openSpaceIdInvalid"),
        ({"imRobotOpenSpaceModel": {}}, "param.error"),
        ({"imRobotOpenDeliverModel": None}, "param.error"),
        ({"imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": "x"}}, "param.robotCodeInvalid"),
        ({"callbackType": "stream"}, "param.error"),
        ({"callbackType": "HTTP", "callbackRouteKey": "unknown"}, "param.callbackRouteKeyNotExist"),
        ({"surprise": 1}, "param.error"),
    ],
)
async def test_cards_with_one_thing_wrong(call, made, changes, code):
    status, answer = await call("POST", CREATE, body(made, **changes))
    assert (status, answer["code"]) == (400, code)
    assert answer["requestid"]


async def test_one_track_one_card(call, made, stream):
    assert (await call("POST", CREATE, body(made)))[0] == 200
    assert (await call("POST", CREATE, body(made)))[1]["code"] == "param.cardAlreadyExist"
    assert len(stream.shown()) == 1


async def test_an_update_without_its_option_wipes_everything_else(call, made, stream):
    await call("POST", CREATE, body(made))
    await call("PUT", INSTANCES, {"outTrackId": "t1", "cardData": {"cardParamMap": {"status": "同意"}}})
    (shown,) = stream.shown()
    assert (shown.title, shown.state, shown.updates) == ("", "同意", 1)


async def test_an_update_by_key_keeps_the_rest_and_private_data_is_only_the_named_ones(call, made, stream):
    await call("POST", CREATE, body(made))
    options = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
    data = {"outTrackId": "t1", "cardData": {"cardParamMap": {"note": "n"}}, "cardUpdateOptions": options,
            "privateData": {"u_zhang": {"cardParamMap": {"title": "别人的"}}}}  # fmt: skip
    await call("PUT", INSTANCES, data)
    (shown,) = stream.shown()
    assert (shown.title, shown.note) == ("请假", "n")
    await call("PUT", INSTANCES, {**data, "privateData": {"u_li": {"cardParamMap": {"title": "我的"}}}})
    assert stream.shown()[0].title == "我的"
    assert (await call("PUT", INSTANCES, {**data, "outTrackId": "none"}))[1]["code"] == "param.cardNotExist"


@pytest.mark.parametrize(
    "answer",
    [
        {"cardOptions": {"updateCardDataByKey": True}},
        {"cardData": {"cardParamMap": {"count": 1}}},
        {"userPrivateData": {"u_li": {"cardParamMap": {}}}},
        {"cardData": {"cardParamMap": {"note": "长" * 400}}},
        [],
        None,
    ],
)
async def test_a_bad_answer_to_a_tap_is_an_error_on_the_phone(call, made, stream, answer):
    await call("POST", CREATE, body(made))
    card = stream.fake.cards.cards["t1"]
    assert stream.fake.cards.answered(card, "u_li", answer) == "操作失败，请稍后重试"
    assert stream.shown()[0].title == "请假"


async def test_an_empty_answer_changes_nothing(call, made, stream):
    await call("POST", CREATE, body(made))
    stream.fake.cards.answered(stream.fake.cards.cards["t1"], "u_li", {})
    assert stream.shown()[0].buttons


async def test_tokens_are_the_same_while_they_live_and_prolonged(call, stream, made):
    keys = {"appKey": made.CLIENT, "appSecret": made.SECRET}
    unified = {"client_id": made.CLIENT, "client_secret": made.SECRET, "grant_type": "client_credentials"}
    first = (await call("POST", "/v1.0/oauth2/accessToken", keys))[1]["accessToken"]
    second = (await call("POST", f"/v1.0/oauth2/{made.CORP}/token", unified))[1]["access_token"]
    query = f"/gettoken?appkey={made.CLIENT}&appsecret={made.SECRET}"
    assert first == second == (await call("GET", query))[1]["access_token"]
    stream.clock.forward(timedelta(seconds=7201))
    assert (await call("POST", "/v1.0/oauth2/accessToken", keys))[1]["accessToken"] != first
    assert (await call("POST", "/v1.0/oauth2/accessToken", {**keys, "appSecret": "x"}))[0] == 400


async def test_no_token_no_call(call):
    assert (await call("POST", CREATE, {}, token=False))[0] == 401
    status, answer = await call("POST", "/topapi/v2/user/get?access_token=x", {"userid": "u_li"}, token=False)
    assert (status, answer["errcode"]) == (200, 40014)


async def test_the_twenty_first_call_in_a_second_is_refused(call, stream):
    answers = await asyncio.gather(*(call("PUT", INSTANCES, {"outTrackId": "x"}) for _ in range(25)))
    codes = [answer["code"] for _, answer in answers]
    assert codes.count("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi") >= 1
    assert codes.count("param.cardNotExist") <= 20
    stream.clock.forward(timedelta(seconds=2))
    assert (await call("PUT", INSTANCES, {"outTrackId": "x"}))[1]["code"] == "param.cardNotExist"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"userIds": []}, "staffId.over.limit"),
        ({"userIds": [f"u{n}" for n in range(21)]}, "staffId.over.limit"),
        ({"msgKey": "sampleNothing"}, "invalidParameter.msgKey"),
        ({"msgParam": {"content": "x"}}, "param.error"),
        ({"msgParam": '{"text":"x"}'}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": '{"content":1}'}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": json.dumps({"content": "x" * 15_000})}, "invalidParameter.msgParam.tooLong"),
        ({"robotCode": "x"}, "robot.notExist"),
    ],
)
async def test_robot_messages_with_one_thing_wrong(call, made, changes, code):
    good = {"robotCode": made.CLIENT, "userIds": ["u_li"], "msgKey": "sampleText", "msgParam": '{"content":"x"}'}
    status, answer = await call("POST", "/v1.0/robot/oToMessages/batchSend", {**good, **changes})
    assert (status, answer["code"]) == (400, code)


async def test_strangers_among_the_receivers_are_listed(call, made):
    text = {"msgKey": "sampleText", "msgParam": '{"content":"x"}'}
    sent = {"robotCode": made.CLIENT, "userIds": ["u_li", "u_gone"], **text}
    assert (await call("POST", "/v1.0/robot/oToMessages/batchSend", sent))[1]["invalidStaffIdList"] == ["u_gone"]


async def test_a_custom_robot_wants_its_signature(call, made):
    text = {"msgtype": "text", "text": {"content": "x"}}
    unsigned = await call("POST", f"/robot/send?access_token={made.ROBOT_TOKEN}", text, token=False)
    stranger = await call("POST", "/robot/send?access_token=x", text, token=False)
    assert (unsigned[1]["errcode"], stranger[1]["errcode"]) == (310000, 300001)


async def test_a_session_webhook_answers_for_ninety_minutes(call, stream):
    await stream.fake.say("u_li", "在吗")
    assert (await stream.next(TextReceived)).text == "在吗"
    (session,) = stream.fake.robots.sessions
    path = f"/robot/sendBySession?session={session}"
    markdown = {"msgtype": "markdown", "markdown": {"title": "t", "text": "在"}}
    assert (await call("POST", path, markdown, token=False))[1]["errcode"] == 0
    assert stream.shown()[-1].text == "在"
    stream.clock.forward(timedelta(minutes=91))
    assert (await call("POST", path, markdown, token=False))[1]["errcode"] == 300001


async def test_a_ticket_opens_one_socket_within_ninety_seconds(call, made, stream):
    async def ticket():
        topics = [{"type": "EVENT", "topic": "*"}]
        asked = {"clientId": made.CLIENT, "clientSecret": made.SECRET, "subscriptions": topics}
        answer = (await call("POST", "/v1.0/gateway/connections/open", asked, token=False))[1]
        return answer["endpoint"].replace("ws:", "http:"), answer["ticket"]

    async with aiohttp.ClientSession() as session:
        endpoint, first = await ticket()
        async with session.ws_connect(endpoint, params={"ticket": first}):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(endpoint, params={"ticket": first})
        endpoint, late = await ticket()
        stream.clock.forward(timedelta(seconds=91))
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(endpoint, params={"ticket": late})


async def test_a_gateway_takes_only_the_events_topic_star_and_good_keys(call, made):
    asked = {"clientId": made.CLIENT, "clientSecret": made.SECRET, "subscriptions": [{"type": "EVENT", "topic": "x"}]}
    path = "/v1.0/gateway/connections/open"
    assert (await call("POST", path, asked, token=False))[0] == 400
    assert (await call("POST", path, {**asked, "clientSecret": "x"}, token=False))[0] == 401


async def test_pushes_are_spread_over_several_connections(start, made):
    rig = await start(transport="stream")
    extra = asyncio.create_task(rig.connector.stream.run(rig.admit))
    await rig.until(lambda: len(rig.fake.gateway.sockets) == 2)
    for n in range(40):
        await rig.fake.emit("check_in", {"staffId": f"u{n}"})
    await rig.fake.idle()
    assert len(rig.fake.gateway.served) == 2
    assert rig.events.qsize() == 40
    extra.cancel()
    await asyncio.gather(extra, return_exceptions=True)


# HTTP mode


async def test_saving_the_address_asks_whether_somebody_is_there(http):
    await http.fake.push.check_url()
    http.fake.push.base = "http://127.0.0.1:9/nobody"
    with pytest.raises((BadReply, aiohttp.ClientError)):
        await http.fake.push.check_url()


async def test_an_event_is_tried_after_ten_and_thirty_seconds_and_then_listed(http):
    tried = []

    async def broken(events):
        tried.append(events[0].key)
        raise OSError("disk full")

    http.admit = broken
    await http.fake.emit("user_leave_org", {"userId": ["u_li"]})
    for n, pause in ((1, 10), (2, 20), (3, 0)):
        await http.until(lambda n=n: len(failures(http)) == n)
        http.clock.forward(timedelta(seconds=pause + 0.1))
    await http.fake.idle()
    assert len(tried) == 3
    assert len(set(tried)) == 1
    now = http.clock.now()
    (row,) = await http.connector.client.failed_events(since=now - timedelta(hours=1), until=now)
    assert row["callBackTag"] == "user_leave_org"


async def test_an_event_that_works_the_second_time_is_not_listed(http):
    async def once(events):
        http.admit = http._queue
        raise OSError("disk full")

    http.admit = once
    await http.fake.emit("user_leave_org", {"userId": ["u_li"]})
    await http.until(lambda: failures(http))
    http.clock.forward(timedelta(seconds=10.1))
    assert (await http.next(PeopleChanged)).change == "left"
    await http.fake.idle()
    assert http.fake.push.failed == []


def failures(rig):
    return [line for line in rig.fake.trace.lines if line.direction == "out" and line.status == "failed"]


async def test_the_wire_shows_what_travelled_and_what_it_meant(http, made):
    await http.fake.emit("user_leave_org", {"userId": ["u_li"]})
    await http.next(PeopleChanged)
    await http.fake.idle()
    line = http.fake.trace.lines[-1]
    assert '"user_leave_org"' in line.plain
    assert line.sealed
    assert line.answer == "success"
