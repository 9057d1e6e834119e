"""How items look: the form's name, what an item is called, its lines on a card.

Leave has a face of its own (balances, skipped days); every other form has the one that its file describes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from cards import forms as form_cards
from cards.forms import FieldView
from cards.model import Field as Line
from handlers.approval import forms, store
from handlers.approval.forms import Face
from handlers.approval.language import book, fill
from handlers.approval.language.form_model import Column, Field, Form, Type
from handlers.approval.leaves import leave_form
from handlers.context import Context
from handlers.people import directory
from handlers.transaction import Transaction

LONGEST_TITLE = 40


async def of(ctx: Context, item: store.Item) -> Face:
    """The face of this item, by the version of the form that it began with."""
    if item.form == leave_form.CODE:
        own = forms.FACES[leave_form.CODE]
        return _erased(own.name) if _is_erased(item) else own
    form = await book.of_item(ctx, item)
    if _is_erased(item):
        return _erased(form.title)
    names = await names_in(ctx.tx, form, item.fields)
    return Face(name=form.title, titled=_titled(form, names), lined=_lined(form, names))


def _is_erased(item: store.Item) -> bool:
    """Its content was erased on request or because its time was over: nothing that was submitted is without any."""
    return item.number > 0 and not item.fields


def _erased(name: str) -> Face:
    words = form_cards.ERASED
    return Face(name=name, titled=lambda _: f"{name}（{words}）", lined=lambda _, __: (Line("内容", words),))


async def names_in(tx: Transaction, form: Form, values: Mapping[str, Any]) -> dict[str, str]:
    """The names of the people, and the numbers of the items, that these values mention; by id."""
    found: dict[str, str] = {}
    for person in _people(form, values):
        one = await directory.load(tx, person)
        found[person] = one.name if one else ""
    for item in (values.get(code) for code, one in form.fields.items() if one.type is Type.ITEM):
        if isinstance(item, str) and (named := await store.load(tx, item)) is not None:
            version = await book.of_version(tx, named.form_version)
            found[item] = f"{named.number}号 {version.title if version else named.form}"
    return found


def view(one: Field | Column, code: str, value: Any, names: Mapping[str, str], *, known: fill.Known) -> FieldView:
    """A field as the cards word it."""
    columns = getattr(one, "columns", {})
    return FieldView(
        title=one.title,
        type=one.type.value,
        code=code,
        value=value,
        unit=one.unit,
        options={option.code: option.title for option in fill.options(one, known)},
        names=names,
        columns=tuple(view(column, name, None, names, known=known) for name, column in columns.items()),
        personal=one.personal,
        hidden=getattr(one, "never_leaves", False),
        help=getattr(one, "help", ""),
        required=one.required,
    )


def lines(form: Form, values: Mapping[str, Any], names: Mapping[str, str], *, today: date) -> tuple[Line, ...]:
    """The filled fields that go on cards, in the order of the form; of a closed form none says what it holds."""
    shown = [
        (code, one) for code, one in form.fields.items() if one.on_card and values.get(code) not in (None, "", [], {})
    ]
    return tuple(
        form_cards.line(_guarded(form, view(one, code, values[code], names, known=fill.NOTHING_KNOWN)), today=today)
        for code, one in shown
    )


def _guarded(form: Form, one: FieldView) -> FieldView:
    return replace(one, hidden=True) if form.secrecy == "closed" else one


def title(form: Form, values: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The form's `summary` with the fields put in, behind the form's name; nothing that must not leave."""
    if form.secrecy == "closed":
        return form.title

    def put(found: re.Match[str]) -> str:
        one = form.fields.get(found[1])
        if one is None or one.never_leaves or one.personal:
            return ""
        shown = view(one, found[1], values.get(found[1]), names, known=fill.NOTHING_KNOWN)
        return form_cards.shown(shown, today=date.max)

    summary = re.sub(r"\{(\w+)\}", put, form.summary).strip(" ，、；")
    if not summary:
        return form.title
    return f"{form.title}：{summary}"[:LONGEST_TITLE]


def _titled(form: Form, names: Mapping[str, str]) -> Callable[[Mapping[str, Any]], str]:
    return lambda values: title(form, values, names)


def _lined(form: Form, names: Mapping[str, str]) -> Callable[[Mapping[str, Any], date], tuple[Line, ...]]:
    return lambda values, today: lines(form, values, names, today=today)


def _people(form: Form, values: Mapping[str, Any]) -> Iterable[str]:
    for code, one in form.fields.items():
        value = values.get(code)
        if one.type is Type.PERSON and value:
            yield from [value] if isinstance(value, str) else value
        if one.type is Type.TABLE and isinstance(value, list):
            people = [name for name, column in one.columns.items() if column.type is Type.PERSON]
            yield from (row[name] for row in value for name in people if row.get(name))
