"""Conditions and computed fields: CEL over a form's fields, compiled and type-checked when the file is read.

The README of this folder says why this library. Money is fen, dates are texts (`2026-05-01`, in order as dates are),
what was not filled in is "", 0 or []. An expression sees only what is known when it runs: a field's own `when` and
`computed` see the fields above it, a step's `when` sees all but what later steps fill in. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from handlers.approval.language import form_model, functions
from handlers.approval.language.form_model import Column, Field, Form, Type
from handlers.approval.language.functions import DOUBLE, INT, STRING, Work

_TEXTS = cel.Type.List(STRING)
_ROWS = cel.Type.List(cel.Type.Map(STRING, cel.Type.DYN))

Name = str
Types = Mapping[Name, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """What conditions may ask of the person who asks."""

    name: str = ""
    department: str = ""
    post: str = ""
    category: str = ""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The surroundings of an item: who asks, the office's date when it is submitted, when the office works.

    `used` is what `quota.used` counted of the form's other items; what is not in it is 0.
    """

    today: date
    applicant: Applicant = field(default_factory=Applicant)
    work: Work | None = None
    used: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything that an expression may name, with its value; and when the office works, for the functions."""

    values: Mapping[str, Any]
    work: Work | None = None


class Wrong(Exception):
    """An expression that does not fit its form. `code` is syntax, unknown, types, result, option, or later.

    `column` counts from 1; `word` is what is wrong; `known` are the names to guess from.
    """

    def __init__(self, code: str, *, column: int = 1, word: str = "", known: Iterable[str] = ()) -> None:
        super().__init__(code, column, word)
        self.code, self.column, self.word, self.known = code, column, word, tuple(known)


class Failed(Exception):
    """A checked expression that could not be evaluated for these values: a division by zero, a number too large.

    `year` is the one whose holidays it needed and nobody knows yet, else 0.
    """

    def __init__(self, text: str, *, year: int = 0) -> None:
        super().__init__(text, year)
        self.year = year


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: its path in the file, and what it has to give (a CEL type's name)."""

    path: tuple[str | int, ...]
    text: str
    gives: tuple[str, ...]
    types: Types = field(repr=False)
    later: frozenset[str] = frozenset()


@lru_cache(maxsize=512)
def _program(form: Form, text: str) -> Any:
    return _env(_all_types(form)).compile(text)


@lru_cache(maxsize=512)
def _row_program(form: Form, table: str, text: str) -> Any:
    return _env(_row_types(form.fields[table])).compile(text)


def holds(form: Form, text: str | None, known: Scope) -> bool:
    """A condition over `variables(...)`; no condition holds. Raises `Failed`."""
    return text is None or bool(_result(_program(form, text), known.values, text, known.work))


def value(form: Form, text: str, known: Scope) -> Any:
    """A computed field over `variables(...)`. Raises `Failed`."""
    return _result(_program(form, text), known.values, text, known.work)


def row_value(form: Form, table: str, text: str, row: Mapping[str, Any], work: Work | None = None) -> Any:
    """A computed column over the other columns of its row. Raises `Failed`."""
    columns = form.fields[table].columns
    known = {code: _plain(column.type, column.decimals, row.get(code)) for code, column in columns.items()}
    return _result(_row_program(form, table, text), known, text, work)


def variables(form: Form, values: Mapping[str, Any], about: About) -> Scope:
    """Everything that an expression may name, with empty values for what is missing."""
    applicant = about.applicant
    known: dict[str, Any] = {
        "today": about.today.isoformat(),
        "applicant.name": applicant.name,
        "applicant.department": applicant.department,
        "applicant.post": applicant.post,
        "applicant.category": applicant.category,
        "applicant.roles": list(applicant.roles),
    }
    for code, one in form.fields.items():
        known.update(_known(code, one, values.get(code)))
    for name in used_names(form):
        known[name] = _used(form, name, about.used.get(name, 0))
    return Scope(known, about.work)


