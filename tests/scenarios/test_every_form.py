"""Every packaged form from its values to its end, by the people whom its simulation names, on both platforms.

What is filled in stands in tests/recordings/packaged_forms.yaml. The strict sandboxes refuse a card that breaks a limit
of its platform; that a card is on a phone therefore says that it could be shown there.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.demo import world
from handlers import errors
from handlers.approval import act, book, engine, fill, post, rebuilding, store, submitting, views
from handlers.approval.engine import Kind, State, Verb
from handlers.approval.form_model import Type
from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.context import Context
from handlers.people import directory

RECORDING = Path(__file__).parents[1] / "recordings" / "packaged_forms.yaml"
BOOK = yaml.load(RECORDING.read_text(encoding="utf-8"), yaml.BaseLoader)  # texts only, as typed
OTHERS = [code for code in BOOK["forms"] if code != "leave"]
"""A leave is asked for in words and charged to a ledger: test_leave_story.py."""
PLATFORMS = ("wecom", "dingtalk")
FILES = (Type.ATTACHMENT, Type.PHOTO)


def staff(shift):
    """The sample office, one on WeCom and the next on DingTalk; `shift` 1 the other way round."""
    rows = list(csv.DictReader(io.StringIO((world.SAMPLE / "staff.csv").read_text(encoding="utf-8-sig"))))
    for index, row in enumerate(rows):
        account = row["wecom"] or row["dingtalk"]
        row.update(wecom="", dingtalk="")
        row[PLATFORMS[(index + shift) % 2]] = account
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def office(text):
    """The sample office with every role held by somebody."""
    roles = "".join(f"  {role}: [{'、'.join(names)}]\n" for role, names in BOOK["roles"].items())
    return re.sub(r"(?ms)^roles:\n.*?\n\n", f"roles:\n{roles}\n", text)


@dataclass
class Desk:
    """The service's own path for what people do on pages: fill in, submit, finish a task."""

    town: Any
    people: dict[str, directory.Person]

    @classmethod
    async def of(cls, town):
        async def everybody(tx):
            return {one.name: one for one in await directory.everybody(tx)}

        return cls(town, await town.service.database.read(everybody))

    async def write(self, person, unit):
        async def within(tx):
            origin = Origin(person=person.id, account="wecom-main", door="page", trace="t")
            ctx = Context(
                tx=tx, now=self.town.clock.now(), trace="t", origin=origin, office=self.town.service.office
            )
            return await unit(ctx)

        done = await self.town.service.database.write(within)
        self.town.service.wake()
        return done

    def form(self, code):
        return self.town.service.office.of(book.Forms).by_code[code]

    def typed(self, code, raw):
        """The recording's words as values: people by their ids, files as if they had been handed in."""
        form = self.form(code)
        return fill.normalise(form, {key: self._typed(form.fields[key], value) for key, value in raw.items()})

    def _typed(self, field, value):
        if field.type is Type.PERSON:
            return [self.people[one].id for one in value] if isinstance(value, list) else self.people[value].id
        if field.type in FILES:
            kind = "image/jpeg" if value.endswith(".jpg") else "application/octet-stream"
            return [{"id": "f1", "name": value, "size": 1000, "type": kind}]
        return value

    async def submitted(self, code, **changes):
        """The item, on its way."""
        case = BOOK["forms"][code]
        person = self.people[case.get("applicant", "高洁")]
        values = self.typed(code, case["values"] | changes)

        async def unit(ctx):
            draft = await submitting.draft(ctx, person, self.form(code), values)
            item = await act.perform(ctx, draft.id, engine.Act(verb=Verb.SUBMIT), by=person)
            await post.send(ctx, item, person.id, kind=views.MINE)
            return item

        return person, await self.write(person, unit)

    async def item(self, item):
        return await self.town.service.database.read(lambda tx: store.load(tx, item.id))

    def evidence(self, code):
        """The recording's evidence as a page sends it: texts as typed, ids of people and files."""
        raw = BOOK["forms"][code].get("evidence", {})
        return {key: self._sent(self.form(code).fields[key], value) for key, value in raw.items()}

    def _sent(self, field, value):
        if field.type in FILES:
            return "f1"
        return self.people[value].id if field.type is Type.PERSON else value

    async def consent(self, code, item, person, **evidence):
        """What a page sends when this person agrees, with the people or the evidence that the step wants."""
        request, case = item.request, BOOK["forms"][code]
        index = engine.present(request)[0]
        given = self.evidence(code) | evidence
        verb = {Kind.DECIDE: Verb.APPROVE, Kind.TASK: Verb.CONFIRM, Kind.READ: Verb.READ}[request.steps[index].kind]
        wanted = engine.Act(
            verb=verb,
            seen=request.version,
            chosen={i: self._chosen(case, request.steps[i]) for i in _left_to(request, index)},
            evidence={one.key: given[one.key] for one in request.steps[index].task if given.get(one.key)},
        )
        return await self.write(person, lambda ctx: act.perform(ctx, item.id, wanted, by=person))

    def _chosen(self, case, step):
        return tuple(self.people[name].id for name in case["choices"][step.name])

    async def said(self, name, words):
        """`name` writes this to the bot once the card about it is there."""
        platform, user = self.phone(name)
        await self.town.open_card(platform, user, "的")
        await self.town.say(platform, user, words)
        await self.town.settled()

    def phone(self, name):
        """(platform, user) where this person is written to."""
        row = next(one for one in csv.DictReader(io.StringIO(self.staff)) if one["name"] == name)
        return ("wecom", row["wecom"]) if row["wecom"] else ("dingtalk", row["dingtalk"])

    staff: str = ""


