"""Who may see whom, and of whom the kind as well."""

from __future__ import annotations

from handlers.people.directory import Person
from handlers.team.scope import below, scope


def person(name, department="", manager=""):
    return Person(id=name, name=name, department=department, manager=manager)


OFFICE = [
    person("sun", "领导"),
    person("li", "办公室", "sun"),
    person("zhang", "办公室", "li"),
    person("chen", "办公室", "li"),
    person("wang", "人事科", "sun"),
    person("driver", "", "zhang"),
]
BY_NAME = {one.id: one for one in OFFICE}


def seen(name, *roles):
    return scope(BY_NAME[name], OFFICE, roles=frozenset(roles))


def test_a_colleague_sees_the_department_and_no_kinds_but_the_own():
    eyes = seen("chen")
    assert set(eyes.people) == {"li", "zhang", "chen"}
    assert not eyes.sees_kind("zhang")
    assert not eyes.sees_kind("li")
    assert eyes.sees_kind("chen", confidential=True)


def test_a_leader_sees_everybody_below_with_kinds_but_the_confidential_ones():
    eyes = seen("sun")
    assert set(eyes.people) == {one.id for one in OFFICE}
    assert eyes.sees_kind("driver")
    assert not eyes.sees_kind("driver", confidential=True)
    assert not seen("li").sees("wang")


def test_a_leader_does_not_see_the_kind_of_a_peer_in_the_department():
    eyes = scope(BY_NAME["li"], [*OFFICE, person("peer", "办公室", "sun")], roles=frozenset())
    assert eyes.sees("peer")
    assert not eyes.sees_kind("peer")


def test_personnel_see_all():
    eyes = seen("wang", "personnel")
    assert set(eyes.people) == {one.id for one in OFFICE}
    assert eyes.sees_kind("zhang", confidential=True)


def test_somebody_without_a_department_sees_no_others_without_one():
    eyes = scope(person("x"), [person("x"), person("y")], roles=frozenset())
    assert set(eyes.people) == {"x"}


def test_a_circle_of_managers_ends():
    assert below("a", [person("a", manager="b"), person("b", manager="a")]) == {"b"}


def test_one_department_of_what_may_be_seen():
    assert set(seen("sun").of("人事科").people) == {"wang"}
    assert seen("chen").of("人事科").people == {}
