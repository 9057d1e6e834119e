"""One step by itself: whose voice is missing, who may raise it, and what the voices come to.

A seat is an approver's place in a step. Somebody else may sit on it (a proxy, a deputy, one who was asked), but the
vote is counted for the seat, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handlers.approval.engine.records import Kind, Rule, Step, Vote, changed


def missing(step: Step) -> tuple[str, ...]:
    """The approvers who have not voted; only the one who claimed the step, if one did. Who can still undo has voted."""
    if step.holder:
        return () if step.held and step.holder in taken(step) else (step.holder,)
    if not step.votes and not step.held:
        return step.approvers
    voted = taken(step)
    return tuple(seat for seat in step.approvers if seat not in voted)


def taken(step: Step) -> set[str]:
    """The seats that somebody has used, for a voice that counts or for one that can still be undone."""
    return {vote.seat for vote in step.votes} | {one.seat for one in step.held}


def of_applicant(step: Step) -> bool:
    """A task that the form leaves to the applicant: the only turn that anybody has in an own request."""
    return step.applicant_task and step.kind is Kind.TASK


def voters(step: Step) -> tuple[str, ...]:
    """Approvers who may vote now: not those who asked somebody else first."""
    seats = missing(step)
    if not step.lent:
        return seats
    asking = {owner for owner, _ in step.lent}
    return tuple(seat for seat in seats if seat not in asking)


def waiting(step: Step) -> tuple[str, ...]:
    """Everybody whose act could move the step on: approvers, those whom they asked, deputies."""
    people = voters(step)
    if step.lent:
        people += tuple(borrower for _, borrower in step.lent)
    if step.deputies and voters(step):
        people += tuple(one for one in step.deputies if one not in people and not has_voted(step, one))
    return people


def has_voted(step: Step, person: str) -> bool:
    """In their own name or for somebody else."""
    return any(vote.by == person for vote in step.votes) or any(one.person == person for one in step.held)


def seat_for(step: Step, person: str, principals: Sequence[str] = ()) -> str:
    """The seat from which `person` may vote: their own, a principal's, or as a deputy the first; "" if none."""
    free = voters(step)
    if person in free:
        return person
    for principal in principals:
        if principal in free:
            return principal
    return free[0] if free and person in step.deputies else ""


def verdict(step: Step) -> bool | None:
    """Agreed (True), refused (False) or open (None)."""
    noes = [vote.seat for vote in step.votes if not vote.yes]
    if step.rule in (Rule.ANY, Rule.ALL) and noes:
        return False
    weights = _weights(step)
    needed = _needed(step, weights)
    yes = sum(weights[vote.seat] for vote in step.votes if vote.yes)
    if yes >= needed:
        return True
    lost = sum(weights[seat] for seat in noes)
    return False if sum(weights.values()) - lost < needed else None


def with_vote(step: Step, vote: Vote) -> Step:
    return changed(step, votes=(*step.votes, vote), holder="", touched=True)


def without_vote(step: Step, person: str) -> Step:
    return changed(step, votes=tuple(vote for vote in step.votes if vote.by != person))


def with_people(step: Step, people: Iterable[tuple[str, int]]) -> Step:
    """The step with these approvers and their weights; the first weight counts where somebody comes twice."""
    weights: dict[str, int] = {}
    for person, weight in people:
        weights.setdefault(person, weight)
    kept = tuple(weights.values()) if step.weights else ()
    if tuple(weights) == step.approvers:
        return step
    return changed(step, approvers=tuple(weights), weights=kept)


def people(step: Step) -> list[tuple[str, int]]:
    """The approvers with their weights, 1 where the step has none."""
    return list(_weights(step).items())


def exchanged(step: Step, old: str, new: Sequence[str]) -> Step:
    """`new` in the place of `old`, each with the weight that `old` had."""
    pairs: list[tuple[str, int]] = []
    for person, weight in people(step):
        pairs += [(one, weight) for one in new] if person == old else [(person, weight)]
    holder = "" if step.holder == old else step.holder
    return changed(with_people(step, pairs), holder=holder)


def _weights(step: Step) -> dict[str, int]:
    if step.rule is Rule.WEIGHT and step.weights:
        return dict(zip(step.approvers, step.weights, strict=True))
    return dict.fromkeys(step.approvers, 1)


def _needed(step: Step, weights: dict[str, int]) -> int:
    """Never more than there is: the applicant may have been dropped from the approvers."""
    if step.kind is Kind.READ or step.rule is Rule.ALL:
        return len(weights)
    if step.rule is Rule.ANY:
        return 1
    return max(1, min(step.need, sum(weights.values())))
