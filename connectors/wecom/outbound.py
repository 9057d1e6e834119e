"""Neutral messages into the bodies that WeCom takes (wecom.md 7, 9). Pure; cards are in `template_cards.py`.

Bodies here hold `msgtype` and its object; who gets it and through which call is the connector's business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cards import text
from cards.model import Attachment, Card, Link, Markdown, Message, News, Text, Urgent
from connectors.errors import Unsupported
from connectors.wecom import template_cards
from connectors.wecom.limits import chars, need_url, octets

Body = dict[str, Any]

_TEXT = 2048
_WEBHOOK_MARKDOWN = 4096
_BOT_MARKDOWN = 20480
_REPEATED = "↻ "  # a group cannot drop a repeat by itself: it is told apart by a sign, words belong to cards/


def for_person(message: Message, *, ref: str) -> Body:
    """The body for `message/send`. Raises `Unsupported`.

    A card with nothing to tap and no page to open is a markdown message: a text_notice must open something (8.2).
    """
    if isinstance(message, Card) and _says_only(message):
        return _markdown(text.markdown(message))
    if isinstance(message, Card):
        return {"msgtype": "template_card", "template_card": template_cards.render(message, task_id=ref)}
    if isinstance(message, News) and len(message.articles) == 1 and message.articles[0].picture:
        return {"msgtype": "template_card", "template_card": template_cards.picture(message.articles[0])}
    return _plain(message)


def for_chat(message: Message, *, repeated: bool = False) -> Body:
    """The body for `appchat/send`, which takes no template card (wecom.md 8.4) but markdown. Raises `Unsupported`."""
    if isinstance(message, Card) and any(button.payload for button in message.buttons) and not message.state:
        raise Unsupported("an app chat takes no template card")
    if isinstance(message, Card):
        message = text.markdown(message)
    body = _plain(marked(message) if repeated else message)
    if isinstance(message, Text) and message.mentions:
        body["text"]["mentioned_list"] = list(message.mentions)
    return body


def for_bot(message: Message, *, ref: str, repeated: bool = False) -> Body:
    """The body for `aibot_send_msg`: template cards, else markdown (wecom.md 10.2). Raises `Unsupported`."""
    message = marked(message) if repeated else message
    if isinstance(message, Card) and not _says_only(message):
        return {"msgtype": "template_card", "template_card": template_cards.render(message, task_id=ref)}
    if isinstance(message, Attachment):
        raise Unsupported("the smart bot takes only media of its own")
    return {"msgtype": "markdown", "markdown": {"content": octets(_filled(_as_markdown(message)), _BOT_MARKDOWN)}}


def _as_markdown(message: Message) -> str:
    """What is not a card of buttons; words are shown as they are, whatever signs are in them."""
    if isinstance(message, Markdown):
        return message.content
    if isinstance(message, Card):
        return text.markdown(message).content
    if isinstance(message, Link):
        return f"**{text.harmless(message.title)}**\n{text.harmless(message.description)}\n{message.url}"
    if isinstance(message, News):
        return "\n".join(f"[{text.harmless(one.title)}]({one.url})" for one in message.articles)
    assert isinstance(message, Text | Urgent)
    return "\n".join(text.harmless(line) for line in message.content.splitlines())


def for_robot(message: Message, *, ref: str, repeated: bool = False) -> Body:
    """The body for `webhook/send`: text, markdown, news and the two notice cards. Raises `Unsupported`."""
    if isinstance(message, Link):
        message = Card(kind="link", title=message.title, subtitle=message.description, url=message.url)
    if isinstance(message, Card):
        return {"msgtype": "template_card", "template_card": template_cards.notice(message, task_id=ref)}
    if isinstance(message, Attachment):
        # A media id belongs to the app that uploaded it; a webhook takes only its own.
        raise Unsupported("a group robot cannot send the app's media")
    message = marked(message) if repeated else message
    if isinstance(message, Markdown):
        return {"msgtype": "markdown", "markdown": {"content": octets(message.content, _WEBHOOK_MARKDOWN)}}
    body = _plain(message)
    if isinstance(message, Text) and message.mentions:
        body["text"]["mentioned_list"] = list(message.mentions)
    return body


def _says_only(card: Card) -> bool:
    return not card.url and (bool(card.state) or not card.buttons)


def _plain(message: Message) -> Body:
    for kind, write in _WRITERS.items():
        if isinstance(message, kind):
            return write(message)
    raise Unsupported(type(message).__name__)


def marked(message: Message) -> Message:
    """As a possible repeat, for whoever cannot tell one by itself."""
    if isinstance(message, Card):
        return replace(message, title=_REPEATED + message.title)
    if isinstance(message, Text):
        return Text(_REPEATED + message.content, message.mentions)
    if isinstance(message, Markdown):
        return Markdown(message.title, _REPEATED + message.content)
    if isinstance(message, Link):
        return Link(_REPEATED + message.title, message.description, message.url, message.button)
    return Urgent(_REPEATED + message.content, message.level) if isinstance(message, Urgent) else message


def _text(message: Text | Urgent) -> Body:
    # WeCom has no ringing message: an urgent one is a text, its words say that it is urgent.
    return {"msgtype": "text", "text": {"content": octets(_filled(message.content), _TEXT)}}


def _markdown(message: Markdown) -> Body:
    return {"msgtype": "markdown", "markdown": {"content": octets(_filled(message.content), _TEXT)}}


def _link(message: Link) -> Body:
    card = {
        "title": chars(_filled(message.title), 128),
        "description": chars(message.description or message.title, 512),
        "url": need_url(message.url),
    }
    if message.button:
        card["btntxt"] = chars(message.button, 4)
    return {"msgtype": "textcard", "textcard": card}


def _news(message: News) -> Body:
    if not 1 <= len(message.articles) <= 8:
        raise Unsupported("news has one to eight articles")
    articles = [
        {
            "title": octets(_filled(article.title), 128),
            "description": octets(article.description, 512),
            "url": need_url(article.url),
            **({"picurl": article.picture} if article.picture else {}),
        }
        for article in message.articles
    ]
    return {"msgtype": "news", "news": {"articles": articles}}


def _attachment(message: Attachment) -> Body:
    if message.kind not in {"file", "image", "voice", "video"}:
        raise Unsupported(f"no attachment of kind {message.kind}")
    media: Body = {"media_id": message.media}
    if message.kind == "video" and message.name:
        media["title"] = octets(message.name, 128)
    return {"msgtype": message.kind, message.kind: media}


def _filled(text: str) -> str:
    if not text.strip():
        raise Unsupported("an empty text")
    return text


_WRITERS: dict[type, Callable[[Any], Body]] = {
    Text: _text, Urgent: _text, Markdown: _markdown, Link: _link, News: _news, Attachment: _attachment,
}  # fmt: skip
