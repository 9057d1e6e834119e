"""Who x verb x state x path: allowed exactly where these tables say so, refused everywhere else.

The item: zhang asks, li decides first (and has asked borrower wen at a second, parallel step), zhao decides later.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handlers import errors
from handlers.approval import engine
from handlers.approval.engine import Act, Deadline, Kind, Late, Nobody, Request, State, Step, Verb

NOW = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)

# who -> (person, for whom they stand in, roles)
WHO = {
    "applicant": ("zhang", (), ()),
    "applicant as proxy": ("zhang", ("li",), ()),
    "approver": ("li", (), ()),
    "proxy": ("qian", ("li",), ()),
    "asked first": ("wen", (), ()),
    "later approver": ("zhao", (), ()),
    "opinion wanted": ("chen", (), ()),
    "applicant's proxy": ("ding", ("zhang",), ()),
    "stranger": ("hu", (), ()),
    "administrator": ("hu", (), ("admin",)),
    "the system": (engine.SYSTEM, (), ()),
}

TALK = "comment attach cc circulate"
PENDING = {
    "applicant": f"{TALK} urge withdraw",
    "applicant as proxy": f"{TALK} urge withdraw",
    "approver": f"claim approve reject amend return transfer add_signer delegate {TALK}",
    "proxy": f"claim approve reject amend return transfer add_signer delegate {TALK}",
    "asked first": f"hand_back {TALK}",
    "later approver": TALK,
    "opinion wanted": f"read {TALK}",
    "applicant's proxy": TALK,
    "stranger": "",
    "administrator": "replace",
    "the system": "replace",
}
DRAFT = {"applicant": "submit discard", "applicant as proxy": "submit discard"}
RETURNED = {
    "applicant": f"resubmit withdraw {TALK}",
    "applicant as proxy": f"resubmit withdraw {TALK}",
    "administrator": "replace",
    "the system": "replace",
}
APPROVED = {"applicant": f"cancel {TALK}", "applicant as proxy": f"cancel {TALK}"}
ENDED = {"applicant": TALK, "applicant as proxy": TALK}
PARTIES = dict.fromkeys(["approver", "asked first", "later approver", "applicant's proxy"], TALK) | {
    "opinion wanted": f"read {TALK}"
}
TABLE = {
    State.DRAFT: DRAFT,
    State.PENDING: PENDING,
    State.RETURNED: PARTIES | RETURNED,
    State.APPROVED: PARTIES | APPROVED,
    State.REJECTED: PARTIES | ENDED,
    State.WITHDRAWN: PARTIES | ENDED,
    State.CANCELLED: PARTIES | ENDED,
    State.DISCARDED: {},
}
STEPS = (
    Step(name="first", approvers=("li", "sun"), after=(), edits=("copies",)),
    Step(name="beside", approvers=("wang",), after=()),
    Step(name="later", approvers=("zhao",), after=(0, 1)),
)


def act(verb, seen=None):
    """The act with all that it could need."""
    to = {Verb.REPLACE: ("sun", "gao")}.get(verb, ("gao",))
    return Act(verb=verb, opinion="因为", to=to, files=("f1",), seen=seen, values={"copies": 5})


def item(state):
    """The item in this state, reached by acts."""
    request = Request(id="i1", applicant="zhang", steps=STEPS)
    done = [(Act(verb=Verb.SUBMIT), "zhang")]
    done += [(Act(verb=Verb.DELEGATE, to=("wen",)), "wang"), (Act(verb=Verb.CIRCULATE, to=("chen",)), "zhang")]
    done += {
        State.DRAFT: [],
        State.DISCARDED: [(Act(verb=Verb.DISCARD), "zhang")],
        State.PENDING: [],
        State.RETURNED: [(Act(verb=Verb.RETURN, opinion="因为"), "li")],
        State.REJECTED: [(Act(verb=Verb.REJECT, opinion="因为"), "li")],
        State.WITHDRAWN: [(Act(verb=Verb.WITHDRAW), "zhang")],
        State.APPROVED: _approvals(),
        State.CANCELLED: [*_approvals(), (Act(verb=Verb.CANCEL), "zhang")],
    }[state]
    if state in (State.DRAFT, State.DISCARDED):
        done = done[3:]
    for one, by in done:
        request = engine.decide(request, one, by=by, now=NOW).request
    assert request.state is state
    return request


def _approvals():
    back = (Act(verb=Verb.HAND_BACK, opinion="可以"), "wen")
    return [back, *((Act(verb=Verb.APPROVE), who) for who in ("li", "wang", "zhao"))]


@pytest.mark.parametrize("path", ["tap", "words"])
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("state", State)
def test_allowed_is_exactly_what_the_table_says(state, who, path):
    request = item(state)
    by, principals, roles = WHO[who]
    seen = request.version if path == "tap" else None
    done = set()
    for verb in Verb:
        try:
            engine.decide(request, act(verb, seen), by=by, principals=principals, roles=frozenset(roles), now=NOW)
        except errors.RuleError:
            continue
        done.add(verb.value)
    assert done == set(TABLE[state].get(who, "").split())


@pytest.mark.parametrize("verb", [Verb.TRANSFER, Verb.ADD_SIGNER, Verb.DELEGATE, Verb.CIRCULATE])
def test_no_hand_on_leads_to_the_applicant(verb):
    with pytest.raises(errors.OwnRequest):
        engine.decide(item(State.PENDING), Act(verb=verb, to=("zhang",)), by="li", now=NOW)


def test_no_hand_over_leads_to_the_applicant():
    wanted = Act(verb=Verb.REPLACE, to=("li", "zhang"))
    with pytest.raises(errors.OwnRequest):
        engine.decide(item(State.PENDING), wanted, by=engine.SYSTEM, now=NOW)


@pytest.mark.parametrize(("kind", "verb"), [(Kind.DECIDE, "approve"), (Kind.TASK, "confirm"), (Kind.READ, "read")])
def test_each_kind_of_step_has_its_own_word(kind, verb):
    draft = Request(id="i1", applicant="zhang", steps=(Step(name="s", approvers=("li",), kind=kind),))
    request = engine.decide(draft, Act(verb=Verb.SUBMIT), by="zhang", now=NOW).request
    words = {"approve", "confirm", "read"} & set(engine.allowed(request, by="li"))
    assert words == {verb}


UNTIL = NOW + timedelta(seconds=30)


def held(verb=Verb.APPROVE, by="li", principals=()):
    """The pending item with a decision of this person that can still be undone."""
    wanted = Act(verb=verb, opinion="因为", until=UNTIL)
    return engine.decide(item(State.PENDING), wanted, by=by, principals=principals, now=NOW).request


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.REJECT, Verb.RETURN])
def test_the_way_round_by_holding_is_open_to_whom_the_way_itself_is(verb, who):
    by, principals, roles = WHO[who]
    may = verb.value in PENDING.get(who, "").split()
    wanted = Act(verb=verb, opinion="因为", until=UNTIL)
    try:
        after = engine.decide(
            item(State.PENDING), wanted, by=by, principals=principals, roles=frozenset(roles), now=NOW
        )
    except errors.RuleError:
        assert not may
        return
    assert may
    assert after.decision.verb is Verb.HOLD
    assert not after.moved


@pytest.mark.parametrize("who", WHO)
def test_only_who_decided_can_undo_it(who):
    by, principals, roles = WHO[who]
    request = held()
    able = Verb.UNDO in engine.allowed(request, by=by, principals=principals, roles=frozenset(roles))
    assert able == (who == "approver")


def test_what_was_undone_is_as_if_it_had_not_been():
    before, after = item(State.PENDING), engine.decide(held(), Act(verb=Verb.UNDO), by="li", now=NOW).request
    assert (after.steps, after.state, after.version) == (before.steps, before.state, before.version)
    assert engine.waiting_for(after) == engine.waiting_for(before)


def test_who_can_still_undo_is_waited_for_no_more_and_decides_no_second_time():
    request = held()
    assert "li" not in engine.waiting_for(request)
    with pytest.raises(errors.BadRequest, match="undo_first"):
        engine.decide(request, Act(verb=Verb.REJECT, opinion="因为"), by="li", now=NOW)
    with pytest.raises(errors.NotYourTurn):  # nor does anybody in their place
        engine.decide(request, Act(verb=Verb.REJECT, opinion="因为"), by="qian", principals=("li",), now=NOW)


@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.REJECT, Verb.RETURN])
def test_settled_is_what_the_act_would_have_been(verb):
    at_once = engine.decide(item(State.PENDING), Act(verb=verb, opinion="因为"), by="li", now=UNTIL)
    later = engine.decide(held(verb), Act(verb=Verb.SETTLE, step=0, to=("li",)), by=engine.SYSTEM, now=UNTIL)
    assert later.request.steps == at_once.request.steps
    assert later.request.state is at_once.request.state
    assert later.decision == replace(at_once.decision, tapped=NOW, until=UNTIL)


def test_the_proxys_decision_settles_for_the_principal_although_the_proxy_is_over():
    request = held(by="qian", principals=("li",))
    settled = engine.decide(request, Act(verb=Verb.SETTLE, step=0, to=("li",)), by=engine.SYSTEM, now=UNTIL)
    assert (settled.decision.person, settled.decision.on_behalf) == ("qian", "li")


@pytest.mark.parametrize("by", ["zhang", "li", "sun", "qian", "hu"])
def test_nobody_but_the_clock_ends_the_time_to_undo(by):
    with pytest.raises(errors.RuleError):
        engine.decide(held(), Act(verb=Verb.SETTLE, step=0, to=("li",)), by=by, roles=frozenset({"admin"}), now=NOW)


@pytest.mark.parametrize(
    ("other", "by", "state"),
    [
        (Act(verb=Verb.WITHDRAW), "zhang", State.WITHDRAWN),
        (Act(verb=Verb.REJECT, opinion="不行"), "sun", State.REJECTED),
        (Act(verb=Verb.RETURN, opinion="补材料"), "sun", State.RETURNED),
        (Act(verb=Verb.APPROVE), "sun", State.PENDING),  # any-of: the step is done
    ],
)
def test_what_comes_into_effect_first_counts_and_the_held_decision_is_void(other, by, state):
    request = engine.decide(held(), other, by=by, now=NOW).request
    assert request.state is state
    assert not any(step.held for step in request.steps)
    with pytest.raises(errors.RuleError):
        engine.decide(request, Act(verb=Verb.SETTLE, step=0, to=("li",)), by=engine.SYSTEM, now=UNTIL)


def test_an_earlier_decision_is_not_taken_back_while_the_next_one_can_still_be_undone():
    steps = (Step(name="a", approvers=("li",)), Step(name="b", approvers=("zhao",)))
    request = Request(id="i1", applicant="zhang", steps=steps)
    for one, by in [(Act(verb=Verb.SUBMIT), "zhang"), (Act(verb=Verb.APPROVE), "li")]:
        request = engine.decide(request, one, by=by, now=NOW).request
    request = engine.decide(request, Act(verb=Verb.APPROVE, until=UNTIL), by="zhao", now=NOW).request
    with pytest.raises(errors.BadRequest, match="nothing_to_take_back"):
        engine.decide(request, Act(verb=Verb.TAKE_BACK), by="li", now=NOW)


# A task that the form leaves to the applicant, behind a decision of li's.

OWN = (
    Step(name="ask", approvers=("li",), edits=("copies",)),
    Step(name="report", approvers=("zhang",), kind=Kind.TASK, applicant_task=True, edits=("copies",)),
)
REPORT = {
    "applicant": f"confirm withdraw {TALK}",
    "applicant as proxy": f"confirm withdraw {TALK}",
    "approver": f"take_back {TALK}",
    "applicant's proxy": f"confirm {TALK}",
    "administrator": "replace",
    "the system": "replace",
}


def reported(steps=OWN):
    draft = Request(id="i1", applicant="zhang", steps=steps)
    asked = engine.decide(draft, Act(verb=Verb.SUBMIT), by="zhang", now=NOW).request
    return engine.decide(asked, Act(verb=Verb.APPROVE), by="li", now=NOW).request


@pytest.mark.parametrize("path", ["tap", "words"])
@pytest.mark.parametrize("who", WHO)
def test_an_own_task_is_confirmed_by_the_applicant_and_nothing_else(who, path):
    request = reported()
    by, principals, roles = WHO[who]
    done = set()
    for verb in Verb:
        wanted = act(verb, request.version if path == "tap" else None)
        wanted = replace(wanted, to=("zhang", "gao")) if verb is Verb.REPLACE else wanted
        try:
            engine.decide(request, wanted, by=by, principals=principals, roles=frozenset(roles), now=NOW)
        except errors.RuleError:
            continue
        done.add(verb.value)
    assert done == set(REPORT.get(who, "").split())


def test_an_own_task_is_no_decision_of_its_own():
    alone = Request(id="i1", applicant="zhang", steps=OWN[1:])
    with pytest.raises(errors.NoApprover):
        engine.decide(alone, Act(verb=Verb.SUBMIT), by="zhang", now=NOW)


@pytest.mark.parametrize("kind", [Kind.DECIDE, Kind.READ])
def test_only_a_task_can_be_the_applicants(kind):
    steps = (OWN[0], replace(OWN[1], kind=kind, fallback=("wang",)))
    assert engine.waiting_for(reported(steps)) == ("wang",)


def test_the_step_before_is_the_applicants_to_wait_for():
    with pytest.raises(errors.OwnRequest):
        engine.decide(reported((OWN[0], OWN[0])), Act(verb=Verb.CONFIRM), by="zhang", now=NOW)


# Steps that are kept apart: who bought does not accept.

APART = (
    Step(name="buy", title="采购", approvers=("li", "sun")),
    Step(name="accept", title="验收", approvers=("li", "sun", "wang"), other_than=(0,), deadline=None),
)


def bought(steps=APART, by="li", principals=()):
    draft = Request(id="i1", applicant="zhang", steps=steps)
    asked = engine.decide(draft, Act(verb=Verb.SUBMIT), by="zhang", now=NOW).request
    return engine.decide(asked, Act(verb=Verb.APPROVE), by=by, principals=principals, now=NOW).request


def refused(request, wanted, by, **who):
    with pytest.raises(errors.BadRequest) as error:
        engine.decide(request, wanted, by=by, now=NOW, **who)
    return error.value


def test_who_acted_in_the_other_step_is_not_asked():
    assert engine.waiting_for(bought()) == ("sun", "wang")


def test_neither_they_nor_whoever_they_acted_for_nor_for_them():
    request = bought(by="gao", principals=("li",))
    assert engine.waiting_for(request) == ("sun", "wang")
    error = refused(request, Act(verb=Verb.APPROVE), "gao", principals=("sun",))
    assert (error.code, error.circumstances["title"]) == ("kept_apart", "采购")
    assert not engine.may_stand_in(request, "gao", principal="sun")
    assert engine.may_stand_in(request, "hu", principal="sun")


@pytest.mark.parametrize("verb", [Verb.TRANSFER, Verb.ADD_SIGNER, Verb.DELEGATE])
def test_no_hand_on_leads_back_to_them(verb):
    assert refused(bought(), Act(verb=verb, to=("li",)), "sun").code == "kept_apart_to"


def test_nor_does_a_hand_over():
    wanted = Act(verb=Verb.REPLACE, to=("wang", "li"))
    assert refused(bought(), wanted, engine.SYSTEM).code == "kept_apart_to"


@pytest.mark.parametrize("then", [Late.ESCALATE, Late.HAND_ON])
def test_nor_does_a_deadline(then):
    late = replace(APART[1], deadline=Deadline(minutes=60, then=then, to=("li", "gao")))
    request = bought((APART[0], late))
    after = engine.decide(request, Act(verb=Verb.EXPIRE, step=1), by=engine.SYSTEM, now=NOW).request
    assert "gao" in engine.waiting_for(after)
    assert "li" not in engine.waiting_for(after)


def test_nor_does_a_choice():
    left = replace(APART[1], approvers=(), chosen_by=0)
    draft = Request(id="i1", applicant="zhang", steps=(APART[0], left))
    asked = engine.decide(draft, Act(verb=Verb.SUBMIT), by="zhang", now=NOW).request
    assert refused(asked, Act(verb=Verb.APPROVE, chosen={1: ("li",)}), "li").code == "kept_apart_to"


def test_an_added_signer_is_kept_apart_as_well():
    request = engine.decide(bought(), Act(verb=Verb.ADD_SIGNER, to=("gao",)), by="sun", now=NOW).request
    assert refused(request, Act(verb=Verb.APPROVE), "li", principals=("gao",)).code == "kept_apart"


def test_where_nobody_else_is_left_the_first_stand_in_does_it():
    stand_ins = ("li", "zhang", "hu", "gao")
    only = replace(APART[1], approvers=("li",), fallback=stand_ins, empty=Nobody.PASS, own=Nobody.PASS)
    assert engine.waiting_for(bought((APART[0], only))) == ("hu",)


def test_without_a_stand_in_it_waits_with_a_named_reason_and_never_passes():
    only = replace(APART[1], approvers=("li",), empty=Nobody.PASS, own=Nobody.PASS)
    request = bought((APART[0], only))
    assert (request.state, engine.waiting_for(request)) == (State.PENDING, ())
    assert engine.blocked(request) == "kept_apart"
    rescued = engine.decide(request, Act(verb=Verb.REPLACE, to=("", "gao")), by=engine.SYSTEM, now=NOW).request
    assert engine.waiting_for(rescued) == ("gao",)


def test_what_is_certain_to_fail_is_not_accepted():
    only = replace(APART[1], approvers=("li",))
    draft = Request(id="i1", applicant="zhang", steps=(replace(APART[0], approvers=("li",)), only))
    with pytest.raises(errors.NoApprover) as error:
        engine.decide(draft, Act(verb=Verb.SUBMIT), by="zhang", now=NOW)
    assert (error.value.code, error.value.circumstances["other"]) == ("no_other", "采购")


def test_when_the_other_step_begins_anew_everybody_is_asked_again():
    request = bought()
    back = engine.decide(request, Act(verb=Verb.RETURN, opinion="因为", target=0), by="wang", now=NOW).request
    again = engine.decide(back, Act(verb=Verb.APPROVE), by="sun", now=NOW).request
    assert engine.waiting_for(again) == ("li", "wang")


def test_no_more_are_named_than_the_form_allows():
    steps = (Step(name="a", approvers=("li",)), Step(name="b", title="承办", chosen_by=0, at_most=2))
    draft = Request(id="i1", applicant="zhang", steps=steps)
    asked = engine.decide(draft, Act(verb=Verb.SUBMIT), by="zhang", now=NOW).request
    many = Act(verb=Verb.APPROVE, chosen={1: ("sun", "wang", "gao")})
    assert refused(asked, many, "li").circumstances["limit"] == 2
    two = engine.decide(asked, Act(verb=Verb.APPROVE, chosen={1: ("sun", "wang")}), by="li", now=NOW).request
    assert engine.waiting_for(two) == ("sun", "wang")


def test_a_turn_beside_one_that_is_kept_apart_is_found():
    """li acted in the first; of two open steps with li the second is free."""
    steps = (
        Step(name="buy", approvers=("li",), after=()),
        Step(name="accept", approvers=("li", "wang"), after=(), other_than=(0,)),
        Step(name="file", approvers=("li",), after=()),
    )
    draft = Request(id="i1", applicant="zhang", steps=steps)
    asked = engine.decide(draft, Act(verb=Verb.SUBMIT), by="zhang", now=NOW).request
    bought = engine.decide(asked, Act(verb=Verb.APPROVE), by="li", now=NOW).request
    assert engine.waiting_for(bought) == ("wang", "li")
    assert engine.decide(bought, Act(verb=Verb.APPROVE), by="li", now=NOW).decision.step == 2
