"""Sick leave that costs the annual leave after some of it was taken: personnel confirm, nothing happens by itself."""

from __future__ import annotations


async def test_sick_leave_that_disqualifies_after_taking_is_put_before_personnel(open_town):
    town = await open_town()
    await town.tap("wecom", "lisi", await town.asked("wecom", "wecom"), "同意")
    await town.until(lambda: town.cards("wecom", "zhangsan", "年假3天：已同意"), "approved")
    sick = await town.asked("wecom", "wecom", "病假 5月11日到8月15日 手术", title="张三的病假97天")
    await town.tap("wecom", "lisi", sick, "同意")
    await town.tap("wecom", "sunlixin", await town.open_card("wecom", "sunlixin", "张三的病假97天"), "同意")
    card = await town.open_card("wecom", "wangwu", "张三的年休假可能要取消")
    fields = {field.name: field.value for field in card.fields}
    assert fields["处理"] == "取消今年剩余7天，不享受2027年年休假"
    assert "adjust" not in await town.moves()
    await town.tap("wecom", "wangwu", card, "确认取消")
    await town.text("wecom", "zhangsan", "人事已确认：取消今年剩余7天，不享受2027年年休假")
    rows = await town.rows("SELECT lot, minutes, effective, note FROM leave_entry WHERE ref = 'forfeited-2026'")
    assert [(row["lot"], row["minutes"], row["effective"]) for row in rows] == [
        ("annual-2026", 3360, "2026-04-27"),
        ("annual-2027", 4800, "2027-01-01"),
    ]
    await town.card("wecom", "wangwu", "张三的年休假：已确认取消")


async def test_of_a_sick_leave_over_the_years_end_each_year_has_its_own_total(open_town):
    """73 days lie in 2026 and 95 in 2027; only the year of its first day was looked at."""
    town = await open_town()
    asked = await town.asked("wecom", "wecom", "病假 2026年10月20日到2027年4月5日 手术", title="张三的病假168天")
    await town.tap("wecom", "lisi", asked, "同意")
    await town.tap("wecom", "sunlixin", await town.open_card("wecom", "sunlixin", "张三的病假168天"), "同意")
    card = await town.open_card("wecom", "wangwu", "张三的年休假可能要取消")
    assert "2027年" in card.subtitle + card.text
    assert len(town.cards("wecom", "wangwu", "张三的年休假可能要取消")) == 1
    await town.tap("wecom", "wangwu", card, "确认取消")
    await town.card("wecom", "wangwu", "张三的年休假：已确认取消")
    rows = await town.rows("SELECT lot, minutes FROM leave_entry WHERE ref = 'forfeited-2027'")
    assert [(row["lot"], row["minutes"]) for row in rows] == [("annual-2027", 4800)]
