"""What carries a secrecy marking comes to nothing: not kept, not sent; who, when and which rule is on record."""

from __future__ import annotations

import pytest
from town import staff

from cards.model import Text
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory

SECRET = "人事方案第三稿"
PAPER = f"机密★10年 {SECRET}"
OWN = """\
form: borrow
title: 资料借阅
category: 办公
secrecy: declare
fields:
  what: {title: 资料名称, type: text, required: true}
route:
  - {step: manager, title: 直接上级审批, who: {manager_of: applicant}}
"""


@pytest.fixture
async def town(open_town, tmp_path):
    folder = tmp_path / "forms"
    folder.mkdir()
    (folder / "borrow.yaml").write_text(OWN, encoding="utf-8")

    def office(text):
        text = text.replace("forms: [forms/]", f"forms: [{folder}]")
        return text.replace("roles:\n", "roles:\n  secrecy_officer: [陈静]\n", 1)

    return await open_town(people=staff(), office=office)


async def kept(town):
    """Every word in every table."""
    return repr(await town.everything())


async def test_a_marked_message_is_nowhere_afterwards_and_the_officer_knows(town):
    await town.say("wecom", "zhangsan", PAPER)
    assert "撤回" in (await town.text("wecom", "zhangsan", "没有接收，也没有保存")).text
    assert "张三" in (await town.text("wecom", "chenjing", "有一条带密级标志的内容被拦下")).text
    await town.settled()
    assert SECRET not in await kept(town)
    [fact] = await town.journal("approval.content_refused")
    assert (fact["rule"], fact["where"], fact["form"]) == ("star", "text", "")


async def test_an_answer_to_a_question_names_its_form_and_the_question_stays(town):
    await town.say("wecom", "zhangsan", "资料借阅")
    await town.text("wecom", "zhangsan", "资料名称？")
    await town.say("wecom", "zhangsan", f"密级：机密 {SECRET}")
    await town.text("wecom", "zhangsan", "没有接收")
    assert (await town.journal("approval.content_refused"))[0]["form"] == "borrow"
    await town.say("wecom", "zhangsan", "保密培训教材")
    assert (await town.card("wecom", "zhangsan", "请确认：资料借阅")).buttons
    assert SECRET not in await kept(town)


async def test_who_submits_declares_with_the_button_that_says_so(town):
    await town.say("wecom", "zhangsan", "资料借阅")
    await town.text("wecom", "zhangsan", "资料名称？")
    await town.say("wecom", "zhangsan", "年鉴")
    card = await town.card("wecom", "zhangsan", "请确认：资料借阅")
    assert "不涉及国家秘密和工作秘密" in repr(card)
    await town.tap("wecom", "zhangsan", card, "不涉密，提交")
    await town.card("wecom", "lisi", "张三的资料借阅")
    [declared] = await town.journal("approval.secrecy_declared")
    [opened] = await town.journal("approval.item_opened")
    assert declared["item"] == opened["item"]


async def test_a_marked_letter_leaves_as_a_link(town):
    async def post(tx):
        person = (await directory.named(tx, "张三"))[0]
        to = await directory.reach(tx, person)
        await outbox.post(tx, Letter(to=to, message=Text(PAPER), key="test"), now=town.clock.now())

    await town.service.database.write(post)
    town.service.wake()
    await town.text("wecom", "zhangsan", "不能发到聊天里")
    assert SECRET not in repr(town.messages("wecom", "zhangsan"))
