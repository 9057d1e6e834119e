"""On the demo page, a link on a phone opens our page as that phone's user."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from town import DOORS, staff
from yarl import URL

from bot.demo import page, stage, world


@pytest.fixture
async def demo(open_town):
    """The town's service with the demo page beside it, on an address of its own."""
    town = await open_town(people=staff(li="both"))
    shown = stage.load(world.SAMPLE / "stage.yaml", office=town.service.office.name)
    fakes = list(town.world.fakes.values())
    app = town.service.application(lambda app: page.setup(app, fakes, clock=town.clock, stage=shown))
    async with TestServer(app) as server:
        yield server


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_a_link_on_a_phone_signs_its_user_in(demo, platform):
    asked = demo.make_url(f"/demo/{platform}/browse").with_query(user="lisi", url=f"/office/?via={DOORS[platform]}")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.get(asked, allow_redirects=False) as first:
            where = URL(first.headers["Location"])
            assert first.status == 303
        if platform == "wecom":  # the platform sends the browser back to the office's public address
            async with session.get(where, allow_redirects=False) as second:
                where = URL(second.headers["Location"])
        async with session.get(demo.make_url(where.path).with_query(where.query)) as last:
            assert "李四" in await last.text()


@pytest.mark.parametrize("url", ["https://evil.example/office/", "/callback/wecom-main/app", ""])
async def test_only_our_pages_are_opened(demo, url):
    asked = demo.make_url("/demo/wecom/browse").with_query(user="lisi", url=url)
    async with aiohttp.ClientSession() as session, session.get(asked, allow_redirects=False) as answer:
        assert answer.status == 400
