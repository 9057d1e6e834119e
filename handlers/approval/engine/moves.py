"""What an act does to an item. A move trusts that the guards agreed, so that it also replays history.

Each takes the request, with the decision already in its history, and returns the request after it; the same steps and
state mean that nothing moved.
"""

from __future__ import annotations

from collections.abc import Callable

from handlers.approval.engine import guards, route, seats
from handlers.approval.engine.records import (
    APPLICANT,
    CLOSED,
    Back,
    Decision,
    Late,
    Request,
    Rule,
    Side,
    State,
    Status,
    Step,
    Verb,
    Vote,
    changed,
)  # fmt: skip

Move = Callable[[Request, Decision], Request]


def stay(request: Request, decision: Decision) -> Request:
    return request


def amend(request: Request, decision: Decision) -> Request:
    """The fields are the item's; here it counts that somebody has acted, and which way it goes on."""
    request = route.with_step(request, decision.step, lambda step: changed(step, touched=True))
    if decision.detour is not None:
        request = route.detoured(request, decision.detour)
    return route.settled(request, decision.at)


def to(state: State) -> Move:
    return lambda request, decision: changed(request, state=state)


def submit(request: Request, decision: Decision) -> Request:
    linked = changed(request, state=State.PENDING, steps=route.linked(request.steps))
    return route.settled(_choose(linked, decision, APPLICANT), decision.at)


def resubmit(request: Request, decision: Decision) -> Request:
    """Straight back to the step that returned it, or all of the route again."""
    back = request.back
    again = [back.step] if back and back.resume else range(len(request.steps))
    begun = changed(route.anew(request, again), state=State.PENDING, back=None)
    return route.settled(_choose(begun, decision, APPLICANT), decision.at)


def vote(request: Request, decision: Decision) -> Request:
    """A voice for or against; the step or the item ends when its rule says so."""
    index = decision.step
    request = _choose(request, decision, index)
    cast = Vote(seat=_seat(decision), by=decision.person, yes=decision.verb is not Verb.REJECT)
    request = route.with_step(request, index, lambda step: seats.with_vote(step, cast))
    if seats.verdict(request.steps[index]) is False:
        return changed(request, state=State.REJECTED)
    return route.settled(request, decision.at)


def hold(request: Request, decision: Decision) -> Request:
    """The seat is taken; the voice counts when the time to undo it is over."""
    return route.with_step(request, decision.step, lambda step: changed(step, held=(*step.held, decision)))


def undo(request: Request, decision: Decision) -> Request:
    """By who decided; by the system for the seats that it names, when a decision could not come into effect."""
    here = request.steps[decision.step].held
    freed = decision.to or tuple(one.seat for one in here if one.person == decision.person)
    return route.without_held(request, decision.step, freed)


def read(request: Request, decision: Decision) -> Request:
    """An opinion that a copy asked for, or the turn of a reading step."""
    if decision.step < 0:
        return changed(request, asked=tuple(one for one in request.asked if one != decision.person))
    return vote(request, decision)


def give_back(request: Request, decision: Decision) -> Request:
    """退回: to the applicant, or to a step that was done; with `resume` what lies between need not be done again."""
    index, target = decision.step, decision.target
    if target is None:
        marked = route.with_step(request, index, lambda step: changed(step, touched=True))
        return changed(marked, state=State.RETURNED, back=Back(step=index, resume=decision.resume))
    again = {target, index} if decision.resume else {target, *route.behind(request.steps, target)}
    return route.settled(route.anew(request, again), decision.at)


def transfer(request: Request, decision: Decision) -> Request:
    return _change(request, decision, lambda step: seats.exchanged(step, _seat(decision), decision.to))


def delegate(request: Request, decision: Decision) -> Request:
    loan = (_seat(decision), decision.to[0])
    return _change(request, decision, lambda step: changed(step, lent=(*step.lent, loan)))


def hand_back(request: Request, decision: Decision) -> Request:
    return _change(
        request,
        decision,
        lambda step: changed(step, lent=tuple(loan for loan in step.lent if loan[1] != decision.person)),
    )


def claim(request: Request, decision: Decision) -> Request:
    return _change(request, decision, lambda step: changed(step, holder=_seat(decision)))


def release(request: Request, decision: Decision) -> Request:
    return _change(request, decision, lambda step: changed(step, holder=""))


