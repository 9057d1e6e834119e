"""Who may do what when: the table, its refusals, and random histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import errors
from handlers.approval import engine, views
from handlers.approval.engine import Act, Request, Rule, State, Step, Verb

NOW = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
ONE = (Step(name="manager", approvers=("li",)),)
PEOPLE = ("zhang", "li", "wang", "zhao")


def pending(*steps: Step) -> Request:
    draft = Request(id="i1", applicant="zhang", steps=steps or ONE)
    return engine.decide(draft, Act(verb=Verb.SUBMIT), by="zhang", now=NOW).request


def act(request, verb, by, opinion="", seen=None):
    return engine.decide(request, Act(verb=verb, opinion=opinion, seen=seen), by=by, now=NOW)


def test_a_submitted_item_waits_for_its_first_step():
    request = pending()
    assert request.state is State.PENDING
    assert engine.waiting_for(request) == ("li",)


def test_an_item_without_approvers_cannot_be_submitted():
    with pytest.raises(errors.NoApprover):
        act(Request(id="i1", applicant="zhang"), Verb.SUBMIT, "zhang")


def test_the_last_step_approves_the_item():
    assert act(pending(), Verb.APPROVE, "li").request.state is State.APPROVED


def test_steps_follow_each_other():
    two = pending(*ONE, Step(name="director", approvers=("zhao",)))
    after = act(two, Verb.APPROVE, "li").request
    assert (after.state, after.current, engine.waiting_for(after)) == (State.PENDING, 1, ("zhao",))


def test_any_of_needs_one_and_all_of_needs_everybody():
    people = ("li", "wang")
    assert act(pending(Step(name="s", approvers=people)), Verb.APPROVE, "wang").request.state is State.APPROVED
    first = act(pending(Step(name="s", approvers=people, rule=Rule.ALL)), Verb.APPROVE, "wang").request
    assert engine.waiting_for(first) == ("li",)
    assert act(first, Verb.APPROVE, "li").request.state is State.APPROVED


def test_a_rejection_needs_a_reason_and_ends_the_item():
    with pytest.raises(errors.ReasonMissing):
        act(pending(), Verb.REJECT, "li", opinion="  ")
    assert act(pending(), Verb.REJECT, "li", opinion="人手不足").request.state is State.REJECTED


def test_nobody_decides_an_own_request_even_when_the_route_says_so():
    own = pending(Step(name="s", approvers=("zhang", "li")))
    with pytest.raises(errors.OwnRequest):
        act(own, Verb.APPROVE, "zhang")


def test_a_stranger_is_told_that_it_is_not_their_turn():
    with pytest.raises(errors.NotYourTurn):
        act(pending(), Verb.APPROVE, "wang")


def test_a_stale_card_does_not_decide():
    request = pending()
    with pytest.raises(errors.StaleCard):
        act(request, Verb.APPROVE, "li", seen=request.version - 1)


def test_a_decided_item_stays_decided():
    done = act(pending(), Verb.APPROVE, "li").request
    for verb in (Verb.APPROVE, Verb.REJECT, Verb.WITHDRAW, Verb.URGE):
        with pytest.raises(errors.AlreadyDecided):
            act(done, verb, "li", opinion="x")


def test_a_comment_moves_nothing_and_keeps_the_card_fresh():
    request = pending()
    outcome = act(request, Verb.COMMENT, "li", opinion="请补充行程")
    assert not outcome.moved
    assert outcome.request.version == request.version
    assert act(outcome.request, Verb.APPROVE, "li", seen=request.version).moved


def test_only_the_applicant_withdraws():
    with pytest.raises(errors.NotAllowed):
        act(pending(), Verb.WITHDRAW, "li")
    assert act(pending(), Verb.WITHDRAW, "zhang").request.state is State.WITHDRAWN


def test_what_is_allowed_is_what_decide_accepts():
    request = pending()
    assert engine.allowed(request, by="li")[:4] == (Verb.APPROVE, Verb.REJECT, Verb.COMMENT, Verb.RETURN)
    assert engine.allowed(request, by="zhang") == (
        Verb.COMMENT, Verb.ATTACH, Verb.CC, Verb.CIRCULATE, Verb.URGE, Verb.WITHDRAW,
    )  # fmt: skip
    assert engine.allowed(request, by="wang") == ()


steps = st.lists(
    st.builds(
        Step,
        name=st.just("s"),
        approvers=st.lists(st.sampled_from(PEOPLE[1:]), min_size=1, max_size=3, unique=True).map(tuple),
        rule=st.sampled_from([Rule.ANY, Rule.ALL]),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
acts = st.lists(
    st.tuples(st.sampled_from(Verb), st.sampled_from(PEOPLE), st.sampled_from(["", "因为"])), max_size=25
)


@given(steps, acts)
def test_random_acts_never_decide_twice_nor_get_stuck(route, tries):
    request = Request(id="i1", applicant="zhang", steps=route)
    for verb, by, opinion in tries:
        try:
            outcome = act(request, verb, by, opinion)
        except errors.RuleError:
            continue
        assert outcome.request.version == request.version + outcome.moved
        request = outcome.request
        assert (request.state is State.PENDING) == bool(engine.waiting_for(request))
        if request.state is State.PENDING:
            assert all(Verb.APPROVE in engine.allowed(request, by=who) for who in engine.waiting_for(request))
    signed = [(d.step, d.person) for d in request.decisions if d.verb is Verb.APPROVE]
    assert len(signed) == len(set(signed))
    assert all(person != "zhang" for _, person in signed)
    endings = [d for d in request.decisions if d.verb in (Verb.REJECT, Verb.WITHDRAW, Verb.DISCARD, Verb.CANCEL)]
    assert len(endings) <= 1


@pytest.mark.parametrize("state", sorted(set(State) - {State.PENDING}))
def test_what_is_closed_offers_its_approvers_nothing_unless_they_were_asked_to_read_it(state):
    """Cards of closed items count on it: nobody asks the engine for them."""
    closed = replace(pending(), state=state)
    asked = replace(closed, asked=("li",), readers=("li",))
    for kind in (views.DECIDE, views.REMINDER, views.INFORMED):
        offered = views._VERBS[kind]
        assert engine.allowed(closed, by="li", principals=("wang", "zhang"), among=offered) == ()
        read = (Verb.READ,) if state not in (State.DRAFT, State.DISCARDED) else ()
        assert engine.allowed(asked, by="li", among=offered) == read
