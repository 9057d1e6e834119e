"""A leader gives a duty in one sentence, asks what became of it, and hears that it is done."""

from __future__ import annotations


async def given(town, text, title):
    await town.say("wecom", "lisi", text)
    card = await town.open_card("wecom", "lisi", "请确认：交办事项")
    await town.tap("wecom", "lisi", card, "提交")
    await town.open_card("wecom", "zhangsan", f"李四的交办事项：{title}")
    return {field.name: field.value for field in card.fields}


async def test_a_duty_is_given_asked_after_and_done(open_town):
    town = await open_town()
    fields = await given(town, "交办 张三 周五前报安全生产总结", "报安全生产总结")
    assert (fields["责任人"], fields["完成时限"]) == ("张三", "5月1日（周五）")
    await town.say("wecom", "lisi", "我交办的事办得怎么样了")
    told = await town.text("wecom", "lisi", "您交办的还有1件没有办完")
    assert "· 1号 报安全生产总结：等张三办，5月1日前" in told.text
    await town.say("wecom", "zhangsan", "还有哪些没办完")
    await town.text("wecom", "zhangsan", "1件事项等您办理")
    await town.say("wecom", "zhangsan", "办结 1 办理结果 已经报送")
    await town.card("wecom", "lisi", "交办事项：报安全生产总结：已办结")
    await town.say("wecom", "lisi", "我交办的")
    await town.text("wecom", "lisi", "您交办的事项都办完了")


async def test_colleagues_are_called_as_in_life_and_a_sentence_about_nobody_opens_the_page(open_town):
    town = await open_town()
    await town.say("wecom", "sunlixin", "督办 李主任、张三 完成档案整理，5月8日前")
    card = await town.open_card("wecom", "sunlixin", "请确认：交办事项")
    fields = {field.name: field.value for field in card.fields}
    assert (fields["事项"], fields["责任人"], fields["完成时限"]) == ("完成档案整理", "李四、张三", "5月8日（周五）")
    await town.say("wecom", "zhangsan", "交办 整理会议材料")
    await town.card("wecom", "zhangsan", "填写交办事项")
    await town.say("wecom", "zhangsan", "安排任务")
    await town.until(lambda: len(town.cards("wecom", "zhangsan", "填写交办事项")) == 2, "the form itself")
