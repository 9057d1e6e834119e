"""Every packaged form from its page to its end where nothing can be tapped and nothing is called back.

Each acts on the page behind the link on their phone: fields, files, whom a step names, what a task wants. One office
plays all, on SQLite only: what differs between the databases is told by shorter stories.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from pathlib import Path

import pytest
from form_desk import BOOK, Desk, left_to
from form_desk import office as every_role
from hands import Client, everybody_on_links

from handlers.approval import engine, store
from handlers.approval.engine import Kind, State
from handlers.approval.language.form_model import Type

FILES = (Type.ATTACHMENT, Type.PHOTO)
AFTER = {"trip_report": ("trip", "trip"), "minutes": ("number", "meeting_call"), "notice_fix": ("number", "notice"),
         "meeting_move": ("number", "meeting_call"),
         "leave_change": ("leave", "leave"), "leave_return": ("leave", "leave")}  # fmt: skip
"""What a form is about: the field that says so, and the form that must have come before."""
LAST = ("leave", "leave_change", "leave_return")
"""A return is written when the leave has begun: days later than what the others are about."""
BACK = {"last_day": "2026-05-11", "last_half": "pm"}
REVIEWED = {"notice_fix": ["office 李四"]}
"""A correction is reviewed as the notice was; the recording's is of a notice that nobody reviewed."""
VERB = {Kind.DECIDE: "approve", Kind.TASK: "confirm", Kind.READ: "read"}
FORMS = Path(__file__).parents[2] / "config" / "forms"
PACKAGED = {path.stem for path in FORMS.glob("*.yaml")}


@pytest.fixture
async def office(open_town, database_url, tmp_path):
    if not database_url.startswith("sqlite"):
        pytest.skip("one database is enough here")
    own = tmp_path / "office0" / "forms"  # what moves money is off until an office takes the form as its own
    own.mkdir(parents=True)
    expense = (FORMS / "expense.yaml").read_text(encoding="utf-8")
    (own / "expense.yaml").write_text(expense.replace("enabled: false", "enabled: true"), encoding="utf-8")
    async with contextlib.AsyncExitStack() as stack:
        town = await open_town(people=everybody_on_links(), office=every_role)
        yield Office(await Desk.of(town), stack)


