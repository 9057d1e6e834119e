"""The forms in force, and the versions that running items began with.

An item keeps its form for good: the text of the version is stored when the item is made, and read by its hash from then
on, whatever becomes of the file.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from handlers import errors
from handlers.approval import store
from handlers.approval.language import form_model
from handlers.approval.language.form_model import Form
from handlers.context import Context
from handlers.transaction import Transaction, to_ms


@dataclass(frozen=True, slots=True)
class Forms:
    """The area `Forms` of `Office`: by code, in the order in which they are offered."""

    by_code: Mapping[str, Form] = field(default_factory=dict)

    def enabled(self) -> list[Form]:
        return [form for form in self.by_code.values() if form.is_enabled]

    def get(self, code: str) -> Form:
        """A form that may be started. Raises BadRequest(no_such_form)."""
        form = self.find(code)
        if form is None:
            raise errors.BadRequest("no_such_form", form=code)
        return form

    def find(self, code: str) -> Form | None:
        """As `get`, None where it may not be started."""
        form = self.by_code.get(code)
        return form if form is not None and form.is_enabled else None

    def called(self, word: str) -> Form | None:
        """The form that a message starts: its title or an alias, alone or after 申请, 我要 and the like."""
        plain = word.strip()
        for opening in ("", *_OPENINGS):
            name = plain.removeprefix(opening).strip()
            for form in self.enabled():
                if plain.startswith(opening) and name in (form.title, *form.aliases):
                    return form
        return None

    def begun(self, sentence: str) -> tuple[Form, str] | None:
        """The form that a sentence opens with, and what is said beyond its name: `帮我报修 三楼厕所漏水`."""
        name, rest = _SPACE.split(sentence.strip(), maxsplit=1) if _SPACE.search(sentence.strip()) else ("", "")
        form = self.called(name) if rest else None
        return (form, rest.strip()) if form is not None else None


_OPENINGS = (
    "我要申请", "我想申请", "帮我申请", "申请", "我要", "我想", "帮我办", "帮我", "填写", "填", "发起", "办理",
)  # fmt: skip
_SPACE = re.compile(r"[\s,，:：。]+")


async def keep(tx: Transaction, form: Form, *, now: datetime) -> str:
    """Stores the text of this version if it is new; the version."""
    version = _version(form)
    if ("form", version) in tx.people:
        return version
    await tx.execute(
        "INSERT INTO form_version (hash, code, text, since_ms) VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
        version, form.code, form_model.text(form), to_ms(now),
    )  # fmt: skip
    tx.people["form", version] = True
    _remember(version, form)
    return version


async def of_version(tx: Transaction, version: str) -> Form | None:
    if version in _KNOWN:
        _KNOWN.move_to_end(version)
        return _KNOWN[version]
    row = await tx.first("SELECT text FROM form_version WHERE hash = ?", version)
    if row is None:
        return None
    form = form_model.from_text(row["text"])
    _remember(version, form)
    return form


async def of_item(ctx: Context, item: store.Item) -> Form:
    """The form that this item began with; for an item from before forms had versions, the one in force."""
    form = await of_version(ctx.tx, item.form_version) if item.form_version else None
    if form is None:
        form = ctx.office.of(Forms).by_code.get(item.form)
    if form is None:
        raise errors.BadRequest("no_such_form", form=item.form)
    return form


# Content-addressed, so that nothing here can ever be out of date; bounded, because versions come and go for years.
_KNOWN: OrderedDict[str, Form] = OrderedDict()
_VERSIONS: dict[int, tuple[Form, str]] = {}  # by `id`: the form is kept with it, so that no other one can have that
_MOST = 256


def _version(form: Form) -> str:
    kept = _VERSIONS.get(id(form))
    if kept is not None:
        return kept[1]
    if len(_VERSIONS) >= _MOST:
        _VERSIONS.clear()
    _VERSIONS[id(form)] = (form, form_model.version(form))
    return _VERSIONS[id(form)][1]


def _remember(version: str, form: Form) -> None:
    _KNOWN[version] = form
    _KNOWN.move_to_end(version)
    while len(_KNOWN) > _MOST:
        _KNOWN.popitem(last=False)
