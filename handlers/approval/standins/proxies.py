"""Who stands in for whom (外出授权): pure, so that a chain, a circle and a scope are settled in one place.

Somebody who stands in and is away as well passes the turn on to their own proxy; a circle of people who are all away
ends where it began. Standing in gives the principal's turn, never a right that the principal has not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """`proxy` may use the turns of `principal` from `begin` until before `end` (UTC), for `forms`, or all if empty.

    `source` is the item of the absence that gave it, empty when it was given in words.
    """

    id: int
    principal: str
    proxy: str
    begin: datetime
    end: datetime
    forms: frozenset[str] = frozenset()
    source: str = ""

    def covers(self, *, form: str, at: datetime) -> bool:
        return self.begin <= at < self.end and (not self.forms or form in self.forms)


def principals(person: str, proxies: Iterable[Proxy], *, form: str, at: datetime) -> tuple[str, ...]:
    """For whom `person` stands in at this moment, nearest first, themselves never."""
    links = [(one.proxy, one.principal) for one in proxies if one.covers(form=form, at=at)]
    return _reached(person, links)


def stand_ins(person: str, proxies: Iterable[Proxy], *, form: str, at: datetime) -> tuple[str, ...]:
    """Who stands in for `person` at this moment, nearest first."""
    links = [(one.principal, one.proxy) for one in proxies if one.covers(form=form, at=at)]
    return _reached(person, links)


def _reached(start: str, links: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    todo = [start]
    while todo:
        here = todo.pop(0)
        for source, target in links:
            if source == here and target != start and target not in found:
                found[target] = None
                todo.append(target)
    return tuple(found)
