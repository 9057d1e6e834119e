"""`officebot audit`: what an administrator sees, on a real folder with files and tables."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime

import pytest

from bot import __main__, roster
from bot.database.open import open_database
from bot.demo import world
from config import loader
from handlers.approval import engine, facts, store
from handlers.audit import log
from handlers.audit.facts import Origin

NOW = datetime(2026, 4, 27, 1, tzinfo=UTC)


@pytest.fixture
async def office(tmp_path, sqlite_template, monkeypatch):
    """The sample office with an item, number 7, that stands in the tables and in the journal."""
    addresses = re.findall(r"\$\{(DEMO_\w+_URL)\}", (world.SAMPLE / "office.yaml").read_text(encoding="utf-8"))
    made = world.credentials() | dict.fromkeys(addresses, "http://127.0.0.1:9")
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    world.unpack(tmp_path)
    (tmp_path / "data").mkdir(exist_ok=True)
    shutil.copyfile(sqlite_template, tmp_path / "data" / "demo.db")
    configuration = loader.load(tmp_path / "office.yaml", env=made, today=NOW.date())
    database = open_database(configuration.settings.database.url.get_secret_value())

    async def unit(tx):
        await roster.bring_in(tx, configuration, now=NOW)
        row = await tx.first("SELECT id FROM person WHERE name = ?", "张三")
        fields = {"item": "打印机", "place": "三楼"}
        request = engine.Request(id="i1", applicant=row["id"])
        item = store.Item(
            request=request, form="repair", form_version="", number=7, fields=fields, created=NOW, changed=NOW
        )
        await store.add(tx, item)
        opened = facts.ItemOpened(item="i1", number=7, form="repair", form_version="", applicant=row["id"], route=[],
                                  content=fields)  # fmt: skip
        await log.record(tx, opened, origin=Origin(person=row["id"], account="wecom-main"), now=NOW)

    await database.write(unit)
    await database.close()
    return tmp_path


@pytest.fixture
def audit(office, capsys):
    """The exit status and what was printed, of a command with this office's configuration."""

    async def ran(*arguments):
        status = await asyncio.to_thread(
            __main__.run, ["audit", *map(str, arguments), "--config", str(office / "office.yaml")]
        )
        return status, capsys.readouterr()

    return ran


def forge(office, *statements):
    with closing(sqlite3.connect(office / "data" / "demo.db")) as database:
        for statement in ("DROP TRIGGER journal_no_update", "DROP TRIGGER journal_no_delete", *statements):
            database.execute(statement)
        database.commit()


async def test_a_head_is_kept_and_everything_is_sound(office, audit, tmp_path):
    status, said = await audit("head", "-o", tmp_path / "heads.txt")
    assert status == 0
    assert said.out.startswith("officebot/")
    assert "公钥：officebot/" in said.err
    assert (tmp_path / "heads.txt").read_text(encoding="utf-8") == said.out + "\n"
    status, said = await audit("verify", "--heads", tmp_path / "heads.txt")
    assert (status, said.out.splitlines()[-1]) == (0, "核对通过。"), said
    assert "和给出的 1 个校验码比过" in said.out


async def test_what_was_changed_is_named_and_the_status_is_one(office, audit, tmp_path):
    await audit("head", "-o", tmp_path / "heads.txt")
    forge(office, "UPDATE journal SET actor = 'x' WHERE kind = 'approval.item_opened'")
    status, said = await audit("verify", "--heads", tmp_path / "heads.txt")
    assert status == 1
    assert "提交事项，7号" in said.out
    status, said = await audit("verify", "--heads", tmp_path / "heads.txt", "--json")
    data = json.loads(said.out)
    assert (status, data["ok"], data["heads_given"]) == (1, False, 1)
    assert data["findings"][0]["code"] == "changed"


