"""Why somebody may not do something now. Each guard looks, refuses with a reason or says nothing, and changes nothing.

Guards on the person and the state come first and also decide which buttons a card has; those that look at what came
with the act (a reason, names, evidence) are asked only when it is really done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from handlers import errors
from handlers.approval.engine import route, seats
from handlers.approval.engine.records import (
    APPLICANT,
    CLOSED,
    SYSTEM,
    URGE_PAUSE,
    Act,
    Decision,
    Evidence,
    Kind,
    Nobody,
    Proof,
    Request,
    Rule,
    Status,
    Step,
    Verb,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A wish in its surroundings: `step` is the open step that it is about (-1: none), `seat` the approver whose turn
    `by` uses there ("": none). `principals` are those for whom `by` stands in today, `now` None where no cooldown is
    looked at."""

    request: Request
    act: Act
    by: str
    principals: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    now: datetime | None = None
    step: int = -1
    seat: str = ""

    @property
    def place(self) -> Step:
        return self.request.steps[self.step]


Guard = Callable[[Case], None]


# Who


def applicant(case: Case) -> None:
    if case.by != case.request.applicant:
        raise errors.NotAllowed(verb=case.act.verb)


def not_own(case: Case) -> None:
    """Nobody decides an own request, on whatever path the turn came to them; a task that is left to them is no
    decision."""
    if case.by == case.request.applicant and not _left_to_applicant(case):
        raise errors.OwnRequest(verb=case.act.verb)


def voter(case: Case) -> None:
    """An approver whose voice is missing, or somebody who speaks for one; each person once in a step."""
    not_own(case)
    if (case.step < 0 or not case.seat) and holding(case.request, case.by) >= 0:
        raise errors.BadRequest("undo_first", verb=case.act.verb)
    if case.step < 0 or not case.seat or case.by == SYSTEM:
        raise errors.NotYourTurn(verb=case.act.verb)
    if seats.has_voted(case.place, case.by):
        raise errors.BadRequest("already_signed", verb=case.act.verb)
    _not_apart(case)
    if case.act.verb in case.place.without or (
        seats.of_applicant(case.place) and case.act.verb not in (Verb.CONFIRM, Verb.REPLACE)
    ):
        raise errors.BadRequest("not_in_this_step", verb=case.act.verb)


def party(case: Case) -> None:
    if case.by not in parties(case.request) and not case.seat and case.request.applicant not in case.principals:
        raise errors.NotAllowed(verb=case.act.verb)


def borrower(case: Case) -> None:
    if case.step < 0 or all(who != case.by for _, who in case.place.lent):
        raise errors.NotYourTurn(verb=case.act.verb)


def reader(case: Case) -> None:
    """Asked for an opinion with a copy, or by a step of the route."""
    if case.by in case.request.asked:
        return
    voter(case)
    if case.place.kind is not Kind.READ:
        raise errors.BadRequest("decide_instead", verb=case.act.verb)


def system(case: Case) -> None:
    if case.by != SYSTEM:
        raise errors.NotAllowed(verb=case.act.verb)


def nobody(case: Case) -> None:
    """Not an act that can be asked for: the engine makes it of another one."""
    raise errors.NotAllowed(verb=case.act.verb)


def undoable(case: Case) -> None:
    if case.step < 0:
        raise errors.BadRequest("nothing_held", verb=case.act.verb)


def caretaker(case: Case) -> None:
    if case.by != SYSTEM and "admin" not in case.roles:
        raise errors.NotAllowed(verb=case.act.verb)


# When


def fresh(case: Case) -> None:
    if case.act.seen is not None and case.act.seen != case.request.version:
        raise errors.StaleCard(seen=case.act.seen, version=case.request.version)


def deciding(case: Case) -> None:
    _of_kind(case, Kind.DECIDE)


def tasked(case: Case) -> None:
    _of_kind(case, Kind.TASK)


def editing(case: Case) -> None:
    if not case.place.edits:
        raise errors.BadRequest("nothing_to_amend", verb=case.act.verb)
    if case.place.held:  # somebody has just decided on what it says now
        raise errors.BadRequest("deciding_now", verb=case.act.verb)


def refusable(case: Case) -> None:
    if case.place.kind is Kind.READ:
        raise errors.BadRequest("read_instead", verb=case.act.verb)