class Office:
    """Everybody's client, and the items that were approved."""

    def __init__(self, desk, stack):
        self.desk, self.town, self.clients, self.approved = desk, desk.town, {}, {}
        self._stack = stack
        self._users = {row["name"]: row["yuezhengyi"] for row in csv.DictReader(io.StringIO(everybody_on_links()))}

    def client(self, person):
        if person.name not in self.clients:
            self.clients[person.name] = Client(self.town, self._users[person.name])
            self._stack.push_async_callback(self.clients[person.name].session.close)
        return self.clients[person.name]

    async def link(self, person, item):
        """The newest link to this item on this person's phone."""

        def found():
            shown = self.town.messages("yuezhengyi", self._users[person.name])
            return [one for one in shown if one.kind == "link" and f"/office/items/{item}" in one.url]

        await self.town.until(found, f"a link to {item} for {person.name}")
        assert not found()[-1].buttons
        return found()[-1]

    async def played(self, code):
        """The form, filled in on its page and decided on the pages behind its links; who acted, in order."""
        case = BOOK["forms"][code]
        applicant = self.desk.people["林晓" if code in LAST else case.get("applicant", "高洁")]
        item, acted = await self.asked(code, applicant, case["values"]), []
        while item.request.state is State.PENDING:
            index = engine.present(item.request)[0]
            waiting = engine.waiting_for(item.request)[0]
            person = next(one for one in self.desk.people.values() if one.id == waiting)
            acted.append(f"{item.request.steps[index].name} {person.name}")
            await self.act(code, item, index, person)
            item = await self.desk.item(item)
        self.approved[code] = item
        return item, acted

    async def asked(self, code, applicant, values):
        if code in AFTER:
            field, before = AFTER[code]
            about = self.approved[before]
            values = {**values, field: str(about.number) if field == "number" else about.id}
        page = await self.client(applicant).open(f"/office/forms/{code}?via=yzy-main")
        assert page.status == 200, page.text
        pairs = [("once", page.hidden("once")), ("declared", "yes")]
        for name in values.keys() & dict(self.desk.form(code).inputs()).keys():
            value = BACK.get(name, values[name]) if code == "leave_return" else values[name]
            pairs += await self.typed(code, name, value, page, f"/office/forms/{code}/files?field={name}", name)
        where = await page.post(f"/office/forms/{code}", pairs)
        assert page.status == 303, problems(page.text)
        (id_,) = re.findall(r"/office/items/([^?/]+)", where)
        (row,) = await self.town.rows("SELECT number FROM item WHERE id = ?", id_)
        return await self.desk.town.service.database.read(lambda tx: store.numbered(tx, row["number"]))

    async def act(self, code, item, index, person):
        """On the page behind the link: everything that the step asks for must be asked for there."""
        step = item.request.steps[index]
        link = await self.link(person, item.id)
        page = await self.client(person).open(link.url)
        assert page.status == 200, page.text
        evidence, pairs = BOOK["forms"][code].get("evidence", {}), [("verb", VERB[step.kind])]
        assert f'name="verb" value="{VERB[step.kind]}"' in page.text
        for one in step.task:
            if value := evidence.get(one.key):
                where = f"/office/items/{item.id}/files?field={one.key}"
                pairs += await self.typed(code, one.key, value, page, where, f"evidence.{one.key}")
        for place in left_to(item.request, index):
            assert f"chosen.{place}" in page.text
            names = BOOK["forms"][code]["choices"][item.request.steps[place].name]
            pairs += [(f"chosen.{place}", self.desk.people[name].id) for name in names]
        await page.post(f"/office/items/{item.id}/acts", [("version", page.hidden("version")), *pairs])
        assert page.status == 303, problems(page.text)

    async def typed(self, code, key, value, page, where, name):
        """One field as a browser sends it."""
        field = self.desk.form(code).fields[key]
        if field.type in FILES:
            note = await page.upload(where, value)
            return [(f"proof.{key}" if name.startswith("evidence.") else name, note)]
        assert name in page.text or isinstance(value, dict | list), f"{name} is not asked for"
        if field.type is Type.PERSON:
            people = value if isinstance(value, list) else [value]
            return [(name, self.desk.people[one].id) for one in people]
        if isinstance(value, dict):
            return [(f"{name}.{part}", text) for part, text in value.items()]
        if field.type is Type.TABLE:
            return [(f"{name}.{row}.{col}", text) for row, cells in enumerate(value) for col, text in cells.items()]
        return [(name, one) for one in (value if isinstance(value, list) else [value])]


def problems(page):
    return " ".join(re.findall(r'<p class="(?:bad|problem|notice)[^>]*>(.*?)</p>', page)) or page[-3000:]


async def test_every_packaged_form_reaches_its_end_by_links_alone(office):
    order = [code for code in PACKAGED if code not in LAST and code not in AFTER]
    for code in [*sorted(order), *(one for one in AFTER if one not in LAST), *LAST]:
        try:
            if code == "leave_return":
                await office.town.forward(days=15)  # 12 May: the changed leave is half over
            item, acted = await office.played(code)
            assert item.request.state is State.APPROVED
            assert acted == REVIEWED.get(code, BOOK["forms"][code]["decides"])
        except BaseException as error:
            error.add_note(f"in the form {code}")
            raise
        await office.town.settled()  # a call signed two minutes ago would be refused
        await office.town.forward(minutes=2)  # our own limit: so many messages a minute for one person
    assert set(office.approved) == PACKAGED
    await office.town.settled()
    assert not await office.town.rows("SELECT id FROM outbox WHERE state IN ('refused', 'dead')")
    heard = [one for one in office.town.fake("yuezhengyi").trace.lines if one.direction == "out"]
    assert heard == []  # nothing was ever called back
    assert office.town.fake("yuezhengyi").gateway.refused == 0
