"""What a browser sends of a form, as the raw values that `fill` reads; and a form as its page shows it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from multidict import MultiDictProxy

from handlers.approval.language import fill
from handlers.approval.language.fill import FieldProblem, Known
from handlers.approval.language.form_model import Column, Field, Form, Option, Type

Sent = MultiDictProxy[Any]
Unsealed = Callable[[str], Mapping[str, Any] | None]

_FILES = frozenset({Type.ATTACHMENT, Type.PHOTO})


def raw(form: Form, sent: Sent, unsealed: Unsealed) -> dict[str, Any]:
    """Names: `code`, of ranges `code.start` and so on, of tables `code.ROW.column`. `unsealed` reads a file's note."""
    return {code: _raw(code, one, sent, unsealed) for code, one in form.inputs()}


EDIT: Final = "edit."
"""Before the names of fields that an approver changes on the item's page."""


def edited(form: Form, codes: Sequence[str], sent: Sent, unsealed: Unsealed) -> dict[str, Any]:
    """These fields as they were sent, by their codes."""
    return {code: _raw(f"{EDIT}{code}", form.fields[code], sent, unsealed) for code in codes}


def edits(
    form: Form,
    codes: Sequence[str],
    values: Mapping[str, Any],
    *,
    known: Known,
    problems: Sequence[tuple[FieldProblem, str]] = (),
) -> tuple[Cell, ...]:
    """These fields as the item's page asks for them. `problems` come with their words."""
    return tuple(
        _cell(
            f"{EDIT}{code}", form.fields[code], values.get(code), True, known,
            [one for one in problems if one[0].path[0] == code], (),
        )
        for code in codes
    )  # fmt: skip


def _raw(code: str, one: Field, sent: Sent, unsealed: Unsealed) -> Any:
    match one.type:
        case Type.DATE_RANGE:
            return _parts(code, ("start", "start_half", "end", "end_half"), sent)
        case Type.TIME_RANGE:
            return _parts(code, ("date", "start", "end"), sent)
        case Type.CHOICES:
            return _texts(code, sent)
        case Type.PERSON:
            people = _texts(code, sent)
            return people if one.many else "".join(people[:1])
        case Type.ATTACHMENT | Type.PHOTO:
            notes = [unsealed(text) for text in _texts(code, sent)]
            return [note for note in notes if note]
        case Type.TABLE:
            return _rows(code, one, sent)
    return _text(code, sent)


def _text(name: str, sent: Sent) -> str:
    value = sent.get(name, "")
    return value if isinstance(value, str) else ""


def _texts(name: str, sent: Sent) -> list[str]:
    return [value for value in sent.getall(name, ()) if isinstance(value, str) and value]


def _parts(code: str, names: Sequence[str], sent: Sent) -> dict[str, str]:
    found = {name: _text(f"{code}.{name}", sent) for name in names}
    return found if any(value for name, value in found.items() if not name.endswith("half")) else {}


def _rows(code: str, one: Field, sent: Sent) -> list[dict[str, Any]]:
    """In the order of their numbers, empty ones left out; values are read like those of fields."""
    return list(_numbered_rows(code, one, sent).values())


def numbers(form: Form, sent: Sent) -> dict[str, tuple[int, ...]]:
    """By table, the number that each row has in the browser: rows left empty are there and are no values."""
    tables = {code: one for code, one in form.inputs() if one.type is Type.TABLE}
    return {code: tuple(_numbered_rows(code, one, sent)) for code, one in tables.items()}


def _numbered_rows(code: str, one: Field, sent: Sent) -> dict[int, dict[str, Any]]:
    pattern = re.compile(rf"{re.escape(code)}\.(\d{{1,3}})\.\w+")
    found = sorted({int(match[1]) for name in sent if (match := pattern.fullmatch(name))})
    rows = {number: _row(f"{code}.{number}", one.columns, sent) for number in found}
    return {number: row for number, row in rows.items() if row}


def _row(prefix: str, columns: Mapping[str, Column], sent: Sent) -> dict[str, Any]:
    found = {name: _text(f"{prefix}.{name}", sent).strip() for name, one in columns.items() if not one.computed}
    return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A field, or a column of a table, as the page asks for it. `name` is the input's, `value` as in `fill`."""

    code: str
    name: str
    one: Field | Column
    value: Any
    visible: bool = True
    options: Sequence[Option] = ()
    problems: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    blank: tuple[Cell, ...] = ()


def cells(
    form: Form,
    values: Mapping[str, Any],
    *,
    visible: Sequence[str],
    known: Known,
    problems: Sequence[tuple[FieldProblem, str]] = (),
    numbers: Mapping[str, Sequence[int]] = MappingProxyType({}),
) -> list[Cell]:
    """Every field that the applicant sees, in order, computed ones too. `problems` come with their words.

    `numbers` are the rows of the page that is open, where the answer speaks to that page; else 0, 1, 2.
    """
    later = form.evidence()
    return [
        _cell(
            code, one, values.get(code), code in visible, known, [p for p in problems if p[0].path[0] == code],
            numbers.get(code, ()),
        )
        for code, one in form.fields.items()
        if code not in later and (one.given_by == "applicant" or one.computed)
    ]  # fmt: skip


def _cell(
    code: str,
    one: Field,
    value: Any,
    visible: bool,
    known: Known,
    problems: Sequence[tuple[FieldProblem, str]],
    numbers: Sequence[int],
) -> Cell:
    own = tuple(words for problem, words in problems if len(problem.path) == 1)
    rows: tuple[tuple[Cell, ...], ...] = ()
    blank: tuple[Cell, ...] = ()
    if one.type is Type.TABLE:
        given = value if isinstance(value, list) else []
        places = numbers if len(numbers) == len(given) else range(len(given))
        rows = tuple(
            _table_row(code, one, place, row, known, [p for p in problems if p[0].path[1:2] == (number,)])
            for number, (place, row) in enumerate(zip(places, given, strict=True))
        )
        blank = _table_row(code, one, None, {}, known, ())
    return Cell(
        code=code, name=code, one=one, value=value, visible=visible, options=_options(one, known), problems=own,
        rows=rows, blank=blank,
    )  # fmt: skip


def _table_row(
    code: str,
    one: Field,
    number: int | None,
    row: Any,
    known: Known,
    problems: Sequence[tuple[FieldProblem, str]],
) -> tuple[Cell, ...]:
    """`number` None is the row that a tap on "add" copies; `problems` are those of this row."""
    given = row if isinstance(row, Mapping) else {}
    place = "ROW" if number is None else str(number)
    return tuple(
        Cell(
            code=f"{code}.{place}.{name}",
            name=f"{code}.{place}.{name}",
            one=column,
            value=given.get(name),
            options=_options(column, known),
            problems=tuple(words for problem, words in problems if problem.path[2:] == (name,)),
        )
        for name, column in one.columns.items()
    )


def _options(one: Field | Column, known: Known) -> Sequence[Option]:
    if one.type is Type.DEPARTMENT:
        return [Option(code=name, title=name) for name in sorted(known.departments or ())]
    return fill.options(one, known)
