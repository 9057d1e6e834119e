"""The parts of the benchmark, in the order in which they run; each gives its figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from bot.bench import (
    approvals,
    cores,
    fanout,
    flood,
    growth,
    inbound,
    instances,
    limits,
    sealing,
    soak,
    starting,
    taps,
    years,
)
from bot.bench.figures import Figure
from bot.bench.plan import Plan

PARTS: dict[str, Callable[[Plan], list[Figure]]] = {
    "limits": limits.measure,
    "inbound": inbound.measure,
    "engine": cores.step,
    "ledger": cores.balances,
    "taps": taps.measure,
    "approvals": approvals.measure,
    "fanout": fanout.measure,
    "flood": flood.measure,
    "instances": instances.measure,
    "seal": sealing.measure,
    "list": growth.waiting,
    "start": starting.measure,
    "growth": years.on_sqlite,
    "growth_pg": years.on_postgres,
    "soak": soak.measure,
}
_LONG = frozenset({"soak"})


def chosen(names: Collection[str], *, long: bool) -> list[str]:
    """The parts of these names, in order; without names all but those that take very long."""
    return [part for part in PARTS if part in names or (not names and (long or part not in _LONG))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A part that has been measured, or the reason why it could not be."""

    part: str
    figures: list[Figure]
    error: str = ""


def run(plan: Plan, parts: Iterable[str]) -> Iterable[Done]:
    """One after the other: two at once would measure each other. A part that fails takes only itself away."""
    for part in parts:
        try:
            yield Done(part=part, figures=PARTS[part](plan))
        except Exception as error:  # the other parts are still worth having; the command says what happened
            yield Done(part=part, figures=[], error=f"{type(error).__name__}: {error}")
