"""Short forms filled in by talking, and what happens when a form's file is saved while items run."""

from __future__ import annotations

import json

import pytest

from bot.commands import form_files
from handlers.approval import submitting
from handlers.approval.language import book, replaying, routes

OWN = """\
form: room_use
title: 会议室借用
category: 会议
fields:
  room: {title: 房间, type: choice, options: [大会议室, 小会议室], required: true}
  people: {title: 人数, type: number, min: 1, required: true}
  note: {title: 备注, type: text}
route:
  - {step: manager, title: 直接上级审批, who: {manager_of: applicant}, if_empty: {role: admin}}
"""
STRICTER = OWN.replace("who: {manager_of: applicant}", "who: {role: personnel}")
BROKEN = OWN.replace("manager_of: applicant", "manger_of: applicant")


def with_forms(folder):
    folder.mkdir(exist_ok=True)
    return lambda text: text.replace("forms: [forms/]", f"forms: [{folder}]")


async def talk(town, opening, *pairs):
    """张三 says the opening, then each answer once its question has come anew."""
    before = {question: asked(town, question) for question, _ in pairs}
    await town.say("wecom", "zhangsan", opening)
    for question, answer in pairs:
        await town.until(lambda question=question: asked(town, question) > before[question], question)
        await town.say("wecom", "zhangsan", answer)


def asked(town, question):
    return sum(question in message.text for message in town.messages("wecom", "zhangsan") if not message.mine)


async def confirmed(town, form, *, times=1):
    """The newest card to confirm, once there are so many."""
    await town.until(lambda: len(town.cards("wecom", "zhangsan", f"请确认：{form}")) >= times, f"card number {times}")
    return town.cards("wecom", "zhangsan", f"请确认：{form}")[-1]


async def test_overtime_is_asked_for_question_by_question_and_goes_to_two_leaders(open_town):
    town = await open_town()
    await talk(town, "加班", ("工作内容？", "整理年度档案"), ("时间？", "4月28日晚上6点到10点"))
    card = await confirmed(town, "加班申请")
    assert "直接上级审批（李四） → 分管领导审批（孙立新）" in card.text + card.subtitle
    await town.tap("wecom", "zhangsan", card, "提交")
    await town.tap("wecom", "lisi", await town.card("wecom", "lisi", "张三的加班申请"), "同意")
    await town.tap("wecom", "sunlixin", await town.card("wecom", "sunlixin", "张三的加班申请"), "同意")
    done = await town.card("wecom", "zhangsan", "已同意")
    assert "整理年度档案" in done.title


async def test_a_short_evening_needs_one_leader_and_a_wrong_answer_is_asked_again(open_town):
    town = await open_town()
    await talk(
        town, "我要加班", ("工作内容？", "归档"), ("时间？", "很晚"), ("要有日期和起止时间", "4月28日 18:00到20:00"),
    )  # fmt: skip
    card = await confirmed(town, "加班申请")
    assert "孙立新" not in card.text + card.subtitle
    await town.tap("wecom", "zhangsan", card, "提交")
    await town.tap("wecom", "lisi", await town.card("wecom", "lisi", "张三的加班申请"), "同意")
    await town.card("wecom", "zhangsan", "已同意")


async def test_a_repair_goes_straight_to_whoever_mends_it(open_town):
    town = await open_town(office=lambda text: text.replace("roles:\n", "roles:\n  repairer: [陈静]\n", 1))
    await talk(town, "报修", ("地点？", "三楼305"), ("报修内容？", "空调不制冷"), ("存过文件？", "否"))
    await confirmed(town, "报修")
    await town.say("wecom", "zhangsan", "联系电话 13800000004")
    card = await confirmed(town, "报修", times=2)
    await town.text("wecom", "zhangsan", "138****0004")
    await town.tap("wecom", "zhangsan", card, "提交")
    await town.card("wecom", "chenjing", "张三的报修")


async def test_never_mind_leaves_nothing_behind(open_town):
    town = await open_town()
    await talk(town, "报修", ("地点？", "算了"))
    await town.text("wecom", "zhangsan", "没有做任何改动")
    assert await town.rows("SELECT id FROM item WHERE state NOT IN ('discarded')") == []


