"""`officebot item slip`: the paper from the office's own machine."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime

import pytest

from bot import __main__, roster
from bot.database.open import open_database
from bot.demo import world
from config import loader
from handlers.approval import engine, store


@pytest.fixture
async def office(tmp_path, sqlite_template, monkeypatch):
    """The sample office with one approved item, number 7, and where its configuration lies."""
    made = world.credentials() | world.PLACES | {"DEMO_PUBLIC_URL": "http://127.0.0.1:8080"}
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    world.unpack(tmp_path)
    (tmp_path / "data").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "data" / "demo.db")
    now = datetime(2026, 4, 27, 1, tzinfo=UTC)
    configuration = loader.load(tmp_path / "office.yaml", env=made, today=now.date())
    database = open_database(configuration.settings.database.url.get_secret_value())

    async def unit(tx):
        await roster.bring_in(tx, configuration, now=now)
        row = await tx.first("SELECT id FROM person WHERE name = ?", "张三")
        request = engine.Request(id="i1", applicant=row["id"], state=engine.State.APPROVED)
        fields = {"item": "打印机", "place": "三楼"}
        item = store.Item(request=request, form="repair", number=7, fields=fields, created=now, changed=now)
        await store.add(tx, item)

    await database.write(unit)
    await database.close()
    return tmp_path


def run(*arguments):
    return __main__.run(list(arguments))


async def test_the_slip_is_written(office, capsys):
    out = office / "slip.pdf"
    command = ("item", "slip", "7", "-o", str(out), "--config", str(office / "office.yaml"))
    assert await asyncio.to_thread(run, *command) == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert "7号" in capsys.readouterr().out


async def test_an_unknown_number_is_said_so(office, capsys):
    command = ("item", "slip", "8", "-o", str(office / "x.pdf"), "--config", str(office / "office.yaml"))
    assert await asyncio.to_thread(run, *command) == 1
    assert "没有8号事项" in capsys.readouterr().err
    assert not (office / "x.pdf").exists()