async def test_a_table_that_differs_is_named_unless_only_the_journal_is_asked_for(office, audit):
    await audit("head")
    forge(office, "UPDATE item SET fields_json = '{}' WHERE number = 7")
    status, said = await audit("verify")
    assert status == 1
    assert "事项（表 item）里7号" in said.out
    assert "fields_json 列和留痕重建出来的不一样" in said.out
    assert (await audit("verify", "--journal-only"))[0] == 0


async def test_a_bundle_of_one_item_is_made_checked_and_written_down(office, audit, tmp_path):
    status, said = await audit("export", "--item", 7, "-o", tmp_path / "x.zip")
    assert status == 0, said.err
    assert "1 份打印单" in said.out
    status, said = await audit("verify", tmp_path / "x.zip")
    assert (status, said.out.splitlines()[-1]) == (0, "结论：核对通过。"), said
    with zipfile.ZipFile(tmp_path / "x.zip") as bundle:
        assert "打印机" in bundle.read("facts.jsonl").decode()
    with closing(sqlite3.connect(office / "data" / "demo.db")) as database:
        (body,) = database.execute("SELECT body FROM journal WHERE kind = 'audit.bundle_exported'").fetchone()
    assert json.loads(body)["what"] == "7号事项"


async def test_a_span_of_days_is_proven_without_a_gap_and_may_be_redacted(office, audit, tmp_path):
    status, said = await audit(
        "export", "--from", "2026-04-27", "--to", "2026-04-27", "--redact", "all", "-o", tmp_path / "x.zip", "--json"
    )
    assert status == 0, said.err
    assert json.loads(said.out)["facts"] > 1
    with zipfile.ZipFile(tmp_path / "x.zip") as bundle:
        assert "打印机" not in bundle.read("facts.jsonl").decode()
        assert not any(name.startswith("slips/") for name in bundle.namelist())
    status, said = await audit("verify", tmp_path / "x.zip")
    assert status == 0
    assert "中间没有漏掉的" in said.out


WISHES = {
    "person in a span": ("--person", "张三", "--from", "2026-04-27", "--to", "2026-04-27"),
    "kind of matter": ("--kind", "报修"),
}


@pytest.mark.parametrize("wish", WISHES)
async def test_a_bundle_of_a_person_or_of_a_kind(audit, tmp_path, wish):
    status, said = await audit("export", *WISHES[wish], "-o", tmp_path / "x.zip")
    assert status == 0, said.err
    with zipfile.ZipFile(tmp_path / "x.zip") as bundle:
        assert "approval.item_opened" in bundle.read("facts.jsonl").decode()
        assert bundle.read("summary.pdf").startswith(b"%PDF")
    assert (await audit("verify", tmp_path / "x.zip"))[0] == 0


async def test_a_field_is_left_out_by_the_word_that_people_know_it_by(audit, tmp_path):
    status, said = await audit("export", "--item", 7, "--redact", "地点", "-o", tmp_path / "x.zip")
    assert status == 0, said.err
    with zipfile.ZipFile(tmp_path / "x.zip") as bundle:
        text = bundle.read("facts.jsonl").decode()
    assert "三楼" not in text
    assert "打印机" in text
    status, said = await audit("verify", tmp_path / "x.zip")
    assert (status, "没有遮盖的栏目照样证明" in said.out) == (0, True)


async def test_how_many_heads_were_compared_is_said(audit, tmp_path):
    """One that was torn on the way is no comparison; a line right above one is no fault of it."""
    await audit("head", "-o", tmp_path / "heads.txt")
    note = (tmp_path / "heads.txt").read_text(encoding="utf-8")
    lines = note.splitlines()
    (tmp_path / "kept.txt").write_text(f"群里 5月1日\n{note}\n" + "\n".join(lines[2:]), encoding="utf-8")
    status, said = await audit("verify", "--heads", tmp_path / "kept.txt")
    assert (status, "和给出的 1 个校验码比过" in said.out, "1 段不完整" in said.out) == (0, True, True), said.out


