"""Chinese for the journal: no kind, no field and no door is left in the developers' language."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import handlers
from cards import records
from handlers.audit.facts import Fact
from handlers.errors import RuleError


def _kinds(base=Fact):
    for one in base.__subclasses__():
        yield one
        yield from _kinds(one)


for _module in pkgutil.walk_packages(handlers.__path__, "handlers."):
    if _module.name.endswith("facts"):
        importlib.import_module(_module.name)
# Slots make a second class of each; the one without them has no fields of its own to ask for.
KINDS = [one for one in _kinds() if one.KIND and one.__module__.startswith("handlers.") and "__slots__" in vars(one)]


@pytest.mark.parametrize("fact", KINDS, ids=lambda one: one.KIND)
def test_every_kind_and_every_field_has_its_word(fact):
    """The personal ones can be chosen by it, to be left out of a bundle."""
    assert records.kind(fact.KIND) != fact.KIND
    names = [one.name for one in dataclasses.fields(fact) if one.name != fact.SUBJECT]
    assert [name for name in names if records.field(fact.KIND, name).isascii()] == []


CODES = {
    ("sex", "male"): "男", ("level", "busy"): "只看忙闲", ("reader", "person:p1"): "张三", ("kind", "room"): "会议室",
    ("account_from", "held"): "在批", ("reply", "ack"): "收到", ("door", "card"): "卡片按钮",
    ("act", "approve"): "同意", ("because", "i1"): "12号", ("because", "mend"): "补正",
    ("kind", "leave.moved"): "休假台账", ("where", "page"): "网页上填的内容",
    ("recorded", 1777251600000): "2026-04-27 09:00:00",
}  # fmt: skip


@pytest.mark.parametrize(("name", "code"), CODES)
def test_a_code_is_told_by_its_word(name, code):
    said = records.value(name, code, names={"p1": "张三", "i1": "12号"}, titles={})
    assert said == CODES[name, code]


def test_every_reason_that_a_handler_writes_has_its_word():
    written = {
        code for file in Path(handlers.__path__[0]).rglob("*.py")
        for code in re.findall(r'because="(\w+)"', file.read_text("utf-8"))
    }  # fmt: skip
    assert written
    assert [code for code in written if records.value("because", code, names={}, titles={}).isascii()] == []


SUBJECTS = {
    "room:三楼": "会议室 三楼", "audit:keys": "签名钥匙", "i1": "12号", "slip:ABCD": "打印单 ABCD", "wait-3": "排队 3",
    "": "", "team:": "全部部门", "x": "x",
}  # fmt: skip


@pytest.mark.parametrize("id", SUBJECTS)
def test_what_a_fact_is_about_is_told_by_its_name(id):
    assert records.subject(id, {"i1": "12号"}) == SUBJECTS[id]


def test_a_step_of_a_route_is_no_persons_name():
    said = records.value("route", [{"name": "manager", "title": "直接上级审批"}], names={}, titles={})
    assert said == "直接上级审批"


def test_no_word_is_of_a_kind_that_is_gone():
    known = {one.KIND for one in KINDS}
    assert set(records.KINDS) - known == set()


def test_values_are_words():
    names = {"p1": "张三", "i1": "12号"}
    content = {"reason": "看病", "when_ms": 1777251600000, "who": "p1"}
    said = records.value("content", content, names=names, titles={"reason": "事由"})
    assert said == "事由：看病；when_ms：2026-04-27 09:00:00；who：张三"
    assert records.value("verb", "approve", names={}, titles={}) == "同意"
    assert records.text("opinion", '""', names={}, titles={}) == "空"
    assert records.heading("leave.moved", {"cause": "consume"}) == "休假台账：批准，扣减"


def _rule_errors(base=RuleError):
    for one in base.__subclasses__():
        if "CODE" in vars(one):
            yield one.CODE
        yield from _rule_errors(one)


@pytest.mark.parametrize("code", sorted({*_rule_errors()} | {"stranger", "outsider"}))
def test_every_refusal_that_is_recorded_has_its_reason_in_words(code):
    assert not records.value("why", code, names={}, titles={}).isascii()
