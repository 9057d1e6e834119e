"""What changed fields make of the route ahead, and what they leave alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers import errors
from handlers.approval import engine
from handlers.approval.engine import Act, Detour, Request, Side, State, Status, Step, Verb

NOW = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)


def step(name, who, **keys):
    return Step(name=name, title=name, approvers=(who,), **keys)


DEPT, MONEY = step("dept", "li"), step("money", "feng", edits=("sum",))
HEAD, SEAL = step("head", "sun"), step("seal", "wu")
SHORT = (DEPT, MONEY, SEAL)
LONG = (DEPT, MONEY, HEAD, SEAL)


def at_money(way=SHORT):
    draft = Request(id="i1", applicant="zhang", steps=way)
    return did(did(draft, Act(verb=Verb.SUBMIT), "zhang"), Act(verb=Verb.APPROVE), "li")


def did(request, act, by):
    return engine.decide(request, act, by=by, now=NOW).request


def amended(request, old, new, by="feng"):
    wanted = Act(verb=Verb.AMEND, values={"sum": 9}, changes={"sum": (1, 9)}, detour=engine.detour(request, old, new))
    return did(request, wanted, by)


def through(request):
    """Who is asked from here on, in order, if everybody agrees."""
    asked = []
    while request.state is State.PENDING:
        who = engine.waiting_for(request)[0]
        asked.append(who)
        request = did(request, Act(verb=Verb.APPROVE), who)
    return asked


def test_a_step_that_became_necessary_comes_where_the_form_has_it():
    assert through(amended(at_money(), SHORT, LONG)) == ["feng", "sun", "wu"]


def test_a_step_that_is_not_needed_any_more_is_left_out_and_what_was_done_stays():
    after = amended(at_money(LONG), LONG, SHORT)
    assert through(after) == ["feng", "wu"]
    assert [vote.by for vote in after.steps[0].votes] == ["li"]
    assert [one.status for one in after.steps][2] is Status.DROPPED


def test_there_and_back_again_is_the_first_way():
    after = amended(amended(at_money(), SHORT, LONG), LONG, SHORT)
    assert through(after) == ["feng", "wu"]


def test_the_same_way_changes_nothing_but_the_version():
    before = at_money()
    assert engine.detour(before, SHORT, SHORT) is None
    after = amended(before, SHORT, SHORT)
    assert after.version == before.version + 1
    assert engine.waiting_for(after) == ("feng",)


def test_other_people_ahead_take_the_place_of_those_before():
    assert through(amended(at_money(), SHORT, (DEPT, MONEY, step("seal", "zhou")))) == ["feng", "zhou"]


def test_who_was_handed_a_step_ahead_keeps_it():
    handed = did(at_money(), Act(verb=Verb.REPLACE, to=("wu", "zhou")), engine.SYSTEM)
    assert through(amended(handed, SHORT, LONG)) == ["feng", "sun", "zhou"]


def test_who_was_added_signs_before_what_is_new():
    added = did(at_money(), Act(verb=Verb.ADD_SIGNER, to=("gao",), side=Side.AFTER), "feng")
    assert through(amended(added, SHORT, LONG)) == ["feng", "gao", "sun", "wu"]


def test_a_step_that_should_have_come_before_is_refused_by_its_name():
    legal = (DEPT, step("legal", "fa"), MONEY, SEAL)
    with pytest.raises(errors.BadRequest) as error:
        engine.detour(at_money(), SHORT, legal)
    assert (error.value.code, error.value.circumstances["title"]) == ("amend_too_late", "legal")


def test_a_new_step_keeps_its_distance_and_its_chooser():
    new = (DEPT, MONEY, step("head", "feng", other_than=(1,), fallback=("sun",)), Step(name="seal", chosen_by=1))
    after = amended(at_money(), SHORT, new)
    assert [(one.other_than, one.chosen_by) for one in after.steps[3:]] == [((1,), None), ((), 1)]
    with pytest.raises(errors.BadRequest, match="choice_missing"):
        did(after, Act(verb=Verb.APPROVE), "feng")


def test_a_new_step_that_leads_to_nobody_is_refused():
    with pytest.raises(errors.NoApprover):
        amended(at_money(), SHORT, (DEPT, MONEY, step("own", "zhang"), SEAL))


@pytest.mark.parametrize(
    "detour",
    [
        Detour(gone=(0,)),
        Detour(gone=(1,)),
        Detour(after={1: ()}),
        Detour(after={2: (2,)}),
        Detour(new=(step("head", "sun", after=(9,)),)),
        Detour(new=(step("head", "sun", after=(1,), status=Status.DONE),)),
    ],
)
def test_nothing_but_what_lies_ahead_is_touched(detour):
    wanted = Act(verb=Verb.AMEND, values={"sum": 9}, changes={"sum": (1, 9)}, detour=detour)
    with pytest.raises(errors.BadRequest, match="route_circular"):
        did(at_money(), wanted, "feng")


@pytest.mark.parametrize(
    ("by", "values", "code"),
    [
        ("feng", {}, "no_change"),
        ("feng", {"sum": 9, "other": 1}, "not_editable"),
        ("wu", {"sum": 9}, "not_your_turn"),
        ("li", {"sum": 9}, "not_your_turn"),
        ("zhang", {"sum": 9}, "own_request"),
    ],
)
def test_only_the_people_of_the_present_step_and_only_its_fields(by, values, code):
    with pytest.raises(errors.RuleError) as error:
        did(at_money(), Act(verb=Verb.AMEND, values=values), by)
    assert error.value.code == code


def test_a_step_without_such_fields_has_no_such_verb():
    request = did(Request(id="i1", applicant="zhang", steps=SHORT), Act(verb=Verb.SUBMIT), "zhang")
    assert Verb.AMEND not in engine.allowed(request, by="li")
    assert Verb.AMEND in engine.allowed(at_money(), by="feng")


def test_nothing_is_changed_under_a_decision_that_can_still_be_undone():
    both = (DEPT, Step(name="money", approvers=("feng", "gao"), rule=engine.Rule.ALL, edits=("sum",)), SEAL)
    held = did(at_money(both), Act(verb=Verb.APPROVE, until=NOW), "gao")
    with pytest.raises(errors.BadRequest, match="deciding_now"):
        did(held, Act(verb=Verb.AMEND, values={"sum": 9}), "feng")


def test_the_history_leads_to_the_same_item():
    after = amended(amended(at_money(), SHORT, LONG), LONG, SHORT)
    draft = Request(id="i1", applicant="zhang")
    assert engine.replay(draft, [SHORT, *after.decisions]) == after
