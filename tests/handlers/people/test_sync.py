from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import DirectoryDepartment, DirectoryPerson
from connectors.refs import PersonRef
from handlers.people import changes, directory, staff, sync
from handlers.people.matching import Wanted
from handlers.people.plan import Known
from tests.handlers.people.offices import ORIGIN, applied, counter, facts_of, people_of, row

DEPARTMENTS = [DirectoryDepartment("1", "示例局"), DirectoryDepartment("2", "办公室", "1")]


def member(number: str, name: str, **fields: object) -> DirectoryPerson:
    return DirectoryPerson(id=number, name=name, **fields)


def office_of(*rows: Wanted) -> list[Known]:
    return applied([], staff.plan([], rows, new_id=counter()))


def plan_of(present, *members, account="wecom", departments=DEPARTMENTS):
    return sync.plan(present, members, departments, account=account)


def after(present, *members, **options) -> dict[str, Known]:
    return {known.person.name: known for known in applied(present, plan_of(present, *members, **options))}


def codes(doubts) -> list[str]:
    return [doubt.code for doubt in doubts]


def crowd(number: int) -> list[DirectoryPerson]:
    return [member(f"u{n}", f"人{n}") for n in range(number)]


async def test_an_office_that_only_has_a_directory_comes_in_whole(database, now):
    members = [
        member("boss", "赵六", departments=("2",), leads=("2",), post="主任"),
        member("lisi", "李四", departments=("2",), mobile="+86-13800000003", union_id="U1"),
    ]
    await bring_in(database, members, now)
    people = await people_of(database)
    li = people["李四"]
    assert (li.person.department, li.person.mobile, li.person.manager) == ("办公室", "13800000003", people["赵六"].id)
    assert li.accounts == {PersonRef("wecom", "lisi"): "U1"}
    written = await facts_of(database)
    assert (await bring_in(database, members, now)).empty
    assert await facts_of(database) == written


async def test_a_leaver_becomes_inactive_and_comes_back_as_the_same_person(database, now):
    await bring_in(database, crowd(6), now)
    one = (await people_of(database))["人5"].id
    await bring_in(database, crowd(5), now)
    assert await database.read(lambda tx: directory.by_ref(tx, PersonRef("wecom", "u5"))) is None
    assert (await facts_of(database))[-1] == "people.person_left"
    await bring_in(database, crowd(6), now)
    assert (await database.read(lambda tx: directory.by_ref(tx, PersonRef("wecom", "u5")))).id == one


async def test_a_directory_that_lost_half_the_office_is_not_believed(database, now):
    await bring_in(database, crowd(10), now)
    plan = await bring_in(database, crowd(5), now)
    assert [(doubt.code, doubt.name, doubt.detail) for doubt in plan.refusals] == [("brake", "5", "10")]
    assert all(known.person.active for known in (await people_of(database)).values())


async def test_a_changed_id_keeps_the_person(database, now):
    await bring_in(database, crowd(2), now)
    before = (await people_of(database))["人1"].id
    old, new = PersonRef("wecom", "u1"), PersonRef("wecom", "renamed")
    assert await database.write(lambda tx: changes.rename(tx, old, new, now=now, origin=ORIGIN))
    plan = await bring_in(database, [member("u0", "人0"), member("renamed", "人1")], now)
    assert plan.empty
    assert (await database.read(lambda tx: directory.by_ref(tx, new))).id == before
    assert (await facts_of(database))[-2:] == ["people.account_unlinked", "people.account_linked"]


async def test_an_id_is_not_changed_into_somebody_elses(database, now):
    await bring_in(database, crowd(2), now)
    u0, u1, nobody = (PersonRef("wecom", number) for number in ("u0", "u1", "nobody"))
    assert not await database.write(lambda tx: changes.rename(tx, u0, u1, now=now, origin=ORIGIN))
    assert not await database.write(lambda tx: changes.rename(tx, nobody, u1, now=now, origin=ORIGIN))
    assert (await database.read(lambda tx: directory.by_ref(tx, u0))).name == "人0"


def test_three_of_four_may_leave_but_not_everybody():
    present = applied([], plan_of([], *crowd(4)))
    assert len(plan_of(present, *crowd(1)).left) == 3
    assert codes(plan_of(present).refusals) == ["directory_empty"]


@pytest.mark.parametrize(("size", "left", "refused"), [(20, 4, False), (20, 5, True), (19, 4, True), (3, 3, True)])
def test_the_brake_pulls_above_a_fifth_and_above_three(size, left, refused):
    present = applied([], plan_of([], *crowd(size)))
    assert bool(plan_of(present, *crowd(size - left)).refusals) is refused


