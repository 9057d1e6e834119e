"""DingTalk's own calendar (`dingtalk.md` 8.2): bodies and what is read back, and the calls. Ids are unionIds.

`x-client-token` makes the platform tell repetitions of a creation for a day; a creation after a deletion needs another
one, so the handle counts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from cards.model import Schedule
from connectors.clock import Clock
from connectors.contract import Handle, ScheduleThere
from connectors.dingtalk.client import Client
from connectors.dingtalk.directory import Directory
from connectors.errors import PlatformBusy, PlatformRefused, Throttled
from connectors.refs import PersonRef
from connectors.schedules import BEIJING, differs

TITLE, NOTE, PLACE = 2048, 5000, 500
_EVENTS: Final = "/v1.0/calendar/users/{union}/calendars/primary/events"
_ONE: Final = _EVENTS + "/{id}"
_PAGE, _PAGES = 100, 20
_GONE: Final = "itemnotfound"
_MARGIN = timedelta(days=1)
Body = dict[str, Any]


def body(wanted: Schedule) -> Body:
    """Nobody is reminded or told by the platform: the office's own reminders do that, once."""
    shown = cut(wanted)
    return {
        "summary": shown.title, "description": shown.note[:NOTE], "isAllDay": shown.all_day,
        "start": _moment(shown.begin, all_day=shown.all_day), "end": _moment(shown.end, all_day=shown.all_day),
        "location": {"displayName": shown.place}, "reminders": [],
        "extra": {"noPushNotification": "true", "noChatNotification": "true"},
    }  # fmt: skip


def cut(wanted: Schedule) -> Schedule:
    """As the platform will show it."""
    return replace(wanted, title=_plain(wanted.title)[:TITLE], place=_plain(wanted.place)[:PLACE])


def there(event: Mapping[str, Any], written: Schedule) -> ScheduleThere:
    """What the calendar says; raises PlatformBusy for an event that cannot be read."""
    if event.get("status") == "cancelled":
        return gone(written)
    all_day = bool(event.get("isAllDay"))
    try:
        begin, end = _instant(event["start"]), _instant(event["end"])
    except (KeyError, TypeError, ValueError):
        raise PlatformBusy("an event without its time", call=_EVENTS) from None
    place = str((event.get("location") or {}).get("displayName") or "")
    return ScheduleThere(title=str(event.get("summary") or ""), begin=begin, end=end, all_day=all_day, place=place)


def gone(written: Schedule) -> ScheduleThere:
    return ScheduleThere(
        title=written.title, begin=written.begin, end=written.end, all_day=written.all_day, place=written.place,
        gone=True,
    )  # fmt: skip


class Schedules:
    """See `contract.Schedules`. `place` holds the person's unionId."""

    def __init__(self, client: Client, directory: Directory, clock: Clock) -> None:
        self._client, self._directory, self._clock = client, directory, clock

    async def place(self, owner: PersonRef) -> Handle:
        union = await self._directory.union_id(owner.id)
        if not union:
            raise PlatformRefused("nobody knows the unionId", call="union_id", code="no_union")
        return {"union": union}

    async def keep(
        self, owner: PersonRef, place: Handle, handle: Handle | None, wanted: Schedule, *, ref: str, repeated: bool
    ) -> Handle:
        union, made, id_ = str(place["union"]), int((handle or {}).get("made", 0)), str((handle or {}).get("id", ""))
        if wanted.cancelled:
            if id_:
                await self._delete(union, id_)
            return {"id": "", "made": made}
        if id_ and await self._change(union, id_, wanted):
            return {"id": id_, "made": made}
        return await self._create(union, wanted, made=made + 1, ref=ref)

    async def _create(self, union: str, wanted: Schedule, *, made: int, ref: str) -> Handle:
        headers = {"x-client-token": f"{ref}-{made}"}
        answer = await self._client.new(
            "POST", _EVENTS.format(union=union), name=_EVENTS, json=body(wanted), headers=headers
        )
        if not answer.get("id"):
            raise PlatformBusy("no id in the answer", call=_EVENTS)
        return {"id": str(answer["id"]), "made": made}

    async def _change(self, union: str, id_: str, wanted: Schedule) -> bool:
        """False when there is nothing to change any more."""
        try:
            path = _ONE.format(union=union, id=id_)
            await self._client.new("PUT", path, name=_ONE, json={"id": id_, **body(wanted)})
        except PlatformRefused as refused:
            if refused.code.lower() != _GONE:
                raise
            return False
        return True

    async def _delete(self, union: str, id_: str) -> None:
        try:
            path = _ONE.format(union=union, id=id_)
            await self._client.new("DELETE", path, name=_ONE, params={"pushNotification": "false"})
        except PlatformRefused as refused:
            if refused.code.lower() != _GONE:
                raise

    async def read(
        self, owner: PersonRef, place: Handle, asked: Mapping[str, tuple[Handle, Schedule]]
    ) -> Mapping[str, ScheduleThere]:
        """One list of the person's time, then one call for each that is not in it: moved far away, or deleted."""
        if not asked:
            return {}
        if (level := self._client.quota.level(now=self._clock.now())) in ("critical", "used_up"):
            raise Throttled(f"the month's calls are {level}", call=_EVENTS, retry_after=3600.0)
        union = str(place["union"])
        listed = await self._list(union, [one for _, one in asked.values()])
        found: dict[str, ScheduleThere] = {}
        for key, (handle, written) in asked.items():
            event = listed.get(str(handle["id"])) or await self._one(union, str(handle["id"]))
            now = gone(written) if event is None else there(event, written)
            if differs(cut(written), now):
                found[key] = now
        return found

    async def _list(self, union: str, written: list[Schedule]) -> dict[str, Mapping[str, Any]]:
        first, last = min(one.begin for one in written) - _MARGIN, max(one.end for one in written) + _MARGIN
        asked = {"timeMin": _iso(first), "timeMax": _iso(last), "maxResults": str(_PAGE)}
        found: dict[str, Mapping[str, Any]] = {}
        for _ in range(_PAGES):
            page = await self._client.new("GET", _EVENTS.format(union=union), name=_EVENTS, params=asked)
            found |= {str(event.get("id")): event for event in page.get("events") or []}
            if not page.get("nextToken"):
                return found
            asked["nextToken"] = str(page["nextToken"])
        raise PlatformBusy("the list has no end", call=_EVENTS)

    async def _one(self, union: str, id_: str) -> Mapping[str, Any] | None:
        try:
            return await self._client.new("GET", _ONE.format(union=union, id=id_), name=_ONE)
        except PlatformRefused as refused:
            if refused.code.lower() != _GONE:
                raise
            return None


def _moment(moment: datetime, *, all_day: bool) -> Body:
    """Whole days are dates, whose end is not included."""
    if all_day:
        return {"date": moment.astimezone(BEIJING).date().isoformat(), "timeZone": "Asia/Shanghai"}
    return {"dateTime": _iso(moment), "timeZone": "Asia/Shanghai"}


def _iso(moment: datetime) -> str:
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")


def _instant(value: Mapping[str, Any]) -> datetime:
    """Raises KeyError, TypeError, ValueError."""
    if value.get("date"):
        return datetime.combine(date.fromisoformat(str(value["date"])), time(0), BEIJING)
    moment = datetime.fromisoformat(str(value["dateTime"]).replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def _plain(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
