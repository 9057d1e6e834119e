"""Which tables are derived from the journal, by what rules; and which are not, for which reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from handlers.approval import rebuilding as approval
from handlers.audit.projecting import Rule, Table
from handlers.calendar import rebuilding as calendar
from handlers.leave import rebuilding as leave
from handlers.notice import rebuilding as notice
from handlers.people import rebuilding as people

TABLES: Final[tuple[Table, ...]] = (
    *people.TABLES, *approval.TABLES, *leave.TABLES, *calendar.TABLES, *notice.TABLES,
)  # fmt: skip
RULES: Final[dict[str, Rule]] = {
    **people.RULES, **approval.RULES, **leave.RULES, **calendar.RULES, **notice.RULES,
}  # fmt: skip

JOURNAL: Final = ("journal", "journal_personal", "seal_order", "seal_node", "seal_head")
"""The journal itself: taken over as it is."""

NOT_DERIVED: Final[dict[str, str]] = {
    "form_version": "texts whose key is their own hash: checked by that, taken over as they are",
    "counter": "the next number of items and bookings follows from their rows; the rest are quotas and bookmarks",
    "inbox": "queue: what came in and is being worked on",
    "outbox": "queue: letters on their way",
    "copy": "queue: which card is on which phone",
    "tap_code": "queue: one-time rights to change a card",
    "due": "queue: what is to be done when",
    "lease": "queue: who may do a thing that only one may do",
    "prompt": "a question that somebody has not answered yet",
    "page_draft": "what somebody has typed and not submitted: nobody else's business",
    "opinion": "somebody's own list of words: in no journal",
    "approval_batch": "a list that one tap agrees to: every decision has its own fact",
    "link_code": "secret: digits that link an account, minutes long",
    "link_guess": "secret: counts wrong digits",
}


def described() -> Iterator[str]:
    """Lines for the README."""
    yield from ("| table | out of the journal | not compared |", "| --- | --- | --- |")
    for one in sorted(TABLES, key=lambda table: table.name):
        part = f"rows with `{one.rows}`" if one.rows else "all rows, and there may be more" if one.more else "all rows"
        beside = "; ".join(f"`{name}`: {why}" for name, why in one.beside.items() if name != "id")
        yield f"| `{one.name}` | {part} | {beside} |"
    for name, why in sorted(NOT_DERIVED.items()):
        yield f"| `{name}` | no: {why} | |"
