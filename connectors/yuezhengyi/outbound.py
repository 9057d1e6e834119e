"""A neutral message as the rungs of a ladder, best first (yuezhengyi.md 6.3). Pure.

    template_card   flags true              decided in the chat, the card changes
    taskcard        flag true               two buttons, replaced by words after the tap
    textcard        unless known as absent  one tap opens the page; there the platform's login, and the decision
    text            always                  the same in words, with the address

The connector tries them in this order and steps down when the deployment does not know a kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cards import text
from cards.model import Button, Card, Link, Markdown, Message, News, Style, Text
from connectors.errors import Unsupported
from connectors.wecom import outbound as wecom
from connectors.wecom.limits import chars, label, need_key, need_url, octets
from connectors.yuezhengyi.settings import Flags

Body = dict[str, Any]

_TEXT = 2048  # bytes
_DESCRIPTION = 512  # characters
_TASK_BUTTONS = 2
_COLOURS = {Style.PRIMARY: "blue", Style.DANGER: "red"}


def rungs(message: Message, *, ref: str, flags: Flags, words: bool) -> Iterator[Body]:
    """`words` says whether an answer in words reaches us: only then a message asks for one.

    Raises `Unsupported` where no rung can carry it.
    """
    if isinstance(message, Card):
        yield from _card(message if words else replace(message, replies=""), ref, flags)
    elif isinstance(message, Markdown):
        if flags.markdown is not False:
            yield wecom.for_person(message, ref=ref)
        yield _text(message.content)
    elif isinstance(message, News):
        yield from _news(message, flags)
    elif isinstance(message, Link):
        yield from _link(message, flags)
    else:
        yield wecom.for_person(message, ref=ref)


def replace_name(card: Card) -> str:
    """The words in place of a task card's buttons: how it ended."""
    return label(card.state or card.title, 16)


def plain(words: str) -> Body:
    """Words, which every deployment takes."""
    return _text(words)


def probes(words: str, *, link: str, ref: str) -> Iterator[tuple[str, Body]]:
    """One message of each kind that a deployment may lack, by the name of its flag."""
    card = Card(kind="probe", title=words, url=link, buttons=(Button(words, "probe"),))
    yield "textcard", wecom.for_person(Link(words, words, link), ref=ref)
    yield "markdown", wecom.for_person(Markdown(words, words), ref=ref)
    yield "taskcard", {"msgtype": "taskcard", "taskcard": _taskcard(card, list(card.buttons), f"{ref}-task")}
    yield "template_card", wecom.for_person(card, ref=f"{ref}-template")


def _card(card: Card, ref: str, flags: Flags) -> Iterator[Body]:
    acts = [] if card.state else [button for button in card.buttons if button.payload]
    if acts and flags.callback and flags.template_card:
        yield from _if_possible(card, ref)
    if acts and flags.callback and flags.taskcard and _fits(card, acts):
        yield {"msgtype": "taskcard", "taskcard": _taskcard(card, acts, ref)}
    if card.url and flags.textcard is not False:
        yield wecom.for_person(Link(card.title, _below(card), card.url), ref=ref)
    yield _text(_ending(text.plain(replace(card, url="")), card.url, most=_TEXT))


def _if_possible(card: Card, ref: str) -> Iterator[Body]:
    try:
        body = wecom.for_person(card, ref=ref)
    except Unsupported:
        return
    yield body


def _fits(card: Card, acts: list[Button]) -> bool:
    """A task card has no lists; what does not fit on it must be on a page."""
    return not card.choices and (len(acts) <= _TASK_BUTTONS or bool(card.url))


def _taskcard(card: Card, acts: list[Button], ref: str) -> Body:
    """The legacy task card (wecom.md 7): at most two buttons, the others are on the page."""
    body: Body = {"title": chars(card.title, 128), "description": _below(card), "task_id": ref}
    if card.url:
        body["url"] = need_url(card.url)
    return body | {"btn": [_button(button) for button in acts[:_TASK_BUTTONS]]}


def _button(button: Button) -> Body:
    body: Body = {"key": need_key(button.payload, most=128), "name": label(button.text, 16)}
    return body | {"replace_name": label(button.text, 16), "color": _COLOURS.get(button.style, "blue")}


def _below(card: Card) -> str:
    """Everything but the title, as far as it fits (the page has all); the words to answer with always."""
    lines = text.plain(replace(card, title="", source="", url="", buttons=(), replies="")).strip()
    shown = "\n".join(filter(None, (card.source, lines))) or card.title
    replies = "" if card.state else card.replies
    return "\n".join(filter(None, (chars(shown, max(1, _DESCRIPTION - 1 - len(replies))), replies)))


def _ending(words: str, url: str, *, most: int) -> str:
    """Cut in the middle rather than at the end: an address with its end missing leads nowhere."""
    if not url:
        return words
    return f"{octets(words, most - len(url.encode()) - 1)}\n{url}"


def _news(message: News, flags: Flags) -> Iterator[Body]:
    """No picture is sent: the clients' news come from hosts that an extranet does not reach."""
    if len(message.articles) == 1:
        (only,) = message.articles
        yield from _link(Link(only.title, only.description, only.url), flags)
        return
    yield _text("\n".join(f"{one.title}\n{one.url}" for one in message.articles))


def _link(link: Link, flags: Flags) -> Iterator[Body]:
    if flags.textcard is not False:
        yield wecom.for_person(link, ref="")
    yield _text("\n".join(filter(None, (link.title, link.description, link.url))))


def _text(content: str) -> Body:
    """Bytes over the limit are cut silently by the platform, so we cut."""
    return wecom.for_person(Text(content), ref="")
