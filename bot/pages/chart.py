"""Where the boxes and lines of an item's flow chart go; `templates/chart.html` draws them. Pure.

Steps stand in levels, one below the other: a step is one level under the lowest of those that it follows, and what runs
in parallel stands side by side. Made for a narrow phone: up to three abreast fit in 296 units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.approval.engine import Status, Step

WIDTH = 296
HEIGHT = 64
LOW = 38  # the end has one line
GAP = 30  # between levels
BESIDE = 8
NARROWEST = 93


@dataclass(frozen=True, slots=True)
class Box:
    """`step` is the index in the route; -1 is the start, -2 the end."""

    step: int
    x: float
    y: float
    width: float
    height: float = HEIGHT


@dataclass(frozen=True, slots=True)
class Line:
    """From the middle of one box's bottom to the middle of another's top, with a bend at `bend`."""

    x1: float
    y1: float
    x2: float
    y2: float
    bend: float


@dataclass(frozen=True, slots=True)
class Chart:
    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


START, END = -1, -2


def chart(steps: Sequence[Step]) -> Chart:
    """Steps that were taken out of the route are left out; whatever followed them follows their predecessors."""
    follows = {index: _before(steps, index) for index, step in enumerate(steps) if step.status is not Status.DROPPED}
    levels = _levels(follows)
    width = max(WIDTH, *(len(level) * (NARROWEST + BESIDE) - BESIDE for level in levels))
    boxes = {box.step: box for number, level in enumerate(levels) for box in _row(level, number, width)}
    last = [step for step in (START, *follows) if not any(step in before for before in follows.values())]
    pairs = [(before, step) for step, all_before in follows.items() for before in all_before]
    pairs += [(step, END) for step in last]
    lines = tuple(_line(boxes[first], boxes[second]) for first, second in pairs)
    height = boxes[END].y + LOW
    return Chart(width=width, height=height, boxes=tuple(boxes.values()), lines=lines)


def _before(steps: Sequence[Step], index: int) -> frozenset[int]:
    """The steps directly before one, START where there are none; dropped ones are seen through."""
    after = steps[index].after
    direct = ((index - 1,) if index else ()) if after is None else after
    found: set[int] = set()
    for one in direct:
        found |= _before(steps, one) if steps[one].status is Status.DROPPED else {one}
    return frozenset(found) or frozenset({START})


def _levels(follows: dict[int, frozenset[int]]) -> list[list[int]]:
    depth = {START: 0}
    left = dict(follows)
    while ready := [step for step, before in left.items() if before <= depth.keys()]:
        for step in ready:
            depth[step] = 1 + max(depth[before] for before in left.pop(step))
    levels: list[list[int]] = [[] for _ in range(max(depth.values()) + 1)]
    for step, level in depth.items():
        levels[level].append(step)
    return [*(sorted(level) for level in levels), [END]]


def _row(level: Sequence[int], number: int, width: float) -> list[Box]:
    each = (width - BESIDE * (len(level) - 1)) / len(level)
    y = number * (HEIGHT + GAP)
    high = LOW if level == [END] else HEIGHT
    return [Box(step, i * (each + BESIDE), y, each, high) for i, step in enumerate(level)]


def _line(first: Box, second: Box) -> Line:
    top = second.y
    return Line(
        first.x + first.width / 2, first.y + first.height, second.x + second.width / 2, top, top - GAP / 2
    )
