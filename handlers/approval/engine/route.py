"""The steps together: which may begin, what happens when one is reached, what begins anew after a return.

A step may begin when every step before it, all the way back, is closed. That one rule makes series, parallel branches,
joins, signers added later and returns with or without repetition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from handlers.approval.engine import seats
from handlers.approval.engine.records import (
    CLOSED,
    SYSTEM,
    Decision,
    Detour,
    Kind,
    Nobody,
    Request,
    Rule,
    Same,
    State,
    Status,
    Step,
    Verb,
    Vote,
    changed,
)  # fmt: skip


def linked(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Steps with `after` spelled out."""
    return tuple(
        step if step.after is not None else changed(step, after=(i - 1,) if i else ()) for i, step in enumerate(steps)
    )


def before(steps: Sequence[Step], index: int) -> frozenset[int]:
    """Every step that comes before this one, directly or not. Steps must be `linked`."""
    found: set[int] = set()
    todo = list(steps[index].after or ())
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += steps[one].after or ()
    return frozenset(found)


def behind(steps: Sequence[Step], index: int) -> frozenset[int]:
    """Every step that comes after this one, directly or not."""
    return frozenset(i for i in range(len(steps)) if index in before(steps, i))


def circular(steps: Sequence[Step]) -> bool:
    """Whether some step waits for itself, or for one that does not exist: a route that cannot be run."""
    if any(not 0 <= one < len(steps) for step in steps for one in step.after or ()):
        return True
    return any(i in before(steps, i) for i in range(len(steps)))


def settled(request: Request, now: datetime) -> Request:
    """Opens what may begin and closes what is decided or may pass, until nothing more follows; approved when all is
    closed. Only a pending item moves."""
    while request.state is State.PENDING:
        if all(step.status in CLOSED for step in request.steps):
            return changed(request, state=State.APPROVED)
        clear = _clear(request.steps)
        index = next((i for i, step in enumerate(request.steps) if _unsettled(step, clear[i])), None)
        if index is None:
            break
        request = _step_on(request, index, clear[index], now)
    return request


def anew(request: Request, indices: Iterable[int]) -> Request:
    """These steps begin again; steps whose people one of them chooses have nobody until it chooses anew."""
    again = frozenset(i for i in indices if request.steps[i].status is not Status.DROPPED)
    steps = tuple(_reset(step, again) if i in again else step for i, step in enumerate(request.steps))
    return changed(request, steps=steps)


def with_step(request: Request, index: int, change: Callable[[Step], Step]) -> Request:
    steps = request.steps
    return changed(request, steps=(*steps[:index], change(steps[index]), *steps[index + 1 :]))


def replaced(request: Request, route: Sequence[Step]) -> Request:
    """A new route (what the conditions look at has changed): the old steps are dropped, history keeps them."""
    old = tuple(changed(step, status=Status.DROPPED) for step in request.steps)
    base = len(old)
    new = tuple(_shifted(step, base) for step in linked(route))
    return changed(request, steps=(*old, *new), back=None)


def without_held(request: Request, index: int, seats_freed: Iterable[str]) -> Request:
    """Decisions of these seats are no longer held: undone, or coming into effect."""
    freed = frozenset(seats_freed)
    kept = tuple(one for one in request.steps[index].held if one.seat not in freed)
    return with_step(request, index, lambda step: changed(step, held=kept))


def overtaken(request: Request) -> Request:
    """What was held where nothing is to be decided any more is void: the item or the step was closed meanwhile."""
    if not any(step.held for step in request.steps):
        return request
    pending = request.state is State.PENDING
    steps = tuple(
        step if (pending and step.status is Status.OPEN) or not step.held else changed(step, held=())
        for step in request.steps
    )
    return changed(request, steps=steps)


def decider(
    step: Step, applicant: str, barred: frozenset[str] = frozenset()
) -> tuple[tuple[str, ...], Nobody]:
    """Who decides when the step is reached, and what the form says if that is nobody.

    Where everybody else is `barred`, the first stand-in who is not does it; such a step never passes by itself.
    """
    if seats.of_applicant(step):
        return step.approvers or (applicant,), Nobody.REFUSE
    others = tuple(dict.fromkeys(one for one in step.approvers if one != applicant and one not in barred))
    if others:
        return others, Nobody.REFUSE
    if not barred.isdisjoint(step.approvers):
        return tuple(one for one in step.fallback if one != applicant and one not in barred)[:1], Nobody.REFUSE
    rule = step.own if step.approvers else step.empty
    if rule is Nobody.HAND_ON:
        fallback = (one for one in step.fallback if one != applicant and one not in barred)
        return tuple(dict.fromkeys(fallback)), Nobody.REFUSE
    return (), rule


def apart(steps: Sequence[Step], index: int) -> frozenset[str]:
    """Who may not act in this step, because they did in one that the form keeps apart from it."""
    if not any(step.other_than for step in steps):
        return frozenset()
    mine = steps[index].other_than
    found = [step for i, step in enumerate(steps) if i in mine or index in step.other_than]
    return frozenset(person for step in found for person in _actors(step))


