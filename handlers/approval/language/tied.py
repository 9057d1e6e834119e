"""Which fields of a form something else hangs on: nobody changes them while the item is on its way.

A leave's days are held in the ledger when it is submitted, and who would be invited is counted. Who wants other ones
returns the item, or withdraws it; then the rest follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from handlers.approval.language.form_model import Form

_LEAVE: Final = frozenset({"kind", "time", "from_time", "to_time", "days"})
_RETURN: Final = frozenset({"leave", "last_day", "last_half", "outcome"})
_CHANGE: Final = frozenset({"leave", "time"})
_CALL: Final = frozenset({
    "topic", "time", "room", "to", "invited", "chair", "leaders", "agenda", "materials", "reply_date", "reply_time",
    "materials_from", "materials_by", "car", "car_to", "car_people", "people",
})  # fmt: skip
_NOTHING: Final = frozenset[str]()
READ: Final[Mapping[str, frozenset[str]]] = {
    # what was reckoned or held when the item left the draft must stay what was asked for
    **dict.fromkeys(("leave.count", "leave.hold", "leave.consume", "leave.release", "leave.restore"), _LEAVE),
    **dict.fromkeys(("leave.changing", "leave.reserve", "leave.change", "leave.unreserve"), _CHANGE),
    **dict.fromkeys(("leave.returning", "leave.return"), _RETURN),
    "leave.earning": frozenset({"time"}),
    "meeting.count": frozenset({"time", "to", "invited"}),
    # where nobody has to decide, the meeting is called on submission: then all of it is out
    "meeting.call": _CALL,
    **dict.fromkeys(("meeting.moving", "meeting.move"), frozenset({"number", "time", "room"})),
    "notice.count": frozenset({"to", "people"}),
    "notice.find": frozenset({"number"}),
    "minutes.find": frozenset({"number"}),
    "duty.enter": frozenset({"matter", "doer", "by"}),
    # these look anew at every step that calls them, and once more when the item is approved
    **dict.fromkeys(("room.hold", "room.confirm", "room.release", "calendar.enter", "calendar.remove"), _NOTHING),
    **dict.fromkeys(("vehicle.dispatch", "vehicle.return", "vehicle.release"), _NOTHING),
    # called when the item is approved or taken back, and then for the first time
    **dict.fromkeys(("leave.consented", "leave.ask_proof", "leave.ask_return", "leave.watch", "leave.earn"), _NOTHING),
    **dict.fromkeys(("trip.ask_report", "meeting.off", "minutes.issue", "duty.leave"), _NOTHING),
    **dict.fromkeys(("notice.publish", "notice.recall", "notice.correct"), _NOTHING),
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
