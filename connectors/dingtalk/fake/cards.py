"""The card platform (card_1_0): instances, who sees what, what an update and an answer do (`dingtalk.md` 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from pydantic import Field, ValidationError

from connectors.dingtalk.fake import views
from connectors.dingtalk.fake.calls import Answer, Call, Gate, Refused, Strict, body
from connectors.dingtalk.fake.world import BOT, World

KEY_BYTES, VALUE_BYTES = 100, 1024
_SCOPE = "Card.Instance.Write"
_SPACES = {"IM_ROBOT": "imRobot", "IM_GROUP": "imGroup"}
_TRACK = re.compile(r"[0-9A-Za-z_.:-]{1,128}")
Params = dict[str, str]


class ParamMap(Strict):
    cardParamMap: Params = Field(default_factory=dict)
    cardMediaIdParamMap: Params = Field(default_factory=dict)


class Options(Strict):
    updateCardDataByKey: bool = False
    updatePrivateDataByKey: bool = False


class SpaceModel(Strict):
    """`supportForward` is required once a space model is given."""

    supportForward: bool
    lastMessageI18n: dict[str, str] = Field(default_factory=dict)
    searchSupport: dict[str, str] = Field(default_factory=dict)
    notification: dict[str, Any] = Field(default_factory=dict)


class RobotDeliver(Strict):
    spaceType: Literal["IM_ROBOT"]
    robotCode: str = ""
    extension: dict[str, str] = Field(default_factory=dict)


class GroupDeliver(Strict):
    robotCode: str
    atUserIds: dict[str, str] = Field(default_factory=dict)
    recipients: list[str] = Field(default_factory=list)
    extension: dict[str, str] = Field(default_factory=dict)


class Create(Strict):
    cardTemplateId: str
    outTrackId: str
    cardData: ParamMap
    callbackType: Literal["STREAM", "HTTP"] | None = None
    callbackRouteKey: str = ""
    userId: str = ""
    userIdType: Literal[1, 2] = 1
    privateData: dict[str, ParamMap] = Field(default_factory=dict)
    cardAtUserIds: list[str] = Field(default_factory=list)
    imRobotOpenSpaceModel: SpaceModel | None = None
    imGroupOpenSpaceModel: SpaceModel | None = None


class Placing(Strict):
    """Where a card goes: one space here, with its own deliver model."""

    openSpaceId: str
    imRobotOpenDeliverModel: RobotDeliver | None = None
    imGroupOpenDeliverModel: GroupDeliver | None = None


class CreateAndDeliver(Create, Placing):
    pass


class Deliver(Placing):
    outTrackId: str
    userIdType: Literal[1, 2] = 1


class Update(Strict):
    outTrackId: str
    cardData: ParamMap | None = None
    privateData: dict[str, ParamMap] = Field(default_factory=dict)
    cardUpdateOptions: Options = Options()
    userIdType: Literal[1, 2] = 1


class CallbackAnswer(Strict):
    """7.4; names of the im_1_0 era are not among them."""

    cardUpdateOptions: Options = Options()
    cardData: ParamMap | None = None
    userPrivateData: ParamMap | None = None


class Register(Strict):
    callbackRouteKey: str
    callbackUrl: str
    apiSecret: str = ""
    forceUpdate: bool = False


@dataclass(slots=True)
class Card:
    """One instance. `seen` is the public data as a tapper's answer changed it for that tapper alone."""

    track: str
    at: str
    route: tuple[str, str]
    allowed: frozenset[str]
    public: Params
    private: dict[str, Params]
    space: tuple[str, str] = ("", "")
    viewers: list[tuple[str, str]] = field(default_factory=list)
    seen: dict[str, Params] = field(default_factory=dict)
    updates: dict[str, int] = field(default_factory=dict)

    def shown(self, user: str) -> Params:
        """What this user's client draws: own data hides public data."""
        return {**self.seen.get(user, self.public), **self.private.get(user, {})}


