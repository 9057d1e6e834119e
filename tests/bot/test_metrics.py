"""The table in the README is the code's own, and a look at the queues is cheap and right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot.metrics import Metrics
from bot.watching import Watch
from cards import operation as words
from cards.model import Text
from connectors.clock import MovableClock
from connectors.refs import PersonRef
from handlers.mailroom import due, leases, outbox
from handlers.mailroom.letters import Letter
from handlers.transaction import to_ms

README = Path(__file__).resolve().parents[2] / "bot" / "README.md"
NOW = datetime(2026, 4, 27, 1, tzinfo=UTC)


def test_every_name_stands_in_the_readme():
    assert Metrics().table() in README.read_text(encoding="utf-8")


async def current() -> bool:
    return True


async def test_a_scrape_says_how_much_waits_and_since_when(database, tmp_path):
    clock = MovableClock(NOW)

    async def unit(tx):
        for number, account in enumerate(("dd", "dd", "wc")):
            letter = Letter(to=PersonRef(account, f"p{number}"), message=Text("x"), key=f"l{number}")
            await outbox.post(tx, letter, now=NOW - timedelta(minutes=40 - number))
        planned = Letter(to=PersonRef("dd", "p"), message=Text("x"), key="p", not_before=NOW + timedelta(days=1))
        await outbox.post(tx, planned, now=NOW - timedelta(days=3))
        await due.once(tx, "a", "some.kind", NOW - timedelta(minutes=2), {})
        await tx.execute("UPDATE outbox SET state = 'dead', due_ms = ? WHERE key = 'l2'", to_ms(NOW))
        await leases.take(tx, "seal", "me", now=NOW, seconds=30)

    await database.write(unit)
    watch = Watch(
        database, clock, tmp_path, schema_ok=current, streams=("dd",), disk=lambda _: (1 << 29, 1 << 40),
        unknown_year=lambda: 2027,
    )  # fmt: skip
    metrics = Metrics()
    clock.forward(timedelta(minutes=5))
    metrics.show(await watch.state(), await watch.concerns())

    def value(gauge, **labels):
        return metrics.registry.get_sample_value(f"officebot_{gauge}", labels)

    assert value("outbox_waiting", account="dd") == 2, "what is planned for tomorrow does not wait"
    assert 45 * 60 <= value("outbox_age_seconds", account="dd") < 46 * 60
    assert value("due_late") == 1
    assert value("dead", what="letter") == 1
    assert value("lease_seconds", name="seal", owner="me") == 0
    assert value("backup_age_seconds") == -1
    told = {one.code: words.concern(one.code, one.about) for one in await watch.concerns()}
    assert told.keys() == {"dead", "outbox_late", "no_holder", "disk_low", "no_backup", "no_calendar"}
    assert told["no_calendar"].startswith("没有 2027 年的放假安排")
    assert told["outbox_late"] == "dd 待发的消息最久的等了 45 分钟"
    assert told["disk_low"].startswith("磁盘只剩 512.0 MB，清理 ")
    await database.write(partial(leases.take, name="listen:dd", owner="me", now=clock.now(), seconds=30))
    watch.forget()
    assert "no_holder" not in {one.code for one in await watch.concerns()}
