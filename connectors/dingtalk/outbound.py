"""Neutral cards as the variables of our own template, and the bodies of the card_1_0 calls (`dingtalk.md` 7). Pure.

The contract with `template.json` (also in README.md): every variable is always sent, so an update by key leaves nothing
of the old state behind. All values are strings of at most 1 KB; lists are JSON text, and a list that is longer goes on
in `<name>_2`, `<name>_3`, ... each a whole JSON list of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cards.model import Button, Card, Choice, Input
from connectors.dingtalk.settings import Settings
from connectors.errors import Unsupported
from connectors.refs import ChatRef, Recipient

VALUE_BYTES = 1024
MAX_BUTTONS = 8
LISTS = {"fields": 6, "buttons": 3, "choices": 4, "inputs": 1}
"""How many variables the template has for each list; `fields` alone may end with an ellipsis."""

PRIVATE = ("can_act", *(f"{name}{'' if n == 1 else f'_{n}'}" for name in LISTS if name != "fields"
                        for n in range(1, LISTS[name] + 1)))  # fmt: skip
"""What only the recipient of a single-chat card may see: the means to act."""

_BY_KEY = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
Variables = dict[str, str]


_CONTROLS = {code: None for code in range(32) if chr(code) not in "\n\t"} | {127: None}


def clip(text: str, limit: int = VALUE_BYTES) -> str:
    """At most `limit` bytes of UTF-8, whole characters, with an ellipsis where something is missing; no controls."""
    text = text.translate(_CONTROLS)
    data = text.encode(errors="replace")
    if len(data) <= limit:
        return data.decode()
    return data[: limit - 3].decode(errors="ignore") + "…"


def variables(card: Card) -> Variables:
    """Every variable of the template. Raises `Unsupported` for what its lists cannot hold."""
    if len(card.buttons) > MAX_BUTTONS:
        raise Unsupported(f"{len(card.buttons)} buttons, the template has {MAX_BUTTONS}")
    number, caption = card.big or ("", "")
    closed = bool(card.state)
    plain = {
        "kind": card.kind, "title": card.title, "subtitle": card.subtitle, "source": card.source, "big": number,
        "big_caption": caption, "quote": card.quote, "note": card.note, "status": card.state, "tone": str(card.tone),
        "url": card.url if len(card.url.encode()) <= VALUE_BYTES else "",
        "can_act": "false" if closed or not card.buttons else "true", "toast_ok": "true",
    }  # fmt: skip
    return {name: clip(value) for name, value in plain.items()} | _lists(card, closed=closed)


def _lists(card: Card, *, closed: bool) -> Variables:
    fields = [{"name": clip(f.name, 90), "value": clip(f.value, 600), "url": clip_url(f.url)} for f in card.fields]
    found = _spread("fields", fields)
    found |= _spread("buttons", [] if closed else [_button(button) for button in card.buttons])
    found |= _spread("choices", [] if closed else [_choice(choice) for choice in card.choices])
    return found | _spread("inputs", [] if closed else [_input(line) for line in card.inputs])


def clip_url(url: str) -> str:
    """An address is whole or not there; a cut one leads somewhere else."""
    return url if len(url.encode()) <= 300 else ""


def _button(button: Button) -> dict[str, str]:
    return {"text": clip(button.text, 60), "style": str(button.style), "payload": button.payload, "url": button.url}


def _choice(choice: Choice) -> dict[str, Any]:
    options = [{"id": option.id, "text": option.text} for option in choice.options]
    return {"key": choice.key, "title": clip(choice.title, 60), "options": options, "selected": list(choice.selected),
            "many": choice.many}  # fmt: skip


def _input(line: Input) -> dict[str, str]:
    return {"key": line.key, "title": clip(line.title, 60), "placeholder": clip(line.placeholder, 90)}


def _spread(name: str, items: Iterable[Mapping[str, Any]]) -> Variables:
    """One list over the template's variables for it; the unused ones are empty lists, not absent."""
    chunks = list(_chunks(name, items))
    if len(chunks) > LISTS[name]:
        if name != "fields":
            raise Unsupported(f"{name} need {len(chunks)} variables, the template has {LISTS[name]}")
        chunks = [*chunks[: LISTS[name] - 1], '[{"name":"…","value":"…","url":""}]']
    chunks += ["[]"] * (LISTS[name] - len(chunks))
    return {name if n == 1 else f"{name}_{n}": chunk for n, chunk in enumerate(chunks, start=1)}


