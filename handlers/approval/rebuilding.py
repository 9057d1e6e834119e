"""An item from its facts alone: what the tables show must be what the journal says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from handlers.approval import engine, facts, store
from handlers.approval.engine import Decision, Request, Step, Verb
from handlers.audit.log import Recorded

_ROUTES = frozenset({facts.ItemOpened.KIND, facts.ItemReopened.KIND})


def rebuilt(recorded: Iterable[Recorded]) -> Request | None:
    """The request that these facts of one item lead to, as `engine.replay` gives it; None for an item never submitted.

    Raises KeyError where personal data that the route needs was erased.
    """
    rows = list(recorded)
    opened = next((row for row in rows if row.kind == facts.ItemOpened.KIND), None)
    if opened is None:
        return None
    draft = Request(id=opened.subject, applicant=opened.data["applicant"], unattended=opened.data.get("unattended", ""))
    return engine.replay(draft, _history(rows))


def _history(rows: Iterable[Recorded]) -> Iterator[Decision | tuple[Step, ...]]:
    for row in rows:
        if row.kind in _ROUTES and row.data["route"]:
            yield store.load_steps(json.dumps(row.data["route"]))
        elif row.kind == facts.StepDecided.KIND and row.data["verb"] != Verb.DISCARD:
            yield store.decision_of(row.data, at=row.effective)
