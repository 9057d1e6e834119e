"""Whether a value has the shape of its field and keeps its limits, one field at a time. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from handlers.approval.language import expressions
from handlers.approval.language.form_model import Column, Field, Option, Type
from handlers.approval.language.values import EMPTY, is_texts

LONGEST_TEXT = 500
LONGEST_LONG_TEXT = 5000
MOST_ROWS = 100
MOST_FILES = 20
_LARGEST = Decimal(10) ** 12
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,6})?|400-?\d{3}-?\d{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """One thing wrong. `path` is the field's code, for tables also the row (from 0) and the column.

    `code` is one of: missing, not_a_number, not_money, not_a_date, not_a_time, not_a_choice, not_an_item,
    not_a_person, not_a_file, not_a_phone, not_text, not_rows, too_small, too_large, too_short, too_long, too_few,
    too_many, pattern, too_early, too_late, end_before_start, too_many_days, decimals, kind_of_file, file_too_big,
    file_gone, cannot_compute, year_unknown, must, named_before. `limit` is what was allowed, as it should be shown; of
    `must` the rule in words, of `named_before` the number of the other item.
    """

    path: tuple[str | int, ...]
    code: str
    limit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What lies outside the form: options that an area of work gives (`leave_kinds`), existing people and departments.

    `people` None: any id is believed (it is looked up where it is used). So are `files`, those that were handed in.
    """

    options: Mapping[str, Sequence[Option]] = field(default_factory=dict)
    people: frozenset[str] | None = None
    departments: frozenset[str] | None = None
    files: frozenset[str] | None = None


NOTHING_KNOWN = Known()


def options(one: Field | Column, known: Known = NOTHING_KNOWN) -> Sequence[Option]:
    source = getattr(one, "source", "")
    return known.options.get(source, ()) if source else one.options


def field_problems(
    code: str, one: Field, value: Any, today: date, known: Known, *, required: frozenset[str] | None
) -> Iterator[FieldProblem]:
    if value in EMPTY:
        if one.required or required is not None:
            yield FieldProblem(path=(code,), code="missing")
        return
    if shape := shape_problem(one, value):
        yield FieldProblem(path=(code,), code=shape)
        return
    if one.type is Type.TABLE:
        yield from _table_problems(code, one, value, today, known)
        return
    for problem, limit in _limits(one, value, today, known):
        yield FieldProblem(path=(code,), code=problem, limit=limit)


def _table_problems(code: str, one: Field, rows: Any, today: date, known: Known) -> Iterator[FieldProblem]:
    for problem, limit in _count_limits(one, len(rows), most=MOST_ROWS):
        yield FieldProblem(path=(code,), code=problem, limit=limit)
    for number, row in enumerate(rows):
        for name, column in one.columns.items():
            path, value = (code, number, name), row.get(name)
            if value in EMPTY:
                if column.required and not column.computed:
                    yield FieldProblem(path=path, code="missing")
            elif shape := shape_problem(column, value):
                yield FieldProblem(path=path, code=shape)
            else:
                for problem, limit in _limits(column, value, today, known):
                    yield FieldProblem(path=path, code=problem, limit=limit)


def shape_problem(one: Field | Column, value: Any) -> str:
    """The code of what is wrong with the shape, or an empty text."""
    fits, code = _SHAPES[one.type]
    return "" if fits(one, value) else code


