"""Who sent an event, what a button that they tapped says, and the answer to it."""

from __future__ import annotations

from typing import Protocol

from cards import actions
from cards.model import Message
from connectors.events import ButtonPressed
from connectors.refs import PersonRef
from handlers import errors
from handlers.context import Context
from handlers.mailroom import outbox
from handlers.mailroom.letters import Letter
from handlers.people import directory
from handlers.people.directory import Person


class Arrived(Protocol):
    """What every event carries: the account's door and the platform's own key of the event."""

    @property
    def account(self) -> str: ...
    @property
    def key(self) -> str: ...


class Said(Arrived, Protocol):
    """What texts, taps and files have besides: somebody who is answered."""

    @property
    def sender(self) -> PersonRef: ...


async def known(ctx: Context, ref: PersonRef) -> Person:
    """Raises BadRequest("stranger") for an account that belongs to nobody."""
    person = await directory.by_ref(ctx.tx, ref)
    if person is None:
        raise errors.BadRequest("stranger")
    return person


async def tapped(ctx: Context, event: ButtonPressed, *acts: str) -> tuple[Person, actions.Action] | None:
    """The tapper and the action of one of `acts`, sealed for them; None for strangers, forgeries and other acts."""
    if not claims(event, *acts):
        return None
    person = await directory.by_ref(ctx.tx, event.sender)
    if person is None:
        return None
    try:
        return person, actions.unpack(event.payload, to=person.id, key=ctx.office.card_key)
    except actions.BadAction:
        return None


def claims(event: ButtonPressed, *acts: str) -> bool:
    """Whether the button says that it is one of `acts`; only its seal proves it."""
    try:
        return actions.peek(event.payload).act in acts
    except actions.BadAction:
        return False


def sealed(ctx: Context, event: ButtonPressed, person: Person) -> actions.Action:
    """The action of a button that was made for `person`; raises BadRequest("bad_action")."""
    try:
        return actions.unpack(event.payload, to=person.id, key=ctx.office.card_key)
    except actions.BadAction:
        raise errors.BadRequest("bad_action", by=person.id) from None


def reply_key(event: Arrived, part: str = "") -> str:
    """One answer per event and part, however often the event comes."""
    return f"re:{event.account}:{event.key}" + (f":{part}" if part else "")


async def answer(ctx: Context, event: Said, message: Message, part: str = "") -> None:
    """Posts `message` to whoever sent `event`, once."""
    await outbox.post(ctx.tx, Letter(to=event.sender, message=message, key=reply_key(event, part)), now=ctx.now)
