"""Filling in a form: what was typed becomes values, what is missing or wrong is named, what is computed is computed.

The same for a chat, a page and another system. A value is JSON, by the type of its field:

    text, long_text, phone, department   "..."
    number                               12, or with decimals "12.50"
    money                                fen: 123450 is 1234.50 yuan
    date                                 "2026-05-06"
    date_range                           {"start": "2026-05-06", "start_half": "am" | "pm", "end": ..., "end_half": ...}
    time_range                           {"date": "2026-05-06", "start": "18:00", "end": "21:30"}
    choice / choices                     "code of the option" / ["code", ...]
    item                                 an item's id
    person                               a person id, or with `many` [id, ...]
    attachment, photo                    [{"id": ..., "name": ..., "size": bytes, "type": "image/jpeg"}, ...]
    table                                [{column: value, ...}, ...]

A field that is not visible, or not filled in, has no key. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from handlers.approval.language import expressions
from handlers.approval.language.expressions import About, Scope
from handlers.approval.language.form_model import Column, Field, Form, Must, Type
from handlers.approval.language.limits import NOTHING_KNOWN, FieldProblem, Known, field_problems, options, shape_problem
from handlers.approval.language.values import EMPTY, decimal_text, read

__all__ = [
    "NOTHING_KNOWN", "FieldProblem", "Known", "complete", "fits_chat", "missing", "normalise", "options", "problems",
    "visible", "with_defaults",
]  # fmt: skip

Values = Mapping[str, Any]
_NOTHING = Scope({})


def complete(form: Form, raw: Mapping[str, Any], about: About) -> dict[str, Any]:
    """`normalise`, then everything invisible taken away and everything computed put in: what an item keeps."""
    return _settled(form, normalise(form, raw), about)[0]


def normalise(form: Form, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Values in their canonical shape where they can be read, as they came where not: `problems` then says so.

    Keys that are no fields of the form are dropped, so that nothing travels along unseen. Full-width digits, thousands
    separators and dates with dots are understood.
    """
    typed = {code: read(one, raw[code]) for code, one in form.fields.items() if code in raw}
    return {code: value for code, value in typed.items() if value not in EMPTY}


def with_defaults(form: Form, values: Values) -> dict[str, Any]:
    """Defaults of the file for what was never touched: for a new draft, before anybody has seen it."""
    given = {code: _default(one) for code, one in form.fields.items() if one.default is not None}
    return {**normalise(form, given), **values}


def _default(one: Field) -> Any:
    return str(one.default) if one.type is Type.MONEY else one.default  # a file says yuan


def visible(form: Form, values: Values, about: About) -> tuple[str, ...]:
    """The fields that apply to these values, in the order of the form; whatever is not listed counts as empty."""
    return _settled(form, values, about)[1]


def problems(
    form: Form,
    values: Values,
    about: About,
    *,
    known: Known = NOTHING_KNOWN,
    only: frozenset[str] | None = None,
    on: date | None = None,
) -> list[FieldProblem]:
    """Everything that keeps these values from being submitted, in the order of the form, then the rules across fields.

    Without `only`, what the applicant fills in; with it, exactly those fields (the evidence or edits of a step). `on`
    is the day that limits such as `today+3` count from, where that is another than the day of the submission.
    """
    settled, shown, failed = _settled(form, values, about)
    wanted = only if only is not None else frozenset(code for code, _ in form.inputs())
    found = [_failure(code, year) for code, year in failed.items()]
    for code in shown:
        if code in wanted:
            found += field_problems(code, form.fields[code], settled.get(code), on or about.today, known, required=only)
    unsure = frozenset(str(one.path[0]) for one in found)
    return [*found, *_broken(form, settled, about, unsure, only)]


def _failure(code: str, year: int) -> FieldProblem:
    return FieldProblem(path=(code,), code="year_unknown" if year else "cannot_compute", limit=str(year or ""))


def _broken(
    form: Form, settled: Values, about: About, unsure: frozenset[str], only: frozenset[str] | None
) -> Iterator[FieldProblem]:
    """The rules across fields that do not hold; those that name a field with a problem of its own wait for it."""
    known = expressions.variables(form, _readable(form, settled), about) if form.must else _NOTHING
    for rule in form.must:
        named = expressions.fields_in(form, rule.that)
        if not unsure.isdisjoint(named) or not _due(form, named, frozenset(settled), only):
            continue
        try:
            if not expressions.holds(form, rule.that, known):
                yield FieldProblem(path=(_place(form, rule, named),), code="must", limit=rule.say)
        except expressions.Failed as failed:
            yield _failure(_place(form, rule, named), failed.year)


