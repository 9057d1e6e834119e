"""What a person would see on the phone, as one neutral view that the demo page draws: the platform's side of the glass.

A fake keeps its own protocol objects; this is only their picture, rebuilt whenever they change. JSON throughout
(`view(...)` in control.py), so that the page, a test and `curl` read the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MessageKind = Literal["text", "markdown", "link", "news", "file", "image", "voice", "video", "card", "urgent", "system"]



@dataclass(slots=True)
class Button:
    """`id` is what the fake's `tap` takes back."""

    id: str
    text: str
    style: str = "plain"  # plain | primary | danger
    url: str = ""
    dead: bool = False  # drawn grey: the card was updated to a closed state


@dataclass(slots=True)
class Choice:
    key: str
    title: str
    options: list[tuple[str, str]]
    selected: list[str] = field(default_factory=list)
    many: bool = False
    disabled: bool = False


@dataclass(slots=True)
class Field:
    name: str
    value: str
    url: str = ""


@dataclass(slots=True)
class Article:
    title: str
    description: str
    url: str
    picture: str = ""


@dataclass(slots=True)
class Message:
    """One bubble. `mine` is what the phone's owner wrote; otherwise it came from the bot (or `author` in a group).

    `state` is the closed card's text (WeCom replace_text, DingTalk status variable); `updates` counts changes.
    `source` names the platform object (`template_card/button_interaction`, `card_1_0`, `sampleMarkdown`).
    """

    id: str
    at: str  # ISO time
    kind: MessageKind
    mine: bool = False
    author: str = ""
    title: str = ""
    subtitle: str = ""
    text: str = ""
    source_line: str = ""
    big: tuple[str, str] | None = None
    quote: str = ""
    fields: list[Field] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    inputs: list[tuple[str, str]] = field(default_factory=list)  # (key, title)
    buttons: list[Button] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    file_name: str = ""
    file_id: str = ""
    url: str = ""
    state: str = ""
    tone: str = "neutral"
    note: str = ""
    updates: int = 0
    read: bool = False
    recalled: bool = False
    source: str = ""


@dataclass(slots=True)
class Chat:
    """One conversation on a phone: the bot's, or a group."""

    id: str
    title: str
    group: bool = False
    messages: list[Message] = field(default_factory=list)


@dataclass(slots=True)
class Phone:
    """One member's client on one platform; `id` is the platform's user id."""

    id: str
    name: str
    post: str = ""
    chats: dict[str, Chat] = field(default_factory=dict)
