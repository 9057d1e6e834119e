"""What somebody may see of other people's absences. Pure.

Colleagues of one department see that somebody is away and until when, because work must go on; the kind is for whoever
leads them and for personnel, a confidential kind for personnel alone, and a reason stands in no calendar at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cards import addressing
from handlers.people.directory import Person

PERSONNEL = "personnel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`people` are all whom the viewer may see at all, `led` those of whom they may see the kind as well."""

    viewer: str
    people: Mapping[str, Person]
    led: frozenset[str]
    personnel: bool

    def sees(self, person: str) -> bool:
        return person in self.people

    def sees_kind(self, person: str, *, confidential: bool = False) -> bool:
        if self.personnel or person == self.viewer:
            return True
        return person in self.led and not confidential

    def departments(self) -> list[str]:
        return sorted({one.department for one in self.people.values() if one.department})

    def called(self, text: str) -> dict[str, str]:
        """What those who may be meant are called there, with their names; nothing that two people are called."""
        names = {one.name: one.name for one in self.people.values()}
        counted = Counter(
            (address, one.name)
            for one in self.people.values()
            if one.post and addressing.surname(one.name) in text
            for address in addressing.addresses(one.name, one.post)
        )
        whose = Counter(address for address, _ in counted)
        return {address: name for address, name in counted if whose[address] == 1} | names

    def of(self, department: str) -> Scope:
        """The same eyes on one department ("": all that they may see)."""
        if not department:
            return self
        people = {key: one for key, one in self.people.items() if one.department == department}
        return Scope(viewer=self.viewer, people=people, led=self.led, personnel=self.personnel)


def only(seen: Scope, name: str) -> Scope:
    """The same eyes on those of this name."""
    people = {key: one for key, one in seen.people.items() if one.name == name}
    return Scope(viewer=seen.viewer, people=people, led=seen.led, personnel=seen.personnel)


def scope(viewer: Person, everybody: Iterable[Person], *, roles: frozenset[str]) -> Scope:
    """Personnel: all; a leader: everybody below, and the own department; else the own department."""
    people = {one.id: one for one in everybody}
    people.setdefault(viewer.id, viewer)
    led = below(viewer.id, people.values())
    if PERSONNEL in roles:
        return Scope(viewer=viewer.id, people=people, led=led, personnel=True)
    mine = viewer.department
    seen = {
        key: one for key, one in people.items() if key == viewer.id or key in led or (mine and one.department == mine)
    }
    return Scope(viewer=viewer.id, people=seen, led=led, personnel=False)


def below(leader: str, everybody: Iterable[Person]) -> frozenset[str]:
    """Everybody whose line upwards leads to `leader`, over any number of steps; circles end."""
    direct: dict[str, list[str]] = {}
    for one in everybody:
        if one.manager:
            direct.setdefault(one.manager, []).append(one.id)
    found: set[str] = set()
    ahead = list(direct.get(leader, ()))
    while ahead:
        at = ahead.pop()
        if at not in found and at != leader:
            found.add(at)
            ahead += direct.get(at, ())
    return frozenset(found)
