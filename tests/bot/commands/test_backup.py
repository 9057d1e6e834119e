from __future__ import annotations

import shlex

import pytest

from bot.__main__ import run
from bot.commands import move
from bot.database.single import single
from handlers.errors import DatabaseBusy


@pytest.fixture
def copy(office, tmp_path, capsys):
    """A backup of 10 May 2026, 02:10 in Beijing: by UTC still the ninth."""
    office.notice(2027)  # an empty folder is not kept
    office.now = office.now.replace(month=5, day=9, hour=18, minute=10)
    file = tmp_path / "每天 的.backup"
    assert run(["backup", str(file), "--config", office.config]) == 0
    return file


def test_facts_that_wait_for_their_seal_are_not_told_as_none(copy, capsys):
    said = capsys.readouterr().out
    assert "留痕 0 条（另有" in said


def test_a_restore_names_the_day_of_the_office_and_a_command_that_can_be_pasted(copy, tmp_path, capsys):
    folder = tmp_path / "新 单位"
    capsys.readouterr()
    assert run(["restore", str(copy), "--settings-into", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "2026年05月10日 02:10" in said
    (line,) = [line for line in said.splitlines() if "再运行" in line]
    command = shlex.split(line.removeprefix("再运行 officebot "))
    assert run(command) == 0
    assert "已恢复到2026年05月10日 02:10的样子" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"\n\n", "  \n口令".encode(), bytes(range(128, 160)) * 3 + b"\xff"])
def test_a_file_without_a_passphrase_makes_no_backup_without_its_keys(content, office, tmp_path, capsys):
    (tmp_path / "word").write_bytes(content)
    file = tmp_path / "a.backup"
    assert run(["backup", str(file), "--passphrase-file", str(tmp_path / "word"), "--config", office.config]) == 1
    assert "没有口令" in capsys.readouterr().err
    assert not file.exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_passphrase_is_the_same_however_notepad_saved_it(encoding, office, tmp_path, capsys):
    (tmp_path / "made").write_bytes("口令一二三四五六".encode(encoding))
    (tmp_path / "told").write_text("口令一二三四五六\n", encoding="utf-8")
    (office.folder / "secrets.env").write_text("X=1\n", encoding="utf-8")
    file = str(tmp_path / "a.backup")
    assert run(["backup", file, "--passphrase-file", str(tmp_path / "made"), "--config", office.config]) == 0
    again = ["restore", file, "--settings-into", str(tmp_path / "new"), "--passphrase-file", str(tmp_path / "told")]
    assert run(again) == 0
    assert (tmp_path / "new" / "secrets.env").exists()


def test_a_server_that_is_not_there_is_called_a_database(office, capsys):
    text = (office.folder / "office.yaml").read_text(encoding="utf-8")
    text += 'database: {url: "postgres://u@127.0.0.1:1/x"}\n'
    (office.folder / "office.yaml").write_text(text, encoding="utf-8")
    for command in (["serve"], ["migrate"], ["people", "list"], ["backup", "a.backup"]):
        assert run([*command, "--config", office.config]) == 1
        assert "连不上数据库：那个地址和端口上没有服务在回答" in capsys.readouterr().err


def test_an_empty_folder_that_the_settings_name_is_there_again(office, tmp_path, capsys):
    assert list((office.folder / "calendars").iterdir()) == []
    file = str(tmp_path / "a.backup")
    assert run(["backup", file, "--config", office.config]) == 0
    assert run(["restore", file, "--settings-into", str(tmp_path / "new")]) == 0
    assert run(["restore", file, "--config", str(tmp_path / "new" / "office.yaml")]) == 0


def test_the_database_that_was_left_serves_nobody_until_it_is_taken_back(office, tmp_path, capsys):
    target = f"sqlite://{tmp_path / 'new.db'}"
    assert run(["move", "--to", target, "--config", office.config]) == 0
    assert run(["serve", "--config", office.config]) == 1
    said = capsys.readouterr().err
    assert f"搬到 {target}" in said
    assert "没有启动" in said
    assert run(["move", "--to", f"sqlite://{tmp_path / 'newer.db'}", "--config", office.config]) == 1
    assert "--take-back" in capsys.readouterr().err
    assert run(["move", "--take-back", "--config", office.config]) == 0
    assert run(["move", "--take-back", "--config", office.config]) == 1
    assert "没有搬走" in capsys.readouterr().err
    assert run(["move", "--to", f"sqlite://{tmp_path / 'newer.db'}", "--config", office.config]) == 0


@pytest.mark.parametrize("more", [[], ["--to", "sqlite://new.db", "--take-back"]])
def test_a_move_goes_there_or_back(more, office, capsys):
    assert run(["move", *more, "--config", office.config]) == 2
    assert "--take-back" in capsys.readouterr().err


def test_a_file_has_one_service_and_commands_beside_it(office, tmp_path, capsys):
    with single(f"sqlite://{office.folder / 'data' / 'office.db'}"):
        assert run(["serve", "--config", office.config]) == 1
        assert "SQLite 的数据库只能给一个服务用" in capsys.readouterr().err
        assert run(["move", "--to", f"sqlite://{tmp_path / 'new.db'}", "--config", office.config]) == 1
        assert "服务还在运行" in capsys.readouterr().err
        assert run(["backup", str(tmp_path / "a.backup"), "--config", office.config]) == 0


def test_a_disk_that_is_full_is_no_reason_to_have_moved_in_vain(office, tmp_path, capsys, monkeypatch):
    async def written(url, fact):
        if fact.KIND == "backup.left":
            raise DatabaseBusy("full")
        await whole(url, fact)

    whole = move._written
    monkeypatch.setattr(move, "_written", written)
    assert run(["move", "--to", f"sqlite://{tmp_path / 'new.db'}", "--config", office.config]) == 0
    assert "不要再用原来的地址启动服务" in capsys.readouterr().err