def _due(form: Form, named: frozenset[str], filled: frozenset[str], only: frozenset[str] | None) -> bool:
    """A rule is asked as soon as all that it names can be filled in, and again when one of that changes."""
    later = named & form.evidence()
    if only is None:
        return not later
    return not only.isdisjoint(named) and later <= only | filled


def _place(form: Form, rule: Must, named: frozenset[str]) -> str:
    if rule.at:
        return rule.at
    later = form.evidence()
    asked = [code for code in form.fields if code in named and (code in later) == bool(named & later)]
    typed = [code for code in asked if not form.fields[code].computed]
    return (typed or asked or list(form.fields))[-1]


def missing(form: Form, values: Values, about: About) -> list[str]:
    """The required fields that are still empty, in order: what a chat asks next."""
    settled, shown, _ = _settled(form, values, about)
    return [code for code, one in form.inputs() if code in shown and one.required and settled.get(code) in EMPTY]


def fits_chat(form: Form) -> bool:
    """Few and simple required questions, no table, no file: may be asked one after the other in a chat.

    What has a default is not asked: it stands on the card to confirm and can be said otherwise.
    """
    asked = [one for _, one in form.inputs() if one.required]
    simple = all(one.type in CHAT_TYPES and not one.many and not one.never_leaves for one in asked)
    few = sum(one.default is None for one in asked) <= _CHAT_MOST
    return form.chat == "auto" and form.secrecy != "closed" and simple and few


_CHAT_MOST = 6
CHAT_TYPES = frozenset(Type) - {
    Type.CHOICES, Type.PERSON, Type.DEPARTMENT, Type.ATTACHMENT, Type.PHOTO, Type.TABLE,
}  # fmt: skip


# Invisible and computed fields, from the top of the form down: an expression sees only what stands above it.

def _settled(form: Form, values: Values, about: About) -> tuple[dict[str, Any], tuple[str, ...], dict[str, int]]:
    """(values, the visible fields, fields that could not be computed and the unknown year that it was for, or 0)."""
    kept: dict[str, Any] = {}
    shown: list[str] = []
    failed: dict[str, int] = {}
    for code, one in form.fields.items():
        asks = one.when or one.computed
        known = expressions.variables(form, _readable(form, kept), about) if asks else _NOTHING
        try:
            if not expressions.holds(form, one.when, known):
                continue
            if one.computed:
                kept[code] = _computed(one, expressions.value(form, one.computed, known))
            elif one.type is Type.TABLE and code in values:
                kept[code] = _rows_computed(form, code, values[code], about)
            elif code in values and values[code] not in EMPTY:
                kept[code] = values[code]
        except expressions.Failed as error:
            failed[code] = error.year
        shown.append(code)
    return kept, tuple(shown), failed


def _readable(form: Form, values: Values) -> dict[str, Any]:
    """Without what has the wrong shape: `problems` names it, a condition must not stumble over it."""
    sound = {code: value for code, value in values.items() if not shape_problem(form.fields[code], value)}
    return {code: _sound_cells(form.fields[code], value) for code, value in sound.items()}


def _sound_cells(one: Field, value: Any) -> Any:
    if one.type is not Type.TABLE:
        return value
    return [
        {name: cell for name, cell in row.items() if not shape_problem(one.columns[name], cell)} for row in value
    ]


def _computed(one: Field | Column, value: Any) -> Any:
    if one.type is Type.NUMBER and one.decimals:
        return decimal_text(Decimal(repr(value)), one.decimals)
    return value


def _rows_computed(form: Form, code: str, rows: Any, about: About) -> Any:
    columns = form.fields[code].columns
    formulas = {name: column for name, column in columns.items() if column.computed}
    if not formulas or shape_problem(form.fields[code], rows):
        return rows
    return [{**row, **_row_computed(form, code, formulas, row, about)} for row in rows]


def _row_computed(
    form: Form, table: str, formulas: Mapping[str, Column], row: Values, about: About
) -> dict[str, Any]:
    if any(shape_problem(form.fields[table].columns[name], value) for name, value in row.items()):
        return {}  # `problems` names it
    return {
        name: _computed(one, expressions.row_value(form, table, one.computed or "", row, about.work))
        for name, one in formulas.items()
    }
