"""What is loaded of an office for one route gives the same route as the whole office does."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot import forms as form_files
from handlers.approval.language import circle, expressions, routes
from handlers.approval.language.form_model import Type
from handlers.people import lookup
from handlers.people.models import PersonRow
from handlers.transaction import Transaction

PACKAGED = Path(form_files.__file__).parents[1] / "config" / "forms"
RECORDING = Path(__file__).parents[3] / "recordings" / "packaged_forms.yaml"
ROLES = yaml.safe_load(RECORDING.read_text(encoding="utf-8"))["roles"]
FORMS = form_files.usable(form_files.read([PACKAGED], roles=ROLES))
DEPARTMENTS = ("办公室", "后勤科", "人事科", "财务科", "")
POSTS = ("科员", "科长", "副主任")


async def _person(tx, **values):
    fields = PersonRow._meta.fields_map
    row = {name: field.default for name, field in fields.items()} | {"active": 1} | values
    await tx.execute(
        f"INSERT INTO person ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", *row.values()
    )


async def _staff(tx: Transaction, chance: random.Random, number: int) -> None:
    """A line of managers with gaps and a circle, leavers among them, every role held by one or two."""
    for n in range(number):
        manager = f"p{chance.randrange(number)}" if chance.random() < 0.9 else ""
        await _person(
            tx, id=f"p{n}", name=f"某{n % (number - 3)}", staff_no=f"{n:03}", department=chance.choice(DEPARTMENTS),
            post=chance.choice(POSTS), manager=manager, active=int(chance.random() < 0.85),
        )  # fmt: skip
    for role in ROLES:
        for n in {chance.randrange(number), chance.randrange(number)}:
            await tx.execute("INSERT INTO person_role (role, person) VALUES (?, ?)", role, f"p{n}")


def _values(form, chance, number):
    """Whatever the route's words may point to; conditions on the rest fail on both sides alike."""
    found = {}
    for code, one in form.fields.items():
        if one.type is Type.PERSON:
            found[code] = [f"p{chance.randrange(number)}"] if one.many else f"p{chance.randrange(number)}"
        elif one.type is Type.DEPARTMENT:
            found[code] = chance.choice(DEPARTMENTS[:4])
        elif one.type is Type.CHOICE and one.options:
            found[code] = chance.choice(one.options).code
        elif one.type in (Type.NUMBER, Type.MONEY) and not one.decimals:
            found[code] = chance.randrange(500)
    return found


def _route(form, values, people, applicant):
    try:
        about = routes.about(people, applicant, today=date(2026, 4, 27))
        return routes.resolve(form, values, applicant=applicant, people=people, about=about)
    except expressions.Failed:
        return "impossible"


@pytest.mark.parametrize("seed", range(4))
async def test_every_packaged_form_goes_the_same_way(database, seed):
    chance = random.Random(seed)
    number = 60
    await database.write(lambda tx: _staff(tx, chance, number))
    whole = await database.read(routes.load_people)
    assert whole.persons
    resolved = 0
    for form in FORMS.values():
        for applicant in chance.sample(sorted(whole.persons), 8):
            values = _values(form, chance, number)
            some = await database.read(lambda tx, f=form, v=values, a=applicant: circle.around(tx, f, v, a))
            expected = _route(form, values, whole, applicant)
            assert _route(form, values, some, applicant) == expected, form.code
            resolved += expected != "impossible"
    assert resolved > 50


async def test_only_those_are_loaded_whom_the_route_can_reach(database):
    async def many(tx):
        for n in range(300):
            manager = f"p{n // 10}" if n else ""
            await _person(tx, id=f"p{n}", name=f"某{n}", department=f"科{n % 20}", manager=manager)

    await database.write(many)
    some = await database.read(lambda tx: circle.around(tx, FORMS["supplies"], {}, "p299"))
    assert "p299" in some.persons
    assert {"p29", "p2", "p0"} <= some.persons.keys()
    assert len(some.persons) < 30


async def _three(tx):
    clerks = (("李一%", "办公室", "科员"), ("张三", "办公室", "科长"))
    people = (*clerks, ("王办公", "人事科", "科员"), ("李四", "人事科", "科员"))
    for number, (name, department, post) in enumerate(people):
        await _person(tx, id=f"p{number}", name=name, staff_no=f"00{number}", department=department, post=post)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("李", ["李一%", "李四"]),
        ("办公", ["李一%", "张三", "王办公"]),
        ("办公室 张", ["张三"]),
        ("001", ["张三"]),
        ("%", ["李一%"]),
        ("_", []),
        ("!", []),
        ("", ["李一%", "李四", "张三", "王办公"]),
    ],
)
async def test_people_are_found_by_any_part_of_what_is_known_of_them(database, query, found):
    await database.write(_three)
    people = await database.read(lambda tx: lookup.search(tx, query, limit=12))
    assert sorted(one.name for one in people) == sorted(found)


async def test_who_is_near_comes_first(database):
    await database.write(_three)
    people = await database.read(lambda tx: lookup.search(tx, "李", near="人事科", limit=1))
    assert [one.name for one in people] == ["李四"]
