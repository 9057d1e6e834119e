"""Why a backup could not be made, read or restored; worded in `cards/operation.py`."""

from __future__ import annotations

import errno

from cards import causes
from cards import operation as words

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Trouble(Exception):
    """`code` and `about` as `cards.operation.trouble` wants them. What was there before is untouched."""

    def __init__(self, code: str, **about: object) -> None:
        super().__init__(code, about)
        self.code = code
        self.about = about

    @property
    def words(self) -> str:
        return words.trouble(self.code, self.about)


def of_disk(error: OSError) -> Trouble:
    """A disk that is full, or one that is broken, missing or not ours."""
    if error.errno in _FULL:
        return Trouble("disk_full")
    place = f"{error.filename}：" if error.filename else ""
    return Trouble("disk", why=f"{place}{causes.why(error)}")
