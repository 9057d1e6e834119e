"""How many have to be present: per department, or per post of it, as the office says; who would be missing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.days.slots import Half, Range, Slot
from handlers.people.directory import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """At least `present` of those in `department` (empty: the office) who hold one of `posts` (empty: anybody).

    `refuse`: a request that breaks it is not accepted; otherwise applicant and leader are told.
    """

    department: str = ""
    posts: tuple[str, ...] = ()
    present: int = 1
    refuse: bool = False

    def counts(self, person: Person) -> bool:
        here = not self.department or person.department == self.department
        return here and (not self.posts or person.post in self.posts)


@dataclass(frozen=True, slots=True)
class Staffing:
    """The office's minimums; an area of `Office`."""

    minimums: tuple[Minimum, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    minimum: Minimum
    day: date
    present: int


def shortages(
    minimums: Iterable[Minimum],
    *,
    person: Person,
    staff: Sequence[Person],
    away: Mapping[str, Sequence[Range]],
    about: Range,
    works: Callable[[date], bool],
) -> list[Shortage]:
    """The first working day of each minimum on which too few would be left with `person` away for `about` as well."""
    own = [one for one in minimums if one.counts(person)]
    found = (next(_of(one, person, staff, away, about, works), None) for one in own)
    return [one for one in found if one is not None]


def _of(
    minimum: Minimum,
    person: Person,
    staff: Sequence[Person],
    away: Mapping[str, Sequence[Range]],
    about: Range,
    works: Callable[[date], bool],
) -> Iterator[Shortage]:
    group = [one for one in staff if minimum.counts(one) and one.id != person.id]
    for day in _days(about):
        slots = [slot for slot in (Slot(day), Slot(day, Half.PM)) if slot in about]
        if not works(day):
            continue
        present = min(sum(not _away(one, slot, away) for one in group) for slot in slots)
        if present < minimum.present:
            yield Shortage(minimum=minimum, day=day, present=present)


def _away(person: Person, slot: Slot, away: Mapping[str, Sequence[Range]]) -> bool:
    return any(slot in about for about in away.get(person.id, ()))


def _days(about: Range) -> Iterator[date]:
    return (about.first.day + timedelta(days=n) for n in range((about.last.day - about.first.day).days + 1))