def bound(steps: Sequence[Step], index: int, applicant: str) -> frozenset[str]:
    """Who will not be able to act in this step, as far as that is certain before anybody has acted."""
    return frozenset(one for other in steps[index].other_than for one in _sure(steps[other], applicant))


def _actors(step: Step) -> Iterable[str]:
    for vote in step.votes:
        yield from (vote.by, vote.seat)
    for one in step.held:
        yield from (one.person, one.seat)


def _sure(step: Step, applicant: str) -> tuple[str, ...]:
    """Those without whom the step is never done."""
    if step.chosen_by is not None:
        return ()
    people, _ = decider(step, applicant)
    return people if len(people) == 1 or step.rule is Rule.ALL else ()


def detoured(request: Request, detour: Detour) -> Request:
    """The route with this change of what lies ahead."""
    steps = [changed(step, status=Status.DROPPED) if i in detour.gone else step for i, step in enumerate(request.steps)]
    steps = [changed(step, after=detour.after[i]) if i in detour.after else step for i, step in enumerate(steps)]
    return changed(request, steps=(*steps, *detour.new))


def _unsettled(step: Step, clear: bool) -> bool:
    if step.status is Status.AHEAD:
        return clear
    return step.status is Status.OPEN and (not clear or _agreed_on(step))


def _agreed_on(step: Step) -> bool:
    return bool(step.votes) and seats.verdict(step) is True


def _step_on(request: Request, index: int, clear: bool, now: datetime) -> Request:
    if not clear:
        return _with(request, index, status=Status.AHEAD)
    if request.steps[index].status is Status.OPEN:
        return _with(request, index, status=Status.DONE)
    return _enter(request, index, now)


def _clear(steps: Sequence[Step]) -> list[bool]:
    """For each step whether all before it is closed."""
    known: list[bool | None] = [None] * len(steps)
    return [_look(steps, index, known) for index in range(len(steps))]


def _look(steps: Sequence[Step], index: int, known: list[bool | None]) -> bool:
    clear = known[index]
    if clear is None:
        clear = True
        for one in steps[index].after or ():
            if steps[one].status not in CLOSED or not _look(steps, one, known):
                clear = False
                break
        known[index] = clear
    return clear


def _enter(request: Request, index: int, now: datetime) -> Request:
    step = request.steps[index]
    barred = apart(request.steps, index)
    deciders, rule = decider(step, request.applicant, barred)
    if not deciders and rule is Nobody.PASS:
        return _passed(_with(request, index, status=Status.PASSED, since=now), index, SYSTEM, now)
    weights = dict(seats.people(step))
    if not barred.isdisjoint(weights):
        step = changed(step, aside=step.aside or tuple(weights.items()))
    manned = seats.with_people(step, [(one, weights.get(one, 1)) for one in deciders])
    opened = changed(manned, status=Status.OPEN, since=step.since or now)
    request = with_step(request, index, lambda _: opened)
    asks = step.same is Same.ASK or any(other.chosen_by == index for other in request.steps)
    return request if asks else _counted_again(request, index, now)


def _counted_again(request: Request, index: int, now: datetime) -> Request:
    """Those who agreed before are not asked again, if the form says so."""
    step = request.steps[index]
    earlier = (step.after or ()) if step.same is Same.NEXT else before(request.steps, index)
    agreed = {vote.seat for one in earlier for vote in request.steps[one].votes if _agreed(request.steps[one], vote)}
    again = [seat for seat in seats.missing(step) if seat in agreed and step.kind is Kind.DECIDE]
    votes = (*step.votes, *(Vote(seat=seat, by=seat, auto=True) for seat in again))
    request = _with(request, index, votes=votes)
    for seat in again:
        request = _passed(request, index, seat, now)
    return request


def _agreed(step: Step, vote: Vote) -> bool:
    return step.status is Status.DONE and step.kind is Kind.DECIDE and vote.yes and vote.seat == vote.by


def _passed(request: Request, index: int, person: str, now: datetime) -> Request:
    turn = request.steps[index].turn
    decision = Decision(step=index, person=person, verb=Verb.PASS, at=now, turn=turn, auto=True)
    return changed(request, decisions=(*request.decisions, decision))


def _reset(step: Step, again: frozenset[int]) -> Step:
    if step.aside:
        step = changed(seats.with_people(step, step.aside), aside=())
    chosen = () if step.chosen_by in again else step.approvers
    return changed(
        step, status=Status.AHEAD, turn=step.turn + 1, votes=(), holder="", lent=(), deputies=(), touched=False,
        held=(), since=None, approvers=chosen, weights=step.weights if chosen else (),
    )  # fmt: skip


def _shifted(step: Step, base: int) -> Step:
    chooser = step.chosen_by
    return changed(
        step,
        after=tuple(one + base for one in step.after or ()),
        other_than=tuple(one + base for one in step.other_than),
        chosen_by=chooser + base if chooser is not None and chooser >= 0 else chooser,
    )


def _with(request: Request, index: int, **changes: object) -> Request:
    return with_step(request, index, lambda step: changed(step, **changes))