def test_who_still_has_another_account_stays_and_loses_only_this_one():
    present = office_of(row("李四", "wecom:lisi", "dd:l1"), row("王五", "wecom:w"))
    plan = plan_of(present, member("w", "王五"))
    assert plan.left == ()
    assert [link.ref.id for link in plan.unlinked] == ["lisi"]


def test_a_member_is_linked_by_mobile_before_name():
    present = office_of(row("李四", "dd:1", mobile="13800000003"), row("李思", "dd:2"))
    found = after(present, member("x", "李思", mobile="13800000003"))
    assert PersonRef("wecom", "x") in found["李四"].accounts


def test_a_number_that_two_people_share_links_neither_now_nor_next_time():
    present = office_of(row("甲", "dd:1", mobile="13800000003"), row("乙", "dd:2", mobile="13800000003"))
    members = [member("b", "甲"), member("c", "甲", mobile="13800000003")]
    plan = plan_of(present, *members)
    assert codes(plan.doubts) == ["mobile_unclear", "name_unclear"]
    assert plan.empty


def test_a_person_whom_two_members_may_be_is_left_as_they_are():
    present = list(after([], member("b", "甲", mobile="13800000003")).values())
    plan = plan_of(present, member("a", "甲", mobile="13800000003"), member("b", "乙"))
    assert codes(plan.doubts) == ["mobile_unclear"]
    assert plan.empty


def test_a_member_with_a_colleagues_number_is_somebody_else():
    present = list(after([], member("a", "甲", mobile="13800000003")).values())
    found = after(present, member("a", "甲", mobile="13800000003"), member("b", "乙", mobile="13800000003"))
    assert sorted(found) == ["乙", "甲"]


def test_a_member_is_linked_by_a_name_that_is_unique():
    found = after(office_of(row("李四", "dd:1")), member("lisi", "李四"))
    assert list(found) == ["李四"]
    assert found["李四"].on("wecom") == [PersonRef("wecom", "lisi")]


def test_two_people_of_one_name_are_never_guessed():
    present = office_of(row("张伟", "dd:1", staff_no="1"), row("张伟", "dd:2", staff_no="2"))
    plan = plan_of(present, member("zw", "张伟"))
    assert codes(plan.doubts) == ["name_unclear"]
    assert plan.empty


def test_of_two_namesakes_the_one_without_an_account_there_is_meant():
    present = office_of(row("张伟", "dd:1", "wecom:zw1", staff_no="1"), row("张伟", "dd:2", staff_no="2"))
    plan = plan_of(present, member("zw1", "张伟"), member("zw2", "张伟"))
    assert [link.person for link in plan.linked] == [
        next(known.id for known in present if known.person.staff_no == "2")
    ]


def test_two_new_members_of_one_name_are_two_people():
    plan = plan_of([], member("a", "张伟"), member("b", "张伟"))
    assert len({known.id for known in plan.joined}) == 2


def test_a_namesake_with_another_mobile_number_is_not_linked():
    plan = plan_of(office_of(row("李四", "dd:1", mobile="13800000003")), member("x", "李四", mobile="13900000009"))
    assert codes(plan.doubts) == ["other_mobile"]
    assert plan.empty


def test_an_id_changed_without_an_event_is_found_by_mobile():
    present = office_of(row("李四", "wecom:old", mobile="13800000003"))
    found = after(present, member("new", "李四", mobile="13800000003"))
    assert list(found["李四"].accounts) == [PersonRef("wecom", "new")]


def test_an_id_changed_without_an_event_and_without_mobile_is_left_to_a_human():
    present = office_of(row("李四", "wecom:old"), row("王五", "wecom:w"))
    plan = plan_of(present, member("new", "李四"), member("w", "王五"))
    assert codes(plan.doubts) == ["renamed_perhaps"]
    assert plan.empty


def test_who_left_by_the_offices_list_is_not_brought_back_by_a_directory():
    present = office_of(row("李四", "wecom:lisi"), row("王五", "wecom:w"))
    present = applied(present, staff.plan(present, [row("王五", "wecom:w")], leavers=True))
    plan = plan_of(present, member("lisi", "李四"), member("w", "王五"))
    assert codes(plan.doubts) == ["left_but_present"]
    assert plan.empty


def test_a_leavers_id_given_to_somebody_else_is_a_new_person():
    present = applied([], plan_of([], *crowd(5)))
    present = applied(present, plan_of(present, *crowd(4)))
    found = after(present, *crowd(4), member("u4", "新来的"))
    assert list(found["新来的"].accounts) == [PersonRef("wecom", "u4")]
    assert found["人4"].accounts == {}
    assert not found["人4"].person.active


