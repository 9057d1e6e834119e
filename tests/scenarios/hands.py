"""Somebody's client of 粤政易: opens addresses through the gateway only, follows where they lead, hands in files."""

from __future__ import annotations

import csv
import functools
import html
import io
import re
import zipfile
from urllib.parse import urlsplit

import aiohttp
from PIL import Image
from town import PLATFORMS

from bot.demo import world


class Client:
    def __init__(self, town, user):
        self.town, self.user = town, user
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.status, self.text, self.path = 0, "", ""

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.session.close()

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
        where = await self.post(path, list(form.items()))
        return await self.open(where) if where else self

    async def post(self, path, pairs):
        """Posts the form of the page that is open; where it leads, None where it stays."""
        return await self._one("POST", path, data=aiohttp.FormData([("token", self.hidden("token")), *pairs]))

    async def upload(self, path, name):
        """Hands in a file of this name; what the page's form then carries for it."""
        body = aiohttp.FormData(quote_fields=False)  # as browsers do
        body.add_field("file", content(name), filename=name)
        url, headers = self.base + path, {"X-Token": self.hidden("token")}
        async with self.session.post(url, data=body, headers=headers) as response:
            line = await response.text()
        found = re.search(r'type="hidden" name="[^"]+" value="([^"]+)"', line)
        assert found, line
        return html.unescape(found[1])

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


@functools.cache
def content(name):
    """Something that really is what the name says."""
    made = io.BytesIO()
    if name.endswith(".pdf"):
        made.write(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF")
    elif name.endswith(".jpg"):
        Image.effect_noise((64, 48), 30).convert("RGB").save(made, "JPEG")
    else:
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("word/document.xml" if name.endswith(".docx") else "xl/workbook.xml", "<x/>")
    return made.getvalue()


@functools.cache
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
