"""WeCom's words on the left, ours on the right (wecom.md 5.1-5.8). What is in no table becomes `Unknown`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from connectors import events
from connectors.refs import MessageRef, PersonRef
from connectors.wecom.xml import Malformed

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """One decrypted message with what every event needs of it."""

    account: str
    fields: Fields
    key: str
    at: datetime

    @property
    def base(self) -> dict[str, Any]:
        return {"account": self.account, "key": self.key, "at": self.at, "raw": self.fields}

    @property
    def sender(self) -> PersonRef:
        return self.person(self.text("FromUserName"))

    def person(self, userid: str) -> PersonRef:
        # Case-insensitive inside the tenant, and several answers give it lower-cased (wecom.md 1).
        return PersonRef(self.account, userid.casefold())

    def text(self, name: str) -> str:
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> float:
        return _number(self.text(name))

    def part(self, name: str) -> Fields:
        value = self.fields.get(name)
        return value if isinstance(value, Mapping) else {}

    def rest(self) -> dict[str, Any]:
        """The fields of this event's own, without the common ones."""
        return {name: value for name, value in self.fields.items() if name not in _COMMON}


Make = Callable[[Source], events.Event]
_COMMON = frozenset({"ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "AgentID", "AgentId", "MsgId"})


def translate(fields: Fields, *, account: str, digest: str) -> events.Event:
    """`digest` is of the whole decrypted text: the dedupe key of whatever has no better one (wecom.md 4.4).

    Raises `Malformed` for what lacks the common fields.
    """
    source = Source(account, fields, _key(fields, digest), _at(fields))
    kind = source.text("MsgType").casefold()
    if not kind:
        raise Malformed("no MsgType")
    make = EVENTS.get(source.text("Event").casefold()) if kind == "event" else MESSAGES.get(kind)
    return make(source) if make else _unknown(source)


def _key(fields: Fields, digest: str) -> str:
    if fields.get("MsgId"):
        return f"msg:{fields['MsgId']}"
    if fields.get("ResponseCode") and fields.get("TaskId"):
        # Each click has its own code; a repeated delivery of the click has the same.
        parts = (fields["TaskId"], fields["ResponseCode"], str(fields.get("FromUserName", "")).casefold())
        return f"tap:{sha256(chr(0).join(map(str, parts)).encode()).hexdigest()}"
    return f"sha:{digest}"


def _at(fields: Fields) -> datetime:
    text = fields.get("CreateTime", "")
    if not (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 11):
        raise Malformed("CreateTime")
    return datetime.fromtimestamp(int(text), UTC)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Malformed("number") from None


def _unknown(source: Source) -> events.Event:
    kind = source.text("MsgType")
    if kind.casefold() != "event":
        return events.Unknown(**source.base, name=f"message:{kind}", sender=source.sender)
    name = ":".join(part for part in (source.text("Event"), source.text("ChangeType")) if part)
    return events.Unknown(**source.base, name=name or "event", sender=source.sender)


# --- 5.1 messages


def _text(source: Source) -> events.Event:
    return events.TextReceived(**source.base, sender=source.sender, text=source.text("Content"))


def _media(kind: str) -> Make:
    def make(source: Source) -> events.Event:
        return events.MediaReceived(**source.base, sender=source.sender, kind=kind, media=source.text("MediaId"))

    return make


def _place(source: Source) -> events.Event:
    return events.LocationReceived(
        **source.base, sender=source.sender, latitude=source.number("Location_X"),
        longitude=source.number("Location_Y"), label=source.text("Label"),
    )  # fmt: skip


def _link(source: Source) -> events.Event:
    return events.LinkReceived(
        **source.base, sender=source.sender, title=source.text("Title"), url=source.text("Url"),
        description=source.text("Description"),
    )  # fmt: skip


# --- 5.2 interaction


def _visibility(visible: bool) -> Make:
    def make(source: Source) -> events.Event:
        return events.VisibilityChanged(**source.base, sender=source.sender, visible=visible)

    return make


def _opened(source: Source) -> events.Event:
    return events.ChatOpened(**source.base, sender=source.sender)


def _reported(source: Source) -> events.Event:
    return events.LocationReceived(
        **source.base, sender=source.sender, latitude=source.number("Latitude"), longitude=source.number("Longitude"),
        reported=True,
    )  # fmt: skip


def _menu(kind: str, details: str = "") -> Make:
    def make(source: Source) -> events.Event:
        return events.MenuPressed(
            **source.base, sender=source.sender, entry=source.text("EventKey"), kind=kind,
            details=dict(source.part(details)),
        )  # fmt: skip

    return make


def _app(kind: str) -> Make:
    def make(source: Source) -> events.Event:
        return events.AppNotice(**source.base, kind=kind, fields=source.rest())

    return make


# --- 5.3 cards


def _button(source: Source) -> events.Event:
    return events.ButtonPressed(
        **source.base, sender=source.sender, message=MessageRef(source.account, source.text("TaskId")),
        payload=source.text("EventKey"), inputs=_selected(source.part("SelectedItems")),
        code=source.text("ResponseCode"),
    )  # fmt: skip


def _selected(items: Fields) -> dict[str, tuple[str, ...]]:
    chosen: dict[str, tuple[str, ...]] = {}
    for item in items.get("SelectedItem", ()):
        if isinstance(item, Mapping) and isinstance(item.get("QuestionKey"), str):
            options = item.get("OptionIds")
            found = options.get("OptionId", ()) if isinstance(options, Mapping) else ()
            chosen[item["QuestionKey"]] = tuple(option for option in found if isinstance(option, str))
    return chosen


# --- 5.4 address book

_PEOPLE = {"create_user": "joined", "update_user": "changed", "delete_user": "left"}
_DEPARTMENTS = {"create_party": "created", "update_party": "changed", "delete_party": "removed"}


def _contact(source: Source) -> events.Event:
    change = source.text("ChangeType").casefold()
    if change in _PEOPLE:
        return _people(source, _PEOPLE[change])
    if change in _DEPARTMENTS:
        return events.DepartmentsChanged(
            **source.base, change=_DEPARTMENTS[change], departments=(source.text("Id"),), fields=source.rest()
        )
    if change == "update_tag":
        return events.TagChanged(**source.base, tag=source.text("TagId"), fields=source.rest())
    return _unknown(source)


def _people(source: Source, change: str) -> events.Event:
    userid = source.text("UserID") or source.text("UserId")
    renamed = source.text("NewUserID") or source.text("NewUserId")
    return events.PeopleChanged(
        **source.base, change=change, people=(source.person(userid),),
        renamed_to=source.person(renamed) if renamed else None, fields=source.rest(),
    )  # fmt: skip


# --- 5.5-5.8 the platform's own objects

# The action, not the state: the state is read from the platform afterwards (5.6).
_APPROVAL_ACTS = {
    "1": "submitted", "2": "agreed", "3": "rejected", "4": "transferred", "5": "urged", "6": "withdrawn",
    "8": "revoked", "10": "commented", "11": "returned", "12": "approver_added", "13": "agreed_and_added",
    "14": "handled", "15": "handed_over",
}  # fmt: skip
_ENGINE_STATES = {"1": "in_progress", "2": "approved", "3": "rejected", "4": "cancelled"}


def _approval(source: Source) -> events.Event:
    info = source.part("ApprovalInfo")
    # SpNo may be absent: it no longer fits a number.
    number = str(info.get("SpNoStr") or info.get("SpNo") or "")
    act = str(info.get("StatuChangeEvent", ""))
    return events.ObjectChanged(
        **source.base, area="approval", change=_APPROVAL_ACTS.get(act, act), object=number, fields=dict(info)
    )


def _engine(source: Source) -> events.Event:
    info = source.part("ApprovalInfo")
    state = str(info.get("OpenSpStatus", ""))
    return events.ObjectChanged(
        **source.base, area="approval", change=_ENGINE_STATES.get(state, state), object=str(info.get("ThirdNo", "")),
        fields=dict(info),
    )  # fmt: skip


def _object(area: str, change: str, id_field: str) -> Make:
    def make(source: Source) -> events.Event:
        return events.ObjectChanged(
            **source.base, area=area, change=change, object=source.text(id_field), fields=source.rest()
        )

    return make


def _meeting(source: Source) -> events.Event:
    return events.ObjectChanged(
        **source.base, area="meeting", change=source.text("ChangeType"), object=source.text("MeetingId"),
        fields=source.rest(),
    )  # fmt: skip


MESSAGES: dict[str, Make] = {
    "text": _text,
    "image": _media("image"),
    "voice": _media("voice"),
    "video": _media("video"),
    "location": _place,
    "link": _link,
}

EVENTS: dict[str, Make] = {
    "subscribe": _visibility(True),
    "unsubscribe": _visibility(False),
    "enter_agent": _opened,
    "location": _reported,
    "click": _menu("click"),
    "view": _menu("view"),
    "view_miniprogram": _menu("view_miniprogram"),
    "scancode_push": _menu("scan", "ScanCodeInfo"),
    "scancode_waitmsg": _menu("scan", "ScanCodeInfo"),
    "pic_sysphoto": _menu("photo", "SendPicsInfo"),
    "pic_photo_or_album": _menu("photo", "SendPicsInfo"),
    "pic_weixin": _menu("photo", "SendPicsInfo"),
    "location_select": _menu("location", "SendLocationInfo"),
    "batch_job_result": _app("job_finished"),
    "share_agent_change": _app("sharing_changed"),
    "share_chain_change": _app("sharing_changed"),
    # The platform may switch unused apps off: these are alarms for the operator.
    "inactive_alert": _app("will_be_disabled"),
    "close_inactive_agent": _app("disabled"),
    "reopen_inactive_agent": _app("enabled"),
    "low_active_alert": _app("low_use_warning"),
    "low_active": _app("low_use"),
    "active_restored": _app("use_restored"),
    "taskcard_click": _button,
    "template_card_event": _button,
    "template_card_menu_event": _button,
    "change_contact": _contact,
    "open_approval_change": _engine,
    "sys_approval_change": _approval,
    "modify_calendar": _object("calendar", "changed", "CalId"),
    "delete_calendar": _object("calendar", "removed", "CalId"),
    "modify_schedule": _object("schedule", "changed", "ScheduleId"),
    "delete_schedule": _object("schedule", "removed", "ScheduleId"),
    "respond_schedule": _object("schedule", "responded", "ScheduleId"),
    "meeting_change": _meeting,
    "book_meeting_room": _object("room", "booked", "BookingId"),
    "cancel_meeting_room": _object("room", "released", "BookingId"),
}
