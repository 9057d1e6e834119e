"""Messages of the app to members: send, update by response code, recall (wecom.md 7, 8.5)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from connectors.sandbox.phones import Message
from connectors.wecom.fake import cards
from connectors.wecom.fake.bodies import Bodies
from connectors.wecom.fake.cards import Copy
from connectors.wecom.fake.directory import Directory
from connectors.wecom.fake.world import BOT, Call, Data, Refusal, Window, World, refuse_unless, text_of

CODE_LIFE = timedelta(hours=72)
# The real codes of these two are not documented (wecom.md 14); ours only have to be none of the known ones.
CODE_SPENT = 42045
TASK_ID_USED = 43045
_KINDS = frozenset({
    "text", "image", "voice", "video", "file", "textcard", "news", "mpnews", "markdown", "miniprogram_notice",
})  # fmt: skip


@dataclass(slots=True)
class Sent:
    """One message as the server keeps it. `copies` by case-folded member, empty unless it is a card."""

    id: str
    at: datetime
    receivers: list[str]
    bubble: Message
    copies: dict[str, Copy] = field(default_factory=dict)


@dataclass(slots=True)
class _Code:
    sent: Sent
    until: datetime
    used: bool = False


class Messages:
    """`has_callback` tells whether the app has a callback URL now; cards with buttons need one."""

    def __init__(self, world: World, bodies: Bodies, directory: Directory, has_callback: Callable[[], bool]) -> None:
        self._world = world
        self._bodies = bodies
        self._directory = directory
        self._has_callback = has_callback
        self._sent: dict[str, Sent] = {}
        self._codes: dict[str, _Code] = {}
        self._task_ids: set[str] = set()
        self._bodies_seen: dict[str, datetime] = {}
        self._pace = Window((30, timedelta(minutes=1)), (1000, timedelta(hours=1)))

    async def send(self, call: Call) -> dict[str, Any]:
        body = call.body
        self._check_app(body)
        receivers, invalid = self._receivers(body)
        bubble = Message(self._world.number("msg"), self._world.stamp(), "text")
        card = self._card(body) if body.get("msgtype") == "template_card" else None
        if card is None:
            self._bodies.fill(bubble, body, allowed=_KINDS)
        if self._is_repeat(call):
            return {"invaliduser": "|".join(invalid)}
        sent = self._keep(receivers, bubble, card)
        answer = {"invaliduser": "|".join(invalid), "msgid": sent.id}
        if card is not None and cards.wants_callback(card):
            answer["response_code"] = self.issue_code(sent)
        return answer

    def _check_app(self, body: Data) -> None:
        refuse_unless("msgtype" in body, "missing msgtype", 40008)
        refuse_unless("agentid" in body, "missing agentid", 40056)
        refuse_unless(isinstance(body["agentid"], int), "agentid must be a number", 40056)
        refuse_unless(body["agentid"] == self._world.agent_id, "no right on this app", 301002)
        refuse_unless(body.get("safe", 0) in {0, 1, 2}, "invalid safe")

    def _receivers(self, body: Data) -> tuple[list[str], list[str]]:
        """(known, unknown): case-folded, each once. Raises 81013 when nobody is left."""
        if body.get("touser") == "@all":
            return list(self._world.members), []
        asked = [who.casefold() for who in str(body.get("touser") or "").split("|") if who]
        refuse_unless(len(asked) <= 1000, "more than 1000 users", 82001)
        parties = [party for party in str(body.get("toparty") or "").split("|") if party]
        refuse_unless(len(parties) <= 100, "more than 100 parties", 82002)
        tags = [tag for tag in str(body.get("totag") or "").split("|") if tag]
        refuse_unless(len(tags) <= 100, "more than 100 tags", 82003)
        refuse_unless(asked or parties or tags, "no receivers", 82001)
        wanted = dict.fromkeys([*asked, *self._directory.members_of(parties)])
        known = [who for who in wanted if who in self._world.members]
        if not known:
            raise Refusal(81013, "all receivers are invalid")
        return known, [who for who in wanted if who not in self._world.members]

    def _card(self, body: Data) -> Data:
        card = body.get("template_card")
        if not isinstance(card, dict):
            raise Refusal(40058, "missing template_card")
        cards.check(card)
        refuse_unless(not cards.wants_callback(card) or self._has_callback(), "the app has no callback url", 48002)
        return card

    def _is_repeat(self, call: Call) -> bool:
        """An identical JSON inside the window vanishes with a friendly answer."""
        if call.body.get("enable_duplicate_check") != 1:
            return False
        seconds = call.body.get("duplicate_check_interval", 1800)
        refuse_unless(isinstance(seconds, int) and 0 < seconds <= 14400, "invalid duplicate_check_interval")
        digest, now = sha256(call.raw).hexdigest(), self._world.clock.now()
        seen = self._bodies_seen.get(digest)
        if seen is not None and now - seen < timedelta(seconds=seconds):
            return True
        self._bodies_seen[digest] = now
        return False

    def _keep(self, receivers: Sequence[str], bubble: Message, card: Data | None) -> Sent:
        if card is not None and card.get("task_id"):
            refuse_unless(card["task_id"] not in self._task_ids, "task_id already used", TASK_ID_USED)
            self._task_ids.add(card["task_id"])
        sent = Sent(bubble.id, self._world.clock.now(), list(receivers), bubble)
        self._sent[sent.id] = sent
        for who in receivers:
            # Over the pace the member gets nothing and the sender learns nothing.
            if self._pace.takes(who, sent.at):
                if card is not None:
                    sent.copies[who] = Copy(card)
                self._show(sent, who)
        return sent

    def _show(self, sent: Sent, who: str) -> None:
        copy = sent.copies.get(who)
        self._world.show(who, BOT, cards.draw(copy, bubble=sent.bubble) if copy else replace(sent.bubble))

    def issue_code(self, sent: Sent) -> str:
        """A fresh one-time right to update."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(sent, self._world.clock.now() + CODE_LIFE)
        return code

    def find(self, user: str, message: str) -> tuple[Sent, Copy]:
        """The card on this member's phone; raises LookupError."""
        sent = self._sent[message]
        return sent, sent.copies[user.casefold()]

    # --- update

    async def update(self, call: Call) -> dict[str, Any]:
        body = call.body
        refuse_unless(body.get("agentid") == self._world.agent_id, "no right on this app", 301002)
        code = self._codes.get(text_of(body, "response_code"))
        if code is None or code.used or code.until <= self._world.clock.now():
            raise Refusal(CODE_SPENT, "response_code is invalid, used or expired")
        change = self._change(body, code.sent)
        asked = self._asked(body, code.sent)
        code.used = True
        invalid = [who for who in asked if who not in code.sent.copies]
        for who in asked:
            if who in code.sent.copies:
                code.sent.copies[who] = change(code.sent.copies[who])
                self._show(code.sent, who)
        return {"invaliduser": invalid}

    def _asked(self, body: Data, sent: Sent) -> list[str]:
        if body.get("atall") == 1:
            return list(sent.copies)
        users = body.get("userids") or []
        refuse_unless(isinstance(users, list) and len(users) <= 1000, "more than 1000 userids", 82001)
        members = self._directory.members_of([str(party) for party in body.get("partyids") or ()])
        asked = list(dict.fromkeys([*(str(who).casefold() for who in users), *members]))
        refuse_unless(asked, "no receivers", 82001)
        return asked

    def _change(self, body: Data, sent: Sent) -> Callable[[Copy], Copy]:
        card, button = body.get("template_card"), body.get("button")
        if isinstance(card, dict):
            cards.check(card)
            return lambda copy: Copy(card, updates=copy.updates + 1)
        refuse_unless(isinstance(button, dict), "missing template_card or button")
        name = text_of(button or {}, "replace_name")
        kinds = {copy.card["card_type"] for copy in sent.copies.values()}
        refuse_unless(kinds <= cards.INTERACTIVE, "this card has no button")
        return lambda copy: replace(copy, renamed=name, updates=copy.updates + 1)

    # --- recall

    async def recall(self, call: Call) -> dict[str, Any]:
        sent = self._sent.get(text_of(call.body, "msgid"))
        if sent is None or self._world.clock.now() - sent.at > timedelta(hours=24):
            raise Refusal(40058, "no such message, or older than a day")
        sent.bubble.recalled = True
        for who in sent.receivers:
            self._show(sent, who)
        return {}
