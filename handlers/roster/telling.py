"""What a reading of a directory leaves in the journal, and whom it is told to."""

from __future__ import annotations

from collections.abc import Sequence

from cards import leaving as words
from cards.model import Card
from handlers.audit import log
from handlers.context import Context
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory, facts
from handlers.people.plan import Link, Plan
from handlers.roster import rules


async def read(ctx: Context, account: str, plan: Plan, *, members: int, confirmed: bool = False) -> None:
    """A plan that was carried out. Nothing for one that changed nothing; administrators hear of large ones."""
    if plan.empty:
        return
    fact = facts.DirectoryRead(
        account=account, members=members, joined=len(plan.joined), changed=len(plan.changed), left=len(plan.left),
        linked=len(plan.linked), unlinked=len(plan.unlinked), confirmed=confirmed,
    )  # fmt: skip
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    own = rules.of(ctx.office)
    if size(plan) <= own.large:
        return
    joined = {one.id for one in plan.joined}
    groups = (
        (words.JOINED, [one.person.name for one in plan.joined]),
        (words.LEFT, [one.name for one in plan.left]),
        (words.CHANGED, [one.after.person.name for one in plan.changed]),
        (words.LINKED, _names(plan, [one for one in plan.linked if one.person not in joined])),
        (words.UNLINKED, _names(plan, plan.unlinked)),
    )
    card = words.many(
        account, own.platforms.get(account, ""), groups, total=size(plan), office=ctx.office.name
    )
    await _tell(ctx, card, key=f"many/{account}/{ctx.now.timestamp():.0f}")


async def doubted(ctx: Context, account: str, plan: Plan) -> None:
    """A plan that was refused: on record every time, told once a day."""
    (doubt, *_) = plan.refusals
    lost = plan.left
    people = [*(one.id for one in lost), *(link.person for link in plan.unlinked)]
    fact = facts.DirectoryDoubted(
        account=account, why=doubt.code, lost=len(people), of=int(doubt.detail or 0), people=tuple(people)
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    own = rules.of(ctx.office)
    names = [*(one.name for one in lost), *_names(plan, plan.unlinked)]
    card = words.doubted(
        account, own.platforms.get(account, ""), names, lost=len(people), of=fact.of,
        empty=doubt.code == "directory_empty", office=ctx.office.name,
    )  # fmt: skip
    day = ctx.now.astimezone(ctx.office.timezone).date()
    await _tell(ctx, card, key=f"doubted/{account}/{day}/{len(people)}")


def size(plan: Plan) -> int:
    """How many differences there are."""
    return sum(map(len, (plan.joined, plan.changed, plan.left, plan.linked, plan.unlinked))) - len(plan.joined)


def _names(plan: Plan, links: Sequence[Link]) -> list[str]:
    return [plan.names.get(link.person, "") for link in links]


async def _tell(ctx: Context, card: Card, *, key: str) -> None:
    for person in await directory.in_role(ctx.tx, "admin"):
        where = await directory.reach(ctx.tx, person)
        if where is not None:
            await outbox.post(ctx.tx, Letter(to=where, message=card, key=f"{key}/{person.id}"), now=ctx.now)
