"""What is this connector's own, beside the contract suite: the numbered traps of yuezhengyi.md, each by its section."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web
from pydantic import ValidationError
from yarl import URL as URLS
from yuezhengyi_rig import KEY, PAAS, PAAS_TOKEN, PLAIN, TOKEN, CardsRig, Rig, TasksRig

from cards.model import Button, Card, Link, Text
from config.wecom_family import YuezhengyiAccount
from connectors import errors, registry
from connectors.clock import SystemClock
from connectors.refs import PersonRef
from connectors.transport import Http
from connectors.yuezhengyi.fake import Deployment
from connectors.yuezhengyi.fake.gateway import Keys
from connectors.yuezhengyi.settings import from_account
from connectors.yuezhengyi.todo import NoTodos, Todo

LISI = PersonRef("yzy-main", "lisi")
URL = "https://bot.example.gov.cn/office/items/1"
SLIP = Card(kind="k", title="张三的年假3天", url=URL, buttons=(Button("同意", "a1.yes"), Button("退回", "a1.no")))
SECTION = {
    "name": "yzy-main", "platform": "yuezhengyi", "base_url": "https://yzy.example.gov.cn", "corp_id": "wl0123456789",
    "agent_id": 1, "secret": "s", "oauth_base": "https://yzy.example.gov.cn",
}  # fmt: skip


def section(**changes):
    return YuezhengyiAccount.model_validate({k: v for k, v in {**SECTION, **changes}.items() if v is not None})


def bubbles(rig, user="lisi"):
    phone = next(one for one in rig.fake.phones() if one.id == user)
    return [message for chat in phone.chats.values() for message in chat.messages]


# --- 2 and 6.1: no default host, no plain http by accident, no switched-off verification


def test_pitfall_6_1_a_missing_host_is_refused_and_never_the_public_one():
    with pytest.raises(ValidationError, match="base_url"):
        section(base_url=None)
    with pytest.raises(ValidationError, match="公网企业微信"):
        section(base_url="https://qyapi.weixin.qq.com")
    with pytest.raises(ValueError, match="no default host"):
        from_account(SimpleNamespace(base_url=""))
    direct = from_account(section(login="gateway", oauth_base=None, gateway={"paas_id": "p", "token": "t"},
                                  login_page="https://gw/?url={redirect}"))  # fmt: skip
    assert "weixin.qq.com" not in repr(direct)


@pytest.mark.parametrize("address", ["http://10.1.2.3:8080", "http://19.1.2.3:8081", "http://127.0.0.1:1"])
def test_pitfall_6_1_plain_http_needs_its_switch_and_a_private_address(address):
    with pytest.raises(ValidationError, match="allow_http"):
        section(base_url=address)
    assert from_account(section(base_url=address, allow_http=True)).base_url == address
    with pytest.raises(ValidationError, match="allow_http"):
        section(base_url="http://gateway.example.gov.cn", allow_http=True)


def test_pitfall_2_an_authority_of_the_extranet_is_named_and_verification_is_never_off(tmp_path):
    with pytest.raises(ValidationError, match="没有这个证书文件"):
        section(ca_bundle="/nowhere/ca.pem")
    empty = tmp_path / "ca.pem"
    empty.write_text("no certificate")
    with pytest.raises(ValueError, match="ca_bundle"):
        registry.build(section(ca_bundle=str(empty)), http=Http(), clock=SystemClock())


def test_pitfall_3_1_the_corp_id_is_checked_by_its_letters_only():
    for fine in ("wl0123456789", "ww0123456789", "wxOLD_id-1"):
        assert section(corp_id=fine).corp_id == fine
    for bad in ("wl 1", "wl", "wl/../../x", "w" * 65):
        with pytest.raises(ValidationError):
            section(corp_id=bad)


# --- 3: prefix, token, old paths


async def test_pitfall_3_1_every_call_goes_by_the_prefix_and_the_gateway_refuses_an_unsigned_one(started):
    rig = await started(Rig)
    await rig.connector.send(LISI, Text("一"), ref="r1")
    assert rig.fake.gateway.refused == 0
    async with aiohttp.ClientSession() as session:
        for path, status in (("/cgi-bin/gettoken", 404), ("/ebus/yzyapi/cgi-bin/gettoken", 403)):
            async with session.get(rig.base + path) as response:
                assert response.status == status


async def test_pitfall_3_3_words_to_a_deployment_without_callbacks_stay_on_the_phone(started):
    rig = await started(Rig)
    await rig.fake.say("lisi", "年假 5月6日到8日")
    await rig.fake.settle()
    assert bubbles(rig)[-1].kind == "system"
    assert rig.events.empty()


@pytest.mark.parametrize("wrong", [{"token": "another"}, {"paas_id": "another"}])
async def test_pitfall_4_a_wrong_key_at_the_gateway_is_the_operators_and_is_not_repeated(started, wrong):
    rig = await started(Rig, gateway={"paas_id": PAAS, "token": PAAS_TOKEN, **wrong})
    with pytest.raises(errors.PlatformRefused) as refused:
        await rig.connector.send(LISI, Text("一"), ref="r1")
    assert refused.value.status == 403
    assert rig.fake.gateway.refused == 1


async def test_pitfall_3_1_a_token_is_also_had_by_an_empty_post(started):
    rig = await started(TasksRig)
    await rig.connector.send(LISI, Text("一"), ref="r1")
    await rig.connector.send(LISI, Text("二"), ref="r2")
    assert rig.fake.tokens_issued == 1


async def test_pitfall_3_2_an_expired_token_is_renewed(started):
    rig = await started(Rig)
    await rig.connector.send(LISI, Text("一"), ref="r1")
    rig.clock.forward(timedelta(hours=3))
    await rig.connector.send(LISI, Text("二"), ref="r2")
    assert rig.fake.tokens_issued == 2


async def test_pitfall_3_2_a_member_of_whom_only_the_account_is_released_is_still_read(started):
    class Closed(Rig):
        deployment = Deployment(keys=Keys(PAAS, PAAS_TOKEN), kinds=PLAIN, released=frozenset())

    rig = await started(Closed)
    people = await rig.connector.people()
    assert {one.id for one in people} == {"zhangsan", "lisi", "zhaoliu"}
    assert {one.name for one in people} == {""}


async def test_pitfall_3_3_recall_is_off_until_the_operator_says_otherwise(started):
    rig = await started(Rig)
    with pytest.raises(errors.Unsupported):
        await rig.connector.recall({"msgid": "1"})


async def test_pitfall_3_3_limits_are_ours_and_low(started):
    rig = await started(Rig, per_member_a_minute=2, per_minute=3)
    zhang = PersonRef("yzy-main", "zhangsan")
    for who in (LISI, LISI, zhang):
        await rig.connector.send(who, Text("一"), ref="r")
    for who in (LISI, zhang):
        with pytest.raises(errors.Throttled):
            await rig.connector.send(who, Text("一"), ref="r")
    rig.clock.forward(timedelta(minutes=1, seconds=1))
    await rig.connector.send(LISI, Text("一"), ref="r")


# --- 4: what the signature does not cover


async def test_pitfall_4_the_signature_covers_no_body_so_a_repeat_that_may_have_come_is_marked(started):
    rig = await started(Rig)
    await rig.connector.send(LISI, Link("通知", "请阅", URL), ref="r1", repeated=True)
    assert bubbles(rig)[-1].title == "↻ 通知"
    assert rig.connector.capabilities.safe_repeat == frozenset()


# --- 5: who somebody is


async def test_pitfall_5_the_old_login_path_and_its_spelling(started):
    rig = await started(Rig)
    url = rig.connector.login_url(redirect="https://bot.example.gov.cn/office/login/back", state="abc")
    url = url.split("#")[0] + "&user=LiSi"
    async with aiohttp.ClientSession() as session, session.get(url, allow_redirects=False) as response:
        code = response.headers["Location"].split("code=")[1].split("&")[0]
    assert await rig.connector.login(code) == LISI
    with pytest.raises(errors.PlatformRefused) as used:
        await rig.connector.login(code)
    assert used.value.code == "40029"


def gateway_login(**gateway):
    return {
        "login": "gateway", "oauth_base": None, "login_page": "https://gw/_tif_wwlocal_login_/?url={redirect}",
        "gateway": {"paas_id": PAAS, "token": PAAS_TOKEN, **gateway},
    }  # fmt: skip


async def test_pitfall_5_the_gateways_word_counts_once_and_from_its_address_only(started):
    rig = await started(Rig, **gateway_login(addresses=["10.0.0.9"]))
    now, word = rig.clock.now(), rig.fake.gateway.stamp(uid="LiSi")
    with pytest.raises(errors.Rejected, match="not from the gateway"):
        rig.connector.vouched(word, remote="10.0.0.8", now=now)
    assert rig.connector.vouched(word, remote="10.0.0.9", now=now) == LISI
    with pytest.raises(errors.Rejected, match="nonce"):
        rig.connector.vouched(word, remote="10.0.0.9", now=now)
    with pytest.raises(errors.Rejected, match="nobody"):
        rig.connector.vouched(rig.fake.gateway.stamp(), remote="10.0.0.9", now=now)


async def test_pitfall_5_headers_mean_nothing_where_the_account_signs_in_by_code(started):
    rig = await started(Rig)
    assert rig.connector.vouched(rig.fake.gateway.stamp(uid="lisi"), remote="", now=rig.clock.now()) is None


async def test_pitfall_5_the_login_page_gets_every_value_encoded(started):
    rig = await started(Rig, **gateway_login())
    url = rig.connector.login_url(redirect="https://bot/office/login/back?via=yzy-main", state="s1")
    assert url.endswith("url=https%3A%2F%2Fbot%2Foffice%2Flogin%2Fback%3Fvia%3Dyzy-main%26state%3Ds1")


PROVINCE = "https://id.example.gov.cn/zwrz/rz/authorize?client_id=c&store_code=s&scope=all&response_type=code"
OTHER = "https://gw.example.gov.cn/login?clientId=c&authType=yuezhengyi&redirectUrl={redirect}"
DESKTOP = "https://yzy.example.gov.cn/wwopen/sso/qrConnect?appid={corp_id}&agentid={agent_id}&redirect_uri={redirect}&state={state}"


async def test_pitfall_5_every_other_page_is_a_template_and_the_state_comes_back_in_any_case(started):
    back = "https://bot/office/login/back?via=yzy-main"
    for page in (f"{PROVINCE}&redirect_uri={{redirect}}", OTHER, DESKTOP):
        rig = await started(Rig, login="page", login_page=page, oauth_base=None)
        url = URLS(rig.connector.login_url(redirect=back, state="s1"))
        way = next(value for name, value in url.query.items() if name.startswith("redirect"))
        assert way.startswith(back)
        assert (url.query.get("state") or URLS(way).query["state"]) == "s1"
        with pytest.raises(errors.PlatformRefused) as unknown:
            await rig.connector.login("nobody-s")
        assert unknown.value.code == "40029"  # the deployment was asked, and says so


async def test_pitfall_5_a_code_of_the_provincial_identity_is_asked_about_where_the_operator_says(started):
    asked = []

    async def check(request):
        asked.append((request.query["code"], {name for name in request.headers if name.lower().startswith("x-tif")}))
        return web.json_response({"data": {"userId": "LiSi"} if request.query["code"] == "c 1&x" else {}})

    app = web.Application()
    app.router.add_get("/check", check)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        address = "http://{}:{}/check?code={{code}}".format(*runner.addresses[0][:2])
        rig = await started(Rig, login="page", login_page=OTHER, oauth_base=None, code_check=address,
                            code_user="data.userId", allow_http=True)  # fmt: skip
        assert await rig.connector.login("c 1&x") == LISI
        with pytest.raises(errors.PlatformRefused) as used:
            await rig.connector.login("old")
        assert used.value.code == "40029"
        assert asked == [("c 1&x", set()), ("old", set())]  # what the gateway may see is not shown to others
    finally:
        await runner.cleanup()


def test_pitfall_5_a_login_page_is_a_whole_address_with_its_way_back():
    for page in ("", "https://id.example.gov.cn/", "http://id.example.gov.cn/?r={redirect}", "/login?r={redirect}"):
        with pytest.raises(ValidationError, match="login_page"):
            section(login="page", login_page=page, oauth_base=None)
    with pytest.raises(ValidationError, match="code_check"):
        section(login="page", login_page=OTHER, oauth_base=None, code_check="https://id.example.gov.cn/check")


# --- 6.2 and 6.3: abilities, found out or set


async def test_pitfall_6_2_a_kind_that_is_absent_is_tried_once_and_then_never(started):
    class Poor(Rig):
        deployment = Deployment(keys=Keys(PAAS, PAAS_TOKEN), kinds=frozenset({"text"}))

    rig = await started(Poor)
    for ref in ("r1", "r2"):
        await rig.connector.send(LISI, SLIP, ref=ref)
    assert [one.kind for one in bubbles(rig)] == ["text", "text"]
    assert all(one.text.endswith(URL) for one in bubbles(rig))
    sends = [one for one in rig.fake.trace.lines if one.name == "POST message/send"]
    assert len(sends) == 3
    assert rig.connector.flags["textcard"] is False


async def test_pitfall_6_2_a_trouble_that_says_nothing_about_the_kind_is_no_reason_to_step_down(started):
    rig = await started(Rig)
    with pytest.raises(errors.PlatformRefused):
        await rig.connector.send(PersonRef("yzy-main", "nobody"), SLIP, ref="r1")
    assert rig.connector.flags["textcard"] is None


@pytest.mark.parametrize(("kind", "there"), [
    (Rig, {"textcard"}), (CardsRig, {"textcard", "markdown", "template_card"}), (TasksRig, {"textcard", "taskcard"}),
])  # fmt: skip
async def test_pitfall_6_2_the_probe_finds_what_is_there(started, kind, there):
    rig = await started(kind)
    found = await rig.connector.probe("lisi", link=URL, words="测试")
    assert {name for name in ("textcard", "markdown", "template_card", "taskcard") if found[name]} == there
    assert all(found[name] is not None for name in ("textcard", "markdown", "template_card", "taskcard"))


async def test_pitfall_6_2_unknown_abilities_show_in_the_doctors_report(started):
    rig = await started(Rig)
    report = {one.what: one for one in await rig.connector.diagnose()}
    assert report["token"].ok
    assert report["members"].ok
    assert report["flags"].code == "unprobed"
    assert "textcard" in report["flags"].detail["words"]


async def test_pitfall_6_3_a_stale_card_stays_and_its_end_is_a_message_of_its_own(started):
    rig = await started(Rig)
    handle = await rig.connector.send(LISI, SLIP, ref="r1")
    with pytest.raises(errors.CardSpent):
        await rig.connector.update(LISI, handle, SLIP, ref="r1")


async def test_pitfall_6_3_a_task_card_is_closed_once(started):
    rig = await started(TasksRig)
    closed = Card(kind="k", title="张三的年假3天", state="李四已同意", url=URL)
    handle = await rig.connector.send(LISI, SLIP, ref="r1")
    handle = await rig.connector.update(LISI, handle, closed, ref="r1")
    assert bubbles(rig)[-1].state == "李四已同意"
    with pytest.raises(errors.CardSpent):
        await rig.connector.update(LISI, handle, closed, ref="r1")


# --- 6.4: what comes in


def test_pitfall_6_4_without_keys_or_flag_there_is_no_door():
    settings = from_account(section())
    assert not settings.receives
    with pytest.raises(ValidationError, match="callback"):
        section(capabilities={"callback": "yes"})
    with pytest.raises(ValidationError, match="没有回调"):
        section(capabilities={"template_card": "yes"})
    keyed = {"token": TOKEN, "encoding_aes_key": KEY}
    assert not from_account(section(**keyed)).receives  # keys alone do not make the deployment call
    assert from_account(section(**keyed, capabilities={"callback": "yes"})).receives


async def test_pitfall_6_4_the_receive_id_is_a_setting(started):
    rig = await started(CardsRig, receive_id="wl-another")
    door = rig.connector.doors["app"]
    with pytest.raises(errors.Rejected):
        door.read(rig.delivery(rig.text()))
    assert door.read(rig.delivery(rig.text(), corp="wl-another"))


def test_pitfall_6_4_a_bot_needs_an_address_of_its_own():
    with pytest.raises(ValidationError, match="bot_url"):
        section(bot_id="b", bot_secret="s")
    with pytest.raises(ValidationError, match="wss"):
        section(bot_id="b", bot_secret="s", bot_url="ws://yzy.example.gov.cn/x")


# --- 6.5 and 7


async def test_pitfall_6_5_no_vendors_to_do_list_is_invented(started):
    rig = await started(Rig)
    before = len(rig.fake.trace.lines)
    assert isinstance(rig.connector.todos, NoTodos)
    todo = Todo(id="1", title="待办", assignee="lisi", url=URL)
    for act in (rig.connector.todos.create, rig.connector.todos.complete, rig.connector.todos.delete):
        await act(todo)
    assert len(rig.fake.trace.lines) == before


class List:
    """A unified to-do list as some operator might describe it: who is told what, in order."""

    def __init__(self):
        self.heard, self.code = [], 0

    async def __aenter__(self):
        app = web.Application()
        app.router.add_post("/{act}", self.take)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        base = "http://{}:{}".format(*self.runner.addresses[0][:2])
        one = {"sn": "{id}", "who": ["{assignee}"]}
        self.section = {
            "create": {"url": f"{base}/create", "body": {**one, "info": {"name": "{title}", "link": "{url}", "n": 1}}},
            "complete": {"url": f"{base}/complete", "body": one}, "delete": {"url": f"{base}/delete", "body": one},
            "headers": {"Authorization": "key"}, "success": "code=0",
        }  # fmt: skip
        return self

    async def __aexit__(self, *_):
        await self.runner.cleanup()

    async def take(self, request):
        assert request.headers["Authorization"] == "key"
        self.heard.append((request.match_info["act"], await request.json()))
        return web.json_response({"code": self.code})

    @property
    def acts(self):
        return [(act, body["sn"]) for act, body in self.heard]


TASK = replace(SLIP, kind="approval.decide", title='张三的"年假"}{id}')


async def test_pitfall_6_5_a_list_that_the_operator_describes_follows_each_slip(started):
    async with List() as todos:
        rig = await started(Rig, todo=todos.section, allow_http=True)
        handle = await rig.connector.send(LISI, TASK, ref="r1")
        ((act, body),) = todos.heard
        assert (act, body["who"], body["info"]) == ("create", ["lisi"], {"name": TASK.title, "link": URL, "n": 1})
        await rig.connector.send(LISI, replace(TASK, kind="leave.confirm"), ref="r2")  # a draft is no to-do
        with pytest.raises(errors.CardSpent):  # what was said cannot change; the list can
            await rig.connector.update(LISI, handle, replace(TASK, buttons=(), state="已同意"), ref="r3")
        with pytest.raises(errors.PlatformRefused):
            await rig.connector.send(PersonRef("yzy-main", "nobody"), TASK, ref="r4")
        assert todos.acts == [("create", "r1"), ("complete", "r1"), ("create", "r4"), ("delete", "r4")]


async def test_pitfall_6_5_a_list_that_refuses_keeps_no_message_back(started):
    async with List() as todos:
        rig = await started(Rig, todo=todos.section, allow_http=True)
        todos.code = 7
        handle = await rig.connector.send(LISI, TASK, ref="r1")
        assert "todo" not in handle
        assert bubbles(rig)[-1].title == TASK.title


def test_pitfall_7_no_secret_shows_in_a_record():
    account = section(secret="the-secret", gateway={"paas_id": "p", "token": "the-token"})
    for shown in (repr(account), repr(from_account(account))):
        assert "the-secret" not in shown
        assert "the-token" not in shown


def test_a_direct_deployment_is_the_same_connector_without_a_gateway():
    settings = from_account(section(capabilities={"textcard": True, "markdown": False}))
    assert settings.gateway is None
    assert settings.base_url == "https://yzy.example.gov.cn"
    assert (settings.flags.textcard, settings.flags.markdown, settings.flags.taskcard) == (True, False, None)
