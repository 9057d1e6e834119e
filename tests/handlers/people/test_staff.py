from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.refs import PersonRef
from handlers.audit import log
from handlers.people import directory, staff
from handlers.people.matching import COLUMNS, Wanted
from handlers.people.plan import Difference, Known
from tests.handlers.people.offices import ORIGIN, applied, counter, facts_of, people_of, row


def office_of(*rows: Wanted) -> list[Known]:
    plan = staff.plan([], rows, new_id=counter())
    assert not plan.refusals, plan.refusals
    return applied([], plan)


def codes(plan) -> list[str]:
    return [doubt.code for doubt in plan.refusals]


def named(present, name):
    return next(known for known in present if known.person.name == name)


async def bring_in(database, wanted, now, **options):
    return await database.write(lambda tx: staff.bring_in(tx, wanted, now=now, origin=ORIGIN, **options))


async def test_an_office_comes_in_with_managers_accounts_and_facts(database, office, now):
    await bring_in(database, office, now)
    people = await people_of(database)
    assert people["李四"].person.manager == people["赵六"].id
    assert people["王五"].accounts == {PersonRef("wecom", "wangwu"): ""}
    assert (await facts_of(database)) == ["people.person_joined"] * 3 + ["people.account_linked"] * 3


async def test_importing_twice_changes_nothing_and_writes_no_fact(database, office, now):
    await bring_in(database, office, now)
    before = await facts_of(database)
    plan = await bring_in(database, office, now)
    assert plan.empty
    assert await facts_of(database) == before


async def test_a_dry_run_shows_everything_and_writes_nothing(database, office, now):
    plan = await bring_in(database, office, now, dry_run=True)
    assert len(plan.joined) == 3
    assert await people_of(database) == {}
    assert await facts_of(database) == []


async def test_what_is_personal_lies_outside_the_journals_body(database, office, now):
    await bring_in(database, office, now)
    wang = (await people_of(database))["王五"]
    bodies = await database.read(lambda tx: tx.fetch("SELECT body FROM journal"))
    assert not [body for body in bodies if "13800000002" in body["body"] or "王五" in body["body"]]
    recorded = (await database.read(lambda tx: log.read(tx, wang.id)))[0]
    assert recorded.data["record"]["mobile"] == "13800000002"


async def test_a_changed_field_is_named_with_before_and_after(database, office, now):
    await bring_in(database, office, now)
    plan = await bring_in(database, [office[0], replace(office[1], post="副科长"), office[2]], now)
    assert [change.differences for change in plan.changed] == [[Difference("post", "科员", "副科长")]]
    wang = (await people_of(database))["王五"]
    recorded = (await database.read(lambda tx: log.read(tx, wang.id)))[-1]
    assert (recorded.kind, recorded.data["fields"]) == ("people.person_changed", ["post"])
    assert recorded.data["changes"] == {"post": ["科员", "副科长"]}


async def test_leavers_are_only_reported_until_the_flag_says_so(database, office, now):
    await bring_in(database, office, now)
    plan = await bring_in(database, office[:2], now)
    assert [person.name for person in plan.absent] == ["李四"]
    assert plan.empty
    plan = await bring_in(database, office[:2], now, leavers=True)
    assert [person.name for person in plan.left] == ["李四"]
    li = PersonRef("dd", "lisi01")
    assert await database.read(lambda tx: directory.by_ref(tx, li)) is None
    assert (await facts_of(database))[-1] == "people.person_left"


async def test_who_comes_back_is_the_same_person(database, office, now):
    await bring_in(database, office, now)
    li = (await people_of(database))["李四"].id
    await bring_in(database, office[:2], now, leavers=True)
    plan = await bring_in(database, office, now)
    assert [change.returned for change in plan.changed] == [True]
    assert (await database.read(lambda tx: directory.by_ref(tx, PersonRef("dd", "lisi01")))).id == li
    assert (await facts_of(database))[-1] == "people.person_returned"


async def test_accounts_that_two_people_swap_move_in_one_go(database, now):
    await bring_in(database, [row("甲", "wecom:a", staff_no="1"), row("乙", "wecom:b", staff_no="2")], now)
    await bring_in(database, [row("甲", "wecom:b", staff_no="1"), row("乙", "wecom:a", staff_no="2")], now)
    found = await database.read(lambda tx: directory.by_ref(tx, PersonRef("wecom", "b")))
    assert found.name == "甲"


async def test_a_refused_list_changes_nothing_at_all(database, office, now):
    plan = await bring_in(database, [*office, row("钱七", "wecom:qianqi", manager="孙八")], now)
    assert codes(plan) == ["manager_unknown"]
    assert await people_of(database) == {}


def test_an_empty_list_makes_nobody_leave(office):
    assert codes(staff.plan(office_of(*office), [], leavers=True)) == ["empty"]


def test_a_staff_number_outlives_name_and_account():
    present = office_of(row("李四", "wecom:lisi", staff_no="7"))
    plan = staff.plan(present, [row("李思", "wecom:lisi2", staff_no="7")])
    assert plan.changed[0].after.id == present[0].id
    assert [doubt.code for doubt in plan.doubts] == ["account_replaced", "name_changed"]


