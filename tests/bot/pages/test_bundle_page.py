"""A bundle from the inspector's page: checked by its own verifier, with fields left out by their Chinese names."""

from __future__ import annotations

import re
import zipfile
from urllib.parse import urlencode

import pytest

from bot.proofs import verifier


@pytest.fixture
async def town(open_town):
    inspected = lambda text: re.sub(r"admin: \[.*?\]", "admin: [王五]\n  inspector: [孙立新]", text)  # noqa: E731
    town = await open_town(office=inspected)
    await town.asked("wecom", "wecom")
    return town


async def test_an_inspector_takes_out_what_was_chosen_and_nobody_else_anything(town, browser, tmp_path):
    page = browser(town, "wecom", "sunlixin")
    await page.get("/office/bundle?item=1&via=wecom-main")
    assert "事由" in page.text
    path = tmp_path / "x.zip"
    query = urlencode([("item", "1号"), ("redact", "事由"), ("redact", "意见、手机")])
    async with page.session.get(f"{town.address}/office/bundle/file.zip?{query}") as answer:
        assert answer.status == 200, await answer.text()
        path.write_bytes(await answer.read())
    result = verifier.check(verifier.read(path))
    assert result.bad == []
    with zipfile.ZipFile(path) as packed:
        facts = packed.read("facts.jsonl").decode()
    assert '"reason":{"sha256"' in facts
    assert '"reason":{"salt"' not in facts
    (exported,) = await town.journal("audit.bundle_exported")
    assert (exported["what"], exported["door"], "reason" in exported["redacted"]) == ("1号事项", "page", True)
    for query, said in (("item=99", "没有99号事项"), ("", "请写明要导出什么"), ("item=1&redact=事甴", "是不是")):
        await page.get(f"/office/bundle/file.zip?{query}")
        assert (page.status, said in page.text) == (422, True), said
    other = browser(town, "wecom", "wangwu")
    assert (await other.get("/office/bundle/file.zip?item=1&via=wecom-main")).status == 403
