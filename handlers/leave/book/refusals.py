"""The ledger says no: one class per reason, with the codes of the case format (`leave-cases/1`).

Codes and figures only; the words people read are found in cards/. A missing calendar is `workdays.CalendarMissing`.
"""

from __future__ import annotations

from handlers import errors


class InvalidRange(errors.RuleError):
    """The end lies before the start. Circumstances: first, last."""

    CODE = "invalid_range"


class Overlap(errors.Overlap):
    """A slot in common with a request that waits or is approved. Circumstances: first, last, with_ref."""


class ZeroDays(errors.RuleError):
    """Nothing to charge. Circumstances: first, last."""

    CODE = "zero_days"


class InsufficientBalance(errors.NotEnoughLeave):
    """The lots valid on the days do not hold enough. Circumstances: day (the first one), minutes (asked), short."""

    CODE = "insufficient_balance"


class WrongState(errors.RuleError):
    """The request is not where this act needs it. Circumstances: ref, state (None: never accepted)."""

    CODE = "wrong_state"
