"""What the engine and the cards need to know of a form: its name, its title and its lines, from an item's fields.

One form until forms are data; whoever adds that replaces `FACES` by what is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cards import leave as leave_cards
from cards.leave_days import SkipView
from cards.model import Field
from handlers.approval.leaves import leave_more

LEAVE = "leave"
_BALANCE = ("before", "after")


@dataclass(frozen=True, slots=True)
class Face:
    """How items of a form look on a card. `view` is a pure function of the stored fields, the words are of the view."""

    name: str
    titled: Callable[[Any], str]
    lined: Callable[[Any, date], tuple[Field, ...]]
    view: Callable[[Mapping[str, Any]], Any] = lambda fields: fields

    def title(self, fields: Mapping[str, Any]) -> str:
        return self.titled(self.view(fields))

    def words(self, fields: Mapping[str, Any], today: date) -> tuple[str, tuple[Field, ...]]:
        """The title and the lines."""
        view = self.view(fields)
        return self.titled(view), self.lined(view, today)


def leave_view(fields: Mapping[str, Any]) -> leave_cards.LeaveView:
    """The card's view of the stored fields of a leave."""
    return leave_cards.LeaveView(
        kind=fields["kind_name"],
        start=date.fromisoformat(fields["start"]),
        start_half=fields["start_half"],
        end=date.fromisoformat(fields["end"]),
        end_half=fields["end_half"],
        minutes=fields["minutes"],
        reason=fields.get("reason", ""),
        before=fields.get("before"),
        after=fields.get("after"),
        calendar_days=fields.get("calendar_days", False),
        doubts=tuple(fields.get("doubts", ())),
        skipped=tuple(_skipped(one) for one in fields.get("skipped", ())),
        makeup=tuple(date.fromisoformat(day) for day in fields.get("makeup", ())),
        more=leave_more.view(fields),
    )


def without_balance(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of a leave that takes nothing from it: what it would have become is not so."""
    return {name: value for name, value in fields.items() if name not in _BALANCE}


def _skipped(one: Mapping[str, str]) -> SkipView:
    days = {name: date.fromisoformat(one[name]) for name in ("first", "last")}
    return SkipView(**days, why=one["why"], half=one["half"])


FACES: Mapping[str, Face] = {
    LEAVE: Face(
        name=leave_cards.SOURCE,
        titled=leave_cards.title,
        lined=lambda view, today: leave_cards.lines(view, today=today),
        view=leave_view,
    ),
}
