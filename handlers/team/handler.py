"""“本周谁休假”: a card of who is away, for everybody about their own department, wider for leaders and personnel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from cards import team as team_cards
from connectors.events import TextReceived
from handlers import senders
from handlers.context import Context
from handlers.leave import charge
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router
from handlers.team import asking, month, whereabouts
from handlers.team.asking import Asked
from handlers.team.scope import Scope, only
from handlers.team.whereabouts import Away


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """Nothing is written; whoever asks about a department that they may not see is answered about their own."""
    today = charge.today(ctx)
    if not asking.maybe(event.text):
        return PASS
    person = await directory.by_ref(ctx.tx, event.sender)
    if person is None:
        return PASS
    seen = await whereabouts.eyes(ctx.tx, person, await directory.roles_of(ctx.tx, person.id))
    text = await directory.with_leader(ctx.tx, person, event.text)
    asked = asking.read(text, today=today, departments=seen.departments(), people=seen.called(text))
    if asked is None:
        return PASS
    card = team_cards.card(await view(ctx, seen, person, asked))
    await senders.answer(ctx, event, card, "team")
    return None


async def view(ctx: Context, seen: Scope, person: Person, asked: Asked) -> team_cards.TeamView:
    """Without a department: personnel get all, leaders and colleagues the people that they see."""
    chosen = only(seen, asked.person) if asked.person else seen.of(asked.department)
    found = await whereabouts.away(ctx, chosen, asked.first, asked.last)
    days = [asked.first + timedelta(days=ahead) for ahead in range((asked.last - asked.first).days + 1)]
    marks = {day: month.mark(day, ctx.office.calendar) for day in days}
    return team_cards.TeamView(
        where=asked.person or asked.department or _where(seen, person, ctx.office.name),
        first=asked.first,
        last=asked.last,
        today=charge.today(ctx),
        people=len({one.person.id for one in found}),
        rows=[as_view(one) for one in found],
        off=holidays(marks),
        makeup=[day for day in days if marks[day] == month.MAKEUP],
        url=_url(ctx.office.public_url, asked),
        one=bool(asked.person),
    )


def as_view(one: Away) -> team_cards.AwayView:
    first, last = one.about
    return team_cards.AwayView(
        name=one.person.name,
        first=first.day,
        first_half=first.half.value,
        last=last.day,
        last_half=last.half.value,
        kind=one.kind,
        waits=one.waits,
    )


def holidays(marks: Mapping[date, str]) -> list[tuple[date, date]]:
    """Stretches of days off; plain weekends go without saying."""
    return month.blocks(sorted(day for day, kind in marks.items() if kind == month.OFF))


def _where(seen: Scope, person: Person, office: str) -> str:
    if seen.personnel:
        return office
    departments = seen.departments()
    return departments[0] if len(departments) == 1 else "您分管的部门" if seen.led else person.department or "您"


def _url(base: str, asked: Asked) -> str:
    if not base:
        return ""
    query = {"month": f"{asked.first:%Y-%m}"} | ({"department": asked.department} if asked.department else {})
    if asked.first == asked.last:
        query["day"] = asked.first.isoformat()
    return f"{base.rstrip('/')}/office/team?{urlencode(query)}"


ROUTES: Router = router((TextReceived, on_text))
