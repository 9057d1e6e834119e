from __future__ import annotations

import json

import pytest

from bot.__main__ import run
from bot.demo import world

OFFICE = """
office: {name: 测试局}
server: {public_url: "https://bot.example.gov.cn"}
accounts:
  - {name: wecom, platform: wecom, corp_id: ww1, agent_id: 1000002, secret: s, token: token1,
     encoding_aes_key: "%s"}
  - {name: dingtalk, platform: dingtalk, client_id: d1, client_secret: s, corp_id: dc, robot_code: r, agent_id: 1}
roles: {personnel: [王五], office_director: [办公室主任], admin: [周敏], repairer: [郑海]}
forms: [forms/]
security: {signing_key: "%s"}
"""


@pytest.fixture
def form(tmp_path, capsys):
    """Runs `officebot form ...` for the sample office: exit status, standard output, standard error."""
    (tmp_path / "office.yaml").write_text(OFFICE % ("a" * 43, "k" * 32), encoding="utf-8")
    (tmp_path / "staff.csv").write_bytes((world.SAMPLE / "staff.csv").read_bytes())
    (tmp_path / "forms").mkdir()

    def call(*arguments):
        capsys.readouterr()
        status = run(["form", *arguments, "--config", str(tmp_path / "office.yaml")])
        said = capsys.readouterr()
        return status, said.out, said.err

    call.folder = tmp_path
    return call


def test_a_simulation_says_who_decides_and_why_without_any_database(form):
    status, out, _ = form("simulate", "请休假", "--as", "张三", "假别=annual", "时间=2027年5月6日到12日", "days=6")
    assert status == 0
    assert "直接上级审批：李四（张三的直接上级）" in out
    assert "上一级领导审批：赵六（张三的第2级上级）" in out


def test_a_simulation_for_programs(form):
    values = ("地点=三楼", "报修内容=空调", "存过文件=否", "预计费用=2000")
    status, out, _ = form("simulate", "repair", "--as", "004", *values, "--json")
    steps = {one["step"]: one for one in json.loads(out)["steps"]}
    assert status == 0
    assert steps["secrecy"]["taken"] is False
    assert (steps["director"]["people"], steps["work"]["people"]) == (["李四"], ["郑海"])


APART = """\
form: lamp
title: 换灯
category: 后勤
fields:
  place: {title: 地点, type: text, required: true}
route:
  - {step: ask, title: 审批, who: {manager_of: applicant}}
  - {step: buy, title: 采购, who: {role: repairer}, task: {button: 已采购}}
  - step: accept
    title: 验收
    who: {role: repairer}
    if_empty: {role: office_director}
    other_than: [buy]
  - {step: sign, title: 签收, who: applicant, task: {button: 已签收}}
"""


def test_a_simulation_says_who_cannot_be_the_same_and_what_is_left_to_the_applicant(form):
    (form.folder / "forms" / "lamp.yaml").write_text(APART, encoding="utf-8")
    status, out, _ = form("simulate", "换灯", "--as", "张三", "地点=三楼")
    assert status == 0
    assert "验收：维修派工 没有另外的人，改由李四，不能是“采购”的办理人" in out
    assert "签收：张三（申请人自己办）" in out
    status, out, _ = form("simulate", "换灯", "--as", "张三", "地点=三楼", "--json")
    assert [one["apart"] for one in json.loads(out)["steps"]] == [[], [], ["采购"], []]


def test_what_is_missing_and_misspelt_is_said(form):
    status, out, _ = form("simulate", "repair", "--as", "张三")
    assert status == 1
    assert "地点还没有填" in out
    assert "是不是 报修内容" in form("simulate", "repair", "--as", "张三", "报修内荣=x")[2]
    assert "是不是 repair" in form("simulate", "repare", "--as", "张三")[2]
    assert "是不是 张三" in form("simulate", "报修", "--as", "张五三")[2]


def test_the_list_has_every_form_with_its_version(form):
    listed = {one["form"]: one for one in json.loads(form("list", "--json")[1])}
    assert listed["leave"]["steps"][-2:] == ["直接上级审批", "上一级领导审批"]
    assert listed["expense"]["enabled"] is False
    assert "报修" in form("list")[1]


def test_a_check_names_the_line(form):
    path = form.folder / "forms" / "x.yaml"
    path.write_text("form: x\ntitle: 甲\ncategory: 乙\nfields:\n  a: {title: 丙, type: txt}\n", encoding="utf-8")
    status, out, _ = form("check", str(path))
    assert status == 1
    assert "第 5 行 fields.a.type" in out
    assert form("check")[0] == 1


def test_a_form_from_questions_can_be_simulated_at_once(form, monkeypatch):
    said = iter(["会议室借用", "room_use", "会议", "事由", "1", "y", "房间", "8", "大会议室，小会议室", "y", "",
                 "部门负责人审批", "2", "登记", "3", "office_director", ""])  # fmt: skip
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: next(said))
    status, out, _ = form("new")
    assert status == 0, out
    assert (form.folder / "forms" / "room_use.yaml").exists()
    assert form("check")[0] == 0
    status, out, _ = form("simulate", "会议室借用", "--as", "张三", "事由=开会", "房间=2")
    assert "部门负责人审批：李四（办公室负责人）" in out


def test_questions_take_what_people_write_and_say_in_chinese_what_is_wrong(form, monkeypatch):
    said = iter(["借物", "lend", "办公", "物品", "99", "一", "1", "也许", "是", "备注", "2", "不是", "",
                 "签字", "0", "1", ""])  # fmt: skip
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: next(said))
    status, out, _ = form("new")
    assert status == 0, out
    assert out.count("之间的一个数字") == 3
    assert "请写「是」或「否」。" in out
    assert "Error" not in out
    text = (form.folder / "forms" / "lend.yaml").read_text(encoding="utf-8")
    assert text.count("required: true") == text.count("required: false") == 1


def test_a_form_file_that_is_there_is_named_before_the_questions(form):
    (form.folder / "a.yaml").write_text("ours", encoding="utf-8")
    status, _, err = form("new", "-o", str(form.folder / "a.yaml"))  # nobody answers here
    assert (status, "没有覆盖" in err) == (1, True)


def test_a_new_form_answers_programs_with_nothing_but_json(form, monkeypatch):
    said = iter(["借阅", "borrow", "办公", "名称", "1", "y", "", "审批", "1", ""])
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: next(said))
    status, out, _ = form("new", "--json")
    answer = json.loads(out)
    assert (status, answer["ok"], answer["form"]) == (0, True, "borrow")
    assert answer["file"].endswith("borrow.yaml")


def test_a_replay_needs_the_same_form(form):
    path = form.folder / "forms" / "x.yaml"
    text = "form: x\ntitle: 甲\ncategory: 乙\nzero_approval: 无\nfields: {a: {title: 丙, type: text}}\n"
    path.write_text(text, encoding="utf-8")
    assert "不是 leave" in form("replay", "leave", "--against", str(path))[2]
