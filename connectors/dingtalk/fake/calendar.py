"""The calendars of members (calendar_1_0, `dingtalk.md` 8.2): events by unionId, their sizes, tokens and errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from aiohttp import web
from pydantic import Field

from connectors.dingtalk.fake.calls import Answer, Call, Gate, Refused, Strict, body
from connectors.dingtalk.fake.world import World
from connectors.sandbox.calendar import CALENDAR, calendar_line

_READ, _WRITE = "Calendar.Event.Read", "Calendar.Event.Write"
_TOKENS_LIVE = timedelta(days=1)
_LONGEST = timedelta(days=366)


class Moment(Strict):
    date: str = ""
    dateTime: str = ""
    timeZone: str = ""

    def instant(self) -> datetime:
        """Raises ValueError."""
        if bool(self.date) == bool(self.dateTime):
            raise ValueError("either date or dateTime")
        if self.date:
            day = date.fromisoformat(self.date)
            return datetime.fromisoformat(f"{day.isoformat()}T00:00:00+08:00")
        found = datetime.fromisoformat(self.dateTime)
        if found.tzinfo is None:
            raise ValueError("dateTime without its zone")
        return found


class Place(Strict):
    displayName: str = ""


class Attendee(Strict):
    id: str
    isOptional: bool = False


class Reminder(Strict):
    method: Literal["dingtalk"]
    minutes: int


class Extra(Strict):
    noPushNotification: str = ""
    noChatNotification: str = ""


class Change(Strict):
    """Whatever is left out stays as it is."""

    id: str = ""
    summary: str | None = Field(default=None, min_length=1, max_length=2048)
    description: str | None = Field(default=None, max_length=5000)
    start: Moment | None = None
    end: Moment | None = None
    isAllDay: bool | None = None
    location: Place | None = None
    attendees: list[Attendee] | None = Field(default=None, max_length=500)
    reminders: list[Reminder] | None = None
    extra: Extra | None = None


class Create(Change):
    summary: str = Field(min_length=1, max_length=2048)
    start: Moment


@dataclass(slots=True)
class Kept:
    """One event of one member."""

    id: str
    owner: str
    fields: dict[str, Any]
    status: str = "confirmed"

    def shown(self) -> Answer:
        return {"id": self.id, "status": self.status, **self.fields}

    @property
    def title(self) -> str:
        return str(self.fields["summary"])


class Calendars:
    """`by_hand` is the member in the client; whoever is told of that is the server's business."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.events: dict[str, Kept] = {}
        self._tokens: dict[tuple[str, str], tuple[str, datetime]] = {}

    def routes_on(self, gate: Gate) -> list[web.RouteDef]:
        base = "/v1.0/calendar/users/{union}/calendars/{calendar}/events"
        return [
            gate.new("POST", base, self._create, scope=_WRITE),
            gate.new("GET", base, self._list, scope=_READ),
            gate.new("GET", f"{base}/{{id}}", self._get, scope=_READ),
            gate.new("PUT", f"{base}/{{id}}", self._change, scope=_WRITE),
            gate.new("DELETE", f"{base}/{{id}}", self._delete, scope=_WRITE),
        ]

    def of(self, user: str) -> list[Kept]:
        """What stands in a member's calendar, by their userId."""
        return [one for one in self.events.values() if one.owner == user and one.status == "confirmed"]

    def times(self, one: Kept) -> tuple[datetime, datetime]:
        return _begin(one.fields), _end(one.fields)

    def by_hand(self, id_: str, **fields: Any) -> Kept:
        """The member moves or renames it in the client; without fields it is deleted. Raises LookupError."""
        one = self.events[id_]
        one.fields |= fields
        one.status = one.status if fields else "cancelled"
        self._drawn(one)
        return one

    async def _create(self, call: Call) -> Answer:
        owner = self._owner(call)
        asked = body(Create, call)
        key = (owner, call.request.headers.get("x-client-token", ""))
        known, at = self._tokens.get(key, ("", self._world.clock.now()))
        if key[1] and known and self._world.clock.now() - at < _TOKENS_LIVE:
            return self.events[known].shown()
        _expect_times(asked, {})
        one = Kept(self._world.serial("evt"), owner, _fields(asked))
        self.events[one.id] = one
        self._tokens[key] = (one.id, self._world.clock.now())
        return self._drawn(one)

    async def _change(self, call: Call) -> Answer:
        one = self._found(call)
        asked = body(Change, call)
        if asked.id != one.id:
            raise Refused("invalidParameter", "id")
        _expect_times(asked, one.fields)
        one.fields |= _fields(asked)
        return self._drawn(one)

    async def _delete(self, call: Call) -> Answer:
        one = self._found(call)
        one.status = "cancelled"
        self._drawn(one)
        return {}

    async def _get(self, call: Call) -> Answer:
        one = self.events.get(call.request.match_info["id"])
        if one is None or one.owner != self._owner(call):
            raise Refused("itemNotFound", "日程不存在", status=404)
        return one.shown()

    async def _list(self, call: Call) -> Answer:
        owner, query = self._owner(call), call.query
        try:
            first, last = (datetime.fromisoformat(query[name]) for name in ("timeMin", "timeMax"))
            most, at = int(query.get("maxResults", "100")), int(query.get("nextToken", "0"))
        except (KeyError, ValueError):
            raise Refused("invalidParameter", "timeMin, timeMax") from None
        if not 1 <= most <= 100 or not timedelta(0) < last - first <= _LONGEST:
            raise Refused("invalidParameter", "maxResults 1..100, at most a year")
        rows = [one for one in self.of(owner) if _begin(one.fields) < last and _end(one.fields) > first]
        page = {"events": [one.shown() for one in rows[at : at + most]]}
        return page | ({"nextToken": str(at + most)} if len(rows) > at + most else {})

    def _drawn(self, one: Kept) -> Answer:
        """The event as it is answered, and as the member's phone shows it."""
        line = calendar_line(
            self._world.phones[one.owner], one.id, at=self._world.stamp(), title=one.title, begin=_begin(one.fields),
            end=_end(one.fields), all_day=bool(one.fields.get("isAllDay")), gone=one.status == "cancelled",
        )  # fmt: skip
        self._world.show(one.owner, CALENDAR, line)
        return one.shown()

    def _found(self, call: Call) -> Kept:
        one = self.events.get(call.request.match_info["id"])
        if one is None or one.owner != self._owner(call) or one.status == "cancelled":
            raise Refused("itemNotFound", "日程不存在", status=404)
        return one

    def _owner(self, call: Call) -> str:
        """The member of this unionId; a userId is none."""
        if call.request.match_info["calendar"] != "primary":
            raise Refused("invalidParameter", "calendarId")
        union = call.request.match_info["union"]
        for member in self._world.office.members:
            if member.id and self._world.union(member.id) == union:
                return member.id
        raise Refused("invalidParameter.userId", "unionId 不合法")


def _expect_times(asked: Change, before: dict[str, Any]) -> None:
    fields = before | _fields(asked)
    try:
        begin, end = _begin(fields), _end(fields)
    except ValueError:
        raise Refused("invalidParameter", "start, end") from None
    if end <= begin or bool(fields.get("isAllDay")) != bool(fields["start"].get("date")):
        raise Refused("invalidParameter.time", "结束时间须晚于开始时间，全天日程只写日期")


def _fields(asked: Change) -> dict[str, Any]:
    return asked.model_dump(exclude_none=True, exclude_defaults=True, exclude={"id", "extra"}) | (
        {} if asked.isAllDay is None else {"isAllDay": asked.isAllDay}
    )


def _begin(fields: dict[str, Any]) -> datetime:
    return Moment.model_validate(fields["start"]).instant()


def _end(fields: dict[str, Any]) -> datetime:
    if "end" not in fields:
        return _begin(fields) + timedelta(hours=1)
    return Moment.model_validate(fields["end"]).instant()
