"""Writes that wait for one statement: which tables a statement names, and that nobody sees that they waited."""

from __future__ import annotations

import ast
import asyncio
import importlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise import Model

from bot.database import together
from bot.database.models import MODEL_MODULES
from bot.database.postgres import PostgresDatabase, PostgresTransaction
from handlers.audit import log
from handlers.audit.facts import PERSONAL, Fact, Origin

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 4, 27, 1, tzinfo=UTC)
TABLES = {
    model._meta.db_table
    for module in map(importlib.import_module, MODEL_MODULES)
    for model in vars(module).values() if isinstance(model, type) and issubclass(model, Model) and model is not Model
}  # fmt: skip


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def template(request):
    return request.getfixturevalue("postgres_template")


@pytest.fixture
async def database(database_url):
    opened = PostgresDatabase(database_url)
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("sql", "written", "named"),
    [
        ("DELETE FROM waiting WHERE item = ? AND state = 'from copy'", {"waiting"}, {"waiting"}),
        ("UPDATE item SET state = ? WHERE id = ?", {"item"}, {"item"}),
        ("SELECT i.*, d.at FROM item i LEFT JOIN decision d ON d.item = i.id -- from due", set(), {"item", "decision"}),
        ("SELECT 1 FROM a, b x WHERE EXISTS (SELECT 1 FROM c)", set(), {"a", "b", "c"}),
        ("INSERT INTO tap_code (copy, code) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM copy)", {"tap_code"}, {"copy"}),
        ("with x as (delete from DUE returning id) insert into Waiting (item) select 1", {"due", "waiting"}, set()),
        ("INSERT INTO due (key) VALUES (?) ON CONFLICT (key) DO UPDATE SET key = excluded.key", {"due"}, {"due"}),
    ],
)  # fmt: skip
def test_the_tables_of_a_statement(sql, written, named):
    assert written <= together.written(sql) <= together.named(sql)
    assert named <= together.named(sql)
    assert not {"item", "copy", "state", "due"} & together.named(sql) - written - named


def test_every_statement_of_the_program_names_its_tables():
    """By another way of reading: whatever stands behind one of these words and is a table."""
    seen = 0
    for text in _texts():
        for table in TABLES.intersection(re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)", text)):
            seen += 1
            assert table in together.named(text), text
    assert seen > 300


def _texts():
    """The literals of the program, with an x for what is put into them."""
    for path in (*ROOT.glob("handlers/**/*.py"), *ROOT.glob("bot/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(one.value) if isinstance(one, ast.Constant) else "x" for one in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_what_begins_with_with_goes_last_and_values_keep_their_places():
    sql, values = together.joined([
        ("WITH x AS (INSERT INTO journal VALUES (?) RETURNING id) INSERT INTO hidden SELECT id, ? FROM x", (1, 2)),
        ("DELETE FROM waiting WHERE item = ?", ("i1",)),
    ])
    assert sql.startswith("WITH write_0 AS (DELETE FROM waiting WHERE item = ?), x AS (INSERT INTO journal")
    assert sql.count("WITH") == 1
    assert values == ("i1", 1, 2)


class Wire:
    """A connection that only keeps what it is asked, in order."""

    def __init__(self):
        self.asked = []

    async def execute(self, sql, *values):
        self.asked.append((sql, values))
        return "DELETE 1"

    async def fetch(self, sql, *values):
        self.asked.append((sql, values))
        return []


async def test_what_waits_goes_with_one_statement_and_before_whoever_asks_about_it():
    tx = PostgresTransaction(wire := Wire())
    await tx.later("DELETE FROM waiting WHERE item = ?", "i1")
    await tx.later("UPDATE item SET state = ? WHERE id = ?", "approved", "i1")
    await tx.fetch("SELECT * FROM person WHERE id = ?", "p1")
    await tx.fetch("SELECT i.* FROM person p JOIN item i ON i.applicant = p.id")
    await tx.later("DELETE FROM due WHERE key = ?", "k")
    await tx.settle()
    await tx.settle()
    assert wire.asked == [
        ("SELECT * FROM person WHERE id = $1", ("p1",)),
        (
            "WITH write_0 AS (DELETE FROM waiting WHERE item = $1) UPDATE item SET state = $2 WHERE id = $3",
            ("i1", "approved", "i1"),
        ),
        ("SELECT i.* FROM person p JOIN item i ON i.applicant = p.id", ()),
        ("DELETE FROM due WHERE key = $1", ("k",)),
    ]


async def test_two_writes_of_one_table_keep_their_order():
    tx = PostgresTransaction(wire := Wire())
    for item in ("i1", "i2"):
        await tx.later("INSERT INTO decision (item) VALUES (?)", item)
    await tx.settle()
    assert [values for _, values in wire.asked] == [("i1",), ("i2",)]


async def test_more_than_fits_is_written_in_between():
    tx = PostgresTransaction(wire := Wire())
    for number in range(30):
        await tx.later(f"DELETE FROM t{number}")
    await tx.settle()
    assert [sql.count("DELETE") for sql, _ in wire.asked] == [12, 12, 6]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried(Fact):
    KIND = "test.tried"

    item: str
    words: str = field(default="", metadata=PERSONAL)


NAMES = st.sampled_from(("a", "b"))
ACTS = st.lists(
    st.tuples(st.sampled_from(("later", "execute", "forget")), NAMES, st.integers(0, 9))
    | st.tuples(st.just("read"), NAMES, st.just(0))
    | st.tuples(st.just("fact"), NAMES, st.integers(0, 9)),
    max_size=14,
)


@pytest.mark.postgres
@given(acts=ACTS, fails=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_nobody_sees_that_writes_have_waited(database, acts, fails):
    """A unit reads, and leaves, the same as one whose writes are done at once."""
    told = []
    for gathers in (True, False):
        await database.write(_emptied)
        unit = partial(_unit, acts=acts, gathers=gathers, fails=fails)
        seen, *_ = await asyncio.gather(database.write(unit), return_exceptions=True)
        told.append((repr(seen), await database.read(_left)))
    assert told[0] == told[1]


async def _unit(tx, *, acts, gathers, fails):
    if gathers:
        log.gather(tx)
    write = tx.later if gathers else tx.execute
    seen = [await _act(tx, write, *one) for one in acts]
    if fails:
        raise LookupError
    return seen


async def _act(tx, write, verb, name, number):
    add = "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    match verb:
        case "later":
            await write(add, name, number)
        case "execute":
            return await tx.execute(add, name, number)
        case "forget":
            await write("DELETE FROM counter WHERE name = ?", name)
        case "fact":
            fact = Tried(item=name, words=str(number) * (number % 3))
            await log.record(tx, fact, origin=Origin(), now=NOW - timedelta(seconds=number))
        case _:
            rows = await tx.fetch("SELECT name, value FROM counter ORDER BY name")
            return [tuple(row.values()) for row in rows], [_plain(one) for one in await log.read(tx, name)]
    return None


def _plain(one):
    return one.recorded, one.effective, one.data["words"]


async def _emptied(tx):
    await tx.execute("DELETE FROM counter")
    await tx.execute("ALTER TABLE journal DISABLE TRIGGER USER")
    await tx.execute("DELETE FROM journal_personal")
    await tx.execute("DELETE FROM journal")
    await tx.execute("ALTER TABLE journal ENABLE TRIGGER USER")


async def _left(tx):
    rows = await tx.fetch("SELECT name, value FROM counter ORDER BY name")
    facts = [_plain(one) for name in ("a", "b") for one in await log.read(tx, name)]
    return [tuple(row.values()) for row in rows], facts
