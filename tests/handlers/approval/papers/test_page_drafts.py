"""Drafts on pages: one per person and form, good for one submit."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from handlers.approval.papers import page_drafts

WHOSE = {"person": "p1", "form": "seal"}


async def begun(database, now, **values):
    return await database.write(partial(page_drafts.begin, **WHOSE, values=values, now=now))


async def test_two_tabs_share_one_draft(database, now):
    first = await begun(database, now, title="一")
    second = await begun(database, now, title="二")
    assert second == first
    assert first.values == {"title": "一"}


async def test_what_is_saved_is_there_again(database, now):
    draft = await begun(database, now)
    later = now + timedelta(minutes=5)
    save = partial(page_drafts.save, **WHOSE, once=draft.once, values={"title": "写到一半"}, now=later)
    assert await database.write(save)
    found = await database.read(partial(page_drafts.load, **WHOSE))
    assert (found.values, found.changed) == ({"title": "写到一半"}, later)
    assert await database.read(partial(page_drafts.of_person, person="p1")) == [("seal", later)]


async def test_it_is_taken_once_and_a_late_save_does_not_bring_it_back(database, now):
    draft = await begun(database, now)
    assert await database.write(partial(page_drafts.take, **WHOSE, once=draft.once))
    assert not await database.write(partial(page_drafts.take, **WHOSE, once=draft.once))
    assert not await database.write(partial(page_drafts.save, **WHOSE, once=draft.once, values={}, now=now))
    assert await database.read(partial(page_drafts.load, **WHOSE)) is None


async def test_drafts_of_others_are_left_alone(database, now):
    draft = await begun(database, now)
    taken = partial(page_drafts.take, person="p2", form="seal", once=draft.once)
    assert not await database.write(taken)
    assert await database.read(partial(page_drafts.load, **WHOSE)) is not None
