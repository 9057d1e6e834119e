from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from handlers.approval import engine
from handlers.approval.language import expressions, routes
from handlers.approval.language.form_model import from_data
from handlers.approval.language.routes import People
from handlers.people.directory import Person

TODAY = date(2026, 4, 27)


def person(name, department, post, manager="", staff_no=""):
    return Person(id=name, name=name, department=department, post=post, manager=manager, staff_no=staff_no)


STAFF = [
    person("孙立新", "中心领导", "主任"),
    person("赵六", "中心领导", "副主任", "孙立新"),
    person("李四", "办公室", "办公室主任", "赵六"),
    person("张三", "办公室", "科员", "李四", "004"),
    person("陈静", "办公室", "内勤", "李四"),
    person("冯雪", "财务科", "科长", "赵六"),
]
PEOPLE = People(
    persons={one.id: one for one in STAFF},
    roles={"office_director": ("李四",), "admin": ("陈静",), "keepers": ("陈静", "冯雪", "张三")},
)


def step(code, who, **more):
    return {"step": code, "title": code, "who": who, **more}


def resolved(*nodes, applicant="张三", people=PEOPLE, fields=None, zero="", **values):
    fields = fields or {"n": {"title": "数", "type": "number"}, "boss": {"title": "人", "type": "person"},
                        "dept": {"title": "部门", "type": "department"}}  # fmt: skip
    form = from_data({"form": "t", "title": "测试", "fields": fields, "route": nodes, "zero_approval": zero})
    about = routes.about(people, applicant, today=TODAY)
    return routes.resolve(form, values, applicant=applicant, people=people, about=about)


def asked(route):
    return [(one.step, one.people) for one in route.stations if one.index is not None]


@pytest.mark.parametrize(
    ("who", "people", "why"),
    [
        ({"manager_of": "applicant"}, ("李四",), ("manager", "张三", 1)),
        ({"manager_of": "applicant", "level": 2}, ("赵六",), ("manager", "张三", 2)),
        ({"manager_of": "boss"}, ("赵六",), ("manager", "冯雪", 1)),
        ({"department_head": "applicant"}, ("李四",), ("department_head", "办公室", 0)),
        ({"department_head": "dept"}, ("冯雪",), ("department_head", "财务科", 0)),
        ({"department_head": "中心领导"}, ("孙立新",), ("department_head", "中心领导", 0)),
        ({"role": "admin"}, ("陈静",), ("role", "admin", 0)),
        ({"post": "副主任"}, ("赵六",), ("post", "副主任", 0)),
        ({"person": "冯雪"}, ("冯雪",), ("person", "冯雪", 0)),
        ({"applicant_choice": "boss"}, ("冯雪",), ("applicant_choice", "人", 0)),
    ],
)
def test_every_way_of_naming_people_finds_them_and_says_why(who, people, why):
    [station] = resolved(step("a", who), boss="冯雪", dept="财务科").stations
    assert station.people == people
    assert (station.why.code, station.why.name, station.why.level) == why


def test_several_levels_are_asked_one_after_another():
    route = resolved(step("line", {"manager_of": "applicant", "levels": 3}))
    assert asked(route) == [("line", ("李四",)), ("line_2", ("赵六",)), ("line_3", ("孙立新",))]
    assert [one.after for one in route.steps] == [(), (0,), (1,)]


def test_a_step_whose_condition_does_not_hold_is_left_out_and_shown():
    route = resolved(step("a", {"role": "admin"}), step("b", {"post": "主任"}, when="n > 5"), n=5)
    assert asked(route) == [("a", ("陈静",))]
    assert route.stations[1].why.code == "condition"
    assert asked(resolved(step("b", {"post": "主任"}, when="n > 5"), n=6)) == [("b", ("孙立新",))]


def test_branches_begin_together_and_are_joined_by_the_next_step():
    fork = {"parallel": [[step("a", {"role": "admin"}), step("b", {"post": "主任"})], [step("c", {"person": "冯雪"})]]}
    route = resolved(step("first", {"post": "副主任"}), fork, step("last", {"role": "office_director"}))
    assert [(one.name, one.after) for one in route.steps] == [
        ("first", ()), ("a", (0,)), ("b", (1,)), ("c", (0,)), ("last", (2, 3)),
    ]  # fmt: skip


def test_nobody_decides_an_own_request_whatever_the_form_says():
    own = {"role": "office_director"}
    up = resolved(step("a", own), applicant="李四")
    assert asked(up) == [("a", ("赵六",))]
    assert up.stations[0].instead == "own"
    assert resolved(step("a", own, if_applicant="skip"), applicant="李四").stations[0].instead == "passed"
    assert asked(resolved(step("a", own, if_applicant={"role": ("admin",)}), applicant="李四")) == [("a", ("陈静",))]


