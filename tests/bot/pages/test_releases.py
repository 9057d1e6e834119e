"""What an administrator sees behind the card of a changed form, and undoing on an item's page."""

from __future__ import annotations

import re

from town import DOORS

OWN = """\
form: room_use
title: 会议室借用
category: 会议
fields:
  room: {title: 房间, type: text, required: true}
route:
  - {step: manager, title: 直接上级审批, who: {manager_of: applicant}, if_empty: {role: admin}}
"""
STRICTER = OWN.replace("who: {manager_of: applicant}", "who: {role: personnel}")


async def changed(open_town, tmp_path):
    """An office whose form was used once and then saved anew; the address behind the administrator's card."""
    folder = tmp_path / "forms"
    folder.mkdir()
    (folder / "room_use.yaml").write_text(OWN, encoding="utf-8")
    town = await open_town(office=lambda text: text.replace("forms: [forms/]", f"forms: [{folder}]"))
    await town.say("wecom", "zhangsan", "会议室借用")
    await town.text("wecom", "zhangsan", "房间？")
    await town.say("wecom", "zhangsan", "三楼")
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认：会议室借用"), "提交")
    await town.card("wecom", "lisi", "张三的会议室借用")
    (folder / "room_use.yaml").write_text(STRICTER, encoding="utf-8")
    await town.service.watcher.look()
    card = await town.open_card("wecom", "chenjing", "“会议室借用”改过了")
    return town, re.search(r"/office/releases/[0-9a-f-]+", card.url)[0]


async def test_the_whole_list_is_the_administrators_alone(open_town, browser, tmp_path):
    town, address = await changed(open_town, tmp_path)
    admin = browser(town, "wecom", "chenjing")
    await admin.get(f"{address}?via={DOORS['wecom']}")
    assert admin.status == 200
    assert "修改环节“直接上级审批”" in admin.text
    assert "原来：直接上级审批：李四" in admin.text
    assert "改后：直接上级审批：王五" in admin.text
    clerk = browser(town, "wecom", "zhangsan")
    await clerk.get(f"{address}?via={DOORS['wecom']}")
    assert clerk.status == 403
    await admin.get(f"/office/releases/{'0' * 16}-{'f' * 16}?via={DOORS['wecom']}")
    assert admin.status == 404


async def test_what_was_decided_on_the_page_can_be_undone_there(open_town, browser):
    town = await open_town(office=lambda text: text + "\napprovals: {undo_seconds: 20}\n")
    await town.asked("wecom", "wecom")
    item = (await town.rows("SELECT id FROM item WHERE state = 'pending'"))[0]["id"]
    leader = browser(town, "wecom", "lisi")
    await leader.get(f"/office/items/{item}?via={DOORS['wecom']}")
    await leader.press("approve", opinion="同意")
    assert "之前可以点“撤销”" in leader.text
    assert "undo" in leader.verbs
    clerk = browser(town, "wecom", "zhangsan")
    await clerk.get(f"/office/items/{item}?via={DOORS['wecom']}")
    assert 'class="good"' not in clerk.text
    assert "undo" not in clerk.verbs
    await leader.press("undo")
    assert "approve" in leader.verbs
    await town.forward(seconds=30)
    assert [row["verb"] for row in await town.journal("approval.step_decided")] == ["submit", "hold", "undo"]
