"""What goes wrong at the edge to a platform, ordered by who must act.

    Exception
      Rejected                 the sender: forged, stale, unreadable delivery        -> 4xx, a counter, no retry
      PlatformError
        PlatformBusy           nobody yet: slow, down, 5xx                           -> the letter stays, growing pauses
          Throttled            nobody yet: our own or the platform's rate limit      -> the letter stays, not counted
          Unsure               nobody yet: the answer was lost, it may have happened -> the letter stays, marked
        PlatformRefused        the operator: token, permission, bad message          -> the letter stops, is shown
        CardSpent              the outbox: no update code is left                    -> a replacement card
      Unsupported              the renderer: this platform cannot say this           -> the next rung of the ladder
"""

from __future__ import annotations

from collections.abc import Mapping


class Rejected(Exception):
    """A delivery that is not (any more) a platform's. `reason` is for log and counter only, never for the sender."""

    def __init__(self, reason: str, *, status: int = 403) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class PlatformError(Exception):
    """A platform call that did not do what was asked; carries the circumstances, never a secret."""

    def __init__(self, words: str, *, call: str = "", code: str = "", status: int = 0) -> None:
        super().__init__(f"{call} {code} {words}".strip())
        self.words = words
        self.call = call
        self.code = code
        self.status = status


class PlatformBusy(PlatformError):
    """Try later. `retry_after` in seconds when the platform said so."""

    def __init__(
        self, words: str, *, call: str = "", code: str = "", status: int = 0, retry_after: float | None = None
    ) -> None:
        super().__init__(words, call=call, code=code, status=status)
        self.retry_after = retry_after


class Throttled(PlatformBusy):
    """A rate limit (ours, kept below the platform's, or the platform's own): nothing was sent."""


class Unsure(PlatformBusy):
    """The request left and no answer came: it may have been carried out.

    `handle` replaces the stored handle of the message so that the next attempt knows what was tried.
    """

    def __init__(self, words: str, *, call: str = "", handle: Mapping[str, object] | None = None) -> None:
        super().__init__(words, call=call)
        self.handle = handle


class PlatformRefused(PlatformError):
    """The platform understood and said no; repeating the same call is pointless until somebody changes something."""


class CardSpent(PlatformError):
    """The card on the phone can no longer be changed (WeCom: no unused response_code within 72 h is left)."""


class Unsupported(Exception):
    """This platform (or this account's configuration) has no way to express the message."""
