"""By night: every ledger against itself, the journal and the items; administrators get the differences.

Here and not in handlers/leave because items are compared, which leave does not know.
"""

from __future__ import annotations

import json
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
_AT_ONCE = 100
_HOLD = "leave.hold"

_log = structlog.get_logger(__name__)


async def on_check(row: Due, ctx: Context) -> None:
    """Some hundred people at a time, so that nobody's tap waits for all of them."""
    after = str(row.payload.get("after", ""))
    people = await ctx.tx.fetch("SELECT id, name FROM person WHERE id > ? ORDER BY id LIMIT ?", after, _AT_ONCE)
    lines = []
    for person in people:
        found = await of_person(ctx, person["id"])
        lines += [_line(person["name"], one) for one in found]
    if lines:
        _log.error("leave", action="selfcheck", differences=len(lines))
        await _tell(ctx, row, lines)
    if len(people) == _AT_ONCE:
        last = people[-1]["id"]
        key = f"{CHECK}:{row.payload['planned']}:{last}"
        await due.at(ctx.tx, key, CHECK, ctx.now, {**row.payload, "after": last}, now=ctx.now)


async def of_person(ctx: Context, person: str) -> list[Difference]:
    """What does not agree in one person's ledger."""
    entries = await store.load(ctx.tx, person)
    return selfcheck.differences(entries, moved=await _moved(ctx, person), items=await _items(ctx, person))


async def _moved(ctx: Context, person: str) -> list[Moved]:
    rows = await ctx.tx.fetch(
        "SELECT body FROM journal WHERE subject = ? AND kind = ? ORDER BY id", person, facts.LeaveMoved.KIND
    )
    bodies = [json.loads(row["body"]) for row in rows]
    return [(body["number"], body["cause"], body["minutes"]) for body in bodies]


async def _items(ctx: Context, person: str) -> dict[str, str]:
    """States of the person's items whose form holds leave when it is submitted."""
    holding = [code for code, form in ctx.office.of(Forms).by_code.items() if _HOLD in form.effects.submit]
    if not holding:
        return {}
    marks = ", ".join("?" * len(holding))
    rows = await ctx.tx.fetch(
        f"SELECT id, state FROM item WHERE applicant = ? AND form IN ({marks}) AND state NOT IN ('draft', 'discarded')",
        person, *holding,
    )  # fmt: skip
    return {row["id"]: row["state"] for row in rows}


def _line(name: str, one: Difference) -> str:
    return words.line(name, one.code, about=one.about, expected=one.expected, found=one.found)


async def _tell(ctx: Context, row: Due, lines: list[str]) -> None:
    for person in await directory.in_role(ctx.tx, ADMIN):
        to = await directory.reach(ctx.tx, person)
        if to is not None:
            letter = Letter(to=to, message=Text(words.found(lines)), key=f"{row.key}:{person.id}")
            await outbox.post(ctx.tx, letter, now=ctx.now)
