"""What can be said to a person or a chat, free of any platform: a card and the plain messages.

Texts are whole here; each platform's renderer cuts at its own limits (and says what it cannot express), because only it
knows whether a limit counts characters or bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Tone(StrEnum):
    """How a state should feel; never the only carrier of a meaning, colours are the client's."""

    NEUTRAL = "neutral"
    WAITING = "waiting"
    GOOD = "good"
    BAD = "bad"


class Style(StrEnum):
    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Field:
    """A line `name: value`. WeCom shows the first five characters of a name."""

    name: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """`payload` comes back as `ButtonPressed.payload`; with `url` the button opens a page instead."""

    text: str
    payload: str = ""
    style: Style = Style.PLAIN
    url: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A drop-down (or, `many`, check boxes) whose selection comes back in `ButtonPressed.inputs[key]`."""

    key: str
    title: str
    options: tuple[Option, ...]
    selected: tuple[str, ...] = ()
    many: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """A line of text; comes back in `ButtonPressed.inputs[key]`. Platforms without one leave it out: ask in chat."""

    key: str
    title: str
    placeholder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One slip on a phone. With `state` set the card is closed: it shows the state and has no buttons.

    `kind` names the builder (`approval.decide`), for tests and metrics. `big` is a number worth seeing first, with its
    caption. `note` is small print below. `url` opens the page of the item. `replies` is the sentence that names the
    words to answer with, for the rung of the ladder where there are no buttons. A `fleeting` state is shown in place or
    not at all: where the sent card cannot be changed any more, it is not worth a message of its own.
    """

    kind: str
    title: str
    subtitle: str = ""
    source: str = ""
    big: tuple[str, str] | None = None
    quote: str = ""
    fields: tuple[Field, ...] = ()
    note: str = ""
    choices: tuple[Choice, ...] = ()
    inputs: tuple[Input, ...] = ()
    buttons: tuple[Button, ...] = ()
    state: str = ""
    tone: Tone = Tone.NEUTRAL
    url: str = ""
    replies: str = ""
    fleeting: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    content: str
    mentions: tuple[str, ...] = ()  # platform ids to @ in a group; "@all" for everybody


@dataclass(frozen=True, slots=True)
class Markdown:
    title: str  # what a notification shows where the platform has such a line
    content: str


@dataclass(frozen=True, slots=True)
class Link:
    """A text card that opens one page (WeCom textcard, DingTalk link / single action card)."""

    title: str
    description: str
    url: str
    button: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    title: str
    description: str
    url: str
    picture: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """One to eight articles with pictures."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file, image, voice or video already uploaded: `media` is the platform's id."""

    kind: str  # file | image | voice | video
    media: str
    name: str = ""
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Urgent:
    """A reminder that may ring: `level` app | sms | phone (DingTalk DING); the nearest there is elsewhere."""

    content: str
    level: str = "app"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One entry of a person's calendar as their platform's own calendar is to show it: kept there, not said to anybody.

    `uid` stays for ever, `sequence` grows with changes; whole days run from midnight to midnight. `cancelled` takes
    it off.
    """

    uid: str
    sequence: int
    title: str
    begin: datetime
    end: datetime
    all_day: bool = False
    place: str = ""
    note: str = ""
    cancelled: bool = False


Message = Card | Text | Markdown | Link | News | Attachment | Urgent | Schedule
