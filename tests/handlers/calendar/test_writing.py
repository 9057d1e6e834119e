"""What of an entry is written into the platform's own calendar, when, and what is asked when it differs there."""

from __future__ import annotations

import importlib.util
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.contract import ScheduleThere
from handlers.calendar import agenda, comparing, entry_store, writing
from handlers.calendar.comparing import Asked
from handlers.calendar.entry_store import Entry
from handlers.calendar.rules import Period
from handlers.mailroom import letters as mailroom_letters
from handlers.mailroom import schedules

_SPEC = importlib.util.spec_from_file_location("calendar_office", Path(__file__).with_name("conftest.py"))
office = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(office)
DAY = timedelta(days=1)
PERIOD = Period(office.MONDAY + DAY, office.MONDAY + DAY + timedelta(hours=1))
ON = office.office(written_to=("wecom-main",))


def context(tx, **options):
    return office.context(tx, **{"settings": ON, **options})


def entry(owner, **fields):
    return Entry(**{"uid": agenda.new_uid(office.MONDAY), "owner": owner, "period": PERIOD, "title": "谈话", **fields})


async def letters(tx):
    rows = await tx.fetch("SELECT message, kind, key, lane FROM outbox WHERE message_kind = 'Schedule' ORDER BY id")
    found = [(asdict(mailroom_letters.load("Schedule", row["message"])), row) for row in rows]
    return [{**said, "letter": row["kind"], "lane": row["lane"]} for said, row in found]


async def arrived(tx, handle='{"id": "s1"}'):
    await tx.execute("UPDATE outbox SET state = 'sent', sent_ms = 1 WHERE message_kind = 'Schedule'")
    await tx.execute("UPDATE copy SET handle = ? WHERE kind = ?", handle, schedules.KIND)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("manual", ("谈话", "三楼")), ("meeting", ("谈话", "三楼")), ("leave", ("休假", "")), ("trip", ("外出", ""))],
)
async def test_why_and_where_somebody_is_away_never_leaves(database, people, kind, said):
    async def unit(tx):
        await agenda.enter(context(tx), entry(people["张三"], kind=kind, place="三楼", note="血压复查"))
        (one,) = await letters(tx)
        assert "血压" not in str(one)
        return one["title"], one["place"]

    assert await database.write(unit) == said


async def test_a_change_before_it_went_out_is_one_letter_a_later_one_another_and_a_lane_of_its_own(database, people):
    async def unit(tx):
        ctx = context(tx)
        one = await agenda.enter(ctx, entry(people["张三"]))
        one = await agenda.change(ctx, one, replace(one, title="座谈"))
        assert [(row["title"], row["sequence"], row["letter"]) for row in await letters(tx)] == [("座谈", 1, "send")]
        await arrived(tx)
        await agenda.cancel(ctx, one)
        await writing.follow(ctx, one)  # an older state that comes late
        found = await letters(tx)
        assert [(row["sequence"], row["cancelled"]) for row in found] == [(1, False), (2, True)]
        assert all(row["lane"].endswith("/calendar") for row in found)

    await database.write(unit)


@pytest.mark.parametrize("why", ["over", "off", "hidden", "no account there", "cancelled at once"])
async def test_what_is_not_written(database, people, why):
    async def unit(tx):
        settings = {"off": office.office(), "no account there": office.office(written_to=("dd-main",))}.get(why, ON)
        ctx = context(tx, settings=settings)
        if why == "hidden":
            await writing.hide(ctx, people["张三"], True)
        past = Period(office.MONDAY - DAY, office.MONDAY - timedelta(hours=1))
        one = await agenda.enter(ctx, entry(people["张三"], **({"period": past} if why == "over" else {})))
        if why == "cancelled at once":
            await agenda.cancel(ctx, one)
            (row,) = await letters(tx)  # the connector makes nothing of that
            return row["cancelled"]
        return await letters(tx) == []

    assert await database.write(unit)


