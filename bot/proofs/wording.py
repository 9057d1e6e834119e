"""Facts in the words of people: whose ids they mention, which form an item has, what its fields are called."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.proofs import redaction
from cards import records
from handlers.approval.facts import ConsentConfirmed, LateEntered
from handlers.approval.language import book
from handlers.audit import leaf
from handlers.audit.facts import canonical
from handlers.audit.leaf import Leaf
from handlers.context import Office
from handlers.transaction import Row, Transaction, from_ms

if TYPE_CHECKING:
    from bot.proofs.bundle import Proven

HIDDEN: Final = "（已遮盖）"
_NOBODY: Final = {"system": "系统", "": "没有登录的人"}
_AT_ONCE: Final = 300
_LATE: Final = frozenset({LateEntered.KIND, ConsentConfirmed.KIND})
"""Of all others, the two times only differ where the clock was set back."""
_TIMES: Final = ("recorded_ms", "effective_ms")
_TECHNICAL: Final = frozenset({"version", "form_version", "route", "used", "unattended", "code", "digest", "row"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`names` of people and items by id; `forms` the code of an item's form by the item's id."""

    office: Office
    names: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)

    def name(self, id: str) -> str:
        return _NOBODY.get(id) or self.names.get(id, id)

    def about(self, fact: Leaf) -> str:
        """What a fact is about; of a fact about a form, its title."""
        if fact.kind.startswith(("form.", "approval.form_")):
            return self.form_titles().get(fact.subject, fact.subject)
        return records.subject(fact.subject, self.names)

    def form_titles(self) -> Mapping[str, str]:
        forms = self.office.of(book.Forms).by_code
        return {"leave": "休假"} | {code: form.title for code, form in forms.items()}

    def titles(self, fact: Leaf) -> Mapping[str, str]:
        code = str(fact.body.get("form") or self.forms.get(fact.subject, ""))
        return redaction.titles(self.office.of(book.Forms).by_code.get(code))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A field of a fact in words; `private` where it stands in the journal as a hash only."""

    title: str
    text: str
    private: bool
    technical: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A fact as a page tells it; `number` is its place in the journal, 0 while it has none."""

    number: int
    recorded: datetime
    effective: datetime
    kind: str
    what: str
    subject: str
    about: str
    who: str
    account: str
    door: str
    lines: Sequence[Line]

    @property
    def late(self) -> bool:
        """It was entered well after it was (补录, 电话同意)."""
        return self.kind in _LATE and self.recorded - self.effective > timedelta(minutes=1)


def told(one: Proven, words: Words) -> Told:
    """Raises ValueError, KeyError, TypeError, OverflowError for what only looks like a fact."""
    fact = leaf.read(one.leaf)
    return Told(
        number=one.index + 1, recorded=from_ms(fact.recorded_ms), effective=from_ms(fact.effective_ms),
        kind=fact.kind, what=records.heading(fact.kind, fact.body), subject=fact.subject,
        about=words.about(fact), who=words.name(fact.actor), account=fact.account,
        door=records.door(fact.door), lines=lines(one, words, brief=True),
    )  # fmt: skip


def leaf_of(row: Row) -> str:
    """The leaf of a row of the journal, for a page: one that somebody wrote into until it is no record any more shows
    as that, and takes no page along."""
    text = leaf.of_row({**row} | {name: 0 for name in _TIMES if not _is_time(row[name])}).decode()
    try:
        leaf.read(text)
    except ValueError:
        return leaf_of({**row} | {"body": canonical({"text": records.UNREADABLE})})
    return text


def _is_time(ms: int) -> bool:
    try:
        return bool(from_ms(ms))
    except (OverflowError, TypeError):
        return False


async def of(tx: Transaction, office: Office, facts: Iterable[Proven]) -> Words:
    """The words for these facts."""
    ids: set[str] = set()
    for one in facts:
        fact = leaf.read(one.leaf)
        ids |= {fact.subject, fact.actor, *_texts(dict(fact.body)), fact.subject.partition(":")[2]}
        for name, given in one.personal.items():
            ids.update(_texts(plain(given)) if name != "opinion" else ())
    asked = sorted(one for one in ids if 0 < len(one) <= 32)
    names, forms = await known(tx, asked)
    return Words(office=office, names=names, forms=forms)


def lines(one: Proven, words: Words, *, brief: bool = False) -> list[Line]:
    """What a fact says, field by field; empty fields are left out, and what a reader is told beside them anyway.

    `brief`: only what has words.
    """
    fact = leaf.read(one.leaf)
    titles = words.titles(fact)
    found = []
    for name, content in fact.body.items():
        private = isinstance(content, Mapping) and content.keys() == {"sha256"}
        given = one.personal.get(name) if private else None
        if (not private and content in ("", None, [], {}, 0, -1, False)) or content in (fact.subject, fact.actor):
            continue
        shown = HIDDEN if private and given is None else None
        if shown is None:
            value = plain(given) if given is not None else content
            if value in ("", None, [], {}):
                continue
            names = words.names if name != "form" else words.form_titles()
            shown = records.value(name, value, names=names, titles=titles, brief=brief)
        title = records.field(fact.kind, name)
        found.append(Line(title=title, text=shown, private=private, technical=name in _TECHNICAL))
    return found


def title(one: Proven, name: str) -> str:
    """Of a field of a fact."""
    return records.field(leaf.read(one.leaf).kind, name)


def plain(given: Mapping[str, Any]) -> Any:
    """The value that a bundle gives, with a sign for the keys that it leaves out."""
    if "keys" not in given:
        try:
            return json.loads(given["value"])
        except ValueError:
            return records.UNREADABLE
    return {key: json.loads(one["value"]) if "value" in one else HIDDEN for key, one in given["keys"].items()}


async def known(tx: Transaction, ids: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The names of people and items among these ids, and the forms of the items."""
    names: dict[str, str] = {}
    forms: dict[str, str] = {}
    for at in range(0, len(ids), _AT_ONCE):
        some = ids[at : at + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        people = await tx.fetch(f"SELECT id, name FROM person WHERE id IN ({marks})", *some)
        items = await tx.fetch(f"SELECT id, number, form FROM item WHERE number > 0 AND id IN ({marks})", *some)
        names |= {row["id"]: row["name"] for row in people} | {row["id"]: f"{row['number']}号" for row in items}
        forms |= {row["id"]: row["form"] for row in items}
    return names, forms


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield value.removeprefix("person:")
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
