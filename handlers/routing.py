"""Which function an event goes to: a plain value built from parts, asked in order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Final

from cards.model import Card
from connectors.events import Event
from handlers.context import Context


class Pass(Enum):
    """The answer of a function that leaves the event to the next one."""

    PASS = "pass"


PASS: Final = Pass.PASS

Answer = Card | None | Pass
Handler = Callable[[Any, Context], Awaitable[Answer]]


@dataclass(frozen=True)
class Router:
    """`routes` in the order in which they are asked: (event type, function). Build big ones with `joined`."""

    routes: tuple[tuple[type, Handler], ...] = ()

    async def handle(self, event: Event, ctx: Context) -> Card | None:
        """The first answer that is not PASS; None when nobody wanted the event."""
        for function in self._takers(type(event)):
            answer = await function(event, ctx)
            if not isinstance(answer, Pass):
                return answer
        return None

    @cached_property
    def _by_kind(self) -> dict[type, tuple[Handler, ...]]:
        return {}

    def _takers(self, kind: type) -> tuple[Handler, ...]:
        if kind not in self._by_kind:
            self._by_kind[kind] = tuple(function for taken, function in self.routes if issubclass(kind, taken))
        return self._by_kind[kind]


def router(*routes: tuple[type, Handler]) -> Router:
    return Router(routes)


def joined(*parts: Router) -> Router:
    """One router that asks `parts` in order."""
    return Router(tuple(route for part in parts for route in part.routes))
