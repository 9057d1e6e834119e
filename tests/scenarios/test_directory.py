"""Who leaves hands over, a directory that lost half the office is not believed, and administrators hear of both."""

from __future__ import annotations

from office_days import asked

from connectors.sandbox.faults import Fault


def gone(town, *users):
    for user in users:
        del town.fake("wecom")._world.members[user]


async def told(town, event="delete_user", user="lisi"):
    await town.fake("wecom").emit("change_contact", {"ChangeType": event, "UserID": user})


async def inactive(town, name):
    return await town.rows("SELECT id FROM person WHERE name = ? AND active = 0", name)


async def test_a_leavers_turns_are_offered_shown_and_handed_over(open_town):
    town = await open_town()
    await town.say("wecom", "lisi", "外出授权 王五 5月6日到8日")
    await town.text("wecom", "lisi", "王五")
    await asked(town)
    gone(town, "lisi")
    await told(town)
    await town.passing(lambda: inactive(town, "李四"), "the directory is read", seconds=20)
    offer = await town.text("wecom", "chenjing", "李四已离职，还有1件等他办")
    assert "交接 李四" in _said(offer)
    assert await town.rows("SELECT id FROM proxy WHERE ended_ms IS NOT NULL")
    await town.say("wecom", "zhangsan", "交接 李四 王五")
    await town.text("wecom", "zhangsan", "只有管理员能办")
    await town.say("wecom", "chenjing", "交接 李四 给 王五")
    preview = await town.open_card("wecom", "chenjing", "李四的1件事项交给王五")
    assert not town.cards("wecom", "wangwu", "张三的年假")
    await town.tap("wecom", "chenjing", preview, "交给王五")
    hers = await town.open_card("wecom", "wangwu", "张三的年假")
    assert "把李四的交接给王五" in hers.quote
    await town.tap("wecom", "wangwu", hers, "同意")
    await town.card("wecom", "sunlixin", "张三的年假")
    assert (await town.journal("people.directory_read"))[-1]["left"] == 1


async def test_a_directory_that_lost_most_is_not_believed_and_half_a_one_removes_nobody(open_town):
    town = await open_town(office=lambda text: f"{text}\ndirectory: {{brake_people: 1}}\n")
    fake = town.fake("wecom")
    fake.faults.add(Fault("down", "api", "user/get", times=-1))
    await told(town, "update_user", "wangwu")
    await town.passing(lambda: town.rows("SELECT id FROM due WHERE error <> ''"), "a page fails", seconds=20)
    assert not await town.rows("SELECT id FROM person WHERE active = 0")
    fake.faults.clear()
    gone(town, "lisi", "wangwu", "zhangsan")
    await told(town)
    await town.passing(lambda: town.journal("people.directory_doubted"), "it is doubted", seconds=20)
    said = _said(await town.text("wecom", "chenjing", "通讯录少了3人，没有执行"))
    assert "李四" in said
    assert "officebot people sync wecom-main --confirm" in said
    assert not await town.rows("SELECT id FROM person WHERE active = 0")
    (doubt,) = await town.journal("people.directory_doubted")
    assert (doubt["lost"], doubt["of"]) == (3, 5)


def _said(message):
    fields = [f"{field.name} {field.value}" for field in message.fields]
    return " ".join([message.title, message.text, message.note, message.quote, *fields])
