"""What carries a marking is refused, what only speaks of secrecy is not (office-rules.md 5.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.model import Card, Field, Text
from handlers.mailroom import gate

PHRASES = ("内部资料 注意保密",)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("绝密★", "star"),
        ("机密★10年", "star"),
        ("秘密★长期", "star"),
        ("机 密 ★ 10 年", "star"),
        ("机密☆5年", "star"),
        ("机密*10年", "star"),
        ("**机密★10年**", "star"),
        ("机\u200b密★", "star"),
        ("关于某事的请示　秘密★6个月　请阅", "star"),
        ("密级：机密", "label"),
        ("密级:秘密", "label"),
        ("密 级 ： 内部", "label"),
        ("文号〔2026〕3号 密级：绝密 份号000012", "label"),
        ("密级和保密期限：秘密 1年", "label"),
        ("绝密\n关于某事的通知", "head"),
        ("机密 10年\n某某委员会文件", "head"),
        ("【机密】请尽快阅处", "head"),
        ("请看[秘密]附件", "head"),
        ("（秘密）", "head"),
        ("工作秘密", "head"),
        ("本件为内部资料  注意保密，请勿外传", "phrase"),
        ("内部资料\n注意保密", "phrase"),
    ],
)
def test_a_marking_is_found_however_it_is_written(text, rule):
    assert gate.found(text, PHRASES) == rule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "关于开展保密培训的通知",
        "保密教育培训，周五下午三楼会议室",
        "合同约定保守商业秘密和个人隐私",
        "采取无记名投票方式",
        "采取秘密投票方式表决",
        "本人确认以上内容不涉及国家秘密和工作秘密",
        "不要填写或上传国家秘密、工作秘密。",
        "涉密载体销毁申请，共三箱",
        "机密文件管理办法学习",
        "这是我们俩的小秘密",
        "密级：公开",
        "密级：无",
        "密级：____",
        "密级：",
        "秘密交通线旧址参观",
        "《绝密543》观影活动",
        "评分★★★★★，秘密花园餐厅",
        "年假 5月6日到8日 回家",
        "内部资料管理，注意防火",
        "保密局来访三人",
        "申请涉密计算机维修，绝密级保密柜一个",
    ],
)
def test_words_about_secrecy_pass(text):
    assert gate.found(text, PHRASES) == ""


@pytest.mark.parametrize(
    "name",
    ["机密★10年.pdf", "【秘密】方案.docx", "机密-人事方案.docx", "绝密.pdf", "秘密_名单.xlsx", "（机密）方案.doc",
     "内部资料注意保密.pdf", "工作秘密、通讯录.xls", "C:\\fakepath\\机密-方案.docx", "秘密1年 名单.pdf"],
)  # fmt: skip
def test_a_marked_file_name_is_found(name):
    assert gate.found_in_name(name, PHRASES)


@pytest.mark.parametrize(
    "name", ["保密培训通知.docx", "秘密投票办法.pdf", "机密文件管理规定.pdf", "商业秘密协议.docx", "1.jpg"]
)
def test_other_file_names_pass(name):
    assert gate.found_in_name(name, PHRASES) == ""


@given(st.text(alphabet="绝机秘密★级：年10 \n投票保【】ab", max_size=30))
def test_a_star_behind_a_grade_is_always_found(text):
    assert gate.found(f"{text}机密★{text}")


def test_every_text_of_a_message_is_looked_at():
    card = Card(kind="k", title="用印申请", fields=(Field("名称", "机密★10年 方案"),))
    assert gate.first(gate.texts(card)) == "star"
    assert gate.first(gate.texts(Text("请假"))) == ""
    assert gate.first(gate.texts({"a": [{"b": "密级：机密"}], "n": 3})) == "label"
