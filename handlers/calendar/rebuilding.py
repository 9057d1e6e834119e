"""Rooms, bookings, the queue and calendars out of the journal (`handlers.audit.projecting`)."""

from __future__ import annotations

import json
from typing import Any, Final

from handlers.audit.log import Recorded
from handlers.audit.projecting import ERASED, Rows, Rules, Table, at_ms, word
from handlers.calendar import facts

_NUMBER: Final = {"id": "the row's own number"}
_WRITTEN: Final = {
    "created_ms": "when the row was written: the recorded time of its fact says it",
    "changed_ms": "when the row was written: the recorded time of its fact says it",
}

TABLES: Final = (
    Table(
        name="resource",
        key=("id",),
        columns=(
            "kind", "name", "seats", "equipment", "place", "person", "valid_until", "odometer", "active",
        ),
    ),
    Table(
        name="reservation",
        key=("id",),
        columns=(
            "booking", "resource", "begin_ms", "end_ms", "state", "person", "subject", "people", "source", "late",
            "odometer_out", "odometer_back",
        ),
        beside=_WRITTEN,
    ),
    Table(
        name="wait_place",
        key=("id",),
        columns=(
            "kind", "resource", "begin_ms", "end_ms", "person", "subject", "people", "equipment", "state",
            "created_ms", "told_ms",
        ),
    ),
    Table(
        name="agenda_entry",
        key=("uid",),
        columns=(
            "id", "owner", "kind", "source", "begin_ms", "end_ms", "all_day", "title", "place", "note", "remind",
            "state", "sequence", "author",
        ),
        beside={
            **_WRITTEN,
            "before": "what one undo goes back to; the fact before the last one has it",
        },
    ),
    Table(name="agenda_share", key=("owner", "reader"), columns=("level", "writes"), beside=_NUMBER),
    Table(
        name="ics_feed",
        key=("id",),
        columns=("person", "created_ms", "revoked_ms"),
        beside={"token_hash": "of an address that opens a calendar: in no journal"},
    ),
)  # fmt: skip


def _resource(rows: Rows, fact: Recorded) -> None:
    data = fact.data
    kind, _, name = data["resource"].partition(":")
    row = {
        "kind": kind, "name": name, "seats": data["seats"], "equipment": _list(data["equipment"]),
        "place": data["place"], "person": data["person"], "valid_until": data["valid_until"],
        "active": int(data["active"]),
    }  # fmt: skip
    rows.put("resource", {"id": data["number"], "odometer": 0, **row})


def _reserved(rows: Rows, fact: Recorded) -> None:
    data = fact.data
    told = {name: data[name] for name in ("resource", "begin_ms", "end_ms", "state", "person", "people", "source")}
    row = {
        "id": data["reservation"], "booking": int(data["booking"]), "subject": word(fact, "subject_words"),
        "late": int(data["late"]), "odometer_out": 0, "odometer_back": 0,
    }  # fmt: skip
    rows.put("reservation", {**told, **row})


def _moved(rows: Rows, fact: Recorded) -> None:
    now = {"state": fact.data["state"], "end_ms": fact.data["end_ms"]}
    rows.change("reservation", {"id": fact.data["reservation"]}, now)


def _driven(rows: Rows, fact: Recorded) -> None:
    data = fact.data
    read = {"odometer_out": data["odometer_out"], "odometer_back": data["odometer_back"]}
    rows.change("reservation", {"id": data["reservation"]}, read)
    rows.change("resource", {"id": data["resource"]}, {"odometer": data["odometer_back"]})


def _waits(rows: Rows, fact: Recorded) -> None:
    data = fact.data
    id = int(data["wait"].removeprefix("wait-"))
    if data["state"] != "waiting":
        rows.change("wait_place", {"id": id}, {"state": data["state"], "told_ms": at_ms(fact)})
        return
    told = {name: data[name] for name in ("kind", "resource", "begin_ms", "end_ms", "person", "state")}
    row = {
        "id": id, "subject": word(fact, "subject_words"), "people": data.get("people", 0),
        "equipment": _list(data.get("equipment", ())), "created_ms": at_ms(fact), "told_ms": 0,
    }  # fmt: skip
    rows.put("wait_place", {**told, **row})


def _kept(rows: Rows, fact: Recorded) -> None:
    data = fact.data
    words = [ERASED] * 3 if "words" in fact.erased else data["words"]
    told = {name: data[name] for name in ("owner", "kind", "source", "begin_ms", "end_ms", "state", "sequence")}
    row = {
        "uid": data["uid"], "id": data["number"], "all_day": int(data["all_day"]), "remind": data.get("remind", -1),
        "author": data.get("author", ""), **dict(zip(("title", "place", "note"), words, strict=True)),
    }  # fmt: skip
    rows.put("agenda_entry", {**told, **row})


def _shared(rows: Rows, fact: Recorded) -> None:
    data = fact.data
    row = {"owner": data["owner"], "reader": data["reader"], "level": data["level"], "writes": int(data["writes"])}
    rows.put("agenda_share", row)


def _feed(rows: Rows, fact: Recorded) -> None:
    if fact.data["revoked"]:
        rows.change("ics_feed", {"id": fact.data["feed"]}, {"revoked_ms": at_ms(fact)})
        return
    row = {"id": fact.data["feed"], "person": fact.subject, "created_ms": at_ms(fact), "revoked_ms": 0}
    rows.put("ics_feed", row)


def _list(value: Any) -> str:
    return json.dumps(list(value), ensure_ascii=False)


RULES: Final[Rules] = {
    facts.ResourceChanged.KIND: _resource,
    facts.Reserved.KIND: _reserved,
    facts.ReservationMoved.KIND: _moved,
    facts.VehicleReturned.KIND: _driven,
    facts.WaitMoved.KIND: _waits,
    facts.EntryKept.KIND: _kept,
    facts.Shared.KIND: _shared,
    facts.FeedMoved.KIND: _feed,
}
