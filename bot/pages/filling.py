"""What a browser sends of a form, as the raw values that `fill` reads; and a form as its page shows it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from multidict import MultiDictProxy

from handlers.approval import fill
from handlers.approval.fill import FieldProblem, Known
from handlers.approval.form_model import Column, Field, Form, Option, Type

Sent = MultiDictProxy[Any]
Unsealed = Callable[[str], Mapping[str, Any] | None]

_FILES = frozenset({Type.ATTACHMENT, Type.PHOTO})


def raw(form: Form, sent: Sent, unsealed: Unsealed) -> dict[str, Any]:
    """Names: `code`, of ranges `code.start` and so on, of tables `code.ROW.column`. `unsealed` reads a file's note."""
    return {code: _raw(code, one, sent, unsealed) for code, one in form.inputs()}


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
    pattern = re.compile(rf"{re.escape(code)}\.(\d{{1,3}})\.\w+")
    numbers = sorted({int(found[1]) for name in sent if (found := pattern.fullmatch(name))})
    rows = [_row(f"{code}.{number}", one.columns, sent) for number in numbers]
    return [row for row in rows if row]


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
) -> list[Cell]:
    """Every field that the applicant sees, in order, computed ones too. `problems` come with their words."""
    later = form.evidence()
    return [
        _cell(code, one, values.get(code), code in visible, known, [p for p in problems if p[0].path[0] == code])
        for code, one in form.fields.items()
        if code not in later and (one.given_by == "applicant" or one.computed)
    ]


def _cell(
    code: str,
    one: Field,
    value: Any,
    visible: bool,
    known: Known,
    problems: Sequence[tuple[FieldProblem, str]],
) -> Cell:
    own = tuple(words for problem, words in problems if len(problem.path) == 1)
    rows: tuple[tuple[Cell, ...], ...] = ()
    blank: tuple[Cell, ...] = ()
    if one.type is Type.TABLE:
        given = value if isinstance(value, list) else []
        rows = tuple(_table_row(code, one, number, row, known, problems) for number, row in enumerate(given))
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
    """`number` None is the row that a tap on "add" copies."""
    given = row if isinstance(row, Mapping) else {}
    place = "ROW" if number is None else str(number)
    return tuple(
        Cell(
            code=f"{code}.{place}.{name}",
            name=f"{code}.{place}.{name}",
            one=column,
            value=given.get(name),
            options=_options(column, known),
            problems=tuple(words for problem, words in problems if problem.path[1:] == (number, name)),
        )
        for name, column in one.columns.items()
    )


def _options(one: Field | Column, known: Known) -> Sequence[Option]:
    if one.type is Type.DEPARTMENT:
        return [Option(code=name, title=name) for name in sorted(known.departments or ())]
    return fill.options(one, known)
