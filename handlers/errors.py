"""The office says no, sorted by what is wrong; the person must act. The words are Chinese and live in `cards/`.

Exception
  RuleError            the person: said on the card, recorded, committed
    NotYourTurn        somebody else decides this step
    AlreadyDecided     the step or item is closed
    StaleCard          the card showed an older version; show the present state
    NotFound           no such item, person, lot
    NotAllowed         `authorise` said no
    OwnRequest         nobody decides an own request
    ReasonMissing      this act needs words
    NoApprover         the route leads nowhere
    NotEnoughLeave     the ledger has less than was asked for
    Overlap            two absences at one time
    BadRequest         everything else a person can get wrong, told apart by `code`
  DatabaseBusy         nobody yet, nothing was stored: the platform must come again
"""

from __future__ import annotations

from typing import ClassVar


class RuleError(Exception):
    """A rule of the office forbids the act. `circumstances` are plain values that the words may need.

    By custom `item` is the item's id, `by` a person id, `minutes` an amount of leave.
    """

    CODE: ClassVar[str] = "rule"

    def __init__(self, *, code: str = "", **circumstances: object) -> None:
        self.code = code or self.CODE
        self.circumstances = circumstances
        super().__init__(self.code, circumstances)


class NotYourTurn(RuleError):
    CODE = "not_your_turn"


class AlreadyDecided(RuleError):
    CODE = "already_decided"


class StaleCard(RuleError):
    CODE = "stale_card"


class NotFound(RuleError):
    CODE = "not_found"


class NotAllowed(RuleError):
    CODE = "not_allowed"


class OwnRequest(RuleError):
    CODE = "own_request"


class ReasonMissing(RuleError):
    CODE = "reason_missing"


class NoApprover(RuleError):
    CODE = "no_approver"


class NotEnoughLeave(RuleError):
    CODE = "not_enough_leave"


class Overlap(RuleError):
    CODE = "overlap"


class Clash(RuleError):
    """`said` is the whole sentence: who has it, when, and what is free instead."""

    CODE = "clash"


class BadRequest(RuleError):
    """`code` says what is wrong, e.g. `end_before_begin`."""

    def __init__(self, code: str, **circumstances: object) -> None:
        super().__init__(code=code, **circumstances)


class DatabaseBusy(Exception):
    """Nothing durable happened: the queue is full, or the database is locked, full or gone. `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
