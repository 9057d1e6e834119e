"""The table of what may be done when: `decide` consults nothing else, and the README's drawing is made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from handlers.approval.engine import guards, moves, route, seats
from handlers.approval.engine.guards import Guard
from handlers.approval.engine.moves import Move
from handlers.approval.engine.records import RUNNING, SYSTEM, Act, Request, State, Status, Verb

Where = Callable[[Request, Act, str, tuple[str, ...]], tuple[int, str]]
"""(request, act, by, principals) -> the step that the act is about, -1 for none, and the seat that `by` uses there."""


def turn(request: Request, act: Act, by: str, principals: tuple[str, ...]) -> tuple[int, str]:
    """The open step that waits for this person, or for somebody for whom they stand in; one that is kept apart from a
    step of theirs only where there is no other, so that they are told why not."""
    own, refused = by == request.applicant, (-1, "")
    for index in _open(request, act):
        step = request.steps[index]
        seat = seats.seat_for(step, by, principals) if not own or seats.of_applicant(step) else ""
        if not seat:
            continue
        barred = route.apart(request.steps, index)
        if not barred or (by not in barred and seat not in barred):
            return index, seat
        refused = refused if refused[1] else (index, seat)
    return refused


def asked(request: Request, act: Act, by: str, principals: tuple[str, ...]) -> tuple[int, str]:
    """The open step where somebody asked this person first."""
    found = (i for i in _open(request, act) if any(who == by for _, who in request.steps[i].lent))
    return next(found, -1), ""


def amending(request: Request, act: Act, by: str, principals: tuple[str, ...]) -> tuple[int, str]:
    """Of several turns the one whose people may change these fields."""
    for index in _open(request, act):
        seat = seats.seat_for(request.steps[index], by, principals)
        if seat and request.steps[index].edits and set(act.values) <= set(request.steps[index].edits):
            return index, seat
    return turn(request, act, by, principals)


def reading(request: Request, act: Act, by: str, principals: tuple[str, ...]) -> tuple[int, str]:
    return (-1, "") if by in request.asked else turn(request, act, by, principals)


def taken(request: Request, act: Act, by: str, principals: tuple[str, ...]) -> tuple[int, str]:
    return guards.taken(request, by), ""


def dropped(request: Request, act: Act, by: str, principals: tuple[str, ...]) -> tuple[int, str]:
    return guards.dropped(request, act, (by, *principals)), ""


def holding(request: Request, act: Act, by: str, principals: tuple[str, ...]) -> tuple[int, str]:
    """Where this person can undo something; where the act says, if it is the system's."""
    if by != SYSTEM:
        return guards.holding(request, by), ""
    found = guards.held_for(request, act)
    return (found.step, found.seat) if found else (-1, "")


def told(request: Request, act: Act, by: str, principals: tuple[str, ...]) -> tuple[int, str]:
    """The step that the act names, if it is open."""
    return next(iter(_open(request, act)), -1), ""


def nowhere(request: Request, act: Act, by: str, principals: tuple[str, ...]) -> tuple[int, str]:
    return -1, ""


