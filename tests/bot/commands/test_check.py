from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from bot.__main__ import run
from bot.commands import options
from config.crosscheck import PACKAGED

TEN_MISTAKES = """\
office: {name: 测试局, timezone: Asia/Peking}
server: {port: 80800, public_url: "http://bot.example.gov.cn"}
databse: {url: "sqlite://data/office.db"}
accounts:
  - name: wecom-main
    platform: wecom
    corp_id: ww1
    secret: "${WECOM_SECRET}"
    token: "${TOKEN}"
    encoding_aes_key: "${AES_KEY}"
  - name: yzj-main
    platform: yunzhijai
roles:
  admin: [张三, 王五]
groups:
  all: {account: wecom-man, chat: g1}
security:
  signing_key: "${KEY}"
  session_hours: 12
  session_hours: 24
"""
STAFF = "姓名,上级,企业微信\n张三,,zhangsan\n李四,赵六,lisi\n"
NAMED = [
    ("office.yaml 第 1 行 office.timezone", "Asia/Shanghai"),
    ("office.yaml 第 2 行 server.port", "不大于 65535"),
    ("office.yaml 第 2 行 server.public_url", "https://"),
    ("office.yaml 第 3 行 databse", "应改为：database"),
    ("office.yaml 第 5 行 accounts[1].agent_id", "缺少这一项"),
    ("office.yaml 第 8 行 accounts[1].secret", "WECOM_SECRET"),
    ("office.yaml 第 10 行 accounts[1].encoding_aes_key", "43 位"),
    ("office.yaml 第 12 行 accounts[2].platform", "yunzhijia"),
    ("office.yaml 第 14 行 roles.admin[2]", "王五"),
    ("office.yaml 第 16 行 groups.all.account", "应改为：wecom-main"),
    ("office.yaml 第 20 行 security.session_hours", "第 19 行"),
    ("staff.csv 第 3 行 李四", "上级「赵六」不在表里"),
]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with twelve mistakes in its two files; the year is one whose holidays are known."""
    (tmp_path / "office.yaml").write_text(TEN_MISTAKES, encoding="utf-8")
    (tmp_path / "staff.csv").write_text(STAFF, encoding="utf-8")
    for name, value in {"TOKEN": "token1", "AES_KEY": "do-not-print-me", "KEY": "k" * 32}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WECOM_SECRET", raising=False)
    monkeypatch.setattr(options, "today", lambda: date(2026, 3, 2))
    return tmp_path / "office.yaml"


def test_ten_mistakes_and_more_are_all_named_with_place_and_cure(office, capsys):
    assert run(["check", "--config", str(office)]) == 1
    rows = capsys.readouterr().out.replace(f"{office.parent}/", "").splitlines()
    assert len(rows) == len(NAMED) + 1
    for place, cure in NAMED:
        assert [row for row in rows if row.startswith(f"{place}：") and cure in row], place
    assert rows[-1] == f"共 {len(NAMED)} 个问题。"


def test_no_value_that_may_be_a_secret_is_shown(office, capsys):
    run(["check", "--config", str(office)])
    assert "do-not-print-me" not in "".join(capsys.readouterr())


def test_json_for_programs(office, capsys):
    assert run(["check", "--config", str(office), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    assert len(found["problems"]) == len(NAMED)
    assert set(found["problems"][0]) == {"file", "line", "key", "what", "hint", "serious"}


def test_no_configuration_is_said_without_a_traceback(tmp_path, capsys):
    assert run(["check", "--config", str(tmp_path / "office.yaml")]) == 1
    assert "officebot init" in capsys.readouterr().out


def test_own_calendars_are_judged_too(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(options, "today", lambda: date(2026, 3, 2))
    run(["init", str(tmp_path)])
    file = tmp_path / "office.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("calendars: [] ", "calendars: [calendars/]"), encoding="utf-8")
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "2026.yaml").write_text("year: 2026\nstatutory: [2026-01-01]\ndays_off: []\n")
    run(["check", "--config", str(file)])
    said = capsys.readouterr().out
    assert "2026.yaml 第 1 行 makeup_workdays：缺少 makeup_workdays" in said


def test_advice_is_given_where_nobody_would_hear_of_trouble_and_items_are_counted_from_one(tmp_path, capsys):
    text = (PACKAGED / "example.yaml").read_text(encoding="utf-8")
    (tmp_path / "staff.csv").write_bytes((PACKAGED / "example_staff.csv").read_bytes())
    names = sorted(set(re.findall(r"\$\{([A-Z_]+)\}", text)))
    secrets = "".join(f"{name}={'a' * (43 if 'AES' in name else 32)}\n" for name in names)
    (tmp_path / "secrets.env").write_text(secrets, encoding="utf-8")
    text = text.replace("admin: [王五]", "admin: []").replace("每周五下午四点,", "有空的时候,")
    (tmp_path / "office.yaml").write_text(text, encoding="utf-8")
    assert run(["check", "--config", str(tmp_path / "office.yaml")]) == 1
    said = capsys.readouterr().out
    assert "roles.admin（建议）：没有写系统管理员" in said
    line = 1 + text.splitlines().index(next(row for row in text.splitlines() if "有空的时候" in row))
    assert f"office.yaml 第 {line} 行 notices.recurring[1].when" in said
