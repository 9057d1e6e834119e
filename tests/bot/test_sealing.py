"""Facts get one index each, in one order, whatever happens in between."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from bot.database.open import open_database
from bot.proofs import keys
from bot.sealing import NotOurs, Sealer
from connectors.clock import MovableClock
from handlers.audit import heads, leaf, log, notes, sealing, tree
from handlers.audit.facts import Fact, Origin
from handlers.audit.sealing import Moved
from handlers.mailroom import counters


@dataclass(frozen=True, slots=True, kw_only=True)
class Rested(Fact):
    KIND = "test.rested"

    item: str


@pytest.fixture
def clock(now):
    return MovableClock(now)


@pytest.fixture
def sealer(database, clock, tmp_path):
    return Sealer(database, clock, tmp_path / "audit")


async def happen(database, clock, number, start=0):
    async def unit(tx):
        for one in range(start, start + number):
            await log.record(tx, Rested(item=f"i{one}"), origin=Origin(), now=clock.now())

    await database.write(unit)


async def sealed(database):
    return await database.read(lambda tx: tx.fetch("SELECT idx, journal FROM seal_order ORDER BY idx"))


async def plain_root(database):
    """From the journal alone, by the definition."""
    rows = await database.read(lambda tx: sealing.sealed(tx, 0, 10**9))
    grown = tree.Frontier()
    grown.extend(tree.leaf_hash(leaf.of_row(row)) for row in rows)
    return grown.root()


async def test_everything_is_sealed_once_in_the_order_of_the_journal(database, clock, sealer):
    await happen(database, clock, 300)
    assert await sealer.seal() == 300
    await happen(database, clock, 5, start=300)
    assert await sealer.seal() == 5
    assert [(row["idx"], row["journal"]) for row in await sealed(database)] == [(n, n + 1) for n in range(305)]
    assert await sealer.seal() == 0


async def test_the_head_is_the_root_of_the_facts_and_signed(database, clock, sealer, tmp_path):
    await happen(database, clock, 300)
    head = await sealer.head()
    text, key = notes.opened(head.note, keys.public(tmp_path / "audit"))
    point = notes.checkpoint(text)
    assert (point.size, point.root) == (301, await plain_root(database))
    assert timedelta() <= clock.now() - point.at < timedelta(minutes=1)
    assert key.text in {row.data["key"] for row in await database.read(lambda tx: log.read(tx, "audit:keys"))}


async def test_every_proof_from_the_stored_nodes_holds(database, clock, sealer):
    await happen(database, clock, 100)
    roots = {}
    for size in (1, 37, 100):
        while (present := await database.read(sealing.size)) < size:
            asked = partial(sealing.waiting, after=present, missing=(), limit=size - present)
            made = await database.read(partial(sealing.batch, rows=await database.read(asked)))
            await database.write(partial(sealing.write, batch=made))
        roots[size] = await plain_root(database)
    rows = await database.read(lambda tx: sealing.sealed(tx, 0, 100))
    for index in (0, 36, 37, 63, 64, 99):
        proof = await database.read(partial(sealing.included, idx=index, size=100))
        tree.check_inclusion(tree.leaf_hash(leaf.of_row(rows[index])), index, 100, proof, roots[100])
    for first in (1, 37):
        proof = await database.read(partial(sealing.consistent, first=first, second=100))
        tree.check_consistency(first, roots[first], 100, roots[100], proof)


async def test_while_one_seals_the_other_does_not(database, clock, sealer, tmp_path):
    other = Sealer(database, clock, tmp_path / "audit")
    await happen(database, clock, 3)
    await sealer.seal()
    with pytest.raises(NotOurs):
        await other.seal()
    clock.forward(timedelta(minutes=1))
    await happen(database, clock, 3, start=3)
    assert await other.seal() == 3
    await happen(database, clock, 1, start=6)
    with pytest.raises(NotOurs):
        await sealer.seal()


async def test_a_head_is_waited_for_as_long_as_one_who_seals_no_more_has_the_lease(database, clock, sealer, tmp_path):
    await sealer.seal()
    await happen(database, clock, 3)
    other = Sealer(database, clock, tmp_path / "audit")
    with pytest.raises(NotOurs):
        await other.head(patience_s=0)
    waiting = asyncio.create_task(other.head(patience_s=60))
    clock.forward(timedelta(minutes=1))
    assert (await waiting).size >= 3


async def test_the_next_one_goes_on_at_once_where_the_lease_was_given_back(database, clock, sealer, tmp_path):
    await sealer.seal()
    await sealer.release()
    await happen(database, clock, 1)
    assert await Sealer(database, clock, tmp_path / "audit").seal() == 1


async def test_what_was_computed_on_an_older_tree_is_not_written(database, clock, sealer):
    await happen(database, clock, 3)
    rows = await database.read(lambda tx: sealing.waiting(tx, after=0, missing=(), limit=9))
    late = await database.read(lambda tx: sealing.batch(tx, rows))
    await sealer.seal()
    with pytest.raises(Moved):
        await database.write(lambda tx: sealing.write(tx, late))
    assert len(await sealed(database)) == 3


@pytest.mark.parametrize("killed_after", range(1, 6))
async def test_killed_between_any_two_statements_nothing_is_lost_and_the_order_is_one(
    database, clock, tmp_path, killed_after, monkeypatch
):
    """The transaction of the batch ends after so many statements, as a killed process would."""
    await happen(database, clock, 300)

    class Killed(Exception):
        pass

    whole = sealing.write

    async def broken(tx, batch):
        left = killed_after
        execute = tx.execute

        class Dying:
            dialect, memo, fetch, first = tx.dialect, tx.memo, tx.fetch, tx.first

            async def execute(self, sql, *values):
                nonlocal left
                left -= 1
                if not left:
                    raise Killed
                return await execute(sql, *values)

        await whole(Dying(), batch)

    monkeypatch.setattr(sealing, "write", broken)
    dying = Sealer(database, clock, tmp_path / "audit")
    number = 0
    with contextlib.suppress(Killed):
        number = await dying.seal()
    monkeypatch.setattr(sealing, "write", whole)
    clock.forward(timedelta(minutes=1))
    after = Sealer(database, clock, tmp_path / "audit")
    await after.seal()
    assert number in (0, 300)
    assert [row["journal"] for row in await sealed(database)] == list(range(1, 301))
    assert (await after.head()).root == await plain_root(database)


async def test_a_transaction_that_commits_late_is_sealed_after_what_came_before_it(database_url, clock, tmp_path):
    """PostgreSQL gives the number first and commits later; on SQLite there is one writer and nothing is late."""
    if database_url.startswith("sqlite"):
        pytest.skip("one writer")
    database = open_database(database_url)
    try:
        sealer, begun, go = Sealer(database, clock, tmp_path / "audit"), asyncio.Event(), asyncio.Event()

        async def slow(tx):
            await log.record(tx, Rested(item="late"), origin=Origin(), now=clock.now())
            begun.set()
            await go.wait()

        late = asyncio.create_task(database.write(slow))
        await begun.wait()
        await happen(database, clock, 2)
        assert await sealer.seal() == 2
        fresh = Sealer(database, clock, tmp_path / "audit")  # knows of no holes, takes the lease over
        await sealer.release()
        assert await fresh.seal() == 0
        go.set()
        await late
        assert await fresh.seal() == 1
        assert [row["journal"] for row in await sealed(database)] == [2, 3, 1]
    finally:
        await database.close()


async def test_two_instances_at_full_speed_seal_in_one_order(database_url, clock, tmp_path):
    """Each on connections of its own; the lease is given back again and again so that both really work."""
    one, two = open_database(database_url), open_database(database_url)
    try:
        both = [Sealer(database, clock, tmp_path / "audit") for database in (one, two)]

        async def sealing_(sealer):
            for _ in range(12):
                try:
                    await sealer.seal()
                    await sealer.release()
                except (NotOurs, Moved):
                    await asyncio.sleep(0)

        async def happening(database, start):
            for number in range(20):
                await happen(database, clock, 5, start=start + number)

        await asyncio.gather(*(sealing_(sealer) for sealer in both), happening(one, 0), happening(two, 500))
        for sealer in both:
            try:
                await sealer.seal()
                break
            except NotOurs:
                continue
        rows = await sealed(one)
        assert [row["idx"] for row in rows] == list(range(200))
        assert {row["journal"] for row in rows} == {
            row["id"] for row in await one.read(lambda tx: tx.fetch("SELECT id FROM journal"))
        }
        grown = await one.read(lambda tx: sealing.frontier(tx, sealing.MAIN, 200))
        assert grown.root() == await plain_root(one)
    finally:
        await one.close()
        await two.close()


async def test_the_second_tree_catches_up_when_it_is_switched_on(database, clock, sealer, tmp_path):
    await happen(database, clock, 40)
    await sealer.seal()
    await sealer.release()
    both = Sealer(database, clock, tmp_path / "audit", second=True)
    point = notes.checkpoint((await both.head()).note.rpartition("\n\n")[0] + "\n")
    rows = await database.read(lambda tx: sealing.sealed(tx, 0, 99))
    grown = tree.Frontier(using=tree.HASHES["sm3"])
    grown.extend(tree.leaf_hash(leaf.of_row(row), tree.HASHES["sm3"]) for row in rows)
    assert point.sm3 == (41, grown.root())
    proof = await database.read(lambda tx: sealing.included(tx, 17, 41, "sm3"))
    hash = tree.leaf_hash(leaf.of_row(rows[17]), tree.HASHES["sm3"])
    tree.check_inclusion(hash, 17, 41, proof, grown.root(), tree.HASHES["sm3"])


async def test_no_head_is_signed_over_a_tree_that_lost_what_was_signed_before(sqlite_database, clock, tmp_path):
    sealer = Sealer(sqlite_database, clock, tmp_path / "audit")
    await happen(sqlite_database, clock, 20)
    await sealer.head()

    async def forge(tx):
        await tx.execute("DROP TRIGGER seal_node_no_update")
        await tx.execute("UPDATE seal_node SET hash = ? WHERE level = 0 AND idx = 20", b"x" * 32)

    await sqlite_database.write(forge)
    await happen(sqlite_database, clock, 1, start=20)
    with pytest.raises(heads.Broken):
        await sealer.head()
    assert await sealer.try_head() is None


async def _executed(tx, sql):
    await tx.execute(sql)


async def test_seals_cannot_be_changed_or_taken_away(database, clock, sealer):
    await happen(database, clock, 2)
    await sealer.head()
    for table, column in (("seal_order", "journal"), ("seal_node", "level"), ("seal_head", "size")):
        for statement in (f"UPDATE {table} SET {column} = 7", f"DELETE FROM {table}"):
            with pytest.raises(Exception, match="append-only"):
                await database.write(partial(_executed, sql=statement))




async def test_a_new_holder_compares_what_came_after_the_last_settled_number_only(database, clock, sealer, tmp_path):
    await happen(database, clock, 3)
    await sealer.seal()
    clock.forward(timedelta(hours=2))
    await happen(database, clock, 2, start=3)
    assert await sealer.seal() == 2  # has looked back: whatever is older than an hour is there and sealed
    assert await database.read(lambda tx: counters.peek(tx, "seal/settled")) == 3
    await sealer.release()
    await happen(database, clock, 1, start=5)
    assert await Sealer(database, clock, tmp_path / "audit").seal() == 1
    found = await database.read(lambda tx: sealing.holes(tx, near=100, since=3))
    assert (found.there, found.near) == (frozenset(), frozenset())


async def test_a_number_below_a_fact_that_waits_for_its_seal_is_never_settled(database, clock, sealer, tmp_path):
    await happen(database, clock, 4)
    batch = await database.read(partial(_without_the_second, sealing))
    await database.write(partial(sealing.write, batch=batch))  # as a holder did that had not seen it
    clock.forward(timedelta(hours=2))
    assert await sealer.seal() == 1
    assert await database.read(lambda tx: counters.peek(tx, "seal/settled")) is None
    await sealer.release()
    await happen(database, clock, 1, start=4)
    assert await Sealer(database, clock, tmp_path / "audit").seal() == 1
    assert await database.read(lambda tx: counters.peek(tx, "seal/settled")) == 4


async def _without_the_second(sealing, tx):
    rows = await sealing.waiting(tx, after=0, missing=(), limit=10)
    return await sealing.batch(tx, [rows[0], *rows[2:]])
