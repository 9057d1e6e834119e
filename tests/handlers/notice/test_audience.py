"""Words that people write, against the people there are."""

from __future__ import annotations

import pytest

from handlers.notice import audience
from handlers.people.directory import Person

ROWS = (
    ("sun", "孙立新", "中心领导", "主任", "001"),
    ("li", "李四", "办公室", "办公室主任", "003"),
    ("zhang", "张三", "办公室", "科员", "004"),
    ("wang", "王五", "人事科", "人事科科长", "005"),
    ("he", "何军", "后勤科", "科长", "008"),
    ("liu1", "刘洋", "后勤科", "科员", "011"),
    ("liu2", "刘洋", "办公室", "科员", "012"),
)
STAFF = [Person(id=i, name=n, department=d, post=p, staff_no=s) for i, n, d, p, s in ROWS]
NAMED = {"中层干部": ("办公室主任", "科长"), "会务组": ("张三", "会务组", "没有的人")}


@pytest.mark.parametrize(
    ("words", "people"),
    [
        ("全体", "sun li zhang wang he liu1 liu2"),
        ("办公室", "li zhang liu2"),
        ("办公室、后勤科", "li zhang he liu1 liu2"),
        ("各科长", "wang he"),
        ("办公室全体，何军", "li zhang he liu2"),
        ("全体除了后勤科", "sun li zhang wang liu2"),
        ("全体（不含孙立新、李四）", "zhang wang he liu1 liu2"),
        ("办公室 除李四外", "zhang liu2"),
        ("中层干部", "li wang he"),
        ("011", "liu1"),
        ("", ""),
    ],
)
def test_departments_posts_names_numbers_and_groups(words: str, people: str):
    found = audience.resolve(words, STAFF, named=NAMED)
    assert [person.id for person in found.people] == people.split()
    assert not found.unknown
    assert not found.ambiguous


def test_what_leads_to_nobody_or_to_several_is_named():
    found = audience.resolve("保卫科、刘洋、张三", STAFF)
    assert found.unknown == ("保卫科", "刘洋")
    assert found.ambiguous == ("刘洋",)
    assert [person.id for person in found.people] == ["zhang"]


def test_a_group_that_names_itself_ends():
    found = audience.resolve("会务组", STAFF, named=NAMED)
    assert [person.id for person in found.people] == ["zhang"]
    assert found.unknown == ("会务组", "没有的人")


def test_people_picked_by_hand_come_along_once():
    found = audience.resolve("办公室", STAFF, also=("zhang", "he"))
    assert [person.id for person in found.people] == ["li", "zhang", "he", "liu2"]
