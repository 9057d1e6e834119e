"""One measured number with what it is held against, and what `performance.md` wants of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any, Literal

Unit = Literal["per_s", "us", "ms", "s", "mb", "kb", "x"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What must be reached and what we would like; of the ratio, or of the value where there is no ratio."""

    floor: float
    aim: float
    more: bool = True  # more is better

    def met(self, number: float) -> bool:
        return number >= self.floor if self.more else number <= self.floor


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`name` is stable (`taps.sqlite`); `ratio` is the value over that of the figure `against`, of the same run.

    The value is the median of `rounds`, of which `low` and `high` are the least and the greatest.
    """

    name: str
    value: float
    unit: Unit
    low: float | None = None
    high: float | None = None
    rounds: int = 1
    against: str = ""
    ratio: float | None = None

    @property
    def judged(self) -> float:
        return self.value if self.ratio is None else self.ratio

    @property
    def spread(self) -> float | None:
        """How far the rounds lie apart, as a part of their median; None for a single round."""
        if self.low is None or self.high is None or not self.value:
            return None
        return (self.high - self.low) / self.value

    @property
    def goal(self) -> Goal | None:
        return GOALS.get(self.name)


GOALS: dict[str, Goal] = {
    "inbound.wecom": Goal(floor=1.0, aim=1.0),
    "inbound.dingtalk": Goal(floor=1.0, aim=1.0),
    "taps.sqlite": Goal(floor=0.10, aim=0.25),
    "taps.dingtalk": Goal(floor=0.10, aim=0.25),
    "taps.postgres": Goal(floor=0.08, aim=0.20),
    "taps.texts": Goal(floor=0.10, aim=0.20),
    "taps.slow_disk": Goal(floor=0.60, aim=0.80),
    "taps.open_p99": Goal(floor=10.0, aim=4.0, more=False),
    "soak.p99": Goal(floor=10.0, aim=4.0, more=False),
    "soak.errors": Goal(floor=0.0, aim=0.0, more=False),
    "soak.memory": Goal(floor=20.0, aim=2.0, more=False),
    "approvals.own": Goal(floor=3.0, aim=10.0),
    "fanout.cards": Goal(floor=0.8, aim=0.9),
    "fanout.limited": Goal(floor=0.95, aim=0.98),
    "fanout.refused": Goal(floor=0.01, aim=0.0, more=False),
    "flood.growth": Goal(floor=10.0, aim=2.0, more=False),
    "instances.2": Goal(floor=1.0, aim=1.0),
    "instances.4": Goal(floor=1.0, aim=1.0),
    "instances.2.takeover": Goal(floor=32.0, aim=32.0, more=False),
    "instances.4.takeover": Goal(floor=32.0, aim=32.0, more=False),
    "engine.step": Goal(floor=50.0, aim=20.0, more=False),
    "ledger.one": Goal(floor=1.0, aim=1.0, more=False),
    "ledger.everybody": Goal(floor=5.0, aim=5.0, more=False),
    "list.waiting": Goal(floor=50.0, aim=50.0, more=False),
    "seal.verify": Goal(floor=3.0, aim=3.0, more=False),
    "start.ready": Goal(floor=1.5, aim=0.8, more=False),
    "start.memory": Goal(floor=120.0, aim=80.0, more=False),
    **{
        f"{part}.{name}.{size}": Goal(floor=1.3, aim=1.1, more=False)
        for part in ("growth", "growth_pg")
        for name in ("tap", "append", "seal")
        for size in ("1m", "10m")
    },
}
"""`performance.md`, "what we aim for", and `design.md` section 4; copied into README.md."""


def beside(figure: Figure, other: Figure) -> Figure:
    """The figure with its ratio to another of the same unit."""
    return replace(figure, against=other.name, ratio=figure.value / other.value)


def middle(name: str, values: Iterable[float], unit: Unit) -> Figure:
    """The median of several rounds, with the least and the greatest."""
    found = list(values)
    if len(found) == 1:
        return Figure(name=name, value=found[0], unit=unit)
    return Figure(
        name=name, value=median(found), unit=unit, low=min(found), high=max(found), rounds=len(found)
    )


def as_json(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    return [asdict(one) | {"goal": asdict(one.goal) if one.goal else None} for one in figures]
