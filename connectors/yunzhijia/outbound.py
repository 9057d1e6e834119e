"""Neutral cards as the variables of our two templates, and the bodies that carry them (`yunzhijia.md` 9). Pure.

The contract with `template.json`: every variable is a text and is always sent, so that a merge leaves nothing of the
old state behind. The base state is what everybody sees; the means to act, each with its token, are the person's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cards.model import Button, Card, Choice, Input
from connectors.errors import Unsupported
from connectors.yunzhijia import signing
from connectors.yunzhijia.settings import Settings

FIELDS, BUTTONS, CHOICES, INPUTS = 8, 6, 2, 2
LIFE = timedelta(days=30)
"""A card can be updated for a month (9.4); a token is good as long."""

Variables = dict[str, str]
_MORE = "…"
_CONTROLS = {code: None for code in range(32) if chr(code) not in "\n\t"} | {127: None}


def clip(text: str, most: int = 1000) -> str:
    """At most `most` characters, without controls and halves of surrogate pairs."""
    text = text.translate(_CONTROLS).encode(errors="ignore").decode()
    return text if len(text) <= most else text[: most - 1] + _MORE


def base_state(card: Card, *, now: datetime) -> Variables:
    """What everybody sees. `rev` tells two states apart: the order of concurrent updates is not documented."""
    number, caption = card.big or ("", "")
    shown = {
        "title": clip(card.title, 200), "subtitle": clip(card.subtitle, 300), "source": clip(card.source, 100),
        "big": clip(number, 60), "big_caption": clip(caption, 60), "quote": clip(card.quote), "note": clip(card.note),
        "state": clip(card.state, 100), "tone": str(card.tone), "rev": str(int(now.timestamp() * 1000)),
    }  # fmt: skip
    fields = [(clip(field.name, 40), clip(field.value, 400)) for field in card.fields]
    if len(fields) > FIELDS:
        fields = [*fields[: FIELDS - 1], (_MORE, _MORE)]
    fields += [("", "")] * (FIELDS - len(fields))
    for n, (name, value) in enumerate(fields, start=1):
        shown |= {f"f{n}_name": name, f"f{n}_value": value}
    return shown


def private_state(card: Card, *, track: str, oid: str, now: datetime, settings: Settings) -> Variables:
    """What one person sees. Raises `Unsupported` for what the template has no place for."""
    closed = bool(card.state)
    shown = base_state(card, now=now) | {"url": card.url}
    buttons = () if closed else card.buttons
    choices = () if closed else card.choices
    inputs = () if closed else card.inputs[:INPUTS]
    if len(buttons) > BUTTONS or len(choices) > CHOICES:
        raise Unsupported(f"{len(buttons)} buttons and {len(choices)} choices")
    if choices and not settings.card_selects:
        raise Unsupported("choices in a template without selects")
    for n in range(1, BUTTONS + 1):
        button = buttons[n - 1] if n <= len(buttons) else None
        shown |= _button(n, button, track=track, oid=oid, until=now + LIFE, key=settings.card_key)
    for n in range(1, CHOICES + 1):
        shown |= _choice(n, choices[n - 1] if n <= len(choices) else None)
    for n in range(1, INPUTS + 1):
        shown |= _input(n, inputs[n - 1] if n <= len(inputs) else None)
    return shown


def _button(n: int, button: Button | None, *, track: str, oid: str, until: datetime, key: str) -> Variables:
    if button is None:
        return {f"b{n}_{part}": "" for part in ("text", "payload", "tok", "style", "url")}
    token = signing.card_token(button.payload, track=track, oid=oid, until=until, key=key) if button.payload else ""
    return {
        f"b{n}_text": clip(button.text, 20), f"b{n}_payload": button.payload, f"b{n}_tok": token,
        f"b{n}_style": str(button.style), f"b{n}_url": button.url,
    }  # fmt: skip


def _choice(n: int, choice: Choice | None) -> Variables:
    if choice is None:
        return {f"c{n}_{part}": "" for part in ("key", "title", "options", "selected", "many")}
    options = [{"id": option.id, "text": clip(option.text, 60)} for option in choice.options]
    return {
        f"c{n}_key": choice.key, f"c{n}_title": clip(choice.title, 60), f"c{n}_options": compact(options),
        f"c{n}_selected": compact(list(choice.selected)), f"c{n}_many": "1" if choice.many else "",
    }  # fmt: skip


def _input(n: int, line: Input | None) -> Variables:
    if line is None:
        return {f"i{n}_{part}": "" for part in ("key", "title", "hint")}
    return {f"i{n}_key": line.key, f"i{n}_title": clip(line.title, 60), f"i{n}_hint": clip(line.placeholder, 60)}


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def states(card: Card, *, track: str, oid: str, now: datetime, settings: Settings) -> dict[str, Any]:
    """`baseInfo` and `personInfoList`; both always, as a base update is invisible to whoever has a private state."""
    private = private_state(card, track=track, oid=oid, now=now, settings=settings)
    person = {"templateId": settings.card_template, "userType": 0, "toUserIdList": [oid],
              "dataContent": compact(private)}  # fmt: skip
    base = {"templateId": settings.card_base_template, "dataContent": compact(base_state(card, now=now))}
    return {"baseInfo": base, "personInfoList": [person]}


def create(card: Card, *, track: str, oid: str, now: datetime, settings: Settings) -> dict[str, Any]:
    """The `msg` of a public-account message of type 25. `appId` now, or it can never be updated (9.1).

    Not to be forwarded: what an office decides stays with whom it was sent to.
    """
    found = states(card, track=track, oid=oid, now=now, settings=settings)
    return {"appid": settings.app_id, "outTrackId": track, "title": clip(card.title, 100), "forwardControl": "2",
            "showType": 0, **found}  # fmt: skip


def update(card: Card, *, track: str, oid: str, now: datetime, settings: Settings) -> dict[str, Any]:
    """The body of `updateCardMsg`: complete states, the last one wins (9.4)."""
    found = states(card, track=track, oid=oid, now=now, settings=settings)
    return {"appId": settings.app_id, "outTrackId": track, **found}


def answer(card: Card | None, *, track: str, oid: str, now: datetime, settings: Settings) -> dict[str, Any]:
    """The answer to a tap: fields merged into the tapper's own state; without a card nothing changes (9.3).

    `newCardState` is not used: the vendor's page gives it two sets of field names.
    """
    data: dict[str, Any] = {}
    if card is not None:
        try:
            data = {"newUpdateFields": private_state(card, track=track, oid=oid, now=now, settings=settings)}
        except Unsupported:
            data = {}  # the outbox shows it the next best way
    return {"success": True, "error": "", "errorCode": 0, "data": data}


def pairs(shown: Mapping[str, Any], letter: str, most: int) -> list[tuple[str, Any]]:
    """(our key, value) of what came back by the template's own ids: `c1` with `c1_key`, `i1` with `i1_key`."""
    found = ((shown.get(f"{letter}{n}_key"), shown.get(f"{letter}{n}")) for n in range(1, most + 1))
    return [(key, value) for key, value in found if isinstance(key, str) and key and value not in (None, "")]
