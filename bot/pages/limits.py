"""How often strangers may ask: so many questions a minute from one address, and so many from all of them together.

In memory and of one instance: this keeps a page from being a guessing machine and a burden, and is no accounting.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

_WINDOW: Final = timedelta(minutes=1)
_KNOWN: Final = 5000
EVERYBODY: Final = ""


class Limiter:
    """`each` questions of one address within a minute, `all` of everybody."""

    def __init__(self, *, each: int, all: int) -> None:
        self._most = {EVERYBODY: all}
        self._each = each
        self._asked: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def allows(self, address: str, *, now: datetime) -> bool:
        """Counts this one too."""
        counted = [self._count(one, now) for one in (address or "?", EVERYBODY)]
        while len(self._asked) > _KNOWN:
            self._asked.popitem(last=False)
        return all(counted)

    def _count(self, address: str, now: datetime) -> bool:
        begun, number = self._asked.get(address, (now, 0))
        if now - begun >= _WINDOW:
            begun, number = now, 0
        self._asked[address] = (begun, number + 1)
        self._asked.move_to_end(address)
        return number < self._most.get(address, self._each)


def address_of(request: web.Request) -> str:
    """Who asks. A proxy of our own network adds the last entry of the header itself; others are not believed."""
    remote = request.remote or ""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return told[:64] if told and _near(remote) else remote


def _near(remote: str) -> bool:
    try:
        return ipaddress.ip_address(remote).is_private
    except ValueError:
        return False
