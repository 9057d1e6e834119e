"""Notices, their receipts and reminders out of the journal (`handlers.audit.projecting`)."""

from __future__ import annotations

import json
from typing import Any, Final

from handlers.audit.log import Recorded
from handlers.audit.projecting import ERASED, Rows, Rules, Table, at_ms, personal, word
from handlers.notice import facts

_NUMBER: Final = {"id": "the row's own number"}
_ROW: Final = (
    "number", "sender", "title", "body", "want", "per", "grade", "questions", "files", "state", "published_ms",
    "reply_by_ms", "until_ms", "version", "asked",
)  # fmt: skip

TABLES: Final = (
    Table(name="notice", key=("id",), columns=_ROW),
    Table(
        name="notice_receipt",
        key=("notice", "person"),
        columns=("unit", "seen_ms", "reply", "detail", "replied_ms", "replied", "late"),
        beside={
            **_NUMBER,
            "sent": "where the handing out of cards is",
            "chased": "where the reminding is; who was reminded when is in notice_reminder",
            "chase_ms": "when to remind next",
        },
        json=frozenset({"detail"}),
    ),
    Table(
        name="notice_repeated", key=("id",), columns=("owner", "said", "text", "chat", "first_day", "live", "at_ms")
    ),
    Table(name="notice_reminder", key=("person", "at_ms"), columns=("day", "rung", "notices"), beside=_NUMBER),
)


def _row(rows: Rows, fact: Recorded) -> None:
    rows.put("notice", {**personal(fact, "row", _ROW), "id": fact.subject})


def _published(rows: Rows, fact: Recorded) -> None:
    _row(rows, fact)
    for person, unit in zip(fact.data["people"], fact.data["units"], strict=True):
        silent = {"seen_ms": 0, "reply": "none", "detail": "{}", "replied_ms": 0, "replied": 0, "late": 0}
        rows.put("notice_receipt", {"notice": fact.subject, "person": person, "unit": unit, **silent})


def _seen(rows: Rows, fact: Recorded) -> None:
    one = {"notice": fact.subject, "person": fact.data["person"]}
    rows.change("notice_receipt", {**one, "seen_ms": 0}, {"seen_ms": at_ms(fact)})


def _answered(rows: Rows, fact: Recorded) -> None:
    _seen(rows, fact)  # who answers has seen it
    detail: Any = ERASED if "detail" in fact.erased else json.dumps(dict(fact.data["detail"]), ensure_ascii=False)
    said = {
        "reply": fact.data["reply"], "detail": detail, "replied_ms": at_ms(fact), "replied": fact.data["version"],
        "late": int(fact.data["late"]),
    }  # fmt: skip
    rows.change("notice_receipt", {"notice": fact.subject, "person": fact.data["person"]}, said)


def _set_up(rows: Rows, fact: Recorded) -> None:
    data = fact.data
    row = {
        "id": _reminder(fact), "owner": data["owner"], "said": word(fact, "wrote"), "text": word(fact, "text"),
        "chat": data["group"], "first_day": data.get("first_day", ""), "live": 1, "at_ms": at_ms(fact),
    }  # fmt: skip
    rows.put("notice_repeated", row)


def _reminded(rows: Rows, fact: Recorded) -> None:
    row = {
        "person": fact.subject, "at_ms": at_ms(fact), "day": fact.data.get("day", ""), "rung": fact.data["rung"],
        "notices": len(fact.data["items"]),
    }  # fmt: skip
    rows.put("notice_reminder", row)


def _reminder(fact: Recorded) -> int:
    return int(fact.data["reminder"].removeprefix("r"))


RULES: Final[Rules] = {
    facts.NoticeScheduled.KIND: _row,
    facts.NoticePublished.KIND: _published,
    facts.NoticeCorrected.KIND: _row,
    facts.NoticeRecalled.KIND: lambda rows, fact: rows.change("notice", {"id": fact.subject}, {"state": "recalled"}),
    facts.NoticeClosed.KIND: lambda rows, fact: rows.change("notice", {"id": fact.subject}, {"state": "closed"}),
    facts.NoticeSeen.KIND: _seen,
    facts.NoticeAnswered.KIND: _answered,
    facts.ReminderSetUp.KIND: _set_up,
    facts.ReminderStopped.KIND: lambda rows, fact: rows.change("notice_repeated", {"id": _reminder(fact)}, {"live": 0}),
    facts.PersonReminded.KIND: _reminded,
}
