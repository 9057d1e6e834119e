"""Calendars on a page: a day or a week, one's own or somebody's who lets one look; entering and cancelling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from aiohttp import web

from bot.pages import visit
from bot.pages.visit import Front, Visit
from cards import calendar as calendar_cards
from cards.calendar import EntryView
from handlers import errors
from handlers.calendar import agenda, rules, settings, speaking, watching
from handlers.calendar.entry_store import Entry
from handlers.calendar.rules import Level, Period
from handlers.context import Context
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction

_VIEWS = {"day": 1, "week": 7}
_FARTHEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A stretch of days of somebody's calendar as the reader may see it; `days` are (day, its entries); `due`: that
    they looked has to be written down."""

    owner: Person
    level: Level
    writes: bool
    days: Sequence[tuple[date, Sequence[EntryView]]]
    due: bool = False


class Agenda:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        page = self._front.page
        return [
            web.get("/calendar", page(self.show)),
            web.post("/calendar", page(self.enter)),
            web.post("/calendar/{number:[0-9]{1,9}}/cancel", page(self.cancel)),
        ]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        today = seen.now.astimezone(self._front.office().timezone).date()
        day = read_day(request.query.get("day", ""), today)
        view = request.query.get("view", "week")
        view = view if view in _VIEWS else "week"
        first = day if view == "day" else day - timedelta(days=day.weekday())
        who = request.query.get("who", "").strip()[:64]
        shown = await self._front.database.read(partial(self._read, seen, who, first, _VIEWS[view]))
        if shown.due:
            look = partial(_looked, self._front, seen, shown.owner.id)
            await self._front.database.write(look)
        data = {
            "shown": shown, "view": view, "day": day, "today": today, "own": shown.owner.id == seen.person.id,
            "before": first - timedelta(days=_VIEWS[view]), "after": first + timedelta(days=_VIEWS[view]),
            "said": request.query.get("said", "")[:1], "when": calendar_cards.entry_clock, "now": seen.now,
        }  # fmt: skip
        return visit.render(request, "agenda.html", data, visit=seen)

    async def enter(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        form = await request.post()
        typed = {name: str(form.get(name, "")).strip() for name in ("who", "title", "day", "start", "end", "place")}
        entered = await self._front.database.write(partial(self._enter, seen, typed))
        self._front.wake()
        day = entered.period.begin.astimezone(self._front.office().timezone).date()
        raise web.HTTPSeeOther(_address(day, entered.owner if entered.owner != seen.person.id else ""))

    async def cancel(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        number = int(request.match_info["number"])

        async def unit(tx: Transaction) -> Entry:
            ctx = self._front.context(tx, seen)
            return await agenda.cancel(ctx, await agenda.writable(ctx, number, seen.person))

        gone = await self._front.database.write(unit)
        self._front.wake()
        day = gone.period.begin.astimezone(self._front.office().timezone).date()
        raise web.HTTPSeeOther(_address(day, gone.owner if gone.owner != seen.person.id else ""))

    async def _read(self, seen: Visit, who: str, first: date, length: int, tx: Transaction) -> Shown:
        ctx = self._front.context(tx, seen)
        owner = await _owner(ctx, who, seen.person)
        level, writes = await agenda.sight(ctx, owner.id, seen.person)
        zone = ctx.office.timezone
        begin = rules.local_midnight(first, zone)
        period = Period(begin, begin + timedelta(days=length))
        entries = await agenda.seen_by(ctx, owner.id, seen.person, period)
        days = [first + timedelta(days=n) for n in range(length)]
        return Shown(
            owner=owner, level=level, writes=writes, days=[(day, _of_day(entries, day, ctx)) for day in days],
            due=await watching.is_due(tx, owner.id, by=seen.person.id, now=seen.now),
        )  # fmt: skip

    async def _enter(self, seen: Visit, typed: dict[str, str], tx: Transaction) -> Entry:
        ctx = self._front.context(tx, seen)
        owner = await _owner(ctx, typed["who"], seen.person)
        if not (await agenda.sight(ctx, owner.id, seen.person))[1]:
            raise errors.NotAllowed(code="not_writer", name=owner.name)
        period, all_day = read_period(typed, ctx)
        entry = Entry(
            uid=agenda.new_uid(ctx.now), owner=owner.id, period=period, all_day=all_day, title=typed["title"],
            place=typed["place"], remind=settings.of(ctx).remind_before,
        )  # fmt: skip
        return await agenda.enter(ctx, entry)


async def _looked(front: Front, seen: Visit, owner: str, tx: Transaction) -> None:
    await watching.looked(front.context(tx, seen), owner)


async def _owner(ctx: Context, who: str, reader: Person) -> Person:
    """By id (our own links) or by name or post (what somebody typed); the reader where nothing is said."""
    if not who:
        return reader
    found = await directory.load(ctx.tx, who)
    return found if found is not None and found.active else await speaking.someone(ctx, who)


def read_day(text: str, otherwise: date) -> date:
    """What a link or a form says, near enough to be shown; `otherwise` for everything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if abs(day - otherwise) < _FARTHEST else otherwise


def read_period(typed: dict[str, str], ctx: Context) -> tuple[Period, bool]:
    """(the time, whether it is the whole day): without a clock time it is. Raises BadRequest(invalid_range)."""
    zone = ctx.office.timezone
    try:
        day = date.fromisoformat(typed["day"])
        if not typed["start"]:
            begin = rules.local_midnight(day, zone)
            return Period(begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC)), True
        begin = datetime.combine(day, time.fromisoformat(typed["start"]), zone)
        hour = begin + timedelta(hours=1)
        end = datetime.combine(day, time.fromisoformat(typed["end"]), zone) if typed["end"] else hour
    except (ValueError, OverflowError):
        raise errors.BadRequest("invalid_range") from None
    end = end if end > begin else end + timedelta(days=1)
    return Period(begin.astimezone(UTC), end.astimezone(UTC)), False


def _of_day(entries: Sequence[EntryView], day: date, ctx: Context) -> list[EntryView]:
    begin = rules.local_midnight(day, ctx.office.timezone)
    return [one for one in entries if one.begin < begin + timedelta(days=1) and one.end > begin]


def _address(day: date, who: str) -> str:
    return f"/office/calendar?day={day}" + (f"&who={who}" if who else "")
