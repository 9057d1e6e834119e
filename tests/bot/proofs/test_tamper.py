"""Whoever owns the database has every right on it. With the heads that were given out, nothing they do goes unseen.

Each case is one act of the owner on the database itself, triggers dropped; then `audit verify` with what was kept.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from hashlib import sha256

import pytest

from bot.commands import audit_words
from bot.database.open import open_database, sqlite_path
from bot.pages.attachments import Cabinet
from bot.proofs import checking, hashing, keys, projections
from bot.sealing import Sealer
from cards import records
from connectors.clock import MovableClock
from handlers.approval import facts as approval_facts
from handlers.audit import erasing, log, sealing
from handlers.audit.facts import PERSONAL, Fact, Origin

BY = Origin(person="p-li", account="dd", door="card", trace="t1")
PAPERS = [b"one", b"two"]
TABLES = ("journal", "seal_order", "seal_node", "seal_head")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rested(Fact):
    KIND = "test.rested"

    item: str
    reason: str = field(default="", metadata=PERSONAL)


class Office:
    """A journal with heads that were given out after 30 and after 60 facts (the keys are a fact too)."""

    def __init__(self, url, folder, now):
        self.url, self.folder, self.clock = url, folder, MovableClock(now)
        self.database = open_database(url)
        self.cabinet = Cabinet(folder / "attachments")
        self.kept = ""

    async def begin(self):
        for hash, data in ((sha256(one).hexdigest(), one) for one in PAPERS):
            path = self.folder / "attachments" / hash[:2] / hash
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
        await self.happen(28)
        await self.database.write(self._paper)
        await self.give_out()
        await self.happen(30, start=28)
        await self.give_out()
        await self.happen(5, start=58)
        await self.give_out(keep=False)

    async def _paper(self, tx):
        hashes = [sha256(one).hexdigest() for one in PAPERS]
        for item, hash in zip(("i-a", "i-b"), hashes, strict=True):
            fact = approval_facts.FilesAttached(item=item, step=0, verb="submit", sha256=[hash], files=[])
            await log.record(tx, fact, origin=BY, now=self.clock.now())
            await tx.execute("INSERT INTO attachment_use (hash, item) VALUES (?, ?)", hash, item)

    async def happen(self, number, start=0):
        async def unit(tx):
            for one in range(start, start + number):
                await log.record(tx, Rested(item=f"i{one}", reason="病"), origin=BY, now=self.clock.now())

        await self.database.write(unit)

    async def give_out(self, keep=True):
        """Signed with a sealer of its own, an hour later each time."""
        self.clock.forward(timedelta(hours=1))
        sealer = Sealer(self.database, self.clock, self.folder / "audit")
        head = await sealer.head()
        await sealer.release()
        self.kept += head.note + "\n" if keep else ""
        self.clock.forward(timedelta(hours=1))

    async def forge(self, *statements):
        """As the owner: no trigger is in the way."""

        async def unit(tx):
            for table in TABLES:
                if tx.dialect == "postgres":
                    await tx.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")
                else:
                    await tx.execute(f"DROP TRIGGER IF EXISTS {table}_no_update")
                    await tx.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")
            for sql, *values in statements:
                await tx.execute(sql, *values)

        await self.database.write(unit)

    async def reseal(self):
        """Everything sealed anew from the journal as it stands, heads signed with a new key."""
        shutil.rmtree(self.folder / "audit")
        await self.forge(("DELETE FROM seal_order",), ("DELETE FROM seal_node",), ("DELETE FROM seal_head",))
        await self.give_out(keep=False)

    async def verify(self, heads=None):
        """The lines that an administrator reads about what is wrong."""
        ours = keys.public(self.folder / "audit")
        kept, _ = checking.given(self.kept if heads is None else heads, ours)
        found = await checking.journal(self.database, self.url, kept, keys=ours)
        counts, more = await projections.findings(self.database, self.cabinet)
        lines = list(audit_words.report(found, counts, more))
        assert (lines[-1] == "核对通过。") == (not found.findings and not more)
        return [line for line in lines if line.startswith("不对")]

    async def number(self, idx):
        row = await self.database.read(lambda tx: tx.first("SELECT journal FROM seal_order WHERE idx = ?", idx))
        return row["journal"]


@pytest.fixture
async def office(database_url, tmp_path, now):
    office = Office(database_url, tmp_path, now)
    await office.begin()
    yield office
    await office.database.close()


async def test_untouched_it_is_sound(office):
    assert await office.verify() == []
    await office.happen(3, start=63)
    assert await office.verify() == []  # what waits to be sealed is no fault


async def test_a_record_that_was_changed_is_named(office):
    await office.forge(("UPDATE journal SET actor = 'p-sun' WHERE id = ?", await office.number(17)))
    lines = await office.verify()
    assert any("第 18 条（" in line and "test.rested，i17" in line and "被改过" in line for line in lines), lines
    assert any("您给出的校验码" in line for line in lines)


async def test_of_several_the_first_is_named(office):
    for idx in (40, 12, 33):
        await office.forge(("UPDATE journal SET recorded_ms = recorded_ms + 1 WHERE id = ?", await office.number(idx)))
    assert next(line for line in await office.verify() if "被改过" in line).startswith("不对：第 13 条（")


async def test_a_record_that_was_deleted_is_named(office):
    await office.forge(("DELETE FROM journal WHERE id = ?", await office.number(20)))
    assert any("第 21 条" in line and "删掉" in line for line in await office.verify())


async def test_deleted_with_its_place_in_the_order(office):
    await office.forge(
        ("DELETE FROM journal WHERE id = ?", await office.number(20)), ("DELETE FROM seal_order WHERE idx = 20",)
    )
    assert any("第 21 条不见了" in line for line in await office.verify())


async def insert(office, at):
    await office.forge(
        (
            "INSERT INTO journal (recorded_ms, effective_ms, kind, version, subject, actor, account, door, trace, body)"
            " SELECT recorded_ms, effective_ms, kind, version, 'i-new', actor, account, door, trace,"
            " '{\"item\":\"i-new\"}' FROM journal WHERE id = ?",
            await office.number(at),
        )
    )


async def test_an_old_record_that_was_slipped_in_is_named(office):
    await insert(office, 12)
    assert any("i-new" in line and "插进来" in line for line in await office.verify())


async def test_also_when_the_sealer_has_sealed_it_meanwhile(office):
    await insert(office, 12)
    await office.give_out()
    assert any("第 67 条的记录时间早于" in line for line in await office.verify())


async def test_two_records_that_changed_places_are_named(office):
    one, other = await office.number(9), await office.number(11)
    await office.forge(
        ("UPDATE seal_order SET journal = -1 WHERE idx = 9",),
        ("UPDATE seal_order SET journal = ? WHERE idx = 11", one),
        ("UPDATE seal_order SET journal = ? WHERE idx = 9", other),
    )
    assert any(line.startswith("不对：第 10 条（") for line in await office.verify())


@pytest.mark.parametrize("left", [45, 62])
async def test_an_end_that_was_cut_off_is_named(office, left):
    """Below the last head that was given out; the tables agree with each other."""
    await office.forge(
        ("DELETE FROM journal WHERE id IN (SELECT journal FROM seal_order WHERE idx >= ?)", left),
        ("DELETE FROM seal_order WHERE idx >= ?", left),
        ("DELETE FROM seal_node WHERE level = 0 AND idx >= ?", left),
        ("DELETE FROM seal_node WHERE level = 4 AND idx >= ?", left // 16),
        ("DELETE FROM seal_head WHERE size > ?", left),
    )
    lines = await office.verify()
    if left == 62:  # what came after the last head that anybody holds cannot be missed
        assert lines == []
    else:
        assert any("说有 61 条，现在只有 45 条：从第 46 条起" in line for line in lines), lines


async def test_everything_rewritten_with_a_new_key_is_caught_and_narrowed_down(office):
    await office.forge(("UPDATE journal SET actor = 'p-sun' WHERE id = ?", await office.number(40)))
    await office.reseal()
    assert await office.verify(heads="") == []  # the tables alone are in perfect order: that is why heads are given out
    lines = await office.verify()
    assert any("不是本系统的钥匙签的" in line for line in lines)
    assert any("和现在的记录算出来的不一样" in line for line in lines)
    assert any("第一条不对的记录在第 32 到第 61 条之间" in line for line in lines), lines


async def test_everything_rewritten_with_the_old_key_too(office):
    """Whoever also has the key still cannot make the heads that others hold fit."""
    held = (office.folder / "audit").rename(office.folder / "held")
    shutil.copytree(held, office.folder / "audit")
    await office.forge(("UPDATE journal SET actor = 'p-sun' WHERE id = ?", await office.number(40)))
    await office.reseal()
    shutil.rmtree(office.folder / "audit")
    shutil.copytree(held, office.folder / "audit")
    assert any("和现在的记录算出来的不一样" in line for line in await office.verify())


async def test_an_old_backup_is_recognised(database_url, tmp_path, now):
    """Restored under a service that goes on: the numbers fill up again, with other records."""
    if not database_url.startswith("sqlite"):
        pytest.skip("a backup is a copy of the file here; on PostgreSQL it is the same as cutting off the end")
    office = Office(database_url, tmp_path, now)
    await office.begin()
    path, backup = sqlite_path(database_url), tmp_path / "backup.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    await office.happen(20, start=63)
    await office.give_out()
    assert await office.verify() == []
    await office.database.close()
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copyfile(backup, path)
    office.database = open_database(database_url)
    lines = await office.verify()
    assert any("恢复过旧的备份" in line and "从第 67 条起" in line for line in lines), lines
    await office.happen(40, start=200)
    await office.give_out(keep=False)
    assert any("和现在的记录算出来的不一样" in line for line in await office.verify())
    await office.database.close()


async def test_two_attachments_that_changed_places_on_the_disk(office):
    one, two = (office.cabinet.path(sha256(data).hexdigest()) for data in PAPERS)
    one.write_bytes(PAPERS[1])
    two.write_bytes(PAPERS[0])
    lines = await office.verify()
    assert len([line for line in lines if "内容被换过" in line]) == 2
    assert sha256(PAPERS[0]).hexdigest()[:12] in lines[0]


async def test_two_attachments_that_changed_places_in_the_tables(office):
    await office.forge(
        ("UPDATE attachment_use SET item = 'x' WHERE item = 'i-a'",),
        ("UPDATE attachment_use SET item = 'i-a' WHERE item = 'i-b'",),
        ("UPDATE attachment_use SET item = 'i-b' WHERE item = 'x'",),
    )
    assert len([line for line in await office.verify() if "不再挂在它的事项上" in line]) == 2


async def test_a_personal_value_that_was_changed_or_taken_away_is_named(office):
    number = await office.number(5)
    await office.forge(("UPDATE journal_personal SET value = '\"事\"' WHERE journal = ?", number))
    assert any(f"留痕 {number} 号" in line and "原文被改过" in line for line in await office.verify())
    await office.forge(("DELETE FROM journal_personal WHERE journal = ?", number))
    assert any(f"留痕 {number} 号" in line and "没有删除的记录" in line for line in await office.verify())


async def test_what_was_erased_on_request_leaves_everything_sound(office):
    number = await office.number(5)
    warrant = erasing.Warrant(reason="本人申请", by="p-li", second="p-sun")
    asked = {"about": "i5", "warrant": warrant, "origin": BY, "now": office.clock.now()}
    erase = partial(erasing.erase, numbers=[number], fields=["reason"], **asked)
    assert await office.database.write(erase) == 1
    assert await office.database.write(erase) == 0
    assert await office.verify() == []
    rows = await office.database.read(lambda tx: tx.fetch("SELECT 1 FROM journal_personal WHERE journal = ?", number))
    assert len(rows) == 0
    await office.give_out()
    assert await office.verify() == []


async def test_a_clock_that_ran_ahead_and_was_set_back_accuses_nobody(office):
    office.clock.forward(timedelta(hours=3))
    await office.give_out()
    office.clock = MovableClock(office.clock.now() - timedelta(hours=5))
    await office.happen(3, start=63)
    await office.give_out()
    assert await office.verify() == []
    times = [note.split("\ntime ")[1].split("\n")[0] for note in office.kept.split("\n\n— ")[:-1]]
    assert times == sorted(times)


FORGED_VALUES = {
    "a word that the sealed record says otherwise": (17, "item", '"i18"'),
    "of a field that no record has": (17, "zzz", "1"),
}


@pytest.mark.parametrize("what", FORGED_VALUES)
async def test_a_value_that_was_put_beside_a_record_is_named_and_never_read_for_it(office, what):
    idx, field, value = FORGED_VALUES[what]
    number = await office.number(idx)
    columns = "INSERT INTO journal_personal (journal, field, salt, value) VALUES (?, ?, ?, ?)"
    await office.forge((columns, number, field, "00" * 16, value))
    said = f"留痕 {number} 号旁边多出一处“{records.field('', field)}”"
    assert any(said in line for line in await office.verify())
    (fact,) = await office.database.read(lambda tx: log.read(tx, f"i{idx}"))
    assert fact.data == {"item": f"i{idx}", "reason": "病"}


async def test_the_beginning_of_a_value_is_not_hidden_in_its_salt(office):
    number = await office.number(5)
    sql = "UPDATE journal_personal SET salt = salt || '22e4ba8b', value = '\"\"' WHERE journal = ?"
    await office.forge((sql, number))
    assert any("原文被改过" in line for line in await office.verify())


HEADS = {
    "note": "UPDATE seal_head SET note = 'x'",
    "size": "UPDATE seal_head SET size = size - 1",
    "time": "UPDATE seal_head SET at_ms = at_ms - 86400000",
    "no time at all": "UPDATE seal_head SET at_ms = 9000000000000000000",
    "key": "UPDATE seal_head SET signer = '00000000'",
}


@pytest.mark.parametrize("what", HEADS)
async def test_a_head_in_the_tables_that_was_written_into_is_named(office, what):
    await office.forge((HEADS[what],))
    lines = await office.verify()
    assert any("库里" in line and "校验码" in line and "被改过" in line for line in lines), lines
    assert any("被改过" in line for line in await office.verify(heads=""))


RUINED = {
    "no JSON": "UPDATE journal SET body = '{' WHERE id = ?",
    "another JSON": "UPDATE journal SET body = '[]' WHERE id = ?",
    "no such time": "UPDATE journal SET recorded_ms = 9000000000000000000 WHERE id = ?",
    "long before": "UPDATE journal SET recorded_ms = -9000000000000000 WHERE id = ?",
}


@pytest.mark.parametrize("how", RUINED)
async def test_a_record_that_cannot_even_be_read_is_named_and_hides_no_other(office, how):
    number = await office.number(17)
    await office.forge((RUINED[how], number))
    await office.forge(("DELETE FROM journal_personal WHERE journal = ?", await office.number(5)))
    lines = await office.verify()
    assert any("第 18 条（" in line and "被改过" in line for line in lines), lines
    assert any("没有删除的记录" in line for line in lines), lines


async def test_a_value_that_cannot_even_be_read_is_named(office):
    number = await office.number(5)
    await office.forge(("UPDATE journal_personal SET value = '{\"x\"' WHERE journal = ?", number))
    assert any(f"留痕 {number} 号" in line and "原文被改过" in line for line in await office.verify())


async def test_a_hash_that_was_stored_wrong_is_named(office):
    await office.forge(("UPDATE seal_node SET hash = ? WHERE level = 0 AND idx = 30", b"\0" * 32))
    assert any("第 31 条" in line for line in await office.verify())


async def test_a_head_with_another_root_is_not_believed(office):
    forged = office.kept.replace("\n30\n", "\n31\n").replace("\n31\n", "\n32\n")
    assert forged != office.kept
    assert await office.verify(heads=forged) != []


@pytest.mark.parametrize("size", [hashing.PIECE - 1, hashing.PIECE, 2 * hashing.PIECE + 7])
async def test_pieces_join_to_the_same_tree(sqlite_database, tmp_path, size, now):
    """The roots at any size are those of the nodes, whichever piece they fall into."""
    url = f"sqlite://{sqlite_database.path}"
    fill = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        " INSERT INTO journal (recorded_ms, effective_ms, kind, version, subject, actor, account, door, trace, body)"
        " SELECT 0, 0, 'k', 1, 's' || i, 'a', '', '', '', '{}' FROM n"
    )
    await sqlite_database.write(lambda tx: tx.execute(fill, size))
    sealer = Sealer(sqlite_database, MovableClock(now), tmp_path / "audit")
    await sealer.seal()
    asked = sorted({1, 100, hashing.PIECE - 1, size - 1, size} & set(range(1, size + 1)))
    whole = hashing.computed(url, size, asked)
    for one in asked:
        frontier = await sqlite_database.read(partial(sealing.frontier, name=sealing.MAIN, size=one))
        assert whole.roots[one] == frontier.root(), one
