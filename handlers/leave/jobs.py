"""What happens to leave without anybody asking: expiries are written down, and a missing calendar is spoken of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from cards import leave as leave_cards
from cards.model import Text
from handlers.context import Context, Office
from handlers.leave import charge, store
from handlers.leave.book import ledger
from handlers.leave.book.entries import Stamp
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory

EXPIRE: Final = "leave.expire"
WARN: Final = "leave.calendar_warning"
GAP: Final = "leave.calendar_gap"
ADMIN: Final = "admin"

_AT_ONCE = 25  # people: 5 to 10 ms in which no tap is written
_NOTICE_MONTH = 11
"""The State Council publishes the next year's holidays between 25 October and the middle of November."""


async def on_expire(row: Due, ctx: Context) -> None:
    """Writes down what has ended, a few people at a time so that nobody's tap waits for all of them.

    Balances do not wait for it, and running it twice writes nothing twice (`ledger.expire`).
    """
    after = str(row.payload.get("after", ""))
    people = await _some(ctx, after)
    for person in people:
        await _expire(ctx, person)
    if len(people) == _AT_ONCE:
        key = f"{EXPIRE}:{row.payload['planned']}:{people[-1]}"
        await due.at(ctx.tx, key, EXPIRE, ctx.now, {**row.payload, "after": people[-1]}, now=ctx.now)


async def on_warn(row: Due, ctx: Context) -> None:
    """From 1 November on, while next year's notice is not loaded: to every administrator, once a week."""
    today = charge.today(ctx)
    year = today.year + 1
    if today >= date(today.year, _NOTICE_MONTH, 1) and year not in ctx.office.calendar.years:
        await _tell(row, ctx, leave_cards.calendar_missing(year))


async def on_gap(row: Due, ctx: Context) -> None:
    """While the notice of the year that runs is not loaded: to every administrator, every day."""
    if year := unknown_year(ctx.office, now=ctx.now):
        await _tell(row, ctx, leave_cards.calendar_missing(year, begun=True))


def unknown_year(office: Office, *, now: datetime) -> int | None:
    """The year that runs, while its notice is not loaded."""
    year = now.astimezone(office.timezone).year
    return None if year in office.calendar.years else year


async def _tell(row: Due, ctx: Context, words: str) -> None:
    for person in await directory.in_role(ctx.tx, ADMIN):
        ref = await directory.reach(ctx.tx, person)
        if ref is not None:
            letter = Letter(to=ref, message=Text(words), key=f"{row.key}:{person.id}")
            await outbox.post(ctx.tx, letter, now=ctx.now)


async def _some(ctx: Context, after: str) -> list[str]:
    """People with lots that have ended, leavers as well."""
    today = charge.today(ctx).isoformat()
    rows = await ctx.tx.fetch(
        "SELECT DISTINCT person FROM leave_entry WHERE person > ? AND valid_to IS NOT NULL AND valid_to < ?"
        " AND limited = 1 ORDER BY person LIMIT ?",
        after, today, _AT_ONCE,
    )  # fmt: skip
    return [row["person"] for row in rows]


async def _expire(ctx: Context, person: str) -> None:
    today = charge.today(ctx)
    entries = await store.lock(ctx.tx, person)
    await store.append(ctx, person, ledger.expire(entries, on=today, stamp=Stamp(recorded=ctx.now, effective=today)))
