"""Notices and receipts as rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from handlers.notice.rules import Grade, Notice, Per, Question, Receipt, Reply, State, Want
from handlers.transaction import Row, Transaction, from_ms, to_ms

_CHUNK = 100


async def add(tx: Transaction, notice: Notice) -> None:
    row = to_row(notice)
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    await tx.execute(f"INSERT INTO notice ({columns}) VALUES ({marks})", *row.values())


def to_row(notice: Notice) -> dict[str, str | int]:
    """Column -> value."""
    return {
        "id": notice.id, "number": notice.number, "sender": notice.sender, "title": notice.title,
        "body": notice.body, "want": notice.want.value, "per": notice.per.value, "grade": notice.grade.value,
        "questions": _questions_text(notice.questions), "files": json.dumps(notice.files),
        "state": notice.state.value, "published_ms": to_ms(notice.published), "reply_by_ms": _ms(notice.reply_by),
        "until_ms": _ms(notice.until), "version": notice.version, "asked": notice.asked,
    }  # fmt: skip


async def save(tx: Transaction, notice: Notice) -> None:
    """What may change after publishing; the rest is the item's."""
    await tx.execute(
        "UPDATE notice SET title = ?, body = ?, state = ?, published_ms = ?, reply_by_ms = ?, until_ms = ?,"
        " version = ?, asked = ? WHERE id = ?",
        notice.title, notice.body, notice.state, to_ms(notice.published), _ms(notice.reply_by), _ms(notice.until),
        notice.version, notice.asked, notice.id,
    )  # fmt: skip


async def load(tx: Transaction, id: str) -> Notice | None:
    row = await tx.first("SELECT * FROM notice WHERE id = ?", id)
    return None if row is None else _notice(row)


async def lock(tx: Transaction, id: str) -> Notice | None:
    """As `load`; on PostgreSQL others who would change the notice wait. Receipts are locked one by one."""
    row = await tx.first(f"SELECT * FROM notice WHERE id = ?{_for_update(tx)}", id)
    return None if row is None else _notice(row)


async def numbered(tx: Transaction, number: int) -> Notice | None:
    row = await tx.first("SELECT * FROM notice WHERE number = ?", number)
    return None if row is None else _notice(row)


async def address(tx: Transaction, notice: str, people: Sequence[tuple[str, str]], *, chase: datetime | None) -> None:
    """A row for each (person, unit); who has one already keeps it."""
    for start in range(0, len(people), _CHUNK):
        part = people[start : start + _CHUNK]
        places = ", ".join(["(?, ?, ?, 0, 0, 'none', '{}', 0, 0, 0, 0, ?)"] * len(part))
        values = [value for person, unit in part for value in (notice, person, unit, _ms(chase))]
        await tx.execute(
            "INSERT INTO notice_receipt (notice, person, unit, sent, seen_ms, reply, detail, replied_ms, replied, late,"
            f" chased, chase_ms) VALUES {places} ON CONFLICT (notice, person) DO NOTHING",
            *values,
        )


async def unsent(tx: Transaction, notice: str, *, limit: int) -> list[str]:
    """The next recipients whose card is still to be posted, which counts as done from here on."""
    rows = await tx.fetch(
        "SELECT id, person FROM notice_receipt WHERE notice = ? AND sent = 0 ORDER BY id LIMIT ?", notice, limit
    )
    if rows:
        places = ", ".join("?" * len(rows))
        await tx.execute(f"UPDATE notice_receipt SET sent = 1 WHERE id IN ({places})", *(row["id"] for row in rows))
    return [row["person"] for row in rows]


async def cannot_reach(tx: Transaction, notice: str, person: str) -> None:
    """This recipient has no account: nothing was sent, and nobody is to believe that it was."""
    await tx.execute("UPDATE notice_receipt SET sent = 2, chase_ms = 0 WHERE notice = ? AND person = ?", notice, person)


async def unreachable(tx: Transaction, notice: str) -> int:
    row = await tx.first("SELECT COUNT(*) AS n FROM notice_receipt WHERE notice = ? AND sent = 2", notice)
    return int(row["n"]) if row else 0


async def receipts_after(tx: Transaction, notice: str, after: int, *, limit: int) -> tuple[int, list[Receipt]]:
    """The next rows in order, and the number to go on after."""
    rows = await tx.fetch(
        "SELECT * FROM notice_receipt WHERE notice = ? AND id > ? ORDER BY id LIMIT ?", notice, after, limit
    )
    return (rows[-1]["id"] if rows else after), [_receipt(row) for row in rows]