def routed(case: Case) -> None:
    """Every step leads to somebody, and at least one person other than the applicant has to agree."""
    steps = route.linked(case.request.steps)
    if route.circular(steps) or any(_chosen_too_late(steps, i) for i in range(len(steps))):
        raise errors.BadRequest("route_circular")
    found = [_manned(steps, i, case.request.applicant) for i in range(len(steps))]
    if None in found:
        raise _nobody_for(steps, found.index(None), case.request.applicant)
    if not any(found) and not case.request.unattended:
        raise errors.NoApprover()


def rested(case: Case) -> None:
    last = next((d.at for d in reversed(case.request.decisions) if d.verb is Verb.URGE), None)
    if case.now is not None and last is not None and case.now - last < URGE_PAUSE:
        raise errors.BadRequest("urged_lately")


def others_wait(case: Case) -> None:
    """Nobody urges themselves."""
    open_steps = [step for step in case.request.steps if step.status is Status.OPEN]
    if open_steps and all(seats.of_applicant(step) and case.by in step.approvers for step in open_steps):
        raise errors.BadRequest("your_turn", verb=case.act.verb)


def unclaimed(case: Case) -> None:
    step = case.place
    if step.holder or step.rule is not Rule.ANY or len(step.approvers) < 2:
        raise errors.BadRequest("nothing_to_claim")


def held(case: Case) -> None:
    if not case.place.holder:
        raise errors.BadRequest("nothing_to_claim")


def takeable(case: Case) -> None:
    not_own(case)
    if case.step < 0:
        raise errors.BadRequest("nothing_to_take_back")


def droppable(case: Case) -> None:
    not_own(case)
    if case.step < 0:
        raise errors.BadRequest("nothing_to_drop")


def expiring(case: Case) -> None:
    if case.step < 0 or case.place.deadline is None:
        raise errors.BadRequest("no_deadline")


# With what


def reason(case: Case) -> None:
    """Who is asked for it must not have to say again where the item was to go."""
    if not case.act.opinion.strip():
        raise errors.ReasonMissing(verb=case.act.verb, target=case.act.target, resume=case.act.resume)


def named(case: Case) -> None:
    if not case.act.to:
        raise errors.BadRequest("nobody_named", verb=case.act.verb, side=case.act.side)


def enclosed(case: Case) -> None:
    if not case.act.files:
        raise errors.BadRequest("no_file", verb=case.act.verb)


def one_named(case: Case) -> None:
    """Somebody else, who has no part in the step yet and did not submit the item."""
    if len(case.act.to) != 1:
        raise errors.BadRequest("nobody_named", verb=case.act.verb)
    newcomers(case)
    apart(case)


def apart(case: Case) -> None:
    if set(case.act.to) & _seated(case.place):
        raise errors.BadRequest("already_there", verb=case.act.verb)


def newcomers(case: Case) -> None:
    """The applicant gets no turn in an own request, nor anybody two seats at once by their own wish."""
    if case.request.applicant in case.act.to:
        raise errors.OwnRequest(verb=case.act.verb)
    if case.by in case.act.to:
        raise errors.BadRequest("not_yourself", verb=case.act.verb)
    if case.step >= 0 and case.act.verb is not Verb.CIRCULATE:
        _check_apart(case.request.steps, case.step, case.act.to)


def earlier(case: Case) -> None:
    """Returned to the applicant, or to a step before this one that somebody decided."""
    target = case.act.target
    if target is None:
        return
    if target not in route.before(case.request.steps, case.step):
        raise errors.BadRequest("not_before", verb=case.act.verb)
    if case.request.steps[target].status is not Status.DONE:
        raise errors.BadRequest("not_before", verb=case.act.verb)


def chosen(case: Case) -> None:
    """Who decides names the approvers of the steps that the form leaves to them (批办)."""
    chooser = APPLICANT if case.act.verb in (Verb.SUBMIT, Verb.RESUBMIT) else case.step
    if chooser < 0 and case.by != case.request.applicant:
        return  # an opinion on a copy
    for index, step in enumerate(case.request.steps):
        if step.chosen_by == chooser and step.status is Status.AHEAD:
            _check_choice(case, index, step)


