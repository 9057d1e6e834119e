from __future__ import annotations

import shlex

import pytest

from bot.__main__ import run


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
