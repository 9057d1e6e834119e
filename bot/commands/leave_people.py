"""Who is meant by a name on the command line, and what the office knows of them: for the leave commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import click

from bot import office as offices
from config.loader import Configuration
from config.problems import guess, listed
from handlers.context import Office
from handlers.leave import known, standing, store
from handlers.leave.book.entries import Entry, Stamp
from handlers.leave.law.rules import LeaveRules, Policy
from handlers.leave.reports import explanation
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A person's ledger as the table has it, with what belongs beside it."""

    person: Person
    policy: Policy
    office: Office
    entries: list[Entry]
    since: date | None = None
    """From which day on the office keeps their leave."""

    def looked_at(self, *, now: datetime, on: date) -> list[Entry]:
        """With what will be written when the lot of the day's year is first needed; of somebody who left, no more."""
        if not self.person.active:
            return self.entries
        stamp = Stamp(recorded=now, effective=now.astimezone(self.office.timezone).date())
        return standing.looked_at(self.entries, self.person, self.policy, on=on, stamp=stamp, since=self.since)

    def source(self, *, now: datetime, on: date, known_at: datetime | None = None) -> explanation.Source:
        """With what was recorded up to `known_at` only, where that is named; what is not written is then not known."""
        seen = self.looked_at(now=now, on=on)
        if known_at is not None:
            seen = [entry for entry in seen if entry.recorded <= known_at]
        return explanation.Source(
            person=self.person,
            policy=self.policy,
            calendar=self.office.calendar,
            entries=seen,
            on=on,
            written=max((entry.number for entry in self.entries), default=0),
        )


def office(configuration: Configuration) -> Office:
    """Raises ClickException for files that changed since they were checked."""
    try:
        return offices.build(configuration)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"配置文件读不了：{error}。运行 officebot check 看详情。") from error


async def book(tx: Transaction, office: Office, name: str, *, on: date) -> Book:
    """By the rules of a day. Raises ClickException when nobody or more than one person is meant."""
    return await of_person(tx, office, await person(tx, name), on=on)


async def of_person(tx: Transaction, office: Office, one: Person, *, on: date) -> Book:
    policy = office.of(LeaveRules).of(one.category, on=on)
    return Book(
        person=one,
        policy=policy,
        office=office,
        entries=await store.load(tx, one.id),
        since=await known.since(tx, office, one.id),
    )


async def kept_book(tx: Transaction, office: Office, name: str, *, on: date) -> Book:
    """As `book`, to be read only: also of somebody who has left, if nobody who is there is meant."""
    found = await directory.named(tx, name) or await directory.left(tx, name)
    return await of_person(tx, office, _the_one(found, name, await _names(tx)), on=on)


async def person(tx: Transaction, name: str) -> Person:
    return _the_one(await directory.named(tx, name), name, await _names(tx))


async def _names(tx: Transaction) -> list[str]:
    return [one.name for one in await directory.everybody(tx)]


def _the_one(found: list[Person], name: str, everybody: list[str]) -> Person:
    if len(found) == 1:
        return found[0]
    if found:
        numbers = listed(one.staff_no or "（没有工号）" for one in found)
        raise click.ClickException(f"有 {len(found)} 个人叫「{name}」，请改写工号：{numbers}。")
    meant = guess(name, everybody)
    advice = f"是不是 {meant}？" if meant else "运行 officebot people list 看名单。"
    raise click.ClickException(f"名单里没有「{name}」。{advice}")
