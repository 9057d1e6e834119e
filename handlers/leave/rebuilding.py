"""The leave ledgers out of the journal (`handlers.audit.projecting`): every entry has its fact."""

from __future__ import annotations

from typing import Final

from handlers.audit.log import Recorded
from handlers.audit.projecting import Rows, Rules, Table, personal
from handlers.leave import facts, store

_OPEN: Final = ("number", "cause", "minutes", "ref")
_ROW: Final = tuple(store.TABLE_COLUMNS)

TABLES: Final = (
    Table(
        name="leave_entry",
        key=("person", "number"),
        columns=tuple(one for one in _ROW if one != "number"),
        beside={"id": "the row's own number"},
    ),
)


def _moved(rows: Rows, fact: Recorded) -> None:
    row = {store.COLUMN.get(name, name): value for name, value in personal(fact, "row", _ROW).items()}
    told = {name: fact.data[name] for name in _OPEN}
    rows.put("leave_entry", {"person": fact.subject, **row, **told})


RULES: Final[Rules] = {facts.LeaveMoved.KIND: _moved}
