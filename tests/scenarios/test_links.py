"""Where nothing can be tapped and nothing is called back: everything by link, page and words (mission.md P6).

粤政易 behind its gateway, flags off: a message carries a link, the gateway signs the person in and publishes our pages.
"""

from __future__ import annotations

import csv
import io
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from form_desk import BOOK, Desk, left_to
from form_desk import office as every_role
from town import PLATFORMS, staff

from bot.demo import world
from handlers.approval import engine
from handlers.approval.engine import State

EVERYBODY = dict.fromkeys(("sun", "li", "zhang", "wang", "chen"), "yuezhengyi")
LEAVE = {"kind": "annual", "time.start": "2026-05-06", "time.end": "2026-05-08", "reason": "回家"}


class Client:
    """Somebody's client of 粤政易: opens addresses through the gateway only, follows where they lead."""

    def __init__(self, town, user):
        self.town, self.user = town, user
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.status, self.text, self.path = 0, "", ""

    @property
    def base(self):
        return self.town.service.connectors["yzy-main"].page_base

    async def open(self, address):
        for _ in range(12):
            where = await self._one("GET", address)
            if where is None:
                return self
            address = where
        raise AssertionError(f"going round in circles at {address}")

    async def send(self, path, **form):
        where = await self._one("POST", path, data={"token": self.hidden("token"), **form})
        return await self.open(where) if where else self

    def hidden(self, name):
        return re.search(rf'name="{name}" (?:content|value)="([^"]+)"', self.text)[1]

    async def _one(self, method, address, **options):
        url = address if address.startswith("http") else self.base + address
        if "/_tif_wwlocal_login_/" in url:  # the gateway knows whose client this is
            url += f"&user={self.user}"
        async with self.session.request(method, url, allow_redirects=False, **options) as response:
            self.status, self.text = response.status, await response.text()
            self.path = urlsplit(url).path
            return response.headers["Location"] if self.status in (302, 303) else None


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
    clerk = await client(town, "zhangsan").open("/office/forms/leave?via=yzy-main")
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


async def test_headers_of_the_gateway_from_anywhere_else_sign_nobody_in(town, client):
    visitor = client(town, "lisi")
    forged = {"x-tif-uid": "lisi", "x-tif-timestamp": "1", "x-tif-nonce": "n", "x-tif-signature": "0" * 64}
    await visitor._one("GET", f"{town.address}/office/login?via=yzy-main&next=/office/")
    state = next(one for one in visitor.session.cookie_jar if one.key.startswith("office_login_"))
    assert state
    async with visitor.session.get(
        f"{town.address}/office/login/back?via=yzy-main&state={'0' * 32}", headers=forged, allow_redirects=False
    ) as response:
        assert response.status == 400
    assert await town.journal("people.signed_in") == []


def everybody_on_links():
    """The sample office, each on 粤政易 alone."""
    rows = list(csv.DictReader(io.StringIO((world.SAMPLE / "staff.csv").read_text(encoding="utf-8-sig"))))
    for row in rows:
        account = next(row[platform] for platform in PLATFORMS if row[platform])
        row.update(dict.fromkeys(PLATFORMS, "") | {"yuezhengyi": account})
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("code", ["seal", "procurement"])
async def test_a_long_form_reaches_its_end_by_links_alone(open_town, client, code):
    """Each who must act gets a link and acts on the page behind it; what a task wants is filled in there."""
    desk = await Desk.of(await open_town(people=everybody_on_links(), office=every_role))
    users = {row["name"]: row["yuezhengyi"] for row in csv.DictReader(io.StringIO(everybody_on_links()))}
    applicant, item = await desk.submitted(code)
    acted = 0
    while item.request.state is State.PENDING:
        waiting = engine.waiting_for(item.request)[0]
        person = next(one for one in desk.people.values() if one.id == waiting)
        user = users[person.name]
        await desk.town.until(lambda user=user: links(desk.town, user, applicant), f"a link for {person.name}")
        link = links(desk.town, user, applicant)[-1]
        page = await client(desk.town, user).open(link.url)
        assert page.status == 200, page.text
        if 'name="verb" value="approve"' in page.text and not left_to(item.request, engine.present(item.request)[0]):
            await page.send(f"{page.path}/acts", version=page.hidden("version"), verb="approve")
            item = await desk.item(item)
        else:
            item = await desk.consent(code, item, person)
        acted += 1
        await desk.town.forward(minutes=2)
    assert item.request.state is State.APPROVED
    assert acted == len(BOOK["forms"][code]["decides"])
    assert not await desk.town.rows("SELECT id FROM outbox WHERE state = 'refused'")


def links(town, user, applicant):
    return [one for one in town.messages("yuezhengyi", user) if one.kind == "link" and applicant.name in one.title]
