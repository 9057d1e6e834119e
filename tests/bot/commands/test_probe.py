"""`officebot probe` against the strict sandbox: it sends, it says what to write, and it explains what it cannot."""

from __future__ import annotations

import pytest

from bot.__main__ import main
from bot.commands import probe


@pytest.fixture
def office(tmp_path):
    (tmp_path / "staff.csv").write_text("姓名,部门,职务,粤政易\n张三,办公室,科员,zhangsan\n", encoding="utf-8")
    (tmp_path / "office.yaml").write_text(
        """office: {name: 某中心}
database: {url: "sqlite://data/office.db"}
accounts:
  - {name: yzy-main, platform: yuezhengyi, base_url: "http://127.0.0.1:9", allow_http: true, corp_id: wl0123456789,
     agent_id: 1, secret: s, oauth_base: "https://yzy.example.gov.cn"}
people: staff.csv
roles: {admin: [张三]}
security: {signing_key: "0123456789012345678901234567890123456789"}
""",
        encoding="utf-8",
    )
    return tmp_path / "office.yaml"


def run(arguments):
    try:
        main(arguments)
    except SystemExit as end:
        return end.code or 0
    return 0


def test_an_account_that_is_none_is_named_with_those_that_are(office, capsys):
    assert run(["probe", "wecom-main", "--to", "zhangsan", "--config", str(office)]) != 0
    assert "yzy-main" in capsys.readouterr().err


def test_what_does_not_answer_leads_to_the_doctor(office, capsys):
    assert run(["probe", "yzy-main", "--to", "zhangsan", "--config", str(office)]) != 0
    said = capsys.readouterr().err
    assert "officebot doctor" in said
    assert "Error" not in said


def test_what_is_there_is_printed_as_it_goes_into_the_file(office, capsys, monkeypatch):
    async def found(account, to, link):
        return {"textcard": True, "markdown": False, "appchat": None}

    monkeypatch.setattr(probe, "_probe", found)
    assert run(["probe", "yzy-main", "--to", "zhangsan", "--config", str(office)]) == 0
    out = capsys.readouterr().out
    assert "      textcard: yes\n      markdown: no\n      appchat: unknown\n" in out