async def test_a_form_is_in_force_as_soon_as_it_is_saved_and_a_running_item_keeps_its_own(open_town, tmp_path):
    folder = tmp_path / "forms"
    town = await open_town(office=with_forms(folder))
    path = folder / "room_use.yaml"
    path.write_text(OWN, encoding="utf-8")
    assert (await town.service.watcher.look()).changed == ("会议室借用",)
    await borrowed(town)
    path.write_text(STRICTER, encoding="utf-8")
    await town.service.watcher.look()
    await town.tap("wecom", "lisi", await town.card("wecom", "lisi", "张三的会议室借用"), "同意")
    await town.card("wecom", "zhangsan", "已同意")
    await borrowed(town)
    await town.card("wecom", "wangwu", "张三的会议室借用")
    assert len(await town.rows("SELECT hash FROM form_version WHERE code = 'room_use'")) == 2


async def borrowed(town):
    await talk(town, "会议室借用", ("房间？", "小会议室"), ("人数？", "12"))
    await town.tap("wecom", "zhangsan", await confirmed(town, "会议室借用"), "提交")


async def test_a_bad_file_leaves_the_old_form_in_force_and_tells_the_administrator_where(open_town, tmp_path):
    folder = tmp_path / "forms"
    town = await open_town(office=with_forms(folder))
    path = folder / "room_use.yaml"
    path.write_text(OWN, encoding="utf-8")
    await town.service.watcher.look()
    path.write_text(BROKEN, encoding="utf-8")
    await town.service.watcher.look()
    in_force = town.service.office.of(book.Forms).get("room_use")
    assert in_force.route[0].who.manager_of == "applicant"
    told = (await town.text("wecom", "chenjing", "room_use.yaml 第 9 行")).text
    assert "应改为：manager_of" in told
    assert "原来的表单继续有效" in told


async def test_a_replay_says_before_what_publishing_then_does(open_town, tmp_path):
    folder = tmp_path / "forms"
    town = await open_town(office=with_forms(folder))
    (folder / "room_use.yaml").write_text(OWN, encoding="utf-8")
    await town.service.watcher.look()
    await borrowed(town)
    await town.card("wecom", "lisi", "张三的会议室借用")
    (tmp_path / "new.yaml").write_text(STRICTER, encoding="utf-8")
    report = await replayed(town, tmp_path / "new.yaml")
    [difference] = report.differences
    (folder / "room_use.yaml").write_text(STRICTER, encoding="utf-8")
    await town.service.watcher.look()
    form = town.service.office.of(book.Forms).get("room_use")

    async def really(tx):
        people = await routes.load_people(tx)
        item = difference.item
        about = routes.about(people, item.applicant, today=item.on)
        return submitting.route(form, item.values, item.applicant, people, about=about)

    route = await town.service.database.read(really)
    assert difference.after.stations == tuple(one for one in route.stations if one.index is not None)
    assert difference.before.way != difference.after.way
    await borrowed(town)
    await town.card("wecom", "wangwu", "张三的会议室借用")


async def replayed(town, path):
    """What `officebot form replay` does, on the office's own database."""
    new = form_files.from_file(town.configuration, path)
    zone, since = town.service.office.timezone, town.clock.now().replace(year=2025)

    async def read(tx):
        items = await replaying.past(tx, "room_use", since=since, zone=zone)
        versions = {item.version: await book.of_version(tx, item.version) for item in items}
        assert all(versions.values())
        return replaying.replay(items, versions, new, await routes.load_people(tx))

    return await town.service.database.read(read)


async def test_what_was_said_beside_the_name_is_not_asked_again(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "加班 5月9日 上午9点到12点 赶材料")
    card = await confirmed(town, "加班申请")
    lines = {field.name: field.value for field in card.fields}
    assert lines["工作内容"] == "赶材料"
    assert "5月9日" in lines["时间"]
    assert lines["加班日"] == "工作日"  # a Saturday that is worked instead of a holiday


