"""What two versions of a form differ in, and what a look at the files makes of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cards import releases as words
from handlers.approval.language import form_diff, form_model, releases
from handlers.approval.language.form_model import Field, Form, Step, Type, Who
from handlers.approval.language.releases import Release

BOSS = Step(step="boss", title="领导审批", who=Who(manager_of="applicant"))
DESK = Step(step="desk", title="办公室审批", who=Who(role="office_director"))
OLD = Form(
    form="room", title="借会议室", fields={"room": Field(title="房间", type=Type.TEXT)}, route=(BOSS, DESK)
)
NEW = replace(OLD, route=(replace(BOSS, who=Who(role="admin")), DESK))


def told(before, after):
    return [words.change(one.part, one.what, one.title) for one in form_diff.changes(before, after)]


@pytest.mark.parametrize(
    ("after", "wanted"),
    [
        (OLD, []),
        (NEW, ["修改环节“领导审批”"]),
        (replace(OLD, route=(BOSS,)), ["删去环节“办公室审批”"]),
        (replace(OLD, route=(DESK, BOSS)), ["环节的次序"]),
        (replace(OLD, fields={**OLD.fields, "n": Field(title="人数", type=Type.NUMBER)}), ["新增字段“人数”"]),
        (replace(OLD, title="会议室", cc=("admin",)), ["名称", "抄送"]),
    ],
)
def test_every_change_has_a_name(after, wanted):
    assert told(OLD, after) == wanted


def plan(files, rows, *, waits=False):
    found = releases.planned({one.code: one for one in files}, rows, waits=lambda _: waits)
    return {code: (row.version, row.set_aside, row.waiting) for code, row in found.items()}


OLD_V, NEW_V = form_model.version(OLD), form_model.version(NEW)
IN_FORCE = {"room": Release(form="room", version=OLD_V)}


def test_a_first_start_takes_the_files_as_they_are():
    assert plan([OLD], {}, waits=True) == {"room": (OLD_V, "", False)}


def test_a_changed_file_comes_in_or_waits():
    assert plan([NEW], IN_FORCE) == {"room": (NEW_V, "", False)}
    assert plan([NEW], IN_FORCE, waits=True) == {"room": (OLD_V, NEW_V, True)}


def test_what_was_put_aside_stays_until_the_file_is_another_one():
    aside = {"room": Release(form="room", version=OLD_V, set_aside=NEW_V)}
    assert plan([NEW], aside) == {"room": (OLD_V, NEW_V, False)}
    assert plan([OLD], aside) == {"room": (OLD_V, "", False)}
    other = replace(NEW, title="别的")
    assert plan([other], aside) == {"room": (form_model.version(other), "", False)}


def test_a_new_form_waits_without_anything_in_force():
    other = {"other": Release(form="other", version="x")}
    assert plan([NEW], other, waits=True) == {"room": ("", NEW_V, True)}
