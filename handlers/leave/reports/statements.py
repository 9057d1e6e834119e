"""Statements at the edge: made from the tables, handed out with a serial number in the journal, and checked again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from handlers import errors
from handlers.audit import facts as facts_of
from handlers.audit import log
from handlers.context import Context
from handlers.leave import charge, facts, known, store
from handlers.leave.reports import statement
from handlers.leave.reports.statement import Difference, Figures, Question, Statement
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import from_ms, to_ms

EARLIEST, AHEAD = 1990, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What was handed out: its number, the code printed on it, and what it says."""

    serial: str
    code: str
    found: Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A paper against the records. `then` is recomputed from what it knew, `now` from everything known now.

    `agrees`: recomputing gives the paper's figures and entries. `wrong` names the paper's figures that differ from
    `then`, `since` those that differ from `now`; `later`: entries came for the paper's days.
    """

    serial: str
    genuine: bool
    agrees: bool
    issued: datetime
    by: str
    then: Statement
    now: Statement
    wrong: list[Difference]
    since: list[Difference]
    later: bool


async def look(
    ctx: Context, person: Person, year: int, *, on: date | None = None, known_at: datetime | None = None
) -> Statement:
    """The statement of a year; without `on` of today or the year's end, without `known_at` from all that is known.

    Nothing is written. Raises BadRequest(no_such_year), also for a day outside of the year and a moment to come.
    """
    today = ctx.now.astimezone(ctx.office.timezone).date()
    day = on or statement.day_of(year, today=today)
    moment = from_ms(to_ms(known_at or ctx.now))
    if not EARLIEST <= year <= today.year + AHEAD or day.year != year or moment > ctx.now:
        raise errors.BadRequest("no_such_year", person=person.id)
    return await _made(ctx, person, year, day, moment)


async def issue(ctx: Context, found: Statement) -> Issued:
    """Gives a statement its number and keeps what it says: from here on it can be checked."""
    question, content = found.question, statement.digest(found)
    serial = statement.new_serial(secrets.randbits(64), year=question.year)
    fact = facts.StatementIssued(
        statement=serial,
        person=question.person.id,
        year=question.year,
        on=question.on.isoformat(),
        known_at_ms=to_ms(question.known_at),
        last=found.last,
        digest=content,
        figures=found.figures,
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    code = statement.code(serial, content, key=ctx.office.card_key)
    return Issued(serial=serial, code=code, found=found)


async def check(ctx: Context, serial: str, code: str) -> Checked | None:
    """A paper by its number and code; None where no such number was ever given out."""
    recorded = [one for one in await log.read(ctx.tx, serial) if one.kind == facts.StatementIssued.KIND]
    if not recorded or recorded[0].erased:
        return None
    told = facts_of.restore(facts.StatementIssued, recorded[0].data)
    person = await directory.load(ctx.tx, told.person)
    if person is None:
        return None
    day, moment = date.fromisoformat(told.on), from_ms(told.known_at_ms)
    then = await _made(ctx, person, told.year, day, moment, last=told.last)
    now = await _made(ctx, person, told.year, day, from_ms(to_ms(ctx.now)))
    paper: Figures = tuple((kind, lot, tuple(minutes)) for kind, lot, minutes in told.figures)
    return Checked(
        serial=serial,
        genuine=statement.same_code(code, statement.code(serial, told.digest, key=ctx.office.card_key)),
        agrees=statement.digest(then) == told.digest,
        issued=recorded[0].recorded,
        by=recorded[0].origin.person,
        then=then,
        now=now,
        wrong=statement.differences(paper, then.figures),
        since=statement.differences(paper, now.figures),
        later=statement.told(now) != statement.told(then),
    )


async def _made(
    ctx: Context, person: Person, year: int, day: date, moment: datetime, *, last: int | None = None
) -> Statement:
    question = Question(
        person=person,
        policy=charge.policy_of(ctx, person, on=day),
        year=year,
        on=day,
        known_at=moment,
        today=moment.astimezone(ctx.office.timezone).date(),
        last=last,
        since=await known.since(ctx.tx, ctx.office, person.id),
    )
    entries = await store.load(ctx.tx, person.id)
    return statement.statement(entries, question, calendar=ctx.office.calendar)