def _used(form: Form, name: str, amount: Any) -> Any:
    one = form.fields[name.rpartition(".")[2]] if ".sum." in name else None
    return float(amount) if one and one.decimals else int(amount)


def check(place: Place) -> None:
    """Raises `Wrong` for an expression that would not do what was meant."""
    try:
        compiled = _env(place.types).compile(place.text)
    except RuntimeError as error:
        raise _wrong(str(error), place) from None
    if compiled.return_type().name() not in place.gives:
        raise Wrong("result", word=compiled.return_type().name(), known=place.gives)


def places(form: Form) -> Iterator[Place]:
    """Every expression of a form, with what it may name and what it has to give."""
    every = _all_types(form)
    evidence = form.evidence()
    seen: dict[Name, Any] = {**_SURROUNDINGS, **_used_types(form)}
    for code, one in form.fields.items():
        later = frozenset(every) - frozenset(seen)
        if one.when:
            yield Place(("fields", code, "when"), one.when, ("BOOL",), dict(seen), later)
        if one.computed:
            yield Place(("fields", code, "computed"), one.computed, _gives(one), dict(seen), later)
        yield from _column_places(code, one)
        seen.update(_types(code, one))
    early = {name: kind for name, kind in every.items() if name.split(".")[0] not in evidence}
    late = frozenset(every) - frozenset(early)
    for path, text in _route_texts(form):
        yield Place(path, text, ("BOOL",), early, late)
    for index, rule in enumerate(form.must):
        yield Place(("must", index, "that"), rule.that, ("BOOL",), every)


def fields_in(form: Form, text: str) -> frozenset[str]:
    """The codes of the fields that an expression names."""
    words = re.findall(r"(?<![\w.])[a-z_][a-z0-9_]*", re.sub(r"\"[^\"]*\"|'[^']*'", "", text))
    return frozenset(words) & frozenset(form.fields)


@lru_cache(maxsize=512)
def used_names(form: Form) -> tuple[str, ...]:
    """What of `used. ...` the form's expressions name: what has to be counted before they run."""
    texts = " ".join(re.sub(r"\"[^\"]*\"|'[^']*'", "", place.text) for place in places(form))
    named = frozenset(re.findall(r"(?<![\w.])used\.[a-z0-9_.]+", texts))
    return tuple(name for name in _used_types(form) if name in named)


def option_slips(form: Form, place: Place) -> Iterator[Wrong]:
    """Comparisons of a choice with a text that is none of its options: true never, and nobody would notice."""
    for code, one in form.fields.items():
        if not one.options:
            continue
        codes = [option.code for option in one.options]
        for literal, column in _compared(place.text, code):
            if literal not in codes:
                yield Wrong("option", column=column, word=literal, known=codes)


def _compared(text: str, name: str) -> Iterator[tuple[str, int]]:
    """The literals that a name is compared with, and their columns."""
    quoted = r"\"([^\"]*)\"|'([^']*)'"
    sides = rf"(?<![\w.]){name}\s*[!=]=\s*(?:{quoted})|(?:{quoted})\s*(?:[!=]=|in)\s*{name}(?![\w.])"
    for found in re.finditer(sides, text):
        yield next(part for part in found.groups() if part is not None), found.start() + 1
    for found in re.finditer(rf"(?<![\w.]){name}\s+in\s*\[([^\]]*)\]", text):
        for one in re.finditer(quoted, found[1]):
            yield one[1] or one[2] or "", found.start() + 1


def _route_texts(form: Form) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for index, node in enumerate(form.route):
        if node.when:
            yield ("route", index, "when"), node.when
        if isinstance(node, form_model.Parallel):
            for branch, steps in enumerate(node.parallel):
                for number, step in enumerate(steps):
                    if step.when:
                        yield ("route", index, "parallel", branch, number, "when"), step.when
    if form.sampling and form.sampling.when:
        yield ("sampling", "when"), form.sampling.when


