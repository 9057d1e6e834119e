"""The gate at both doors: what comes in loses its content before it is kept, what goes out becomes a link. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from cards import actions, calendar_sync
from cards import secrecy as words
from cards.model import Card, Message, Schedule
from connectors.events import ButtonPressed, ContentWithheld, Event, LinkReceived, MediaReceived, TextReceived
from handlers.mailroom import gate

_DIGEST = re.compile(r"[0-9a-f]{24,}")


def incoming(event: Event, *, phrases: tuple[str, ...]) -> Event:
    """The event, or `ContentWithheld` in its place: without its words, its platform's raw form, or a hash of either."""
    for where, text in _said(event):
        rule = gate.found_in_name(text, phrases) if where == "file" else gate.found(text, phrases)
        if rule:
            return _withheld(event, rule, where)
    return event


def _said(event: Event) -> Iterator[tuple[str, str]]:
    match event:
        case TextReceived():
            yield "text", event.text
        case MediaReceived():
            yield "file", event.name
            yield "text", event.text
        case LinkReceived():
            yield from (("text", one) for one in (event.title, event.description))
        case ButtonPressed():
            yield from (("input", one) for one in gate.texts(event.inputs))


def _withheld(event: Event, rule: str, where: str) -> ContentWithheld:
    assert isinstance(event, TextReceived | MediaReceived | LinkReceived | ButtonPressed)
    return ContentWithheld(
        account=event.account,
        key=_key(event),
        at=event.at,
        sender=event.sender,
        rule=rule,
        where=where,
        item=_item(event),
        chat=getattr(event, "chat", None),
    )


def _key(event: TextReceived | MediaReceived | LinkReceived | ButtonPressed) -> str:
    """The platform's own number of the message; where the key is a digest of the content, who and when instead."""
    if _DIGEST.search(event.key) is None:
        return event.key
    return f"withheld:{event.sender.id}:{event.at.timestamp():.3f}"


def _item(event: Event) -> str:
    if not isinstance(event, ButtonPressed):
        return ""
    try:
        return actions.peek(event.payload).item
    except actions.BadAction:
        return ""


def outgoing(message: Message, *, phrases: tuple[str, ...], page: str) -> Message:
    """The message, or in its place a card that says where it can be read: on our own pages, after signing in."""
    if not gate.first(gate.texts(message), phrases):
        return message
    if isinstance(message, Schedule):  # the time stays true, the words do not leave
        return replace(message, title=calendar_sync.WITHHELD, place="", note="")
    if isinstance(message, Card):
        return replace(words.kept_here(message.url or page), fleeting=message.fleeting)
    return words.kept_here(page)
