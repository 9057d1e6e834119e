"""Leave asked for after it began (补办), by the clock, with somebody who takes over: in words, on both platforms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from town import MONDAY, staff

MAY_11 = 14  # days from the town's Monday


def said(card):
    return " ".join([card.title, card.subtitle, card.text, card.note, *(f"{f.name}：{f.value}" for f in card.fields)])


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_a_late_request_is_marked_everywhere_and_its_two_times_are_kept(open_town, platform):
    town = await open_town(people=staff(zhang=platform, li=platform))
    await town.forward(days=MAY_11)
    await town.say(platform, "zhangsan", "年假 5月6日到7日 老人住院，李四5月6日电话同意，交接给陈静")
    draft = await town.card(platform, "zhangsan", "请确认：年假2天（补办）")
    assert "李四5月6日（周三）电话同意，待本人确认" in said(draft)
    await town.tap(platform, "zhangsan", draft, "提交")
    asked = await town.open_card(platform, "lisi", "张三的年假2天（补办）")
    assert "5月11日（周一）提出，当时休假已经开始" in said(asked)
    await town.tap(platform, "lisi", asked, "同意")
    done = await town.text(platform, "zhangsan", "李四5月6日（周三）电话同意，本人已确认")
    assert "年假2天（补办）：已同意" in done.title
    rows = await town.rows("SELECT cause, effective, note, recorded_ms FROM leave_entry WHERE cause <> 'grant'")
    assert [(row["cause"], row["effective"]) for row in rows] == [("hold", "2026-05-06"), ("consume", "2026-05-06")]
    assert rows[0]["note"] == "补办"
    (late,), (word,) = [await town.journal(f"approval.{kind}") for kind in ("late_entered", "consent_confirmed")]
    assert (late["began"], late["asked"], word["on"], word["how"]) == ("2026-05-06", "2026-05-11", "2026-05-06", "电话")
    for fact in (late, word):  # both clocks: when it was, and when we were told
        assert fact["effective_ms"] == datetime(2026, 5, 6, tzinfo=UTC).timestamp() * 1000
        assert fact["recorded_ms"] >= (MONDAY + timedelta(days=MAY_11)).timestamp() * 1000
    assert all(row["recorded_ms"] >= (MONDAY + timedelta(days=MAY_11)).timestamp() * 1000 for row in rows)
    await town.say(platform, "zhangsan", "解释")
    await town.text(platform, "zhangsan", "补办")


async def test_a_late_request_without_a_reason_is_asked_for_it_and_a_too_late_one_refused(open_town):
    town = await open_town()
    await town.forward(days=MAY_11)
    await town.say("wecom", "zhangsan", "补办年假 5月6日")
    await town.card("wecom", "zhangsan", "补办要写明原因")
    await town.say("wecom", "zhangsan", "孩子发烧")
    draft = await town.card("wecom", "zhangsan", "请确认：年假1天（补办）")
    assert "孩子发烧" in said(draft)
    await town.say("wecom", "zhangsan", "年假 4月9日 有事")
    await town.text("wecom", "zhangsan", "休假开始已超过30天，不能补办")


async def test_a_leader_who_did_not_agree_says_no_and_the_days_come_back(open_town):
    town = await open_town()
    await town.forward(days=MAY_11)
    await town.say("wecom", "zhangsan", "年假 5月6日 有事 孙立新昨天口头同意")
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认"), "提交")
    asked = await town.open_card("wecom", "sunlixin", "张三的年假1天（补办）")
    assert not town.cards("wecom", "lisi", "张三的年假")
    await town.tap("wecom", "sunlixin", asked, "驳回")
    await town.text("wecom", "sunlixin", "驳回理由")
    await town.say("wecom", "sunlixin", "没有这回事")
    await town.card("wecom", "zhangsan", "年假1天（补办）：已驳回")
    assert await town.moves() == ["grant", "hold", "reject"]


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_leave_by_the_clock_leaves_the_lunch_break_out(open_town, platform):
    town = await open_town(people=staff(zhang=platform))
    await town.say(platform, "zhangsan", "事假 周三 11:00-15:30 送孩子")
    draft = await town.card(platform, "zhangsan", "请确认：事假2小时")
    assert "11:00至15:30" in said(draft)
    await town.tap(platform, "zhangsan", draft, "提交")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的事假2小时"), "同意")
    await town.until(lambda: town.cards(platform, "zhangsan", "事假2小时：已同意"), "approved")
    await town.say(platform, "zhangsan", "事假 周三 15:30-16:30 有事")
    await town.card(platform, "zhangsan", "请确认：事假1小时")
    await town.say(platform, "zhangsan", "事假 周三 15:00-16:00 有事")
    await town.text(platform, "zhangsan", "重叠")


async def test_a_kind_that_is_not_taken_by_the_hour_names_its_unit(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "年假 周三 14:00-16:00")
    await town.text("wecom", "zhangsan", "年假不能按小时请，最小单位是0.5天")


async def test_who_is_away_too_is_named_and_who_takes_over_must_be_there(open_town):
    two, one = "{department: 办公室, present: 2}", "{department: 办公室, posts: [科员], present: 1, then: refuse}"
    office = f"leave: {{staffing: [{two}, {one}]}}\n"
    town = await open_town(office=lambda text: text + office)
    await town.say("wecom", "chenjing", "年假 5月6日到7日 回家")
    await town.tap("wecom", "chenjing", await town.card("wecom", "chenjing", "请确认：年假2天"), "提交")
    await town.open_card("wecom", "lisi", "陈静的年假2天")
    await town.say("wecom", "zhangsan", "年假 5月6日到8日 回家")
    await town.text("wecom", "zhangsan", "办公室科员5月6日（周三）只剩0人在岗，至少要1人")
    await town.say("wecom", "lisi", "年假 5月7日到8日 回家 工作交接给陈静")
    await town.text("wecom", "lisi", "陈静5月6日（周三） 至 5月7日（周四）也休假，请换一位工作交接人")
    await town.say("wecom", "lisi", "年假 5月7日到8日 回家 工作交接给张三")
    draft = await town.card("wecom", "lisi", "请确认：年假2天")
    assert "陈静 5月6日至7日" in said(draft)
    assert "办公室5月7日（周四）只剩1人在岗，至少要2人" in said(draft)
    await town.tap("wecom", "lisi", draft, "提交")
    asked = await town.open_card("wecom", "sunlixin", "李四的年假2天")
    assert "陈静 5月6日至7日" in said(asked)
    assert "工作交接：张三" in said(asked)
    await town.say("wecom", "zhangsan", "事假 5月8日下午 有事")
    draft = await town.card("wecom", "zhangsan", "请确认：事假0.5天")
    assert "这段时间是李四的工作交接人" in said(draft)


async def test_the_own_other_leave_is_named_when_two_overlap(open_town):
    town = await open_town()
    await town.asked("wecom", "wecom")
    await town.say("wecom", "zhangsan", "事假 5月8日 有事")
    await town.text("wecom", "zhangsan", "与您5月6日（周三） 至 5月8日（周五）的年假重叠")
