"""Who comes, goes and changes ids: the right hand stays the right hand."""

from __future__ import annotations

import dataclasses

from town import staff

from connectors.sandbox.phones import Phone


def renamed(town, old, new):
    """WeCom lets an administrator change a userid; the phone and its chats stay with the member."""
    world = town.fake("wecom")._world
    member = world.members.pop(old)
    world.members[new] = dataclasses.replace(member, id=new)
    phone = world.phones.pop(old)
    world.phones[new] = Phone(new, phone.name, phone.post, phone.chats)


def gone(town, user):
    """Deleted by the administrator; the phone still holds the old cards."""
    world = town.fake("wecom")._world
    del world.members[user]


async def test_a_leavers_tap_and_words_are_refused(open_town):
    town = await open_town()
    await town.asked("wecom", "wecom")
    (copy,) = await town.rows(
        "SELECT c.ref FROM copy c JOIN person p ON p.id = c.person WHERE p.name = '李四' AND c.kind = 'decide'"
    )
    asked = await town.open_card("wecom", "lisi", "张三的年假3天")
    payload = next(button.id for button in asked.buttons if button.text == "同意")
    gone(town, "lisi")
    await town.fake("wecom").emit("change_contact", {"ChangeType": "delete_user", "UserID": "lisi"})
    await town.passing(lambda: _inactive(town, "李四"), "the directory is read", seconds=20)
    fields = {"FromUserName": "lisi", "EventKey": payload, "TaskId": copy["ref"], "CardType": "button_interaction"}
    await town.fake("wecom").emit("template_card_event", {**fields, "ResponseCode": "late"})
    await town.fake("wecom").emit("message:text", {"FromUserName": "lisi", "Content": "同意 1", "MsgId": "77"})
    await town.until(lambda: _refused(town, 2), "both are refused")
    assert [fact["why"] for fact in await town.journal("approval.act_refused")] == ["stranger", "stranger"]
    assert await town.moves() == ["grant", "hold"]
    (item,) = await town.rows("SELECT state FROM item")
    assert item["state"] == "pending"


async def test_a_changed_userid_keeps_its_cards_and_its_rights(open_town):
    town = await open_town(people=staff(zhang="dingtalk"))
    await town.asked("dingtalk", "wecom")
    await town.settled()
    renamed(town, "lisi", "li.si")
    await town.fake("wecom").emit(
        "change_contact", {"ChangeType": "update_user", "UserID": "lisi", "NewUserID": "li.si"}
    )
    await town.until(lambda: _account(town, "li.si"), "the account follows")
    await town.passing(lambda: _read(town), "the directory is read", seconds=20)
    (row,) = await town.rows("SELECT COUNT(*) AS n FROM person WHERE name = '李四' AND active = 1")
    assert row["n"] == 1
    await town.say("wecom", "li.si", "待办")
    await town.text("wecom", "li.si", "1件事项等您办理")
    await town.say("wecom", "li.si", "同意 1")
    await town.card("dingtalk", "zhangsan", "年假3天：已同意")


async def test_a_new_id_taps_the_card_it_had_before(open_town):
    town = await open_town(people=staff(zhang="dingtalk"))
    asked = await town.asked("dingtalk", "wecom")
    await town.settled()
    payload = next(button.id for button in asked.buttons if button.text == "同意")
    (copy,) = await town.rows(
        "SELECT c.ref FROM copy c JOIN person p ON p.id = c.person WHERE p.name = '李四' AND c.kind = 'decide'"
    )
    renamed(town, "lisi", "li.si")
    await town.fake("wecom").emit(
        "change_contact", {"ChangeType": "update_user", "UserID": "lisi", "NewUserID": "li.si"}
    )
    await town.until(lambda: _account(town, "li.si"), "the account follows")
    fields = {"FromUserName": "li.si", "EventKey": payload, "TaskId": copy["ref"], "CardType": "button_interaction"}
    await town.fake("wecom").emit("template_card_event", {**fields, "ResponseCode": "made-up"})
    await town.card("dingtalk", "zhangsan", "年假3天：已同意")
    assert await town.moves() == ["grant", "hold", "consume"]


async def _inactive(town, name):
    return await town.rows("SELECT id FROM person WHERE name = ? AND active = 0", name)


async def _account(town, user):
    return await town.rows("SELECT id FROM person_account WHERE platform_id = ?", user)


async def _read(town):
    return await town.rows("SELECT id FROM due WHERE kind = 'people.sync' AND state = 'done'")


async def _refused(town, number):
    return len(await town.journal("approval.act_refused")) == number
