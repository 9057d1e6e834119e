"""The one way to act on an item, whatever the path: lock, decide, carry out, save, record, tell everybody.

All of it happens in the caller's transaction, so an act is whole or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from cards import opinions as opinion_words
from handlers import errors
from handlers.approval import cancelling, deadlines, editing, effects, engine, facts, post, store, submitting, undo
from handlers.approval.leaves import leave_change
from handlers.approval.meetings import followups
from handlers.approval.papers import evidence, keeping
from handlers.approval.standins import absence, proxy_store
from handlers.approval.talk import opinions
from handlers.audit import log
from handlers.context import Context
from handlers.mailroom import prompts
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import from_ms, to_ms

_AGAINST: Final = frozenset({engine.Verb.REJECT, engine.Verb.RETURN})


async def perform(
    ctx: Context, item_id: str, act: engine.Act, *, by: Person, many: bool = False, declared: bool = False
) -> store.Item:
    """`act` by `by`; raises the RuleErrors of the engine and of the form's effects, and changes nothing then.

    A decision may be held for some seconds, in which it can be undone (`undo`); `many`: it is one of a batch.
    `declared`: who submits has just confirmed that no secrets are in it, where the form asks for that.
    """
    before = stored = await _locked(ctx, item_id)
    if act.verb in _AGAINST and opinion_words.consents(act.opinion):
        act = replace(act, opinion="")  # the reason is asked for
    if act.verb is engine.Verb.SUBMIT:
        before = await submitting.ready(ctx, before, by, declared=declared)
        if before.fields.get("replaces"):
            await leave_change.replaces(ctx, before, by, perform)
    route = before.request.steps
    if act.verb is engine.Verb.RESUBMIT:
        before, route = await submitting.ready_again(ctx, before, by, declared=declared)
    try:
        principals = await proxy_store.principals(ctx.tx, by.id, form=before.form, at=ctx.now)
        roles = await directory.roles_of(ctx.tx, by.id)
        act = await undo.delayed(ctx, before, act, many=many)
        act = await evidence.read(ctx, before, act, by=by)
        act = await editing.read(ctx, before, act, by=by, principals=principals)
        outcome = engine.decide(before.request, act, by=by.id, principals=principals, roles=roles, now=_to_the_ms(ctx))
        await cancelling.check(ctx, before, act)
        after = store.with_request(before, outcome.request, now=ctx.now)
        after = editing.kept(await evidence.kept(ctx, after, outcome.decision), outcome.decision)
        if outcome.moved:
            after = await effects.apply(ctx, before, after, by=by)
    except errors.RuleError as refused:  # what the journal's record of the refusal needs
        refused.circumstances.setdefault("item", item_id)
        refused.circumstances.setdefault("verb", act.verb)
        raise
    new = await store.save(ctx.tx, after, before=stored)
    if act.verb in (engine.Verb.SUBMIT, engine.Verb.DISCARD):
        await prompts.drop_about(ctx.tx, by.id, after.id)
    await _record(ctx, route, after, outcome.decision)
    await editing.record(ctx, after, outcome.decision)
    await _record_fields(ctx, before, after, outcome.decision)
    await keeping.follow(ctx, before, after, outcome.decision)
    await post.changed(ctx, before, after, decision=outcome.decision, new=new, many=many)
    await absence.follow(ctx, before, after)
    await deadlines.follow(ctx, before, after)
    await undo.follow(ctx, before, after, outcome.decision)
    await opinions.learn(ctx, outcome.decision)
    await followups.follow(ctx, before, after, perform=perform)
    return after


def _to_the_ms(ctx: Context) -> datetime:
    """The tables and the journal keep milliseconds: an item replayed from either equals the one that was decided."""
    return from_ms(to_ms(ctx.now))


async def _locked(ctx: Context, item_id: str) -> store.Item:
    item = await store.lock(ctx.tx, item_id)
    if item is None:
        raise errors.NotFound(item=item_id)
    if item.number > 0 and not item.fields:
        raise errors.BadRequest("erased", item=item_id)
    return item


async def _record(
    ctx: Context, route: Sequence[engine.Step], item: store.Item, decision: engine.Decision
) -> None:
    """`route` as it was submitted, from which the decisions lead to what it is now; again: empty if it is the same."""
    request = item.request
    if decision.verb is engine.Verb.SUBMIT:
        opened = facts.ItemOpened(
            item=item.id,
            number=item.number,
            form=item.form,
            form_version=item.form_version,
            applicant=request.applicant,
            unattended=request.unattended,
            created_ms=to_ms(item.created),
            route=submitting.plain(route),
            used=item.used,
            content=dict(item.fields),
        )
        await log.record(ctx.tx, opened, origin=ctx.origin, now=ctx.now)
    if decision.verb is engine.Verb.RESUBMIT:
        again = facts.ItemReopened(
            item=item.id, route=submitting.plain(route), used=item.used, content=dict(item.fields)
        )
        await log.record(ctx.tx, again, origin=ctx.origin, now=ctx.now)
    decided = facts.StepDecided(
        item=item.id,
        step=decision.step,
        person=decision.person,
        verb=decision.verb.value,
        state=request.state.value,
        version=request.version,
        opinion=decision.opinion,
        on_behalf=decision.on_behalf,
        detail=store.detail(decision),
    )
    await log.record(ctx.tx, decided, origin=ctx.origin, now=ctx.now)


async def _record_fields(ctx: Context, before: store.Item, after: store.Item, decision: engine.Decision) -> None:
    """What an act left in the fields beyond what its own facts tell: evidence, what an effect counted."""
    if decision.verb in (engine.Verb.SUBMIT, engine.Verb.RESUBMIT):
        return
    if after.fields is before.fields or after.fields == editing.kept(before, decision).fields:
        return
    fact = facts.ItemAmended(item=after.id, because=decision.verb.value, content=dict(after.fields))
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
