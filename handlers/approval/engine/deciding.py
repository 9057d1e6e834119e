"""The engine's verbs for the rest of the program: ask, decide, replay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from handlers import errors
from handlers.approval.engine import guards, route, seats
from handlers.approval.engine.guards import Case
from handlers.approval.engine.records import (
    HELD,
    SYSTEM,
    Act,
    Decision,
    Outcome,
    Request,
    State,
    Status,
    Step,
    Verb,
    changed,
)  # fmt: skip
from handlers.approval.engine.table import TRANSITIONS

_NOBODY: frozenset[str] = frozenset()
_BARE = {verb: Act(verb=verb) for verb in TRANSITIONS}


def authorise(
    request: Request,
    act: Act,
    *,
    by: str,
    principals: Sequence[str] = (),
    roles: frozenset[str] = _NOBODY,
    now: datetime | None = None,
) -> Case:
    """The one place that says who may do what now: card, page, text, batch, proxy and hand-over all come through here.

    `principals` are those for whom `by` stands in at this moment. The case names the step and whose turn is used.
    Raises the RuleErrors of the guards; OwnRequest for the applicant on every path to a decision.
    """
    case = _checked(request, act, by, principals, roles, now)
    for guard in TRANSITIONS[act.verb].needs:
        guard(case)
    return case


def decide(
    request: Request,
    act: Act,
    *,
    by: str,
    now: datetime,
    principals: Sequence[str] = (),
    roles: frozenset[str] = _NOBODY,
) -> Outcome:
    """What becomes of `request`; raises what `authorise` raises and changes nothing then."""
    case = authorise(request, act, by=by, principals=principals, roles=roles, now=now)
    return apply(request, _decision(case, now))


def apply(request: Request, decision: Decision) -> Outcome:
    """The move of a decision that was authorised, now or when it was recorded.

    What is held or undone moves nothing yet: whoever saw the item before saw it as it is.
    """
    noted = changed(request, decisions=(*request.decisions, decision))
    if decision.tapped:
        noted = route.without_held(noted, decision.step, (decision.seat,))
    after = route.overtaken(TRANSITIONS[decision.verb].move(noted, decision))
    quiet = decision.verb in (Verb.HOLD, Verb.UNDO)
    moved = not quiet and (
        after.state is not request.state or after.steps != request.steps or decision.verb is Verb.AMEND
    )
    if moved:
        after = changed(after, version=request.version + 1)
    return Outcome(request=after, decision=decision, moved=moved)


def replay(draft: Request, history: Iterable[Decision | tuple[Step, ...]]) -> Request:
    """The state that a history leads to: decisions in their order, and a route where it was given or changed."""
    request = draft
    for one in history:
        if isinstance(one, tuple):
            request = rerouted(request, one)
        elif not one.auto:
            request = apply(request, one).request
    return request


def rerouted(request: Request, steps: Sequence[Step]) -> Request:
    """Another route for an item that is being submitted: in a draft it is the route, later the old steps stay as
    dropped ones."""
    if request.state is State.DRAFT:
        return changed(request, steps=tuple(steps))
    return route.replaced(request, steps)


def allowed(
    request: Request,
    *,
    by: str,
    principals: Sequence[str] = (),
    roles: frozenset[str] = _NOBODY,
    now: datetime | None = None,
    among: Iterable[Verb] = tuple(TRANSITIONS),
) -> tuple[Verb, ...]:
    """The verbs that this person may use now, in the order of `among`: what buttons a card gets. What they need with it
    (a reason, a name) is not asked yet; cooldowns only when `now` is given."""
    return tuple(
        verb
        for verb in among
        if request.state in TRANSITIONS[verb].states and _may(request, _BARE[verb], by, principals, roles, now)
    )


def waiting_for(request: Request) -> tuple[str, ...]:
    """Whose act the open steps need; proxies are not among them."""
    if request.state is not State.PENDING:
        return ()
    people = [
        one
        for index, step in enumerate(request.steps)
        if step.status is Status.OPEN
        for one in _free(request, index, seats.waiting(step))
    ]
    return tuple(dict.fromkeys(people))


def present(request: Request) -> tuple[int, ...]:
    """The open steps; several where branches run in parallel."""
    if request.state is not State.PENDING:
        return ()
    return tuple(i for i, step in enumerate(request.steps) if step.status is Status.OPEN)


def seat_of(request: Request, *, by: str, principals: Sequence[str] = ()) -> str:
    """Whose turn this person would use: their own before a principal's; "" where it is nobody's that they may use."""
    found = [seats.seat_for(request.steps[i], by, principals) for i in present(request)]
    return by if by in found else next((one for one in found if one), "")


def amendable(request: Request, *, by: str, principals: Sequence[str] = ()) -> frozenset[str]:
    """The fields that this person may change, in any of the steps where it is their turn."""
    turns = [request.steps[i] for i in present(request) if seats.seat_for(request.steps[i], by, principals)]
    return frozenset(code for step in turns for code in step.edits)


def may_stand_in(request: Request, person: str, *, principal: str) -> bool:
    """Whether the item waits for the principal at a step where this person may use that turn."""
    if request.state is not State.PENDING or person == request.applicant:
        return False
    return any(
        principal in seats.waiting(step) and {person, principal}.isdisjoint(route.apart(request.steps, index))
        for index, step in enumerate(request.steps)
        if step.status is Status.OPEN
    )


def blocked(request: Request) -> str:
    """Why a pending item can be moved on by nobody: `no_approver`, when a step opened without anybody; `kept_apart`,
    when those whom it had may not act in it after another step. "" otherwise."""
    if request.state is not State.PENDING or waiting_for(request) or any(step.held for step in request.steps):
        return ""
    apart = any(step.status is Status.OPEN and (step.aside or step.other_than) for step in request.steps)
    return "kept_apart" if apart else "no_approver"


def _free(request: Request, index: int, people: Sequence[str]) -> Sequence[str]:
    """Those of them who did not act in a step from which this one is kept apart."""
    barred = route.apart(request.steps, index)
    return [one for one in people if one not in barred] if barred else people


def _decision(case: Case, now: datetime) -> Decision:
    """What is recorded: the act as it was meant; its promise while it can be undone; what was held when it settles."""
    act, by = case.act, case.by
    held = guards.held_for(case.request, act) if act.verb is Verb.SETTLE else None
    if held is not None and held.wanted is not None:
        return changed(held, verb=held.wanted, at=now, wanted=None, tapped=held.at)
    decision = Decision(
        step=case.step, person=by, verb=act.verb, at=now, opinion=act.opinion.strip(),
        on_behalf=case.seat if case.seat != by and by != SYSTEM else "", turn=case.place.turn if case.step >= 0 else 1,
        to=act.to, target=act.target, resume=act.resume, side=act.side, chosen=act.chosen, evidence=act.evidence,
        files=act.files, changes=act.changes, detour=act.detour, due=act.due,
    )  # fmt: skip
    if act.until is None or act.verb not in HELD:
        return decision
    return changed(decision, verb=Verb.HOLD, wanted=act.verb, until=act.until)


def _checked(
    request: Request, act: Act, by: str, principals: Sequence[str], roles: frozenset[str], now: datetime | None
) -> Case:
    row = TRANSITIONS.get(act.verb)
    if row is None:
        raise errors.NotAllowed(verb=act.verb)
    if request.state not in row.states:
        raise errors.AlreadyDecided(state=request.state)
    step, seat = row.where(request, act, by, tuple(principals))
    case = Case(
        request=request, act=act, by=by, principals=tuple(principals), roles=roles, now=now, step=step, seat=seat
    )
    for guard in row.guards:
        guard(case)
    return case


def _may(
    request: Request, act: Act, by: str, principals: Sequence[str], roles: frozenset[str], now: datetime | None
) -> bool:
    try:
        _checked(request, act, by, principals, roles, now)
    except errors.RuleError:
        return False
    return True
