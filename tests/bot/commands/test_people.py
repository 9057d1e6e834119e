from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from bot.__main__ import run
from bot.commands import doctor, options
from bot.database.sqlite import SqliteDatabase
from handlers.errors import DatabaseBusy

OFFICE = """
office: {name: 测试局}
server: {public_url: "https://bot.example.gov.cn"}
accounts:
  - {name: wecom-main, platform: wecom, corp_id: ww1, agent_id: 1000002, secret: s, token: token1,
     encoding_aes_key: "%s", base_url: "%s", oauth_base: "https://open.weixin.qq.com"}
  - {name: wecom-2, platform: wecom, corp_id: ww2, agent_id: 1000003, secret: s, token: token1,
     encoding_aes_key: "%s"}
  - {name: dd-main, platform: dingtalk, client_id: ding1, client_secret: s, corp_id: dingc, agent_id: 3000001,
     transport: stream}
roles: {admin: [王五], director: [主任]}
security: {signing_key: "%s"}
"""
STAFF = """\
姓名,部门,职务,上级,参加工作时间,性别,手机,工号,企业微信,wecom-2,钉钉
赵六,办公室,主任,,1998-07-01,男,13800000001,001,ZhaoLiu,,
王五,人事科,科员,赵六,2010-03-15,女,13800000002,002,wangwu,ww5,
李四,办公室,科员,ZhaoLiu,2016年8月,男,13800000003,003,,,lisi01
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> Path:
    """A migrated office of three in `tmp_path`; nobody is in the tables yet."""
    text = OFFICE % ("a" * 43, "https://qyapi.weixin.qq.com", "b" * 43, "k" * 32)
    (tmp_path / "office.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "staff.csv").write_text(STAFF, encoding="utf-8")
    monkeypatch.setattr(options, "today", lambda: date(2026, 3, 2))
    (tmp_path / "data").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "data" / "office.db")
    return tmp_path


@pytest.fixture
def people(office: Path, capsys: pytest.CaptureFixture[str]):
    """Runs `officebot people ...`: exit status and what was said on standard output."""

    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        status = run(["people", *arguments, "--config", str(office / "office.yaml")])
        return status, capsys.readouterr().out

    return call


def imported(people, office: Path, text: str | bytes, *options: str) -> tuple[int, str]:
    file = office / "neu.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return people("import", str(file), *options)


def listed(people) -> dict[str, dict]:
    return {one["name"]: one for one in json.loads(people("list", "--json")[1])}


def test_a_list_from_chinese_excel_comes_in_with_accounts_managers_and_roles(people, office):
    status, said = imported(people, office, STAFF.encode("gb18030"))
    assert status == 0
    assert "已完成：新增 3" in said
    found = listed(people)
    assert found["李四"]["manager_name"] == "赵六"
    assert found["李四"]["first_work_date"] == "2016-08-01"
    assert found["王五"]["roles"] == ["admin"]
    assert found["赵六"]["roles"] == ["director"]


def test_a_platforms_column_fills_its_accounts_and_an_accounts_own_column_wins(people, office):
    imported(people, office, STAFF)
    found = {name: {ref["account"]: ref["id"] for ref in one["accounts"]} for name, one in listed(people).items()}
    assert found["赵六"] == {"wecom-main": "zhaoliu", "wecom-2": "zhaoliu"}
    assert found["王五"] == {"wecom-main": "wangwu", "wecom-2": "ww5"}
    assert found["李四"] == {"dd-main": "lisi01"}


def test_the_same_file_again_changes_nothing(people, office):
    imported(people, office, STAFF)
    status, said = imported(people, office, STAFF)
    assert (status, said) == (0, "没有变动。\n")


def test_what_changes_is_a_table_of_before_and_after_with_mobiles_covered(people, office):
    imported(people, office, STAFF)
    _, said = imported(
        people, office, STAFF.replace("人事科,科员", "人事科,副科长").replace("13800000003", "13900000004")
    )
    assert any(all(word in line for word in ("修改", "王五", "职务", "科员", "副科长")) for line in said.splitlines())
    assert "139****0004" in said
    assert "13900000004" not in said


def test_a_dry_run_says_so_and_leaves_the_tables_empty(people, office):
    status, said = imported(people, office, STAFF, "--dry-run")
    assert status == 0
    assert "只是预演，没有改动：新增 3" in said
    assert listed(people) == {}


def test_a_mistake_in_one_row_keeps_every_row_out(people, office):
    status, said = imported(people, office, STAFF.replace("13800000002", "1380000"))
    assert status == 1
    assert "第 3 行 手机" in said
    assert "一个人也没有导入" in said
    assert listed(people) == {}


def test_what_only_the_tables_know_to_be_wrong_keeps_every_row_out_too(people, office):
    two = "姓名,工号,企业微信\n张伟,1,zw1\n张伟,2,zw2\n"
    imported(people, office, two)
    status, said = imported(people, office, "姓名,钉钉,职务\n张伟,new,主任\n周九,zj,科员\n")
    assert status == 1
    assert "第 2 行 张伟：有 2 个人同名" in said
    assert sorted(listed(people)) == ["张伟"]


def test_leavers_are_named_first_and_leave_only_when_told_to(people, office):
    imported(people, office, STAFF)
    rest = "".join(STAFF.splitlines(keepends=True)[:3])
    status, said = imported(people, office, rest)
    assert status == 0
    assert "仍按在职处理的 1 人：李四" in said
    assert "离职 1" in imported(people, office, rest, "--leavers")[1]
    assert sorted(listed(people)) == ["王五", "赵六"]


def test_a_role_that_nobody_fills_is_pointed_out(people, office):
    _, said = imported(people, office, "姓名,企业微信,职务\n赵六,zhaoliu,主任\n")
    assert "角色 admin：没有人叫「王五」" in said


def test_json_for_programs(people, office):
    found = json.loads(imported(people, office, STAFF, "--json")[1])
    assert found["ok"] is found["applied"] is True
    assert len(found["joined"]) == 3
    refused = json.loads(imported(people, office, STAFF.replace("赵六", ""), "--json")[1])
    assert refused["ok"] is False


def test_a_database_without_tables_is_said_in_words(people, office, capsys):
    (office / "data" / "office.db").unlink()
    assert run(["people", "list", "--config", str(office / "office.yaml")]) == 1
    assert "officebot migrate" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["people", "list"], ["migrate"], ["serve"], ["backup", "a.backup"]])
def test_a_file_that_is_no_database_is_said_in_words(arguments, office, capsys):
    (office / "data" / "office.db").write_text("这不是数据库。" * 30, encoding="utf-8")
    assert run([*arguments, "--config", str(office / "office.yaml")]) == 1
    assert "不是数据库" in capsys.readouterr().err


def test_a_doctor_names_a_broken_database_and_goes_on(office):
    (office / "data" / "office.db").write_text("这不是数据库。" * 30, encoding="utf-8")
    line = asyncio.run(doctor._database(options.configuration(office / "office.yaml")))
    assert (line.ok, "不是数据库" in line.found) == (False, True)


def test_tables_of_a_later_program_are_left_alone(office, capsys):
    with closing(sqlite3.connect(office / "data" / "office.db")) as file, file:
        file.execute("UPDATE tortoise_migrations SET name = '9999_later' WHERE name = '0003_one_holder'")
    assert run(["migrate", "--config", str(office / "office.yaml")]) == 1
    assert "安装新版" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["people", "list"], ["serve"]])
def test_a_database_that_may_only_be_read_is_not_called_busy(arguments, office, capsys, monkeypatch):
    async def shut(self, unit):
        busy = DatabaseBusy("attempt to write a readonly database")
        error = sqlite3.OperationalError(busy.reason)
        error.sqlite_errorcode = sqlite3.SQLITE_READONLY
        raise busy from error

    monkeypatch.setattr(SqliteDatabase, "write", shut)
    assert run([*arguments, "--config", str(office / "office.yaml")]) == 1
    assert "文件是只读的，检查权限。什么也没有改。" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["-1", "70000"])
def test_a_port_that_cannot_be_is_refused_before_anything_starts(port, office, capsys):
    assert run(["serve", "--port", port, "--config", str(office / "office.yaml")]) == 2
    assert "超出了范围" in capsys.readouterr().err


@pytest.mark.parametrize("nothing", ["", "  "])
def test_an_account_without_an_id_is_linked_to_nobody(nothing, people, office):
    imported(people, office, STAFF)
    assert people("link", "王五", "dd-main", nothing)[0] == 1
    assert people("unlink", "王五", "dd-main")[0] == 1  # there is none


def test_a_file_that_is_not_there_is_said_in_words(office, capsys):
    status = run(["people", "import", str(office / "no.csv"), "--config", str(office / "office.yaml")])
    assert status == 1
    assert "no.csv" in capsys.readouterr().err


def test_an_account_that_does_not_exist_is_said_in_words(office, capsys):
    assert run(["people", "sync", "wecom-9", "--config", str(office / "office.yaml")]) == 1
    assert "wecom-main、wecom-2、dd-main" in capsys.readouterr().err


def test_help_is_in_chinese(capsys):
    assert run(["people", "import", "--help"]) == 0
    said = capsys.readouterr().out
    assert "导入人员表" in said
    assert "Show this message" not in said


def places(people, name):
    return [(ref["account"], ref["id"]) for ref in listed(people)[name]["accounts"]]


def test_an_account_is_linked_by_hand_after_a_preview(people, office):
    imported(people, office, STAFF)
    status, said = people("link", "王五", "dd-main", "wangwu01", "--dry-run")
    assert status == 0
    assert "只是预演，没有改动：关联账号 1" in said
    assert len(places(people, "王五")) == 2
    assert people("link", "王五", "dd-main", "wangwu01")[0] == 0
    assert ("dd-main", "wangwu01") in places(people, "王五")


def test_somebody_elses_account_moves_only_when_that_is_said(people, office):
    imported(people, office, STAFF)
    status, said = people("link", "王五", "dd-main", "lisi01")
    assert status == 1
    assert "这个账号登记的是「李四」" in said
    assert places(people, "李四") == [("dd-main", "lisi01")]
    status, said = people("link", "王五", "dd-main", "lisi01", "--move")
    assert status == 0
    assert places(people, "李四") == []  # on the list, so still a person
    assert ("dd-main", "lisi01") in places(people, "王五")


def test_an_account_is_taken_away_and_the_last_one_is_asked_about(people, office):
    imported(people, office, STAFF)
    status, said = people("unlink", "李四", "dd-main")
    assert status == 0
    assert "收不到任何消息" in said
    assert places(people, "李四") == []
    assert people("unlink", "李四", "dd-main", "LISI01")[0] == 1


def test_to_confirm_names_the_account(people, office):
    assert people("sync", "--confirm")[0] != 0
