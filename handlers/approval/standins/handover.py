"""A leaver's open turns go to a successor: first shown, then done, item by item through the one way to act.

What the leaver signed stays signed. An item that the successor submitted is left where it is and named, because nobody
decides an own request; somebody else has to be found for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from handlers import errors
from handlers.approval import act, engine, store
from handlers.approval.engine import Act, Verb
from handlers.approval.standins import absence, proxy_store
from handlers.approval.standins.proxies import Proxy
from handlers.context import Context
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction

SYSTEM = Person(id=engine.SYSTEM, name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item: `open` says that it waits for the leaver now (otherwise in a step to come); `refusal` is why not, and
    `about` the step that it is about."""

    item: store.Item
    open: bool
    refusal: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """`lines` are the items with a turn of the leaver, `own` what the leaver submitted and is still on its way."""

    lines: tuple[Line, ...]
    own: tuple[store.Item, ...]
    proxies: int


async def plan(ctx: Context, leaver: Person, successor: Person) -> Handover:
    """What `carry_out` would do. Raises BadRequest(not_yourself)."""
    if leaver.id == successor.id:
        raise errors.BadRequest("not_yourself")
    found = await waiting(ctx, leaver)
    lines = tuple(_line(line.item, leaver, successor) for line in found.lines)
    return Handover(lines=lines, own=found.own, proxies=found.proxies)


async def waiting(ctx: Context, leaver: Person) -> Handover:
    """What there is to hand over, before anybody is named to take it."""
    running = await store.running(ctx.tx)
    lines = [
        Line(item=item, open=leaver.id in engine.waiting_for(item.request))
        for item in running
        if _has_turn(item, leaver)
    ]
    own = tuple(item for item in running if item.request.applicant == leaver.id)
    return Handover(lines=tuple(lines), own=own, proxies=len(await _proxies(ctx, leaver)))


async def carry_out(ctx: Context, leaver: Person, successor: Person) -> Handover:
    """Hands over what can be, ends the proxies that the leaver gave or held, and returns what `plan` said."""
    found = await plan(ctx, leaver, successor)
    for line in found.lines:
        if not line.refusal:
            await act.perform(ctx, line.item.id, _wanted(leaver, successor), by=SYSTEM)
    await absence.end_of(ctx, await _proxies(ctx, leaver))
    return found


async def plan_one(ctx: Context, number: int, leaver: Person | None, successor: Person) -> Handover:
    """What `carry_out_one` would do: one item, of which `leaver` has a turn, or that nobody can move on (None).

    Raises NotFound.
    """
    item = await store.numbered(ctx.tx, number)
    if item is None:
        raise errors.NotFound(number=number)
    return Handover(lines=(_line(item, leaver or SYSTEM, successor),), own=(), proxies=0)


async def carry_out_one(ctx: Context, number: int, leaver: Person | None, successor: Person) -> Handover:
    found = await plan_one(ctx, number, leaver, successor)
    for line in found.lines:
        if not line.refusal:
            await act.perform(ctx, line.item.id, _wanted(leaver or SYSTEM, successor), by=SYSTEM)
    return found


async def somebody(tx: Transaction, name: str) -> list[Person]:
    """People of this name or staff number, those who have left only if nobody active has it."""
    active = await directory.named(tx, name)
    if active:
        return active
    rows = await tx.fetch("SELECT * FROM person WHERE name = ? OR (staff_no = ? AND staff_no <> '')", name, name)
    return [directory.from_row(row) for row in rows]


def _line(item: store.Item, leaver: Person, successor: Person) -> Line:
    waits = leaver is SYSTEM or leaver.id in engine.waiting_for(item.request)
    try:
        engine.authorise(item.request, _wanted(leaver, successor), by=engine.SYSTEM)
    except errors.RuleError as refused:
        return Line(item=item, open=waits, refusal=refused.code, about=str(refused.circumstances.get("title", "")))
    return Line(item=item, open=waits)


def _wanted(leaver: Person, successor: Person) -> Act:
    """The system as the leaver is nobody: the turns of steps that were left without anybody."""
    return Act(verb=Verb.REPLACE, to=("" if leaver is SYSTEM else leaver.id, successor.id))


def _has_turn(item: store.Item, leaver: Person) -> bool:
    steps = [step for step in item.request.steps if step.status not in engine.CLOSED]
    return any(leaver.id in step.approvers or leaver.id in step.deputies for step in steps)


async def _proxies(ctx: Context, leaver: Person) -> list[Proxy]:
    given = await proxy_store.of_principal(ctx.tx, leaver.id, at=ctx.now)
    return given + await proxy_store.of_proxy(ctx.tx, leaver.id, at=ctx.now)