async def test_a_person_s_word_takes_off_what_is_to_come_and_writes_it_again(database, people):
    async def unit(tx):
        ctx = context(tx)
        one = await agenda.enter(ctx, entry(people["张三"]))
        await agenda.enter(ctx, entry(people["李四"]))
        await arrived(tx)
        assert await writing.hide(ctx, people["张三"], True) == 1
        one = await agenda.change(ctx, one, replace(one, title="座谈"))
        assert await writing.hide(ctx, people["张三"], False) == 1
        assert [(row["title"], row["cancelled"]) for row in await letters(tx)][2:] in (
            [("座谈", False)], [("谈话", True), ("座谈", False)],
        )  # fmt: skip
        assert [share.reader for share in await entry_store.shares(tx, people["张三"])] == []

    await database.write(unit)


async def test_whoever_hides_their_calendar_is_remembered_no_longer_than_they_hide_it(database, people):
    async def unit(tx):
        ctx, found = context(tx), []
        for hidden in (False, True, True, False):
            await writing.hide(ctx, people["张三"], hidden)
            before = len(await letters(tx))
            await agenda.enter(ctx, entry(people["张三"]))
            found.append(len(await letters(tx)) - before)
        assert found == [1, 0, 0, 1]

    await database.write(unit)


async def differing(database, people, change, *, then=None):
    """Entered and arrived; the platform answers with `change`; how many questions, and the entry after `then`."""

    async def unit(tx):
        ctx = context(tx)
        one = await agenda.enter(ctx, entry(people["张三"]))
        await arrived(tx)
        await tx.execute("UPDATE outbox SET sent_ms = 0")
        (kept,) = await schedules.settled(tx, [one.uid], account="wecom-main")
        asked = Asked(person=one.owner, to=kept.to, place={}, kept={one.uid: (kept, writing.as_schedule(one))})
        if then is not None:
            await then(ctx, one)
        there = ScheduleThere(title=one.title, begin=one.period.begin, end=one.period.end, place=one.place)
        found = {one.uid: replace(there, **change)} if change else {}
        first, second = await comparing.found(ctx, asked, found), await comparing.found(ctx, asked, found)
        cards = await tx.fetch("SELECT id FROM copy WHERE kind = 'calendar.differs'")
        assert len(cards) == first
        return first, second, await writing.question(ctx, one.uid)

    return await database.write(unit)


async def test_a_difference_is_asked_about_once(database, people):
    first, second, question = await differing(database, people, {"title": "座谈"})
    assert (first, second) == (1, 0)
    assert question["there"]["title"] == "座谈"
    assert question["left"] is False


async def test_no_difference_asks_nothing(database, people):
    assert await differing(database, people, {}) == (0, 0, None)


async def test_what_changed_here_while_we_read_is_left_alone(database, people):
    async def then(ctx, one):
        await agenda.change(ctx, one, replace(one, title="座谈"))

    assert await differing(database, people, {"gone": True}, then=then) == (0, 0, None)


async def test_words_with_a_secrecy_marking_are_not_taken_in(database, people):
    _, _, question = await differing(database, people, {"title": "机密★10年 会议", "gone": False})
    assert question["there"]["title"] == "谈话"


async def test_changed_here_the_question_is_moot(database, people):
    async def unit(tx):
        ctx = context(tx)
        one = await agenda.enter(ctx, entry(people["张三"]))
        await arrived(tx)
        (kept,) = await schedules.settled(tx, [one.uid], account="wecom-main")
        asked = Asked(person=one.owner, to=kept.to, place={}, kept={one.uid: (kept, writing.as_schedule(one))})
        gone = ScheduleThere(title=one.title, begin=one.period.begin, end=one.period.end, gone=True)
        assert await comparing.found(ctx, asked, {one.uid: gone}) == 1
        await agenda.change(ctx, one, replace(one, title="座谈"))
        assert await writing.question(ctx, one.uid) is None

    await database.write(unit)
