"""After a calendar came or changed: the leaves that would cost something else, for personnel; written when confirmed.

Never silently (office-rules.md 3.4). The list is reckoned anew at each look and each tap, so nothing is applied that is
not true any more; what was declined is a fact, and is not asked again for the same calendar.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from cards import actions, desk
from cards import leave_recount as cards
from cards.leave_recount import RecountView
from cards.model import Card, Text
from connectors.events import ButtonPressed, TextReceived
from handlers import errors, senders
from handlers.audit import log
from handlers.context import Context
from handlers.leave import facts, store
from handlers.leave.book import claims, ledger, rerating
from handlers.leave.book.claims import Claim, State
from handlers.leave.book.entries import Entry, Stamp
from handlers.leave.book.rerating import Proposal
from handlers.leave.book.submission import Terms
from handlers.leave.law.policy import Kind
from handlers.leave.law.rules import LeaveRules, Policy
from handlers.leave.standing import Who
from handlers.mailroom import copies, due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

KIND: Final = "leave.recount"
WRITTEN: Final = "leave.recounted"
"""Due at once when a recount was written: the item shows what its leave costs now (`approval.amending`)."""
"""Of the due row (payload `digest`, `since`) and of the card's copies."""
CONFIRM: Final = "recount"
DECLINE: Final = "recount-none"
PERSONNEL: Final = "personnel"
REASON: Final = "按新的放假安排重算"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A leave that would cost something else. `entries` are what would be written; none where `refused` says why."""

    person: Person
    kind: Kind
    proposal: Proposal
    before: int
    entries: tuple[Entry, ...] = ()
    refused: str = ""

    @property
    def option(self) -> str:
        """The leave and its change as it was shown: confirmed only as long as it is still that."""
        return f"{self.proposal.ref}:{self.proposal.minutes}"


async def everything(ctx: Context, *, since: date, stamp: Stamp, lock: bool = False) -> list[Found]:
    """Of everybody with a leave that waits or is approved and ends on or after `since`; `stamp` for the entries."""
    rows = await ctx.tx.fetch(
        "SELECT person FROM leave_entry WHERE cause = 'hold' AND last_slot >= ?",
        since.isoformat(),
    )
    found = []
    for id in sorted({row["person"] for row in rows}):
        person = await directory.load(ctx.tx, id)
        if person is not None:
            entries = await (store.lock if lock else store.load)(ctx.tx, person.id)
            found += of_person(ctx, person, entries, since=since, stamp=stamp)
    return sorted(found, key=lambda one: (one.proposal.about.first, one.person.name, one.proposal.ref))


def of_person(
    ctx: Context, person: Person, entries: Sequence[Entry], *, since: date, stamp: Stamp
) -> list[Found]:
    """One person's, each reckoned after those before it are written. By the rules of the leave's first day."""
    known, found = list(entries), []
    rules = ctx.office.of(LeaveRules)
    open_ = [claim for claim in claims.claims(entries).values() if claim.state in claims.OPEN]
    for claim in open_:
        if claim.about is None or claim.about.last.day < since or _is_change(claim, open_):
            continue
        policy = rules.of(person.category, on=claim.about.first.day)
        kind = policy.kinds.get(claim.kind)
        terms = {kind.code: _terms(ctx, policy, kind, person)} if kind is not None and not kind.by_amount else {}
        own = [entry for entry in known if entry.ref == claim.ref]
        for proposal in rerating.proposals(own, terms=terms, since=since):
            assert kind is not None
            one = _tried(known, person, kind, proposal, claim.minutes, stamp)
            known += one.entries
            found.append(one)
    return found


def _is_change(claim: Claim, others: Sequence[Claim]) -> bool:
    """What waits over days of an approved leave is that leave's own change and holds only what it costs more: two
    leaves never overlap. It is counted by the new calendar when it is approved."""
    if claim.state is not State.HELD or claim.about is None:
        return False
    return any(other.state is State.USED and other.about and other.about.overlaps(claim.about) for other in others)


def _tried(
    known: Sequence[Entry], person: Person, kind: Kind, proposal: Proposal, before: int, stamp: Stamp
) -> Found:
    try:
        new = ledger.recount(known, proposal.ref, proposal.charges, stamp=stamp, order=kind.order)
        return Found(person=person, kind=kind, proposal=proposal, before=before, entries=tuple(new))
    except errors.RuleError as refused:
        return Found(person=person, kind=kind, proposal=proposal, before=before, refused=refused.code)


def _terms(ctx: Context, policy: Policy, kind: Kind, person: Person) -> Terms:
    who = Who.of(person)
    return Terms(
        kind=kind.code,
        rules=kind.rules,
        calendar=policy.calendar(ctx.office.calendar),
        order=kind.order,
        limited=kind.limited,
        sex=who.sex,
        groups=who.groups,
    )


async def on_due(row: Due, ctx: Context) -> None:
    """A calendar came into force: the list to everybody of personnel, nothing where no leave changes."""
    digest, since = str(row.payload["digest"]), date.fromisoformat(str(row.payload["since"]))
    found = await _open(ctx, digest, since)
    if not found:
        return
    for person in await directory.in_role(ctx.tx, PERSONNEL):
        to = await directory.reach(ctx.tx, person)
        if to is not None:
            card = _card(ctx, found, digest, since, to=person)
            await copies.open_copy(
                ctx.tx, item=_item(digest, since), person=person.id, to=to, kind=KIND, card=card, version=1, now=ctx.now
            )


async def on_button(event: ButtonPressed, ctx: Context) -> Answer:
    tap = await senders.tapped(ctx, event, CONFIRM, DECLINE)
    if tap is None:
        return PASS
    person, action = tap
    if PERSONNEL not in await directory.roles_of(ctx.tx, person.id):
        raise errors.NotAllowed(by=person.id)
    digest, since = _parted(action.item)
    found = await _open(ctx, digest, since, by=person.id, lock=True)
    if action.act == DECLINE or cards.NONE in event.inputs.get(cards.LEAVES, ()):
        await _declined(ctx, digest, [one.proposal.ref for one in found])
        return await _shown(ctx, digest, since, done=0, declined=len(found), by=person)
    chosen = set(event.inputs.get(cards.LEAVES, ()))
    if not chosen:
        await _say(ctx, event, cards.none_chosen())
        return _card(ctx, found, digest, since, to=person) if found else cards.closed(0, declined=0, by="")
    done = [one for one in found if one.option in chosen and not one.refused]
    if len(done) < len(chosen):
        await _say(ctx, event, cards.outdated())
    await write(ctx, done)
    return await _shown(ctx, digest, since, done=len(done), declined=0, by=person)


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """`重算 全部`, `重算 不调整`: the list that was sent last, in words."""
    wanted = cards.replied(event.text)
    person = await directory.by_ref(ctx.tx, event.sender) if wanted is not None else None
    if wanted is None or person is None:
        return PASS
    if PERSONNEL not in await directory.roles_of(ctx.tx, person.id):
        raise errors.NotAllowed(by=person.id)
    row = await ctx.tx.first(
        "SELECT item FROM copy WHERE person = ? AND kind = ? ORDER BY created_ms DESC, id LIMIT 1", person.id, KIND
    )
    digest, since = _parted(row["item"]) if row else ("", date.max)
    found = await _open(ctx, digest, since, by=person.id, lock=True) if row else []
    if not found:
        await _say(ctx, event, cards.nothing_open())
        return None
    done = [one for one in found if not one.refused] if wanted else []
    await write(ctx, done)
    if not wanted:
        await _declined(ctx, digest, [one.proposal.ref for one in found])
    card = await _shown(ctx, digest, since, done=len(done), declined=0 if wanted else len(found), by=person)
    await _say(ctx, event, card.subtitle or card.title)
    return None


async def write(ctx: Context, found: Sequence[Found]) -> None:
    """What was confirmed becomes entries, and each person is told. Numbers are those of the ledger as it is now."""
    for one in found:
        entries = await store.lock(ctx.tx, one.person.id)
        last = max((entry.number for entry in entries), default=0)
        new = [replace(entry, number=last + ahead) for ahead, entry in enumerate(one.entries, 1)]
        await store.append(ctx, one.person.id, new)
        about = {"person": one.person.id, "item": one.proposal.ref}
        await due.at(ctx.tx, f"{WRITTEN}:{one.proposal.ref}", WRITTEN, ctx.now, about, now=ctx.now)
        to = await directory.reach(ctx.tx, one.person)
        if to is not None:
            text = Text(cards.changed(_view(one), base=_today(ctx)))
            key = f"{KIND}:{one.proposal.ref}:{last + 1}"
            await outbox.post(ctx.tx, Letter(to=to, message=text, key=key), now=ctx.now)


async def _open(ctx: Context, digest: str, since: date, *, by: str = "", lock: bool = False) -> list[Found]:
    """What would change and was not declined for this calendar."""
    stamp = Stamp(recorded=ctx.now, effective=_today(ctx), actor=by, note=REASON)
    declined = {
        ref
        for fact in await log.read(ctx.tx, _subject(digest))
        if fact.kind == facts.RecountDeclined.KIND
        for ref in fact.data["refs"]
    }
    found = await everything(ctx, since=since, stamp=stamp, lock=lock)
    return [one for one in found if one.proposal.ref not in declined]


async def _declined(ctx: Context, digest: str, refs: Collection[str]) -> None:
    if refs:
        fact = facts.RecountDeclined(calendar=_subject(digest), refs=tuple(refs))
        await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)


async def _shown(ctx: Context, digest: str, since: date, *, done: int, declined: int, by: Person) -> Card:
    """Every copy shows what is left to decide, or that nothing is; the tapped one is the answer."""
    left = await _open(ctx, digest, since)
    answer: Card | None = None
    for copy in await copies.of_item(ctx.tx, _item(digest, since)):
        person = await directory.load(ctx.tx, copy.person)
        if person is None:
            continue
        card = cards.closed(done, declined=declined, by=by.name)
        if left:
            card = _card(ctx, left, digest, since, to=person)
        if person.id == by.id:
            answer = card
        await outbox.refresh(ctx.tx, copy.id, card, now=ctx.now, skip_answer=person.id == by.id)
    return answer or cards.closed(done, declined=declined, by=by.name)


def _card(ctx: Context, found: Sequence[Found], digest: str, since: date, *, to: Person) -> Card:
    item = _item(digest, since)
    confirm, decline = (
        actions.pack(actions.Action(act, item), to=to.id, key=ctx.office.card_key) for act in (CONFIRM, DECLINE)
    )
    shown = found[: cards.MOST]
    views = [_view(one) for one in shown]
    return cards.offer(views, confirm=confirm, decline=decline, more=len(found) - len(shown), base=_today(ctx))


def _view(one: Found) -> RecountView:
    about = one.proposal.about
    return RecountView(
        option=one.option,
        name=one.person.name,
        kind=one.kind.title,
        first=about.first.day,
        last=about.last.day,
        before=one.before,
        after=one.before + one.proposal.minutes,
        refused=desk.refusal(one.refused) if one.refused else "",
    )


def _item(digest: str, since: date) -> str:
    """What the card is about: this calendar, and the day from which it changed something."""
    return f"recount-{digest[:16]}-{since.isoformat().replace('-', '')}"


def _parted(item: str) -> tuple[str, date]:
    _, digest, day = item.split("-")
    return digest, date.fromisoformat(day)


def _subject(digest: str) -> str:
    return f"calendar:{digest[:16]}"


async def _say(ctx: Context, event: ButtonPressed | TextReceived, text: str) -> None:
    await senders.answer(ctx, event, Text(text), "recount")


def _today(ctx: Context) -> date:
    return ctx.now.astimezone(ctx.office.timezone).date()


ROUTES: Router = router((TextReceived, on_text), (ButtonPressed, on_button))
