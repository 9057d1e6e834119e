"""Files on their way: handed in, checked against the form, kept, shown to readers, found altered, swept."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import io
import re
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from PIL import Image
from town import staff

from bot import sweeping
from bot.pages import attachments
from bot.pages.attachments import Cabinet, Unfit
from handlers.approval import facts
from handlers.approval.papers import files, page_drafts
from handlers.audit import log

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def photo(shade=0):
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (shade * 20, 80, 160)).save(out, "JPEG")
    return out.getvalue()


async def upload(page, path, name, data, field):
    body = aiohttp.FormData(quote_fields=False)
    body.add_field("file", data, filename=name)
    url = f"{page.town.address}{path}?field={field}"
    async with page.session.post(url, data=body, headers={"X-Token": page.token, "HX-Request": "true"}) as answer:
        return await answer.text()


def note(answer):
    return re.search(r'type="hidden" name="[\w.]*" value="([^"]+)"', answer)[1]


async def submitted(town, browser, *, data=PDF, name="定稿.pdf"):
    """A slip for a seal, handed in on the page; its id."""
    page = browser(town, "wecom", "zhangsan")
    await page.get("/office/forms/seal?via=wecom-main")
    file = note(await upload(page, "/office/forms/seal/files", name, data, "file"))
    form = {
        "token": page.token, "once": re.search(r'name="once" value="(\w+)"', page.text)[1], "seal": "单位公章",
        "matter": "一般材料", "title": "关于借用会议室的函", "addressee": "区文化馆", "copies": "2", "purpose": "发函",
        "way": "在办公室用印", "file": file, "declared": "yes",
    }  # fmt: skip
    await page.post("/office/forms/seal", form)
    assert page.path.startswith("/office/items/"), page.text
    return page, page.path.split("/")[3].split("?")[0]


async def attached(town, item):
    """What the journal says of the files of the last act that had some."""
    recorded = await town.service.database.read(lambda tx: log.read(tx, item))
    return [one.data for one in recorded if one.kind == facts.FilesAttached.KIND][-1]


@pytest.fixture
async def town(open_town):
    return await open_town(people=staff())


@pytest.fixture
async def item(town, browser):
    """With the keeper of the seal, who has to confirm with a photo."""
    _, item = await submitted(town, browser)
    leader = browser(town, "wecom", "lisi")
    await leader.get(f"/office/items/{item}?via=wecom-main")
    await leader.press("approve")
    assert leader.status == 200
    return item


@pytest.fixture
async def keeper(town, browser, item):
    page = browser(town, "wecom", "chenjing")
    await page.get(f"/office/items/{item}?via=wecom-main")
    assert "confirm" in page.verbs
    return page


async def confirmed(page, item, *notes, **more):
    await page.get(f"/office/items/{item}")
    form = [("token", page.token), ("version", page.version), ("verb", "confirm"), ("evidence.stamped_copies", "2")]
    form += [("proof.stamped_photo", one) for one in notes]
    return await page.post(f"/office/items/{item}/acts", form, **more)


async def test_a_photo_is_handed_in_with_the_task_and_shown_in_small(town, keeper, item, browser):
    first = note(await upload(keeper, f"/office/items/{item}/files", "盖章.jpg", photo(), "stamped_photo"))
    await confirmed(keeper, item, first, first)
    assert keeper.status == 200, keeper.text
    digest = hashlib.sha256(photo()).hexdigest()
    assert f"/office/items/{item}/files/{digest}/small" in keeper.text
    fields = (await town.rows("SELECT fields_json FROM item"))[0]["fields_json"]
    assert fields.count(digest) == 1
    told = await attached(town, item)
    assert (told["verb"], told["sha256"]) == ("confirm", [digest])
    assert [(one["name"], one["field"], one["size"]) for one in told["files"]] == [
        ("盖章.jpg", "stamped_photo", len(photo()))
    ]
    async with keeper.session.get(f"{town.address}/office/items/{item}/files/{digest}/small") as answer:
        assert answer.content_type == "image/jpeg"
        assert len(await answer.read()) < len(photo()) * 4
    async with keeper.session.get(f"{town.address}/office/items/{item}/files/{digest}") as answer:
        assert await answer.read() == photo()
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    stranger = browser(town, "wecom", "sunlixin")
    for path in (digest, f"{digest}/small"):
        await stranger.get(f"/office/items/{item}/files/{path}?via=wecom-main")
        assert stranger.status == 403


async def test_a_task_keeps_the_forms_own_limits(town, keeper, item):
    await confirmed(keeper, item)
    assert keeper.status == 422
    notes = [
        note(await upload(keeper, f"/office/items/{item}/files", f"{n}.jpg", photo(n), "stamped_photo"))
        for n in range(10)
    ]
    await confirmed(keeper, item, *notes)
    assert keeper.status == 422
    assert "盖章件照片" in keeper.text
    assert [row["state"] for row in await town.rows("SELECT state FROM item")] == ["pending"]
    await confirmed(keeper, item, *notes[:9])
    assert [row["state"] for row in await town.rows("SELECT state FROM item")] == ["approved"]


async def test_nobody_confirms_with_a_file_of_somebody_else(town, keeper, item, browser):
    other = browser(town, "wecom", "lisi")
    await other.get("/office/forms/seal?via=wecom-main")
    foreign = note(await upload(other, "/office/forms/seal/files", "a.pdf", PDF, "file"))
    await confirmed(keeper, item, foreign)
    assert keeper.status == 422
    assert "还缺“盖章件照片”" in keeper.text
    assert await town.rows("SELECT id FROM item WHERE state = 'approved'") == []


async def test_only_who_has_the_task_hands_in_for_it(town, item, browser):
    clerk = browser(town, "wecom", "zhangsan")
    await clerk.get(f"/office/items/{item}?via=wecom-main")
    assert "不是这件事项的相关人员" in await upload(
        clerk, f"/office/items/{item}/files", "a.jpg", photo(), "stamped_photo"
    )
    assert await town.rows("SELECT * FROM attachment WHERE name = 'a.jpg'") == []


async def test_a_file_is_handed_in_later_and_stands_in_the_history(town, item, browser):
    clerk = browser(town, "wecom", "zhangsan")
    await clerk.get(f"/office/items/{item}?via=wecom-main")
    later = note(await upload(clerk, f"/office/items/{item}/files", "补充.pdf", PDF + b"2", ""))
    await clerk.press("attach", file=later, opinion="补充说明")
    assert clerk.status == 200, clerk.text
    assert "补充.pdf" in clerk.text
    told = await attached(town, item)
    assert (told["verb"], told["files"][0]["name"]) == ("attach", "补充.pdf")


async def test_content_that_was_altered_on_the_disk_is_not_handed_out(town, browser):
    page, item = await submitted(town, browser)
    digest = hashlib.sha256(PDF).hexdigest()
    folder = town.configuration.base / "data" / "attachments"
    next(path for path in folder.rglob(digest)).write_bytes(PDF.replace(b"%%EOF", b"%%EOG"))
    await page.get(f"/office/items/{item}/files/{digest}")
    assert page.status == 404
    assert "和登记时的不一致" in page.text


async def test_an_upload_that_breaks_off_leaves_nothing(town, browser):
    page = browser(town, "wecom", "zhangsan")
    await page.get("/office/forms/seal?via=wecom-main")
    cookies = "; ".join(f"{one.key}={one.value}" for one in page.jar)
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF
    head = (
        f"POST /office/forms/seal/files?field=file HTTP/1.1\r\nHost: 127.0.0.1:{town.port}\r\nX-Token: {page.token}\r\n"
        f"Cookie: {cookies}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", town.port)
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"</li>")
    writer.close()
    assert "没有传完整" in answer.decode()
    folder = town.configuration.base / "data" / "attachments"
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert await town.rows("SELECT * FROM attachment") == []


async def _chunks(*parts):
    for part in parts:
        yield part


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EACCES, "not_stored")])
async def test_a_disk_that_refuses_is_said_and_leaves_nothing(tmp_path, monkeypatch, number, code):
    def full(_):
        raise OSError(number, "no")

    monkeypatch.setattr(attachments, "_synced", full)
    with pytest.raises(Unfit) as unfit:
        await Cabinet(tmp_path).take("a.pdf", _chunks(PDF), most_mb=1)
    assert unfit.value.code == code
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_sweeping_takes_what_nothing_refers_to_and_nothing_else(town, browser, sqlite_url):
    page, item = await submitted(town, browser)
    await page.get("/office/forms/seal")
    once = re.search(r'name="once" value="(\w+)"', page.text)[1]
    drafted = note(await upload(page, "/office/forms/seal/files", "草稿.pdf", PDF + b"draft", "file"))
    await page.post("/office/forms/seal/live", {"token": page.token, "once": once, "file": drafted}, follow=False)
    await page.get("/office/forms/seal")
    await upload(page, "/office/forms/seal/files", "没用上.pdf", PDF + b"unused", "file")
    cabinet = Cabinet(town.configuration.base / "data" / "attachments")
    database = town.service.database
    real = datetime.now(UTC)  # what the disk says of a file
    assert await sweeping.sweep(database, cabinet, before=real - timedelta(days=7)) == 0
    later = real + timedelta(days=1)
    assert await sweeping.sweep(database, cabinet, before=later) == 1
    kept = {row["name"] for row in await town.rows("SELECT name FROM attachment")}
    assert kept == {"定稿.pdf", "草稿.pdf"}
    assert cabinet.path(hashlib.sha256(PDF).hexdigest())
    with pytest.raises(FileNotFoundError):
        cabinet.path(hashlib.sha256(PDF + b"unused").hexdigest())
    await database.write(lambda tx: page_drafts.expire(tx, before=later))
    assert await sweeping.sweep(database, cabinet, before=later) == 1
    assert {row["name"] for row in await town.rows("SELECT name FROM attachment")} == {"定稿.pdf"}
    assert await database.read(lambda tx: files.of_item(tx, item))


async def test_the_sweep_comes_every_night(town):
    await town.forward(hours=19)

    async def done():
        rows = await town.rows("SELECT state FROM due WHERE kind = ?", sweeping.KIND)
        return [row["state"] for row in rows] == ["done"]

    await town.until(done, "the night's sweep")


async def test_what_is_brought_again_while_it_is_swept_stays(tmp_path):
    cabinet = Cabinet(tmp_path)
    kept = await cabinet.take("a.pdf", _chunks(PDF), most_mb=1)
    before = datetime.fromtimestamp(cabinet.path(kept.id).stat().st_mtime - 60, UTC)
    assert not cabinet.throw_away(kept.id, before=before)
    assert cabinet.path(kept.id).read_bytes() == PDF
    assert cabinet.throw_away(kept.id, before=before + timedelta(hours=1))
    with pytest.raises(FileNotFoundError):
        cabinet.path(kept.id)


async def test_a_form_submitted_with_a_file_that_was_swept_says_so(town, browser):
    page = browser(town, "wecom", "zhangsan")
    await page.get("/office/forms/seal?via=wecom-main")
    gone = note(await upload(page, "/office/forms/seal/files", "a.pdf", PDF, "file"))
    await town.service.database.write(lambda tx: files.forget(tx, [hashlib.sha256(PDF).hexdigest()]))
    once = re.search(r'name="once" value="(\w+)"', page.text)[1]
    await page.post("/office/forms/seal", {"token": page.token, "once": once, "file": gone})
    assert page.status == 422
    assert "用印文件里有文件已经过期" in page.text
