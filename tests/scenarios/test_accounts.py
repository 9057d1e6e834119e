"""One person, many accounts: linked by a code, written to where they want, one right hand on every platform."""

from __future__ import annotations

import dataclasses
import re

import pytest
from town import staff


def unlisted(town, name, column):
    """The platform knows this member, the office's list does not say who it is."""
    rows = [
        dataclasses.replace(row, accounts=tuple(one for one in row.accounts if one[0] != column))
        if row.name == name
        else row
        for row in town.configuration.staff
    ]
    town.configuration = dataclasses.replace(town.configuration, staff=tuple(rows))


@pytest.fixture
async def town(open_town):
    town = await open_town(people=staff(zhang="both", chen="both", sun="both"), serve=False)
    unlisted(town, "张三", "wecom")
    unlisted(town, "陈静", "dingtalk")
    await town.serve()
    return town


async def code(town, platform, user, words="绑定 企业微信"):
    """Asks for a code and returns its digits."""
    await town.say(platform, user, words)
    said = await town.text(platform, user, "绑定码：")
    return re.search(r"发“绑定 (\d{6})”", said.text)[1]


async def accounts(town, name):
    rows = await town.rows(
        "SELECT a.account, a.platform_id FROM person_account a JOIN person p ON p.id = a.person WHERE p.name = ?"
        " ORDER BY a.id",
        name,
    )
    return [(row["account"], row["platform_id"]) for row in rows]


async def whys(town):
    return [fact["why"] for fact in await town.journal("people.link_refused")]


async def test_digits_from_one_account_link_the_other_and_both_are_told(town):
    digits = await code(town, "dingtalk", "zhangsan")
    await town.say("wecom", "zhangsan", digits)
    await town.text("wecom", "zhangsan", "绑定好了：这个企业微信账号现在是张三的")
    await town.text("dingtalk", "zhangsan", "不是您本人操作的，请马上联系管理员")
    assert await accounts(town, "张三") == [("dd-main", "zhangsan"), ("wecom-main", "zhangsan")]
    (linked,) = (await town.journal("people.account_linked"))[-1:]
    assert (linked["account"], linked["door"]) == ("wecom-main", "app")
    await town.say("wecom", "zhangsan", "以后发到企业微信")
    await town.text("wecom", "zhangsan", "以后的消息发到企业微信")
    await town.say("wecom", "zhangsan", "我的账号")
    shown = await town.text("wecom", "zhangsan", "张三的账号")
    assert shown.text.index("企业微信：zh…an　首选") < shown.text.index("钉钉：zh…an")
    await town.asked("dingtalk", "wecom")
    await town.say("wecom", "lisi", "留言 1 请把钥匙留下")
    await town.text("wecom", "zhangsan", "请把钥匙留下")  # new words go where he wants them
    await town.say("wecom", "lisi", "同意 1")
    await town.card("dingtalk", "zhangsan", "年假3天：已同意")  # his card is where he asked
    assert "钥匙" not in "".join(message.text for message in town.messages("dingtalk", "zhangsan"))


async def test_a_code_works_once_and_on_its_platform_only(town):
    digits = await code(town, "dingtalk", "zhangsan")
    await town.say("dingtalk", "chenjing", f"绑定 {digits}")  # nobody's account on the wrong platform
    await town.text("dingtalk", "chenjing", "不是给这个平台用的")
    await town.say("wecom", "zhangsan", f"绑定 {digits}")
    await town.text("wecom", "zhangsan", "绑定好了")
    await town.say("wecom", "zhangsan", f"绑定 {digits}")
    await town.text("wecom", "zhangsan", "绑定码不对，或者已经用过")
    assert await whys(town) == ["elsewhere", "wrong"]


async def test_a_code_is_over_after_ten_minutes(town):
    digits = await code(town, "dingtalk", "zhangsan")
    await town.forward(minutes=11)
    await town.say("wecom", "zhangsan", f"绑定 {digits}")
    await town.text("wecom", "zhangsan", "过期了，没有绑定")
    assert await accounts(town, "张三") == [("dd-main", "zhangsan")]


async def test_a_colleagues_account_is_not_linked_and_the_code_is_used_up(town):
    digits = await code(town, "dingtalk", "zhangsan")
    await town.say("wecom", "lisi", f"绑定 {digits}")
    await town.text("wecom", "lisi", "登记的是李四，没有绑定")
    await town.text("dingtalk", "zhangsan", "有人在企业微信里用了您的绑定码")
    await town.say("wecom", "zhangsan", f"绑定 {digits}")
    await town.text("wecom", "zhangsan", "绑定码不对")
    assert await accounts(town, "李四") == [("wecom-main", "lisi")]
    assert await whys(town) == ["taken", "wrong"]


async def test_guessing_is_counted_and_closes_the_mouth_before_it_finds_anything(town):
    digits = await code(town, "dingtalk", "zhangsan")
    wrong = [f"{(int(digits) + n) % 1_000_000:06d}" for n in range(1, 6)]
    for guess in wrong:
        await town.say("wecom", "zhangsan", f"绑定 {guess}")
        await town.settled()
    await town.say("wecom", "zhangsan", f"绑定 {digits}")
    await town.text("wecom", "zhangsan", "错了太多次")
    assert await whys(town) == ["wrong"] * 5 + ["locked"]
    assert await accounts(town, "张三") == [("dd-main", "zhangsan")]


async def test_a_stranger_is_told_where_to_begin_and_gets_nothing_else(town):
    await town.say("wecom", "zhangsan", "绑定账号")
    await town.text("wecom", "zhangsan", "请在那边给工作助理发“绑定账号”")
    await town.say("wecom", "zhangsan", "待办")
    await town.text("wecom", "zhangsan", "您还不在本单位名册里")


async def test_an_account_that_is_there_already_needs_no_code(town):
    await town.say("wecom", "sunlixin", "绑定 企业微信")
    await town.text("wecom", "sunlixin", "本来就是您的")
    await town.say("wecom", "sunlixin", "绑定 钉钉")
    await town.text("wecom", "sunlixin", "您在钉钉已经登记了另一个账号")
    await town.say("wecom", "sunlixin", "绑定 粤政易")  # this one's clients cannot write to us
    await town.text("wecom", "sunlixin", "请管理员在服务器上绑定")
