"""The leaf that SQLite writes is, byte for byte, the one that `leaf.encode` writes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.proofs import hashing
from handlers.audit import leaf

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)  # NUL ends SQLite's text
NUMBER = st.integers(-(2**63), 2**63 - 1)
BODY = st.dictionaries(TEXT, TEXT | NUMBER | st.lists(TEXT), max_size=3)


def from_sqlite(row):
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE TABLE journal ({', '.join(leaf.COLUMNS)})")
        database.execute("CREATE TABLE seal_order (idx, journal)")
        database.execute(f"INSERT INTO journal VALUES ({', '.join('?' * len(row))})", row)
        database.execute("INSERT INTO seal_order VALUES (0, ?)", (row[0],))
        return database.execute(hashing.FINISHED, (0, 1)).fetchone()[0]


@settings(max_examples=150)
@given(NUMBER, NUMBER, NUMBER, TEXT, TEXT, st.tuples(TEXT, TEXT, TEXT, TEXT), BODY)
@example(1, 0, 0, 'a"]', "\\", ("\x7f\x1f\b\f\n\r\t", "]]", "/'", '"]'), {"]": "]}"})
@example(1, 0, 0, "\u2028\u2029", "\ufeff", ("\U0010ffff", "\ue000", "\x01", ""), {})
def test_a_leaf_out_of_sqlite_is_the_leaf(number, recorded, effective, kind, subject, texts, body):
    said = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    row = (number, recorded, effective, kind, 1, subject, *texts, said)
    assert from_sqlite(row) == b"\0" + leaf.encode(*row)