def evidence(case: Case) -> None:
    for wanted in case.place.task:
        _check_evidence(case.place, wanted, case.act.evidence)


def editable(case: Case) -> None:
    """Something, and nothing but what the form lets the people of this step change."""
    if not case.act.values:
        raise errors.BadRequest("no_change", verb=case.act.verb)
    if not set(case.act.values) <= set(case.place.edits):
        raise errors.BadRequest("not_editable", verb=case.act.verb)


def ahead_only(case: Case) -> None:
    """What was reached stays as it is; the way that is new leads to its end, and every step of it to somebody."""
    detour = case.act.detour
    if detour is None:
        return
    ahead = {i for i, step in enumerate(case.request.steps) if step.status is Status.AHEAD}
    fresh_ones = all(step.status is Status.AHEAD and step.after is not None and not step.votes for step in detour.new)
    if not {*detour.gone, *detour.after} <= ahead or not fresh_ones:
        raise errors.BadRequest("route_circular", verb=case.act.verb)
    steps = route.detoured(case.request, detour).steps
    if route.circular(steps) or any(_chosen_too_late(steps, i) for i in range(len(steps))):
        raise errors.BadRequest("route_circular", verb=case.act.verb)
    for index in range(len(case.request.steps), len(steps)):
        if _manned(steps, index, case.request.applicant) is None:
            raise _nobody_for(steps, index, case.request.applicant)


def one_replaced(case: Case) -> None:
    """`to` is (who leaves, who comes)."""
    if len(case.act.to) != 2 or case.act.to[0] == case.act.to[1]:
        raise errors.BadRequest("nobody_named", verb=case.act.verb)
    if case.act.to[1] == case.request.applicant:
        raise errors.OwnRequest(verb=case.act.verb)
    steps = case.request.steps
    held_by = [i for i, step in enumerate(steps) if step.status not in CLOSED and _holds(step, case.act.to[0])]
    if not held_by:
        raise errors.BadRequest("nothing_to_hand_over", verb=case.act.verb)
    for index in held_by:
        _check_apart(steps, index, case.act.to[1:])


# What guards and moves both need to know


def parties(request: Request) -> frozenset[str]:
    """Everybody who has or had to do with the item."""
    found = {request.applicant, *request.readers, *(d.person for d in request.decisions)}
    for step in request.steps:
        found |= involved(step)
    return frozenset(found)


def involved(step: Step) -> set[str]:
    """Whom the step knows by name, now or as an approver to come."""
    return {*step.approvers, *step.deputies, *(who for _, who in step.lent), *(vote.by for vote in step.votes)}


def abandoned(step: Step) -> bool:
    return step.status is Status.OPEN and not step.approvers


def taken(request: Request, by: str) -> int:
    """The step whose decision or delegation `by` can take back now: nothing behind it was touched. -1 if none."""
    for index in reversed(range(len(request.steps))):
        step = request.steps[index]
        if step.status is Status.OPEN and any(owner == by for owner, _ in step.lent):
            return index
        mine = any(vote.by == by and not vote.auto for vote in step.votes)
        if mine and step.status in (Status.OPEN, Status.DONE) and not _touched_behind(request, index):
            return index
    return -1


def holding(request: Request, by: str) -> int:
    """The step where a decision of `by` can still be undone; -1 if none."""
    found = (i for i, step in enumerate(request.steps) if any(one.person == by for one in step.held))
    return next(found, -1)


def held_for(request: Request, act: Act) -> Decision | None:
    """The held decision that the system's act names by step and seat."""
    if act.step is None or not 0 <= act.step < len(request.steps):
        return None
    return next((one for one in request.steps[act.step].held if one.seat in act.to), None)


def dropped(request: Request, act: Act, adders: Sequence[str]) -> int:
    """The step added by one of `adders` that nobody has signed yet; -1 if none."""
    for index in reversed(range(len(request.steps))):
        step = request.steps[index]
        wanted = not act.to or set(act.to) & set(step.approvers)
        signed = step.votes or step.held
        if step.added_by in adders and step.status not in CLOSED and not signed and wanted:
            return index
    return -1


def _touched_behind(request: Request, index: int) -> bool:
    later = (request.steps[one] for one in route.behind(request.steps, index))
    return any(step.touched or step.held for step in later)


