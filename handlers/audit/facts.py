"""A fact is a frozen record of something that happened; each area declares its own kinds in its `facts.py`.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class StepDecided(Fact):
        KIND = "approval.step_decided"
        item: str
        step: int
        reason: str = field(default="", metadata=PERSONAL)

All fields go into the journal's body; the one that `SUBJECT` names is its `subject` column as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from json.encoder import encode_basestring
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeVar

from pydantic import TypeAdapter

PERSONAL: Final[Mapping[str, bool]] = MappingProxyType({"personal": True})

SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`KIND` is stable for ever; `VERSION` grows when the fields change, and readers keep knowing the old ones.

    `SUBJECT` names the field with the id of the item or person that the fact is about.
    """

    KIND: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    SUBJECT: ClassVar[str] = "item"

    @property
    def subject(self) -> str:
        return str(getattr(self, self.SUBJECT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who caused a fact (a person id or `SYSTEM`), over which account and door, in which trace."""

    person: str = SYSTEM
    account: str = ""
    door: str = ""
    trace: str = ""


F = TypeVar("F", bound=Fact)

_ADAPTERS: dict[type[Fact], TypeAdapter[Any]] = {}  # made at first use: facts are declared after this module
_PERSONAL: dict[type[Fact], frozenset[str]] = {}


def values(fact: Fact) -> dict[str, Any]:
    """The fields as plain JSON values: dates as ISO text, enums by value."""
    data: dict[str, Any] = _adapter(type(fact)).dump_python(fact, mode="json")
    return data


def restore(kind: type[F], data: Mapping[str, Any]) -> F:
    """The inverse of `values`, for projections. Raises pydantic's ValidationError."""
    fact: F = _adapter(kind).validate_python(data)
    return fact


def personal(kind: type[Fact]) -> frozenset[str]:
    """The names of the fields that hold personal data."""
    if kind not in _PERSONAL:
        _PERSONAL[kind] = frozenset(field.name for field in fields(kind) if field.metadata.get("personal"))
    return _PERSONAL[kind]


def canonical(value: object) -> str:
    """One JSON text per value: sorted keys, no spaces, real UTF-8. Floats are refused: they have no single text."""
    if type(value) is str:
        return encode_basestring(value)
    if type(value) is int:
        return str(value)
    if value is None:
        return "null"
    _refuse_floats(value)
    return _encode(value)


_PLAIN: Final = frozenset({str, int, bool, type(None)})
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("a fact holds no floats: minutes, fen and milliseconds are integers")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    for one in inner:
        if type(one) not in _PLAIN:  # nearly all that comes by
            _refuse_floats(one)


def _adapter(kind: type[Fact]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