async def test_a_time_that_was_not_asked_for_corrects_the_time(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "加班 明天上午9点到12点 赶材料")
    card = await confirmed(town, "加班申请")
    assert "加班日" in {field.name for field in card.fields}
    await town.say("wecom", "zhangsan", "时间 5月1日上午9点到12点")
    card = await confirmed(town, "加班申请", times=2)
    lines = {field.name: field.value for field in card.fields}
    assert "5月1日" in lines["时间"]
    assert lines["加班日"] == "法定节假日"


async def test_words_of_their_own_are_no_answers_and_what_was_asked_stays_open(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "加班")
    await town.text("wecom", "zhangsan", "工作内容？")
    for said, told in (("办事", "可以办的事"), ("帮助 日程", "日程，可以这样说"), ("已办", "没有")):
        await town.say("wecom", "zhangsan", said)
        await town.text("wecom", "zhangsan", told)
    await town.say("wecom", "zhangsan", "整理档案")
    await town.text("wecom", "zhangsan", "时间？")
    await town.say("wecom", "zhangsan", "会议室 明天下午3点到5点 例会")
    await town.card("wecom", "zhangsan", "已预订")
    await town.say("wecom", "zhangsan", "年假 5月6日到8日 回家")
    await town.card("wecom", "zhangsan", "请确认：年假3天")


async def test_another_form_begins_where_a_time_was_asked_for(open_town):
    town = await open_town()
    await talk(
        town, "加班", ("工作内容？", "培训 新同事"), ("时间？", "报修 灯坏了"), ("好的，报修。地点？", "三楼")
    )
    await town.text("wecom", "zhangsan", "存过文件？（1 否，2 是；电脑、硬盘、打印机等选“是”）")


async def test_a_form_for_the_page_has_days_and_words_already(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "公出 明天下午 去财政局送报表")
    card = await town.card("wecom", "zhangsan", "填写出差申请")
    assert "“起止日期”、“地点”、“出差事由”" in card.subtitle
    (draft,) = await town.rows("SELECT values_json FROM page_draft WHERE form = 'trip'")
    values = json.loads(draft["values_json"])
    assert (values["places"], values["purpose"]) == ("财政局", "去财政局送报表")
    assert values["period"] == {"start": "2026-04-28", "start_half": "pm", "end": "2026-04-28", "end_half": "pm"}


async def test_what_is_said_anew_replaces_words_in_the_draft_but_nothing_more(open_town):
    """The second sentence was lost without a word."""
    town = await open_town()
    await town.say("wecom", "zhangsan", "公出 明天下午 去财政局送报表")
    await town.card("wecom", "zhangsan", "填写出差申请")
    await town.say("wecom", "zhangsan", "公出 周四下午 去税务局送报表")
    await town.until(lambda: len(town.cards("wecom", "zhangsan", "填写出差申请")) == 2, "the second card")
    assert '"去税务局送报表"' in (await town.rows("SELECT values_json FROM page_draft"))[0]["values_json"]
    await town.say("wecom", "zhangsan", "出差 下周一到周三")
    await town.until(lambda: len(town.cards("wecom", "zhangsan", "填写出差申请")) == 3, "the third card")
    assert "这次说的没有填进去" in town.cards("wecom", "zhangsan", "填写出差申请")[-1].subtitle
    assert '"去税务局送报表"' in (await town.rows("SELECT values_json FROM page_draft"))[0]["values_json"]


async def test_a_dated_form_begins_where_words_were_asked_for(open_town):
    town = await open_town()
    await talk(town, "报修 空调不制冷", ("地点？", "访客 明天上午9点 李明 2人"))
    await town.card("wecom", "zhangsan", "填写访客预约")


async def test_a_form_that_is_not_in_use_is_said_to_be_so(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "我要报销")
    await town.text("wecom", "zhangsan", "“费用报销”在本单位还没有开通")


async def test_who_goes_somewhere_is_offered_a_trip_or_a_car_and_no_room(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "下周三去省厅开会")
    await town.text("wecom", "zhangsan", "您要办的是“出差申请”、“用车申请”、“会议申请”吗？回复名称就能开始")
    await town.say("wecom", "zhangsan", "出差申请")
    card = await town.card("wecom", "zhangsan", "填写出差申请")
    assert all(name in card.subtitle for name in ("“起止日期”", "“地点”", "“出差事由”"))
    await town.say("wecom", "zhangsan", "明天去市局送材料")
    await town.text("wecom", "zhangsan", "您要办的是“出差申请”、“用车申请”吗？")


