"""What “撤回 12” means for an item: withdrawn while it is under way, cancelled once it is approved."""

from __future__ import annotations

from handlers.approval import store
from handlers.approval.engine import Act, State, Verb
from handlers.approval.leaves import leave_form


def of(item: store.Item) -> Act:
    """A leave that was approved is given back by its own button and words, which ask which days."""
    approved = item.request.state is State.APPROVED and item.form != leave_form.CODE
    return Act(verb=Verb.CANCEL if approved else Verb.WITHDRAW)