def _is_text(_one: Any, value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


def _is_number(one: Any, value: Any) -> bool:
    if one.decimals:
        return isinstance(value, str) and re.fullmatch(rf"-?\d{{1,15}}\.\d{{{one.decimals}}}", value) is not None
    return _is_whole(one, value)


def _is_whole(_one: Any, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST * 100


def _is_date(_one: Any, value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_range(one: Any, value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"start", "start_half", "end", "end_half"}
        and _is_date(one, value["start"])
        and _is_date(one, value["end"])
        and value["start_half"] in ("am", "pm")
        and value["end_half"] in ("am", "pm")
    )


def _is_times(one: Any, value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"date", "start", "end"}
        and _is_date(one, value["date"])
        and all(_is_clock(value[key]) for key in ("start", "end"))
    )


def _is_clock(value: Any) -> bool:
    try:
        return isinstance(value, str) and time.fromisoformat(value).strftime("%H:%M") == value
    except ValueError:
        return False


def _is_person(one: Any, value: Any) -> bool:
    return is_texts(value) if getattr(one, "many", False) else isinstance(value, str)


def _is_files(_one: Any, value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and all(isinstance(each, Mapping) and isinstance(each.get("id"), str) for each in value)
    )


def _is_rows(one: Any, value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and all(isinstance(row, Mapping) and set(row) <= set(one.columns) for row in value)
    )


_SHAPES: Mapping[Type, tuple[Callable[[Any, Any], bool], str]] = {
    Type.TEXT: (_is_text, "not_text"),
    Type.LONG_TEXT: (_is_text, "not_text"),
    Type.NUMBER: (_is_number, "not_a_number"),
    Type.MONEY: (_is_whole, "not_money"),
    Type.DATE: (_is_date, "not_a_date"),
    Type.DATE_RANGE: (_is_range, "not_a_date"),
    Type.TIME_RANGE: (_is_times, "not_a_time"),
    Type.CHOICE: (_is_text, "not_a_choice"),
    Type.CHOICES: (lambda _, value: is_texts(value), "not_a_choice"),
    Type.PERSON: (_is_person, "not_a_person"),
    Type.DEPARTMENT: (_is_text, "not_text"),
    Type.PHONE: (_is_text, "not_a_phone"),
    Type.ATTACHMENT: (_is_files, "not_a_file"),
    Type.PHOTO: (_is_files, "not_a_file"),
    Type.TABLE: (_is_rows, "not_rows"),
    Type.ITEM: (_is_text, "not_an_item"),
}

Limits = Iterator[tuple[str, str]]


def _limits(one: Any, value: Any, today: date, known: Known) -> Limits:
    """(code, limit) of everything that a well-shaped value breaks."""
    match one.type:
        case Type.TEXT | Type.LONG_TEXT:
            yield from _text_limits(one, value)
        case Type.PHONE:
            if not _PHONE.fullmatch(value):
                yield "not_a_phone", ""
        case Type.NUMBER | Type.MONEY:
            yield from _number_limits(one, value)
        case Type.DATE:
            yield from _date_limits(one, value, value, today)
        case Type.DATE_RANGE:
            yield from _range_limits(one, value, today)
        case Type.TIME_RANGE:
            yield from _date_limits(one, value["date"], value["date"], today)
            if value["start"] == value["end"]:
                yield "end_before_start", ""
        case Type.CHOICE | Type.ITEM:
            yield from _choice_limits(one, [value], known)
        case Type.CHOICES:
            yield from _choice_limits(one, value, known)
            yield from _count_limits(one, len(value), most=200)
        case Type.PERSON:
            yield from _person_limits(one, value, known)
        case Type.DEPARTMENT:
            if known.departments is not None and value not in known.departments:
                yield "not_a_choice", ""
        case Type.ATTACHMENT | Type.PHOTO:
            yield from _file_limits(one, value, known)


def _text_limits(one: Any, value: str) -> Limits:
    longest = one.max_length or (LONGEST_LONG_TEXT if one.type is Type.LONG_TEXT else LONGEST_TEXT)
    if len(value) > longest:
        yield "too_long", str(longest)
    if len(value) < (getattr(one, "min_length", None) or 0):
        yield "too_short", str(one.min_length)
    pattern = getattr(one, "pattern", None)
    if pattern and not re.search(pattern, value):
        yield "pattern", one.pattern_hint


def _number_limits(one: Any, value: Any) -> Limits:
    number = Decimal(value) / 100 if one.type is Type.MONEY else Decimal(value)
    least = one.min if one.min is not None else Decimal(0)  # a negative number is asked for in so many words
    if number < least:
        yield "too_small", f"{least}{_unit(one)}"
    if one.max is not None and number > one.max:
        yield "too_large", f"{one.max}{_unit(one)}"


def _unit(one: Any) -> str:
    return "元" if one.type is Type.MONEY else str(one.unit)


def day_limit(text: str, today: date) -> date:
    """`today`, `today+3`, `today-3` or a date, as a date."""
    found = re.fullmatch(r"today([+-]\d+)?", text)
    return today + timedelta(days=int(found[1] or 0)) if found else date.fromisoformat(text)


def _date_limits(one: Any, first: str, last: str, today: date) -> Limits:
    early, late = getattr(one, "not_before", None), getattr(one, "not_after", None)
    if early and date.fromisoformat(first) < day_limit(early, today):
        yield "too_early", day_limit(early, today).isoformat()
    if late and date.fromisoformat(last) > day_limit(late, today):
        yield "too_late", day_limit(late, today).isoformat()


def _range_limits(one: Any, value: Any, today: date) -> Limits:
    yield from _date_limits(one, value["start"], value["end"], today)
    days = expressions.range_days(value)
    if days <= 0:
        yield "end_before_start", ""
    elif days > (one.max_days or 3660):
        yield "too_many_days", str(one.max_days or 3660)


def _choice_limits(one: Any, values: Sequence[str], known: Known) -> Limits:
    codes = {option.code for option in options(one, known)}
    outside = getattr(one, "source", "")
    if outside and outside not in known.options:
        return  # whoever knows these options judges them
    if any(value not in codes for value in values):
        yield ("not_an_item" if one.type is Type.ITEM else "not_a_choice"), ""


def _person_limits(one: Any, value: Any, known: Known) -> Limits:
    people = value if isinstance(value, list) else [value]
    if known.people is not None and not set(people) <= known.people:
        yield "not_a_person", ""
    if getattr(one, "many", False):
        yield from _count_limits(one, len(people), most=200)


def _file_limits(one: Any, files: Sequence[Mapping[str, Any]], known: Known) -> Limits:
    yield from _count_limits(one, len(files), most=MOST_FILES)
    if known.files is not None and any(each["id"] not in known.files for each in files):
        yield "file_gone", ""
    for each in files:
        name, size = str(each.get("name", "")), each.get("size", 0)
        if isinstance(size, int) and size > one.max_mb * 1024 * 1024:
            yield "file_too_big", str(one.max_mb)
        suffix = name.rpartition(".")[2].lower()
        if one.type is Type.ATTACHMENT and one.kinds and suffix not in one.kinds:
            yield "kind_of_file", "、".join(one.kinds)
        if one.type is Type.PHOTO and not str(each.get("type", "image/")).startswith("image/"):
            yield "kind_of_file", "jpg、png"


def _count_limits(one: Any, count: int, *, most: int) -> Limits:
    if one.at_least is not None and count < one.at_least:
        yield "too_few", str(one.at_least)
    if count > (one.at_most or most):
        yield "too_many", str(one.at_most or most)
