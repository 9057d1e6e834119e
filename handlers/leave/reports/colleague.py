"""Somebody else's leave, asked about in words: whose it is, and who may hear of it (`张三还有几天年假`)."""

from __future__ import annotations

from cards import leave_owner
from handlers.context import Context
from handlers.errors import NotAllowed
from handlers.leave import recounting
from handlers.people import directory
from handlers.people.directory import Person


async def named_in(ctx: Context, person: Person, word: str) -> Person | None:
    """Somebody else whose name is in the question, the longest one where one name is part of another; or whose number.

    None for one's own leave. Raises BadRequest: who_unknown for a name that nobody bears, who_ambiguous for namesakes.
    """
    named = [one for one in await directory.everybody(ctx.tx) if one.name in word]
    longest = max((len(one.name) for one in named), default=0)
    found = [one for one in named if len(one.name) == longest]
    if not found and (owner := leave_owner.named(word)):
        other = directory.the_one(await directory.named(ctx.tx, owner), owner)
        return None if other.id == person.id else other
    return None if not found or person.id in {one.id for one in found} else directory.the_one(found, found[0].name)


async def only_personnel(ctx: Context, person: Person) -> None:
    """Raises NotAllowed for anybody else: another person's leave is told to nobody but personnel."""
    if recounting.PERSONNEL not in await directory.roles_of(ctx.tx, person.id):
        raise NotAllowed(code="leave_hidden", by=person.id)
