"""休假日历: who is away in a month, as weeks and as a list; what the reader may not know is not on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from aiohttp import web

from bot.pages import visit
from bot.pages.visit import Front, Visit
from cards import team as team_cards
from handlers.leave import watching
from handlers.team import asking, handler, month, whereabouts
from handlers.team.month import Day
from handlers.team.whereabouts import Away
from handlers.transaction import Transaction

_LISTED = 300
_EARLIEST, _LATEST = 2000, 2100


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """`left` are those that the list has no room for; the weeks count everybody."""

    month: date
    day: date | None
    department: str
    departments: list[str]
    personnel: bool
    knows: bool
    weeks: list[list[Day]]
    rows: list[tuple[Away, str]]
    people: int
    left: int
    notes: str
    today: date


class Team:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/team", self._front.page(self.show))]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        today = seen.now.astimezone(self._front.office().timezone).date()
        chosen = _month(request.query.get("month", ""), today)
        day = _day(request.query.get("day", ""), chosen)
        department = request.query.get("department", "").strip()
        shown, due = await self._front.database.read(partial(self._read, seen, chosen, day, department, today))
        if due:
            await self._front.database.write(partial(self._looked, seen, shown))
        data = {"shown": shown, "before": _next(chosen, -1), "after": _next(chosen, 1)}
        return visit.render(request, "team.html", data, visit=seen)

    async def _read(
        self, seen: Visit, chosen: date, day: date | None, department: str, today: date, tx: Transaction
    ) -> tuple[Shown, bool]:
        ctx = self._front.context(tx, seen)
        eyes = await whereabouts.eyes(tx, seen.person, seen.roles)
        departments = eyes.departments()
        department = department if department in departments else ""
        first, last = asking.month_of(chosen)
        found = await whereabouts.away(ctx, eyes.of(department), first, last)
        listed = [one.away for one in month.present(day, found)] if day else found
        days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
        marks = {one: month.mark(one, ctx.office.calendar) for one in days}
        knows = eyes.personnel or bool(eyes.led)
        about = watching.team(department)
        due = knows and await watching.is_due(tx, about, "calendar", by=seen.person.id, now=seen.now)
        shown = Shown(
            month=first,
            day=day,
            department=department,
            departments=departments,
            personnel=eyes.personnel,
            knows=knows,
            weeks=month.weeks(first, found, ctx.office.calendar),
            rows=_rows(listed[:_LISTED], today),
            people=len({one.person.id for one in listed}),
            left=max(0, len(listed) - _LISTED),
            notes=team_cards.holidays(
                handler.holidays(marks), [one for one, kind in marks.items() if kind == month.MAKEUP], base=first
            ),
            today=today,
        )
        return shown, due

    async def _looked(self, seen: Visit, shown: Shown, tx: Transaction) -> None:
        """Kinds were shown, so it is known to whom."""
        about = watching.team(shown.department)
        await watching.looked(self._front.context(tx, seen), about, "calendar", detail=f"{shown.month:%Y-%m}")


def _rows(found: Sequence[Away], today: date) -> list[tuple[Away, str]]:
    """Each absence with its days in words."""
    return [(one, team_cards.span(handler.as_view(one), base=today)) for one in found]


def _month(text: str, today: date) -> date:
    """`2026-05`; this month for anything else."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return found if _EARLIEST <= found.year <= _LATEST else today.replace(day=1)


def _day(text: str, chosen: date) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if (found.year, found.month) == (chosen.year, chosen.month) else None


def _next(chosen: date, step: int) -> str:
    number = chosen.year * 12 + chosen.month - 1 + step
    return f"{number // 12}-{number % 12 + 1:02d}"
