from __future__ import annotations

import errno
from pathlib import Path

import click
import pytest

from bot.commands import files


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    def full(path, data):
        with path.open("wb") as file:
            file.write(data[:2])
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "年表.xlsx"
    file.write_bytes(b"before")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(click.ClickException, match="磁盘满了，没有写入"):
        files.write(file, b"after")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("年表.xlsx", b"before")]


def test_it_appears_whole(tmp_path):
    files.write(tmp_path / "a.pdf", b"paper")
    assert (tmp_path / "a.pdf").read_bytes() == b"paper"
