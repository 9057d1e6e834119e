from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.audit import facts, leaf, tree

EXAMPLE = {
    "id": 17, "recorded_ms": 1777251600000, "effective_ms": 1777251600000, "kind": "approval.step_decided",
    "version": 1, "subject": "i4f2", "actor": "p-li", "account": "dd-main", "door": "card", "trace": "t1",
    "body": '{"item":"i4f2","opinion":{"sha256":"00ff"},"step":0,"verb":"approve"}',
}  # fmt: skip
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
ROWS = st.fixed_dictionaries(
    {name: st.integers(0, 2**53) for name in ("id", "recorded_ms", "effective_ms", "version")}
    | dict.fromkeys(("kind", "subject", "actor", "account", "door", "trace"), TEXT)
    | {"body": st.dictionaries(TEXT, TEXT | st.integers() | st.none()).map(facts.canonical)}
)


def test_the_example_of_the_readme():
    """Whoever writes a verifier of their own begins with this."""
    data = leaf.of_row(EXAMPLE)
    assert data.decode() == (
        '["officebot-fact/1",17,1777251600000,1777251600000,"approval.step_decided",1,"i4f2","p-li","dd-main","card","t1",'
        '{"item":"i4f2","opinion":{"sha256":"00ff"},"step":0,"verb":"approve"}]'
    )
    assert tree.leaf_hash(data).hex() == "90dfe8a4d3f7f450e7932134c0a586f129ebee8cdf8ef368b35a3f0bc45e68ed"


@given(ROWS)
def test_a_leaf_is_the_canonical_text_of_its_values(row):
    """As any JSON library writes it that knows sorted keys and no spaces; and read back it is the fact."""
    data = leaf.of_row(row)
    values = [leaf.FORMAT, *(json.loads(row[name]) if name == "body" else row[name] for name in leaf.COLUMNS)]
    assert data.decode() == facts.canonical(values)
    found = leaf.read(data)
    assert (found.number, found.subject, found.body) == (row["id"], row["subject"], json.loads(row["body"]))


@given(ROWS, ROWS)
def test_two_facts_have_two_leaves(one, other):
    assert (leaf.of_row(one) == leaf.of_row(other)) == (one == other)


@pytest.mark.parametrize("text", ["[]", "{}", "1", '["officebot-fact/2",1]', '["officebot-fact/1",1]', "x"])
def test_what_is_no_leaf(text):
    with pytest.raises(ValueError, match=r"officebot-fact|Expecting"):
        leaf.read(text)
