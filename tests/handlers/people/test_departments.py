from __future__ import annotations

from connectors.contract import DirectoryDepartment, DirectoryPerson
from handlers.people.departments import Tree

TREE = [
    DirectoryDepartment("1", "示例局"),
    DirectoryDepartment("2", "办公室", "1"),
    DirectoryDepartment("3", "文秘组", "2"),
]


def member(number: str, *departments: str, **fields: object) -> DirectoryPerson:
    return DirectoryPerson(id=number, name=number, departments=departments, **fields)


def test_the_first_department_is_the_main_one():
    assert Tree(TREE, []).name(member("a", "3", "1")) == "文秘组"


def test_a_department_that_the_platform_hides_has_no_name():
    assert Tree(TREE, []).name(member("a", "9")) == ""
    assert Tree(TREE, []).name(member("a")) == ""


def test_a_team_without_a_leader_answers_to_the_next_one_up():
    head = member("head", "2", leads=("2",))
    assert Tree(TREE, [head]).manager(member("a", "3")) == "head"


def test_nobody_leads_themselves():
    chief = member("chief", "1", leads=("1",), manager="chief")
    assert Tree(TREE, [chief]).manager(chief) == ""


def test_departments_in_a_circle_end_somewhere():
    circle = [DirectoryDepartment("1", "甲", "2"), DirectoryDepartment("2", "乙", "1")]
    assert Tree(circle, []).manager(member("a", "1")) == ""
