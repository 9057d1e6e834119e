"""What happens in a round, drawn from the seed alone: who does what, what goes wrong, when the process is killed.

The same seed gives the same acts, the same weather and the same moments. What it cannot give again is the interleaving
of two processes: a round that failed may have to be run a few times until it fails again.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

CHAPTER: Final = 25
"""Rounds on one office; the next chapter begins with a new one: to repeat a failure, nothing before it is needed."""

STORIES: Final = 5
DAYS: Final = (
    *(f"5月{day}日" for day in (11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 25, 26, 27, 28, 29)),
    *(f"6月{day}日" for day in (1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 15, 16, 17, 22, 23, 24, 25, 26, 29, 30)),
)
"""Working days; in one department each is asked for once, since a slip shows who else is away."""

ASKERS: Final = 16
LEADERS: Final = 4

StoryKind = Literal["approved", "rejected", "withdrawn", "chat", "notice"]
Kill = Literal["anywhere", "committed", "sending", "unsealed", "starting"]
Extra = Literal["", "locked", "away"]

_STORIES: Final[dict[StoryKind, int]] = {"approved": 8, "rejected": 3, "withdrawn": 3, "chat": 3, "notice": 3}
_KILLS: Final[dict[Kill, int]] = {"anywhere": 10, "committed": 3, "sending": 3, "unsealed": 2, "starting": 2}
_EXTRAS: Final[dict[Extra, int]] = {"": 5, "locked": 2, "away": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`who` is an asker, for a notice a leader; `word` is in no other story; `others` are the askers of a notice."""

    kind: StoryKind
    who: int
    word: str
    day: str = ""
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """`after`: seconds from the round's begin to the kill where the kind names no other moment; `again`: kills during
    the next starts, seconds after each; `jump`: seconds that pass before the restart; `extra` begins at
    `extra_at` and lasts `extra_for` seconds: the database locked, or away (a full disk, connections that are cut)."""

    kill: Kill
    after: float
    again: tuple[float, ...]
    jump: float
    extra: Extra
    extra_at: float
    extra_for: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    number: int
    stories: tuple[Story, ...]
    trouble: Trouble


def chapters(*, first: int, rounds: int) -> Iterator[tuple[int, int]]:
    """(number of the first round, how many) of each office; a chapter begins at its begin, also if `first` is later."""
    at = first - first % CHAPTER
    end = first + rounds
    while at < end:
        yield at, min(CHAPTER, end - at)
        at += CHAPTER


def chapter(seed: int, first: int, number: int) -> list[Round]:
    """The rounds of one chapter. When the days of a department are used up, its people only chat."""
    left = {boss: list(DAYS) for boss in range(LEADERS)}
    return [_round(random.Random(f"{seed}/{at}"), at, left) for at in range(first, first + number)]


def _round(chance: random.Random, number: int, left: dict[int, list[str]]) -> Round:
    kinds = chance.choices(list(_STORIES), weights=list(_STORIES.values()), k=STORIES)
    askers = chance.sample(range(ASKERS), STORIES)
    stories = tuple(
        _story(chance, kind, who, f"{number}-{place}", left)
        for place, (kind, who) in enumerate(zip(kinds, askers, strict=True))
    )
    return Round(number=number, stories=stories, trouble=_trouble(chance))


def _story(chance: random.Random, kind: StoryKind, who: int, word: str, left: dict[int, list[str]]) -> Story:
    if kind == "notice":
        others = tuple(sorted(chance.sample(range(ASKERS), 3)))
        return Story(kind=kind, who=chance.randrange(LEADERS), word=word, others=others)
    days = left[leader_of(who)]
    if kind == "chat" or not days:
        return Story(kind="chat", who=who, word=word)
    return Story(kind=kind, who=who, word=word, day=days.pop(0))


def _trouble(chance: random.Random) -> Trouble:
    kill = _drawn(chance, _KILLS)
    again = tuple(chance.uniform(0.05, 1.2) for _ in range(chance.randrange(1, 3))) if kill == "starting" else ()
    return Trouble(
        kill=kill,
        after=chance.uniform(0.0, 1.2),
        again=again,
        jump=chance.choice([0.0, 20.0, 65.0, 130.0]),
        extra=_drawn(chance, _EXTRAS),
        extra_at=chance.uniform(0.0, 0.6),
        extra_for=chance.uniform(0.1, 1.5),
    )


def _drawn(chance: random.Random, weights: Mapping[Any, int]) -> Any:
    return chance.choices(list(weights), weights=list(weights.values()))[0]


def leader_of(asker: int) -> int:
    return asker % LEADERS


def names(numbers: Sequence[int]) -> str:
    return "、".join(f"职员{number}" for number in numbers)
