"""An item's page, read and acted upon through real sign-ins on both platforms."""

from __future__ import annotations

import pytest
from town import DOORS, staff


async def item_of(town):
    return (await town.rows("SELECT id FROM item WHERE state = 'pending' ORDER BY created_ms DESC"))[0]["id"]


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_the_leader_decides_on_the_page_and_every_card_follows(open_town, browser, platform):
    town = await open_town(people=staff(li=platform))
    await town.asked("wecom", platform)
    item = await item_of(town)
    leader = browser(town, platform, "lisi")
    await leader.get(f"/office/items/{item}?via={DOORS[platform]}")
    assert leader.status == 200
    assert "张三的年假3天" in leader.text
    assert {"approve", "reject", "comment"} <= leader.verbs
    await leader.press("approve", opinion="注意交接")
    assert leader.status == 200
    assert "已同意" in leader.text
    assert "注意交接" in leader.text
    assert "approve" not in leader.verbs
    mine = await town.text("wecom", "zhangsan", "注意交接")
    assert "已同意" in mine.title
    await town.until(lambda: any(m.state for m in town.cards(platform, "lisi", "张三的年假3天")), "the card is closed")
    assert [fact["verb"] for fact in await town.journal("approval.step_decided")] == ["submit", "approve"]
    assert (await town.journal("approval.step_decided"))[-1]["door"] == "page"
