"""Who is speaking to us, and how they are answered: under the event's key, so that nothing is sent twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from cards import actions, addressing
from cards.model import Message, Text
from connectors.refs import PersonRef
from handlers.calendar.asked import Surroundings
from handlers.context import Context
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person


@dataclass(slots=True, kw_only=True)
class Speaker:
    """One message of one person; `key` names the event."""

    ctx: Context
    person: Person
    to: PersonRef
    key: str
    said: int = field(default=0)

    @property
    def today(self) -> date:
        return self.ctx.now.astimezone(self.ctx.office.timezone).date()

    @property
    def about(self) -> Surroundings:
        return Surroundings(today=self.today, calendar=self.ctx.office.calendar, hours=self.ctx.office.hours)

    async def answer(self, message: Message | str) -> None:
        content = Text(message) if isinstance(message, str) else message
        letter = Letter(to=self.to, message=content, key=f"{self.key}{self.said or ''}")
        self.said += 1
        await outbox.post(self.ctx.tx, letter, now=self.ctx.now)

    def packed(self, act: str, item: str, version: int = 0, *, to: str = "") -> str:
        """For a button of whoever speaks, or of the person `to`."""
        return actions.pack(actions.Action(act, item, version), to=to or self.person.id, key=self.ctx.office.card_key)

    def page(self, path: str) -> str:
        """An address of ours that signs this person in over the account they write from; "" without an address."""
        base = self.ctx.office.public_url.rstrip("/")
        mark = "&" if "?" in path else "?"
        return f"{base}/office/{path}{mark}via={self.to.account}" if base else ""


async def begins_with(ctx: Context, text: str) -> tuple[Person | None, str]:
    """The one person whose name or post begins the text (the longest counts), and what follows.

    Dates are read after that: in `李四周三` no four weeks are meant. Raises BadRequest(who_ambiguous).
    """
    everybody = await directory.everybody(ctx.tx)
    words = {word for one in everybody for word in (one.name, one.post) if word}
    alike = [one for one in everybody if text[:1] == one.name[:1]]
    words |= {word for one in alike for word in addressing.addresses(one.name, one.post)}
    begun = max((word for word in words if text.startswith(word)), key=len, default="")
    return (await someone(ctx, begun), text[len(begun) :].removeprefix("的").strip()) if begun else (None, text)


async def someone(ctx: Context, name: str) -> Person:
    """The one active person of this name, staff number or post. Raises BadRequest: who_unknown, who_ambiguous."""
    found = await directory.named(ctx.tx, name)
    found = found or [one for one in await directory.everybody(ctx.tx) if one.post and one.post == name]
    return directory.the_one(found, name)
