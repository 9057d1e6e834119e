"""By night: every ledger against itself, the journal and the items; administrators get the differences.

Here and not in handlers/leave because items are compared, which leave does not know.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from cards import leave_check as words
from cards.model import Text
from handlers.approval.language.book import Forms
from handlers.context import Context
from handlers.leave import facts, selfcheck, store
from handlers.leave.selfcheck import Difference, Moved
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory

CHECK: Final = "leave.selfcheck"
ADMIN: Final = "admin"
_AT_ONCE = 25
_PAUSE: Final = timedelta(milliseconds=250)
"""Before the next ones, so that a tick runs one portion: thousands of people take minutes, and hold up nobody's tap."""
_HOLD = "leave.hold"

_log = structlog.get_logger(__name__)


async def on_check(row: Due, ctx: Context) -> None:
    """A few people at a time, so that nobody's tap waits for all of them."""
    after = str(row.payload.get("after", ""))
    people = await ctx.tx.fetch("SELECT id, name FROM person WHERE id > ? ORDER BY id LIMIT ?", after, _AT_ONCE)
    found = await _differing(ctx, [person["id"] for person in people])
    lines = [_line(person["name"], one) for person in people for one in found.get(person["id"], ())]
    if lines:
        _log.error("leave", action="selfcheck", differences=len(lines))
        await _tell(ctx, row, lines)
    if len(people) == _AT_ONCE:
        last = people[-1]["id"]
        key = f"{CHECK}:{row.payload['planned']}:{last}"
        await due.at(ctx.tx, key, CHECK, ctx.now + _PAUSE, {**row.payload, "after": last}, now=ctx.now)


async def _differing(ctx: Context, people: Sequence[str]) -> dict[str, list[Difference]]:
    """What does not agree in whose ledger, looked at twice: beside us others write on PostgreSQL, between questions."""
    suspected = [person for person, found in (await _look(ctx, people)).items() if found]
    again = [await _look(ctx, [person]) for person in suspected]
    return {person: found for one in again for person, found in one.items()}


async def _look(ctx: Context, people: Sequence[str]) -> dict[str, list[Difference]]:
    if not people:
        return {}
    ledgers = await store.of_people(ctx.tx, people)
    moved, items = await _moved(ctx, people), await _items(ctx, people)
    return {
        person: selfcheck.differences(entries, moved=moved.get(person, ()), items=items.get(person, {}))
        for person, entries in ledgers.items()
    }


async def _moved(ctx: Context, people: Sequence[str]) -> dict[str, list[Moved]]:
    marks = ", ".join("?" * len(people))
    rows = await ctx.tx.fetch(
        f"SELECT subject, body FROM journal WHERE subject IN ({marks}) AND kind = ? ORDER BY id",
        *people, facts.LeaveMoved.KIND,
    )  # fmt: skip
    found: dict[str, list[Moved]] = {}
    for row in rows:
        body = json.loads(row["body"])
        found.setdefault(row["subject"], []).append((body["number"], body["cause"], body["minutes"]))
    return found


async def _items(ctx: Context, people: Sequence[str]) -> dict[str, dict[str, str]]:
    """By person, the states of their items whose form holds leave when it is submitted.

    Of which forms is not asked of the database: SQLite would then read every leave that anybody ever took.
    """
    holding = {code for code, form in ctx.office.of(Forms).by_code.items() if _HOLD in form.effects.submit}
    rows = await ctx.tx.fetch(
        f"SELECT applicant, form, id, state FROM item WHERE applicant IN ({', '.join('?' * len(people))})"
        " AND state NOT IN ('draft', 'discarded')",
        *people,
    )
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["form"] in holding:
            found.setdefault(row["applicant"], {})[row["id"]] = row["state"]
    return found


def _line(name: str, one: Difference) -> str:
    return words.line(name, one.code, about=one.about, expected=one.expected, found=one.found)


async def _tell(ctx: Context, row: Due, lines: list[str]) -> None:
    for person in await directory.in_role(ctx.tx, ADMIN):
        to = await directory.reach(ctx.tx, person)
        if to is not None:
            letter = Letter(to=to, message=Text(words.found(lines)), key=f"{row.key}:{person.id}")
            await outbox.post(ctx.tx, letter, now=ctx.now)
