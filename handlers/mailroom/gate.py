"""The secrecy gate (office-rules.md 5.3): whether a text or a file name carries a secrecy marking. Pure.

Markings are looked for, not secrets: GB/T 9704 writes `机密★10年` at the head of a paper, registers write `密级：秘密`,
and offices have phrases of their own (`内部资料 注意保密`). Sentences that only speak of secrecy pass: a notice of a
secrecy training, 商业秘密, 无记名投票, the declaration itself. No finding does not mean harmless: nobody may say so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final

_GRADE: Final = "(?:绝密|机密|秘密)"
_TERM: Final = r"(?:\d{1,3}(?:年|个?月|天)|长期)"
_MARK: Final = f"(?:{_GRADE}|工作秘密)级?"
_STAR: Final = "[★☆⭐✩✪✭✮✯✰]"
_RULES: Final[Mapping[str, re.Pattern[str]]] = {
    "star": re.compile(rf"{_GRADE}(?:级)?(?:{_STAR}|\*(?={_TERM}))|{_STAR}{_GRADE}(?![\u4e00-\u9fff])"),
    "label": re.compile(
        r"密级(?:[和及]保密期限)?[:：](?!公开|非密|非涉密|不涉密|[未不]定密|无|普通|一般|[-/—_]|$)", re.MULTILINE
    ),
    "head": re.compile(
        rf"^[【\[(（〔《]?{_MARK}[】\])）〕》]?{_TERM}?[】\])）〕》]?$|[【\[〔]{_MARK}{_TERM}?[】\]〕]", re.MULTILINE
    ),
}
_NAME: Final = re.compile(rf"^(?:[(（]{_MARK}[)）]|{_MARK}(?:[-_—.·、，,]|{_TERM}|$))")
PHRASE: Final = "phrase"
NAME: Final = "name"


def found(text: str, phrases: Iterable[str] = ()) -> str:
    """The code of the first rule that the text breaks (star, label, head, phrase), or "".

    `phrases` are the office's own, found also with other spaces between their characters.
    """
    plain = _plain(text)
    if not plain:
        return ""
    for code, rule in _RULES.items():
        if rule.search(plain):
            return code
    close = plain.replace("\n", "")
    return PHRASE if any(wanted in close for wanted in _wanted(tuple(phrases))) else ""


def found_in_name(name: str, phrases: Iterable[str] = ()) -> str:
    """As `found`, for the name of a file; `name` where the marking stands at its beginning."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name.rpartition("/")[2].rpartition("\\")[2])
    return found(stem, phrases) or (NAME if _NAME.search(_plain(stem)) else "")


def first(texts: Iterable[str], phrases: Iterable[str] = ()) -> str:
    """The first rule that any of these texts breaks, or ""."""
    phrases = tuple(phrases)
    return next((code for one in texts if (code := found(one, phrases))), "")


def texts(value: Any) -> Iterator[str]:
    """Every text inside a record, mapping or sequence, keys of mappings too."""
    if isinstance(value, str):
        if not isinstance(value, Enum):
            yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from texts(key)
            yield from texts(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from texts(one)
    elif is_dataclass(value):
        for one in fields(value):
            yield from texts(getattr(value, one.name))


@lru_cache(maxsize=16)
def _wanted(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """An office's phrases as `_plain` leaves them; the same for every text."""
    return tuple(plain for one in phrases if (plain := _plain(one)))


def _plain(text: str) -> str:
    """Without what hides a marking: full-width forms, spaces, invisible characters, emphasis; lines stay lines."""
    shown = unicodedata.normalize("NFKC", text).replace("\r", "\n")
    if not shown.isprintable():  # most are: nothing invisible in them
        shown = "".join(one for one in shown if one == "\n" or unicodedata.category(one) not in ("Cf", "Cc"))
    return re.sub(r"[^\S\n]+|\*{2,}|(?<!\S)#+(?=\S)", "", shown).strip("\n")