def _column_places(code: str, one: Field) -> Iterator[Place]:
    types = _row_types(one)
    for name, column in one.columns.items():
        if column.computed:
            given = {other: kind for other, kind in types.items() if not one.columns[other].computed}
            path = ("fields", code, "columns", name, "computed")
            yield Place(path, column.computed, _gives(column), given, frozenset(types) - set(given))


# What names there are and what they hold.

_SURROUNDINGS: Types = {
    "today": STRING,
    "applicant.name": STRING,
    "applicant.department": STRING,
    "applicant.post": STRING,
    "applicant.category": STRING,
    "applicant.roles": _TEXTS,
}


def _number(decimals: int) -> Any:
    return DOUBLE if decimals else INT


def _gives(one: Field | Column) -> tuple[str, ...]:
    """What a computed value may be."""
    if one.type is Type.NUMBER and one.decimals:
        return ("DOUBLE", "INT")
    return ("INT",) if one.type in (Type.NUMBER, Type.MONEY) else ("STRING",)


def _used_types(form: Form) -> Types:
    """`used.month.count`, `used.department.year.sum.km`: over the form's items that are under way or approved."""
    sums = {
        f"sum.{code}": _number(one.decimals)
        for code, one in form.fields.items()
        if one.type in (Type.NUMBER, Type.MONEY)
    }
    whose = ("used", "used.department")
    return {
        f"{who}.{period}.{name}": kind
        for who in whose
        for period in ("month", "year")
        for name, kind in {"count": INT, **sums}.items()
    }


@lru_cache(maxsize=512)
def _all_types(form: Form) -> Types:
    types = {**_SURROUNDINGS, **_used_types(form)}
    for code, one in form.fields.items():
        types.update(_types(code, one))
    return types


def _types(code: str, one: Field) -> Types:
    match one.type:
        case Type.NUMBER:
            return {code: _number(one.decimals)}
        case Type.MONEY:
            return {code: INT}
        case Type.DATE_RANGE:
            days = {f"{code}.days": DOUBLE if one.halves else INT}
            return {f"{code}.{part}": STRING for part in ("start", "start_half", "end", "end_half")} | days
        case Type.TIME_RANGE:
            return {f"{code}.{part}": STRING for part in ("date", "start", "end")} | {f"{code}.minutes": INT}
        case Type.CHOICES:
            return {code: _TEXTS}
        case Type.PERSON if one.many:
            return {code: _TEXTS}
        case Type.ATTACHMENT | Type.PHOTO:
            return {f"{code}.count": INT}
        case Type.TABLE:
            return {code: _ROWS, f"{code}.count": INT} | {
                f"{code}.sum.{name}": _number(column.decimals)
                for name, column in one.columns.items()
                if column.type in (Type.NUMBER, Type.MONEY)
            }
    return {code: STRING}


def _row_types(table: Field) -> Types:
    return {
        name: _number(column.decimals) if column.type in (Type.NUMBER, Type.MONEY) else STRING
        for name, column in table.columns.items()
    }


def _read(measure: Callable[[Mapping[str, Any]], float], span: Mapping[str, Any]) -> float:
    """0 for a range of which only a part is typed yet: the page asks at every change."""
    try:
        return measure(span)
    except (KeyError, ValueError):
        return 0


def _known(code: str, one: Field, given: Any) -> dict[str, Any]:
    match one.type:
        case Type.DATE_RANGE:
            span = given or {}
            parts = {f"{code}.{part}": span.get(part, "") for part in ("start", "start_half", "end", "end_half")}
            days = float(_read(range_days, span))
            return parts | {f"{code}.days": days if one.halves else int(days)}
        case Type.TIME_RANGE:
            span = given or {}
            parts = {f"{code}.{part}": span.get(part, "") for part in ("date", "start", "end")}
            return parts | {f"{code}.minutes": int(_read(range_minutes, span))}
        case Type.CHOICES:
            return {code: list(given or ())}
        case Type.PERSON if one.many:
            return {code: list(given or ())}
        case Type.ATTACHMENT | Type.PHOTO:
            return {f"{code}.count": len(given or ())}
        case Type.TABLE:
            return _known_table(code, one, given or ())
    return {code: _plain(one.type, one.decimals, given)}


