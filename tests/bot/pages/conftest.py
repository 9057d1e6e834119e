"""A town whose people have browsers: sign in through the real fakes, look at pages, press what is there."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio

if "eyes" not in sys.modules:
    _pages = Path(__file__).parent
    _scenarios = _pages.parents[1] / "scenarios"
    for _name, _folder in (("town", _scenarios), ("form_desk", _scenarios), ("eyes", _pages)):
        if _name not in sys.modules:
            _spec = importlib.util.spec_from_file_location(_name, _folder / f"{_name}.py")
            sys.modules[_name] = importlib.util.module_from_spec(_spec)
            _spec.loader.exec_module(sys.modules[_name])

from eyes import ARGUMENTS, CHROMIUM
from playwright.async_api import async_playwright
from town import DOORS, Town, staff


@pytest.fixture
async def open_town(sqlite_url, tmp_path):
    towns = []

    async def opened(**options):
        towns.append(await Town.open(tmp_path / f"office{len(towns)}", sqlite_url, **options))
        return towns[-1]

    yield opened
    for town in towns:
        await town.close()


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path):
    path = tmp_path / "office.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite://{path}"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium():
    """One process for all tests of the session, which therefore run on its loop (`loop_scope="session"`)."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_street(sqlite_url, tmp_path):
    """`open_town` for the tests with Chromium."""
    towns = []

    async def opened(**options):
        towns.append(await Town.open(tmp_path / f"office{len(towns)}", sqlite_url, **options))
        return towns[-1]

    yield opened
    for town in towns:
        await town.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def quiet_town(sqlite_template, tmp_path_factory):
    """One town for everybody who only looks."""
    folder = tmp_path_factory.mktemp("quiet")
    path = folder / "office.db"
    path.write_bytes(sqlite_template.read_bytes())
    town = await Town.open(folder / "office", f"sqlite://{path}", people=staff(li="both"))
    yield town
    await town.close()


class Browser:
    """One person's browser inside one platform's client: cookies of its own, redirects followed by hand."""

    def __init__(self, town, platform, user):
        self.town, self.platform, self.user = town, platform, user
        self.jar = aiohttp.CookieJar(unsafe=True)
        self.session = aiohttp.ClientSession(cookie_jar=self.jar)
        self.status = 0
        self.text = ""
        self.path = ""

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.session.close()

    @property
    def via(self):
        return DOORS[self.platform]

    async def get(self, address, **options):
        """Opens an address and follows where it leads, as the platform's client would."""
        for _ in range(12):
            where = await self._one("GET", address, **options)
            if where is None:
                return self
            address = where
        raise AssertionError(f"going round in circles at {address}")

    async def post(self, path, data, *, follow=True, **options):
        where = await self._one("POST", path, data=data, **options)
        return await self.get(where) if follow and where else self

    async def press(self, verb, **fields):
        """The button of the item page that is open."""
        item = self.path.split("/")[3].split("?")[0]
        form = {"token": self.token, "version": self.version, "verb": verb, **fields}
        return await self.post(f"/office/items/{item}/acts", form)

    @property
    def token(self):
        return re.search(r'name="token" (?:content|value)="([0-9a-f]+)"', self.text)[1]

    @property
    def version(self):
        return re.search(r'name="version" value="(\d+)"', self.text)[1]

    @property
    def verbs(self):
        return set(re.findall(r'name="verb" value="(\w+)"', self.text))

    async def _one(self, method, address, **options):
        url = address if address.startswith("http") else self.town.address + address
        url = self._in_client(url)
        async with self.session.request(method, url, allow_redirects=False, **options) as response:
            self.status, self.text, self.headers = response.status, await response.text(), dict(response.headers)
        parts = urlsplit(url)
        self.path = parts.path + (f"?{parts.query}" if parts.query else "")
        if self.status in (301, 302, 303, 307, 308):
            return self._absolute(url, self.headers["Location"])
        return self._code(url)

    def _in_client(self, url):
        """WeCom's own page knows whose client this is."""
        return f"{url.split('#')[0]}&user={self.user}" if "/connect/oauth2/authorize" in url else url

    def _absolute(self, base, where):
        return where if where.startswith("http") else f"{urlsplit(base).scheme}://{urlsplit(base).netloc}{where}"

    def _code(self, url):
        """What `dd.requestAuthCode` does on the page that asks for it."""
        if 'id="client"' not in self.text:
            return None
        fake = self.town.world.fakes[self.via]
        try:
            code = fake.auth_code(self.user)
        except LookupError:
            return None
        return f"{url}&code={code}"


@pytest.fixture
async def browser():
    """`await browser(town, "wecom", "lisi")`, closed after the test."""
    opened = []

    def make(town, platform, user):
        opened.append(Browser(town, platform, user))
        return opened[-1]

    yield make
    for one in opened:
        await one.session.close()
