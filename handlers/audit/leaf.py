"""The bytes that a fact is in the tree: one JSON array on one line, the same on every machine and for ever. Pure.

    ["officebot-fact/1",17,1777251600000,1777251600000,"approval.step_decided",1,"i4f2","p-li","dd-main","card","t1",{...}]

In this order: the format; the number in the journal; recorded and effective time (milliseconds UTC); kind, version,
subject; actor, account, door, trace; the body as it stands in the journal, with a salted hash for every personal value.
UTF-8, no spaces; in texts only `"`, the backslash and control characters are escaped, as Python's `json` does with
`ensure_ascii=False`. README.md has an example with its hash.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any, Final

FORMAT: Final = "officebot-fact/1"
COLUMNS: Final = (
    "id", "recorded_ms", "effective_ms", "kind", "version", "subject", "actor", "account", "door", "trace", "body",
)  # fmt: skip
"""Of the journal, in the order in which `encode` takes them."""

_LENGTH: Final = len(COLUMNS) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A leaf read back; `number` is the one in the journal, times in milliseconds UTC."""

    number: int
    recorded_ms: int
    effective_ms: int
    kind: str
    version: int
    subject: str
    actor: str
    account: str
    door: str
    trace: str
    body: Mapping[str, Any]


def encode(
    id: int, recorded_ms: int, effective_ms: int, kind: str, version: int, subject: str, actor: str, account: str,
    door: str, trace: str, body: str,
) -> bytes:  # fmt: skip
    """`body` is its canonical text and goes in as it is. Written out by hand: a journal has millions."""
    quoted = encode_basestring
    return (
        f'["{FORMAT}",{id},{recorded_ms},{effective_ms},{quoted(kind)},{version},{quoted(subject)},{quoted(actor)},'
        f"{quoted(account)},{quoted(door)},{quoted(trace)},{body}]"
    ).encode()


def of_row(row: Mapping[str, Any]) -> bytes:
    """A row of the journal."""
    return encode(*(row[name] for name in COLUMNS))


def read(leaf: bytes | str) -> Leaf:
    """Raises ValueError for what is no leaf of this format."""
    values = json.loads(leaf)
    whole = isinstance(values, list) and len(values) == _LENGTH and values[0] == FORMAT
    if not whole or not isinstance(values[-1], dict):
        raise ValueError(f"not {FORMAT}")
    names = ("number", *COLUMNS[1:])
    return Leaf(**dict(zip(names, values[1:], strict=True)))
