import errno
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from bot.database import checkpoints
from bot.database.checkpoints import Checkpoints

MANY = 10_500  # pages


@pytest.fixture
def file(tmp_path):
    return tmp_path / "office.db"


@pytest.fixture
def opened(file):
    """Connections as the writer's are; nothing is brought in unless it is asked for."""

    def connect():
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        return connection

    return connect


@pytest.fixture
def write(opened):
    with closing(opened()) as connection:
        connection.execute("CREATE TABLE page (data BLOB)")

        def pages(number):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO page VALUES (?)", [(bytes(4096),)] * number)
            connection.execute("COMMIT")
            return connection

        yield pages


def _begun(file):
    """How often the log has begun anew, as its head says (sqlite.org/fileformat2.html, 4.1)."""
    return int.from_bytes(file.with_name("office.db-wal").read_bytes()[12:16])


@pytest.fixture
def passed(file, opened, write):
    """A log of so many pages, and three that were written while the thread went over it; a reader stands for the time
    that this takes."""
    beside = Checkpoints(file, opened)

    def over(pages):
        with closing(opened()) as reader:
            write(pages)
            reader.execute("BEGIN")
            reader.execute("SELECT COUNT(*) FROM page")
            write(3)
            beside._checkpoint()
        return beside

    return over


def test_what_was_written_meanwhile_is_finished_by_the_writer_and_the_log_begins_anew(file, passed, write):
    beside = passed(MANY)
    before = _begun(file)
    beside.finish(write(3))
    write(1)
    assert _begun(file) == before + 1


def test_a_log_that_nobody_finishes_goes_on(file, passed, write):
    passed(MANY)
    before = _begun(file)
    write(3)
    write(1)
    assert _begun(file) == before


def test_a_short_log_is_nothing_to_keep_the_writer_for(file, passed, write):
    beside = passed(10)
    before = _begun(file)
    beside.finish(write(3))
    write(1)
    assert _begun(file) == before


@pytest.fixture
def forced(monkeypatch):
    """The files that are forced to the disk from here, by their names; SQLite's own calls go past Python."""
    names = []

    def fdatasync(descriptor):
        names.append(os.readlink(f"/proc/self/fd/{descriptor}"))

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    return names


def test_what_the_passes_copied_is_on_the_disk_before_the_writer_is_asked(file, passed, forced):
    passed(MANY)
    assert forced == [str(file)] * 2


def test_a_short_log_forces_nothing(passed, forced):
    passed(10)
    assert forced == []


_LAST_TO_LEAVE = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT 1 FROM page'); c.close()"


def test_another_process_still_sees_that_the_file_is_in_use(file, passed):
    """Who closes a file that nobody else has open deletes its log, also under one who has lost his locks."""
    passed(MANY)
    subprocess.run([sys.executable, "-c", _LAST_TO_LEAVE, file], check=True)
    assert file.with_name("office.db-wal").exists()


def test_a_log_whose_pages_the_disk_refuses_goes_on(file, passed, write, monkeypatch):
    def refused(descriptor):
        raise OSError(errno.EIO, "fdatasync")

    monkeypatch.setattr(os, "fdatasync", refused)
    beside = passed(MANY)
    before = _begun(file)
    beside.finish(write(3))
    write(1)
    assert _begun(file) == before


@pytest.mark.parametrize("descriptors", ["not-there", "fd"])
def test_without_a_list_of_descriptors_sqlite_does_it_all(tmp_path, monkeypatch, file, passed, write, descriptors):
    (tmp_path / "fd").mkdir()
    (tmp_path / "fd" / "987654").touch()  # closed meanwhile
    monkeypatch.setattr(checkpoints, "_OPEN", tmp_path / descriptors)
    beside = passed(MANY)
    before = _begun(file)
    beside.finish(write(3))
    write(1)
    assert _begun(file) == before + 1


def test_whoever_still_reads_keeps_the_log_and_harms_nothing(file, opened, write):
    beside = Checkpoints(file, opened)
    with closing(opened()) as reader:
        write(MANY)
        reader.execute("BEGIN")
        (seen,) = reader.execute("SELECT COUNT(*) FROM page").fetchone()
        writer = write(3)
        beside._checkpoint()
        beside.finish(writer)
        write(1)
        assert reader.execute("SELECT COUNT(*) FROM page").fetchone() == (seen,)
        assert writer.execute("SELECT COUNT(*) FROM page").fetchone() == (seen + 4,)


def test_a_file_that_is_gone_is_the_writers_to_tell(tmp_path):
    gone = tmp_path / "none.db"
    beside = Checkpoints(gone, lambda: sqlite3.connect(f"file:{gone}?mode=rw", uri=True))
    beside._checkpoint()
    with closing(sqlite3.connect(":memory:")) as connection:
        beside.finish(connection)


def test_a_close_at_the_moment_of_clearing_is_not_lost():
    """What ends the thread is cleared with the call to work; without a second look it waits for ever."""
    closing = threading.Event()

    class Due(threading.Event):
        def clear(self):
            beside._end.set()
            self.set()
            super().clear()
            closing.set()

    beside = Checkpoints(Path(":memory:"), lambda: sqlite3.connect(":memory:"))
    beside._due = Due()
    beside.due()
    assert closing.wait(60)
    beside._thread.join(60)
    assert not beside._thread.is_alive()
