"""Messages that are no interactive card: robot messages, custom group robots, work notices, DING. Pure.

Here is also the ladder below the card (`dingtalk.md` 7.6): an action card whose buttons open our page, or make the
person's own client say a word to the robot. No button is ever a link that changes something by being opened.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from cards import phrases
from cards.model import Article, Attachment, Button, Card, Link, Markdown, Message, News, Schedule, Text, Urgent
from connectors.dingtalk.outbound import clip, compact
from connectors.errors import Unsupported

TEXT_BYTES = 14_000  # msgParam may have 15 000 bytes in all
NOTICE_BYTES = 2048
REMIND = {"app": 1, "sms": 2, "phone": 3}
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~])")
_LEADING = re.compile(r"(?m)^(\s*)([-+]|\d+\.)(\s)")

RobotMessage = tuple[str, dict[str, str]]
"""(msgKey, msgParam as an object; the call wants it as JSON text)."""


def escaped(words: str) -> str:
    """People's words inside markdown: no link, heading or list of theirs may pass for ours."""
    return _LEADING.sub(r"\1\\\2\3", _SPECIAL.sub(r"\\\1", words))


def page_link(url: str) -> str:
    """Opens a page inside the client (side panel on a computer)."""
    return f"dingtalk://dingtalkclient/page/link?url={quote(url, safe='')}&pc_slide=true"


def reply_link(button: Button) -> str:
    """Makes the person's client send a word to the robot: what it carries is read as a tap (inbound/robot.py)."""
    return f"dtmd://dingtalkclient/sendMessage?content={quote(f'{button.text} {button.payload}', safe='')}"


def robot_message(message: Message, *, repeated: bool = False) -> RobotMessage:
    """A message of the robot's own kinds (3.2). Raises `Unsupported`."""
    mark = phrases.REPEAT if repeated else ""
    match message:
        case Card():
            return action_card(message, mark=mark)
        case Text(content):
            return "sampleText", {"content": clip(content + mark, TEXT_BYTES)}
        case Urgent(content):
            return "sampleText", {"content": clip(content + mark, TEXT_BYTES)}
        case Markdown(title, content):
            return "sampleMarkdown", {"title": clip(title, 200), "text": clip(_below(content, mark), TEXT_BYTES)}
        case Link():
            return _link(message, mark)
        case News(articles):
            words = _below(_news(articles), mark)
            return "sampleMarkdown", {"title": clip(articles[0].title, 200), "text": clip(words, TEXT_BYTES)}
        case Attachment():
            return _attachment(message)
        case Schedule():
            raise Unsupported("a calendar's entry is no message")


def _below(content: str, mark: str) -> str:
    return f"{content}\n\n{mark}" if mark else content


def _link(link: Link, mark: str) -> RobotMessage:
    words = f"### {escaped(link.title)}\n\n{escaped(link.description + mark)}"
    return "sampleActionCard", {
        "title": clip(link.title, 200),
        "text": clip(words, TEXT_BYTES),
        "singleTitle": link.button or phrases.OPEN,
        "singleURL": page_link(link.url),
    }


def _news(articles: tuple[Article, ...]) -> str:
    return "\n\n".join(_article(article) for article in articles)


def _article(article: Article) -> str:
    picture = f"![]({article.picture})\n\n" if article.picture else ""
    return f"{picture}**[{escaped(article.title)}]({article.url})**\n\n{escaped(article.description)}"


def _attachment(sent: Attachment) -> RobotMessage:
    match sent.kind:
        case "image":
            return "sampleImageMsg", {"photoURL": sent.media}
        case "voice":
            return "sampleAudio", {"mediaId": sent.media, "duration": str(sent.seconds * 1000)}
        case "file" | "video":  # a video of its own kind needs a picture that we do not have
            name = sent.name or sent.media
            return "sampleFile", {"mediaId": sent.media, "fileName": name, "fileType": name.rpartition(".")[2][:16]}
    raise Unsupported(f"an attachment of kind {sent.kind}")


def action_card(card: Card, *, mark: str = "") -> RobotMessage:
    """The rung below the interactive card. A card that asks for choices needs its page."""
    if card.choices and not card.state and not card.url:
        raise Unsupported("choices without an interactive card or a page")
    links = _links(card)
    body = {"title": clip(card.title, 200), "text": clip(_below(card_words(card), mark), TEXT_BYTES)}
    if not links:
        return "sampleMarkdown", body
    if len(links) == 1:
        return "sampleActionCard", {**body, "singleTitle": links[0][0], "singleURL": links[0][1]}
    numbered = enumerate(links, start=1)
    buttons = {name: part for n, (title, url) in numbered for name, part in (
        (f"actionTitle{n}", title), (f"actionURL{n}", url))}  # fmt: skip
    return f"sampleActionCard{len(links)}", {**body, **buttons}


def _links(card: Card) -> list[tuple[str, str]]:
    """(title, address), at most five: pages, and words to the robot. With choices only the page can act."""
    page = [(phrases.OPEN, page_link(card.url))] if card.url else []
    if card.state or card.choices:
        return page
    buttons = [(clip(b.text, 60), page_link(b.url) if b.url else reply_link(b)) for b in card.buttons]
    return buttons[: 5 - len(page)] + page


