"""How much is measured: everything, or a smoke run of some seconds; and where the parts report how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Tell(Protocol):
    def __call__(self, step: str, done: int = 0, of: int = 0) -> None:
        """`step` is the name of a figure, or `seed` or `fill` for what comes before it."""
        ...


def quietly(step: str, done: int = 0, of: int = 0) -> None:
    """For those who do not watch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`folder` is for throw-away files; on the disk whose commits are to be measured. `kept` is where offices with a
    past stay for the next run, None for nowhere. `postgres` is the address of a server on which databases may be
    created, empty for none. `long`: also what takes many minutes and gigabytes. `minutes` and `rate` (a second) are of
    the part that goes on for long (`soak`)."""

    folder: Path
    quick: bool = False
    long: bool = False
    kept: Path | None = None
    postgres: str = ""
    minutes: float = 10.0
    rate: float = 500.0
    tell: Tell = quietly

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full
