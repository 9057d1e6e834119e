"""What a sentence says beyond the name of its form: `加班 周六9点到12点 赶材料`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from cards import calendar_words, form_words
from handlers.approval.language import fill
from handlers.approval.language.form_model import Field, Form, Type
from handlers.approval.language.limits import LONGEST_TEXT
from handlers.approval.talk import answers
from handlers.days import phrases
from handlers.days.phrases import WorkingDays, numerals

_STRETCHES: Final = (Type.DATE_RANGE, Type.TIME_RANGE)


def read(form: Form, rest: str, *, today: date, calendar: WorkingDays | None = None) -> dict[str, Any]:
    """The values that the words are: a text of a given pattern (a number plate), or the days or times that the form
    must have and, of what is left, its subject."""
    for code, one in form.inputs():
        if one.required and one.pattern and re.fullmatch(one.pattern, rest):
            return {code: rest}
    when, rest = _when(form, rest, today, calendar)
    people, rest = _people(form, rest)
    copies, rest = _copies(form, rest)
    where, rest = _where(form, rest)
    chosen, rest = _chosen(form, rest)
    return {**when, **people, **copies, **where, **chosen, **_subject(form, rest)}


def _when(form: Form, rest: str, today: date, calendar: WorkingDays | None) -> tuple[Mapping[str, Any], str]:
    """The first stretch that is always asked for; the words stay whole where they hold less or more than it takes."""
    asked = ((code, one) for code, one in form.inputs() if one.required and not one.when and one.type in _STRETCHES)
    code, one = next(asked, ("", None))
    if one is None:
        return {}, rest
    reading = phrases.read(rest, today=today, calendar=calendar)
    timed = any(span.from_time for span in reading.spans)
    value = answers.raw(one, rest, today=today, known=fill.NOTHING_KNOWN, calendar=calendar)
    if not isinstance(value, Mapping) or timed != (one.type is Type.TIME_RANGE):
        # a chat asks for the time, and half of one is no subject; on a page every word may be of use
        unread = fill.fits_chat(form) and (reading.spans or reading.doubts)
        return {}, reading.rest if unread else rest
    return {code: value}, reading.rest


def _people(form: Form, rest: str) -> tuple[dict[str, Any], str]:
    """`3个人`, where the form counts people."""
    counted = [code for code, one in form.inputs() if one.type is Type.NUMBER and form_words.counts_people(one.title)]
    count, left = calendar_words.people(rest)
    return ({counted[0]: count}, " ".join(left.split())) if counted and count else ({}, rest)


def _copies(form: Form, rest: str) -> tuple[dict[str, Any], str]:
    """`一式三份`, where the form counts copies."""
    counted = [
        code for code, one in form.inputs()
        if one.type is Type.NUMBER and not one.when and form_words.counts_copies(one.title, one.unit or "")
    ]  # fmt: skip
    said, left = form_words.copies(rest)
    return ({counted[0]: numerals.number(said)}, left) if counted and said else ({}, rest)


def _chosen(form: Form, rest: str) -> tuple[dict[str, Any], str]:
    """`用印 公章 给财政局的函`: a word of its own that names one option, whole or by its end; never the only word."""
    words, found = rest.split(), dict[str, Any]()
    for code, one in form.inputs():
        if one.type is Type.CHOICE and one.required and not one.when:
            for word in words if len(words) > 1 else ():
                meant = [opt for opt in one.options if opt.title == word]
                meant = meant or [opt for opt in one.options if len(word) > 1 and opt.title.endswith(word)]
                if len(meant) == 1:
                    found[code] = meant[0].code
                    words.remove(word)
                    break
    return found, " ".join(words) if found else rest


def _where(form: Form, rest: str) -> tuple[dict[str, Any], str]:
    """`去市财政局`, where the form asks where to (the words stay in the subject where more is said in one breath), or
    `三楼厕所` at the beginning, where it asks for a place."""
    for code, one in form.inputs():
        if not _is_words(one):
            continue
        place, left = form_words.destination(rest) if form_words.is_destination(one.title) else ("", rest)
        if not place and form_words.is_spot(one.title):
            place, left = form_words.spot(rest)
        if place:
            return {code: place}, left
    return {}, rest


def _subject(form: Form, rest: str) -> dict[str, Any]:
    texts = [(code, one) for code, one in form.inputs() if one.required and _is_words(one)]
    for code, one in sorted(texts, key=lambda pair: not form_words.is_subject(pair[1].title)):
        return {code: rest} if (one.min_length or 1) <= len(rest) <= (one.max_length or LONGEST_TEXT) else {}
    return {}


def _is_words(one: Field) -> bool:
    return one.type in (Type.TEXT, Type.LONG_TEXT) and not one.pattern and one.default is None and not one.when