def _open(request: Request, act: Act) -> Sequence[int]:
    if request.state is not State.PENDING:
        return ()
    wanted = act.step
    return [i for i, step in enumerate(request.steps) if step.status is Status.OPEN and (wanted is None or wanted == i)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """From which states; where the act happens; who and when (`guards`); with what (`needs`); what then (`move`).

    `to` are the states that it can lead to, from all of its states but those in which it changes nothing (`still`).
    """

    states: frozenset[State]
    move: Move = moves.stay
    guards: tuple[Guard, ...] = ()
    needs: tuple[Guard, ...] = ()
    where: Where = nowhere
    to: tuple[State, ...] = ()
    still: frozenset[State] = frozenset()


_DRAFT = frozenset({State.DRAFT})
_PENDING = frozenset({State.PENDING})
_RETURNED = frozenset({State.RETURNED})
_KNOWN = frozenset(set(State) - {State.DRAFT, State.DISCARDED})
_VOTER = (guards.voter, guards.fresh)
_ENDS = (State.PENDING, State.APPROVED)

TRANSITIONS: Mapping[Verb, Transition] = {
    Verb.SUBMIT: Transition(
        states=_DRAFT, guards=(guards.applicant, guards.fresh), needs=(guards.routed, guards.chosen), move=moves.submit,
        to=_ENDS,
    ),
    Verb.RESUBMIT: Transition(
        states=_RETURNED, guards=(guards.applicant, guards.fresh), needs=(guards.routed, guards.chosen),
        move=moves.resubmit, to=_ENDS,
    ),
    Verb.DISCARD: Transition(
        states=_DRAFT, guards=(guards.applicant,), move=moves.to(State.DISCARDED), to=(State.DISCARDED,)
    ),
    Verb.UNDO: Transition(states=_PENDING, where=holding, guards=(guards.undoable,), move=moves.undo),
    Verb.CLAIM: Transition(states=_PENDING, where=turn, guards=(*_VOTER, guards.unclaimed), move=moves.claim),
    Verb.APPROVE: Transition(
        states=_PENDING, where=turn, guards=(*_VOTER, guards.deciding), needs=(guards.chosen,), move=moves.vote,
        to=_ENDS,
    ),
    Verb.CONFIRM: Transition(
        states=_PENDING, where=turn, guards=(*_VOTER, guards.tasked), needs=(guards.evidence, guards.chosen),
        move=moves.vote, to=_ENDS,
    ),
    Verb.READ: Transition(
        states=_KNOWN, where=reading, guards=(guards.reader,), needs=(guards.chosen,), move=moves.read, to=_ENDS,
        still=_KNOWN - _PENDING,
    ),
    Verb.HAND_BACK: Transition(
        states=_PENDING, where=asked, guards=(guards.not_own, guards.borrower), needs=(guards.reason,),
        move=moves.hand_back,
    ),
    Verb.REJECT: Transition(
        states=_PENDING, where=turn, guards=(*_VOTER, guards.refusable), needs=(guards.reason,), move=moves.vote,
        to=(State.PENDING, State.REJECTED),
    ),
    Verb.COMMENT: Transition(states=_KNOWN, where=turn, guards=(guards.party,), needs=(guards.reason,)),
    Verb.AMEND: Transition(
        states=_PENDING, where=amending, guards=(*_VOTER, guards.editing), needs=(guards.editable, guards.ahead_only),
        move=moves.amend,
    ),
    Verb.RETURN: Transition(
        states=_PENDING, where=turn, guards=_VOTER, needs=(guards.earlier, guards.reason), move=moves.give_back,
        to=(State.RETURNED, State.PENDING),
    ),
    Verb.TRANSFER: Transition(
        states=_PENDING, where=turn, guards=_VOTER, needs=(guards.one_named,), move=moves.transfer
    ),
    Verb.ADD_SIGNER: Transition(
        states=_PENDING, where=turn, guards=_VOTER, needs=(guards.named, guards.newcomers, guards.apart),
        move=moves.add_signer,
    ),
    Verb.DROP_SIGNER: Transition(
        states=_PENDING, where=dropped, guards=(guards.droppable,), move=moves.drop_signer, to=_ENDS
    ),
    Verb.DELEGATE: Transition(
        states=_PENDING, where=turn, guards=_VOTER, needs=(guards.one_named,), move=moves.delegate
    ),
    Verb.TAKE_BACK: Transition(states=_PENDING, where=taken, guards=(guards.takeable,), move=moves.take_back),
    Verb.RELEASE: Transition(states=_PENDING, where=turn, guards=(guards.voter, guards.held), move=moves.release),
    Verb.ATTACH: Transition(states=_KNOWN, where=turn, guards=(guards.party,), needs=(guards.enclosed,)),
    Verb.CC: Transition(states=_KNOWN, where=turn, guards=(guards.party,), needs=(guards.named,), move=moves.inform),
    Verb.CIRCULATE: Transition(
        states=_KNOWN, where=turn, guards=(guards.party,), needs=(guards.named, guards.newcomers), move=moves.circulate
    ),
    Verb.URGE: Transition(states=_PENDING, guards=(guards.applicant, guards.others_wait, guards.rested)),
    Verb.WITHDRAW: Transition(
        states=RUNNING, guards=(guards.applicant,), move=moves.to(State.WITHDRAWN), to=(State.WITHDRAWN,)
    ),
    Verb.CANCEL: Transition(
        states=frozenset({State.APPROVED}), guards=(guards.applicant,), move=moves.to(State.CANCELLED),
        to=(State.CANCELLED,),
    ),
    Verb.HOLD: Transition(states=_PENDING, guards=(guards.nobody,), move=moves.hold),
    Verb.SETTLE: Transition(
        states=_PENDING, where=holding, guards=(guards.system, guards.undoable),
        to=(State.PENDING, State.APPROVED, State.REJECTED, State.RETURNED),
    ),
    Verb.EXPIRE: Transition(
        states=_PENDING, where=told, guards=(guards.system, guards.expiring), move=moves.expire,
        to=(State.PENDING, State.APPROVED, State.REJECTED),
    ),
    Verb.REPLACE: Transition(
        states=RUNNING, guards=(guards.caretaker,), needs=(guards.one_replaced,), move=moves.replace_person, to=_ENDS,
        still=_RETURNED,
    ),
}  # fmt: skip
"""SETTLE has no move of its own: what is recorded is the decision that was held.

PASS has no row: nobody does it, it follows from other acts."""
