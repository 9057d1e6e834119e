"""An account given, moved, taken away; two who are one, one who was two; and a directory that is told so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.contract import DirectoryPerson
from connectors.refs import PersonRef
from handlers.people import changes, linking, staff, sync
from handlers.people.plan import MERGED
from tests.handlers.people.offices import ORIGIN, applied, counter, facts_of, people_of, row

ZHANG, OTHER = PersonRef("dd", "zhangsan"), PersonRef("dd", "zs")


@pytest.fixture
def present():
    """张三 on WeCom from the list; 张三 again and 李四 on DingTalk from its directory."""
    ours = applied([], staff.plan([], [row("张三", "wecom:zhangsan", staff_no="4")], new_id=counter()))
    members = [DirectoryPerson("zs", "张三"), DirectoryPerson("lisi", "李四")]
    found = []
    for number in range(len(members)):
        made = sync.plan(found, members[: number + 1], [], account="dd", new_id=lambda number=number: f"d{number}")
        found = applied(found, made)
    return [*ours, *found]


def person(present, name, at="wecom"):
    return next(one for one in present if one.person.name == name and one.on(at))


def test_an_account_that_is_nobodys_becomes_theirs(present):
    zhang = person(present, "张三")
    plan = linking.link(present, zhang.id, ZHANG)
    assert [link.ref for link in plan.linked] == [ZHANG]
    assert (plan.refusals, plan.unlinked, plan.left) == ((), (), ())


def test_what_is_theirs_already_changes_nothing(present):
    zhang = person(present, "张三")
    assert linking.link(present, zhang.id, PersonRef("wecom", "zhangsan")).empty


def test_somebody_elses_account_is_refused_with_the_name(present):
    plan = linking.link(present, person(present, "张三").id, PersonRef("dd", "lisi"))
    assert [(one.code, one.detail) for one in plan.refusals] == [("account_taken", "李四")]


def test_two_whom_two_platforms_brought_are_one_once_the_account_moves(present):
    ours, theirs = person(present, "张三"), person(present, "张三", "dd")
    plan = linking.link(present, ours.id, OTHER, move=True)
    assert (plan.left, plan.left_by) == ((theirs.person,), MERGED)
    after = applied(present, plan)
    again = sync.plan(after, [DirectoryPerson("zs", "张三"), DirectoryPerson("lisi", "李四")], [], account="dd")
    assert again.empty
    assert again.doubts == ()


def test_who_is_on_the_list_stays_though_the_account_moves(present):
    listed = [replace(one, sources={}) if one.person.name == "李四" else one for one in present]
    plan = linking.link(listed, person(listed, "张三").id, PersonRef("dd", "lisi"), move=True)
    assert plan.left == ()
    assert [one.code for one in plan.doubts] == ["account_moved"]


def test_one_who_was_two_is_told_apart_for_good(present):
    members = [DirectoryPerson("zs", "张三", mobile="13800000004"), DirectoryPerson("lisi", "李四")]
    ours = person(present, "张三")
    one = replace(ours, person=replace(ours.person, mobile="13800000004"), accounts={**ours.accounts, OTHER: ""})
    office = [one, person(present, "李四", "dd")]
    plan = linking.unlink(office, one.id, OTHER)
    after = [
        replace(known, apart=frozenset({OTHER})) if known.id == one.id else known for known in applied(office, plan)
    ]
    again = sync.plan(after, members, [], account="dd", new_id=lambda: "new")
    assert [known.id for known in again.joined] == ["new"]
    assert [(link.person, link.ref) for link in again.linked] == [("new", OTHER)]


def test_taking_the_preferred_account_leaves_the_other_one_preferred(present):
    ours = person(present, "张三")
    two = applied(present, linking.link(present, ours.id, ZHANG))
    plan = linking.unlink(two, ours.id, PersonRef("wecom", "zhangsan"))
    assert [change.after.person.prefer for change in plan.changed] == ["dd"]


def test_taking_the_last_one_says_so_and_a_strangers_is_refused(present):
    ours = person(present, "张三")
    plan = linking.unlink(present, ours.id, PersonRef("wecom", "zhangsan"))
    assert [one.code for one in plan.doubts] == ["last_account"]
    assert [one.code for one in linking.unlink(present, ours.id, ZHANG).refusals] == ["not_theirs"]


def test_messages_go_only_to_an_account_that_is_there(present):
    ours = person(present, "张三")
    assert [one.code for one in linking.prefer(present, ours.id, "dd").refusals] == ["no_such_account"]
    assert linking.prefer(present, ours.id, "wecom").empty


def test_two_of_one_name_and_mobile_are_shown_as_perhaps_one():
    ours = applied([], staff.plan([], [row("张三", "dd:z1", mobile="13800000004")], new_id=counter()))
    twin = replace(ours[0], person=replace(ours[0].person, id="p9"), accounts={PersonRef("wecom", "z2"): ""})
    plan = sync.plan([*ours, twin], [DirectoryPerson("z2", "张三", mobile="13800000004")], [], account="wecom")
    assert ("twins", "张三", "0004") in [(one.code, one.name, one.detail) for one in plan.doubts]


async def test_what_was_taken_away_is_kept_apart_in_the_tables_and_the_journal(database, now):
    rows = [row("张三", "wecom:zhangsan", "dd:zs")]
    await database.write(lambda tx: staff.bring_in(tx, rows, now=now, origin=ORIGIN))
    zhang = (await people_of(database))["张三"]

    async def unit(tx):
        plan = linking.unlink(await changes.present(tx), zhang.id, OTHER)
        await changes.apply(tx, plan, now=now, origin=ORIGIN)

    await database.write(unit)
    assert (await people_of(database))["张三"].apart == {OTHER}
    assert {"people.account_unlinked", "people.account_kept_apart"} <= set(await facts_of(database))

    async def again(tx):
        await changes.apply(
            tx, linking.link(await changes.present(tx), zhang.id, OTHER), now=now, origin=ORIGIN
        )

    await database.write(again)
    assert (await people_of(database))["张三"].apart == frozenset()


@pytest.mark.parametrize(("brake", "refused"), [(sync.Brake(), True), (sync.Brake(percent=60), False), (None, False)])
def test_the_brake_is_the_offices_and_an_administrator_lets_it_go(brake, refused):
    crowd = [DirectoryPerson(f"u{n}", f"人{n}") for n in range(10)]
    present = applied([], sync.plan([], crowd, [], account="wecom", new_id=counter()))
    plan = sync.plan(present, crowd[:5], [], account="wecom", brake=brake)
    assert bool(plan.refusals) is refused
    assert len(plan.left) == 5
    assert sync.plan(present, [], [], account="wecom", brake=brake).refusals  # an empty one never passes
