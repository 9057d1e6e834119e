"""What an approval is: a route of steps, and a table of what may be done when. Pure: no I/O, no clock, no tables.

    DRAFT --submit--> PENDING --approve (last step)--> APPROVED --cancel--> CANCELLED
      |                 |  \\--approve (other steps)--> PENDING, next step
      |                 |--reject--> REJECTED
      |                 \\--withdraw--> WITHDRAWN
      \\--discard--> DISCARDED

`TRANSITIONS` below is this picture as data, and the only thing `decide` consults. `comment` and `urge` change no state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from handlers import errors


class State(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"


OPEN = frozenset({State.DRAFT, State.PENDING})


class Verb(StrEnum):
    SUBMIT = "submit"
    DISCARD = "discard"
    APPROVE = "approve"
    REJECT = "reject"
    COMMENT = "comment"
    URGE = "urge"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"


class Rule(StrEnum):
    """When a step of several approvers is done: any one of them (或签) or all (会签)."""

    ANY = "any"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody did: `step` is the index in the route; `at` UTC."""

    step: int
    person: str
    verb: Verb
    opinion: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One station of the route. `name` is a role or relation code (`manager`), worded by the cards."""

    name: str
    approvers: tuple[str, ...]
    rule: Rule = Rule.ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An item as the engine sees it. `current` indexes `steps`; `version` counts changes of state or step."""

    id: str
    applicant: str
    state: State = State.DRAFT
    version: int = 1
    current: int = 0
    steps: tuple[Step, ...] = ()
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody wants to do; `seen` is the version that their card showed (None: they saw none, e.g. a word)."""

    verb: Verb
    opinion: str = ""
    seen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The new request and the decision to record. `moved` is False for comments and urges."""

    request: Request
    decision: Decision
    moved: bool


Guard = Callable[[Request, str, Act], None]


def waiting_for(request: Request) -> tuple[str, ...]:
    """Whose decision the present step still needs."""
    if request.state is not State.PENDING:
        return ()
    step = request.steps[request.current]
    done = {d.person for d in request.decisions if d.step == request.current and d.verb is Verb.APPROVE}
    return tuple(person for person in step.approvers if person not in done)


def authorise(request: Request, act: Act, *, by: str) -> None:
    """The one place that says who may do what now: card, page, text and batch all come through here.

    Raises `NotFound`-free refusals only: StaleCard, AlreadyDecided, NotYourTurn, BadRequest (a reason is missing).
    """
    row = TRANSITIONS[act.verb]
    if request.state not in row.states:
        raise errors.AlreadyDecided(state=request.state)
    for guard in row.guards:
        guard(request, by, act)


def decide(request: Request, act: Act, *, by: str, now: datetime) -> Outcome:
    """What becomes of `request`; raises what `authorise` raises and changes nothing then."""
    authorise(request, act, by=by)
    decision = Decision(step=request.current, person=by, verb=act.verb, opinion=act.opinion.strip(), at=now)
    after = replace(request, decisions=(*request.decisions, decision))
    moved = TRANSITIONS[act.verb].move(after)
    if moved is after:
        return Outcome(request=after, decision=decision, moved=False)
    return Outcome(request=replace(moved, version=request.version + 1), decision=decision, moved=True)


def allowed(request: Request, *, by: str) -> tuple[Verb, ...]:
    """The verbs that this person may use now, in the table's order: what buttons a card gets."""
    return tuple(verb for verb in Verb if _may(request, Act(verb=verb, opinion="?", seen=request.version), by))


def _may(request: Request, act: Act, by: str) -> bool:
    try:
        authorise(request, act, by=by)
    except errors.RuleError:
        return False
    return True


# Guards: each refuses with the reason, none has an effect.


def _fresh(request: Request, by: str, act: Act) -> None:
    if act.seen is not None and act.seen != request.version:
        raise errors.StaleCard(seen=act.seen, version=request.version)


def _applicant(request: Request, by: str, act: Act) -> None:
    if by != request.applicant:
        raise errors.NotAllowed(verb=act.verb)


def _approver(request: Request, by: str, act: Act) -> None:
    if by == request.applicant:
        raise errors.OwnRequest(verb=act.verb)
    if by not in waiting_for(request):
        raise errors.NotYourTurn(verb=act.verb)


def _reason(request: Request, by: str, act: Act) -> None:
    if not act.opinion.strip():
        raise errors.ReasonMissing(verb=act.verb)


def _party(request: Request, by: str, act: Act) -> None:
    parties = {request.applicant, *(person for step in request.steps for person in step.approvers)}
    if by not in parties:
        raise errors.NotAllowed(verb=act.verb)


def _routed(request: Request, by: str, act: Act) -> None:
    if not request.steps or not all(step.approvers for step in request.steps):
        raise errors.NoApprover()


# Moves: the request after the act; the same object when nothing but the history changed.


def _to(state: State) -> Callable[[Request], Request]:
    return lambda request: replace(request, state=state)


def _stay(request: Request) -> Request:
    return request


def _approved(request: Request) -> Request:
    step = request.steps[request.current]
    if step.rule is Rule.ALL and waiting_for(request):
        return replace(request)  # another signature: the version moves, the step does not
    if request.current + 1 < len(request.steps):
        return replace(request, current=request.current + 1)
    return replace(request, state=State.APPROVED)


@dataclass(frozen=True, slots=True)
class Transition:
    states: frozenset[State]
    guards: tuple[Guard, ...]
    move: Callable[[Request], Request] = field(default=_stay)


TRANSITIONS: Mapping[Verb, Transition] = {
    Verb.SUBMIT: Transition(frozenset({State.DRAFT}), (_applicant, _fresh, _routed), _to(State.PENDING)),
    Verb.DISCARD: Transition(frozenset({State.DRAFT}), (_applicant,), _to(State.DISCARDED)),
    Verb.APPROVE: Transition(frozenset({State.PENDING}), (_approver, _fresh), _approved),
    Verb.REJECT: Transition(frozenset({State.PENDING}), (_approver, _fresh, _reason), _to(State.REJECTED)),
    Verb.COMMENT: Transition(frozenset(set(State) - {State.DRAFT, State.DISCARDED}), (_party, _reason)),
    Verb.URGE: Transition(frozenset({State.PENDING}), (_applicant,)),
    Verb.WITHDRAW: Transition(frozenset({State.PENDING}), (_applicant,), _to(State.WITHDRAWN)),
    Verb.CANCEL: Transition(frozenset({State.APPROVED}), (_applicant,), _to(State.CANCELLED)),
}
