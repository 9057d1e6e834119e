"""Schedules of the time assistant (8): one text, two times, people; only the creator deletes; hints without a proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.calendar import CALENDAR, calendar_line
from connectors.yunzhijia.fake.world import Call, Refusal, World, text_of

_NOTICES = frozenset({-1, 0, 5, 15, 60})
_FIELDS = frozenset({"openid", "content", "startDate", "endDate", "noticeTimes", "actors", "repeat", "repeatEndDate",
                     "channel", "files", "images", "agent"})  # fmt: skip
_NOT_THERE = 2404  # the real number is not documented: nobody may branch on it


@dataclass(slots=True)
class Work:
    """One schedule; a deleted one can still be read, with status 2."""

    id: str
    creator: str
    fields: dict[str, Any] = field(default_factory=dict)
    status: int = 0

    def shown(self) -> dict[str, Any]:
        people = [{"openid": one, "acceptStatus": 0} for one in self.fields["actors"]]
        return {"workId": self.id, **self.fields, "actors": people, "workStatus": self.status}

    @property
    def title(self) -> str:
        return str(self.fields["content"]).split("\n", 1)[0]

    @property
    def times(self) -> tuple[datetime, datetime]:
        begin, end = (datetime.fromtimestamp(self.fields[name] / 1000, UTC) for name in ("startDate", "endDate"))
        return begin, end


class Works:
    """`handlers` by the last part of the path; the scope of their token is `resGroupSecret` with its own secret."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.kept: dict[str, Work] = {}

    def handlers(self) -> dict[str, Any]:
        calls = {"create": self.create, "modify": self.modify, "delete": self.delete, "detail": self.detail,
                 "teamWorks": self.team}  # fmt: skip
        return {f"/gateway/cloudwork/newwork/{name}": call for name, call in calls.items()}

    def of(self, user: str) -> list[Work]:
        """What stands in a member's calendar."""
        return [one for one in self.kept.values() if one.status != 2 and user in one.fields["actors"]]

    def by_hand(self, id_: str, **fields: Any) -> Work:
        """The member changes it in the client; without fields it is deleted. Raises LookupError."""
        one = self.kept[id_]
        one.fields |= fields
        one.status = one.status if fields else 2
        self._draw(one)
        return one

    async def create(self, call: Call) -> dict[str, Any]:
        self._expect(call, _FIELDS)
        one = Work(self._world.number("work"), text_of(call.body, "openid"), dict(call.body))
        self.kept[one.id] = one
        self._draw(one)
        return _fine({"workId": one.id})

    async def modify(self, call: Call) -> dict[str, Any]:
        self._expect(call, _FIELDS | {"workId"})
        one = self._found(call)
        if one.creator != call.body["openid"]:
            raise Refusal(2403, "只有创建人可以修改")
        one.fields = {name: value for name, value in call.body.items() if name != "workId"}
        self._draw(one)
        return _fine(None)

    async def delete(self, call: Call) -> dict[str, Any]:
        self._world.check(call.query.get("accessToken", ""), "resGroupSecret", secret="work")
        one = self._found(call)
        if one.creator != text_of(call.body, "openid"):
            raise Refusal(2403, "只有创建人可以删除")
        one.status = 2
        self._draw(one)
        return _fine(None)

    async def detail(self, call: Call) -> dict[str, Any]:
        self._world.check(call.query.get("accessToken", ""), "resGroupSecret", secret="work")
        one = self.kept.get(text_of(call.body, "workId"))
        if one is None:
            raise Refusal(_NOT_THERE, "日程不存在")
        return _fine(one.shown())

    async def team(self, call: Call) -> dict[str, Any]:
        """After `lastId`, the newest first."""
        self._world.check(call.query.get("accessToken", ""), "resGroupSecret", secret="work")
        size, last = call.body.get("size"), str(call.body.get("lastId", ""))
        if not isinstance(size, int) or not 1 <= size <= 1000:
            raise Refusal(1001, "size 应在 1 到 1000 之间")
        rows = [one.shown() for one in reversed(self.kept.values())]
        ids = [row["workId"] for row in rows]
        begin = ids.index(last) + 1 if last in ids else 0
        return _fine(rows[begin : begin + size])

    def _expect(self, call: Call, known: frozenset[str]) -> None:
        self._world.check(call.query.get("accessToken", ""), "resGroupSecret", secret="work")
        asked = call.body
        if strange := set(asked) - known:
            raise Refusal(1001, f"param error: {sorted(strange)[0]}")
        text_of(asked, "content")
        begin, end = asked.get("startDate", 0), asked.get("endDate", 0)
        if not _is_millis(begin) or not _is_millis(end) or end < begin:
            raise Refusal(1001, "param error: startDate, endDate 应为毫秒")
        if not set(asked.get("noticeTimes") or ()) <= _NOTICES:
            raise Refusal(1001, "param error: noticeTimes")
        people = [text_of(asked, "openid"), *(asked.get("actors") or ())]
        if not set(people) <= set(self._world.members):
            raise Refusal(1404, "人员不存在")

    def _found(self, call: Call) -> Work:
        one = self.kept.get(text_of(call.body, "workId"))
        if one is None or one.status == 2:
            raise Refusal(_NOT_THERE, "日程不存在")
        return one

    def _draw(self, one: Work) -> None:
        """On the phones of those whose calendar it stands in."""
        begin, end = one.times
        for who in one.fields["actors"]:
            line = calendar_line(
                self._world.phones[who], one.id, at=self._world.stamp(), title=one.title, begin=begin, end=end,
                all_day=False, gone=one.status == 2,
            )  # fmt: skip
            self._world.show(who, CALENDAR, line)


def hint(one: Work, method: str) -> Mapping[str, str]:
    return {"id": one.id, "method": method}


def _is_millis(value: Any) -> bool:
    return isinstance(value, int) and value > 10**12


def _fine(data: Any) -> dict[str, Any]:
    return {"success": True, "errorCode": 0, "error": None, "data": data}
