"""Which taps were answered with their card moments ago: what need not be sent a second time.

In memory on purpose: after a crash nothing is known to have been answered, so everything is sent.
"""

from __future__ import annotations

import asyncio

_PATIENCE_S = 3.0


class Answers:
    """The dispatcher notes answers, the postman asks for them."""

    def __init__(self, *, patience: float = _PATIENCE_S) -> None:
        self._patience = patience
        self._events: dict[str, asyncio.Event] = {}

    def note(self, copy: str) -> None:
        """The answer with the card of this copy goes out now. Forgotten after some seconds."""
        self._event(copy).set()
        asyncio.get_running_loop().call_later(self._patience, self._events.pop, copy, None)

    async def went_out(self, copy: str) -> bool:
        """Waits for `note`, at most some seconds."""
        try:
            async with asyncio.timeout(self._patience):
                await self._event(copy).wait()
        except TimeoutError:
            return False
        finally:
            self._events.pop(copy, None)
        return True

    def _event(self, copy: str) -> asyncio.Event:
        return self._events.setdefault(copy, asyncio.Event())