def add_signer(request: Request, decision: Decision) -> Request:
    """A step of its own beside the asker's, tied into the route according to the side."""
    index, new = decision.step, len(request.steps)
    steps = [changed(step, touched=True) if i == index else step for i, step in enumerate(request.steps)]
    here = steps[index]
    follows = (index,) if decision.side is Side.AFTER else here.after
    added = Step(
        name="added", approvers=decision.to, rule=Rule.ALL, after=follows, added_by=_seat(decision),
        other_than=here.other_than,
    )  # fmt: skip
    if decision.side is Side.BEFORE:
        steps[index] = changed(here, after=(new,))
    else:
        steps = [_joined(step, index, new, instead=decision.side is Side.AFTER) for step in steps]
    return route.settled(changed(request, steps=(*steps, added)), decision.at)


def drop_signer(request: Request, decision: Decision) -> Request:
    dropped = route.with_step(request, decision.step, lambda step: changed(step, status=Status.DROPPED))
    return route.settled(dropped, decision.at)


def take_back(request: Request, decision: Decision) -> Request:
    """拿回: a delegation ends, or a vote is as if not cast and what it opened is ahead again."""
    index, by = decision.step, decision.person
    step = request.steps[index]
    kept = tuple(loan for loan in step.lent if loan[0] != by)
    if kept != step.lent:
        return route.with_step(request, index, lambda one: changed(one, lent=kept))
    undone = changed(seats.without_vote(step, by), status=Status.OPEN)
    request = route.anew(request, route.behind(request.steps, index))
    return route.settled(route.with_step(request, index, lambda _: undone), decision.at)


def inform(request: Request, decision: Decision) -> Request:
    return changed(request, readers=_added(request.readers, decision.to))


def circulate(request: Request, decision: Decision) -> Request:
    return changed(inform(request, decision), asked=_added(request.asked, decision.to))


def expire(request: Request, decision: Decision) -> Request:
    """Time is up: what the form says for that. The applicant is never among those who get the turn."""
    index = decision.step
    deadline = request.steps[index].deadline
    assert deadline is not None
    barred = route.apart(request.steps, index)
    others = tuple(one for one in deadline.to if one != request.applicant and one not in barred)
    if deadline.then is Late.PASS:
        passed = route.with_step(request, index, lambda step: changed(step, status=Status.PASSED))
        return route.settled(passed, decision.at)
    if deadline.then is Late.REJECT:
        return changed(request, state=State.REJECTED)
    if deadline.then is Late.ESCALATE and others:
        return route.with_step(request, index, lambda step: changed(step, deputies=_added(step.deputies, others)))
    if deadline.then is Late.HAND_ON and others:
        handed = route.with_step(request, index, lambda step: _handed_on(step, others))
        return route.settled(handed, decision.at)
    return request


def replace_person(request: Request, decision: Decision) -> Request:
    """A leaver's seats, now and in steps to come, go to the successor; what the leaver signed stays signed.

    Nobody ("") as the leaver: open steps that have no approver get one.
    """
    old, new = decision.to
    steps = tuple(step if step.status in CLOSED else _succeeded(step, old, new) for step in request.steps)
    return route.settled(changed(request, steps=steps), decision.at)


def _seat(decision: Decision) -> str:
    return decision.on_behalf or decision.person


def _change(request: Request, decision: Decision, change: Callable[[Step], Step]) -> Request:
    return route.with_step(request, decision.step, lambda step: changed(change(step), touched=True))


def _choose(request: Request, decision: Decision, chooser: int) -> Request:
    steps = tuple(
        changed(step, approvers=tuple(dict.fromkeys(decision.chosen[index])), weights=())
        if index in decision.chosen and step.chosen_by == chooser and step.status is Status.AHEAD
        else step
        for index, step in enumerate(request.steps)
    )
    return changed(request, steps=steps) if steps != request.steps else request


def _joined(step: Step, index: int, new: int, *, instead: bool) -> Step:
    """A step that came after `index` now comes after `new` instead, or as well."""
    after = step.after or ()
    if index not in after:
        return step
    kept = tuple(one for one in after if one != index) if instead else after
    return changed(step, after=(*kept, new))


def _handed_on(step: Step, others: tuple[str, ...]) -> Step:
    step = changed(step, holder="", lent=())
    for seat in seats.missing(step):
        step = seats.exchanged(step, seat, others)
    return step


def _succeeded(step: Step, old: str, new: str) -> Step:
    voted = seats.taken(step)
    if not old:
        return changed(step, approvers=(new,)) if guards.abandoned(step) else step
    if old in step.approvers and old not in voted:
        step = seats.exchanged(step, old, (new,))
    return changed(
        step,
        lent=tuple(loan for loan in step.lent if old not in loan),
        deputies=_swapped(step.deputies, old, new),
        fallback=_swapped(step.fallback, old, new),
        candidates=_swapped(step.candidates, old, new),
    )


def _swapped(people: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(new if one == old else one for one in people))


def _added(people: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*people, *more)))
