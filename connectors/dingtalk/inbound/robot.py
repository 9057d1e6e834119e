"""Robot messages: the door of HTTP mode and the translator that Stream shares (`dingtalk.md` 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cards import actions
from cards.model import Card
from connectors import framing
from connectors.contract import Challenge, Delivery, HttpAnswer
from connectors.dingtalk.inbound.fields import Fields, body, check_hmac, digest
from connectors.dingtalk.settings import Settings
from connectors.errors import Rejected
from connectors.events import AppNotice, ButtonPressed, Event, MediaReceived, TextReceived, Unknown
from connectors.refs import ChatRef, MessageRef, PersonRef

# The page allows an hour; the signature covers the time alone, so ours is short and msgId does the rest.
WINDOW = 300
_OVER_QUOTA = "20001"


class RobotDoor:
    """Headers `timestamp` (ms) and `sign`; a plain JSON body that no signature covers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def verify(self, delivery: Delivery, *, now: datetime) -> None:
        timestamp, secret = delivery.headers.get("timestamp", ""), self._settings.client_secret
        check_hmac(delivery.headers.get("sign", ""), secret=secret, message=f"{timestamp}\n{secret}")
        framing.check_age(timestamp, now=now.timestamp(), window=WINDOW, unit=1000)

    def read(self, delivery: Delivery) -> Sequence[Event] | Challenge:
        payload = body(delivery)
        if not payload.get("msgId"):
            raise Rejected("no msgId", status=400)
        return translate(payload, settings=self._settings, received=delivery.received)

    def answer(self, delivery: Delivery, reply: Card | Challenge | None, *, now: datetime) -> HttpAnswer:
        """Nothing in the answer: what there is to say goes out as a message of its own."""
        return HttpAnswer(200, b"{}", "application/json")


@dataclass(frozen=True, slots=True)
class Said:
    """One robot message with what every translation of it needs."""

    account: str
    fields: Fields
    at: datetime
    sender: PersonRef
    chat: ChatRef | None

    def base(self, part: int = 0) -> dict[str, Any]:
        """`part` tells the events of one message apart (several pictures in a rich text)."""
        key = f"robot:{self.fields.text('msgId')}" + (f":{part}" if part else "")
        return {"account": self.account, "key": key, "at": self.at, "raw": masked(self.fields.raw)}


def masked(raw: Any) -> dict[str, Any]:
    """Without the reply URL, which whoever holds it may use (12.4)."""
    return {name: value for name, value in raw.items() if name.lower() != "sessionwebhook"}


def translate(payload: dict[str, Any], *, settings: Settings, received: datetime) -> list[Event]:
    """The events of one message; several only for several pictures."""
    fields = Fields(payload)
    at = fields.instant("createAt") or received
    base: dict[str, Any] = {"account": settings.account, "at": at, "raw": masked(payload)}
    key = fields.text("msgId") or digest(payload)
    if _OVER_QUOTA in (fields.text("errorCode"), fields.text("errCode")):
        details = {"code": _OVER_QUOTA, "words": fields.text("errorMessage", "errMsg")}
        return [AppNotice(**base, key=f"robot:{key}", kind="push_quota_used_up", fields=details)]
    if _outsider(fields, settings):
        return [Unknown(**base, key=f"robot:{key}", name="robot.outsider")]
    said = Said(settings.account, fields, at, PersonRef(settings.account, fields.text("senderStaffId")),
                _chat(fields, settings.account))  # fmt: skip
    reader = _KINDS.get(fields.text("msgtype"))
    return reader(said) if reader else [_unknown(said)]


def _outsider(fields: Fields, settings: Settings) -> bool:
    """Groups may hold outsiders: they carry no staff id, or another organisation's (12.5)."""
    corp = fields.text("senderCorpId")
    return not fields.text("senderStaffId") or bool(corp and corp != settings.corp_id)


def _chat(fields: Fields, account: str) -> ChatRef | None:
    return ChatRef(account, fields.text("conversationId")) if fields.text("conversationType") == "2" else None


def _unknown(said: Said) -> Event:
    return Unknown(**said.base(), name=f"robot.{said.fields.text('msgtype')}", sender=said.sender)


def _text(said: Said) -> list[Event]:
    return [_words(said, said.fields.inner("text").text("content").strip())]


def _words(said: Said, text: str) -> Event:
    """A word that a reply-word button made the client send (outbound.reply_link) is a tap; all else is text."""
    last = text.rsplit(" ", 1)[-1]
    try:
        actions.peek(last)
    except actions.BadAction:
        return TextReceived(**said.base(), sender=said.sender, text=text, chat=said.chat)
    return ButtonPressed(**said.base(), sender=said.sender, message=MessageRef(said.account, ""), payload=last)


def _media(kind: str) -> Callable[[Said], list[Event]]:
    def read(said: Said) -> list[Event]:
        content = said.fields.inner("content")
        code = content.text("downloadCode", "pictureDownloadCode")
        if not code:
            return [_unknown(said)]
        name, heard = content.text("fileName"), content.text("recognition")
        return [_file(said, kind, code, name=name, text=heard)]

    return read


def _file(said: Said, kind: str, code: str, *, name: str = "", text: str = "", part: int = 0) -> MediaReceived:
    return MediaReceived(
        **said.base(part), sender=said.sender, kind=kind, media=code, name=name, text=text, chat=said.chat
    )


def _rich(said: Said) -> list[Event]:
    """Words and pictures mixed: the words go with the first picture, or alone."""
    runs = [Fields(run) for run in said.fields.inner("content").find("richText") or [] if isinstance(run, dict)]
    text = "".join(run.text("text") for run in runs).strip()
    codes = [code for run in runs if (code := run.text("downloadCode", "pictureDownloadCode"))]
    if not codes:
        return [_words(said, text)]
    return [_file(said, "image", code, text="" if n else text, part=n) for n, code in enumerate(codes)]


_KINDS: dict[str, Callable[[Said], list[Event]]] = {
    "text": _text,
    "picture": _media("image"),
    "richText": _rich,
    "audio": _media("voice"),
    "video": _media("video"),
    "file": _media("file"),
}
