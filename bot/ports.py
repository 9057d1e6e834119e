"""Ports for processes that are started later, or again: for the drills, the bench and the tests."""

from __future__ import annotations

import random
import socket
from typing import Final

_BELOW: Final = range(20_000, 32_000)
"""None of those that Linux gives to outgoing connections (32768 and up): on a busy machine one of them would take the
port between the look and the start, or between an end and the next start."""
_TRIES: Final = 100


def bound() -> socket.socket:
    """A socket on a port of this machine that is nobody else's while it is open. Raises OSError when none is free."""
    last = OSError("no port")
    for port in random.sample(_BELOW, _TRIES):
        found = socket.socket()
        try:
            found.bind(("127.0.0.1", port))
        except OSError as error:
            found.close()
            last = error
        else:
            return found
    raise last


def free() -> int:
    with bound() as found:
        return int(found.getsockname()[1])