def test_a_leavers_account_given_to_somebody_new_does_not_give_away_the_leavers_record(office):
    present = office_of(*office)
    left = applied(present, staff.plan(present, office[:2], leavers=True))
    plan = staff.plan(left, [*office[:2], row("周九", "dd:lisi01")])
    assert [known.person.name for known in plan.joined] == ["周九"]
    assert named(applied(left, plan), "李四").accounts == {}


def test_account_and_name_that_point_at_two_people_are_refused(office):
    swapped = [office[0], row("王五", "wecom:zhaoliu")]
    assert "several_people" in codes(
        staff.plan(office_of(row("赵六", "wecom:zhaoliu"), row("王五", "dd:w")), swapped[1:])
    )


def test_two_people_of_one_name_are_told_apart_by_number_and_account():
    present = office_of(row("张伟", "wecom:zw1", staff_no="1"), row("张伟", "wecom:zw2", staff_no="2"))
    given = COLUMNS - {"staff_no"}
    plan = staff.plan(
        present, [row("张伟", "wecom:zw2", post="主任", given=given), row("张伟", "wecom:zw1", given=given)]
    )
    assert [(change.after.person.staff_no, change.after.person.post) for change in plan.changed] == [("2", "主任")]


def test_a_row_that_may_be_either_of_two_namesakes_is_refused():
    present = office_of(row("张伟", "wecom:zw1", staff_no="1"), row("张伟", "wecom:zw2", staff_no="2"))
    assert codes(staff.plan(present, [row("张伟", "dd:new")])) == ["name_unclear"]


def test_a_new_namesake_beside_a_known_one_joins():
    present = office_of(row("张伟", "wecom:zw1"))
    plan = staff.plan(present, [row("张伟", "wecom:zw1", staff_no="1"), row("张伟", "wecom:zw2", staff_no="2")])
    assert [known.person.staff_no for known in plan.joined] == ["2"]
    assert plan.changed[0].after.id == present[0].id


@pytest.mark.parametrize("word", ["张三", "9", "zhangsan", "ZhangSan"])
def test_a_manager_may_be_a_name_a_number_or_an_account(word):
    present = office_of(row("张三", "wecom:zhangsan", staff_no="9"), row("李四", "wecom:lisi", manager=word))
    assert named(present, "李四").person.manager == named(present, "张三").id


def test_a_manager_who_is_two_people_is_refused():
    rows = [row("张伟", "w:1", staff_no="1"), row("张伟", "w:2", staff_no="2"), row("李四", "w:3", manager="张伟")]
    assert codes(staff.plan([], rows)) == ["manager_unclear"]


def test_managers_in_a_circle_are_refused_once_and_named():
    rows = [row("甲", "w:1", manager="丙"), row("乙", "w:2", manager="甲"), row("丙", "w:3", manager="乙")]
    plan = staff.plan([], rows)
    assert codes(plan) == ["circle"]
    assert set(plan.refusals[0].detail.split(" → ")) == {"甲", "乙", "丙"}


def test_a_circle_through_somebody_who_is_not_in_the_list_is_found():
    present = office_of(row("甲", "w:1"), row("乙", "w:2", manager="甲"))
    assert codes(staff.plan(present, [row("甲", "w:1", manager="乙")])) == ["circle"]


def test_nobody_is_their_own_manager():
    assert codes(staff.plan([], [row("甲", "w:1", manager="甲")])) == ["circle"]


def test_an_empty_cell_clears_and_a_missing_column_does_not():
    present = office_of(row("甲", "w:1", post="主任", mobile="13800000001"))
    without = row("甲", "w:1", given=COLUMNS - {"mobile"})
    after = staff.plan(present, [without]).changed[0].after.person
    assert (after.post, after.mobile) == ("", "13800000001")


def test_an_empty_cell_leaves_what_a_directory_filled():
    (known,) = office_of(row("甲", "w:1"))
    known = replace(known, person=replace(known.person, post="主任"), sources={"post": "w"})
    assert staff.plan([known], [row("甲", "w:1")]).empty


def test_the_list_takes_a_field_over_from_a_directory():
    (known,) = office_of(row("甲", "w:1"))
    known = replace(known, person=replace(known.person, post="主任"), sources={"post": "w"})
    after = staff.plan([known], [row("甲", "w:1", post="主任")]).changed[0].after
    assert after.sources == {}


def test_messages_go_to_the_first_account_of_the_list_unless_it_was_set():
    (known,) = office_of(row("甲", "dd:1", "wecom:a"))
    assert known.person.prefer == "dd"
    chosen = replace(known, person=replace(known.person, prefer="wecom"))
    assert staff.plan([chosen], [row("甲", "dd:1", "wecom:a")]).empty
    assert staff.plan([chosen], [row("甲", "dd:2", "wecom:a")]).changed == ()


def test_a_preferred_account_is_never_one_that_is_gone():
    (known,) = office_of(row("甲", "dd:1", "wecom:a"))
    known = replace(known, person=replace(known.person, prefer="yzj"))
    assert staff.plan([known], [row("甲", "dd:1", "wecom:a")]).changed[0].after.person.prefer == "dd"


