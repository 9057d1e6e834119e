import sqlite3
import threading

from bot.database.checkpoints import Checkpoints


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
