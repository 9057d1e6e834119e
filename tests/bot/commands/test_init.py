from __future__ import annotations

import errno
import itertools
import re
import stat

from bot.__main__ import run
from bot.proofs import keys
from config import secrets


def test_what_it_writes_lacks_nothing_but_the_secrets(tmp_path, capsys, monkeypatch):
    folder = tmp_path / "my office"
    assert run(["init", str(folder)]) == 0
    values, _ = secrets.beside(folder)
    capsys.readouterr()
    run(["check", "--config", str(folder / "office.yaml")])
    complaints = capsys.readouterr().out.splitlines()[:-1]
    serious = [row for row in complaints if "（建议）" not in row]
    empty = [name for name, value in values.items() if not value]
    assert len(serious) == len(empty)
    assert all(any(f"{name} 还没有填写" in row for row in serious) for name in empty)


def test_every_secret_filled_in_makes_it_whole(tmp_path, capsys):
    run(["init", str(tmp_path)])
    file = tmp_path / "secrets.env"
    rows = file.read_text(encoding="utf-8").splitlines()
    file.write_text(
        "\n".join(f"{row}{'A' * 43 if 'AES' in row else 'abc123'}" if row[-1] == "=" else row for row in rows)
    )
    assert run(["check", "--config", str(tmp_path / "office.yaml")]) == 0
    assert "配置可以使用" in capsys.readouterr().out


def test_only_the_owner_reads_the_secrets_and_the_key_is_made_anew(tmp_path):
    run(["init", str(tmp_path / "a")])
    run(["init", str(tmp_path / "b")])
    file = tmp_path / "a" / "secrets.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes() != (tmp_path / "b" / "secrets.env").read_bytes()


def test_nothing_is_overwritten(tmp_path, capsys):
    (tmp_path / "staff.csv").write_text("ours")
    assert run(["init", str(tmp_path)]) == 1
    assert "staff.csv" in capsys.readouterr().err
    assert (tmp_path / "staff.csv").read_text() == "ours"
    assert not (tmp_path / "office.yaml").exists()


def test_a_full_disk_leaves_nothing_that_stops_the_next_try(tmp_path, capsys, monkeypatch):
    def full(folder):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(keys, "ensure", full)
        assert run(["init", str(tmp_path)]) == 1
    assert "磁盘满了" in capsys.readouterr().err
    assert run(["init", str(tmp_path)]) == 0


def test_every_secret_stands_under_its_own_explanation(tmp_path):
    run(["init", str(tmp_path)])
    rows = (tmp_path / "secrets.env").read_text(encoding="utf-8").splitlines()
    above = {row.partition("=")[0]: before for before, row in itertools.pairwise(rows)}
    assert above["YZJ_GROUP_TOKEN"].startswith("YZJ_ROBOT_TOKEN")  # explained by nothing, least of all the next key
    assert not [row for row in rows if row.startswith("#") and re.match(r"# \w+:", row)]


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run(["init", str(tmp_path / "file" / "office")]) == 1
    assert "权限" in capsys.readouterr().err