def _known_table(code: str, one: Field, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    plain = [
        {name: _plain(column.type, column.decimals, row.get(name)) for name, column in one.columns.items()}
        for row in rows
    ]
    sums = {
        f"{code}.sum.{name}": sum(row[name] for row in plain) if plain else _plain(column.type, column.decimals, None)
        for name, column in one.columns.items()
        if column.type in (Type.NUMBER, Type.MONEY)
    }
    return {code: plain, f"{code}.count": len(plain)} | sums


def _plain(kind: Type, decimals: int, given: Any) -> Any:
    """A stored value as CEL takes it: decimals travel as text in JSON and as doubles here."""
    if kind is Type.NUMBER and decimals:
        return float(given or 0)
    if kind in (Type.NUMBER, Type.MONEY):
        return int(given or 0)
    return str(given or "")


def range_days(span: Mapping[str, Any]) -> float:
    """Calendar days from the first to the last half-day, both included."""
    days = (date.fromisoformat(span["end"]) - date.fromisoformat(span["start"])).days + 1.0
    late = 0.5 if span.get("start_half") == "pm" else 0.0
    early = 0.5 if span.get("end_half") == "am" else 0.0
    return days - late - early


def range_minutes(span: Mapping[str, Any]) -> int:
    """Minutes of a time range; one that ends before it begins runs over midnight."""
    start, end = time.fromisoformat(span["start"]), time.fromisoformat(span["end"])
    return ((end.hour - start.hour) * 60 + end.minute - start.minute) % (24 * 60)


# The library.


def _env(types: Types) -> Any:
    return cel.NewEnv(variables=dict(types), functions=functions.DECLARED)


def _result(program: Any, known: Mapping[str, Any], text: str, work: Work | None) -> Any:
    with functions.lent(work) as asked:
        result = program.eval(data=dict(known))
    if result.type().name() in ("ERROR", "UNKNOWN"):
        raise Failed(text, year=asked.year)
    return result.plain_value()


_FOUND = re.compile(r"<input>:\d+:(\d+): (.*)")
_UNKNOWN = re.compile(r"undeclared reference to '([\w.]+)'")
_NO_SELECTION = re.compile(r"cannot be the operand of a select|does not support field selection")
_NO_OVERLOAD = re.compile(r"no matching overload for '([^']+)' applied to '([^']*)'")
_SYNTAX_WORDS = (r"\band\b", r"\bor\b", r"\bnot\b", r"(?<![=!<>])=(?!=)", r"[“”‘’（），＞＜＝！＆｜]")


def _wrong(message: str, place: Place) -> Wrong:
    found = _FOUND.search(message)
    column, what = (int(found[1]), found[2]) if found else (1, message)
    if unknown := _UNKNOWN.search(what):
        name = unknown[1]
        code = "later" if any(name == one or one.startswith(f"{name}.") for one in place.later) else "unknown"
        return Wrong(code, column=column, word=name, known=[*place.types, *functions.NAMES])
    if selected := _NO_SELECTION.search(what):
        word = next(iter(re.findall(r"[\w.]+", place.text[: column + 40])), selected[0])
        dotted = next((one for one in re.findall(r"[a-z_][\w.]*\.[\w.]+", place.text) if one not in place.types), word)
        return Wrong("unknown", column=column, word=dotted, known=place.types)
    if overload := _NO_OVERLOAD.search(what):
        return Wrong("types", column=column, word=overload[2])
    for slip in _SYNTAX_WORDS:
        if (near := re.search(slip, place.text)) is not None:
            return Wrong("syntax", column=near.start() + 1, word=near[0])
    return Wrong("syntax", column=column)