async def test_a_new_key_signs_and_the_old_heads_still_count(office, audit, tmp_path):
    await audit("head", "-o", tmp_path / "heads.txt")
    status, said = await audit("rotate")
    assert status == 0
    assert "已换钥匙" in said.out
    assert (await audit("verify", "--heads", tmp_path / "heads.txt"))[0] == 0


REFUSED = {
    "没有99号事项": ("export", "--item", "99", "-o", "x.zip"),
    "--from 和 --to": ("export", "-o", "x.zip"),
    "要一起写": ("export", "--from", "2026-05-02", "-o", "x.zip"),
    "是不是": ("export", "--item", "7", "--redact", "地點", "-o", "x.zip"),
    "没有叫“不存在”的事项": ("export", "--kind", "不存在", "-o", "x.zip"),
    "没有 3 条时签发的校验码": ("grown", "3", "4", "-o", "x.json"),
    "不能早于": ("export", "--from", "2026-05-02", "--to", "2026-05-01", "-o", "x.zip"),
    "没有记录": ("export", "--from", "2020-01-01", "--to", "2020-01-02", "-o", "x.zip"),
    "写不进去": ("export", "--item", "7", "-o", "no/such/x.zip"),
    "不是 zip": ("verify", "office.yaml"),
    "没有完整的校验码": ("verify", "--heads", "staff.csv"),
}


async def test_what_cannot_be_done_is_said_in_words(office, audit, monkeypatch):
    monkeypatch.chdir(office)
    status, told = await audit("rotate")
    assert (status, "找不到原来的钥匙" in told.err) == (1, True)
    for said, arguments in REFUSED.items():
        status, told = await audit(*arguments)
        assert status in (1, 2), said
        assert said in told.err


async def test_an_erasure_is_shown_first_and_takes_two_people(office, audit):
    who = ("--reason", "本人申请", "--by", "陈静", "--second")
    status, told = await audit("erase", "--item", 7, *who, "孙立新")
    assert (status, "不是在职的管理员或监督员" in told.err or "还没有办结" in told.err) == (1, True)
    forge(office, "UPDATE item SET state = 'approved'",
          "INSERT INTO person_role (role, person) SELECT 'inspector', id FROM person WHERE name IN ('孙立新', '陈静')"
          " ON CONFLICT DO NOTHING")  # fmt: skip
    status, told = await audit("erase", "--item", 7, *who, "陈静")
    assert (status, "要是两个人" in told.err) == (1, True)
    status, told = await audit("erase", "--item", 7, *who, "孙立新")
    assert status == 0, told.err
    assert "将删除个人信息 1 处" in told.out
    code = re.search(r"--confirm (\d{6})", told.out)[1]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert (await audit("erase", "--item", 7, *who, "孙立新", "--confirm", wrong))[0] == 1
    status, told = await audit("erase", "--item", 7, *who, "孙立新", "--confirm", code)
    assert (status, "已删除个人信息 1 处" in told.out) == (0, True)
    with closing(sqlite3.connect(office / "data" / "demo.db")) as database:
        assert database.execute("SELECT fields_json FROM item").fetchall() == [("{}",)]
        assert "打印机" not in str(database.execute("SELECT value FROM journal_personal").fetchall())
    assert (await audit("verify", "--journal-only"))[0] == 0
    assert "还在职" in (await audit("erase", "--person", "张三", *who, "孙立新"))[1].err


async def test_a_new_database_out_of_the_journal(office, audit, tmp_path):
    status, told = await audit("rebuild", "-o", tmp_path / "new.db")
    assert status == 0, told.err
    assert re.search(r"item +1 行", told.out)
    assert "已经存在" in (await audit("rebuild", "-o", tmp_path / "new.db"))[1].err
    shutil.move(tmp_path / "new.db", office / "data" / "demo.db")
    status, told = await audit("verify")
    assert (status, told.out.splitlines()[-1]) == (0, "核对通过。"), told.out
