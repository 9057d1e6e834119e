"""The ladder that a message goes down (mission.md P6): what it looks like on each rung, and where it begins. Pure.

    CARD   as it was built; where it has buttons, they are the platform's own
    LINK   one link to our page, with the words to answer by
    TEXT   everything in words: the page's address and the words to answer by

It begins as high as the account's capabilities and the card's state let it, and goes lower when a connector says that
it cannot (`Unsupported`), or, once, when the platform refuses for good. A rung that would say nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from cards import text
from cards.model import Card, Link, Markdown, Message, News, Text, Urgent
from connectors.contract import Capabilities
from connectors.refs import ChatRef, Recipient

_WORDED = (Card, Text, Markdown, Link, News, Urgent)


class Rung(IntEnum):
    CARD = 0
    LINK = 1
    TEXT = 2


def rungs(
    message: Message, to: Recipient, capabilities: Capabilities, *, start: int = Rung.CARD
) -> Iterator[tuple[Rung, Message]]:
    """What may be sent, the best first; nothing above `start`. What has no words (a file) has one rung only."""
    if not isinstance(message, _WORDED):
        yield Rung.CARD, message
        return
    if start <= Rung.CARD and _as_it_is(message, to, capabilities):
        yield Rung.CARD, message
    if start <= Rung.LINK and isinstance(message, Card) and message.url:
        yield Rung.LINK, text.link(message)
    if not isinstance(message, Text) or start > Rung.CARD:
        yield Rung.TEXT, text.words(message)


def below(message: Message, to: Recipient, capabilities: Capabilities, rung: Rung) -> Rung | None:
    """The next rung down, or None at the foot."""
    if isinstance(message, Text):
        return None
    return next((lower for lower, _ in rungs(message, to, capabilities, start=rung + 1) if lower > rung), None)


def _as_it_is(message: Message, to: Recipient, capabilities: Capabilities) -> bool:
    """Buttons that nobody would hear are not shown: a card to be acted on needs somebody who brings the taps back."""
    if not isinstance(message, Card) or message.state or not _asks(message):
        return True
    if capabilities.interactive_cards and (capabilities.cards_in_groups or not isinstance(to, ChatRef)):
        return True
    return capabilities.action_cards


def _asks(card: Card) -> bool:
    return bool(card.choices or card.inputs) or any(button.payload for button in card.buttons)