def test_the_offices_list_is_never_overwritten_and_its_gaps_are_filled():
    present = office_of(row("李四", "wecom:lisi", post="科长", first_work_date="2016-08-01"))
    found = after(present, member("lisi", "小李", post="职员", departments=("2",)))["李四"]
    assert (found.person.post, found.person.department) == ("科长", "办公室")
    assert found.person.first_work_date == "2016-08-01"
    assert found.sources == {"department": "wecom"}


def test_what_a_directory_filled_follows_it_but_is_not_emptied_by_it():
    present = list(after([], member("lisi", "李四", post="职员")).values())
    assert after(present, member("lisi", "李四", post="科长"))["李四"].person.post == "科长"
    assert after(present, member("lisi", "李四"))["李四"].person.post == "职员"


def test_two_directories_do_not_fight_over_a_field():
    present = list(after([], member("lisi", "李四", post="职员", mobile="13800000003")).values())
    other = [member("1", "李四", post="科员", mobile="13800000003")]
    present = list(after(present, *other, account="dd").values())
    assert present[0].person.post == "职员"
    assert plan_of(present, *other, account="dd").empty
    assert plan_of(present, member("lisi", "李四", post="职员", mobile="13800000003")).empty


def test_a_field_passes_to_another_directory_when_the_first_account_is_gone():
    present = office_of(row("李四", "dd:1"))
    present = [replace(present[0], person=replace(present[0].person, post="职员"), sources={"post": "wecom"})]
    assert after(present, member("1", "李四", post="科长"), account="dd")["李四"].person.post == "科长"


def test_the_direct_manager_wins_over_the_leader_of_the_department():
    members = [
        member("a", "甲", departments=("2",), leads=("2",)),
        member("b", "乙"),
        member("c", "丙", departments=("2",), manager="b"),
        member("d", "丁", departments=("2",)),
    ]
    found = after([], *members)
    assert found["丙"].person.manager == found["乙"].id
    assert found["丁"].person.manager == found["甲"].id


def test_a_leader_answers_to_the_leader_above_and_two_leaders_are_not_chosen_from():
    members = [
        member("a", "甲", departments=("1",), leads=("1",)),
        member("b", "乙", departments=("2",), leads=("2",)),
    ]
    found = after([], *members)
    assert (found["乙"].person.manager, found["甲"].person.manager) == (found["甲"].id, "")
    found = after(
        [], *members, member("c", "丙", departments=("1",), leads=("1",)), member("d", "丁", departments=("1",))
    )
    assert found["丁"].person.manager == ""


def test_managers_in_a_circle_are_not_taken_over():
    plan = plan_of([], member("a", "甲", manager="b"), member("b", "乙", manager="a"))
    assert codes(plan.doubts) == ["manager_circle"]
    assert sorted(bool(known.person.manager) for known in plan.joined) == [False, True]


def test_a_swap_of_manager_and_managed_is_no_circle():
    present = list(after([], member("a", "甲", manager="b"), member("b", "乙")).values())
    plan = plan_of(present, member("a", "甲", manager="c"), member("b", "乙", manager="a"), member("c", "丙"))
    assert plan.doubts == ()


def test_a_leaver_who_leads_somebody_is_pointed_out():
    present = list(after([], *crowd(4), member("x", "小王", manager="u3")).values())
    plan = plan_of(present, *crowd(3), member("x", "小王"))
    assert [(doubt.code, doubt.name, doubt.detail) for doubt in plan.doubts] == [("manager_left", "人3", "1")]


def test_disabled_members_count_as_gone_and_never_join():
    present = applied([], plan_of([], *crowd(5)))
    plan = plan_of(present, *crowd(4), member("u4", "人4", active=False), member("z", "周", active=False))
    assert [person.name for person in plan.left] == ["人4"]
    assert plan.joined == ()


async def bring_in(database, members, now, **options):
    return await database.write(
        lambda tx: sync.bring_in(tx, members, DEPARTMENTS, account="wecom", now=now, origin=ORIGIN, **options)
    )


async def test_a_dry_run_writes_nothing(database, now):
    plan = await bring_in(database, crowd(2), now, dry_run=True)
    assert len(plan.joined) == 2
    assert await facts_of(database) == []


def test_a_leaver_closes_no_circle_of_managers():
    three = [member("c", "乙", manager="d"), member("d", "丙"), member("e", "丁", manager="c")]
    present = applied([], plan_of([], *three))
    plan = plan_of(present, member("d", "丙", manager="e"), member("e", "丁"))
    assert codes(plan.doubts) == ["manager_left"]
    ids = {known.person.name: known.id for known in present}
    assert [change.after.person.manager for change in plan.changed] == [ids["丁"]]


