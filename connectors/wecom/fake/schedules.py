"""Calendars and schedules of the app (wecom.md 11.2): fields, sizes, daily limits, a hand in the client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sandbox.calendar import CALENDAR, calendar_line
from connectors.wecom.fake.world import Call, Data, Refusal, Window, World, list_of, object_of, refuse_unless, text_of

_A_DAY = (10_000, timedelta(days=1))
_NO_CALENDAR, _NO_SCHEDULE = 41084, 41085  # the real numbers are not documented: nobody may branch on them
_CALENDAR = frozenset({
    "admins", "summary", "color", "description", "shares", "is_public", "public_range", "is_corp_calendar",
    "set_as_default",
})  # fmt: skip
_SCHEDULE = frozenset({
    "admins", "start_time", "end_time", "is_whole_day", "attendees", "summary", "description", "location", "reminders",
    "cal_id",
})  # fmt: skip


@dataclass(slots=True)
class Kept:
    """One schedule; cancelled ones can still be read, with status 1."""

    id: str
    fields: dict[str, Any] = field(default_factory=dict)
    status: int = 0

    def shown(self) -> dict[str, Any]:
        people = [{**one, "response_status": 0} for one in self.fields.get("attendees", [])]
        return {"schedule_id": self.id, **self.fields, "attendees": people, "status": self.status}


class Schedules:
    """An app sees only its own, which are all there are here."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.calendars: dict[str, dict[str, Any]] = {}
        self.kept: dict[str, Kept] = {}
        self._day = Window(_A_DAY)

    def of(self, user: str) -> list[Kept]:
        """What stands in a member's calendar."""
        who = user.casefold()
        return [one for one in self.kept.values() if one.status == 0 and who in self._people(one)]

    def times(self, one: Kept) -> tuple[datetime, datetime]:
        begin, end = (datetime.fromtimestamp(one.fields[name], UTC) for name in ("start_time", "end_time"))
        return begin, end

    def by_hand(self, id_: str, **fields: Any) -> Kept:
        """The member moves or renames it in the client; without fields it is deleted. Raises LookupError."""
        one = self.kept[id_]
        one.fields |= fields
        one.status = one.status if fields else 1
        self._draw(one)
        return one

    async def add_calendar(self, call: Call) -> dict[str, Any]:
        asked = object_of(call.body, "calendar")
        refuse_unless(set(asked) <= _CALENDAR, "unknown field")
        self._expect_agent(call.body)
        refuse_unless(len(text_of(asked, "summary")) <= 128 and text_of(asked, "color").startswith("#"), "calendar")
        shared = {str(one.get("userid", "")).casefold() for one in asked.get("shares", [])}
        admins = [str(one).casefold() for one in asked.get("admins", [])]
        refuse_unless(len(admins) <= 3 and set(admins) <= shared, "admins must be in shares")
        self._expect_members(shared)
        self._count("calendar")
        id_ = self._world.number("cal")
        self.calendars[id_] = {"shares": shared, "summary": asked["summary"]}
        return {"cal_id": id_}

    async def add(self, call: Call) -> dict[str, Any]:
        asked = object_of(call.body, "schedule")
        self._expect_agent(call.body)
        self._expect(asked, _SCHEDULE)
        self._count("schedule")
        one = Kept(self._world.number("sch"), dict(asked))
        self.kept[one.id] = one
        self._draw(one)
        return {"schedule_id": one.id}

    async def update(self, call: Call) -> dict[str, Any]:
        """Whole, not in part: what is left out is lost, as with the real one."""
        asked = object_of(call.body, "schedule")
        one = self._found(text_of(asked, "schedule_id"))
        self._expect(asked, _SCHEDULE | {"schedule_id"})
        refuse_unless(asked.get("cal_id", one.fields.get("cal_id")) == one.fields.get("cal_id"), "cal_id")
        one.fields = {name: value for name, value in asked.items() if name != "schedule_id"}
        self._draw(one)
        return {}

    async def delete(self, call: Call) -> dict[str, Any]:
        one = self._found(text_of(call.body, "schedule_id"))
        one.status = 1
        self._draw(one)
        return {}

    async def get(self, call: Call) -> dict[str, Any]:
        wanted = [str(one) for one in list_of(call.body, "schedule_id_list", 1, 1000)]
        return {"schedule_list": [self.kept[one].shown() for one in wanted if one in self.kept]}

    async def get_by_calendar(self, call: Call) -> dict[str, Any]:
        cal = text_of(call.body, "cal_id")
        refuse_unless(cal in self.calendars, "no such calendar", _NO_CALENDAR)
        offset, limit = call.body.get("offset", 0), call.body.get("limit", 500)
        refuse_unless(isinstance(offset, int) and offset >= 0, "offset")
        refuse_unless(isinstance(limit, int) and 1 <= limit <= 1000, "limit")
        rows = [one.shown() for one in self.kept.values() if one.fields.get("cal_id") == cal]
        return {"schedule_list": rows[offset : offset + limit]}

    def _expect(self, asked: Data, known: frozenset[str]) -> None:
        refuse_unless(set(asked) <= known, f"unknown field {sorted(set(asked) - known)}")
        begin, end = asked.get("start_time"), asked.get("end_time")
        refuse_unless(isinstance(begin, int) and isinstance(end, int) and end > begin, "start_time, end_time")
        sizes = (("summary", 128), ("description", 1000), ("location", 128))
        refuse_unless(all(len(str(asked.get(name, ""))) <= most for name, most in sizes), "too long")
        refuse_unless(asked.get("is_whole_day", 0) in (0, 1), "is_whole_day")
        cal = self.calendars.get(str(asked.get("cal_id", "")))
        refuse_unless(cal is not None, "no such calendar", _NO_CALENDAR)
        admins = {str(one).casefold() for one in asked.get("admins", [])}
        refuse_unless(cal is not None and len(admins) <= 3 and admins <= cal["shares"], "admins must be in shares")
        self._expect_members({str(one.get("userid", "")).casefold() for one in asked.get("attendees", [])})

    def _expect_members(self, ids: set[str]) -> None:
        refuse_unless(all(one in self._world.members for one in ids), "userid not found", 60111)

    def _expect_agent(self, body: Data) -> None:
        refuse_unless(body.get("agentid", self._world.agent_id) == self._world.agent_id, "invalid agentid", 40056)

    def _found(self, id_: str) -> Kept:
        one = self.kept.get(id_)
        if one is None or one.status == 1:
            raise Refusal(_NO_SCHEDULE, "schedule not found")
        return one

    def _count(self, what: str) -> None:
        if not self._day.takes(what, self._world.clock.now()):
            raise Refusal(45009, "api freq out of limit")

    def _draw(self, one: Kept) -> None:
        """On the phones of those whose calendar it stands in."""
        begin, end = self.times(one)
        for who in sorted(self._people(one)):
            line = calendar_line(
                self._world.phone(who), one.id, at=self._world.stamp(), title=str(one.fields.get("summary", "")),
                begin=begin, end=end, all_day=one.fields.get("is_whole_day") == 1, gone=one.status == 1,
            )  # fmt: skip
            self._world.show(who, CALENDAR, line)

    def _people(self, one: Kept) -> set[str]:
        return {str(each.get("userid", "")).casefold() for each in one.fields.get("attendees", [])}


def event(one: Kept) -> Mapping[str, Any]:
    """The fields of the callback after a member changed it."""
    return {"CalId": one.fields.get("cal_id", ""), "ScheduleId": one.id}