def test_one_account_in_two_rows_is_refused():
    assert set(codes(staff.plan([], [row("甲", "w:1"), row("乙", "w:1")]))) == {"account_twice"}


NAMES = st.sampled_from(["甲", "乙", "丙", "丁"])
NUMBERS = st.sampled_from(["", "1", "2", "3"])
ACCOUNTS = st.lists(st.sampled_from(["w:1", "w:2", "w:3", "d:1", "d:2"]), max_size=2, unique_by=lambda one: one[0])
ROWS = st.lists(
    st.builds(
        lambda name, accounts, number, manager, post: row(name, *accounts, staff_no=number, manager=manager, post=post),
        NAMES, ACCOUNTS, NUMBERS, st.one_of(st.just(""), NAMES), st.sampled_from(["", "主任"]),
    ),
    max_size=5,
)  # fmt: skip
LISTS = st.lists(ROWS, min_size=1, max_size=4)


def history(lists: list[list[Wanted]]) -> list[Known]:
    """An office after several lists, refused ones left out; every second one made people leave."""
    present: list[Known] = []
    new_id = counter()
    for number, rows in enumerate(lists):
        plan = staff.plan(present, rows, leavers=number % 2 == 1, new_id=new_id)
        if not plan.refusals:
            present = applied(present, plan)
    return present


@given(LISTS, ROWS, st.booleans())
@settings(max_examples=400, deadline=None)
def test_any_list_brought_in_twice_is_a_no_op(lists, rows, leavers):
    present = history(lists)
    plan = staff.plan(present, rows, leavers=leavers, new_id=counter_from(present))
    if plan.refusals:
        return
    again = staff.plan(applied(present, plan), rows, leavers=leavers)
    assert not again.refusals
    assert again.empty


@given(LISTS, ROWS, st.randoms())
@settings(max_examples=400, deadline=None)
def test_the_order_of_the_rows_does_not_matter(lists, rows, random):
    present = history(lists)
    shuffled = rows[:]
    random.shuffle(shuffled)
    one, other = (staff.plan(present, some, new_id=counter_from(present)) for some in (rows, shuffled))
    assert refused(one) == refused(other)
    if not one.refusals:
        assert summary(present, one) == summary(present, other)


@given(LISTS)
@settings(max_examples=400, deadline=None)
def test_no_account_ever_belongs_to_two_people_and_nobody_is_doubled(lists):
    present = history(lists)
    refs = [ref for known in present for ref in known.accounts]
    assert len(refs) == len(set(refs))
    numbers = [known.person.staff_no for known in present if known.person.staff_no]
    assert len(numbers) == len(set(numbers))


@given(LISTS)
@settings(max_examples=300, deadline=None)
def test_one_always_gets_to_the_top(lists):
    managers = {known.id: known.person.manager for known in history(lists) if known.person.active}
    for person in managers:
        seen, at = set(), person
        while at in managers:
            assert at not in seen
            seen.add(at)
            at = managers[at]


def counter_from(present: list[Known]):
    numbers = counter()
    return lambda: f"n{numbers()}"


def refused(plan) -> tuple[list[str], bool]:
    """Without the circles themselves: each is told from one of its rows on, and among doubled rows from any."""
    return (
        sorted(str(doubt) for doubt in plan.refusals if doubt.code != "circle"),
        any(doubt.code == "circle" for doubt in plan.refusals),
    )


def summary(present: list[Known], plan) -> list[tuple[object, ...]]:
    """The office after the plan in words that do not depend on new ids."""
    after = applied(present, plan)
    names = {known.id: (known.person.name, known.person.staff_no, sorted(map(str, known.accounts))) for known in after}
    return sorted(
        (
            str(names[known.id]),
            known.person.post,
            known.person.active,
            known.person.prefer,
            str(names.get(known.person.manager)),
        )
        for known in after
    )


@pytest.mark.parametrize(("number", "account"), [("1", "wecom:lisi"), ("1", "wecom:other"), ("900", "wecom:lisi")])
def test_a_number_that_a_spreadsheet_shortened_makes_nobody_a_second_person(number, account):
    present = office_of(row("李四", "wecom:lisi", staff_no="001"))
    plan = staff.plan(present, [row("李四", account, staff_no=number)])
    assert codes(plan) == ["number_changed"]
    assert plan.refusals[0].detail == "001"


def test_a_namesake_with_a_number_and_an_account_of_their_own_is_somebody_new():
    present = office_of(row("李四", "wecom:lisi", staff_no="001"))
    assert len(staff.plan(present, [row("李四", "wecom:lisi2", staff_no="002")]).joined) == 1


def test_a_number_really_changes_over_an_empty_cell():
    present = office_of(row("李四", "wecom:lisi", staff_no="001"))
    emptied = applied(present, staff.plan(present, [row("李四", "wecom:lisi")]))
    plan = staff.plan(emptied, [row("李四", "wecom:lisi", staff_no="900")])
    assert [change.after.id for change in plan.changed] == [present[0].id]
