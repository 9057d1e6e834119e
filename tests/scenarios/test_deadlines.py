"""A step's time is up: each thing that a form can say for that, at the right hour, once, and marked where late."""

from __future__ import annotations

from dataclasses import replace

import pytest
from form_desk import Desk, office, staff
from office_days import acts, asked, rebuilt, state

from config import crosscheck
from handlers.approval.language.form_model import Deadline, Who

OVER_HTTP = {"office": lambda text: text.replace("transport: stream", "transport: http")}


@pytest.fixture
async def limited(open_town, tmp_path):
    """`await limited("pass")`: an office where the first step of a leave has two working hours and then this."""

    async def opened(then):
        forms = tmp_path / "office0" / "forms"
        forms.mkdir(parents=True)
        text = (crosscheck.PACKAGED / "forms" / "leave.yaml").read_text(encoding="utf-8")
        limit = f"    if_applicant: up\n    deadline: {{working_hours: 2, then: {then}}}\n"
        (forms / "leave.yaml").write_text(text.replace("    if_applicant: up\n", limit, 1), encoding="utf-8")
        return await open_town(**OVER_HTTP)

    return opened


async def on_time(town):
    """Two working hours from Monday 09:00: nothing before 11:00."""
    await town.forward(hours=1, minutes=55)
    assert [verb for _, verb, _ in await acts(town)] == ["submit"]
    await town.forward(minutes=10)


async def test_somebody_is_reminded(limited):
    town = await limited("remind")
    await asked(town)
    await on_time(town)
    await town.card("wecom", "lisi", "待您审批：张三的年假")
    assert [verb for _, verb, _ in await acts(town)] == ["submit"]


async def test_it_is_handed_on_to_somebody_else_alone(limited):
    town = await limited("hand_on, to: {role: personnel}")
    await asked(town)
    await on_time(town)
    await town.open_card("wecom", "wangwu", "张三的年假")
    await town.say("wecom", "lisi", "同意 1")
    await town.text("wecom", "lisi", "这一步不由您办理")
    await town.say("wecom", "wangwu", "同意 1")
    await town.text("wecom", "wangwu", "同意已记录")
    assert await acts(town) == [("张三", "submit", ""), (None, "expire", ""), ("王五", "approve", "")]


async def test_it_is_rejected_and_the_days_are_free_again(limited):
    town = await limited("reject")
    await asked(town)
    await on_time(town)
    await town.card("wecom", "zhangsan", "已驳回")
    assert await state(town) == "rejected"
    assert (await town.moves())[-1] == "reject"


async def test_it_passes_late_and_once_when_the_service_was_down(limited):
    town = await limited("pass")
    await asked(town)
    await town.settled()
    await town.stop_service()
    await town.forward(hours=30)  # Tuesday 15:00
    await town.serve()
    await town.forward(minutes=1)
    card = await town.open_card("wecom", "sunlixin", "张三的年假")
    assert "4月27日 11:00 到期处理（4月28日 15:0" in card.quote
    await town.forward(hours=1)
    assert [verb for _, verb, _ in await acts(town)] == ["submit", "expire"]
    shown, told = await rebuilt(town)
    assert shown == told


async def test_who_gets_it_then_reads_no_more_than_who_had_it(open_town):
    people = staff(0)
    desk = await Desk.of(await open_town(people=people, office=lambda text: OVER_HTTP["office"](office(text))))
    desk.staff = people
    form = desk.form("procurement")
    late = Deadline(working_hours=1, then="hand_on", to=Who(role="legal"))
    steps = [
        replace(one, reads=("budget_line",), deadline=late) if one.step == "manager" else one for one in form.route
    ]
    await desk.submitted("procurement", replace(form, route=tuple(steps)))
    await desk.town.forward(hours=1, minutes=5)
    card = await desk.town.open_card(*desk.phone("周敏"), "高洁的采购")
    assert [one.name for one in card.fields] == ["预算项目"]
