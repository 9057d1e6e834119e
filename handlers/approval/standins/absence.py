"""Standing in, carried out: a proxy given or ended, the items that wait meanwhile, and the way back.

A proxy's begin and end lie in the due table, so an absence that ends at midnight ends although nobody taps. What waits
for the principal waits for the proxy as well; the principal may still act. Decisions carry both names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from cards import approval as approval_cards
from cards import verbs as words
from cards.model import Text
from handlers import errors
from handlers.approval import faces, facts, post, store, views
from handlers.approval.engine import State
from handlers.approval.standins import proxy_store
from handlers.approval.standins.proxies import Proxy
from handlers.audit import log
from handlers.context import Context
from handlers.days.slots import Half
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.transaction import to_ms

_OFF = frozenset({State.REJECTED, State.WITHDRAWN, State.CANCELLED})
BEGIN = "approval.proxy_begin"
END = "approval.proxy_end"


async def give(
    ctx: Context, principal: str, proxy: str, *, begin: datetime, end: datetime, source: str = ""
) -> tuple[Proxy, int]:
    """`proxy` may use the turns of `principal` from now or `begin` on; returns it and how many items that covers now.

    Raises BadRequest: not_yourself, proxy_over.
    """
    if principal == proxy:
        raise errors.BadRequest("not_yourself")
    if end <= ctx.now:
        raise errors.BadRequest("proxy_over")
    wanted = Proxy(id=0, principal=principal, proxy=proxy, begin=begin, end=end, source=source)
    given = await proxy_store.add(ctx.tx, wanted, now=ctx.now)
    fact = facts.ProxyGiven(
        principal=principal, proxy=proxy, number=given.id, begin_ms=to_ms(begin), end_ms=to_ms(end), source=source,
        forms=tuple(sorted(given.forms)),
    )  # fmt: skip
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    await due.at(ctx.tx, f"{END}:{given.id}", END, end, {"proxy": given.id}, now=ctx.now)
    await _tell(ctx, proxy, words.proxy_told(await _name(ctx, principal), begin, end), key=f"proxy:{given.id}:told")
    if begin > ctx.now:
        await due.at(ctx.tx, f"{BEGIN}:{given.id}", BEGIN, begin, {"proxy": given.id}, now=ctx.now)
        return given, 0
    return given, await _cover(ctx, principal)


async def end(ctx: Context, given: Proxy) -> bool:
    """The turns are the principal's alone again, who is told what was done meanwhile. False if it was over already."""
    if not await proxy_store.end(ctx.tx, given.id, now=ctx.now):
        return False
    await due.cancel(ctx.tx, f"{BEGIN}:{given.id}")
    await due.cancel(ctx.tx, f"{END}:{given.id}")
    fact = facts.ProxyEnded(principal=given.principal, proxy=given.proxy, number=given.id)
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    for item in await store.turning_on(ctx.tx, given.principal):
        await store.save_waiting(ctx.tx, item, now=ctx.now)
        await post.refresh(ctx, item)
    begun = given.begin <= ctx.now
    text = words.proxy_ended(await _name(ctx, given.proxy), await _done(ctx, given), begun=begun)
    await _tell(ctx, given.principal, text, key=f"proxy:{given.id}:ended")
    if ctx.now < given.end:  # who was told until when it would last still counts on it
        told = words.proxy_off(await _name(ctx, given.principal), given.begin, given.end)
        await _tell(ctx, given.proxy, told, key=f"proxy:{given.id}:off")
    return True


async def end_of(ctx: Context, given: Iterable[Proxy]) -> int:
    """How many of these were still in force or to come."""
    return sum([await end(ctx, one) for one in given])


async def for_item(ctx: Context, item: store.Item, proxy: str) -> tuple[Proxy, int]:
    """A proxy for the time of an absence: the item's `start` and `end` with their halves.

    Raises BadRequest(no_absence) for items that are none.
    """
    period = absence(item.fields, ctx)
    if period is None:
        raise errors.BadRequest("no_absence", item=item.id)
    await end_of(ctx, await proxy_store.of_source(ctx.tx, item.id))
    return await give(ctx, item.request.applicant, proxy, begin=period[0], end=period[1], source=item.id)


async def follow(ctx: Context, before: store.Item, after: store.Item) -> None:
    """An approved absence with a `handover` person begins the proxy; one that does not happen ends what it began.

    An absence that was over before it was approved (补办) needs nobody in its place any more.
    """
    if before.request.state is after.request.state:
        return
    if after.request.state in _OFF:
        await end_of(ctx, await proxy_store.of_source(ctx.tx, after.id))
    named = after.fields.get("handover")
    period = absence(after.fields, ctx) if after.request.state is State.APPROVED and named else None
    if period is not None and period[1] > ctx.now:
        await for_item(ctx, after, str(named))


def absence(fields: Mapping[str, Any], ctx: Context) -> tuple[datetime, datetime] | None:
    """From midnight or noon of the first day to noon or midnight of the last, in the office's zone, as UTC."""
    try:
        return _period(
            fields["start"], fields["end"], fields.get("start_half"), fields.get("end_half"), ctx.office.timezone
        )
    except (KeyError, TypeError, ValueError):
        return None


@lru_cache(maxsize=2_000)
def _period(start: str, end: str, start_half: str, end_half: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Cards and calendars of many people ask for the same few days. Raises TypeError and ValueError for no dates."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    begin = time(12) if start_half == Half.PM else time(0)
    noon = end_half == Half.AM
    until = datetime.combine(last, time(12)) if noon else datetime.combine(last + timedelta(days=1), time(0))
    return datetime.combine(first, begin, zone).astimezone(UTC), until.replace(tzinfo=zone).astimezone(UTC)


async def on_begin(row: Due, ctx: Context) -> None:
    given = await proxy_store.find(ctx.tx, row.payload["proxy"])
    if given is not None:
        await _cover(ctx, given.principal)


async def on_end(row: Due, ctx: Context) -> None:
    given = await proxy_store.find(ctx.tx, row.payload["proxy"])
    if given is not None:
        await end(ctx, given)


async def _cover(ctx: Context, principal: str) -> int:
    """Whoever stands in now gets what waits already, but for what they may not decide; the number of items."""
    covered = 0
    for item in await store.turning_on(ctx.tx, principal):
        new = await store.save_waiting(ctx.tx, item, now=ctx.now)
        for person in new:
            await post.send(ctx, item, person, kind=views.DECIDE, urgent=True)
        covered += bool(new)
    return covered


async def _done(ctx: Context, given: Proxy) -> list[str]:
    """A line per decision that was made in the principal's place; also by somebody who stood in for the proxy."""
    lines = []
    for item, verb, person in await store.done_for(ctx.tx, given.principal, since=given.begin):
        face = await faces.of(ctx, item)
        by = await _name(ctx, person) if person != given.proxy else ""
        lines.append(words.done_for(item.number, face.title(item.fields), approval_cards.verb_word(verb), by=by))
    return lines


async def _tell(ctx: Context, person: str, text: str, *, key: str) -> None:
    who = await directory.load(ctx.tx, person)
    where = await directory.reach(ctx.tx, who) if who else None
    if where is not None:
        await outbox.post(ctx.tx, Letter(to=where, message=Text(text), key=key), now=ctx.now)


async def _name(ctx: Context, person: str) -> str:
    who = await directory.load(ctx.tx, person)
    return who.name if who else ""
