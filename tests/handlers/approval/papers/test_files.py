"""Who brought which file, and what still needs it, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.approval.models import ItemRow
from handlers.approval.papers import files, page_drafts
from handlers.approval.papers.files import File

HERS, HIS, USED = "a" * 64, "b" * 64, "c" * 64


def file(digest, person, at, *, name="定稿.pdf"):
    return File(id=digest, name=name, size=3, type="application/pdf", person=person, at=at)


async def item(tx, name, *, state, number, applicant):
    row = {key: field.default or "" for key, field in ItemRow._meta.fields_map.items()}
    row |= {"id": name, "state": state, "number": number, "applicant": applicant, "version": 1, "current": 0}
    row |= {"fields_json": "{}", "route_json": "[]", "rest_json": "{}", "created_ms": 0, "changed_ms": 0}
    await tx.execute(f"INSERT INTO item ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", *row.values())


@pytest.fixture
async def office(database, now):
    async def brought(tx):
        await files.add(tx, file(HERS, "she", now))
        await files.add(tx, file(HIS, "he", now))
        await files.add(tx, file(USED, "she", now))
        await item(tx, "i1", state="pending", number=1, applicant="he")
        await files.use(tx, "i1", [USED, USED])

    await database.write(brought)
    return database


async def test_a_file_counts_for_those_who_brought_it(office):
    mine = await office.read(lambda tx: files.brought(tx, [HERS, HIS], person="she"))
    assert mine.keys() == {HERS}
    assert mine[HERS].record() == {"id": HERS, "name": "定稿.pdf", "size": 3, "type": "application/pdf"}
    assert await office.read(lambda tx: files.usable(tx, [HERS, HIS, USED], person="he")) == {HIS, USED}


async def test_the_last_name_counts_and_the_time_moves(office, now):
    later = now + timedelta(days=1)
    await office.write(lambda tx: files.add(tx, file(HERS, "she", later, name="终稿.pdf")))
    mine = await office.read(lambda tx: files.brought(tx, [HERS], person="she"))
    assert (mine[HERS].name, mine[HERS].at) == ("终稿.pdf", later)
    assert await office.read(lambda tx: files.count_since(tx, "she", later)) == 1
    assert await office.read(lambda tx: files.count_since(tx, "she", now)) == 3


async def test_what_is_fresh_or_used_is_wanted(office, now):
    later = now + timedelta(days=8)
    asked = [HERS, HIS, USED]
    assert await office.read(lambda tx: files.wanted(tx, asked, since=now)) == set(asked)
    assert await office.read(lambda tx: files.wanted(tx, asked, since=later)) == {USED}
    await office.write(lambda tx: tx.execute("UPDATE item SET state = 'discarded'"))
    assert await office.read(lambda tx: files.wanted(tx, asked, since=later)) == set()


async def test_a_page_draft_refers_to_files_until_it_expires(office, now):
    values = {"papers": [file(HIS, "he", now).record()], "rows": [{"deep": [file(HERS, "she", now).record()]}]}
    await office.write(lambda tx: page_drafts.begin(tx, person="he", form="seal", values=values, now=now))
    assert await office.read(page_drafts.files_in_use) == {HIS, HERS}
    assert await office.write(lambda tx: page_drafts.expire(tx, before=now)) == 0
    assert await office.write(lambda tx: page_drafts.expire(tx, before=now + timedelta(seconds=1))) == 1
    assert await office.read(page_drafts.files_in_use) == frozenset()


async def test_what_is_forgotten_was_never_here(office):
    await office.write(lambda tx: files.forget(tx, [HERS, USED]))
    assert await office.read(lambda tx: files.brought(tx, [HERS, USED], person="she")) == {}
    assert await office.read(lambda tx: files.of_item(tx, "i1")) == {}
