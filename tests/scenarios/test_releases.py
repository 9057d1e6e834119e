"""A form that is saved anew: the administrators see what it would change, take it back, or let it in."""

from __future__ import annotations

from handlers.approval.language import book

OWN = """\
form: room_use
title: 会议室借用
category: 会议
fields:
  room: {title: 房间, type: choice, options: [大会议室, 小会议室], required: true}
  people: {title: 人数, type: number, min: 1, required: true}
route:
  - {step: manager, title: 直接上级审批, who: {manager_of: applicant}, if_empty: {role: admin}}
"""
STRICTER = OWN.replace("who: {manager_of: applicant}", "who: {role: personnel}")
WORDED = OWN.replace("title: 人数", "title: 参加人数")


def in_folder(folder, publish="at_once"):
    folder.mkdir(exist_ok=True)
    (folder / "room_use.yaml").write_text(OWN, encoding="utf-8")
    setting = f"\napprovals: {{forms_publish: {publish}}}\n"
    return lambda text: text.replace("forms: [forms/]", f"forms: [{folder}]") + setting


async def opened(open_town, tmp_path, publish="at_once"):
    """An office where 张三 borrowed a room once."""
    town = await open_town(office=in_folder(tmp_path / "forms", publish))
    await borrowed(town)
    await town.card("wecom", "lisi", "张三的会议室借用")
    return town, tmp_path / "forms" / "room_use.yaml"


async def borrowed(town):
    await town.settled()  # a card that was submitted before has another title by then
    count = len(town.cards("wecom", "zhangsan", "请确认：会议室借用"))
    await town.say("wecom", "zhangsan", "会议室借用")
    await town.settled()  # requests at the same moment arrive in any order; a person types one after the other
    for words in ("房间 小会议室", "人数 12", "参加人数 12"):
        await town.say("wecom", "zhangsan", words)
        await town.settled()
    await town.until(lambda: len(town.cards("wecom", "zhangsan", "请确认：会议室借用")) > count, "it is confirmed")
    await town.tap("wecom", "zhangsan", town.cards("wecom", "zhangsan", "请确认：会议室借用")[-1], "提交")


def way(town):
    """Who the form in force asks, by its step."""
    return town.service.office.of(book.Forms).get("room_use").step("manager").who


async def save(town, path, text):
    path.write_text(text, encoding="utf-8")
    await town.service.watcher.look()


async def test_a_saved_form_is_in_force_and_one_tap_takes_it_back(open_town, tmp_path):
    town, path = await opened(open_town, tmp_path)
    await save(town, path, STRICTER)
    assert way(town).role == "personnel"
    card = await town.open_card("wecom", "chenjing", "“会议室借用”改过了：新版已生效")
    assert "有1件会不同" in card.subtitle
    shown = " ".join(field.value for field in card.fields)
    assert "修改环节“直接上级审批”" in shown
    assert "李四" in shown
    assert "王五" in shown
    await town.tap("wecom", "chenjing", card, "退回上一版")
    await town.text("wecom", "chenjing", "已退回上一版")
    await town.service.watcher.look()
    assert way(town).manager_of == "applicant"
    await town.tap("wecom", "chenjing", await town.open_card("wecom", "chenjing", "新版没有发布"), "发布")
    await town.text("wecom", "chenjing", "已发布")
    await town.service.watcher.look()
    assert way(town).role == "personnel"
    assert [row["what"] for row in await town.journal("approval.form_released")] == ["back", "publish"]
    assert [row["in_force"] for row in await town.journal("approval.form_changed")] == [True]


async def test_what_the_report_says_is_what_happens_when_it_is_published(open_town, tmp_path):
    town, path = await opened(open_town, tmp_path, "after_confirmation")
    await save(town, path, STRICTER)
    card = await town.open_card("wecom", "chenjing", "“会议室借用”改过了：等您发布")
    sample = next(field.value for field in card.fields if field.name == "1号")
    assert sample == "张三，原来直接上级审批：李四；改后直接上级审批：王五"
    await borrowed(town)
    await town.until(lambda: len(town.cards("wecom", "lisi", "张三的会议室借用")) == 2, "it still goes the old way")
    await town.tap("wecom", "chenjing", card, "发布")
    await town.text("wecom", "chenjing", "已发布")
    await town.service.watcher.look()
    await borrowed(town)
    await town.card("wecom", "wangwu", "张三的会议室借用")


async def test_a_form_that_waits_or_was_put_aside_stays_so_over_a_restart(open_town, tmp_path):
    town, path = await opened(open_town, tmp_path, "after_confirmation")
    await save(town, path, STRICTER)
    card = await town.open_card("wecom", "chenjing", "等您发布")
    await town.settled()
    await town.stop_service()
    await town.serve()
    assert way(town).manager_of == "applicant"
    await town.tap("wecom", "chenjing", card, "先不发布")
    await town.open_card("wecom", "chenjing", "新版没有发布")
    await town.service.watcher.look()
    assert way(town).manager_of == "applicant"
    assert [row["what"] for row in await town.journal("approval.form_released")] == ["wait"]


async def test_a_file_changed_while_the_service_was_down_waits_like_any_other(open_town, tmp_path):
    town, path = await opened(open_town, tmp_path, "after_confirmation")
    await town.settled()
    await town.stop_service()
    path.write_text(STRICTER, encoding="utf-8")
    await town.serve()
    await town.open_card("wecom", "chenjing", "等您发布")
    assert way(town).manager_of == "applicant"


async def test_only_what_sends_items_elsewhere_waits_where_the_office_wants_that(open_town, tmp_path):
    town, path = await opened(open_town, tmp_path, "if_routes_change")
    await save(town, path, WORDED)
    await town.open_card("wecom", "chenjing", "新版已生效")
    await save(town, path, STRICTER)
    await town.open_card("wecom", "chenjing", "等您发布")
    assert way(town).manager_of == "applicant"


async def test_an_old_card_publishes_nothing(open_town, tmp_path):
    town, path = await opened(open_town, tmp_path, "after_confirmation")
    await save(town, path, STRICTER)
    old = await town.open_card("wecom", "chenjing", "等您发布")
    await save(town, path, WORDED)
    await town.until(lambda: len(town.cards("wecom", "chenjing", "等您发布")) == 2, "the newer one waits")
    await town.tap("wecom", "chenjing", old, "发布")
    await town.text("wecom", "chenjing", "这份表单后来又改过")
    await town.service.watcher.look()
    assert way(town).manager_of == "applicant"
    assert not await town.journal("approval.form_released")
