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
from typing import Final

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
    """When a step of several approvers is done."""

    ANY = "any"  # 或签
    ALL = "all"  # 会签
    COUNT = "count"  # M of N: `Step.need` of them agree
    WEIGHT = "weight"  # 票签: the weights of those who agree reach `Step.need`


class Kind(StrEnum):
    """What a step asks of its people."""

    DECIDE = "decide"
    TASK = "task"  # confirm that something was done, with the evidence of `Step.task`
    READ = "read"  # 传阅: read it, with an opinion or without; nobody can say no


class Same(StrEnum):
    """Whether somebody who agreed before is asked again (相同审批人)."""

    ASK = "ask"
    NEXT = "next"  # not when they agreed in the step right before
    ONCE = "once"  # not when they agreed in any step before


class Nobody(StrEnum):
    """What to do with a step without anybody to decide: `fallback` decides, it passes, or the item is not accepted."""

    REFUSE = "refuse"
    HAND_ON = "hand_on"
    PASS = "pass"


class Late(StrEnum):
    """What happens when a step's time is up."""

    REMIND = "remind"
    ESCALATE = "escalate"  # `Deadline.to` may decide as well
    HAND_ON = "hand_on"  # `Deadline.to` decides instead
    PASS = "pass"
    REJECT = "reject"


class Proof(StrEnum):
    PHOTO = "photo"
    FILE = "file"
    NUMBER = "number"
    TEXT = "text"


APPLICANT: Final = -1
"""As `Step.chosen_by`: the applicant names the people of the step when submitting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What has to come with the confirmation of a task, worded `title`; `low` and `high` bound numbers, both allowed."""

    key: str
    kind: Proof
    title: str = ""
    required: bool = True
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """`minutes` of working time from the moment the step is reached; `to` are person ids for escalating, handing on."""

    minutes: int
    then: Late = Late.REMIND
    to: tuple[str, ...] = ()


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
    """One station of the route, as the form's resolver makes it. People are person ids.

    `name` is the step's code, `title` the form's words for it. `need` and `weights` (one per approver) belong to COUNT and
    WEIGHT. `after` are the indices of the steps that come directly before: None is the one before in the tuple, () the
    very start, so that steps with the same `after` run in parallel and one with several joins them. `chosen_by` is the
    index of the step whose people name the approvers when they decide, or APPLICANT; out of `candidates` if there are
    any. The applicant is dropped from the approvers when the step is reached: `own` says what then happens if nobody is
    left, `empty` the same for a step that had nobody to begin with. `cc` is told when the step is done. `without` are
    verbs that the form takes away from this step's people.
    """

    name: str
    approvers: tuple[str, ...] = ()
    rule: Rule = Rule.ANY
    title: str = ""
    kind: Kind = Kind.DECIDE
    need: int = 0
    weights: tuple[int, ...] = ()
    after: tuple[int, ...] | None = None
    chosen_by: int | None = None
    candidates: tuple[str, ...] = ()
    same: Same = Same.ASK
    own: Nobody = Nobody.HAND_ON
    empty: Nobody = Nobody.REFUSE
    fallback: tuple[str, ...] = ()
    task: tuple[Evidence, ...] = ()
    deadline: Deadline | None = None
    cc: tuple[str, ...] = ()
    without: tuple[Verb, ...] = ()


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
