"""Any card as words, for platforms and moments without cards; ends with what to answer where it has buttons."""

from __future__ import annotations

from dataclasses import replace

from cards import phrases
from cards.model import Card, Link, Markdown, Message, News, Text, Urgent

_BRIEF = 300
"""Characters of a card that go into a link: the platforms cut at 512, and the words to answer by come last."""

# What could begin a mark or a link in a platform's markdown, as the full-width sign that only looks like it. User text
# must neither format nor link (dingtalk.md 3.2); no platform documents an escape.
_HARMLESS = str.maketrans({"<": "＜", ">": "＞", "[": "［", "]": "］", "`": "｀", "*": "＊", "#": "＃", "_": "＿"})


def plain(card: Card) -> str:
    """The last rung of the ladder (mission.md P6)."""
    lines = [f"【{card.source}】{card.title}" if card.source else card.title]
    lines += [card.subtitle] if card.subtitle else []
    lines += [f"{card.big[1]}：{card.big[0]}"] if card.big else []
    lines += [f"{field.name}：{field.value}" for field in card.fields]
    lines += [f"“{card.quote}”"] if card.quote else []
    lines += [card.note] if card.note else []
    lines += [f"状态：{card.state}"] if card.state else []
    lines += [f"{button.text}：{button.url}" for button in card.buttons if button.url]
    lines += [card.replies] if card.replies and not card.state else []
    named = any(button.url == card.url for button in card.buttons)
    lines += [f"{'详情' if card.state or not card.buttons else '办理'}：{card.url}"] if card.url and not named else []
    return "\n".join(lines)


def link(card: Card) -> Link:
    """The rung between: one link to the card's page. Raises ValueError for a card without one."""
    if not card.url:
        raise ValueError("a card without a page is no link")
    said = replace(card, title="", source="", url="", replies="", buttons=())
    lines = [line for line in plain(said).split("\n") if line]
    body = "\n".join(lines)
    body = body if len(body) <= _BRIEF else body[: _BRIEF - 1] + "…"
    replies = card.replies if not card.state else ""
    description = "\n".join(part for part in (body, replies) if part)
    button = phrases.ACT if replies else phrases.OPEN
    return Link(title=card.title, description=description, url=card.url, button=button)


def words(message: Message) -> Text:
    """A message as words: the last rung of the ladder. Raises ValueError for what has none (a file)."""
    match message:
        case Text():
            return message
        case Card():
            return Text(plain(message))
        case Link(title, description, url):
            return Text("\n".join(part for part in (title, description, url) if part))
        case Markdown(_, content) | Urgent(content):
            return Text(content)
        case News(articles):
            return Text("\n".join(f"{one.title}\n{one.description}\n{one.url}" for one in articles))
        case _:
            raise ValueError(f"a message of kind {type(message).__name__} has no words")


def markdown(card: Card) -> Markdown:
    """A card with nothing to tap as a formatted message: heading, bold names, quotes; the subset every client knows."""
    lines = [f"**{harmless(card.title)}**"]
    lines += [harmless(line) for line in (card.source, card.subtitle) if line]
    lines += [f"{harmless(card.big[1])}：**{harmless(card.big[0])}**"] if card.big else []
    lines += [f"> {harmless(field.name)}：{harmless(field.value)}" for field in card.fields]
    lines += [f"> {harmless(line)}" for line in card.quote.splitlines()]
    lines += [harmless(card.note)] if card.note else []
    lines += [f"**{harmless(card.state)}**"] if card.state else []
    lines += [f"[查看详情]({card.url})"] if card.url else []
    return Markdown(card.title, "\n".join(lines))


def harmless(text: str) -> str:
    """One line in which nothing formats or links."""
    return " ".join(text.split("\n")).translate(_HARMLESS)
