"""How a phone draws what it got: cards from our template's variables, robot messages from their msgKey. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from connectors.sandbox.phones import Article, Button, Choice, Field, Message, MessageKind

TEMPLATE: dict[str, Any] = json.loads((files("connectors.dingtalk") / "template.json").read_text("utf-8"))
TOAST: dict[str, str] = TEMPLATE["actions"][0]["toast"]
_PARTS = {one["name"]: one.get("parts", 1) for one in TEMPLATE["variables"] if one["type"] == "json"}
Variables = Mapping[str, str]


def rows(shown: Variables, name: str) -> list[dict[str, Any]]:
    """A list variable put together again from its parts."""
    found: list[dict[str, Any]] = []
    for n in range(1, _PARTS[name] + 1):
        found += json.loads(shown.get(name if n == 1 else f"{name}_{n}") or "[]")
    return found


def card(track: str, shown: Variables, *, at: str, updates: int) -> Message:
    """A card_1_0 instance as one viewer sees it."""
    acting = shown.get("can_act") == "true"
    big = (shown.get("big", ""), shown.get("big_caption", ""))
    return Message(
        id=track, at=at, kind="card", title=shown.get("title", ""), subtitle=shown.get("subtitle", ""),
        source_line=shown.get("source", ""), big=big if big[0] else None, quote=shown.get("quote", ""),
        fields=[Field(row["name"], row["value"], row.get("url", "")) for row in rows(shown, "fields")],
        choices=[_choice(row) for row in rows(shown, "choices")] if acting else [],
        inputs=[(row["key"], row["title"]) for row in rows(shown, "inputs")] if acting else [],
        buttons=buttons(shown) if acting else [],
        url=shown.get("url", ""), state=shown.get("status", ""), tone=shown.get("tone", "neutral"),
        note=shown.get("note", ""), updates=updates, source="card_1_0",
    )  # fmt: skip


def buttons(shown: Variables) -> list[Button]:
    found = enumerate(rows(shown, "buttons"))
    return [Button(f"b{n}", row["text"], row.get("style", "plain"), row.get("url", "")) for n, row in found]


def _choice(row: Mapping[str, Any]) -> Choice:
    options = [(option["id"], option["text"]) for option in row["options"]]
    return Choice(row["key"], row["title"], options, list(row.get("selected", [])), many=bool(row.get("many")))


def robot(id_: str, key: str, param: Mapping[str, str], *, at: str, author: str = "") -> Message:
    """A robot message by its msgKey (`dingtalk.md` 3.2)."""
    message = Message(id=id_, at=at, kind=_kind(key), author=author, source=key)
    message.title = param.get("title", "")
    message.text = param.get("content", "") or param.get("text", "")
    message.url = param.get("messageUrl", "")
    media = param.get("mediaId") or param.get("photoURL") or param.get("videoMediaId") or ""
    message.file_id, message.file_name = media, param.get("fileName", "")
    message.buttons = _links(key, param)
    return message


def _kind(key: str) -> MessageKind:
    kinds: dict[str, MessageKind] = {
        "sampleText": "text", "sampleMarkdown": "markdown", "sampleImageMsg": "image", "sampleLink": "link",
        "sampleAudio": "voice", "sampleFile": "file", "sampleVideo": "video",
    }  # fmt: skip
    return kinds.get(key, "card")


def _links(key: str, param: Mapping[str, str]) -> list[Button]:
    if key == "sampleActionCard":
        return [Button("b0", param["singleTitle"], url=param["singleURL"])]
    if key == "sampleActionCard6":
        return [Button(f"b{n - 1}", param[f"buttonTitle{n}"], url=param[f"buttonUrl{n}"]) for n in (1, 2)]
    if not key.startswith("sampleActionCard"):
        return []
    count = int(key.removeprefix("sampleActionCard"))
    return [Button(f"b{n - 1}", param[f"actionTitle{n}"], url=param[f"actionURL{n}"]) for n in range(1, count + 1)]


def webhook(id_: str, body: Mapping[str, Any], *, at: str, author: str) -> Message:
    """A message through a webhook (custom robot, sessionWebhook)."""
    kind = body["msgtype"]
    inner = body.get(kind) or {}
    message = Message(id=id_, at=at, kind="text", author=author, source=f"webhook/{kind}")
    message.title, message.text = inner.get("title", ""), inner.get("content", "") or inner.get("text", "")
    match kind:
        case "markdown":
            message.kind = "markdown"
        case "link":
            message.kind, message.url = "link", inner.get("messageUrl", "")
        case "feedCard":
            message.kind = "news"
            message.articles = [Article(a["title"], "", a["messageURL"], a.get("picURL", "")) for a in inner["links"]]
        case "actionCard":
            message.kind = "card"
            message.buttons = _webhook_buttons(inner)
    return message


def _webhook_buttons(inner: Mapping[str, Any]) -> list[Button]:
    if "btns" in inner:
        return [Button(f"b{n}", b["title"], url=b["actionURL"]) for n, b in enumerate(inner["btns"])]
    return [Button("b0", inner["singleTitle"], url=inner["singleURL"])]


def notice(id_: str, msg: Mapping[str, Any], *, at: str) -> Message:
    """A work notice (9.1)."""
    kind = msg["msgtype"]
    inner = msg[kind]
    message = Message(id=id_, at=at, kind="text", author="工作通知", source=f"work/{kind}")
    if kind == "oa":
        return _oa(message, inner)
    message.title, message.text = inner.get("title", ""), inner.get("content", "") or inner.get("text", "")
    message.kind = "markdown" if kind == "markdown" else "text"
    return message


def _oa(message: Message, inner: Mapping[str, Any]) -> Message:
    body = inner["body"]
    message.kind, message.title = "card", body.get("title", "")
    message.source_line = inner.get("head", {}).get("text", "")
    message.text, message.note = body.get("content", ""), body.get("author", "")
    message.fields = [Field(row["key"].rstrip("：:"), row["value"]) for row in body.get("form", [])]
    message.url = inner.get("message_url", "")
    message.state = inner.get("status_bar", {}).get("status_value", "")
    return message
