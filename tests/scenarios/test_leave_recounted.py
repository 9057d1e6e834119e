"""A recount that personnel confirmed: the item shows the days that the ledger has."""

from __future__ import annotations

from handlers.audit.facts import Origin
from handlers.context import Context
from handlers.leave import recounting, store
from handlers.leave.book import claims, ledger, rerating
from handlers.leave.book.entries import Stamp
from handlers.leave.law.rules import ANNUAL, LeaveRules
from handlers.people import directory


async def _recounted(town, ref):
    """The last day of the leave costs nothing any more."""

    async def unit(tx):
        office, now = town.service.office, town.clock.now()
        ctx = Context(tx=tx, now=now, trace="t", origin=Origin(door="command"), office=office)
        (person,) = await directory.named(tx, "张三")
        entries = await store.lock(tx, person.id)
        claim = claims.claims(entries)[ref]
        kept = tuple(charge for _, charge in claim.spent)[:-2]
        today = now.astimezone(office.timezone).date()
        kind = office.of(LeaveRules).of(person.category, on=today).kinds[ANNUAL]
        stamp = Stamp(recorded=now, effective=today)
        new = ledger.recount(entries, ref, kept, stamp=stamp, order=kind.order)
        proposal = rerating.Proposal(
            ref=ref, kind=ANNUAL, about=claim.about, freed=(), charged=(), minutes=-480, charges=kept
        )
        found = recounting.Found(
            person=person, kind=kind, proposal=proposal, before=claim.minutes, entries=tuple(new)
        )
        await recounting.write(ctx, [found])

    await town.service.database.write(unit)


async def test_the_leaves_card_shows_what_it_costs_after_a_recount(open_town):
    town = await open_town()
    await town.tap("wecom", "lisi", await town.asked("wecom", "wecom"), "同意")
    await town.until(lambda: town.cards("wecom", "zhangsan", "年假3天：已同意"), "approved")
    (row,) = await town.rows("SELECT ref FROM leave_entry WHERE cause = 'hold'")
    await _recounted(town, row["ref"])
    await town.forward(minutes=1)
    await town.until(lambda: town.cards("wecom", "zhangsan", "年假2天：已同意"), "the card follows")
    (fact,) = await town.journal("approval.item_amended")
    assert fact["because"] == "recounted"