def test_a_circle_is_not_closed_by_the_manager_that_somebody_keeps():
    present = applied([], plan_of([], member("a", "甲"), member("e", "乙", manager="a")))
    plan = plan_of(present, member("a", "甲", manager="e"), member("e", "乙", manager="a"))
    assert codes(plan.doubts) == ["manager_circle"]
    assert plan.changed == () or all(not one.after.person.manager for one in plan.changed)


IDS = ["a", "b", "c", "d", "e"]
MEMBERS = st.builds(
    member,
    st.sampled_from(IDS),
    st.sampled_from(["甲", "乙", "丙"]),
    mobile=st.sampled_from(["", "1", "2"]),
    manager=st.sampled_from(["", *IDS]),
    active=st.booleans(),
    post=st.sampled_from(["", "主任"]),
)
DIRECTORIES = st.lists(MEMBERS, max_size=5, unique_by=lambda one: one.id)
ROWS = st.lists(
    st.builds(
        lambda name, ref, mobile: row(name, ref, mobile=mobile),
        st.sampled_from(["甲", "乙", "丙"]),
        st.sampled_from(["wecom:a", "wecom:b", "dd:a"]),
        st.sampled_from(["", "1"]),
    ),
    max_size=3,
)
STEPS = st.lists(st.one_of(ROWS, st.tuples(st.sampled_from(["wecom", "dd"]), DIRECTORIES)), max_size=5)


def history(steps) -> list[Known]:
    """An office after lists and directories in turn, refused ones left out."""
    present: list[Known] = []
    for step in steps:
        made = plan_of(present, *step[1], account=step[0]) if isinstance(step, tuple) else staff.plan(present, step)
        if not made.refusals:
            present = applied(present, made)
    return present


# An ordinary directory: who somebody is does not change under the same id, though two may have one name.
WHO = {"a": ("甲", ""), "b": ("甲", "2"), "c": ("乙", "3"), "d": ("丙", ""), "e": ("丁", "5")}
ORDINARY = st.lists(
    st.builds(
        lambda number, **fields: member(number, WHO[number][0], mobile=WHO[number][1], **fields),
        st.sampled_from(IDS),
        manager=st.sampled_from(["", *IDS]),
        active=st.booleans(),
        post=st.sampled_from(["", "科员", "主任"]),
    ),
    max_size=5,
    unique_by=lambda one: one.id,
)
ORDINARY_STEPS = st.lists(st.one_of(ROWS, st.tuples(st.sampled_from(["wecom", "dd"]), ORDINARY)), max_size=5)


@given(ORDINARY_STEPS, ORDINARY)
@settings(max_examples=500, deadline=None)
def test_an_ordinary_directory_brought_in_twice_is_a_no_op(steps, members):
    present = history(steps)
    made = plan_of(present, *members)
    if made.refusals:
        return
    assert plan_of(applied(present, made), *members).empty


@given(STEPS, DIRECTORIES)
@settings(max_examples=500, deadline=None)
def test_any_directory_comes_to_rest(steps, members):
    """Names and numbers that pass from one id to another may take a second reading, as the first one changed them."""
    present = history(steps)
    for _ in range(4):
        made = plan_of(present, *members)
        if made.refusals or made.empty:
            return
        present = applied(present, made)
    raise AssertionError("still changing after four readings")


@given(STEPS)
@settings(max_examples=500, deadline=None)
def test_no_history_gives_an_account_to_two_people_or_a_circle_of_managers(steps):
    present = history(steps)
    refs = [ref for known in present for ref in known.accounts]
    assert len(refs) == len(set(refs))
    managers = {known.id: known.person.manager for known in present if known.person.active}
    for person in managers:
        seen, at = set(), person
        while at in managers:
            assert at not in seen
            seen.add(at)
            at = managers[at]


@given(STEPS, DIRECTORIES, st.randoms())
@settings(max_examples=300, deadline=None)
def test_the_order_of_the_members_does_not_matter(steps, members, random):
    present = history(steps)
    shuffled = members[:]
    random.shuffle(shuffled)
    one, other = (
        sync.plan(present, some, DEPARTMENTS, account="wecom", new_id=counter_from()) for some in (members, shuffled)
    )
    assert one.doubts == other.doubts
    assert {known.person.name for known in one.joined} == {known.person.name for known in other.joined}
    assert {link.ref for link in one.linked} == {link.ref for link in other.linked}
    assert {link.ref for link in one.unlinked} == {link.ref for link in other.unlinked}


def counter_from():
    numbers = counter()
    return lambda: f"n{numbers()}"
