"""What gave up waits for a word, on both databases; and what administrators read about it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from bot import app, heading, sweeping
from bot.backups import nightly
from cards import operation as words
from cards.model import Text
from connectors.events import TextReceived
from connectors.refs import PersonRef
from handlers.approval.talk import attaching
from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.calendar import comparing
from handlers.errors import BadRequest, NotFound
from handlers.mailroom import dead, due, inbox, outbox
from handlers.mailroom.elsewhere import GONE
from handlers.mailroom.letters import Letter
from handlers.roster import handler as roster
from handlers.transaction import to_ms

WHO = Origin(person="admin1", door="page")


@pytest.fixture
async def broken(database, now):
    """One of each that gave up a minute ago."""
    at = to_ms(now - timedelta(minutes=1))

    async def unit(tx):
        for number in range(2):
            letter = Letter(to=PersonRef("dd", "li"), message=Text("秘密"), key=f"l{number}")
            await outbox.post(tx, letter, now=now - timedelta(days=3))
        await tx.execute("UPDATE outbox SET state = 'dead', due_ms = ?, error = 'Throttled: x' WHERE key = 'l0'", at)
        await tx.execute("UPDATE outbox SET state = 'dead', due_ms = ?, error = ? WHERE key = 'l1'", at, GONE)
        event = TextReceived(account="dd", key="k", at=now, sender=PersonRef("dd", "li"), text="秘密")
        await inbox.admit(tx, event, trace="t", door="app", now=now - timedelta(minutes=9), state=inbox.DEAD)
        await tx.execute("UPDATE inbox SET due_ms = ?, error = 'KeyError'", at)
        await due.once(tx, "d", "notice.out", now, {})
        await tx.execute("UPDATE due SET state = 'dead', due_ms = ?, attempts = 12", at)

    await database.write(unit)
    return database


async def test_each_is_tried_anew_or_given_up_and_either_is_a_fact(broken, now):
    for what in dead.WHATS:
        [*_, one] = await broken.read(partial(dead.listed, what=what))
        await broken.write(partial(dead.resume, what=what, number=one.id, origin=WHO, now=now))
        gone = 99 if what == "event" else one.id  # an event that is tried anew is still shown
        with pytest.raises(NotFound):
            await broken.write(partial(dead.discard, what=what, number=gone, reason="x", origin=WHO, now=now))
        [fact] = await broken.read(partial(log.read, subject=f"{what}:{one.id}"))
        assert (fact.kind, fact.origin.person) == ("mailroom.work_resumed", "admin1")
    assert await broken.read(partial(inbox.waiting, now=now))
    assert await broken.read(due.next_at) == now
    assert await broken.write(partial(outbox.claim, account="dd", owner="o", now=now, limit=9))


async def test_giving_up_needs_a_reason_and_empties_the_text(broken, now):
    with pytest.raises(BadRequest):
        await broken.write(partial(dead.discard, what="letter", number=1, reason=" ", origin=WHO, now=now))
    for what in dead.WHATS:
        for one in await broken.read(partial(dead.listed, what=what)):
            given_up = partial(dead.discard, what=what, number=one.id, reason="已当面告知", origin=WHO, now=now)
            await broken.write(given_up)
    assert await broken.read(dead.counts) == {"letter": 0, "event": 0, "due": 0}
    assert await broken.read(lambda tx: tx.first("SELECT message FROM outbox WHERE message <> ''")) is None
    [fact] = await broken.read(partial(log.read, subject="letter:1"))
    assert fact.data["reason"] == "已当面告知"
    late = now + timedelta(days=1)
    assert not await broken.write(partial(outbox.claim, account="dd", owner="o", now=late, limit=9))


async def test_each_death_is_told_once_and_not_those_that_were_told_otherwise(broken, now):
    first = await broken.read(partial(dead.died, after=None, until=now))
    assert first == {"letter": {"Throttled: x": 1}, "event": {"KeyError": 1}, "due": {"": 1}}
    assert await broken.read(partial(dead.died, after=now, until=now + timedelta(hours=1))) == {}


def test_all_kinds_of_due_work_have_a_name():
    outside = {nightly.DAILY, nightly.DRILL, attaching.FETCH, comparing.READ, sweeping.KIND, heading.KIND, roster.KIND}
    assert {*app.JOBS, *outside} - words.DUES.keys() == set()


def test_every_error_that_a_postman_writes_is_explained():
    for error in ("PlatformRefused: send 60011", "Throttled: 1", GONE, "unreadable", "Unsupported: x", "Unsure: x"):
        assert words.why(error)[0] != words.why("ZeroDivisionError")[0], error
    assert words.why("PlatformRefused: message/send 60011")[0] == "收信人不在应用的可见范围里"
    assert words.why("PlatformRefused: message/send 99")[0] == "平台不收"