def _of_kind(case: Case, kind: Kind) -> None:
    if case.place.kind is not kind:
        raise errors.BadRequest(f"{case.place.kind}_instead", verb=case.act.verb, button=case.place.button)


def _left_to_applicant(case: Case) -> bool:
    return case.step >= 0 and case.act.verb is Verb.CONFIRM and seats.of_applicant(case.place)


def _not_apart(case: Case) -> None:
    """Who acted in a step that the form keeps apart from this one does not act here, nor does anybody for them."""
    if {case.by, case.seat} & route.apart(case.request.steps, case.step):
        raise errors.BadRequest("kept_apart", title=_other(case.request.steps, case.step), verb=case.act.verb)


def _check_apart(steps: Sequence[Step], index: int, people: Sequence[str]) -> None:
    if not route.apart(steps, index).isdisjoint(people):
        raise errors.BadRequest("kept_apart_to", title=_other(steps, index))


def _other(steps: Sequence[Step], index: int) -> str:
    """The titles of the steps from which this one is kept apart, for the refusal."""
    others = [step for i, step in enumerate(steps) if i in steps[index].other_than or index in step.other_than]
    return "、".join(step.title or step.name for step in others)


def _nobody_for(steps: Sequence[Step], index: int, applicant: str) -> errors.NoApprover:
    """Why a step leads to nobody: there is none, or the only one has a step from which it is kept apart."""
    step = steps[index]
    if route.decider(step, applicant)[0]:
        return errors.NoApprover(code="no_other", step=step.name, title=step.title, other=_other(steps, index))
    return errors.NoApprover(step=step.name)


def _holds(step: Step, person: str) -> bool:
    return person in involved(step) if person else abandoned(step)


def _chosen_too_late(steps: Sequence[Step], index: int) -> bool:
    chooser = steps[index].chosen_by
    return chooser is not None and chooser >= 0 and chooser not in route.before(steps, index)


def _manned(steps: Sequence[Step], index: int, who: str) -> bool | None:
    """Somebody decides here (True), nobody does (False: it passes by rule, or is the applicant's own task), or it leads
    nowhere (None)."""
    step = steps[index]
    if step.chosen_by is not None or step.status is Status.DROPPED:
        return step.chosen_by is not None
    if seats.of_applicant(step):
        return False
    deciders, rule = route.decider(step, who, route.bound(steps, index, who))
    if deciders:
        return True
    return False if rule is Nobody.PASS else None


def _check_choice(case: Case, index: int, step: Step) -> None:
    people = case.act.chosen.get(index, step.approvers)
    if not people:
        raise errors.BadRequest("choice_missing", verb=case.act.verb, step=index)
    if case.request.applicant in people:
        raise errors.OwnRequest(verb=case.act.verb)
    if step.candidates and not set(people) <= set(step.candidates):
        raise errors.BadRequest("not_to_be_chosen", verb=case.act.verb, step=index)
    if step.at_most and len(set(people)) > step.at_most:
        raise errors.BadRequest("too_many_chosen", verb=case.act.verb, title=step.title, limit=step.at_most)
    _check_apart(case.request.steps, index, people)
    if case.step in step.other_than and {case.by, case.seat} & set(people):
        raise errors.BadRequest("kept_apart_to", title=case.place.title, verb=case.act.verb)


def _check_evidence(step: Step, wanted: Evidence, given: Mapping[str, str | int]) -> None:
    value = given.get(wanted.key)
    if value is None or value == "":
        if wanted.required:
            missing = tuple(one.title or one.key for one in step.task if one.required and not given.get(one.key))
            raise errors.BadRequest(
                "evidence_missing", key=wanted.key, title=wanted.title, missing=missing, button=step.button
            )
        return
    if wanted.kind is not Proof.NUMBER:
        return
    try:
        number = Decimal(str(value))
        if not number.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise errors.BadRequest("evidence_no_number", key=wanted.key, title=wanted.title) from None
    if (wanted.low is not None and number < wanted.low) or (wanted.high is not None and number > wanted.high):
        raise errors.BadRequest("evidence_out_of_range", key=wanted.key, title=wanted.title)


def _seated(step: Step) -> set[str]:
    return {*step.approvers, *(who for _, who in step.lent)}
