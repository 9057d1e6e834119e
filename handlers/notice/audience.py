"""Who is meant by “办公室、后勤科，除了李四”: words that people write, against the people there are. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from handlers.people.directory import Person

_SPLIT: Final = re.compile(r"[、，,;；\s]+")
_BUT: Final = re.compile(r"[（(]?(?:除了|除外|除|不含|不包括)[:：]?")
_ALL: Final = frozenset({"全体", "全体人员", "全体干部职工", "全体同志", "所有人", "全单位", "全员"})
_PLURAL: Final = re.compile(r"^(?:各|全体|所有)(.+)$|^(.+?)(?:全体|全体人员|们)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """`people` in the order of the staff list; `unknown` the words that lead to nobody, `ambiguous` to several."""

    people: tuple[Person, ...] = ()
    unknown: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()


def resolve(
    text: str,
    everybody: Sequence[Person],
    *,
    named: Mapping[str, Sequence[str]] | None = None,
    also: Iterable[str] = (),
) -> Audience:
    """`text` as words between commas: 全体, a department, a post (各科长), a person, a staff number, or one of the
    office's own groups (`named`: name -> words). After 除了 come those who are left out. `also` are picked person ids.
    """
    wanted, _, unwanted = _parts(text)
    finder = _Finder(everybody, named or {})
    inside = finder.all_of(wanted)
    outside = finder.all_of(unwanted)
    inside.update(also)
    people = tuple(one for one in everybody if one.id in inside and one.id not in outside)
    return Audience(people=people, unknown=tuple(finder.unknown), ambiguous=tuple(finder.ambiguous))


def _parts(text: str) -> tuple[list[str], str, list[str]]:
    """(those who are meant, the word between, those who are left out)."""
    match = _BUT.search(text)
    if match is None:
        return _words(text), "", []
    return _words(text[: match.start()]), match[0], _words(text[match.end() :].rstrip("）)外"))


def _words(text: str) -> list[str]:
    return [word for word in _SPLIT.split(text.strip()) if word]


class _Finder:
    """Words looked up in tables that are made once."""

    def __init__(self, everybody: Sequence[Person], named: Mapping[str, Sequence[str]]) -> None:
        self._everybody = everybody
        self._named = named
        self._by: dict[str, dict[str, list[str]]] = {name: {} for name in ("department", "post", "name", "staff_no")}
        for person in everybody:
            for name, table in self._by.items():
                table.setdefault(getattr(person, name), []).append(person.id)
        self.unknown: list[str] = []
        self.ambiguous: list[str] = []

    def all_of(self, words: Iterable[str], *, within: frozenset[str] = frozenset()) -> set[str]:
        return {person for word in words for person in self._one(word, within)}

    def _one(self, word: str, within: frozenset[str]) -> Iterable[str]:
        if word in _ALL:
            return [person.id for person in self._everybody]
        if word in self._named and word not in within:  # a group may name others, not itself
            return self.all_of(self._named[word], within=within | {word})
        found = self._found(word)
        if not found and (match := _PLURAL.match(word)) is not None:
            found = self._found(match[1] or match[2])
        if not found:
            self.unknown.append(word)
        return found

    def _found(self, word: str) -> list[str]:
        for name in ("department", "staff_no"):
            if word in self._by[name]:
                return self._by[name][word]
        people = self._by["name"].get(word, [])
        if len(people) > 1:
            self.ambiguous.append(word)
            return []
        return people or self._in_post(word)

    def _in_post(self, word: str) -> list[str]:
        """科长 is also 人事科科长; one character would be every second post."""
        if len(word) < 2:
            return self._by["post"].get(word, [])
        return [person.id for person in self._everybody if person.post.endswith(word)]
