"""To-do items: one per decider's copy, whose state only goes forward (`yunzhijia.md` 4). Pure.

    created -> read -> done

There is no way back: what is open again gets another item, told apart by the round in its source id. The id also
carries what the person agrees to, so that one tap in the list can be read as a tap on the card.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cards import actions
from cards.model import Button, Card
from connectors.yunzhijia.outbound import clip
from connectors.yunzhijia.settings import Settings

KINDS = frozenset({"approval.decide", "notice.receipt"})
"""The cards that ask their reader for something that counts; a draft to be submitted is nobody's to-do."""
_AGREE = "approve"
_ICON = "/office/static/icon.svg"


def wanted(card: Card) -> bool:
    """Whether this card, as it is now, is something to do. An item needs a page to open."""
    return card.kind in KINDS and bool(card.buttons) and not card.state and bool(card.url)


def agreement(card: Card) -> str:
    """The payload of the button that agrees, "" where there is none or the card asks for more than a yes."""
    return next((button.payload for button in card.buttons if _agrees(button)), "")


def _agrees(button: Button) -> bool:
    try:
        return actions.peek(button.payload).act == _AGREE
    except actions.BadAction:
        return False


def source_id(card: Card, *, ref: str, turn: int) -> str:
    """`ref:round:payload`: unique per copy and round, and whole enough to be read back (`parsed`)."""
    return f"{ref}:r{turn}:{agreement(card)}"


def parsed(source: str) -> tuple[str, str]:
    """(our ref, payload); ("", "") for an id that is not ours."""
    parts = source.split(":", 2)
    if len(parts) != 3 or not parts[1].startswith("r") or not parts[1][1:].isdigit():
        return "", ""
    return parts[0], parts[2]


def create(card: Card, oid: str, *, source: str, settings: Settings, pass_url: str = "") -> dict[str, Any]:
    """The body of `generatetodo`. `content` is empty: the message beside it already rings."""
    parts = urlsplit(card.url)
    body: dict[str, Any] = {
        "appId": settings.app_id, "sourceId": source, "title": clip(card.source or card.title, 60),
        "itemtitle": clip(card.title, 100), "content": "", "headImg": f"{parts.scheme}://{parts.netloc}{_ICON}",
        "url": lasting(card.url), "sync": True, "todoType": 1, "params": [{"openId": oid}],
    }  # fmt: skip
    if pass_url and settings.sign_key and agreement(card):
        body["passUrl"] = pass_url
    return body


def lasting(url: str) -> str:
    """Without the binding of a link that is decided by (`u`, `k`): an item outlives its three days, and whoever opens
    it here is named by the client's ticket."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in ("u", "k")]
    return parts._replace(query=urlencode(dict(kept))).geturl()


def change(source: str, oid: str, *, done: bool, settings: Settings) -> dict[str, Any]:
    """The body of `action`: read, or read and done. Without `openids` it would change everybody's item."""
    kind = {"read": 1, "deal": 1} if done else {"read": 1}
    return {"sourcetype": settings.app_id, "sourceitemid": source, "openids": [oid], "actiontype": kind, "sync": True}


def check(source: str, oid: str, *, settings: Settings) -> dict[str, Any]:
    return {"sourcetype": settings.app_id, "sourceitemid": source, "openId": oid}
