from __future__ import annotations

import errno
import os
import socket
import sqlite3

import asyncpg
import pytest

from cards import causes


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EADDRINUSE, errno.ECONNREFUSED])
def test_the_system_speaks_chinese(number):
    error = OSError(number, os.strerror(number), "/srv/office.db")
    assert causes.why(error).isascii() is False
    assert causes.sentence(error) == f"/srv/office.db：{causes.why(error)}。"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), "主机名"),
        (TimeoutError(), "没有回答"),
        (asyncpg.InvalidCatalogNameError("x"), "没有这个库"),
        (asyncpg.InvalidPasswordError("x"), "用户名或密码不对"),
        (asyncpg.ClientConfigurationError("x"), "ClientConfigurationError"),
    ],
)
def test_a_database_that_is_not_there_is_said_with_what_to_mend(error, said):
    assert said in causes.why(error)
    assert said in causes.sentence(error)


def test_a_file_that_is_no_database(tmp_path):
    file = tmp_path / "office.db"
    file.write_text("no database at all " * 60)
    with sqlite3.connect(file) as opened, pytest.raises(sqlite3.DatabaseError) as caught:
        opened.execute("SELECT 1 FROM sqlite_master")
    opened.close()
    assert "不是数据库" in causes.sentence(caught.value)


def test_a_mistake_of_ours_stays_one():
    assert causes.sentence(ValueError("x")) == ""