async def receipt_of(tx: Transaction, notice: str, person: str) -> Receipt | None:
    """As `receipt`, for readers: nothing is locked."""
    row = await tx.first("SELECT * FROM notice_receipt WHERE notice = ? AND person = ?", notice, person)
    return None if row is None else _receipt(row)


async def receipt(tx: Transaction, notice: str, person: str) -> Receipt | None:
    """Of one recipient; on PostgreSQL locked, so that two answers follow one another."""
    row = await tx.first(
        f"SELECT * FROM notice_receipt WHERE notice = ? AND person = ?{_for_update(tx)}", notice, person
    )
    return None if row is None else _receipt(row)


async def receipts(tx: Transaction, notice: str) -> list[Receipt]:
    """Everybody's, in the order in which they were addressed."""
    rows = await tx.fetch("SELECT * FROM notice_receipt WHERE notice = ? ORDER BY id", notice)
    return [_receipt(row) for row in rows]


async def replied(tx: Transaction, notice: str, reply: str) -> list[Receipt]:
    """Of those who answered so."""
    rows = await tx.fetch("SELECT * FROM notice_receipt WHERE notice = ? AND reply = ? ORDER BY id", notice, reply)
    return [_receipt(row) for row in rows]


async def of_unit(tx: Transaction, notice: str, unit: str) -> list[Receipt]:
    """Everybody's of one department."""
    rows = await tx.fetch("SELECT * FROM notice_receipt WHERE notice = ? AND unit = ? ORDER BY id", notice, unit)
    return [_receipt(row) for row in rows]


async def write(tx: Transaction, notice: str, receipt: Receipt) -> None:
    await tx.execute(
        "UPDATE notice_receipt SET seen_ms = ?, reply = ?, detail = ?, replied_ms = ?, replied = ?, late = ?,"
        " chased = ?, chase_ms = ? WHERE notice = ? AND person = ?",
        _ms(receipt.seen), receipt.reply, json.dumps(dict(receipt.detail), ensure_ascii=False),
        _ms(receipt.replied_at), receipt.replied, int(receipt.late), receipt.chased, _ms(receipt.chase_at),
        notice, receipt.person,
    )  # fmt: skip


async def no_more_chasing(tx: Transaction, notice: str, *, unit: str | None = None) -> None:
    """Nobody of this notice (or of this unit) is reminded any more."""
    sql = "UPDATE notice_receipt SET chase_ms = 0 WHERE notice = ? AND chase_ms > 0"
    if unit is None:
        await tx.execute(sql, notice)
    else:
        await tx.execute(f"{sql} AND unit = ?", notice, unit)


async def ask_again(tx: Transaction, notice: str, *, chase: datetime | None) -> None:
    """Everybody gets a new card, and reminders begin anew."""
    sql = "UPDATE notice_receipt SET sent = 0, chased = 0, chase_ms = ? WHERE notice = ?"
    await tx.execute(sql, _ms(chase), notice)


async def due_people(tx: Transaction, *, now: datetime, grades: Iterable[Grade], limit: int) -> list[str]:
    """Who is to be reminded by now of a notice of these grades, longest overdue first."""
    wanted = sorted(grades)
    places = ", ".join("?" * len(wanted))
    rows = await tx.fetch(
        "SELECT r.person, MIN(r.chase_ms) AS since FROM notice_receipt r JOIN notice n ON n.id = r.notice"
        f" WHERE r.chase_ms > 0 AND r.chase_ms <= ? AND n.grade IN ({places})"
        " GROUP BY r.person ORDER BY since, r.person LIMIT ?",
        to_ms(now), *wanted, limit,
    )  # fmt: skip
    return [row["person"] for row in rows]


async def overdue(tx: Transaction, person: str, *, now: datetime) -> list[tuple[Notice, Receipt]]:
    """What this person is to be reminded of by now. On PostgreSQL the receipts are locked."""
    rows = await tx.fetch(
        "SELECT * FROM notice_receipt WHERE person = ? AND chase_ms > 0 AND chase_ms <= ? ORDER BY chase_ms, id"
        + _for_update(tx),
        person, to_ms(now),
    )  # fmt: skip
    found = []
    for row in rows:
        notice = await load(tx, row["notice"])
        if notice is not None:
            found.append((notice, _receipt(row)))
    return found


