"""The kind `ledger` of `leave-cases/1`: a history of events, replayed through the very functions the service calls.

Days of recording become noon of that day in the office's zone; `known_on` is the end of its day. One day is 480
minutes, whatever the case counts in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from handlers import errors
from handlers.days import workdays
from handlers.days.slots import Half, Slot
from handlers.leave.book import ledger, submission
from handlers.leave.book.allocation import UseOrder
from handlers.leave.book.entries import Cause, Entry, Lot, Stamp
from handlers.leave.book.submission import Terms
from handlers.leave.casebook.case_reading import Case, Data, asked_range, day, parts
from handlers.leave.law import policy
from handlers.leave.law.counting import in_days, in_minutes
from handlers.leave.law.policy import UnknownChoice, choice, fraction

KIND = "leave"
ANSWERED = frozenset({"request", "approve", "reject", "withdraw", "cancel", "return_early"})
LOST = "lost"


@dataclass(slots=True)
class History:
    """What has happened so far in a case. `most` is the policy's limit of a carry-over in minutes."""

    terms: Terms
    most: int | None = None
    entries: list[Entry] = field(default_factory=list)
    lots: dict[str, Lot] = field(default_factory=dict)
    results: list[Data] = field(default_factory=list)

    def take(self, event: Data) -> None:
        act = str(event["type"])
        if act not in ACTS:
            raise UnknownChoice("type", act, ACTS)
        try:
            new = ACTS[act](self, event, _stamp(event))
        except errors.RuleError as refused:
            if act not in ANSWERED:
                raise
            self.results.append({"outcome": "refused", "code": refused.code})
            return
        self.entries += new
        if act in ANSWERED:
            self.results.append({"outcome": "accepted", "days": in_days(_moved(new))})

    def lot(self, event: Data, name: str, *, parent: str | None = None) -> Lot:
        """The lot that the event opens."""
        lot = Lot(KIND, name, workdays.as_day(event["valid_from"]), day(event, "valid_to"), parent)
        return self.lots.setdefault(name, lot)


def replay(case: Case) -> Data:
    restored = case.policy.get("restore_after_expiry", LOST)
    if restored != LOST:
        raise UnknownChoice("restore_after_expiry", restored, (LOST,))
    history = History(_terms(case), _minutes(case.policy, "carry_over_max"))
    for event in parts(case.given, "events"):
        history.take(event)
    asked = parts(case.expect, "balances")
    return {"results": history.results, "balances": [_balance(history.entries, one) for one in asked]}


def _terms(case: Case) -> Terms:
    return Terms(
        kind=KIND,
        rules=policy.rules_from(case.policy),
        calendar=case.calendar,
        order=choice(case.policy, "use_order", UseOrder.OLDEST_FIRST),
        sex=case.sex,
    )


def _stamp(event: Data) -> Stamp:
    recorded = workdays.as_day(event["recorded"])
    return Stamp(recorded=_at(recorded, time(12)), effective=day(event, "effective") or recorded)


def _at(when: date, clock: time) -> datetime:
    return datetime.combine(when, clock, tzinfo=workdays.SHANGHAI)


def _minutes(data: Data, key: str) -> int | None:
    return None if data.get(key) is None else in_minutes(fraction(data[key]))


def _days(event: Data) -> int:
    return in_minutes(fraction(event["days"]))


def _moved(entries: list[Entry]) -> int:
    return sum(entry.minutes for entry in entries)


def _balance(entries: list[Entry], asked: Data) -> Data:
    on = workdays.as_day(asked["as_of"])
    known = _at(day(asked, "known_on") or on, time.max)
    lot = None if asked.get("lot") is None else str(asked["lot"])
    found = ledger.balance(entries, on=on, known_at=known, lot=lot)
    amounts = {account: in_days(getattr(found, account)) for account in ("available", "held", "used", "expired")}
    return {**asked, **amounts}


# Acts


def _grant(history: History, event: Data, stamp: Stamp) -> list[Entry]:
    lot = history.lot(event, str(event["lot"]))
    return ledger.grant(history.entries, lot, _days(event), stamp=stamp)


def _adjust(history: History, event: Data, stamp: Stamp) -> list[Entry]:
    return ledger.adjust(history.entries, history.lots[str(event["lot"])], _days(event), stamp=stamp)


def _carry_over(history: History, event: Data, stamp: Stamp) -> list[Entry]:
    source = history.lots[str(event["lot"])]
    into = history.lot(event, str(event["to_lot"]), parent=source.name)
    return ledger.carry_over(history.entries, source, into, _days(event), stamp=stamp, most=history.most)


def _request(history: History, event: Data, stamp: Stamp) -> list[Entry]:
    ref, entries, terms = str(event["id"]), history.entries, history.terms
    if "amount" in event:
        minutes = in_minutes(fraction(event["amount"]))
        on = workdays.as_day(event["date"])
        return submission.submit_amount(entries, ref, on, minutes, terms=terms, stamp=stamp).entries
    return submission.submit(entries, ref, asked_range(event), terms=terms, stamp=stamp).entries


def _approve(history: History, event: Data, stamp: Stamp) -> list[Entry]:
    return ledger.consume(history.entries, str(event["id"]), stamp=stamp)


def _reject(history: History, event: Data, stamp: Stamp) -> list[Entry]:
    return ledger.release(history.entries, str(event["id"]), stamp=stamp, cause=Cause.REJECT)


def _withdraw(history: History, event: Data, stamp: Stamp) -> list[Entry]:
    return ledger.release(history.entries, str(event["id"]), stamp=stamp, cause=Cause.WITHDRAW)


def _cancel(history: History, event: Data, stamp: Stamp) -> list[Entry]:
    return ledger.restore(history.entries, str(event["id"]), stamp=stamp)


def _return_early(history: History, event: Data, stamp: Stamp) -> list[Entry]:
    back = Slot(workdays.as_day(event["back_on"]), choice(event, "back_half", Half.AM))
    unit = history.terms.rules.unit
    return ledger.restore(history.entries, str(event["id"]), stamp=stamp, back=back, unit=unit)


ACTS: Mapping[str, Callable[[History, Data, Stamp], list[Entry]]] = {
    "grant": _grant,
    "adjust": _adjust,
    "carry_over": _carry_over,
    "request": _request,
    "approve": _approve,
    "reject": _reject,
    "withdraw": _withdraw,
    "cancel": _cancel,
    "return_early": _return_early,
}
