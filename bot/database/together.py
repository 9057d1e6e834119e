"""Writes that nobody waits for, in one statement: on PostgreSQL each statement is a way to the server and back.

Parts of one statement do not see what the others write and have no order. So whatever names a table that is written
here comes after it, in a statement of its own; `named` and `written` read that off the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

from handlers.transaction import Statement

_MOST: Final = 12

_QUOTED: Final = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*")
_WRITTEN: Final = re.compile(r"\b(?:into|update|delete\s+from)\s+(\w+)")
_END: Final = "where|order|group|limit|on|set|returning|union|having|select|values|from|join|using|into|update"
_READ: Final = re.compile(rf"\b(?:from|join|using)\b((?:(?!\b(?:{_END})\b).)*)", re.DOTALL)
_WORD: Final = re.compile(r"\w+")


@lru_cache(maxsize=2048)
def written(sql: str) -> frozenset[str]:
    """The tables that a statement writes; words that are no tables may be among them."""
    return frozenset(_WRITTEN.findall(_plain(sql)))


@lru_cache(maxsize=2048)
def named(sql: str) -> frozenset[str]:
    """The tables that a statement reads or writes; words that are no tables may be among them."""
    return written(sql) | frozenset(word for clause in _READ.findall(_plain(sql)) for word in _WORD.findall(clause))


def _plain(sql: str) -> str:
    return _QUOTED.sub(" ", sql).lower()


class Held:
    """What a unit has left to be written: each on tables of its own, so that their order does not matter."""

    def __init__(self) -> None:
        self._statements: list[Statement] = []
        self._tables: frozenset[str] = frozenset()

    def concerns(self, sql: str) -> bool:
        """This statement must come after what is held."""
        return bool(self._statements) and not self._tables.isdisjoint(named(sql))

    def full(self) -> bool:
        return len(self._statements) >= _MOST

    def add(self, statement: Statement) -> None:
        self._statements.append(statement)
        self._tables |= written(statement[0])

    def taken(self) -> Sequence[Statement]:
        """From here on nothing is held."""
        statements, self._statements, self._tables = self._statements, [], frozenset()
        return statements


def joined(statements: Sequence[Statement]) -> Statement:
    """At most one of them may begin with WITH itself; it goes last."""
    ordered = sorted(statements, key=lambda one: _has_with(one[0]))
    return _sql(tuple(sql for sql, _ in ordered)), tuple(chain.from_iterable(values for _, values in ordered))


@lru_cache(maxsize=1024)
def _sql(statements: tuple[str, ...]) -> str:
    *others, last = statements
    if not others:
        return last
    parts = ", ".join(f"write_{place} AS ({sql})" for place, sql in enumerate(others))
    return f"WITH {parts}, {last.strip().removeprefix('WITH ')}" if _has_with(last) else f"WITH {parts} {last}"


def _has_with(sql: str) -> bool:
    return sql.lstrip().startswith("WITH")