def card_words(card: Card) -> str:
    """A card as markdown; everything in it may be somebody's words."""
    head = [f"### {escaped(card.title)}"]
    head += [escaped(part) for part in (card.source, card.subtitle) if part]
    lines = [f"**{escaped(card.big[0])}** {escaped(card.big[1])}"] if card.big else []
    lines += [f"- {escaped(field.name)}：{escaped(field.value)}" for field in card.fields]
    tail = [f"> {escaped(card.quote)}"] if card.quote else []
    tail += [escaped(card.note)] if card.note else []
    tail += [f"**{phrases.STATE}：{escaped(card.state)}**"] if card.state else []
    return "\n\n".join([*head, *(["\n".join(lines)] if lines else []), *tail])


def webhook(message: Message, *, ref: str, repeated: bool = False) -> dict[str, Any]:
    """The body for a custom group robot (3.2, 4); `msgUuid` makes a repeat harmless."""
    match message:
        case Text(content, mentions):
            return {**_text_with_mentions(content, mentions), "msgUuid": ref}
        case News(articles):
            links = [{"title": a.title, "messageURL": a.url, "picURL": a.picture} for a in articles]
            return {"msgtype": "feedCard", "feedCard": {"links": links}, "msgUuid": ref}
        case Attachment():
            raise Unsupported("a group robot sends no files")
        case Card():
            return {**_webhook_body(*_one_way(message)), "msgUuid": ref}
    return {**_webhook_body(*robot_message(message)), "msgUuid": ref}


def _one_way(card: Card) -> RobotMessage:
    """A custom robot hears nothing: of a card's buttons only pages remain."""
    pages = tuple(button for button in card.buttons if button.url)
    if card.buttons and not pages and not card.url:
        raise Unsupported("buttons on a one-way robot")
    return action_card(replace(card, buttons=pages))


def _text_with_mentions(content: str, mentions: tuple[str, ...]) -> dict[str, Any]:
    """An @ shows only when the text names it as well."""
    people = [one for one in mentions if one != "@all"][:50]
    words = clip(content, TEXT_BYTES) + "".join(f" @{one}" for one in people)
    return {"msgtype": "text", "text": {"content": words}, "at": {"atUserIds": people, "isAtAll": "@all" in mentions}}


def _webhook_body(key: str, param: dict[str, str]) -> dict[str, Any]:
    if key == "sampleText":
        return {"msgtype": "text", "text": param}
    if key == "sampleMarkdown":
        return {"msgtype": "markdown", "markdown": param}
    if key == "sampleActionCard":
        return {"msgtype": "actionCard", "actionCard": param}
    count = int(key.removeprefix("sampleActionCard"))
    buttons = [{"title": param[f"actionTitle{n}"], "actionURL": param[f"actionURL{n}"]} for n in range(1, count + 1)]
    card = {"title": param["title"], "text": param["text"], "btnOrientation": "0", "btns": buttons}
    return {"msgtype": "actionCard", "actionCard": card}


def work_notice(message: Message, *, serial: str) -> dict[str, Any]:
    """The `msg` of a work notice (9.1), at most 2048 bytes; `serial` keeps two equal reminders from being one."""
    match message:
        case Card():
            sent = _notice_card(message, serial)
        case Text(content) | Urgent(content):
            sent = {"msgtype": "text", "text": {"content": f"{clip(content, 1800)}\n{serial}"}}
        case _:
            key, param = robot_message(message)
            if key not in ("sampleMarkdown", "sampleActionCard"):
                raise Unsupported(f"a work notice of {key}")
            words = clip(param["text"], 1500) + f"\n\n{serial}"
            sent = {"msgtype": "markdown", "markdown": {"title": param["title"], "text": words}}
    if len(compact(sent).encode()) > NOTICE_BYTES:
        raise Unsupported(f"longer than {NOTICE_BYTES} bytes as a work notice")
    return sent


_BAR = {"waiting": "0xFFF6A623", "good": "0xFF2BA471", "bad": "0xFFF65E5E", "neutral": "0xFF8A8F99"}


def status_bar(card: Card) -> dict[str, str]:
    return {"status_value": clip(card.state or phrases.OPEN, 60), "status_bg": _BAR[str(card.tone)]}


def _notice_card(card: Card, serial: str) -> dict[str, Any]:
    """Type `oa`, whose status bar can be changed later."""
    form = [{"key": clip(f"{f.name}：", 60), "value": clip(f.value, 120)} for f in card.fields[:6]]
    body = {"title": clip(card.title, 150), "form": form, "content": clip(card.quote or card.subtitle, 300),
            "author": serial}  # fmt: skip
    oa: dict[str, Any] = {"head": {"bgcolor": "FFBBBBBB", "text": clip(card.source, 60)}, "body": body}
    oa["status_bar"] = status_bar(card)
    if card.url:
        oa |= {"message_url": page_link(card.url), "pc_message_url": page_link(card.url)}
    return {"msgtype": "oa", "oa": oa}


def ding(message: Urgent, user: str, *, robot_code: str) -> dict[str, Any]:
    """The body of an urgent reminder to one person (3.3)."""
    sent: dict[str, Any] = {
        "robotCode": robot_code,
        "remindType": REMIND[message.level],
        "receiverUserIdList": [user],
        "content": clip(message.content, 1000),
    }
    if message.level == "phone":
        sent["callVoice"] = "Standard_Female_Voice"
    return sent
