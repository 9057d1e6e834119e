"""Every mistake a form file can hold, with the line it is on and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import forms, reloading
from config import forms as form_files

ROLES = ("admin", "office_director", "personnel")
GOOD = """\
form: room
title: 会议室借用
category: 会议
summary: "{room}"
fields:
  room: {title: 房间, type: choice, options: [大会议室, 小会议室], required: true}
  people: {title: 人数, type: number}
  weight: {title: 重量, type: number, decimals: 1}
  boss: {title: 领导, type: person}
  key: {title: 钥匙号, type: text, required: true}
route:
  - step: manager
    title: 直接上级审批
    who: {manager_of: applicant}
    when: "people > 3"
  - step: keeper
    title: 交钥匙
    who: {role: office_director}
    task: {evidence: [key]}
effects: {approve: [leave.hold]}
cc: [personnel]
"""


MUST = "fields: {a: {title: 甲, type: number}, b: {title: 乙, type: number, computed: a + 1}}"


def ruled(rule):
    return problems(f"form: x\ntitle: 题\ncategory: 类\nzero_approval: 无\n{MUST}\nmust:\n  - {rule}\n")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{that: a > 3, say: 要大于三}", ""),
        ("{that: a > 3, say: 要大于三, at: c}", "must[1].at：没有 c 这个字段。应改为：fields 里有 a、b"),
        ("{that: a > 3, say: 要大于三, at: b}", "must[1].at：b 不是人填的"),
        ("{that: a + 3, say: 要大于三}", "must[1].that：结果应是是或否，现在是整数"),
        ("{that: a > 3.5, say: 要大于三}", "must[1].that：整数和小数不能放在一起"),
        ("{that: aa > 3, say: 要大于三}", "must[1].that：条件里没有 aa 这个名称（第 1 个字）"),
        ("{that: today > '2026', say: 要大于三}", "must[1].that：这条规定没有用到任何字段"),
        ("{that: used.month.cuont < 3 && a > 1, say: 要大于三}", "应改为：used.month.count"),
        ("{that: workday(today) && a > 1, say: 要大于三}", "应改为：workdays"),
        ("{that: a > 3}", "must[1].say：缺少"),
    ],
)
def test_a_rule_across_fields_is_checked_when_the_file_is_read(rule, told):
    found = ruled(rule)
    assert told in " ".join(found) if told else found == []
    assert all("第 7 行" in one for one in found)


@pytest.mark.parametrize(("years", "told"), [("", "没有写保存几年"), ("retention_years: 10", "保存年限 10 年太短"),
                                            ("retention_years: 15", "")])  # fmt: skip
def test_papers_of_a_procurement_are_kept_as_long_as_the_law_wants(years, told):
    law = "basis: [《中华人民共和国政府采购法》第四十二条]"
    found = problems(f"form: buy\ntitle: 题\ncategory: 类\nzero_approval: 无\n{law}\n{MUST}\n{years}\n")
    assert told in " ".join(found) if told else found == []


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("a: {title: 甲, type: item}", "fields.a：没有写是哪种表单的事项。应改为：of: [trip, reception]"),
        ("a: {title: 甲, type: table, columns: {b: {title: 乙, pattern: '('}}}", "这个正则表达式写错了"),
        ('a: {title: 甲, type: table, columns: {b: {title: 乙, type: money, pattern: "1"}}}', "money 类型的列没有"),
        ("a: {title: 甲, type: table, columns: {b: {title: 乙, type: date, not_after: 昨天}}}", "应是日期"),
    ],
)
def test_columns_and_named_items_are_checked_too(field, told):
    assert told in " ".join(problems(f"form: x\ntitle: 题\ncategory: 类\nzero_approval: 无\nfields:\n  {field}\n"))


def test_a_leave_is_submitted_in_one_sentence_and_declares_nothing():
    text = f"form: leave\ntitle: 题\ncategory: 类\nzero_approval: 无\nsecrecy: declare\n{MUST}\n"
    assert "没有确认不涉密这一步" in " ".join(problems(text))


def problems(text):
    file = forms.check(form_files.from_bytes(text.encode(), Path("room.yaml")), roles=ROLES)
    return [str(problem) for problem in file.problems]


def test_a_good_file_has_none():
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("title: 会议室借用", "titel: 会议室借用", 2, "应改为：title"),
        ("category: 会议\n", "", 1, "缺少这一项"),
        ("type: number}\n  weight", "type: nubmer}\n  weight", 7, "应改为：number"),
        ("type: number}\n  weight", "type: number, max_length: 3}\n  weight", 7, "没有 max_length"),
        ("type: number}\n  weight", "type: number, min: 5, max: 2}\n  weight", 7, "min 大于 max"),
        ("options: [大会议室, 小会议室], ", "", 6, "缺少选项"),
        ("options: [大会议室, 小会议室]", "options: [大会议室, 大会议室]", 6, "选项有重复"),
        ("{manager_of: applicant}", "{manger_of: applicant}", 14, "应改为：manager_of"),
        ("{manager_of: applicant}", "{manager_of: bos}", 14, "应改为：boss"),
        ("{manager_of: applicant}", "{manager_of: applicant, role: admin}", 14, "只能写一个"),
        ("{manager_of: applicant}", "{chosen_by: keeper}", 14, "在它之前的环节"),
        ("{manager_of: applicant}", "applicant", 14, "申请人不能审批自己的申请"),
        ("{manager_of: applicant}", "aplicant", 14, "应改为：applicant"),
        ("{manager_of: applicant}", "{manager_of: applicant, at_most: 2}", 14, "只用于 chosen_by"),
        ("{role: office_director}", "{role: office_director}\n    edits: [key]", 19, "key 是这一步办理时才填的"),
        ("{role: office_director}", "{role: office_director}\n    edits: [peple]", 19, "应改为：people"),
        ("{role: office_director}", "applicant\n    edits: [people]", 19, "由申请人办的一步不用 edits"),
        ("{role: office_director}", "{role: office_director}\n    other_than: [manger]", 19, "应改为：manager"),
        ("{role: office_director}", "{role: office_director}\n    other_than: [keeper]", 19, "不是在它之前的环节"),
        ("{role: office_director}", "{role: office_director}\n    other_than: [applicant]", 19, "不会由申请人审批"),
        ("task:", "deadline: {working_hours: 4, then: pass, to: {role: admin}}\n    task:", 19, "不用写交给谁"),
        ("task:", "deadline: {working_hours: 4, then: hand_on, to: {applicant: true}}\n    task:", 19, "不能交给申请"),
        ("task: {evidence: [key]}", "circulate: true\n    edits: [people]", 20, "传阅的人只看不改"),
        ("{manager_of: applicant}", "{applicant_choice: room}", 14, "应改为：可以写 boss"),
        ('"people > 3"', '"peple > 3"', 15, "应改为：people"),
        ('"people > 3"', '"people > 3 and true"', 15, "应改为：&&"),
        ('"people > 3"', '"people = 3"', 15, "应改为：=="),
        ('"people > 3"', '"people"', 15, "结果应是是或否，现在是整数"),
        ('"people > 3"', '"people > \'3\'"', 15, "整数和文字不能放在一起"),
        ('"people > 3"', '"weight > 3"', 15, "写成 3.0"),
        ('"people > 3"', "'room == \"中会议室\"'", 15, "没有「中会议室」这个选项"),
        ('"people > 3"', "'room in [\"大会议室\", \"小会仪室\"]'", 15, "应改为：小会议室"),
        ('"people > 3"', "'key != \"\"'", 15, "key 到这时还没有填"),
        ("type: number}\n  weight", 'type: number, when: "weight > 1.0"}\n  weight', 7, "weight 到这时还没有填"),
        ("type: number}\n  weight", 'type: number, computed: "room"}\n  weight', 7, "结果应是整数，现在是文字"),
        ("type: number}\n  weight", "type: number, required: true, computed: \"1\"}\n  weight", 7, "不能是必填"),
        ("step: keeper", "step: manager", 16, "两个环节都叫 manager"),
        ("evidence: [key]", "evidence: [kye]", 19, "应改为：key"),
        ("leave.hold", "leave.hodl", 20, "应改为：leave.hold"),
        ("effects: {", "effects: {steps: {keper: []}, ", 20, "应改为：keeper"),
        ('"{room}"', '"{rom}"', 4, "应改为：room"),
        ("title: 直接上级审批", "title: 直接上级审批\n    if_empty: skp", 14, "应改为：skip"),
        ("title: 直接上级审批", "title: 直接上级审批\n    rule: al", 14, "应改为：all"),
        ("title: 直接上级审批", "title: 直接上级审批\n    rule: {at_least: 2, all: true}", 14, "只能写一种"),
        ("审批\n", "审批\n    deadline: {working_hours: 8, then: hand_on}\n", 14, "要写交给谁"),
        ("room: {title", "today: {title", 6, "字段不能叫 today"),
        ("title: 会议室借用", "title：会议室借用", 2, "中文全角"),
        ("title: 会议室借用", "title: 会议室借用\ntitle: 借", 3, "写了两次"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_cure(old, new, line, said):
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert any(f"room.yaml 第 {line} 行" in one and said in one for one in found), found


def test_all_mistakes_come_at_once():
    text = GOOD.replace("people > 3", "peple > 3").replace("[key]", "[kye]").replace("leave.hold", "leave.hodl")
    assert len(problems(text)) == 3


def test_a_role_that_nobody_holds_is_advice():
    [advice] = problems(GOOD.replace("role: office_director", "role: office_directer"))
    assert "（建议）" in advice
    assert "应改为：office_director" in advice


def test_the_offices_own_form_takes_the_place_of_the_packaged_one(tmp_path):
    packaged, own = tmp_path / "packaged", tmp_path / "own"
    for folder, title in ((packaged, "借会议室"), (own, "会议室借用")):
        folder.mkdir()
        (folder / "room.yaml").write_text(GOOD.replace("会议室借用", title), encoding="utf-8")
    found = forms.usable(forms.read([packaged, own], roles=ROLES))
    assert found["room"].title == "会议室借用"


def test_a_word_that_two_forms_answer_to_is_refused(tmp_path):
    (tmp_path / "room.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "hall.yaml").write_text(GOOD.replace("form: room", "form: hall"), encoding="utf-8")
    said = [str(problem) for file in forms.read([tmp_path], roles=ROLES) for problem in file.problems]
    assert any("「会议室借用」已经是表单 hall 的名称" in one for one in said)


def test_a_broken_file_keeps_what_is_in_force_and_a_deleted_one_goes(tmp_path):
    (tmp_path / "room.yaml").write_text(GOOD, encoding="utf-8")
    present = forms.usable(forms.read([tmp_path], roles=ROLES))
    (tmp_path / "room.yaml").write_text(GOOD.replace("people > 3", "peple > 3"), encoding="utf-8")
    broken = reloading.reloaded(forms.read([tmp_path], roles=ROLES), present)
    assert (broken.forms, broken.changed, broken.kept) == (present, (), True)
    (tmp_path / "room.yaml").unlink()
    assert reloading.reloaded(forms.read([tmp_path], roles=ROLES), present).forms == {}


def test_every_example_of_the_page_about_the_language_is_a_good_form():
    page = (Path(form_files.__file__).parent / "forms" / "README.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    file = forms.check(form_files.from_bytes(example.encode(), Path("room_use.yaml")), roles=ROLES)
    assert file.usable, file.problems


TIED = """\
form: days_off
title: 请公休
category: 人事
fields:
  kind: {title: 假别, type: choice, options_from: leave_kinds, required: true}
  time: {title: 起止, type: date_range, halves: true, required: true}
  days: {title: 天数, type: number, decimals: 1, given_by: office}
  reason: {title: 事由, type: text}
route:
  - step: manager
    title: 审批
    who: {manager_of: applicant}
    edits: [reason, time]
effects: {submit: [leave.hold], approve: [leave.consume]}
"""


def test_what_the_ledger_hangs_on_is_not_changed_on_the_way():
    assert problems(TIED) == [
        "room.yaml 第 13 行 route[1].edits[2]：time 提交时已经用于 leave.hold，途中改了不会重新计算。"
        "应改为：删去这一项；要改的退回申请人，改好再提交"
    ]
    assert problems(TIED.replace("[reason, time]", "[reason]")) == []


def test_a_branch_beside_comes_neither_before_nor_after():
    text = GOOD.replace(
        "  - step: keeper",
        "  - parallel:\n    - [{step: a, title: 甲, who: {role: admin}}]\n"
        "    - [{step: b, title: 乙, who: {role: admin}, other_than: [a]}]\n  - step: keeper",
    )
    assert [one for one in problems(text) if "a 不是在它之前的环节" in one]
    assert problems(text.replace("other_than: [a]", "other_than: [manager]")) == []
