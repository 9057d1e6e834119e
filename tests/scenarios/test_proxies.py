"""Somebody is away and somebody else decides: both names, never an own request, and everything given back."""

from __future__ import annotations

from office_days import acts, asked, rebuilt

SHORT = "年假 5月20日到21日 回家"


async def test_what_waits_already_goes_to_the_proxy_and_both_names_are_recorded(open_town):
    town = await open_town()
    await asked(town, text=SHORT)
    await town.say("wecom", "lisi", "外出授权 王五 4月27日到28日")
    await town.text("wecom", "lisi", "已有1件待办同时转给对方办理")
    await town.text("wecom", "wangwu", "李四授权您在4月27日（周一） 至 4月28日（周二）代为办理审批")
    hers = await town.card("wecom", "wangwu", "张三的年假")
    assert hers.subtitle.endswith("等您代李四审批")
    await town.say("wecom", "wangwu", "待办")
    await town.text("wecom", "wangwu", "年假2天（代李四）")
    await town.tap("wecom", "wangwu", hers, "同意")
    done = await town.card("wecom", "zhangsan", "：已同意")
    assert "王五（代李四）" in done.quote
    assert (await acts(town))[-1] == ("王五", "approve", "李四")
    shown, told = await rebuilt(town)
    assert shown == told


async def test_the_proxy_of_the_approver_is_no_way_to_decide_an_own_request(open_town):
    town = await open_town()
    await asked(town, text=SHORT)
    await town.say("wecom", "lisi", "外出授权 张三 4月27日到28日")
    await town.text("wecom", "zhangsan", "李四授权您在")
    assert "待办" not in (await town.text("wecom", "lisi", "已授权张三")).text  # nothing waits that is theirs to decide
    await town.say("wecom", "zhangsan", "同意 1")
    await town.text("wecom", "zhangsan", "不能审批自己的申请")
    assert await acts(town) == [("张三", "submit", "")]


async def test_a_circle_of_proxies_ends_where_it_began(open_town):
    town = await open_town()
    await town.say("wecom", "lisi", "外出授权 王五 4月27日到28日")
    await town.say("wecom", "wangwu", "外出授权 陈静 4月27日到28日")
    await town.say("wecom", "chenjing", "外出授权 李四 4月27日到28日")
    await asked(town, text=SHORT)
    hers = await town.card("wecom", "chenjing", "张三的年假")
    await town.tap("wecom", "chenjing", hers, "同意")
    await town.card("wecom", "zhangsan", "：已同意")
    assert (await acts(town))[-1] == ("陈静", "approve", "李四")
    await town.say("wecom", "lisi", "取消授权")
    ended = await town.text("wecom", "lisi", "对王五的外出授权已结束")
    assert "· 1号 年假2天：陈静同意" in ended.text  # for 王五, who stood in for 李四
    await town.text("wecom", "wangwu", "李四在4月27日（周一） 至 4月28日（周二）的外出授权已收回")


async def test_what_is_called_off_before_it_began_gives_nothing_back_and_the_proxy_is_told(open_town):
    town = await open_town()
    await town.say("wecom", "lisi", "外出授权 王五 5月6日到8日")
    await town.text("wecom", "wangwu", "李四授权您在")
    await town.say("wecom", "lisi", "取消授权")
    await town.text("wecom", "lisi", "对王五的外出授权已收回，还没有开始。")
    await town.text("wecom", "wangwu", "的外出授权已收回，不用再代为审批")


async def test_called_off_the_turn_is_the_principals_alone(open_town):
    town = await open_town()
    await asked(town, text=SHORT)
    await town.say("wecom", "lisi", "外出授权 王五 4月27日到28日")
    await town.card("wecom", "wangwu", "张三的年假")
    await town.say("wecom", "lisi", "取消授权")
    await town.text("wecom", "lisi", "期间没有代办的事项")
    await town.say("wecom", "wangwu", "同意 1")
    await town.text("wecom", "wangwu", "这一步不由您办理")
    await town.say("wecom", "lisi", "同意 1")
    await town.card("wecom", "zhangsan", "：已同意")


async def test_who_stands_in_for_whom_is_told_to_both(open_town):
    town = await open_town()
    await town.say("wecom", "lisi", "我的授权")
    await town.text("wecom", "lisi", "现在没有外出授权")
    await town.say("wecom", "lisi", "授权给王五 5月6日到8日上午")
    await town.text("wecom", "wangwu", "李四授权您在5月6日（周三） 至 5月8日（周五）上午代为办理审批")
    await town.say("wecom", "lisi", "我的授权")
    await town.text("wecom", "lisi", "王五代您办理审批：5月6日（周三） 至 5月8日（周五）上午")
    await town.say("wecom", "wangwu", "我的授权")
    await town.text("wecom", "wangwu", "您代李四办理审批：5月6日（周三） 至")


async def test_an_approved_leave_begins_and_ends_the_proxy_by_itself(open_town):
    town = await open_town()
    await town.say("wecom", "lisi", "年假 5月6日到8日 回家")
    await town.tap("wecom", "lisi", await town.card("wecom", "lisi", "请确认"), "提交")
    await town.tap("wecom", "sunlixin", await town.card("wecom", "sunlixin", "李四的年假3天"), "同意")
    await town.card("wecom", "lisi", "年假3天：已同意")
    await town.say("wecom", "lisi", "代理 1 王五")
    await town.text("wecom", "lisi", "已授权王五在5月6日（周三） 至 5月8日（周五）代您办理")
    await asked(town, text=SHORT)
    assert not town.cards("wecom", "wangwu", "张三的年假")

    await town.forward(days=9)  # 6 May: the leave has begun
    await town.card("wecom", "wangwu", "张三的年假2天")
    await town.say("wecom", "wangwu", "同意 2")
    await town.card("wecom", "zhangsan", "：已同意")
    await town.forward(days=3)  # 9 May: it is over
    told = await town.text("wecom", "lisi", "对王五的外出授权已结束")
    assert "期间代您办理1件" in told.text
    assert not await town.rows("SELECT id FROM waiting WHERE principal <> ''")


async def test_a_leave_that_is_cancelled_takes_its_proxy_with_it(open_town):
    town = await open_town()
    await town.say("wecom", "lisi", "年假 5月6日到8日 回家")
    await town.tap("wecom", "lisi", await town.card("wecom", "lisi", "请确认"), "提交")
    await town.card("wecom", "sunlixin", "李四的年假3天")
    await town.say("wecom", "lisi", "代理 1 王五")
    await town.text("wecom", "lisi", "已授权王五")
    await town.say("wecom", "lisi", "撤回 1")
    await town.text("wecom", "lisi", "对王五的外出授权已收回，还没有开始")
    assert not await town.rows("SELECT id FROM proxy WHERE ended_ms IS NULL")
