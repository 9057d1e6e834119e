"""WeCom's own calendar (wecom.md 11.2): bodies and what is read back, and the calls.

Each person gets one calendar of ours, because only what lies in one can be listed: an add whose answer was lost is
looked for there before it is made again. Which code says "no such schedule" is not documented: after a refusal we look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cards import calendar_sync as words
from cards.model import Schedule
from connectors.contract import Handle, ScheduleThere
from connectors.errors import PlatformBusy, PlatformRefused
from connectors.refs import PersonRef
from connectors.schedules import differs
from connectors.wecom.client import Client
from connectors.wecom.limits import chars

TITLE, NOTE, PLACE = 128, 1000, 128
_COLOR: Final = "#2E75B6"
_LIST, _PAGES, _GET = 500, 4, 1000
Body = dict[str, Any]


def calendar(owner: str) -> Body:
    """The person's own: admins must be among those with whom it is shared."""
    return {"admins": [owner], "summary": words.calendar_name(), "color": _COLOR, "shares": [{"userid": owner}]}


def body(wanted: Schedule, *, owner: str, cal: str) -> Body:
    """Nobody is reminded by the platform: the office's own reminders do that, once."""
    shown = cut(wanted)
    return {
        "admins": [owner], "attendees": [{"userid": owner}], "summary": shown.title,
        "description": chars(shown.note, NOTE), "location": shown.place, "start_time": _seconds(shown.begin),
        "end_time": _end(shown), "is_whole_day": int(shown.all_day), "reminders": {"is_remind": 0, "timezone": 8},
        "cal_id": cal,
    }  # fmt: skip


def cut(wanted: Schedule) -> Schedule:
    """As WeCom will show it."""
    return replace(wanted, title=chars(wanted.title, TITLE).strip(), place=chars(wanted.place, PLACE).strip())


def there(schedule: Mapping[str, Any], written: Schedule) -> ScheduleThere:
    """What the calendar says; status 1 is cancelled, and its details can still be read."""
    if schedule.get("status") == 1:
        return gone(written)
    try:
        begin, end = _instant(schedule["start_time"]), _instant(schedule["end_time"])
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise PlatformBusy("a schedule without its time", call="oa/schedule/get") from None
    return ScheduleThere(
        title=str(schedule.get("summary") or ""), begin=begin, end=end, all_day=schedule.get("is_whole_day") == 1,
        place=str(schedule.get("location") or ""),
    )  # fmt: skip


def gone(written: Schedule) -> ScheduleThere:
    return ScheduleThere(
        title=written.title, begin=written.begin, end=written.end, all_day=written.all_day, place=written.place,
        gone=True,
    )  # fmt: skip


class Schedules:
    """See `contract.Schedules`. `place` holds the id of the person's calendar."""

    def __init__(self, client: Client, *, agent_id: int) -> None:
        self._client, self._agent = client, agent_id

    async def place(self, owner: PersonRef) -> Handle:
        asked = {"calendar": calendar(owner.id), "agentid": self._agent}
        return {"cal": _text(await self._client.post("oa/calendar/add", asked), "cal_id", "oa/calendar/add")}

    async def keep(
        self, owner: PersonRef, place: Handle, handle: Handle | None, wanted: Schedule, *, ref: str, repeated: bool
    ) -> Handle:
        id_ = str((handle or {}).get("id", ""))
        if wanted.cancelled:
            if id_:
                await self._delete(id_)
            return {"id": ""}
        asked = body(wanted, owner=owner.id, cal=str(place["cal"]))
        if id_ and await self._change(id_, asked):
            return {"id": id_}
        if repeated and (found := await self._find(asked)):
            return {"id": found}
        answer = await self._client.post("oa/schedule/add", {"schedule": asked, "agentid": self._agent})
        return {"id": _text(answer, "schedule_id", "oa/schedule/add")}

    async def _change(self, id_: str, asked: Body) -> bool:
        """False when there is nothing to change any more."""
        try:
            await self._client.post("oa/schedule/update", {"schedule": {**asked, "schedule_id": id_}})
        except PlatformRefused:
            if await self._is_there(id_):
                raise
            return False
        return True

    async def _delete(self, id_: str) -> None:
        try:
            await self._client.post("oa/schedule/del", {"schedule_id": id_})
        except PlatformRefused:
            if await self._is_there(id_):
                raise

    async def _is_there(self, id_: str) -> bool:
        found = await self._get([id_])
        return id_ in found and found[id_].get("status") != 1

    async def _find(self, asked: Body) -> str:
        """The id of what an earlier attempt made after all; its description carries the entry's number."""
        same = ("summary", "description", "start_time", "end_time")
        for page in range(_PAGES):
            span = {"cal_id": asked["cal_id"], "offset": page * _LIST, "limit": _LIST}
            rows = (await self._client.post("oa/schedule/get_by_calendar", span)).get("schedule_list") or []
            for row in rows:
                if row.get("status") != 1 and all(row.get(name) == asked[name] for name in same):
                    return str(row.get("schedule_id", ""))
            if len(rows) < _LIST:
                break
        return ""

    async def read(
        self, owner: PersonRef, place: Handle, asked: Mapping[str, tuple[Handle, Schedule]]
    ) -> Mapping[str, ScheduleThere]:
        """What the answer leaves out is gone."""
        ids = [str(handle["id"]) for handle, _ in asked.values()]
        rows: dict[str, Mapping[str, Any]] = {}
        for at in range(0, len(ids), _GET):
            rows |= await self._get(ids[at : at + _GET])
        found: dict[str, ScheduleThere] = {}
        for key, (handle, written) in asked.items():
            row = rows.get(str(handle["id"]))
            now = gone(written) if row is None else there(row, written)
            if differs(cut(written), now):
                found[key] = now
        return found

    async def _get(self, ids: list[str]) -> dict[str, Mapping[str, Any]]:
        answer = await self._client.post("oa/schedule/get", {"schedule_id_list": ids})
        rows = answer.get("schedule_list")
        if not isinstance(rows, list):  # an answer cut short says nothing about anything
            raise PlatformBusy("no list in the answer", call="oa/schedule/get")
        return {str(row.get("schedule_id")): row for row in rows}


def _end(wanted: Schedule) -> int:
    """A whole day ends with its last second: midnight would already be the next day's."""
    return _seconds(wanted.end - timedelta(seconds=1) if wanted.all_day else wanted.end)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _instant(value: Any) -> datetime:
    return datetime.fromtimestamp(int(value), UTC)


def _text(answer: Mapping[str, Any], name: str, call: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise PlatformBusy(f"no {name} in the answer", call=call)
    return value
