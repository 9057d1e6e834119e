"""The workbench's lists, a page at a time, and searched: whatever their length, only what is shown is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from handlers.approval.language.form_model import Form
from handlers.transaction import Transaction, Value

Which = Literal["waiting", "decided", "mine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """`items` are ids, in order; `total` all that were found."""

    items: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """`source` and `condition` take the person's id as often as they have a place."""

    source: str
    condition: str
    order: str

    def values(self, person: str) -> list[Value]:
        return [person] * (self.source + self.condition).count("?")


_LISTS: Final[dict[Which, _List]] = {
    "waiting": _List(
        source="waiting w JOIN item i ON i.id = w.item", condition="w.person = ?", order="w.since_ms, w.id"
    ),
    "decided": _List(
        # Each item once, by the last act: back along the index of their decisions. What came later is looked for by
        # item: by person (hence `|| ''`) it would be looked for among all that they ever decided.
        source="decision d JOIN item i ON i.id = d.item",
        condition="d.person = ? AND i.applicant <> d.person AND NOT EXISTS (SELECT 1 FROM decision n"
        " WHERE n.item = d.item AND n.person || '' = d.person AND n.id > d.id)",
        order="d.id DESC",
    ),
    "mine": _List(
        source="item i",
        condition="i.applicant = ? AND i.state NOT IN ('draft', 'discarded')",
        order="i.created_ms DESC, i.id",
    ),
}
_MOST_WORDS: Final = 4


async def page(
    tx: Transaction, which: Which, person: str, *, query: str, forms: Sequence[Form], offset: int, limit: int
) -> Listed:
    """The items of a list from `offset` on that have every word of `query`.

    A word is a number, part of somebody's name or department or of the title of one of `forms`; or of what was filled
    in, but for forms with steps whose people see less than everything.
    """
    chosen = _LISTS[which]
    clause, values = _searched(query, forms, own=which == "mine")
    joined = f"{chosen.source} LEFT JOIN person p ON p.id = i.applicant" if clause else chosen.source
    where = f"FROM {joined} WHERE {chosen.condition}{clause}"
    given = [*chosen.values(person), *values]
    count = await tx.first(f"SELECT COUNT(*) AS n {where}", *given)
    rows = await tx.fetch(
        f"SELECT i.id AS id {where} ORDER BY {chosen.order} LIMIT ? OFFSET ?", *given, limit, offset
    )
    return Listed(items=tuple(row["id"] for row in rows), total=int(count["n"]) if count else 0)


def _searched(query: str, forms: Sequence[Form], *, own: bool) -> tuple[str, list[Value]]:
    clause, values = "", list[Value]()
    for word in query.split()[:_MOST_WORDS]:
        like = f"%{_plain(word)}%"
        named = [form.code for form in forms if word in form.title]
        whole = [form.code for form in forms if own or not any(step.reads for step in form.steps())]
        clause += (
            " AND (p.name LIKE ? ESCAPE '!' OR p.department LIKE ? ESCAPE '!' OR i.number = ?"
            f" OR i.form IN ({_places(named)}) OR (i.form IN ({_places(whole)}) AND i.fields_json LIKE ? ESCAPE '!'))"
        )
        values += [like, like, _number(word), *(named or [""]), *(whole or [""]), like]
    return clause, values


def _number(word: str) -> int:
    """-1 is nobody's number."""
    plain = word.removesuffix("号")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 16 else -1


def _places(values: Sequence[str]) -> str:
    return ", ".join("?" * max(1, len(values)))


def _plain(word: str) -> str:
    return "".join(f"!{one}" if one in "!%_" else one for one in word)