class CardPlatform:
    def __init__(self, world: World) -> None:
        self._world = world
        self.cards: dict[str, Card] = {}
        self.routes: dict[str, tuple[str, str]] = {}  # routeKey -> (address, apiSecret)

    def routes_on(self, gate: Gate) -> list[web.RouteDef]:
        base = "/v1.0/card"
        return [
            gate.new("POST", f"{base}/instances/createAndDeliver", self._create_and_deliver, scope=_SCOPE),
            gate.new("POST", f"{base}/instances", self._create, scope=_SCOPE),
            gate.new("POST", f"{base}/instances/deliver", self._deliver, scope=_SCOPE),
            gate.new("PUT", f"{base}/instances", self._update, scope=_SCOPE),
            gate.new("POST", f"{base}/callbacks/register", self._register, scope=_SCOPE),
        ]

    async def _create_and_deliver(self, call: Call) -> Answer:
        asked = body(CreateAndDeliver, call)
        made = self._make(asked)
        results = [self._place(made, asked)]
        self.cards[made.track] = made
        return {"success": True, "result": {"outTrackId": made.track, "deliverResults": results}}

    async def _create(self, call: Call) -> Answer:
        made = self._make(body(Create, call))
        self.cards[made.track] = made
        return {"success": True, "result": made.track}

    async def _deliver(self, call: Call) -> Answer:
        asked = body(Deliver, call)
        found = self.cards.get(asked.outTrackId)
        if found is None:
            raise Refused("param.cardNotExist", "卡片不存在")
        return {"success": True, "result": [self._place(found, asked)]}

    def _make(self, asked: Create) -> Card:
        if asked.cardTemplateId not in self._world.app.templates:
            raise Refused("param.templateNotExist", "卡片模板不存在")
        if not _TRACK.fullmatch(asked.outTrackId):
            raise Refused("param.outTrackIdInvalid", "outTrackId")
        if asked.outTrackId in self.cards:
            raise Refused("param.cardAlreadyExist", "卡片已存在")
        for data in (asked.cardData, *asked.privateData.values()):
            _expect_sizes(data)
        if asked.callbackType == "HTTP" and asked.callbackRouteKey not in self.routes:
            raise Refused("param.callbackRouteKeyNotExist", "callbackRouteKey 未注册")
        models = {"IM_ROBOT": asked.imRobotOpenSpaceModel, "IM_GROUP": asked.imGroupOpenSpaceModel}
        allowed = frozenset(kind for kind, model in models.items() if model is not None)
        private = {user: dict(data.cardParamMap) for user, data in asked.privateData.items()}
        route = (asked.callbackType or "", asked.callbackRouteKey)
        return Card(asked.outTrackId, self._world.stamp(), route, allowed, dict(asked.cardData.cardParamMap), private)

    def _space(self, card: Card, asked: Placing) -> tuple[str, str]:
        """(space type, its id); both its models must be there and the robot must be ours."""
        space = asked.openSpaceId
        kind, _, target = space.removeprefix("dtv1.card//").partition(".")
        if not space.startswith("dtv1.card//") or kind not in _SPACES or not target or ";" in target:
            raise Refused("param.openSpaceIdInvalid", "openSpaceId 不合法")
        deliver = asked.imRobotOpenDeliverModel if kind == "IM_ROBOT" else asked.imGroupOpenDeliverModel
        if kind not in card.allowed or deliver is None:
            name = _SPACES[kind]
            raise Refused("param.error", f"{name}OpenSpaceModel and {name}OpenDeliverModel are needed")
        # The official client leaves it out in single chats; then it is the app's own.
        if deliver.robotCode not in ("", self._world.app.robot_code):
            raise Refused("param.robotCodeInvalid", "robotCode")
        return kind, target

    def _place(self, card: Card, asked: Placing) -> dict[str, Any]:
        """One space's result; a failed one hides inside a successful call."""
        kind, target = self._space(card, asked)
        result: dict[str, Any] = {"spaceType": kind, "spaceId": target}
        if kind == "IM_ROBOT":
            viewers = [(target, BOT)] if self._world.knows(target) else []
        else:
            viewers = self._group_viewers(asked, target)
        if not viewers:
            return {**result, "success": False, "errorMsg": "spaceId is illegal", "carrierId": ""}
        card.space = (kind, target)
        card.viewers += viewers
        self._draw(card)
        return {**result, "success": True, "errorMsg": "", "carrierId": self._world.serial("carrier-")}

    def _group_viewers(self, asked: Placing, target: str) -> list[tuple[str, str]]:
        try:
            members = self._world.group(target).members
        except LookupError:
            return []
        only = asked.imGroupOpenDeliverModel.recipients if asked.imGroupOpenDeliverModel else []
        return [(user, target) for user in members if self._world.knows(user) and (not only or user in only)]

    async def _update(self, call: Call) -> Answer:
        asked = body(Update, call)
        found = self.cards.get(asked.outTrackId)
        if found is None:
            raise Refused("param.cardNotExist", "卡片不存在")
        for data in ([asked.cardData] if asked.cardData else []) + list(asked.privateData.values()):
            _expect_sizes(data)
        options = asked.cardUpdateOptions
        if asked.cardData is not None:
            new = asked.cardData.cardParamMap
            found.public = _changed(found.public, new, by_key=options.updateCardDataByKey)
            for user, seen in found.seen.items():
                found.seen[user] = _changed(seen, new, by_key=options.updateCardDataByKey)
        for user, data in asked.privateData.items():
            old = found.private.get(user, {})
            found.private[user] = _changed(old, data.cardParamMap, by_key=options.updatePrivateDataByKey)
        for user, _ in found.viewers:
            found.updates[user] = found.updates.get(user, 0) + 1
        self._draw(found)
        return {"success": True, "result": True}

    async def _register(self, call: Call) -> Answer:
        asked = body(Register, call)
        known = self.routes.get(asked.callbackRouteKey)
        if known is None or asked.forceUpdate:
            self.routes[asked.callbackRouteKey] = known = (asked.callbackUrl, asked.apiSecret)
        return {"success": True, "result": {"callbackUrl": known[0], "apiSecret": known[1]}}

    def answered(self, card: Card, user: str, answer: Any) -> str:
        """Applies the answer to a tap for the tapper alone and returns the toast; a bad answer changes nothing."""
        try:
            read = CallbackAnswer.model_validate(answer)
            for data in (read.cardData, read.userPrivateData):
                if data is not None:
                    _expect_sizes(data)
        except (ValidationError, Refused):
            return views.TOAST["error"]
        options = read.cardUpdateOptions
        if read.cardData is not None:
            old = card.seen.get(user, card.public)
            card.seen[user] = _changed(old, read.cardData.cardParamMap, by_key=options.updateCardDataByKey)
        if read.userPrivateData is not None:
            mine = card.private.get(user, {})
            new = read.userPrivateData.cardParamMap
            card.private[user] = _changed(mine, new, by_key=options.updatePrivateDataByKey)
        card.updates[user] = card.updates.get(user, 0) + 1
        self._draw(card, only=user)
        return views.TOAST["ok" if card.shown(user).get("toast_ok") == "true" else "failed"]

    def _draw(self, card: Card, *, only: str = "") -> None:
        for user, chat in card.viewers:
            if only in ("", user):
                updates = card.updates.get(user, 0)
                self._world.show(user, chat, views.card(card.track, card.shown(user), at=card.at, updates=updates))

    def button(self, card: Card, user: str, button: str) -> dict[str, Any]:
        """The button's row as this user sees it; somebody the card was forwarded to gets at a recipient's buttons too,
        because a client can be made to send anything. Raises LookupError."""
        viewers = {one for one, _ in card.viewers}
        for who in [user] if user in viewers else sorted(viewers):
            shown = card.shown(who)
            found = views.rows(shown, "buttons") if shown.get("can_act") == "true" else []
            for n, row in enumerate(found):
                if f"b{n}" == button:
                    return row
        raise LookupError(f"no button {button} on {card.track}")


def _changed(old: Mapping[str, str], new: Mapping[str, str], *, by_key: bool) -> Params:
    """The default is a full overwrite: what is not named is gone."""
    return {**old, **new} if by_key else dict(new)


def _expect_sizes(data: ParamMap) -> None:
    for name, value in data.cardParamMap.items():
        if len(name.encode()) > KEY_BYTES or len(value.encode()) > VALUE_BYTES:
            raise Refused("param.error", f"cardParamMap {name[:40]}: {len(value.encode())} bytes")
