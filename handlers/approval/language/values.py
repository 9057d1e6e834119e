"""What was typed, read into the shape that its field has in `fill`; what cannot be read stays as it came. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from handlers.approval.language.form_model import Column, Field, Type

EMPTY: tuple[Any, ...] = (None, "", [], {})
_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?")


def read(one: Field | Column, raw: Any) -> Any:
    if isinstance(raw, str):
        raw = raw.strip()
    reader = _READERS.get(one.type)
    return reader(one, raw) if reader and raw not in EMPTY else raw


def _plain_digits(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")


def _read_number(one: Any, raw: Any) -> Any:
    number = _decimal(raw, one.unit)
    if number is None:
        return raw
    if one.decimals:
        return decimal_text(number, one.decimals) if _places(number) <= one.decimals else raw
    return int(number) if number == number.to_integral_value() else raw


def _read_money(_one: Any, raw: Any) -> Any:
    """A number is fen already; a text is yuan, as a person types it."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    number = _decimal(raw, "元") if isinstance(raw, str) else None
    return int(number * 100) if number is not None and _places(number) <= 2 else raw


def _decimal(raw: Any, unit: str) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, int | str | Decimal):
        return None
    text = _plain_digits(str(raw)).removesuffix(unit) if unit else _plain_digits(str(raw))
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,6})?", text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 99


def decimal_text(number: Decimal, decimals: int) -> str:
    return str(number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def _read_date(_one: Any, raw: Any) -> Any:
    found = _DAY.fullmatch(_plain_digits(raw)) if isinstance(raw, str) else None
    if found is None:
        return raw
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return raw


def _read_range(one: Any, raw: Any) -> Any:
    if not isinstance(raw, Mapping):
        return raw
    span = {key: _read_date(one, raw.get(key, "")) for key in ("start", "end")}
    halves = {
        "start_half": (raw.get("start_half") or "am") if one.halves else "am",
        "end_half": (raw.get("end_half") or "pm") if one.halves else "pm",
    }
    return {**span, **halves} if span["start"] or span["end"] else {}


def _read_times(one: Any, raw: Any) -> Any:
    if not isinstance(raw, Mapping):
        return raw
    read = {"date": _read_date(one, raw.get("date", "")), **{key: _clock(raw.get(key, "")) for key in ("start", "end")}}
    return read if any(read.values()) else {}


def _clock(raw: Any) -> Any:
    found = re.fullmatch(r"(\d{1,2})[:：点](\d{2})分?", _plain_digits(raw)) if isinstance(raw, str) else None
    return f"{int(found[1]):02d}:{found[2]}" if found and int(found[1]) < 24 and int(found[2]) < 60 else raw


def _read_choice(one: Any, raw: Any) -> Any:
    """The code; a title is understood too, for chats and other systems."""
    return next((option.code for option in one.options if raw in (option.code, option.title)), raw)


def _read_choices(one: Any, raw: Any) -> Any:
    given = [raw] if isinstance(raw, str) else raw
    if not is_texts(given):
        return raw
    return list(dict.fromkeys(_read_choice(one, each.strip()) for each in given if each.strip()))


def _read_person(one: Any, raw: Any) -> Any:
    if getattr(one, "many", False):
        return list(dict.fromkeys(raw)) if is_texts(raw) else [raw] if isinstance(raw, str) else raw
    return raw[0] if is_texts(raw) and len(raw) == 1 else raw


def _read_phone(_one: Any, raw: Any) -> Any:
    return _plain_digits(raw).removeprefix("+86") if isinstance(raw, str) else raw


def _read_rows(one: Any, raw: Any) -> Any:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not all(isinstance(row, Mapping) for row in raw):
        return raw
    rows = [
        {code: value for code, column in one.columns.items() if (value := read(column, row.get(code))) not in EMPTY}
        for row in raw
    ]
    return [row for row in rows if row]


def is_texts(raw: Any) -> bool:
    return isinstance(raw, Sequence) and not isinstance(raw, str) and all(isinstance(each, str) for each in raw)


_READERS: Mapping[Type, Callable[[Any, Any], Any]] = {
    Type.NUMBER: _read_number,
    Type.MONEY: _read_money,
    Type.DATE: _read_date,
    Type.DATE_RANGE: _read_range,
    Type.TIME_RANGE: _read_times,
    Type.CHOICE: _read_choice,
    Type.CHOICES: _read_choices,
    Type.PERSON: _read_person,
    Type.PHONE: _read_phone,
    Type.TABLE: _read_rows,
}
