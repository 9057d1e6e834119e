"""How a figure came about: each rule that was applied, on which legal basis, with what went in and what came out.

A trace holds codes and figures, no prose; cards/ has the words. It can be checked by anybody who has the rules:
`recompute` applies every rule again to the figures it names, and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Contradiction(Exception):
    """A trace whose figures do not give its results."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One rule at work. `rule` is the name of its function, `basis` the article it rests on ("" when there is none)."""

    rule: str
    basis: str
    figures: Mapping[str, object]
    result: object


class Trace:
    """Collects the steps of one computation. `bases` has the legal basis of each rule, by name."""

    def __init__(self, bases: Mapping[str, str]) -> None:
        self._bases = bases
        self._steps: list[Applied] = []

    def apply(self, rule: Callable[P, T], *args: P.args, **figures: P.kwargs) -> T:
        """Applies a rule to figures given by name, and writes it down."""
        result = rule(*args, **figures)
        self._steps.append(Applied(rule.__name__, self._bases.get(rule.__name__, ""), figures, result))
        return result

    def steps(self) -> tuple[Applied, ...]:
        return tuple(self._steps)


def recompute(steps: Iterable[Applied], rules: Mapping[str, Callable[..., object]]) -> object:
    """Applies every step again and returns the last result. Raises `Contradiction` at the first that differs.

    A figure with the name of a rule applied before must be what that rule gave last, so that no link can be cut.
    """
    results: dict[str, object] = {}
    last: object = None
    for step in steps:
        for name, figure in step.figures.items():
            if name in results and results[name] != figure:
                raise Contradiction(f"{step.rule} takes {name}={figure}, but that was {results[name]}")
        last = rules[step.rule](**step.figures)
        if last != step.result:
            raise Contradiction(f"{step.rule} gives {last} and not {step.result}")
        results[step.rule] = last
    return last