def _left_to(request, index):
    return [i for i, step in enumerate(request.steps) if step.chosen_by == index]


@pytest.fixture(params=[0, 1], ids=["clerk-on-dingtalk", "clerk-on-wecom"])
async def desk(request, open_town):
    people = staff(request.param)
    desk = await Desk.of(await open_town(people=people, office=office))
    desk.staff = people
    return desk


async def decided(desk, code):
    """Plays a form to its end; who acted, in order, each from a card that was on their phone."""
    applicant, item = await desk.submitted(code)
    acted = []
    while item.request.state is State.PENDING:
        index = engine.present(item.request)[0]
        person = next(one for one in desk.people.values() if one.id == engine.waiting_for(item.request)[0])
        acted.append(f"{item.request.steps[index].name} {person.name}")
        item = await agreed(desk, code, item, person, applicant)
    platform, user = desk.phone(applicant.name)
    await desk.town.until(
        lambda: any(card.title.endswith("已同意") for card in desk.town.cards(platform, user, _title(desk, code))),
        f"{applicant.name} sees that {code} is approved",
    )
    return item, acted


def _title(desk, code):
    return desk.form(code).title


async def agreed(desk, code, item, person, applicant):
    """A tap where a tap is enough, the page where people or evidence have to be named."""
    request = item.request
    index = engine.present(request)[0]
    platform, user = desk.phone(person.name)
    card = await desk.town.open_card(platform, user, f"{applicant.name}的{desk.form(code).title}")
    if request.steps[index].kind is not Kind.DECIDE or _left_to(request, index):
        return await desk.consent(code, item, person)
    await desk.town.tap(platform, user, card, "同意")

    async def moved():
        return (await desk.item(item)).request.version > request.version

    await desk.town.until(moved, f"{person.name} agrees to {code}")
    return await desk.item(item)


def _asked_for(item):
    return {one.key for step in item.request.steps for one in step.task}


async def test_every_packaged_form_reaches_its_end_on_both_platforms(desk):
    for code in OTHERS:
        try:
            item, acted = await decided(desk, code)
            assert item.request.state is State.APPROVED
            assert acted == BOOK["forms"][code]["decides"]
            assert set(BOOK["forms"][code].get("evidence", {})) & _asked_for(item) <= set(item.fields)
        except Exception as error:
            error.add_note(f"in the form {code}")
            raise
        await desk.town.forward(minutes=2)  # our own limit: so many cards a minute for one person
    await desk.town.settled()
    states = {row["state"] for row in await desk.town.rows("SELECT DISTINCT state FROM outbox")}
    assert states <= {"sent", "done", "waiting"}


async def test_a_number_plate_that_is_none_sends_no_car(desk):
    _, item = await desk.submitted("vehicle")
    dispatcher = desk.people["吴刚"]
    for wrong in ("12345", ""):
        with pytest.raises(errors.BadRequest) as refused:
            await desk.consent("vehicle", item, dispatcher, plate=wrong)
        assert [one.path for one in refused.value.circumstances["problems"]] == [("plate",)]
    assert (await desk.item(item)).request.version == item.request.version


async def test_a_trip_by_bus_needs_neither_plate_nor_driver(desk):
    _, item = await desk.submitted("vehicle")
    dispatcher = desk.people["吴刚"]
    item = await desk.consent("vehicle", item, dispatcher, arrangement="公共交通", plate="", driver="")
    none = {"odometer_out": "", "mileage": "", "road_note": ""}
    item = await desk.consent("vehicle", item, dispatcher, road_cost="6.50", **none)
    assert item.request.state is State.APPROVED
    assert item.fields["road_cost"] == 650
    assert "odometer_back" not in item.fields


async def test_the_meter_of_a_car_that_came_back_is_computed(desk):
    _, item = await desk.submitted("vehicle")
    for _ in range(2):
        item = await desk.consent("vehicle", item, desk.people["吴刚"])
    assert item.fields["odometer_back"] == 56018
    assert item.fields["road_cost"] == 2500


async def test_a_keeper_finishes_a_task_with_words(desk):
    """`办结` with the evidence by its title: money is yuan, as people say it."""
    _, item = await desk.submitted("visitor")
    item = await desk.consent("visitor", item, desk.people["何军"])
    platform, user = desk.phone("郑海")
    await desk.town.open_card(platform, user, "高洁的访客预约")
    await desk.town.say(platform, user, f"办结 {item.number} 实到人数 1 离开时刻 10:40")

    async def over():
        return (await desk.item(item)).request.state is State.APPROVED

    await desk.town.until(over, "the gate has registered the visitor")
    fields = (await desk.item(item)).fields
    assert (fields["arrived"], fields["left_at"]) == (1, "10:40")


