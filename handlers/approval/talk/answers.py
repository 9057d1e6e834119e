"""One answer in a chat, read as the value of one field. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from cards import forms as form_cards
from handlers.approval.language import fill
from handlers.approval.language.fill import Known
from handlers.approval.language.form_model import Field, Form, Type
from handlers.days import phrases
from handlers.days.phrases import WorkingDays


def raw(one: Field, text: str, *, today: date, known: Known, calendar: WorkingDays | None = None) -> Any:
    """What `fill.normalise` is given for this answer: dates in words, the number of an option; else the text itself."""
    text = text.strip()
    match one.type:
        case Type.CHOICE:
            return _option(one, text, known)
        case Type.ITEM:
            return _item(one, text, known)
        case Type.DATE:
            span = _span(text, today, calendar)
            return span.start.isoformat() if span else text
        case Type.DATE_RANGE:
            return _range(text, today, calendar)
        case Type.TIME_RANGE:
            return _times(text, today, calendar)
    return text


def meant(
    form: Form, asked: str, text: str, *, today: date, known: Known, calendar: WorkingDays | None = None
) -> tuple[str, Any]:
    """The field that an answer is for and its value: days or times that were given for something else correct the one
    field of the form that holds such."""
    one = form.fields[asked]
    value = raw(one, text, today=today, known=known, calendar=calendar)
    if one.type not in (Type.CHOICE, Type.NUMBER, Type.MONEY, Type.PHONE) or (value != text and value):
        return asked, value
    stretches = [(code, each) for code, each in form.inputs() if each.type in (Type.DATE_RANGE, Type.TIME_RANGE)]
    found = [(code, raw(each, text, today=today, known=known, calendar=calendar)) for code, each in stretches]
    return found[0] if len(found) == 1 and isinstance(found[0][1], dict) else (asked, value)


def _option(one: Field, text: str, known: Known) -> str:
    """By number, title or code; 1 is the first. A title that is a number is taken for itself, a yes or a no for the
    option that says so."""
    offered = fill.options(one, known)
    named = next((option.code for option in offered if text in (option.code, option.title)), None)
    if named is None and text.isdecimal() and 1 <= int(text) <= len(offered):
        return offered[int(text) - 1].code
    plain = form_cards.yes_or_no(text)
    return named or next((option.code for option in offered if plain and option.title == plain), text)


def _item(one: Field, text: str, known: Known) -> str:
    """As an option, or by the item's own number: `12号`."""
    said = re.fullmatch(r"第?\s*(\d{1,9})\s*号.*", text)
    offered = fill.options(one, known) if said else ()
    numbered = next((option.code for option in offered if said and option.title.startswith(f"{said[1]}号")), None)
    return numbered or _option(one, text, known)


def _span(text: str, today: date, calendar: WorkingDays | None) -> phrases.Span | None:
    reading = phrases.read(text, today=today, calendar=calendar)
    return reading.spans[0] if len(reading.spans) == 1 else None


def _range(text: str, today: date, calendar: WorkingDays | None) -> Any:
    span = _span(text, today, calendar)
    if span is None:
        return text
    try:
        span = phrases.stretched(span, counts=lambda _: True)
    except ValueError:
        return text
    return {
        "start": span.start.isoformat(),
        "start_half": span.start_half.value,
        "end": span.end.isoformat(),
        "end_half": span.end_half.value,
    }


def _times(text: str, today: date, calendar: WorkingDays | None) -> Any:
    span = _span(text, today, calendar)
    if span is None or span.from_time is None or span.to_time is None:
        return text
    return {
        "date": span.start.isoformat(),
        "start": f"{span.from_time:%H:%M}",
        "end": f"{span.to_time:%H:%M}",
    }
