"""People, their accounts and roles out of the journal (`handlers.audit.projecting`)."""

from __future__ import annotations

from typing import Final

from handlers.audit.log import Recorded
from handlers.audit.projecting import ERASED, Rows, Rules, Table, at_ms, personal, word
from handlers.people import facts
from handlers.people.plan import FIELDS

_RECORD: Final = (*FIELDS, "sources")
_NUMBER: Final = {"id": "the row's own number"}

TABLES: Final = (
    Table(name="person", key=("id",), columns=(*_RECORD, "active", "left_by", "updated_ms")),
    Table(name="person_account", key=("account", "platform_id"), columns=("person", "union_id"), beside=_NUMBER),
    Table(name="account_apart", key=("account", "platform_id", "person"), columns=(), beside=_NUMBER),
    Table(name="person_role", key=("role", "person"), columns=(), beside=_NUMBER),
)


def _joined(rows: Rows, fact: Recorded) -> None:
    record = personal(fact, "record", _RECORD)
    rows.put("person", {"id": fact.subject, **record, "active": 1, "left_by": "", "updated_ms": at_ms(fact)})


def _changed(rows: Rows, fact: Recorded) -> None:
    if "changes" in fact.erased:
        after = dict.fromkeys(fact.data["fields"], ERASED)
    else:
        after = {name: pair[1] for name, pair in fact.data["changes"].items()}
    rows.change("person", {"id": fact.subject}, {**after, "active": 1, "left_by": "", "updated_ms": at_ms(fact)})


def _left(rows: Rows, fact: Recorded) -> None:
    gone = {"active": 0, "left_by": fact.data["by"], "updated_ms": at_ms(fact)}
    rows.change("person", {"id": fact.subject}, gone)


def _returned(rows: Rows, fact: Recorded) -> None:
    rows.change("person", {"id": fact.subject}, {"active": 1, "left_by": "", "updated_ms": at_ms(fact)})


def _linked(rows: Rows, fact: Recorded) -> None:
    account = {"account": fact.data["account"], "platform_id": word(fact, "platform_id")}
    rows.drop("account_apart", {**account, "person": fact.subject})
    rows.put("person_account", {**account, "person": fact.subject, "union_id": word(fact, "union_id")})


def _unlinked(rows: Rows, fact: Recorded) -> None:
    account = {"account": fact.data["account"], "platform_id": word(fact, "platform_id"), "person": fact.subject}
    rows.drop("person_account", account)


def _apart(rows: Rows, fact: Recorded) -> None:
    account = {"account": fact.data["account"], "platform_id": word(fact, "platform_id")}
    rows.put("account_apart", {**account, "person": fact.subject})


RULES: Final[Rules] = {
    facts.PersonJoined.KIND: _joined,
    facts.PersonChanged.KIND: _changed,
    facts.PersonLeft.KIND: _left,
    facts.PersonReturned.KIND: _returned,
    facts.AccountLinked.KIND: _linked,
    facts.AccountUnlinked.KIND: _unlinked,
    facts.AccountKeptApart.KIND: _apart,
    facts.RoleGranted.KIND: lambda rows, fact: rows.put(
        "person_role", {"role": fact.data["role"], "person": fact.subject}
    ),
    facts.RoleWithdrawn.KIND: lambda rows, fact: rows.drop(
        "person_role", {"role": fact.data["role"], "person": fact.subject}
    ),
}
