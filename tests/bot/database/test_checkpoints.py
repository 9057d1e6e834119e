import sqlite3
import threading
from contextlib import closing

import pytest

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
def passed(opened, write):
    """A log of so many pages, and three that were written while the thread went over it; a reader stands for the time
    that this takes."""
    beside = Checkpoints(opened)

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


def test_whoever_still_reads_keeps_the_log_and_harms_nothing(file, opened, write):
    beside = Checkpoints(opened)
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
    beside = Checkpoints(lambda: sqlite3.connect(f"file:{tmp_path}/none.db?mode=rw", uri=True))
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

    beside = Checkpoints(lambda: sqlite3.connect(":memory:"))
    beside._due = Due()
    beside.due()
    assert closing.wait(60)
    beside._thread.join(60)
    assert not beside._thread.is_alive()