async def test_a_driver_is_named_in_words(desk):
    _, item = await desk.submitted("vehicle")
    platform, user = desk.phone("吴刚")
    await desk.town.open_card(platform, user, "高洁的用车申请")
    await desk.town.say(platform, user, f"办结 {item.number} 派车方式 单位派车 车牌号 粤A12345 驾驶员 郑海")

    async def dispatched():
        return (await desk.item(item)).fields.get("driver") == desk.people["郑海"].id

    await desk.town.until(dispatched, "the dispatcher sends 郑海")


async def test_an_incoming_paper_is_assigned_done_and_filed_in_words(desk):
    _, item = await desk.submitted("incoming")
    item = await desk.consent("incoming", item, desk.people["李四"])
    number = item.number
    await desk.said("孙立新", f"批办 {number} 何军")
    await desk.said("何军", f"办结 {number} 办理结果 已书面回复无意见")
    await desk.said("李四", f"同意 {number}")
    await desk.said("张三", f"办结 {number} 归档号 2026-收-0087")
    item = await desk.item(item)
    assert item.request.state is State.APPROVED
    assert (item.fields["result"], item.fields["archive_number"]) == ("已书面回复无意见", "2026-收-0087")


async def test_a_paper_for_information_is_read_by_everybody_whom_the_office_names(desk):
    _, item = await desk.submitted("incoming", handling="阅件")
    number = item.number
    await desk.said("李四", f"批办 {number} 何军、王五")
    await desk.said("何军", f"已阅 {number}")
    assert [one.status for one in (await desk.item(item)).request.steps][1] is engine.Status.OPEN
    await desk.said("王五", f"已阅 {number}")
    await desk.said("张三", f"办结 {number} 归档号 2026-收-0088")
    assert (await desk.item(item)).request.state is State.APPROVED


async def returned(desk, name, item, *, resume=False):
    """`name` sends the item back to its applicant."""
    wanted = engine.Act(verb=Verb.RETURN, opinion="请补上近期同类采购", resume=resume)
    return await desk.write(desk.people[name], lambda ctx: act.perform(ctx, item.id, wanted, by=desk.people[name]))


async def again(desk, applicant, item, raw):
    """The applicant mends the item on the page and submits it once more."""

    async def unit(ctx):
        await submitting.change(ctx, await store.lock(ctx.tx, item.id), applicant, {**item.fields, **raw})
        return await act.perform(ctx, item.id, engine.Act(verb=Verb.RESUBMIT), by=applicant)

    return await desk.write(applicant, unit)


def going(item):
    """The steps of the route that counts, by their state."""
    return [f"{one.name} {one.status}" for one in item.request.steps if one.status is not engine.Status.DROPPED]


async def rebuilt(desk, item):
    facts = await desk.town.service.database.read(lambda tx: log.read(tx, item.id))
    return rebuilding.rebuilt(facts)


async def test_a_returned_item_with_another_amount_goes_another_way(desk):
    applicant, item = await desk.submitted("procurement")
    item = await desk.consent("procurement", item, desk.people["何军"])
    assert "leader ahead" not in going(item)
    item = await returned(desk, "冯雪", item, resume=True)
    item = await again(desk, applicant, item, {"recent": 700050})
    assert going(item) == ["manager open", "finance ahead", "office ahead", "leader ahead", "buy ahead", "accept ahead"]
    (reopened,) = await desk.town.journal("approval.item_reopened")
    assert [one["name"] for one in reopened["route"]] == ["manager", "finance", "office", "leader", "buy", "accept"]
    assert await rebuilt(desk, item) == (await desk.item(item)).request
    platform, user = desk.phone("何军")
    await desk.town.tap(platform, user, await desk.town.open_card(platform, user, "高洁的采购"), "同意")

    async def on():
        return "finance open" in going(await desk.item(item))

    await desk.town.until(on, "何军 agrees once more")


async def test_a_returned_item_that_goes_the_same_way_comes_straight_back(desk):
    applicant, item = await desk.submitted("procurement")
    item = await desk.consent("procurement", item, desk.people["何军"])
    item = await returned(desk, "冯雪", item, resume=True)
    item = await again(desk, applicant, item, {"recent": 700049})
    assert going(item)[:2] == ["manager done", "finance open"]
    (reopened,) = await desk.town.journal("approval.item_reopened")
    assert reopened["route"] == []
    assert await rebuilt(desk, item) == (await desk.item(item)).request


async def test_a_returned_item_that_is_no_longer_right_stays_with_its_applicant(desk):
    applicant, item = await desk.submitted("procurement")
    item = await returned(desk, "何军", item)
    with pytest.raises(errors.BadRequest) as refused:
        await again(desk, applicant, item, {"recent": 25000000})
    assert [one.path for one in refused.value.circumstances["problems"]] == [("minutes",)]
    assert (await desk.item(item)).request.state is State.RETURNED
