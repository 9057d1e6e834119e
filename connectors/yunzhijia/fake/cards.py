"""Cards of type 25: base and private states, and how a phone draws the template's variables (9)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from connectors.sandbox.phones import Button, Choice, Field, Message
from connectors.yunzhijia.fake.world import BOT, Refusal, World, text_of

TEMPLATE: dict[str, Any] = json.loads((files("connectors.yunzhijia") / "template.json").read_text("utf-8"))
_BASE = frozenset(TEMPLATE["base"]["variables"])
_ACTION = _BASE | frozenset(TEMPLATE["action"]["variables"])
_MONTH = timedelta(days=31)
_SLOTS = range(1, 9)
State = dict[str, str]


@dataclass(slots=True)
class Card:
    """One send. A private state wins over the base for ever."""

    track: str
    app_id: str
    sent: datetime
    base: State
    private: dict[str, State] = field(default_factory=dict)
    updates: int = 0

    def seen_by(self, user: str) -> State:
        return self.private.get(user, self.base)


class CardPlatform:
    """All cards by outTrackId; a second send of one id turns the earlier cards into the new one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.cards: dict[str, Card] = {}

    def create(self, msg: Mapping[str, Any], users: list[str]) -> None:
        """The `msg` of a public-account message. Raises Refusal."""
        track = text_of(msg, "outTrackId", 5000)
        text_of(msg, "title", 5000)
        card = Card(track, str(msg.get("appid", "")), self._world.clock.now(), *self._states(msg))
        card.updates = self.cards[track].updates + 1 if track in self.cards else 0
        self.cards[track] = card
        for user in users:
            self._show(card, user)

    def update(self, body: Mapping[str, Any]) -> None:
        """Complete states; only listed people change."""
        card = self._known(body)
        base, private = self._states(body)
        card.base, card.private = base, card.private | private
        self._shown_again(card)

    def merge(self, body: Mapping[str, Any]) -> None:
        """`updateCardMsgFields`: merged into the stored data."""
        card = self._known(body)
        card.base |= (body.get("baseInfo") or {}).get("updateFields") or {}
        for person in body.get("personInfoList") or []:
            for user in person.get("toUserIdList") or []:
                card.private[user] = card.seen_by(user) | (person.get("updateFields") or {})
        self._shown_again(card)

    def answered(self, card: Card, user: str, answer: Any) -> str:
        """What the tapper sees; the words of a refusal, if it is one."""
        if not isinstance(answer, Mapping):
            return "操作失败，请稍后再试"
        if answer.get("success") is not True:
            return str(answer.get("error") or "操作失败")
        fields = (answer.get("data") or {}).get("newUpdateFields") or {}
        if fields:
            card.private[user] = card.seen_by(user) | _checked(fields, _ACTION)
            card.updates += 1
            self._show(card, user)
        return ""

    def _known(self, body: Mapping[str, Any]) -> Card:
        card = self.cards.get(text_of(body, "outTrackId"))
        if card is None or body.get("appId") != card.app_id:
            raise Refusal(2001, "卡片不存在")
        if self._world.clock.now() - card.sent > _MONTH:
            raise Refusal(2002, "卡片已过期")
        return card

    def _states(self, body: Mapping[str, Any]) -> tuple[State, dict[str, State]]:
        tenant = self._world.tenant
        base = body.get("baseInfo")
        if not isinstance(base, Mapping) or base.get("templateId") != tenant.base_template:
            raise Refusal(2003, "模板不存在")
        people = body.get("personInfoList") or []
        private: dict[str, State] = {}
        for person in people:
            if person.get("templateId") != tenant.action_template or person.get("userType") not in (0, 1):
                raise Refusal(2003, "模板不存在")
            for user in person.get("toUserIdList") or []:
                private[user] = _content(person, _ACTION)
        if len(private) > 1000:
            raise Refusal(2004, "personInfoList 超过 1000")
        return _content(base, _BASE), private

    def _shown_again(self, card: Card) -> None:
        card.updates += 1
        for user, phone in self._world.phones.items():
            if any(message.id == card.track for message in phone.chats[BOT].messages):
                self._show(card, user)

    def _show(self, card: Card, user: str) -> None:
        at = card.sent.isoformat(timespec="seconds")
        self._world.show(user, BOT, draw(card.track, card.seen_by(user), at=at, updates=card.updates))


def _content(info: Mapping[str, Any], known: frozenset[str]) -> State:
    """`dataContent` is JSON text, an object of texts with the template's names."""
    try:
        data = json.loads(info["dataContent"])
    except (KeyError, TypeError, ValueError):
        raise Refusal(2005, "dataContent 不是 JSON 字符串") from None
    return _checked(data, known)


def _checked(data: Any, known: frozenset[str]) -> State:
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise Refusal(2005, "dataContent 的值应为字符串")
    if unknown := set(data) - known:
        raise Refusal(2006, f"模板没有变量 {sorted(unknown)[0]}")
    return data


def draw(track: str, shown: Mapping[str, str], *, at: str, updates: int) -> Message:
    """A card as one viewer sees it."""
    fields = [Field(shown[f"f{n}_name"], shown[f"f{n}_value"]) for n in _SLOTS if shown.get(f"f{n}_name")]
    buttons = [_button(n, shown) for n in _SLOTS if shown.get(f"b{n}_text")]
    inputs = [(shown[f"i{n}_key"], shown[f"i{n}_title"]) for n in (1, 2) if shown.get(f"i{n}_key")]
    big = (shown.get("big", ""), shown.get("big_caption", ""))
    return Message(
        id=track, at=at, kind="card", title=shown.get("title", ""), subtitle=shown.get("subtitle", ""),
        source_line=shown.get("source", ""), big=big if big[0] else None, quote=shown.get("quote", ""), fields=fields,
        choices=[_choice(n, shown) for n in (1, 2) if shown.get(f"c{n}_key")], inputs=inputs, buttons=buttons,
        url=shown.get("url", ""), state=shown.get("state", ""), tone=shown.get("tone", "neutral"),
        note=shown.get("note", ""), updates=updates, source="card/25",
    )  # fmt: skip


def _button(n: int, shown: Mapping[str, str]) -> Button:
    return Button(f"b{n}", shown[f"b{n}_text"], shown.get(f"b{n}_style", "plain"), shown.get(f"b{n}_url", ""))


def _choice(n: int, shown: Mapping[str, str]) -> Choice:
    options = [(one["id"], one["text"]) for one in json.loads(shown[f"c{n}_options"])]
    selected = json.loads(shown.get(f"c{n}_selected") or "[]")
    return Choice(shown[f"c{n}_key"], shown[f"c{n}_title"], options, selected, many=bool(shown.get(f"c{n}_many")))


def event_data(shown: Mapping[str, str], button: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the pressed button sends: its own values, the keys of the inputs and their values by their ids (9.3)."""
    data: dict[str, Any] = {"payload": shown[f"{button}_payload"], "tok": shown[f"{button}_tok"]}
    for n in (1, 2):
        for letter in ("c", "i"):
            key = shown.get(f"{letter}{n}_key", "")
            data[f"{letter}{n}_key"] = key
            if key:
                data[f"{letter}{n}"] = _value(n, letter, shown, list(inputs.get(key, [])))
    return data


def _value(n: int, letter: str, shown: Mapping[str, str], given: list[str]) -> Any:
    if letter == "i":
        return "".join(given)
    choice = _choice(n, shown)
    picked = given or choice.selected
    if not set(picked) <= {id for id, _ in choice.options}:
        raise LookupError(f"no such option: {picked}")
    return picked if choice.many else "".join(picked)
