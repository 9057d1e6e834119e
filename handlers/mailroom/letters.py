"""Letters as records, and messages and recipients as the text that the tables hold; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from pydantic import TypeAdapter

from cards.model import Message, Schedule
from connectors.refs import ChatRef, PersonRef, Recipient

_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in get_args(Message)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message to one recipient. `key`, if it has one, makes it one letter however often it is posted.

    `copy` is the id of the card copy that it brings (see `copies.py`); `urgent` lets its lane go first.
    """

    to: Recipient
    message: Message
    key: str = ""
    copy: str = ""
    urgent: bool = False
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A letter in the hands of a worker.

    `update` says that it shows a new state on a sent card, whose `handle` is then set. `maybe`: an earlier attempt may
    have arrived. `answered`: where this account's callback answers carry the card, that answer shows it already.
    `codes` are (row, one-time code, time of the tap), not yet folded into the handle. `rung` is the highest of the
    ladder that is still tried; `moved` says that it was another account's before.
    """

    id: int
    to: Recipient
    message: Message
    ref: str
    copy: str
    update: bool
    maybe: bool
    answered: bool
    attempts: int
    created: datetime
    tried: datetime
    handle: Mapping[str, Any] | None
    codes: tuple[tuple[int, str, datetime], ...]
    owner: str
    fence: int
    rung: int = 0
    moved: bool = False


def dump(message: Message) -> tuple[str, str]:
    """(class name, JSON text), without what is as it is by default: a changed default changes letters that wait."""
    kind = type(message).__name__
    return kind, _ADAPTERS[kind].dump_json(message, exclude_defaults=True).decode()


def load(kind: str, text: str) -> Message:
    """The inverse of `dump`. Raises KeyError or pydantic's ValidationError for rows of another version."""
    message: Message = _ADAPTERS[kind].validate_json(text)
    return message


def address(to: Recipient) -> tuple[str, str]:
    """(kind, id) for the columns."""
    return ("chat" if isinstance(to, ChatRef) else "person"), to.id


def recipient(account: str, kind: str, id: str) -> Recipient:
    return ChatRef(account, id) if kind == "chat" else PersonRef(account, id)


def lane(to: Recipient, message: Message | None = None) -> str:
    """Letters of one lane go out one after the other, in the order in which they were posted.

    The platform's calendar is a lane of its own: while it is down, people are written to all the same.
    """
    kind = "chat" if isinstance(to, ChatRef) else "person"
    return f"{to.account}/{kind}/{to.id}{'/calendar' if isinstance(message, Schedule) else ''}"