async def test_an_offer_is_no_question_that_other_words_answer(open_town):
    """A calendar was not to be had for ten minutes after a guess."""
    town = await open_town()
    await town.say("wecom", "zhangsan", "电脑坏了")
    await town.text("wecom", "zhangsan", "您要办的是“报修”吗？")
    await town.say("wecom", "zhangsan", "我明天有什么安排")
    await town.card("wecom", "zhangsan", "日程 4月28日（周二）")


async def test_a_form_that_was_guessed_begins_with_what_was_said(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "明天出差去长沙")
    await town.text("wecom", "zhangsan", "您要办的是“出差申请”吗？回复“是”就开始")
    await town.say("wecom", "zhangsan", "是")
    card = await town.card("wecom", "zhangsan", "填写出差申请")
    assert "“起止日期”、“地点”" in card.subtitle
    await town.say("wecom", "zhangsan", "电脑坏了")
    await town.text("wecom", "zhangsan", "您要办的是“报修”吗？")
    await town.say("wecom", "zhangsan", "算了")
    await town.text("wecom", "zhangsan", "好的，不写了")
    await town.say("wecom", "zhangsan", "电脑坏了")
    await town.until(lambda: asked(town, "您要办的是“报修”吗？") == 2, "it is offered again")
    await talk(town, "报修", ("地点？", "三楼"), ("存过文件？", "是的"))
    lines = {field.name: field.value for field in (await confirmed(town, "报修")).fields}
    assert (lines["报修内容"], lines["存过文件"]) == ("电脑坏了", "是")


async def test_a_car_is_one_sentence(open_town):
    """It was a page with seven fields, four of which stood in the sentence."""
    town = await open_town()
    await town.say("wecom", "zhangsan", "用车 4月28日下午2点到5点 去市财政局 3个人 送材料")
    lines = {field.name: field.value for field in (await confirmed(town, "用车申请")).fields}
    assert (lines["用车事由"], lines["前往地点"], lines["乘车人数"]) == ("送材料", "市财政局", "3人")
    assert lines["用车时间"].endswith("14:00至17:00")
    await town.say("wecom", "zhangsan", "乘车人数 4")
    await confirmed(town, "用车申请", times=2)


@pytest.mark.parametrize("said", ["明天5点到3点", "明天上午"])
async def test_half_a_time_is_asked_for_and_is_no_subject(open_town, said):
    town = await open_town()
    await talk(
        town, f"用车 {said} 去市财政局", ("用车事由？", "送材料"), ("用车时间？", "4月28日下午2点到5点")
    )
    lines = {field.name: field.value for field in (await confirmed(town, "用车申请")).fields}
    assert (lines["用车事由"], lines["前往地点"]) == ("送材料", "市财政局")


async def test_where_something_is_broken_is_not_asked_when_it_was_said(open_town):
    town = await open_town()
    await talk(town, "报修 三楼会议室空调不制冷", ("存过文件？", "否"))
    lines = {field.name: field.value for field in (await confirmed(town, "报修")).fields}
    assert (lines["地点"], lines["报修内容"]) == ("三楼会议室", "空调不制冷")


async def test_a_form_that_is_not_in_use_is_said_to_be_none(open_town):
    """报销 出差费 was taken for a trip."""
    town = await open_town()
    await town.say("wecom", "zhangsan", "报销 出差费1200元")
    await town.text("wecom", "zhangsan", "“费用报销”在本单位还没有开通")


async def test_giving_up_says_what_is_still_begun_on_a_page(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "算了")
    await town.text("wecom", "zhangsan", "现在没有正在填写的内容")
    await town.say("wecom", "zhangsan", "用印 公章 3份 给财政局的函")
    await town.say("wecom", "zhangsan", "算了")
    await town.text("wecom", "zhangsan", "网页上没有填完的用印申请还留着：不要了，打开它点“不填了”")
