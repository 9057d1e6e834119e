"""The fake is strict: what WeCom refuses, cuts, drops and repeats, each said once (wecom.md 2, 4, 7, 8, 9, 11)."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import timedelta
from hashlib import md5
from io import BytesIO

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from cards.model import Text
from connectors.events import ButtonPressed, LocationReceived, ObjectChanged, TextReceived
from connectors.refs import PersonRef
from connectors.sandbox.faults import Fault
from connectors.sandbox.phones import Message
from connectors.wecom.fake import cards as strict
from connectors.wecom.fake.world import Refusal

ASK = {"corpid": "ww1234567890abcdef", "corpsecret": "app-secret"}
BUTTONS = [{"text": "同意", "key": "k1"}, {"text": "退回", "key": "k2"}]
CARD = {
    "card_type": "button_interaction", "task_id": "t1", "main_title": {"title": "请假"}, "button_list": BUTTONS,
}  # fmt: skip


def text(content="你好", **more):
    return {"touser": "lisi", "msgtype": "text", "agentid": 1000002, "text": {"content": content}, **more}


def card(**change):
    body = {key: value for key, value in (CARD | change).items() if value is not None}
    return {"touser": "lisi", "msgtype": "template_card", "agentid": 1000002, "template_card": body}


def bubbles(rig, user="lisi", chat="bot"):
    return next(phone for phone in rig.fake.phones() if phone.id == user).chats[chat].messages


# --- tokens


async def test_a_repeated_gettoken_gives_the_same_token_with_less_life(rig):
    first = await rig.get("/cgi-bin/gettoken", **ASK)
    rig.clock.forward(timedelta(seconds=100))
    second = await rig.get("/cgi-bin/gettoken", **ASK)
    assert first["access_token"] == second["access_token"]
    assert 7195 <= first["expires_in"] <= 7200
    assert second["expires_in"] <= first["expires_in"] - 100


@pytest.mark.parametrize(
    ("change", "code"),
    [({"corpsecret": "no"}, 40001), ({"corpid": "ww9"}, 40013), ({"corpid": ""}, 41002), ({"corpsecret": ""}, 41004)],
)
async def test_gettoken_refuses(rig, change, code):
    assert (await rig.get("/cgi-bin/gettoken", **(ASK | change)))["errcode"] == code


async def test_tokens_end_by_the_clock_and_by_revocation(rig, call):
    assert (await call("user/get", userid="lisi"))["errcode"] == 0
    assert (await call("user/get", userid="lisi", access_token="made-up"))["errcode"] == 40014
    assert (await call("user/get", userid="lisi", access_token=""))["errcode"] == 41001
    rig.clock.forward(timedelta(seconds=7201))
    assert (await call("user/get", userid="lisi"))["errcode"] == 42001
    fresh = (await rig.get("/cgi-bin/gettoken", **ASK))["access_token"]
    rig.fake.revoke_tokens()
    assert (await call("user/get", userid="lisi", access_token=fresh))["errcode"] == 40014


async def test_the_address_book_assistant_sends_nothing(rig, call):
    theirs = await rig.get("/cgi-bin/gettoken", **(ASK | {"corpsecret": "contact-secret"}))
    assert (await call("user/list_id", {}, access_token=theirs["access_token"]))["errcode"] == 0
    assert (await call("message/send", text(), access_token=theirs["access_token"]))["errcode"] == 48002


# --- message/send


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"agentid": 1000002}, 40008),
        (text(msgtype="hologram"), 40008),
        (text(agentid=None), 40056),
        (text(agentid="1000002"), 40056),
        (text(agentid=1000003), 301002),
        (text(text={}), 40058),
        (text(text="你好"), 40058),
        (text(touser=""), 82001),
        (text(touser="nobody|noone"), 81013),
        (text(touser="|".join(f"u{n}" for n in range(1001))), 82001),
        (text(toparty="|".join(map(str, range(101)))), 82002),
        (text(msgtype="markdown", markdown={"content": "假" * 700}), 45002),
        (text(msgtype="textcard", textcard={"title": "t", "description": "d"}), 40058),
        (text(msgtype="textcard", textcard={"title": "t", "description": "d", "url": "x.cn"}), 40058),
        (text(msgtype="news", news={"articles": []}), 40058),
        (text(msgtype="news", news={"articles": [{"title": "t", "url": "https://x"}] * 9}), 40058),
        (text(msgtype="file", file={"media_id": "none"}), 40007),
        (text(enable_duplicate_check=1, duplicate_check_interval=14401), 40058),
        (b'{"touser":"lisi","msgtype":"text","agentid":1000002,"text":{"content":"\\u4f60"}}', 40033),
        (b"[1]", 47001),
        (b"{", 47001),
    ],
)
async def test_messages_that_are_refused(rig, call, body, code):
    assert (await call("message/send", body))["errcode"] == code
    assert bubbles(rig) == []


async def test_a_backslash_before_a_u_is_no_escape(rig, call):
    assert (await call("message/send", text("C:\\u4f60")))["errcode"] == 0
    assert bubbles(rig)[0].text == "C:\\u4f60"


async def test_partial_delivery_names_the_others_in_lower_case(rig, call):
    answer = await call("message/send", text(touser="LISI|Nobody|zhangsan"))
    assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody")
    assert len(bubbles(rig, "ZhangSan")) == 1


async def test_everybody_and_a_department(rig, call):
    await call("message/send", text(touser="@all"))
    department = (await call("user/get", userid="wangwu"))["department"][0]
    await call("message/send", text("二", touser="", toparty=str(department)))
    assert [len(bubbles(rig, who)) for who in ("lisi", "wangwu", "ZhangSan", "zhaoliu")] == [1, 2, 1, 1]


async def test_long_texts_are_cut_silently(rig, call):
    assert (await call("message/send", text("假" * 1000)))["errcode"] == 0
    assert bubbles(rig)[0].text == "假" * 682


async def test_the_31st_message_of_a_minute_vanishes_with_a_friendly_answer(rig, call):
    answers = [await call("message/send", text(f"{n}")) for n in range(31)]
    assert {answer["errcode"] for answer in answers} == {0}
    assert len(bubbles(rig)) == 30
    rig.clock.forward(timedelta(minutes=1))
    await call("message/send", text("later"))
    assert bubbles(rig)[-1].text == "later"


async def test_an_identical_json_vanishes_inside_its_window_only(rig, call):
    body = text(enable_duplicate_check=1, duplicate_check_interval=60)
    for _ in range(2):
        assert (await call("message/send", body))["errcode"] == 0
    assert len(bubbles(rig)) == 1
    await call("message/send", text())
    await call("message/send", text())
    assert len(bubbles(rig)) == 3
    rig.clock.forward(timedelta(seconds=61))
    await call("message/send", body)
    assert len(bubbles(rig)) == 4


# --- template cards


def option(number):
    return {"id": f"o{number}", "text": f"{number}"}


VOTE = {"card_type": "vote_interaction", "button_list": None, "submit_button": {"text": "提交", "key": "k"}}
LISTS = {"card_type": "multiple_interaction", "button_list": None, "submit_button": {"text": "提交", "key": "k"}}
QUESTION = {"question_key": "q", "option_list": [option(1), option(2)]}
NOTICE = {"card_type": "text_notice", "button_list": None, "task_id": None}


@pytest.mark.parametrize(
    "change",
    [
        {"card_type": "poem"}, {"task_id": None}, {"task_id": "a:b"}, {"task_id": "x" * 129}, {"main_title": {}},
        {"button_list": []}, {"button_list": BUTTONS * 4}, {"button_list": [BUTTONS[0], BUTTONS[0]]},
        {"button_list": [{"text": "x", "key": "k" * 1025}]}, {"button_list": [{"text": "x"}]},
        {"button_list": [{"text": "x", "key": "k", "style": 5}]}, {"button_list": [{"text": "x", "type": 1}]},
        {"action_menu": {"action_list": [{"text": f"{n}", "key": f"{n}"} for n in range(4)]}},
        {"action_menu": {"action_list": [{"text": "x", "key": "k"}] * 2}},
        {"horizontal_content_list": [{"keyname": "k", "value": "v"}] * 7},
        {"horizontal_content_list": [{"keyname": "k", "type": 1}]},
        {"horizontal_content_list": [{"keyname": "k", "type": 3}]},
        {"jump_list": [{"title": "t"}] * 4},
        {"card_action": {"type": 1, "url": "oa.example.gov.cn"}},
        {"button_selection": {"question_key": "q", "option_list": [option(n) for n in range(11)]}},
        {"button_selection": {"question_key": "q", "option_list": [option(1), option(1)]}},
        VOTE, VOTE | {"checkbox": QUESTION, "submit_button": {"text": "x"}},
        VOTE | {"checkbox": {"question_key": "q", "option_list": [option(n) for n in range(21)]}},
        VOTE | {"checkbox": QUESTION | {"mode": 2}},
        LISTS, LISTS | {"select_list": [QUESTION] * 2}, LISTS | {"select_list": [QUESTION] * 4},
        NOTICE, NOTICE | {"card_action": {"type": 1, "url": "https://x"}, "main_title": {}},
        NOTICE | {"card_type": "news_notice", "card_action": {"type": 1, "url": "https://x"}},
        NOTICE | {"card_type": "news_notice", "card_action": {"type": 1, "url": "https://x"},
                  "card_image": {"url": "https://p", "aspect_ratio": 3}},
    ],
    ids=lambda change: str(change)[:60],
)  # fmt: skip
async def test_cards_that_are_refused(rig, call, change):
    assert (await call("message/send", card(**change)))["errcode"] == 40058
    assert bubbles(rig) == []


@pytest.mark.parametrize(
    "change",
    [
        {}, {"button_list": BUTTONS[:1] * 1}, VOTE | {"checkbox": QUESTION}, LISTS | {"select_list": [QUESTION]},
        {"task_id": "appr-20250101-0007@v1"}, {"button_list": [{"text": "x", "key": "k" * 1024}]},
    ],
    ids=lambda change: str(change)[:60],
)  # fmt: skip
async def test_cards_with_buttons_carry_a_code(rig, call, change):
    assert (await call("message/send", card(**change)))["response_code"]
    assert bubbles(rig)[0].kind == "card"


WHOLE = CARD | {
    "source": {"desc": "办公室", "desc_color": 1},
    "quote_area": {"type": 0, "quote_text": "原文"},
    "horizontal_content_list": [{"keyname": "k", "value": "v", "type": 1, "url": "https://x"}],
    "jump_list": [{"type": 1, "title": "t", "url": "https://x"}],
    "card_action": {"type": 1, "url": "https://x"},
    "action_menu": {"desc": "d", "action_list": [{"text": "x", "key": "m"}]},
    "button_selection": QUESTION,
    "checkbox": QUESTION | {"mode": 1},
    "select_list": [QUESTION],
    "submit_button": {"text": "提交", "key": "s"},
    "card_image": {"url": "https://p"},
    "vertical_content_list": [{"title": "t", "desc": "d"}],
}
junk = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 30), st.text(max_size=3), st.just([]), st.just({}), st.just([1]),
    st.just([{}]), st.just([[]]), st.just({"type": 1}),
)  # fmt: skip


@given(st.data())
def test_no_shape_of_a_card_breaks_the_server(data):
    body = json.loads(json.dumps(WHOLE))
    body["card_type"] = data.draw(st.sampled_from(sorted(strict.INTERACTIVE | strict.NOTICES)))
    for _ in range(data.draw(st.integers(1, 3))):
        spot = body
        while True:
            key = data.draw(st.sampled_from(sorted(spot) if isinstance(spot, dict) else list(range(len(spot)))))
            inner = spot[key]
            if not isinstance(inner, (dict, list)) or not inner or data.draw(st.booleans()):
                break
            spot = inner
        spot[key] = json.loads(json.dumps(data.draw(junk)))
    try:
        strict.check(body)
    except Refusal:
        return
    assert strict.draw(strict.Copy(body), bubble=Message("m", "", "card")).source.startswith("template_card/")
    assert len(dict(strict.keys(body))) <= 9
    strict.questions(body)


async def test_a_notice_carries_a_code_only_with_a_menu(rig, call):
    notice = NOTICE | {"card_action": {"type": 1, "url": "https://x"}}
    assert "response_code" not in await call("message/send", card(**notice))
    menu = {"action_menu": {"action_list": [{"text": "x", "key": "k"}]}}
    assert (await call("message/send", card(**notice, **menu)))["errcode"] == 40058
    assert (await call("message/send", card(**(notice | menu | {"task_id": "t9"}))))["response_code"]


async def test_a_task_id_is_used_once(rig, call):
    await call("message/send", card())
    assert (await call("message/send", card()))["errcode"] != 0
    assert len(bubbles(rig)) == 1


async def test_without_a_callback_there_are_no_cards_with_buttons(rig, call):
    rig.fake.set_callback("")
    assert (await call("message/send", card()))["errcode"] == 48002


async def test_the_phone_shows_a_card_cut_as_the_client_cuts_it(rig, call):
    lines = [{"keyname": "六个字的名字", "value": "值" * 40}]
    await call("message/send", card(main_title={"title": "题" * 40, "desc": "述" * 50}, horizontal_content_list=lines))
    shown = bubbles(rig)[0]
    assert (len(shown.title), len(shown.subtitle)) == (36, 44)
    assert (shown.fields[0].name, len(shown.fields[0].value)) == ("六个字的名", 30)


# --- update


def update(code, **change):
    return {
        "userids": ["lisi"],
        "agentid": 1000002,
        "response_code": code,
        "button": {"replace_name": "已同意"},
    } | change


async def test_a_code_works_once_and_for_72_hours(rig, call):
    code = (await call("message/send", card()))["response_code"]
    assert await call("message/update_template_card", update(code)) == {
        "errcode": 0, "errmsg": "ok", "invaliduser": [],
    }  # fmt: skip
    assert (bubbles(rig)[0].state, bubbles(rig)[0].updates) == ("已同意", 1)
    assert [(button.text, button.dead) for button in bubbles(rig)[0].buttons] == [("已同意", True)]
    assert (await call("message/update_template_card", update(code)))["errcode"] != 0
    late = (await call("message/send", card(task_id="t2")))["response_code"]
    rig.clock.forward(timedelta(hours=72))
    fresh = (await rig.get("/cgi-bin/gettoken", **ASK))["access_token"]
    assert (await call("message/update_template_card", update(late), access_token=fresh))["errcode"] != 0


async def test_a_refused_update_does_not_spend_its_code(rig, call):
    code = (await call("message/send", card()))["response_code"]
    for change in ({"button": None}, {"template_card": {"card_type": "x"}}, {"agentid": 1}, {"userids": []}):
        assert (await call("message/update_template_card", update(code, **change)))["errcode"] != 0
    assert (await call("message/update_template_card", update(code)))["errcode"] == 0


async def test_only_original_receivers_are_touched_and_the_others_are_an_array(rig, call):
    code = (await call("message/send", card()))["response_code"]
    answer = await call("message/update_template_card", update(code, userids=["LISI", "WangWu"]))
    assert answer["invaliduser"] == ["wangwu"]
    assert bubbles(rig, "wangwu") == []


async def test_all_receivers_at_once(rig, call):
    code = (await call("message/send", card() | {"touser": "lisi|wangwu"}))["response_code"]
    await call(
        "message/update_template_card", update(code, userids=None, atall=1, template_card=CARD | {"replace_text": "完"})
    )
    assert [bubbles(rig, who)[0].state for who in ("lisi", "wangwu")] == ["完", "完"]


# --- groups and robots


async def test_a_group_of_the_app(rig, call):
    made = await call("appchat/create", {"name": "组", "userlist": ["lisi", "wangwu"], "chatid": "team1"})
    assert made["chatid"] == "team1"
    phone = next(phone for phone in rig.fake.phones() if phone.id == "lisi")
    assert "team1" not in phone.chats  # not before its first message
    body = {"chatid": "team1", "msgtype": "text", "text": {"content": "开会"}}
    assert (await call("appchat/send", body))["errcode"] == 0
    assert bubbles(rig, chat="team1")[0].text == "开会"
    await call("appchat/update", {"chatid": "team1", "add_user_list": ["ZhangSan"], "del_user_list": ["wangwu"]})
    assert (await call("appchat/get", chatid="team1"))["chat_info"]["userlist"] == ["lisi", "ZhangSan"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("appchat/create", {"userlist": ["lisi"]}),
        ("appchat/create", {"userlist": ["lisi", "nobody"]}),
        ("appchat/create", {"userlist": ["lisi", "wangwu"], "chatid": "a-b"}),
        ("appchat/create", {"userlist": ["lisi", "wangwu"], "name": "x" * 51}),
        ("appchat/create", {"userlist": ["lisi", "wangwu"], "owner": "zhaoliu"}),
        ("appchat/create", {"userlist": ["lisi", "wangwu"], "chatid": "wrAll"}),
        ("appchat/send", {"chatid": "none", "msgtype": "text", "text": {"content": "x"}}),
        ("appchat/send", {"chatid": "wrAll", "msgtype": "template_card", "template_card": CARD}),
        ("appchat/update", {"chatid": "none"}),
    ],
)
async def test_what_groups_refuse(rig, call, path, body):
    assert (await call(path, body))["errcode"] != 0


async def test_a_webhook_takes_twenty_a_minute(rig, rigs, call):
    for number in range(20):
        body = {"msgtype": "text", "text": {"content": f"{number}"}}
        assert (await call("webhook/send", body, key=rigs.ROBOT))["errcode"] == 0
    assert (await call("webhook/send", body, key=rigs.ROBOT))["errcode"] == 45009
    rig.clock.forward(timedelta(minutes=1))
    assert (await call("webhook/send", body, key=rigs.ROBOT))["errcode"] == 0


async def test_a_webhooks_kinds(rig, rigs, call):
    picture = b"\x89PNG" + b"x" * 20
    good = {"base64": base64.b64encode(picture).decode(), "md5": md5(picture).hexdigest()}
    form = aiohttp.FormData()
    form.add_field("media", b"twelve bytes", filename="a.txt")
    own = (await call("webhook/upload_media", form, key=rigs.ROBOT, type="file"))["media_id"]
    form = aiohttp.FormData()
    form.add_field("media", b"twelve bytes", filename="a.txt")
    apps = (await call("media/upload", form, type="file"))["media_id"]
    for body, fine in [
        ({"msgtype": "image", "image": good}, True),
        ({"msgtype": "image", "image": good | {"md5": "0"}}, False),
        ({"msgtype": "file", "file": {"media_id": own}}, True),
        ({"msgtype": "file", "file": {"media_id": apps}}, False),
        ({"msgtype": "markdown_v2", "markdown_v2": {"content": "|a|"}}, True),
        ({"msgtype": "markdown", "markdown": {"content": "假" * 1366}}, False),
        ({"msgtype": "text", "text": {"content": "假" * 700}}, False),
        ({"msgtype": "textcard", "textcard": {"title": "t", "description": "d", "url": "https://x"}}, False),
        ({"msgtype": "template_card", "template_card": CARD}, False),
    ]:
        assert ((await call("webhook/send", body, key=rigs.ROBOT))["errcode"] == 0) is fine, body
    assert (await call("webhook/send", {"msgtype": "text", "text": {"content": "x"}}, key="no"))["errcode"] == 93000


# --- media, directory, tickets


@pytest.mark.parametrize(
    ("kind", "name", "size", "code"),
    [("file", "a.txt", 5, 44001), ("file", "a.txt", 6, 0), ("image", "a.gif", 100, 40005), ("image", "a.PNG", 100, 0),
     ("voice", "a.amr", 2 * 1024 * 1024 + 1, 40010), ("poem", "a.txt", 100, 40004)],
)  # fmt: skip
async def test_uploads_by_kind_and_size(rig, call, kind, name, size, code):
    form = aiohttp.FormData()
    form.add_field("media", BytesIO(b"x" * size), filename=name)
    assert (await call("media/upload", form, type=kind))["errcode"] == code


async def test_the_directory_says_no_more_than_it_may(rig, call):
    user = await call("user/get", userid="ZHANGSAN")
    assert (user["userid"], user["direct_leader"], "mobile" in user) == ("ZhangSan", ["lisi"], False)
    assert (await call("user/get", userid="nobody"))["errcode"] == 60111
    assert (await call("user/getuserid", {"mobile": "13800000001"}))["userid"] == "ZhangSan"
    assert (await call("user/getuserid", {"mobile": "1"}))["errcode"] == 46004
    page = await call("user/list_id", {"limit": 3})
    rest = await call("user/list_id", {"limit": 3, "cursor": page["next_cursor"]})
    assert [len(page["dept_user"]), len(rest["dept_user"]), rest["next_cursor"]] == [3, 1, ""]
    root = (await call("department/simplelist"))["department_id"][0]
    assert (root["id"], root["parentid"]) == (1, 0)
    below = await call("department/list", id="2")
    assert {line["id"] for line in below["department"]} == {2}


async def test_tickets_and_callback_addresses(rig, call):
    assert (await call("get_jsapi_ticket"))["ticket"]
    assert (await call("ticket/get", type="agent_config"))["ticket"]
    assert (await call("getcallbackip"))["ip_list"]


async def test_login_only_leads_to_the_trusted_host(rigs):
    rig = rigs.Rig(redirect_host="bot.example.gov.cn")
    await rig.start()
    for host, status in (("bot.example.gov.cn", 302), ("evil.example", 400)):
        url = rig.connector.login_url(redirect=f"https://{host}/in", state="s").replace("#", "&user=lisi#")
        async with aiohttp.ClientSession() as session, session.get(url, allow_redirects=False) as response:
            assert response.status == status
    url = rig.connector.login_url(redirect="https://bot.example.gov.cn/in", state="s")
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert "李四" in await response.text()
    await rig.close()


# --- callbacks


async def test_the_address_check_needs_the_right_key(rig, rigs):
    assert await rig.fake.verify_callback()
    rig.fake._app_address = type(rig.fake._app_address)(rig.fake._app_address.url, "another", rigs.KEY)
    assert not await rig.fake.verify_callback()


async def test_a_delivery_that_is_not_answered_with_200_comes_three_times(rig):
    rig.answer_with = 500
    await rig.fake.say("lisi", "x")
    await rig.fake.settle()
    assert rig.statuses == [500, 500, 500]


async def test_a_delivery_that_succeeds_at_last_is_not_repeated(rig):
    rig.fake.faults.add(Fault("down", target="callback", times=2))
    await rig.fake.say("lisi", "x")
    await rig.fake.settle()
    assert rig.statuses == [200]


async def test_pauses_between_attempts_are_the_clocks(rigs):
    rig = rigs.Rig(pauses=(3600.0, 3600.0))
    await rig.start()
    rig.fake.faults.add(Fault("down", target="callback"))
    await rig.fake.say("lisi", "x")
    line = await wire(rig, "no answer")
    assert line["name"] == "text"
    assert rig.statuses == []
    rig.clock.forward(timedelta(hours=1))
    await rig.fake.settle()
    assert rig.statuses == [200]
    await rig.close()


async def wire(rig, status):
    """The next line of the wire with this status; those that went by already count too."""
    feed = rig.fake.trace.subscribe()
    try:
        for line in rig.fake.trace.lines:
            if line.status == status:
                return {"name": line.name}
        async with asyncio.timeout(10):
            while True:
                name, line = await feed.get()
                if name == "wire" and line["status"] == status:
                    return line
    finally:
        rig.fake.trace.unsubscribe(feed)


async def test_a_slow_answer_counts_as_none(rigs):
    rig = rigs.Rig(answer_within=0.05)
    await rig.start()
    hold = asyncio.Event()
    tries = []

    async def slow(request):
        tries.append(1)
        await hold.wait()

    app = web.Application()
    app.router.add_post("/slow", slow)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    rig.fake.set_callback(f"http://127.0.0.1:{runner.addresses[0][1]}/slow")
    await rig.fake.say("lisi", "x")
    await rig.fake.settle()
    assert len(tries) == 3
    hold.set()
    await runner.cleanup()
    await rig.close()


async def test_duplicate_lost_and_reordered_deliveries(rig):
    for kind, seen in (("duplicate", ["x", "x"]), ("lost", [])):
        rig.fake.faults.add(Fault(kind, target="callback"))
        await rig.fake.say("lisi", "x")
        await rig.fake.settle()
        assert [rig.events.get_nowait().text for _ in range(rig.events.qsize())] == seen
    rig.fake.faults.add(Fault("reorder", target="callback"))
    await rig.fake.say("lisi", "first")
    await rig.fake.settle()
    await rig.fake.say("lisi", "second")
    await rig.fake.settle()
    assert [rig.events.get_nowait().text for _ in range(2)] == ["second", "first"]


async def test_a_repeated_delivery_is_the_same_event_in_another_envelope(rig):
    rig.fake.faults.add(Fault("duplicate", target="callback"))
    await rig.fake.say("lisi", "x")
    first, second = [await rig.next(TextReceived) for _ in range(2)]
    assert first.key == second.key
    assert rig.deliveries[0].body != rig.deliveries[1].body


# --- a hand


async def test_taps_that_the_phone_would_not_allow(rig, call):
    code = (await call("message/send", card(button_selection=QUESTION)))["response_code"]
    shown = bubbles(rig)[0].id
    for button, inputs in (("k9", {}), ("k1", {"q": ["o9"]}), ("k1", {"q": ["o1", "o2"]}), ("k1", {"other": []})):
        with pytest.raises(LookupError):
            await rig.fake.tap("lisi", shown, button, inputs=inputs)
    for user, message in (("wangwu", shown), ("lisi", "none"), ("nobody", shown)):
        with pytest.raises(LookupError):
            await rig.fake.tap(user, message, "k1", inputs={})
    await call("message/update_template_card", update(code))
    with pytest.raises(LookupError):
        await rig.fake.tap("lisi", shown, "k1", inputs={})


async def test_each_of_two_receivers_taps_for_themselves(rig, call):
    await call("message/send", card() | {"touser": "lisi|ZhangSan"})
    for user in ("lisi", "ZhangSan"):
        await rig.fake.tap(user, bubbles(rig, user)[0].id, "k1", inputs={})
    taps = [await rig.next(ButtonPressed) for _ in range(2)]
    assert {tap.sender.id for tap in taps} == {"lisi", "zhangsan"}
    assert len({tap.code for tap in taps}) == 2


async def test_words_in_a_group_reach_everybody_but_the_app(rig):
    await rig.fake.say("lisi", "大家好", chat="wrAll")
    assert [(bubble.text, bubble.mine, bubble.author) for bubble in bubbles(rig, "wangwu", "wrAll")] == [
        ("大家好", False, "李四")
    ]
    assert bubbles(rig, "lisi", "wrAll")[0].mine
    await rig.fake.settle()
    assert rig.deliveries == []


async def test_a_file_does_not_reach_the_app(rig):
    await rig.fake.send_media("lisi", kind="file", name="a.docx", data=b"x" * 100)
    await rig.fake.settle()
    assert (bubbles(rig)[-1].kind, rig.deliveries) == ("system", [])


async def test_strangers_have_no_phone(rig):
    for act in (rig.fake.say("nobody", "x"), rig.fake.open_chat("nobody")):
        with pytest.raises(LookupError):
            await act


# --- wire


async def test_the_wire_shows_both_ways_plain_and_sealed_and_no_secret(rig):
    await rig.connector.send(PersonRef("wecom-main", "lisi"), Text("你好"), ref="l1")
    await rig.fake.say("lisi", "请假")
    await rig.fake.settle()
    lines = {line.name: line for line in rig.fake.trace.lines}
    assert "你好" in lines["POST message/send"].plain
    assert "请假" in lines["text"].plain
    assert "<Encrypt>" in lines["text"].sealed
    assert "请假" not in lines["text"].sealed
    everything = json.dumps([(line.plain, line.answer) for line in rig.fake.trace.lines])
    assert "app-secret" not in everything
    assert "corpid=ww1234567890abcdef" in everything
    assert rig.connector._client._tokens._token.value not in everything


async def test_the_control_address_reaches_the_same_hand(rig):
    async with aiohttp.ClientSession(rig.base) as session:
        await session.post("/_control/say", json={"user": "lisi", "text": "余额"})
        assert (await rig.next(TextReceived)).text == "余额"
        async with session.get("/_control/state") as response:
            state = await response.json()
        assert state["platform"] == "wecom"
        assert [bubble["text"] for phone in state["phones"] if phone["id"] == "lisi"
                for bubble in phone["chats"]["bot"]["messages"]] == ["余额"]  # fmt: skip
        async with session.post("/_control/tap", json={"user": "lisi", "message": "none", "button": "k"}) as response:
            assert response.status == 404


# --- the rest of the kinds


@pytest.mark.parametrize(
    ("kind", "part", "code"),
    [
        ("mpnews", {"articles": [{"title": "t", "thumb_media_id": "m", "content": "c"}]}, 0),
        ("mpnews", {"articles": [{"title": "t", "content": "c"}]}, 40007),
        ("mpnews", {"articles": [{"title": "t", "thumb_media_id": "m", "content": "x" * (666 * 1024 + 1)}]}, 45002),
        ("miniprogram_notice", {"appid": "wx1", "title": "会议通知", "content_item": [{"key": "k", "value": "v"}]}, 0),
        ("miniprogram_notice", {"appid": "wx1", "title": "会"}, 40058),
        ("miniprogram_notice", {"appid": "wx1", "title": "会议通知", "content_item": [{}] * 11}, 40058),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_kinds_that_we_do_not_send_ourselves(rig, call, kind, part, code):
    body = {"touser": "lisi", "msgtype": kind, "agentid": 1000002, kind: part}
    assert (await call("message/send", body))["errcode"] == code


async def test_messages_by_name_and_events_from_the_system(rig):
    await rig.fake.emit("message:location", {"FromUserName": "lisi", "Location_X": 23.1, "Location_Y": 113.3})
    assert (await rig.next(LocationReceived)).latitude == 23.1
    await rig.fake.emit("sys_approval_change", {"ApprovalInfo": {"SpNoStr": "1", "StatuChangeEvent": 1}})
    event = await rig.next(ObjectChanged)
    assert (event.object, event.raw["FromUserName"]) == ("1", "sys")


async def test_url_verification_on_demand_shows_on_the_wire(rig):
    await rig.fake.emit("url_verification", {})
    assert rig.fake.trace.lines[-1].name == "url_verification"
    assert rig.statuses == [200]
    rig.fake.set_callback("http://127.0.0.1:9/closed")
    assert not await rig.fake.verify_callback()
    rig.fake.set_callback("/no/scheme")
    assert not await rig.fake.verify_callback()


async def test_a_slow_callback_waits_by_the_clock(rig):
    rig.fake.faults.add(Fault("slow", target="callback", seconds=3600))
    await rig.fake.say("lisi", "x")
    await asyncio.sleep(0)  # the callback's task runs until it sleeps
    assert (rig.fake.faults.rules, rig.deliveries) == ([], [])
    rig.clock.forward(timedelta(hours=1))
    assert (await rig.next(TextReceived)).text == "x"


async def test_a_passive_answer_that_nobody_can_read_is_dropped(rig, aiohttp_server):
    async def receive(_):
        return web.Response(text="success")

    app = web.Application()
    app.router.add_post("/odd", receive)
    rig.fake.set_callback(str((await aiohttp_server(app)).make_url("/odd")))
    await rig.fake.say("lisi", "x")
    await rig.fake.settle()
    assert rig.fake.trace.lines[-1].answer.startswith("unreadable reply")
    assert len(bubbles(rig)) == 1


async def test_a_callback_that_points_nowhere_is_given_up(rig):
    rig.fake.set_callback("http://127.0.0.1:9/closed")
    await rig.fake.say("lisi", "x")
    await rig.fake.settle()
    assert [line.status for line in rig.fake.trace.lines] == ["no answer"] * 3


async def test_no_letters_are_lost_on_the_way_to_the_app(rig):
    words = '<b>&amp; ]]> \u2028 🙂 "quoted" 第一行\n第二行'
    await rig.fake.say("lisi", words)
    assert (await rig.next(TextReceived)).text == words