def _chunks(name: str, items: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    held: list[str] = []
    for item in items:
        text = compact(item)
        if len(text.encode()) + 2 > VALUE_BYTES:
            raise Unsupported(f"one of the {name} is longer than {VALUE_BYTES} bytes")
        if held and len(f"[{','.join([*held, text])}]".encode()) > VALUE_BYTES:
            yield f"[{','.join(held)}]"
            held = []
        held.append(text)
    if held:
        yield f"[{','.join(held)}]"


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parted(card: Card, user: str | None) -> tuple[Variables, Variables]:
    """(public, private): in a single chat the means to act are the recipient's alone, a forwarded copy shows none."""
    everything = variables(card)
    if user is None:
        return everything, {}
    private = {name: everything[name] for name in PRIVATE}
    empty = {name: "false" if name == "can_act" else "[]" for name in PRIVATE}
    return {**everything, **empty}, private


def create(to: Recipient, card: Card, *, track: str, settings: Settings) -> dict[str, Any]:
    """The body of createAndDeliver (7.1)."""
    user = None if isinstance(to, ChatRef) else to.id
    public, private = _parted(card, user)
    sent: dict[str, Any] = {
        "cardTemplateId": settings.card_template_id,
        "outTrackId": track,
        "userIdType": 1,
        "callbackType": "HTTP" if settings.over_http else "STREAM",
        "cardData": {"cardParamMap": public},
        **_space(to, card, settings),
    }
    if settings.over_http:
        sent["callbackRouteKey"] = settings.card_route_key
    if user is not None:
        sent["privateData"] = {user: {"cardParamMap": private}}
    return sent


def _space(to: Recipient, card: Card, settings: Settings) -> dict[str, Any]:
    # No forwarding: government content stays with whom it was sent to.
    model = {"supportForward": False, "lastMessageI18n": {"ZH_CN": clip(card.title, 200)}}
    if isinstance(to, ChatRef):
        return {
            "openSpaceId": f"dtv1.card//IM_GROUP.{to.id}",
            "imGroupOpenSpaceModel": model,
            "imGroupOpenDeliverModel": {"robotCode": settings.robot_code},
        }
    return {
        "openSpaceId": f"dtv1.card//IM_ROBOT.{to.id}",
        "imRobotOpenSpaceModel": model,
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": settings.robot_code},
    }


def update(card: Card, *, track: str, user: str | None) -> dict[str, Any]:
    """The body of `PUT /v1.0/card/instances`; without the options it would wipe what it does not name (7.2)."""
    public, private = _parted(card, user)
    sent: dict[str, Any] = {
        "outTrackId": track,
        "userIdType": 1,
        "cardData": {"cardParamMap": public},
        "cardUpdateOptions": _BY_KEY,
    }
    if user is not None:
        sent["privateData"] = {user: {"cardParamMap": private}}
    return sent


def callback_answer(card: Card | None) -> dict[str, Any]:
    """The answer to a tap (7.4), seen by the tapper only.

    The means to act go into the tapper's private data as well, because private values hide public ones. Without a card
    one unchanged variable is sent: what an empty object means is nowhere written.
    """
    if card is None:
        return {"cardUpdateOptions": _BY_KEY, "cardData": {"cardParamMap": {"toast_ok": "true"}}}
    everything = variables(card)
    private = {name: everything[name] for name in PRIVATE}
    return {
        "cardUpdateOptions": _BY_KEY,
        "cardData": {"cardParamMap": everything},
        "userPrivateData": {"cardParamMap": private},
    }
