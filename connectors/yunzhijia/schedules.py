"""The time assistant's schedules (`yunzhijia.md` 8): bodies and what is read back, and the calls.

A schedule there is one text with two times: title, place and note are its lines, and a whole day is one from midnight
to the last minute. Only the creator may delete it, so each person is the creator of what stands in their calendar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from cards import calendar_sync as words
from cards.model import Schedule
from connectors.contract import Handle, ScheduleThere
from connectors.errors import PlatformBusy, PlatformRefused
from connectors.refs import PersonRef
from connectors.schedules import BEIJING, differs
from connectors.yunzhijia import verdict
from connectors.yunzhijia.client import Client

TITLE, PLACE = 100, 100
"""Characters; no limit is documented."""
_BASE: Final = "/gateway/cloudwork/newwork/"
_PERSON: Final = "/gateway/opendata-control/data/getperson"
_SCOPE: Final = "work"
_PAGE, _PAGES = 1000, 5
_DELETED: Final = "2"
_SILENT: Final = (-1,)
Body = dict[str, Any]


def body(wanted: Schedule, *, owner: str) -> Body:
    """Nobody is reminded by the platform: the office's own reminders do that, once."""
    shown = cut(wanted)
    lines = [shown.title, words.place(shown.place), shown.note]
    return {
        "openid": owner, "actors": [owner], "content": "\n".join(line for line in lines if line),
        "startDate": _millis(shown.begin), "endDate": _millis(_end(shown)), "noticeTimes": list(_SILENT),
    }  # fmt: skip


def cut(wanted: Schedule) -> Schedule:
    """As it will be shown: a title is one line."""
    title, place = (" ".join(text.split())[:most].strip() for text, most in
                    ((wanted.title, TITLE), (wanted.place, PLACE)))  # fmt: skip
    return replace(wanted, title=title, place=place)


def there(row: Mapping[str, Any], written: Schedule) -> ScheduleThere:
    """What the time assistant says. Raises PlatformBusy for a row without its times."""
    if str(row.get("workStatus", "0")) == _DELETED:
        return ScheduleThere(
            title=written.title, begin=written.begin, end=written.end, all_day=written.all_day, place=written.place,
            gone=True,
        )  # fmt: skip
    try:
        begin, end = _instant(row["startDate"]), _instant(row["endDate"])
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise PlatformBusy("a schedule without its time", call=f"{_BASE}detail") from None
    title, *rest = str(row.get("content") or "").split("\n")
    place = next((found for line in rest if (found := words.placed(line))), "")
    whole = _whole(begin, end)
    return ScheduleThere(
        title=title, begin=begin, end=end + timedelta(minutes=1) if whole else end, all_day=whole, place=place
    )


class Schedules:
    """See `contract.Schedules`. There is no calendar to make: `place` only knows the person."""

    def __init__(self, client: Client, *, eid: str) -> None:
        self._client, self._eid = client, eid

    async def place(self, owner: PersonRef) -> Handle:
        asked = {"eid": self._eid, "openId": owner.id}
        answer = await self._client.call("app", _PERSON, judge=verdict.listed, data=asked)
        if not answer.get("data"):
            raise PlatformRefused("not a member", call=_PERSON, code="outsider")
        return {"owner": owner.id}

    async def keep(
        self, owner: PersonRef, place: Handle, handle: Handle | None, wanted: Schedule, *, ref: str, repeated: bool
    ) -> Handle:
        id_ = str((handle or {}).get("id", ""))
        if wanted.cancelled:
            if id_:
                await self._delete(owner, id_)
            return {"id": ""}
        asked = body(wanted, owner=owner.id)
        if id_ and await self._change(id_, asked):
            return {"id": id_}
        if repeated and (found := await self._find(asked)):
            return {"id": found}
        return {"id": _id(await self._call("create", asked))}

    async def _change(self, id_: str, asked: Body) -> bool:
        """False when there is nothing to change any more: which code says so is not documented, so it is looked at."""
        try:
            await self._call("modify", {**asked, "workId": id_})
        except PlatformRefused:
            if await self._is_there(id_):
                raise
            return False
        return True

    async def _delete(self, owner: PersonRef, id_: str) -> None:
        try:
            await self._call("delete", {"openid": owner.id, "workId": id_})
        except PlatformRefused:
            if await self._is_there(id_):
                raise

    async def _is_there(self, id_: str) -> bool:
        return str((await self._detail(id_)).get("workStatus", "0")) != _DELETED

    async def _find(self, asked: Body) -> str:
        """What an earlier attempt made after all, among the team's newest; its text carries the entry's number.

        `queryByDay` would ask by the day of its making, and an attempt may be of yesterday.
        """
        same, last = ("content", "startDate", "endDate"), ""
        for _ in range(_PAGES):
            rows = _rows(await self._call("teamWorks", {"lastId": last, "size": _PAGE}))
            for row in rows:
                made = all(str(row.get(name)) == str(asked[name]) for name in same)
                if made and str(row.get("workStatus", "0")) != _DELETED:
                    return str(row.get("workId", ""))
            if len(rows) < _PAGE:
                break
            last = str(rows[-1].get("workId", ""))
        return ""

    async def read(
        self, owner: PersonRef, place: Handle, asked: Mapping[str, tuple[Handle, Schedule]]
    ) -> Mapping[str, ScheduleThere]:
        """One question each: the lists are of a day's making or of a whole team."""
        found: dict[str, ScheduleThere] = {}
        for key, (handle, written) in asked.items():
            now = there(await self._detail(str(handle["id"])), written)
            if differs(cut(written), now):
                found[key] = now
        return found

    async def _detail(self, id_: str) -> Mapping[str, Any]:
        row = (await self._call("detail", {"workId": id_})).get("data")
        if not isinstance(row, Mapping):  # an answer cut short says nothing
            raise PlatformBusy("no schedule in the answer", call=f"{_BASE}detail")
        return row

    async def _call(self, name: str, asked: Body) -> Mapping[str, Any]:
        return await self._client.call(_SCOPE, f"{_BASE}{name}", json=asked)


def _end(wanted: Schedule) -> datetime:
    """A whole day ends with its last minute: midnight would already be the next day's."""
    return wanted.end - timedelta(minutes=1) if wanted.all_day else wanted.end


def _whole(begin: datetime, end: datetime) -> bool:
    """From midnight to the last minute of a day."""
    first, last = begin.astimezone(BEIJING), (end + timedelta(minutes=1)).astimezone(BEIJING)
    return first.time() == time() and last.time() == time() and last > first


def _millis(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000


def _instant(value: Any) -> datetime:
    return datetime.fromtimestamp(int(value) / 1000, UTC).replace(microsecond=0)


def _id(answer: Mapping[str, Any]) -> str:
    data = answer.get("data")
    value = data.get("workId") if isinstance(data, Mapping) else data
    if not isinstance(value, str) or not value:
        raise PlatformBusy("no workId in the answer", call=f"{_BASE}create")
    return value


def _rows(answer: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The list, which some families wrap once more."""
    data = answer.get("data")
    rows = data.get("list") if isinstance(data, Mapping) else data
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
