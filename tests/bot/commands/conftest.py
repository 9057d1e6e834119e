"""An office of six in files and tables, for the leave commands: `office` and `leave`."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import office as offices
from bot.__main__ import run
from bot.commands import options
from bot.database.open import open_database
from config.loader import load
from handlers.audit.facts import Origin
from handlers.context import Context
from handlers.leave import charge
from handlers.leave.asking import drafting, understanding
from handlers.people import directory

OFFICE = """
office: {name: 测试局}
server: {public_url: "https://bot.example.gov.cn"}
accounts:
  - {name: wecom-main, platform: wecom, corp_id: ww1, agent_id: 1000002, secret: s, token: token1,
     encoding_aes_key: "%s"}
security: {signing_key: "%s"}
leave: {calendars: [calendars]}
roles: {office_director: [赵六], personnel: ["003"]}
"""
NOTICE = (Path(__file__).resolve().parents[2] / "recordings" / "holidays_2027.yaml").read_text(encoding="utf-8")
STAFF = """\
姓名,部门,职务,上级,参加工作时间,性别,工号,企业微信,类别,入职时间,连续工作起始
赵六,办公室,主任,,1998-07-01,男,001,zhaoliu,公务员,,
李四,办公室,科员,赵六,2016-05-20,男,002,lisi,,,
李四,人事科,科员,赵六,2003-02-28,女,003,lisi3,事业,,
钱七,办公室,科员,赵六,,女,004,qianqi,,,
孙八,办公室,辅助岗,赵六,2012-03-01,男,005,sunba,合同制,2026-03-17,2024-01-08
周九,后勤科,辅助岗,赵六,2012-03-01,男,006,zhoujiu,劳务派遣,,
"""
NOW = datetime(2026, 4, 27, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_logs(monkeypatch):
    """A command that runs in here would bind every logger to what pytest captures for this one test, and the next test
    would write to a closed file."""
    monkeypatch.setattr("bot.logs.set_up", lambda **_: None)


class LeaveOffice:
    """Its clock stands at `now`; `taken` is a leave asked for and approved at that time, as `item`."""

    def __init__(self, folder):
        self.folder: Path = folder
        self.now = NOW

    @property
    def config(self):
        return str(self.folder / "office.yaml")

    def at(self, *day):
        self.now = datetime(*day, 1, tzinfo=UTC)

    def notice(self, year):
        """The holidays of a coming year are known: those of 2027, in any year."""
        text = NOTICE.replace("2027", str(year))
        (self.folder / "calendars" / f"{year}.yaml").write_text(text, encoding="utf-8")

    def new_year(self, year):
        self.notice(year)
        self.at(year, 1, 5)

    def taken(self, name, text, *, item="item-1"):
        async def unit(tx):
            ctx = Context(tx=tx, now=self.now, trace="", origin=Origin(), office=values)
            (person,) = await directory.named(tx, name)
            fields, refused = await drafting.draft(ctx, person, understanding.understand(ctx, text))
            assert refused is None
            await charge.hold(ctx, person.id, item, fields)
            await charge.consume(ctx, person.id, item, by="")

        async def work():
            database = open_database(configuration.settings.database.url.get_secret_value())
            await database.write(unit)
            await database.close()

        configuration = load(self.folder / "office.yaml", env={}, today=options.today())
        values = offices.build(configuration)
        asyncio.run(work())


@pytest.fixture
def office(tmp_path, monkeypatch, sqlite_template):
    """On 27 April 2026; nobody has asked for leave yet."""
    (tmp_path / "office.yaml").write_text(OFFICE % ("a" * 43, "k" * 32), encoding="utf-8")
    (tmp_path / "staff.csv").write_text(STAFF, encoding="utf-8")
    (tmp_path / "calendars").mkdir()
    made = LeaveOffice(tmp_path)
    monkeypatch.setattr(options, "now", lambda: made.now)
    (tmp_path / "data").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "data" / "office.db")
    assert run(["people", "import", str(tmp_path / "staff.csv"), "--config", made.config]) == 0
    return made


@pytest.fixture
def leave(office, capsys):
    """Runs `officebot leave ...`: exit status, standard output, standard error."""

    def call(*arguments):
        capsys.readouterr()
        status = run(["leave", *arguments[:1], "--config", office.config, *arguments[1:]])
        said = capsys.readouterr()
        return status, said.out, said.err

    return call
