"""The page of a notice: for those who got it, for its sender, and for nobody else."""

from __future__ import annotations

import io

import openpyxl
import pytest
from town import staff


async def published(town, sentence="通知 张三、王五：=1+1 请报送值班表。"):
    await town.say("wecom", "lisi", sentence)
    card = await town.card("wecom", "lisi", "请确认")
    await town.tap("wecom", "lisi", card, "不涉密，提交")
    await town.card("dingtalk", "zhangsan", "请报送值班表")
    (row,) = await town.rows("SELECT id FROM notice")
    return f"/office/notices/{row['id']}"


@pytest.fixture
async def town(open_town):
    return await open_town(people=staff(zhang="dingtalk", wang="dingtalk"))


async def test_opening_it_is_recorded_once_and_answering_it_is_an_answer(town, browser):
    path = await published(town)
    zhang = browser(town, "dingtalk", "zhangsan")
    for _ in range(2):
        await zhang.get(f"{path}?via={zhang.via}")
    assert "请报送值班表" in zhang.text
    assert len(await town.journal("notice.seen")) == 1
    await zhang.post(path, {"token": zhang.token, "reply": "ack"})
    assert "回执已记录" in zhang.text
    (fact,) = await town.journal("notice.answered")
    assert fact["reply"] == "ack"
    await town.until(lambda: "收到" in str(town.cards("dingtalk", "zhangsan")[-1].fields), "the card follows")


async def test_the_sender_sees_who_is_silent_and_takes_the_roster_along(town, browser):
    path = await published(town)
    zhang = browser(town, "dingtalk", "zhangsan")
    await zhang.get(f"{path}?via={zhang.via}")
    await zhang.post(path, {"token": zhang.token, "reply": "ack"})
    li = browser(town, "wecom", "lisi")
    await li.get(f"{path}?via={li.via}")
    assert "<b>1/2</b>" in li.text
    async with li.session.get(f"{town.address}{path}/roster.xlsx") as answer:
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert rows[0][0].startswith("=1+1")
    assert all(cell.data_type == "s" for row in book.active.iter_rows() for cell in row if cell.value is not None)
    assert [(row[1], row[4]) for row in rows[3:]] == [("张三", "收到"), ("王五", "未回执")]
    assert len(await town.journal("notice.roster_exported")) == 1


async def test_somebody_who_did_not_get_it_sees_nothing(town, browser):
    path = await published(town)
    sun = browser(town, "wecom", "sunlixin")
    await sun.get(f"{path}?via={sun.via}")
    assert sun.status == 403
    assert "请报送值班表" not in sun.text
    await sun.get(f"{path}/roster.xlsx")
    assert sun.status == 403


async def test_an_administrator_sees_who_has_answered_but_not_what_they_wrote(town, browser):
    path = await published(town, "通知 张三、王五：请报送值班表，不参加会议的说明理由。")
    await town.say("dingtalk", "zhangsan", "不参加 1 家里老人住院")
    await town.text("dingtalk", "zhangsan", "已记录")
    pages = {}
    for user in ("lisi", "chenjing"):
        pages[user] = browser(town, "wecom", user)
        await pages[user].get(f"{path}?via={pages[user].via}")
        assert "张三" in pages[user].text
    assert "老人住院" in pages["lisi"].text
    assert "老人住院" not in pages["chenjing"].text


@pytest.mark.parametrize("reply", ["", "none", "gone", "attend", "decline"])
async def test_an_answer_that_this_notice_does_not_ask_for_changes_nothing(town, browser, reply):
    path = await published(town)
    zhang = browser(town, "dingtalk", "zhangsan")
    await zhang.get(f"{path}?via={zhang.via}")
    await zhang.post(path, {"token": zhang.token, "reply": reply})
    assert zhang.status == 422
    assert not await town.journal("notice.answered")


async def test_who_got_it_finds_it_again_on_the_workbench_and_nobody_else_does(town, browser):
    path = await published(town)
    zhang = browser(town, "dingtalk", "zhangsan")
    await zhang.get(f"/office/?via={zhang.via}")
    assert 'href="/office/notices"' in zhang.text
    await zhang.get("/office/notices")
    assert path in zhang.text
    assert "未回执" in zhang.text
    await zhang.get(path)
    await zhang.post(path, {"token": zhang.token, "reply": "ack"})
    await zhang.get("/office/notices")
    assert "未回执" not in zhang.text
    assert ">收到<" in zhang.text
    li, sun = browser(town, "wecom", "lisi"), browser(town, "wecom", "sunlixin")
    await li.get(f"/office/notices?via={li.via}")
    assert "您发的" in li.text
    await sun.get(f"/office/notices?via={sun.via}")
    assert path not in sun.text


async def test_the_pages_of_what_nobody_had_to_agree_to_do_not_say_that_somebody_did(town, browser):
    path = await published(town)
    li = browser(town, "wecom", "lisi")
    await li.get(f"/office/items/{path.rpartition('/')[2]}?via={li.via}")
    assert "已生效" in li.text
    assert "已同意" not in li.text
    await li.get("/office/?list=mine")
    assert "已同意" not in li.text


async def test_who_goes_in_somebodys_place_reads_it_and_answers_nothing(open_town, browser):
    """They were told of the meeting, and the page with its papers was closed to them."""
    town = await open_town(people=staff(zhang="dingtalk", wang="dingtalk"))
    path = await published(town, "通知 张三、王五：请报送值班表，周五下午三点开会，请回执是否参加。")
    await town.say("dingtalk", "zhangsan", "派孙立新参加")
    told = await town.text("wecom", "sunlixin", "张三请您代为参加")
    assert path in told.text
    sun = browser(town, "wecom", "sunlixin")
    await sun.get(f"{path}?via={sun.via}")
    assert "您代张三参加" in sun.text
    assert "您的回执" not in sun.text
    await sun.post(path, {"token": sun.token, "reply": "attend"})
    assert sun.status == 403
    await town.say("dingtalk", "zhangsan", "我参加")
    await town.text("wecom", "sunlixin", "不用您代为参加了")
    await sun.get(path)
    assert "请报送值班表" not in sun.text
