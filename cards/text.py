"""Any card as plain text, for platforms and moments without cards; ends with the reply words if it has buttons."""

from __future__ import annotations

from cards.model import Button, Card


def plain(card: Card, *, replies: str = "") -> str:
    """`replies` is the line that names the words to answer with (the last rung of the ladder), worded by the caller."""
    lines = [f"【{card.source}】{card.title}" if card.source else card.title]
    lines += [card.subtitle] if card.subtitle else []
    lines += [f"{card.big[1]}：{card.big[0]}"] if card.big else []
    lines += [f"{field.name}：{field.value}" for field in card.fields]
    lines += [f"“{card.quote}”"] if card.quote else []
    lines += [card.note] if card.note else []
    lines += [f"状态：{card.state}"] if card.state else []
    lines += [f"{button.text}：{button.url}" for button in card.buttons if button.url]
    lines += [replies] if replies else []
    lines += [f"详情：{card.url}"] if card.url and not card.buttons else []
    return "\n".join(lines)


def words(buttons: tuple[Button, ...]) -> str:
    """The names of the buttons that need a card, for a sentence such as “请回复：同意 3”."""
    return "、".join(button.text for button in buttons if not button.url)
