"""Random routes, random acts: what must hold whatever people do to an item."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from handlers import errors
from handlers.approval import engine
from handlers.approval.engine import (
    SYSTEM,
    Act,
    Deadline,
    Detour,
    Evidence,
    Kind,
    Late,
    Nobody,
    Proof,
    Request,
    Rule,
    Same,
    Side,
    State,
    Status,
    Step,
    Verb,
)  # fmt: skip

NOW = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
APPLICANT = "zhang"
OTHERS = ("li", "wang", "zhao", "sun")
PEOPLE = (APPLICANT, *OTHERS)
DECISIONS = frozenset({Verb.APPROVE, Verb.REJECT, Verb.CONFIRM, Verb.READ})

people = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True).map(tuple)
late = st.builds(
    Deadline,
    minutes=st.just(60),
    then=st.sampled_from(Late),
    to=st.lists(st.sampled_from(PEOPLE), max_size=2).map(tuple),
)


@st.composite
def routes(draw):
    """One to five steps, each after some of those before it; some chosen, some with tasks, some that lead nowhere."""
    steps = []
    for index in range(draw(st.integers(1, 5))):
        approvers = draw(people)
        chooser = draw(st.one_of(st.none(), st.none(), st.integers(-1, index - 1)))
        steps.append(
            Step(
                name=f"s{index}",
                approvers=() if chooser is not None else approvers,
                rule=draw(st.sampled_from(Rule)),
                kind=draw(st.sampled_from([Kind.DECIDE, Kind.DECIDE, Kind.TASK, Kind.READ])),
                need=draw(st.integers(1, 3)),
                weights=tuple(draw(st.integers(1, 3)) for _ in approvers) if chooser is None else (),
                after=draw(
                    st.one_of(st.none(), st.sets(st.integers(0, index - 1)).map(tuple) if index else st.just(()))
                ),
                chosen_by=chooser,
                same=draw(st.sampled_from(Same)),
                own=draw(st.sampled_from(Nobody)),
                fallback=draw(st.sampled_from([(), ("sun",), (APPLICANT, "wang")])),
                task=(Evidence(key="photo", kind=Proof.PHOTO),),
                deadline=draw(st.one_of(st.none(), late)),
                edits=draw(st.sampled_from([(), ("sum",), ("sum", "note")])),
                other_than=tuple(draw(st.sets(st.integers(0, index - 1), max_size=2))) if index else (),
                at_most=draw(st.sampled_from([0, 0, 1])),
                applicant_task=draw(st.sampled_from([False, False, False, True])),
            )
        )
    return tuple(steps)


acts = st.builds(
    Act,
    verb=st.sampled_from([*Verb, Verb.APPROVE, Verb.APPROVE, Verb.CONFIRM, Verb.READ]),
    opinion=st.sampled_from(["", "因为"]),
    to=st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True).map(tuple),
    target=st.one_of(st.none(), st.integers(0, 6)),
    resume=st.booleans(),
    side=st.sampled_from(Side),
    evidence=st.sampled_from([{}, {"photo": "p1"}]),
    files=st.sampled_from([(), ("f1",)]),
    step=st.one_of(st.none(), st.none(), st.integers(0, 6)),
    chosen=st.dictionaries(st.integers(0, 6), people, max_size=4),
    until=st.sampled_from([None, NOW + timedelta(seconds=30)]),
    values=st.dictionaries(st.sampled_from(["sum", "note", "else"]), st.integers(0, 9), max_size=2),
    changes=st.just({"sum": (1, 2)}),
    detour=st.one_of(
        st.none(),
        st.builds(
            Detour,
            gone=st.lists(st.integers(0, 8), max_size=2).map(tuple),
            new=st.builds(Step, name=st.just("n"), approvers=people, after=st.just((0,))).map(lambda one: (one,)),
            after=st.dictionaries(st.integers(0, 6), st.lists(st.integers(0, 6), max_size=2).map(tuple), max_size=2),
        ),
    ),
)


def voices_of(step):
    """Who acted in the step and for whom, also where it can still be undone."""
    pairs = [(vote.by, vote.seat) for vote in step.votes] + [(one.person, one.seat) for one in step.held]
    return {who for pair in pairs for who in pair}


def changed_people(step, people):
    return step if step.chosen_by is not None else replace(step, approvers=people, weights=())


def moved(step, kept):
    """A step of the old way in the new one, where fewer come before it."""
    places = {old: new for new, old in enumerate(kept)}
    after = step.after if step.after is None else tuple(places[one] for one in step.after if one in places)
    chooser = places.get(step.chosen_by) if step.chosen_by is not None and step.chosen_by >= 0 else step.chosen_by
    return replace(
        step, after=after, chosen_by=chooser, other_than=tuple(places[one] for one in step.other_than if one in places)
    )


class Histories(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.draft = self.request = Request(id="i1", applicant=APPLICANT)
        self.now = NOW
        self.routed = ()

    @initialize(route=routes(), chosen=st.dictionaries(st.integers(0, 4), people, min_size=3))
    def submits(self, route, chosen):
        self.routed = route
        self.request = engine.rerouted(self.draft, route)
        self._try(Act(verb=Verb.SUBMIT, chosen=chosen), APPLICANT, ())

    @rule(
        act=acts,
        by=st.sampled_from([*PEOPLE, *OTHERS, SYSTEM]),
        principals=st.lists(st.sampled_from(PEOPLE), max_size=2),
    )
    def does(self, act, by, principals):
        self._try(act, by, tuple(principals))

    @rule(pick=st.randoms(use_true_random=False), act=acts)
    def does_what_is_allowed(self, pick, act):
        """The same acts, but by somebody who may: without this most tries would be refused."""
        able = [(who, verb) for who in PEOPLE for verb in engine.allowed(self.request, by=who)]
        if able:
            who, verb = pick.choice(able)
            self._try(replace(act, verb=verb, opinion="因为", step=None), who, ())

    @rule(pick=st.randoms(use_true_random=False), keep=st.sets(st.integers(0, 5)), people=people)
    def the_form_sends_it_another_way(self, pick, keep, people):
        """A field is changed, and with it the conditions of the steps: some go, one comes, one has other people."""
        able = [who for who in PEOPLE if Verb.AMEND in engine.allowed(self.request, by=who)]
        if not able:
            return
        way = [changed_people(step, people) if i == 4 else step for i, step in enumerate(self.routed)]
        kept = [i for i in range(len(way)) if i not in keep]
        last = Step(name="last", approvers=people, other_than=(0,) if kept else ())
        new = (*(moved(way[i], kept) for i in kept), last)
        reached = [(i, s) for i, s in enumerate(self.request.steps) if s.status is not Status.AHEAD]
        try:
            detour = engine.detour(self.request, self.routed, new)
        except errors.BadRequest:
            return
        wanted = Act(verb=Verb.AMEND, values={"sum": 2}, changes={"sum": (1, 2)}, detour=detour)
        self._try(wanted, pick.choice(able), ())
        for index, step in reached:
            now = self.request.steps[index]
            assert (now.approvers, now.votes, now.after) == (step.approvers, step.votes, step.after)

    @rule(pick=st.randoms(use_true_random=False))
    def the_time_to_undo_is_over(self, pick):
        held = [one for step in self.request.steps for one in step.held]
        if held:
            one = pick.choice(held)
            self._try(Act(verb=Verb.SETTLE, step=one.step, to=(one.seat,)), SYSTEM, ())
            assert one not in self.request.steps[one.step].held
            assert self.request.decisions[-1].at == self.now, "a settled decision was refused"

    def _try(self, act, by, principals):
        self.now += timedelta(minutes=1)
        before = self.request
        try:
            outcome = engine.decide(before, act, by=by, principals=principals, now=self.now)
        except errors.RuleError:
            return
        assert outcome.request.version == before.version + outcome.moved
        assert outcome.request.decisions[: len(before.decisions)] == before.decisions
        assert outcome.request.decisions[len(before.decisions)] == outcome.decision
        row = engine.TRANSITIONS[act.verb]
        ends = () if before.state in row.still else row.to
        assert outcome.request.state is before.state or outcome.request.state in ends
        self.request = outcome.request

    @invariant()
    def nobody_decides_twice_in_a_step(self):
        for step in self.request.steps:
            voices = [vote.by for vote in step.votes] + [one.person for one in step.held]
            assert len(voices) == len(set(voices))
            seats = [vote.seat for vote in step.votes] + [one.seat for one in step.held]
            assert len(seats) == len(set(seats))
            assert set(seats) <= set(step.approvers)

    @invariant()
    def what_is_held_can_be_undone_by_who_decided_and_nobody_else(self):
        for step in self.request.steps:
            for one in step.held:
                assert self.request.state is State.PENDING
                assert step.status is Status.OPEN
                assert one.person != APPLICANT
                assert Verb.UNDO in engine.allowed(self.request, by=one.person)
        holding = {one.person for step in self.request.steps for one in step.held}
        assert not [who for who in {*PEOPLE} - holding if Verb.UNDO in engine.allowed(self.request, by=who)]

    @invariant()
    def nobody_decides_an_own_request(self):
        left = [step for step in self.request.steps if step.applicant_task and step.kind is Kind.TASK]
        assert (APPLICANT not in engine.waiting_for(self.request)) or any(s.status is Status.OPEN for s in left)
        own = [d for d in self.request.decisions if d.person == APPLICANT and d.step >= 0]
        assert not [d for d in own if d.verb in DECISIONS - {Verb.CONFIRM} | {Verb.HOLD, Verb.AMEND}]
        assert all(self.request.steps[d.step] in left for d in own if d.verb is Verb.CONFIRM)
        voices = [vote for step in self.request.steps if step not in left for vote in step.votes]
        assert APPLICANT not in {vote.by for vote in voices} | {vote.seat for vote in voices}
        able = set(engine.allowed(self.request, by=APPLICANT))
        assert not {Verb.APPROVE, Verb.REJECT, Verb.AMEND, Verb.TRANSFER} & able
        assert Verb.CONFIRM not in able or APPLICANT in engine.waiting_for(self.request)

    @invariant()
    def nobody_acts_in_two_steps_that_are_kept_apart(self):
        for step in self.request.steps:
            for other in step.other_than:
                assert not voices_of(step) & voices_of(self.request.steps[other])

    @invariant()
    def an_approved_item_was_agreed_to(self):
        if self.request.state is State.APPROVED:
            others = [d for d in self.request.decisions if d.person != APPLICANT]
            assert any(d.verb in DECISIONS or d.verb is Verb.EXPIRE for d in others)
            assert all(step.status in engine.CLOSED for step in self.request.steps)

    @invariant()
    def a_pending_item_waits_for_somebody_who_may_act(self):
        if self.request.state is not State.PENDING:
            assert engine.waiting_for(self.request) == ()
            return
        if not any(step.held for step in self.request.steps):
            assert bool(engine.waiting_for(self.request)) != bool(engine.blocked(self.request))
        for who in engine.waiting_for(self.request):
            assert set(engine.allowed(self.request, by=who)) & {
                Verb.APPROVE, Verb.CONFIRM, Verb.READ, Verb.HAND_BACK,
            }, who  # fmt: skip

    @invariant()
    def what_is_open_follows_what_is_closed(self):
        if self.request.state is State.PENDING:
            for step in self.request.steps:
                ready = all(self.request.steps[one].status in engine.CLOSED for one in step.after or ())
                assert ready or step.status is not Status.OPEN

    @invariant()
    def the_history_gives_the_same_item(self):
        if self.request.decisions:
            assert engine.replay(self.draft, [self.routed, *self.request.decisions]) == self.request


Histories.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestHistories = Histories.TestCase