async def remember_reminder(tx: Transaction, person: str, *, day: str, rung: str, notices: int, now: datetime) -> None:
    await tx.execute(
        "INSERT INTO notice_reminder (person, day, rung, notices, at_ms) VALUES (?, ?, ?, ?, ?)",
        person, day, rung, notices, to_ms(now),
    )  # fmt: skip


async def reminded(tx: Transaction, person: str, day: str) -> int:
    row = await tx.first("SELECT COUNT(*) AS n FROM notice_reminder WHERE person = ? AND day = ?", person, day)
    return int(row["n"]) if row else 0


async def of_sender(tx: Transaction, person: str, *, limit: int) -> list[Notice]:
    """The latest first."""
    rows = await tx.fetch("SELECT * FROM notice WHERE sender = ? ORDER BY published_ms DESC, id LIMIT ?", person, limit)
    return [_notice(row) for row in rows]


async def for_person(tx: Transaction, person: str, *, limit: int) -> list[tuple[Notice, Receipt]]:
    """What this person was sent, the latest first."""
    rows = await tx.fetch(
        "SELECT r.* FROM notice_receipt r JOIN notice n ON n.id = r.notice"
        " WHERE r.person = ? AND n.state <> 'scheduled' ORDER BY n.published_ms DESC, n.id LIMIT ?",
        person, limit,
    )  # fmt: skip
    found = []
    for row in rows:
        notice = await load(tx, row["notice"])
        if notice is not None:
            found.append((notice, _receipt(row)))
    return found


async def burden(tx: Transaction, *, first: str, last: str) -> Mapping[str, int]:
    """Of the days from `first` to `last`: messages by rung, and under `people` how many people got any."""
    rows = await tx.fetch(
        "SELECT rung, COUNT(*) AS n FROM notice_reminder WHERE day >= ? AND day <= ? GROUP BY rung", first, last
    )
    people = await tx.first(
        "SELECT COUNT(DISTINCT person) AS n FROM notice_reminder WHERE day >= ? AND day <= ?", first, last
    )
    return {row["rung"]: row["n"] for row in rows} | {"people": people["n"] if people else 0}


async def published_between(tx: Transaction, *, begin: datetime, end: datetime) -> tuple[int, int]:
    """(notices, receipts asked for) in that time."""
    row = await tx.first(
        "SELECT COUNT(DISTINCT n.id) AS notices, COUNT(r.id) AS receipts FROM notice n"
        " LEFT JOIN notice_receipt r ON r.notice = n.id WHERE n.published_ms >= ? AND n.published_ms < ?"
        " AND n.state <> 'scheduled'",
        to_ms(begin), to_ms(end),
    )  # fmt: skip
    return (row["notices"], row["receipts"]) if row else (0, 0)


def _for_update(tx: Transaction) -> str:
    return " FOR UPDATE" if tx.dialect == "postgres" else ""


def _questions_text(questions: Iterable[Question]) -> str:
    return json.dumps(
        [{"title": one.title, "options": one.options, "required": one.required} for one in questions],
        ensure_ascii=False,
    )


def _notice(row: Row) -> Notice:
    questions = [
        Question(title=one["title"], options=tuple(one["options"]), required=one["required"])
        for one in json.loads(row["questions"])
    ]
    return Notice(
        id=row["id"], number=row["number"], sender=row["sender"], title=row["title"], body=row["body"],
        want=Want(row["want"]), per=Per(row["per"]), grade=Grade(row["grade"]), questions=tuple(questions),
        state=State(row["state"]), published=from_ms(row["published_ms"]), reply_by=_at(row["reply_by_ms"]),
        until=_at(row["until_ms"]), version=row["version"], asked=row["asked"], files=tuple(json.loads(row["files"])),
    )  # fmt: skip


def _receipt(row: Row) -> Receipt:
    return Receipt(
        person=row["person"], unit=row["unit"], seen=_at(row["seen_ms"]), reply=Reply(row["reply"]),
        detail=json.loads(row["detail"]), replied_at=_at(row["replied_ms"]), replied=row["replied"],
        late=bool(row["late"]), chased=row["chased"], chase_at=_at(row["chase_ms"]),
    )  # fmt: skip


def _ms(at: datetime | None) -> int:
    return 0 if at is None else to_ms(at)


def _at(ms: int) -> datetime | None:
    return from_ms(ms) if ms else None
