"""Which personal values are left out of a bundle, by the words that people know their fields by."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from cards import records
from handlers.approval.language import book
from handlers.approval.language.form_model import Form
from handlers.audit import facts
from handlers.audit.facts import Fact
from handlers.context import Office

ALL: Final = "all"
EVERYTHING: Final = "全部"
COMMON: Final = ("意见", "事由", "理由", "手机", "附件清单", "人员资料", "台账全文", "内容")


class Unknown(Exception):
    """No field is called so; `near` are those that nearly are."""

    def __init__(self, word: str, near: Sequence[str]) -> None:
        super().__init__(word)
        self.word = word
        self.near = near


def codes(words: Collection[str], office: Office) -> tuple[str, ...]:
    """Of fields and of keys inside them; words may be codes too. Raises Unknown for the first that is neither."""
    if {ALL, EVERYTHING} & set(words):
        return (ALL,)
    known = called(office)
    found: set[str] = set()
    for word in words:
        here = known.get(word) or ({word} if any(word in one for one in known.values()) else None)
        if here is None:
            raise Unknown(word, difflib.get_close_matches(word, sorted(known), 5, 0.3))
        found |= here
    return tuple(sorted(found))


def words(codes: Collection[str], office: Office) -> tuple[str, ...]:
    """The other way round: what a reader is told was left out."""
    if ALL in codes:
        return ("全部个人信息和意见",)
    behind = called(office)
    return tuple(word for word in behind if behind[word] <= set(codes)) or tuple(codes)


def called(office: Office) -> Mapping[str, set[str]]:
    """The codes behind every word that may be chosen: personal fields of facts, the keys of records, form fields."""
    found: dict[str, set[str]] = {}
    pairs = [*_personal(Fact), *((title, code) for code, title in records.COLUMNS.items())]
    for form in office.of(book.Forms).by_code.values():
        pairs += [(one.title, code) for code, one in form.fields.items()]
    for title, code in pairs:
        found.setdefault(title, set()).add(code)
    return found


def titles(form: Form | None) -> Mapping[str, str]:
    """Of the fields of a form and of the columns of its tables, by code."""
    if form is None:
        return {}
    columns = {code: one.title for table in form.fields.values() for code, one in table.columns.items()}
    return columns | {code: one.title for code, one in form.fields.items()}


def _personal(kind: type[Fact]) -> Iterator[tuple[str, str]]:
    for one in kind.__subclasses__():
        # A class with slots stands there twice; the one without has no fields.
        if one.KIND and "__dataclass_fields__" in vars(one) and "__slots__" in vars(one):
            yield from ((records.field(one.KIND, name), name) for name in sorted(facts.personal(one)))
        yield from _personal(one)
