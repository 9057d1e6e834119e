"""Messages that are no interactive card: the public account's kinds and the robots' (`yunzhijia.md` 2, 3.1). Pure.

The ladder below the card: a text whose one link opens the page (signed in by the platform's ticket), then a plain text;
both say which words to answer with. Nothing sent can be changed or taken back.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from cards import phrases, text
from cards.model import Attachment, Card, Link, Markdown, Message, News, Schedule, Text, Urgent
from connectors.errors import Unsupported
from connectors.yunzhijia.outbound import clip, compact
from connectors.yunzhijia.settings import Settings

TEXT, TEXT_LINK, NEWS, CARD = 2, 5, 6, 25
MOST_CHARS = 3000  # what a robot is known to take (3.1); the public account names no figure
MOST_BYTES = 1_500_000
_MARKS = re.compile(r"^\s{0,3}(?:#{1,6}|>)\s+", re.MULTILINE)
_LINKS = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")

Sent = tuple[int, dict[str, Any]]
"""(type, msg) of a public-account message."""


def for_person(message: Message, *, settings: Settings, now: datetime, repeated: bool = False) -> Sent:
    """A message of the public account. Raises `Unsupported`."""
    mark = phrases.REPEAT if repeated else ""
    match message:
        case Card():
            return _card(message, mark, settings)
        case Text(content) | Urgent(content):
            return TEXT, {"text": _filled(content + mark)}
        case Markdown():
            return TEXT, {"text": _filled(plain(message) + mark)}
        case Link(title, description, url):
            words = "\n".join(part for part in (title, description, mark) if part)
            return _linked(words, url, settings)
        case News():
            return _news(message, mark, settings, now)
        case Attachment():
            raise Unsupported("a public account sends no files")
        case Schedule():
            raise Unsupported("a calendar's entry is no message")


def _card(card: Card, mark: str, settings: Settings) -> Sent:
    words = text.plain(card)
    if card.url:
        words = "\n".join(line for line in words.splitlines() if card.url not in line)
        return _linked(words + mark, card.url, settings)
    if card.choices and not card.state:
        raise Unsupported("choices without an interactive card or a page")
    return TEXT, {"text": _filled(words + mark)}


def _linked(words: str, url: str, settings: Settings) -> Sent:
    """`appid` makes the client append the ticket that signs the reader in; `todo` must be there and 0 (2)."""
    return TEXT_LINK, {"text": _filled(words), "url": need_url(url), "appid": settings.app_id, "todo": 0}


def _news(news: News, mark: str, settings: Settings, now: datetime) -> Sent:
    """One article as the news kind; several as a text, since theirs needs the pictures' bytes."""
    if not news.articles:
        raise Unsupported("news without an article")
    if len(news.articles) > 1:
        lines = [f"{one.title}\n{one.description}\n{one.url}" for one in news.articles]
        return TEXT, {"text": _filled("\n\n".join(lines) + mark)}
    one = news.articles[0]
    item = {"date": f"{now:%Y-%m-%d}", "title": clip(one.title + mark, 100), "text": clip(one.description, 500),
            "url": need_url(one.url), "appid": settings.app_id}  # fmt: skip
    return NEWS, {"model": 1, "todo": 0, "list": [item]}


def plain(message: Markdown) -> str:
    """The words without their marks, under their title: the public account shows text as it is."""
    words = _LINKS.sub(r"\1 \2", _MARKS.sub("", message.content)).replace("**", "")
    return words if words.startswith(message.title) else f"{message.title}\n{words}"


def need_url(url: str) -> str:
    """Raises `Unsupported` for what is no whole address; only parameter values may be percent-encoded (2)."""
    if not url.startswith(("https://", "http://")):
        raise Unsupported("needs an address with scheme")
    return url


def need_size(body: object) -> None:
    """Raises `Unsupported` above 1.5 MB, which the platform answers with 5002."""
    if len(compact(body).encode()) > MOST_BYTES:
        raise Unsupported("larger than 1.5 MB")


def _filled(words: str) -> str:
    words = clip(words, MOST_CHARS)
    if not words.strip():
        raise Unsupported("an empty text")
    return words


def for_robot(message: Message, *, settings: Settings, repeated: bool = False) -> dict[str, Any]:
    """The body for a group robot. A plain text has no type at all: 2 means text to some and card to others (3.1)."""
    mark = phrases.REPEAT if repeated else ""
    match message:
        case Text(content, mentions):
            return _mentioning(content + mark, mentions)
        case Card():
            return _group_card(message, mark, settings)
        case Link(title, description, url):
            return _app_message(title, description + mark, url, settings)
        case News(articles) if articles:
            words = "\n\n".join(f"{one.title}\n{one.description}\n{one.url}" for one in articles)
            return {"content": _filled(words + mark)}
        case Attachment():
            raise Unsupported("a group robot sends no files")
        case Urgent(content):
            return {"content": _filled(content + mark)}
        case Markdown():
            return {"content": _filled(plain(message) + mark)}
    raise Unsupported("news without an article")


def _group_card(card: Card, mark: str, settings: Settings) -> dict[str, Any]:
    """A group robot hears nothing: of a card's buttons only pages remain."""
    if card.buttons and not card.state and not card.url and not any(button.url for button in card.buttons):
        raise Unsupported("buttons on a one-way robot")
    words = text.plain(card)
    if not card.url:
        return {"content": _filled(words + mark)}
    words = "\n".join(line for line in words.splitlines() if card.url not in line and line != card.replies)
    return _app_message(card.title, words + mark, card.url, settings)


def _app_message(title: str, words: str, url: str, settings: Settings) -> dict[str, Any]:
    param = {"appName": phrases.OPEN, "title": clip(title, 100), "content": _filled(words),
             "lightAppId": settings.app_id, "webpageUrl": need_url(url), "customStyle": 0}  # fmt: skip
    return {"content": clip(title, 100), "msgType": 1, "param": param}


def _mentioning(content: str, mentions: tuple[str, ...]) -> dict[str, Any]:
    people = [one for one in mentions if one != "@all"][:100]
    body: dict[str, Any] = {"content": _filled(content + (" @ALL" if "@all" in mentions else ""))}
    if people:
        body["notifyParams"] = [{"type": "openIds", "values": people}]
    return body
