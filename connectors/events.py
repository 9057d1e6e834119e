"""The normalised events: frozen records, named in the past tense, the only thing handlers know of a platform.

`key` is the content-aware dedupe key of the platform notes (unique within the account): two different slips of the same
second differ, a repeated delivery does not. `raw` keeps the platform's own (decrypted) words for the log and the next
developer; handlers do not look into it. `at` is the platform's time, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args

from pydantic import TypeAdapter

from connectors.refs import ChatRef, MessageRef, PersonRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What every event has."""

    account: str
    key: str
    at: datetime
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReceived(Base):
    """Somebody wrote to the bot; `chat` is set in a group (the @ of the bot already removed)."""

    sender: PersonRef
    text: str
    chat: ChatRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaReceived(Base):
    """A picture, voice, video or file; `media` is the platform's id or download code (WeCom: valid 3 days)."""

    sender: PersonRef
    kind: str  # image | voice | video | file
    media: str
    name: str = ""
    text: str = ""  # a recognised voice, or the words beside a picture
    chat: ChatRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationReceived(Base):
    """A place that somebody sent on purpose, or (`reported`) that the client reported when the chat was opened."""

    sender: PersonRef
    latitude: float
    longitude: float
    label: str = ""
    reported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReceived(Base):
    sender: PersonRef
    title: str
    url: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPressed(Base):
    """A tap on a card. `payload` is what `cards.actions` packed; `inputs` the choices and texts by key.

    `code` is a one-time right to update the card (WeCom response_code, 72 h), empty elsewhere.
    """

    sender: PersonRef
    message: MessageRef
    payload: str
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentWithheld(Base):
    """Somebody sent something with a secrecy marking: what was sent is gone, before anything of it was kept.

    `rule` is the gate's code for the marking, `where` text | file | input; `item` is what a tapped card was about.
    """

    sender: PersonRef
    rule: str
    where: str
    item: str = ""
    chat: ChatRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuPressed(Base):
    """A fixed menu entry: `entry` is the menu key of a click, or the address of a view (`key` stays the dedupe key)."""

    sender: PersonRef
    entry: str
    kind: str = "click"  # click | view | view_miniprogram | scan | photo | location
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOpened(Base):
    """Somebody opened the chat with the bot (WeCom enter_agent)."""

    sender: PersonRef


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibilityChanged(Base):
    """Somebody came into or left the app's visible range (WeCom subscribe / unsubscribe)."""

    sender: PersonRef
    visible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleChanged(Base):
    """Members joined, changed or left in the platform's directory. `renamed_to` when the platform id itself changed.

    `change` is joined | changed | left | activated. The fields say only that something changed: re-read the directory.
    """

    change: str
    people: tuple[PersonRef, ...]
    renamed_to: PersonRef | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentsChanged(Base):
    change: str  # created | changed | removed
    departments: tuple[str, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagChanged(Base):
    """A tag (WeCom) or role label (DingTalk) gained or lost members."""

    tag: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatChanged(Base):
    """A group chat: members_added | members_removed | titled | owner | disbanded."""

    chat: ChatRef
    change: str
    people: tuple[PersonRef, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRead(Base):
    """A robot message was read (`recalled` False) or recalled; `message` is the platform's query key."""

    reader: PersonRef | None
    message: str
    recalled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChanged(Base):
    """The platform's own: area approval | approval_task | calendar | schedule | meeting | room | todo | check_in."""

    area: str
    change: str
    object: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppNotice(Base):
    """The platform about our app itself: job finished, app about to be disabled, sharing changed."""

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(Base):
    """Verified, readable, and not in our tables: kept, counted, and nobody is stopped by it."""

    name: str
    sender: PersonRef | None = None


Event = (
    TextReceived
    | MediaReceived
    | LocationReceived
    | LinkReceived
    | ButtonPressed
    | ContentWithheld
    | MenuPressed
    | ChatOpened
    | VisibilityChanged
    | PeopleChanged
    | DepartmentsChanged
    | TagChanged
    | ChatChanged
    | MessageRead
    | ObjectChanged
    | AppNotice
    | Unknown
)

_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in get_args(Event)}


def dump(event: Event) -> tuple[str, str]:
    """(kind, JSON text) as the inbox stores it."""
    kind = type(event).__name__
    return kind, _ADAPTERS[kind].dump_json(event).decode()


def load(kind: str, text: str) -> Event:
    """The inverse of `dump`. Raises KeyError or pydantic's ValidationError for rows of another version."""
    event: Event = _ADAPTERS[kind].validate_json(text)
    return event
