"""Any card as words, for platforms and moments without cards; ends with what to answer where it has buttons."""

from __future__ import annotations

from cards.model import Card, Markdown

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
    lines += [f"详情：{card.url}"] if card.url and not card.buttons else []
    return "\n".join(lines)


def markdown(card: Card) -> Markdown:
    """A card with nothing to tap as a formatted message: heading, bold names, quotes; the subset every client knows."""
    lines = [f"**{_harmless(card.title)}**"]
    lines += [_harmless(line) for line in (card.source, card.subtitle) if line]
    lines += [f"{_harmless(card.big[1])}：**{_harmless(card.big[0])}**"] if card.big else []
    lines += [f"> {_harmless(field.name)}：{_harmless(field.value)}" for field in card.fields]
    lines += [f"> {_harmless(line)}" for line in card.quote.splitlines()]
    lines += [_harmless(card.note)] if card.note else []
    lines += [f"**{_harmless(card.state)}**"] if card.state else []
    lines += [f"[查看详情]({card.url})"] if card.url else []
    return Markdown(card.title, "\n".join(lines))


def _harmless(text: str) -> str:
    return " ".join(text.split("\n")).translate(_HARMLESS)
