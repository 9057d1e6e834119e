"""Which fields of a form something else hangs on: nobody changes them while the item is on its way.

A leave's days are held in the ledger when it is submitted. Who wants other ones returns the item, or withdraws it; then
the ledger follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from handlers.approval.form_model import Form

_LEAVE: Final = frozenset({"kind", "time", "days"})
READ: Final[Mapping[str, frozenset[str]]] = {
    "leave.count": _LEAVE,
    "leave.hold": _LEAVE,
    "leave.consume": _LEAVE,
    "leave.release": _LEAVE,
    "leave.restore": _LEAVE,
    # these look anew at every step that calls them, and once more when the item is approved
    **dict.fromkeys(("room.hold", "room.confirm", "room.release", "calendar.enter", "calendar.remove"), frozenset()),
    **dict.fromkeys(("vehicle.dispatch", "vehicle.return", "vehicle.release"), frozenset()),
}
"""What each of `effects.EFFECTS` looks at; one that is not named here may look at everything."""


def by(form: Form) -> dict[str, str]:
    """Code of a field -> the effect of this form that hangs on it."""
    effects = form.effects
    moves = (effects.draft, effects.submit, effects.approve, effects.reject, effects.returned, effects.withdraw)
    names = [name for one in (*moves, effects.cancel, *effects.steps.values()) for name in one]
    found: dict[str, str] = {}
    for name in names:
        for code in READ.get(name, form.fields):
            found.setdefault(code, name)
    return found
