"""A leave's stored fields beyond dates and days, as the cards see them. Pure.

    late_on                "2026-05-11": asked for after it had begun; set by us, never by what somebody sends
    from_time, to_time     "14:00": a leave by the clock
    handover               a person id, with handover_name
    consent_by, consent_on a person id and a day, with consent_name, consent_how; consent_confirmed once they decided
    meanwhile              [{name, start, start_half, end, end_half}]
    shortages              [{group, day, present, needed}]
    stands_in_for          [name]
    proof                  {kind, due?, seen?}
    returned               {outcome, on, minutes, was, number}
    replaces, replaced     the id of the request whose place this one takes, and that request as `changed`
    changed                {start, start_half, end, end_half, minutes, number}: as it was before
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from cards.leave_more import (
    AwayView,
    ChangedView,
    ConsentView,
    MoreView,
    ProofView,
    ReturnedView,
    ShortageView,
)

Fields = Mapping[str, Any]

_ASKED = (
    "late_on", "from_time", "handover_name", "stands_in_for", "consent_by", "meanwhile", "shortages", "proof_wanted",
    "returned", "changed", "replaced",
)  # fmt: skip
_NOTHING = MoreView()


def view(fields: Fields) -> MoreView:
    """Most leaves say nothing of all this, and a tap shows them several times."""
    if not any(map(fields.get, _ASKED)):
        return _NOTHING
    clock = (fields["from_time"], fields["to_time"]) if fields.get("from_time") else None
    return MoreView(
        late_on=_day(fields.get("late_on")),
        clock=clock,
        handover=fields.get("handover_name", ""),
        stands_in_for=tuple(fields.get("stands_in_for", ())),
        consent=_consent(fields),
        meanwhile=tuple(_away(one) for one in fields.get("meanwhile", ())),
        shortages=tuple(_shortage(one) for one in fields.get("shortages", ())),
        proof=_proof(fields.get("proof_wanted")),
        returned=_returned(fields.get("returned")),
        changed=_changed(fields.get("changed")),
        replaces=_changed(fields.get("replaced")),
    )


def _consent(fields: Fields) -> ConsentView | None:
    if not fields.get("consent_by") or not fields.get("consent_on") or not fields.get("late_on"):
        return None
    return ConsentView(
        name=fields.get("consent_name", ""),
        on=date.fromisoformat(fields["consent_on"]),
        how=fields.get("consent_how", ""),
        confirmed=bool(fields.get("consent_confirmed")),
    )


def _away(one: Fields) -> AwayView:
    return _absence(one["name"], one["start"], one["start_half"], one["end"], one["end_half"])


@lru_cache(maxsize=4096)
def _absence(name: str, start: str, start_half: str, end: str, end_half: str) -> AwayView:
    """A large team's summer: the same fifty are named on the cards of all the others."""
    return AwayView(
        name=name,
        start=date.fromisoformat(start),
        start_half=start_half,
        end=date.fromisoformat(end),
        end_half=end_half,
    )


def _shortage(one: Fields) -> ShortageView:
    day = date.fromisoformat(one["day"])
    return ShortageView(group=one["group"], day=day, present=one["present"], needed=one["needed"])


def _proof(one: Fields | None) -> ProofView | None:
    if not one:
        return None
    return ProofView(kind=one["kind"], due=_day(one.get("due")), seen=_day(one.get("seen")))


def _returned(one: Fields | None) -> ReturnedView | None:
    if not one:
        return None
    on = date.fromisoformat(one["on"])
    return ReturnedView(outcome=one["outcome"], on=on, minutes=one["minutes"], was=one["was"])


def _changed(one: Fields | None) -> ChangedView | None:
    if not one:
        return None
    ends = (date.fromisoformat(one["start"]), one["start_half"], date.fromisoformat(one["end"]), one["end_half"])
    return ChangedView(span=ends, minutes=one["minutes"], number=one["number"])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
