"""The nightly check over the tables: quiet where all agrees, and a list to administrators where it does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace

from handlers.approval.language.book import Forms
from handlers.approval.leaves import leave_check
from handlers.audit.facts import Origin
from handlers.context import Context, Office
from handlers.leave import store
from handlers.leave.book import ledger
from handlers.leave.law.counting import DAY
from handlers.mailroom.due import Due
from tests.handlers.leave.books import stamp, year_lot

NOW = datetime(2026, 5, 6, 18, tzinfo=UTC)


def context(tx):
    forms = Forms({"leave": of_effects("leave.hold"), "trip": of_effects()})
    return Context(tx=tx, now=NOW, trace="", origin=Origin(), office=Office(areas={Forms: forms}))


def of_effects(*submit):
    return SimpleNamespace(effects=SimpleNamespace(submit=submit))


async def checked(database, *, people, spoil=False, items=(), after=""):
    async def unit(tx):
        for name in people:
            await tx.execute(
                "INSERT INTO person (id, name, staff_no, department, post, manager, first_work_date, sex, mobile,"
                " category, joined_unit, continuous_since, prefer, active, updated_ms, sources, left_by)"
                " VALUES (?, ?, '', '', '', '', '', '', '', '', '', '', '', 1, 0, '', '')",
                name, name,
            )  # fmt: skip
            await tx.execute(
                "INSERT INTO person_account (account, platform_id, person, union_id) VALUES ('wecom-main', ?, ?, '')",
                name, name,
            )  # fmt: skip
            given = ledger.grant([], year_lot(2026), 5 * DAY, stamp=stamp("2026-01-05"))
            await store.append(context(tx), name, given)
        await tx.execute("INSERT INTO person_role (role, person) VALUES ('admin', ?)", people[0])
        if spoil:
            await tx.execute(
                "INSERT INTO leave_entry (person, number, kind, lot, valid_from, valid_to, limited, account_from,"
                " account_to, minutes, recorded_ms, effective, cause, ref, actor, note, charges) VALUES"
                " (?, 2, 'annual', '2026', '2026-01-01', '2026-12-31', 1, 'granted', 'available', 480, 0,"
                " '2026-01-05', 'adjust', '', '', '', '')",
                people[-1],
            )
        for item in items:
            slip = {"form_version": "", "fields_json": "{}", "route_json": "[]", "rest_json": "{}", **item}
            slip |= dict.fromkeys(("number", "version", "current", "created_ms", "changed_ms"), 1)
            marks = ", ".join("?" * len(slip))
            await tx.execute(f"INSERT INTO item ({', '.join(slip)}) VALUES ({marks})", *slip.values())
        row = Due(
            id=1, key="k", kind=leave_check.CHECK, due=NOW, payload={"planned": "x", "after": after}, attempts=1,
            owner="", fence=1,
        )  # fmt: skip
        await leave_check.on_check(row, context(tx))
        return await tx.fetch("SELECT message FROM outbox"), await tx.fetch("SELECT payload FROM due")

    return await database.write(unit)


async def test_where_all_agrees_nobody_is_troubled(database):
    letters, more = await checked(database, people=["anna", "bo"])
    assert not letters
    assert not more


async def test_an_entry_without_its_fact_is_told_to_the_administrator(database):
    letters, _ = await checked(database, people=["anna", "bo"], spoil=True)
    (said,) = [json.loads(row["message"])["content"] for row in letters]
    assert "bo：第2笔和留痕不一致" in said


async def test_an_approved_leave_that_the_ledger_does_not_know_is_told_and_a_trip_is_none(database):
    leave = {"id": "i1", "form": "leave", "applicant": "bo", "state": "approved"}
    trip = {"id": "i2", "form": "trip", "applicant": "anna", "state": "approved"}
    letters, _ = await checked(database, people=["anna", "bo"], items=[leave, trip])
    (said,) = [json.loads(row["message"])["content"] for row in letters]
    assert said.count("·") == 1
    assert "bo：事项i1是approved，账本里是没有记录" in said


async def test_many_people_are_done_in_parts(database, monkeypatch):
    monkeypatch.setattr(leave_check, "_AT_ONCE", 1)
    _, (row,) = await checked(database, people=["anna", "bo"])
    assert json.loads(row["payload"])["after"] == "anna"