def test_a_step_without_anybody_stops_is_skipped_or_goes_to_the_first_role_that_somebody_holds():
    nobody = {"role": "finance"}
    assert resolved(step("a", nobody)).blocked == "a"
    assert resolved(step("a", nobody, if_empty="skip")).blocked == ""
    escape = resolved(step("a", nobody, if_empty={"role": ("office_director", "admin")}), applicant="李四")
    assert asked(escape) == [("a", ("陈静",))]


def test_a_name_that_two_people_have_is_nobodys():
    namesake = replace(person("冯雪", "办公室", "科员", staff_no="009"), id="x")
    people = People(persons={**PEOPLE.persons, "x": namesake})
    assert resolved(step("a", {"person": "冯雪"}), people=people).blocked == "a"
    assert resolved(step("a", {"person": "009"}), people=people).stations[0].people == ("x",)


def test_votes_carry_weights_and_a_share():
    vote = {"vote": {"share": 67, "weights": {"office_director": 3, "冯雪": 2}}}
    fields = {"voters": {"title": "人", "type": "person", "many": True}}
    chosen = ["李四", "冯雪", "陈静"]
    [one] = resolved(step("a", {"applicant_choice": "voters"}, rule=vote), fields=fields, voters=chosen).steps
    assert (one.rule, one.weights, one.need) == (engine.Rule.WEIGHT, (3, 2, 1), 5)
    [two] = resolved(step("a", {"role": "keepers"}, rule={"at_least": 2}), applicant="赵六").steps
    assert (two.rule, two.need) == (engine.Rule.COUNT, 2)


def test_a_later_step_waits_for_the_names_that_an_earlier_one_gives():
    chosen = step("b", {"chosen_by": "a", "among": "keepers"})
    route = resolved(step("a", {"role": "office_director"}), chosen)
    assert (route.steps[1].chosen_by, route.steps[1].candidates) == (0, ("陈静", "冯雪", "张三"))
    assert route.blocked == ""


def test_a_condition_that_cannot_be_computed_is_said_and_not_guessed():
    with pytest.raises(expressions.Failed):
        resolved(step("a", {"role": "admin"}, when="100 / n > 3"), n=0)


def test_a_circle_of_managers_ends():
    persons = {"a": person("a", "x", "y", "b"), "b": person("b", "x", "y", "a")}
    assert People(persons=persons).managers("a") == ["b"]


BUY = step("buy", {"role": "admin"}, task={"button": "已采购"})


def test_who_bought_is_certain_not_to_accept_and_somebody_else_is_found():
    accept = step("accept", {"role": "keepers"}, task={}, other_than=["buy"])
    route = resolved(step("ask", {"manager_of": "applicant"}), BUY, accept)
    last = route.stations[-1]
    assert (last.people, last.apart, last.instead) == (("冯雪",), ("buy",), "")
    assert route.steps[2].other_than == (1,)
    assert route.steps[1].button == "已采购"


def test_where_only_the_buyer_could_accept_the_form_says_who_does_it_instead():
    accept = step("accept", {"role": "admin"}, task={}, other_than=["buy"], if_empty={"role": ["office_director"]})
    route = resolved(step("ask", {"manager_of": "applicant"}), BUY, accept)
    assert (route.stations[-1].people, route.stations[-1].instead) == (("李四",), "apart")
    stuck = step("accept", {"role": "admin"}, task={}, other_than=["buy"], if_applicant="skip")
    assert resolved(step("ask", {"manager_of": "applicant"}), BUY, stuck).blocked == "accept"


def test_every_level_of_managers_counts_as_the_other_step():
    levels = step("line", {"manager_of": "applicant", "levels": 2})
    route = resolved(levels, step("check", {"role": "keepers"}, other_than=["line"]))
    assert route.steps[2].other_than == (0, 1)


def test_a_step_that_is_left_out_keeps_nobody_apart():
    buy = {**BUY, "when": "n > 3"}
    accept = step("accept", {"role": "admin"}, other_than=["buy"])
    route = resolved(step("ask", {"role": "office_director"}), buy, accept, n=1)
    assert (route.stations[-1].people, route.steps[-1].other_than) == (("陈静",), ())


def test_a_task_of_the_applicants_leads_to_the_applicant():
    sign = step("sign", {"applicant": True}, task={"button": "已签收"})
    route = resolved(step("ask", {"manager_of": "applicant"}), sign)
    assert asked(route)[-1] == ("sign", ("张三",))
    assert (route.steps[-1].applicant_task, route.blocked, route.stations[-1].why.code) == (True, "", "applicant")


def test_edits_and_the_most_that_may_be_chosen_reach_the_engine():
    chosen = step("do", {"chosen_by": "ask", "at_most": 2})
    route = resolved(step("ask", {"role": "admin"}, edits=["n"]), chosen)
    assert (route.steps[0].edits, route.steps[1].at_most) == (("n",), 2)
