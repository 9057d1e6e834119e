"""Is it what it claims? A stranger with a slip, somebody with a bundle, an inspector with a whole record."""

from __future__ import annotations

import io
import re
import zipfile
from functools import partial

import aiohttp
import pytest

from bot.pages.attachments import Cabinet
from bot.proofs import bundling, keys
from bot.proofs.bundling import Source
from bot.proofs.scope import Wish
from handlers.approval.papers import slips
from handlers.audit import notes


def _inspected(text):
    return re.sub(r"admin: \[.*?\]", "admin: [王五]\n  inspector: [孙立新]", text)


@pytest.fixture
async def town(open_town):
    """An approved leave, number 1."""
    town = await open_town(office=_inspected)
    card = await town.asked("wecom", "wecom")
    await town.tap("wecom", "lisi", card, "同意")
    await town.card("wecom", "zhangsan", "年假3天：已同意")
    return town


@pytest.fixture
async def stranger(browser):
    return partial(browser, platform="wecom", user="nobody")


async def printed(town, browser):
    """The address that the code on the slip has, from the paper's own words."""
    page = browser(town, "wecom", "lisi")
    item = (await town.rows("SELECT id FROM item WHERE number = 1"))[0]["id"]
    await page.get(f"/office/items/{item}?via=wecom-main")
    async with page.session.get(f"{town.address}/office/items/{item}/slip.pdf") as answer:
        assert answer.status == 200
    (issued,) = await town.journal("approval.slip_issued")
    serial = issued["slip"].removeprefix("slip:")
    code = slips.code_of(serial, town.service.office.card_key)
    (head,) = await town.rows("SELECT note FROM seal_head ORDER BY id DESC LIMIT 1")
    point = notes.checkpoint(head["note"].rpartition("\n\n")[0] + "\n")
    return f"/office/slips/{serial}?c={code}&n={point.size}&r={slips.urlsafe(point.root)}"


