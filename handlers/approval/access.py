"""Who may read an item. Who may act on it is the engine's `authorise`; reading is wider, and nothing else widens it."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.approval import engine, store
from handlers.mailroom import copies
from handlers.transaction import Transaction

LOG_READERS = frozenset({"inspector", "admin"})
"""Who may know who has looked at an item: those who answer for the records, and those who check on them."""
READERS = frozenset({"personnel"}) | LOG_READERS


async def may_read(
    tx: Transaction, item: store.Item, *, person: str, roles: frozenset[str], principals: Sequence[str] = ()
) -> bool:
    """The applicant, everybody with a part in the route or a copy on their phone, and the roles that keep records.

    Who stands in for an approver today (`principals`) reads what they would.

    A draft is nobody's but its applicant's.
    """
    if person == item.request.applicant:
        return True
    if item.request.state in (engine.State.DRAFT, engine.State.DISCARDED):
        return False
    if person in engine.parties(item.request) or roles & READERS:
        return True
    if set(principals) & {one for step in item.request.steps for one in step.approvers}:
        return True
    return any(copy.person == person for copy in await copies.of_item(tx, item.id))
