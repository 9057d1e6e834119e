"""The workbench's lists: pages that meet without gap, words that find, nothing found that may not be read."""

from __future__ import annotations

import json

import pytest

from handlers.approval import listing, store
from handlers.approval.language.form_model import Field, Form, Step, Type, Who
from handlers.approval.models import ItemRow
from handlers.people.models import PersonRow
from handlers.transaction import from_ms

OPEN = Form(form="seal", title="用印申请", fields={"title": Field(title="标题", type=Type.TEXT)})
GATE = Step(step="gate", title="门卫", who=Who(role="gate"), reads=("n",))
NARROW = Form(form="visit", title="访客预约", route=(GATE,))
FORMS = (OPEN, NARROW)


async def put(tx, table, model, **values):
    row = {name: field.default or "" for name, field in model._meta.fields_map.items()} | values
    row = {name: (0 if value == "" and name.endswith(("_ms", "active")) else value) for name, value in row.items()}
    await tx.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", *row.values())


@pytest.fixture
async def office(database):
    """Seventy slips of 张三 and 李四 that wait for the leader, every tenth one a visitor's."""

    async def filled(tx):
        for person, name, department in (("p1", "张三", "办公室"), ("p2", "李四_", "后勤科"), ("boss", "孙立新", "")):
            await put(tx, "person", PersonRow, id=person, name=name, department=department, active=1)
        for n in range(1, 71):
            item = f"i{n:03}"
            text = json.dumps({"title": f"关于第{n}件的函"}, ensure_ascii=False)
            await put(
                tx, "item", ItemRow, id=item, number=n, form="visit" if n % 10 == 0 else "seal",
                applicant="p1" if n % 2 else "p2", state="pending", version=1, current=0, fields_json=text,
                route_json="[]", rest_json="{}", created_ms=n,
            )  # fmt: skip
            await tx.execute(
                "INSERT INTO waiting (item, person, principal, since_ms) VALUES (?, 'boss', '', ?)", item, n // 3
            )

    await database.write(filled)
    return database


async def found(database, which="waiting", person="boss", query="", offset=0, limit=30):
    return await database.read(
        lambda tx: listing.page(tx, which, person, query=query, forms=FORMS, offset=offset, limit=limit)
    )


async def test_the_pages_meet(office):
    pages = [await found(office, offset=at) for at in (0, 30, 60, 90)]
    assert [len(page.items) for page in pages] == [30, 30, 10, 0]
    assert {page.total for page in pages} == {70}
    assert [one for page in pages for one in page.items] == [f"i{n:03}" for n in range(1, 71)]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("张三", 35), ("后勤", 35), ("用印", 63), ("访客", 7), ("12", 1), ("12号", 1), ("第7件", 1),
        ("张三 用印", 35), ("李四 访客", 7), ("张三 访客", 0), ("_", 35), ("%", 0), ("没有的", 0),
        ("第20件", 0),  # of a form whose people do not all see everything
    ],
)  # fmt: skip
async def test_words_find(office, query, number):
    assert (await found(office, query=query)).total == number


async def test_everybody_has_a_list_of_their_own(office):
    assert (await found(office, person="p1")).total == 0
    mine = await found(office, "mine", "p2", limit=3)
    assert (mine.items, mine.total) == (("i070", "i068", "i066"), 35)
    assert (await found(office, "mine", "p2", query="第20件")).items == ("i020",)
    assert (await found(office, "decided", "boss")).total == 0


async def test_what_waits_is_counted_by_person_the_longest_wait_first(office):
    """Whoever stands in for somebody is not counted."""

    async def more(tx):
        for person, principal, since in (("p1", "", 9), ("p1", "", 5), ("p2", "boss", 1)):
            await tx.execute(
                "INSERT INTO waiting (item, person, principal, since_ms) VALUES (?, ?, ?, ?)",
                f"i{since:03}", person, principal, since,
            )  # fmt: skip

    await office.write(more)
    assert await office.read(store.waiting_by_person) == [("boss", 70, from_ms(0)), ("p1", 2, from_ms(5))]