async def forged(town, sql, *values):
    """As the owner of the database may."""

    async def unit(tx):
        for row in await tx.fetch("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            await tx.execute(f"DROP TRIGGER {row['name']}")
        await tx.execute(sql, *values)

    await town.service.database.write(unit)


async def test_a_stranger_with_the_slip_sees_the_slip_and_whether_it_is_true(town, browser, stranger):
    address = await printed(town, browser)
    page = await stranger(town).get(address)
    assert page.status == 200
    assert "这张单子是真的" in page.text
    assert "打印以前的记录一条也没有改" in page.text
    assert "不是《电子签名法》" in page.text
    assert "回家" in page.text  # stands on the paper
    assert "谁看过" not in page.text
    assert "打开原始记录" not in page.text
    wrong = await stranger(town).get(re.sub(r"c=\w+", "c=AAAAAAAA", address))
    assert (wrong.status, "没有这样一张打印单" in wrong.text) == (404, True)
    assert "回家" not in wrong.text
    assert len(await town.journal("approval.slip_checked")) == 1
    typed = await stranger(town).get("/office/check?" + "&".join(_typed(address)))
    assert "这张单子是真的" in typed.text


def _typed(address):
    serial, code = re.search(r"slips/(\w+)\?c=(\w+)", address).groups()
    return f"serial={serial[:4].lower()}-{serial[4:]}", f"code={code[:4]}-{code[4:]}"


async def bundle(town, tmp_path, **wish):
    source = Source(
        database=town.service.database, office=town.service.office, folder=keys.folder(town.configuration.base),
        cabinet=Cabinet(town.service.files), now=town.clock.now(), trace="t",
    )  # fmt: skip
    path = tmp_path / "x.zip"
    await bundling.make(source, Wish(item=1, **wish), head=await town.service.sealer.head(), into=path)
    return path.read_bytes()


async def upload(town, data, *, name="x.zip", **fields):
    form = aiohttp.FormData(fields)
    form.add_field("bundle", data, filename=name, content_type="application/zip")
    where = f"{town.address}/office/check/bundle"
    async with aiohttp.ClientSession() as session, session.post(where, data=form) as got:
        return got.status, await got.text()


def changed(data, name, change):
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for one in old.namelist():
            new.writestr(one, change(old.read(one)) if one == name else old.read(one))
    return buffer.getvalue()


async def another_office(town, tmp_path):
    """A bundle whose key this office does not know is not taken for its own."""
    data = await bundle(town, tmp_path, redact=("all",))
    folder = keys.folder(town.configuration.base)
    old = (folder / keys.PUBLIC).read_text(encoding="utf-8")
    (folder / keys.PUBLIC).write_text("", encoding="utf-8")  # whose key it is, this office does not know
    status, text = await upload(town, data)
    assert (status, "不是本单位的证据包" in text) == (200, True)
    assert "回家" not in text
    status, text = await upload(town, data, key="nonsense")
    assert (status, "公钥的格式不对" in text) == (422, True)
    (folder / keys.PUBLIC).write_text(old, encoding="utf-8")


async def test_a_bundle_is_checked_without_signing_in(town, tmp_path):
    data = await bundle(town, tmp_path)
    status, text = await upload(town, data)
    assert status == 200
    for part in ("证据包是真的", "和本系统现在的留痕比过", "张三", "回家", "不是电子签名法"):
        assert part in text, part
    status, text = await upload(town, changed(data, "facts.jsonl", lambda one: one.replace(b"approve", b"reject_", 1)))
    assert "核对没有通过" in text
    assert re.search(r"第 \d+ 条（.*?）和校验码对不上", text)
    status, text = await upload(town, data[: len(data) // 2])
    assert (status, "没有传完整" in text) == (422, True)
    status, text = await upload(town, b"")
    assert (status, "没有收到文件" in text) == (422, True)
    await another_office(town, tmp_path)
    for _ in range(3):
        status, text = await upload(town, b"x")
    assert (status, "请过一分钟再试" in text) == (429, True)


async def test_each_sees_what_is_theirs_and_a_head_that_was_kept_decides(town, browser, stranger):
    """Records that were rewritten with all their hashes do not match the paper; the inspector sees every one."""
    address = await printed(town, browser)
    page = await stranger(town).get(re.sub(r"r=[\w-]+", "r=" + "A" * 43, address))
    assert "总指纹和现在的记录对不上" in page.text
    assert "再扫单子下方的二维码" in page.text  # what the address says is signed by nobody
    longer = await stranger(town).get(re.sub(r"n=\d+", "n=99999", address))
    assert "现在反而少了" in longer.text
    item = (await town.rows("SELECT id FROM item WHERE number = 1"))[0]["id"]
    shown = {}
    for user in ("sunlixin", "wangwu", "zhangsan", "chenjing"):
        page = browser(town, "wecom", user)
        await page.get(f"/office/items/{item}/proof?via=wecom-main")
        looked = "打印事项" in page.text
        shown[user] = (page.status, "没有改动" in page.text, looked, "回家" in page.text)
    assert shown == {
        "sunlixin": (200, True, True, True), "wangwu": (200, True, True, False), "zhangsan": (200, True, False, False),
        "chenjing": (403, False, False, False),
    }  # fmt: skip
    head = await town.service.sealer.head()
    page = stranger(town)
    await page.post("/office/check/head", {"head": f"以前群里发的：\n\n{head.note}"})
    assert "校验码对得上" in page.text
    await page.post("/office/check/head", {"head": head.note.replace("time 1", "time 2")})
    assert "不是本系统的钥匙签的" in page.text
    torn = head.note.split("\n", 2)[2]
    await page.post("/office/check/head", {"head": f"{head.note}\n" * 25 + torn})
    assert page.text.count("条时的校验码") == 25  # a month's are compared, not the first of them alone
    assert "有 1 段不完整" in page.text
    await page.post("/office/check/head", {"head": "你好"})
    assert "没有看到校验码" in page.text


async def test_the_first_wrong_record_is_named_to_whoever_scans(town, browser, stranger):
    address = await printed(town, browser)
    change = "UPDATE journal_personal SET value = replace(value, '回家', '看病') WHERE field = 'content'"
    await town.service.database.write(lambda tx: tx.execute(change))
    page = await stranger(town).get(address)
    assert "里的“内容”被改过" in page.text
    change = "UPDATE journal SET body = replace(body, '\"approve\"', '\"reject\"') WHERE kind = 'approval.step_decided'"
    await forged(town, change)
    page = await stranger(town).get(address)
    assert "核对没有通过" in page.text
    assert re.search(r"第 \d+ 条（2026-04-27 09:\d\d:\d\d，\w+，李四）被改过", page.text)


RUINED = {
    "a body": ("UPDATE journal SET body = '{' WHERE kind = 'approval.step_decided'", "，李四）被改过"),
    "a value": ("UPDATE journal_personal SET value = '{' WHERE field = 'content'", "里的“内容”被改过"),
}


@pytest.mark.parametrize("what", RUINED)
async def test_what_nobody_can_read_any_more_takes_no_page_along(town, browser, stranger, what):
    """The paper, the item's records and the log say that it was changed, instead of not opening."""
    address = await printed(town, browser)
    item = (await town.rows("SELECT id FROM item WHERE number = 1"))[0]["id"]
    sql, said = RUINED[what]
    await forged(town, sql)
    page = await stranger(town).get(address)
    assert (page.status, "核对没有通过" in page.text, said in page.text) == (200, True, True)
    page = browser(town, "wecom", "sunlixin")
    await page.get(f"/office/items/{item}/proof?via=wecom-main")
    assert (page.status, said in page.text, "已经读不出来" in page.text) == (200, True, True)
    await page.get("/office/log?via=wecom-main")
    assert (page.status, "已经读不出来" in page.text) == (200, True)


async def test_the_record_of_the_paper_itself_that_nobody_can_read(town, browser, stranger):
    address = await printed(town, browser)
    await forged(town, "UPDATE journal SET body = '{' WHERE kind = 'approval.slip_issued'")
    page = await stranger(town).get(address)
    assert (page.status, "出单的记录被改过" in page.text) == (200, True)


async def test_a_paper_is_not_called_true_while_nothing_of_it_is_under_a_head(town, browser, stranger):
    address = await printed(town, browser)
    typed = "/office/check?" + "&".join(_typed(address))
    await forged(town, "UPDATE seal_head SET note = 'x'")
    page = await stranger(town).get(typed)
    assert "总指纹不是本系统的钥匙签的" in page.text
    assert not re.search(r"第 \d+ 条（.*?）被改过", page.text)  # the records are what they were
    await forged(town, "DELETE FROM seal_head")
    page = await stranger(town).get(typed)
    assert ("单号是真的，记录还不能核对" in page.text, "这张单子是真的" in page.text) == (True, False)
    change = "UPDATE journal SET body = replace(body, '\"approve\"', '\"reject\"') WHERE kind = 'approval.step_decided'"
    await forged(town, change)
    page = await stranger(town).get(typed)
    assert re.search(r"第 \d+ 条（.*?，李四）被改过", page.text)


async def test_words_of_a_paper_that_were_changed_are_not_held_against_it(town, browser, stranger):
    address = await printed(town, browser)
    change = "UPDATE journal_personal SET value = replace(value, '回家', '看病') WHERE field = 'shown'"
    await town.service.database.write(lambda tx: tx.execute(change))
    page = await stranger(town).get(address)
    assert "里的“单上内容”被改过" in page.text
    assert "看病" not in page.text
    assert "纸上应当是这样的" not in page.text
