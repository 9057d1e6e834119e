"""Where nothing can be tapped and nothing is called back: everything by link, page and words (mission.md P6).

粤政易 behind its gateway, flags off: a message carries a link, the gateway signs the person in and publishes our pages.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from hands import Client
from town import staff

EVERYBODY = dict.fromkeys(("sun", "li", "zhang", "wang", "chen"), "yuezhengyi")
LEAVE = {"kind": "annual", "time.start": "2026-05-06", "time.end": "2026-05-08", "reason": "回家"}


@pytest.fixture
async def town(open_town):
    return await open_town(people=staff(**EVERYBODY))


@pytest.fixture
async def client():
    opened = []

    def of(town, user):
        opened.append(Client(town, user))
        return opened[-1]

    yield of
    for one in opened:
        await one.session.close()


async def asked(town, client):
    """张三 asks for leave on the page; the link that 李四 gets."""
    await town.say("yuezhengyi", "zhangsan", "年假")
    entry = await town.text("yuezhengyi", "zhangsan", "工作台")  # where the client itself leads: words reach nobody
    clerk = await client(town, "zhangsan").open(urlsplit(entry.url)._replace(scheme="", netloc="").geturl())
    assert 'href="/office/forms' in clerk.text
    await clerk.open("/office/forms/leave")
    assert clerk.status == 200, clerk.text
    await clerk.send("/office/forms/leave", once=clerk.hidden("once"), **LEAVE)
    assert clerk.path.startswith("/office/items/"), clerk.text
    link = await town.text("yuezhengyi", "lisi", "张三的年假3天")
    assert link.kind == "link"
    return link


async def test_a_leave_from_the_page_to_the_ledger_without_a_callback(town, client):
    link = await asked(town, client)
    assert not link.buttons
    assert "同意" not in link.text  # nobody would hear an answer in words
    leader = await client(town, "lisi").open(link.url)
    assert leader.status == 200, leader.text
    assert "张三" in leader.text
    await leader.send(f"{leader.path}/acts", version=leader.hidden("version"), verb="approve")
    assert leader.status == 200
    await town.text("yuezhengyi", "zhangsan", "已同意")
    assert (await town.moves())[-1] == "consume"
    assert [row["state"] for row in await town.rows("SELECT state FROM item")] == ["approved"]
    assert town.fake("yuezhengyi").gateway.refused == 0


async def test_a_forwarded_link_opens_nothing_even_for_somebody_who_may_read_the_item(town, client):
    link = await asked(town, client)
    other = await client(town, "zhangsan").open(link.url)  # the applicant may read it, but it was sent to 李四
    assert other.status == 403
    assert "发给别人" in other.text
    assert [one["why"] for one in await town.journal("people.sign_in_refused")] == ["forwarded"]
    assert [row["state"] for row in await town.rows("SELECT state FROM item")] == ["pending"]


async def test_a_link_alone_is_never_enough(town, client):
    """Somebody with the link and no login sees the sign-in of the platform; an altered link is nobody's."""
    link = await asked(town, client)
    async with aiohttp.ClientSession() as stranger, stranger.get(link.url, allow_redirects=False) as response:
        assert response.status == 303
        assert response.headers["Location"].startswith("/office/login?")
    parts = urlsplit(link.url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert not {"lisi", "zhangsan"} & set(query.values())
    for change in ({"k": "0" * 40}, {"u": str(int(query["u"]) + 1)}, {"u": "soon"}):
        leader = await client(town, "lisi").open(f"{parts.path}?{urlencode(query | change)}")
        assert leader.status == 403, change


async def test_a_link_of_last_week_leads_to_the_workbench(town, client):
    link = await asked(town, client)
    await town.forward(days=3, seconds=1)
    leader = await client(town, "lisi").open(link.url)
    assert leader.status == 403
    assert "超过三天" in leader.text
    await leader.open("/office/?via=yzy-main")
    assert "张三" in leader.text


async def departed(town, visitor):
    """Somebody's browser on its way to sign in, with the state that only it knows."""
    where = await visitor._one("GET", f"{town.address}/office/login?via=yzy-main&next=/office/")
    back = parse_qs(urlsplit(where).query)["url"][0]
    return parse_qs(urlsplit(back).query)["state"][0]


async def vouched(town, visitor, headers):
    """The status with which these headers are answered, in a browser that did begin to sign in."""
    state = await departed(town, visitor)
    back = f"{town.address}/office/login/back?via=yzy-main&state={state}"
    async with visitor.session.get(back, headers=headers, allow_redirects=False) as response:
        return response.status


async def test_headers_of_the_gateway_from_anywhere_else_sign_nobody_in(town, client):
    """The name alone, a guessed signature, another's name under a good signature, and a good one that was used."""
    gateway, visitor = town.fake("yuezhengyi").gateway, client(town, "lisi")
    signed = gateway.stamp(uid="lisi")
    assert await vouched(town, visitor, {"x-tif-uid": "lisi"}) == 403
    assert await vouched(town, visitor, signed | {"x-tif-signature": "0" * 64}) == 403
    assert await vouched(town, visitor, signed | {"x-tif-uid": "sunlixin"}) == 403
    assert await vouched(town, visitor, gateway.stamp()) == 403  # the gateway's word, but about nobody
    assert await town.journal("people.signed_in") == []
    assert await vouched(town, visitor, signed) == 303
    assert await vouched(town, client(town, "zhangsan"), signed) == 403
    assert len(await town.journal("people.signed_in")) == 1


async def test_the_gateways_word_counts_only_in_the_browser_that_asked_for_it(town, client):
    state = await departed(town, client(town, "lisi"))
    stranger = client(town, "zhangsan")
    back = f"{town.address}/office/login/back?via=yzy-main&state={state}"
    headers = town.fake("yuezhengyi").gateway.stamp(uid="lisi")
    async with stranger.session.get(back, headers=headers, allow_redirects=False) as response:
        assert response.status == 400
    assert await town.journal("people.signed_in") == []
