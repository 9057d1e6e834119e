"""Salted hashes of personal values: of a record, any keys may be left out and the rest still gives the same hash."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.proofs import verifier
from handlers.audit import facts, salted

SALT = "00112233445566778899aabbccddeeff"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3), max_leaves=4
)


def test_a_text_is_hashed_behind_its_salt():
    assert salted.digest(SALT, '"回家"') == sha256(bytes.fromhex(SALT) + '"回家"'.encode()).hexdigest()


def test_the_beginning_of_a_value_cannot_be_hidden_in_its_salt():
    """The bytes would be the same: 10000 minutes must not be shown as 0."""
    assert salted.digest(SALT + b"1000".hex(), "0") == verifier.salted(SALT + b"1000".hex(), "0") == ""


def test_a_record_is_hashed_as_it_is_described():
    raw = bytes.fromhex(SALT)
    key = hmac.new(raw, b"reason", sha256).digest()[:16]
    inner = {"reason": sha256(key + '"回家"'.encode()).hexdigest()}
    outer = hmac.new(raw, b"", sha256).digest()[:16]
    expected = sha256(outer + json.dumps(inner, separators=(",", ":")).encode()).hexdigest()
    assert salted.digest(SALT, '{"reason":"回家"}') == expected


@given(value=VALUES)
def test_canonical_text_is_what_json_writes(value):
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert facts.canonical(value) == plain


@settings(max_examples=60)
@given(value=st.dictionaries(st.text(), VALUES, max_size=6) | VALUES, drawn=st.data())
def test_any_keys_may_be_left_out(value, drawn):
    text = facts.canonical(value)
    keys = sorted(value) if isinstance(value, dict) else []
    without = drawn.draw(st.sets(st.sampled_from(keys))) if keys else set()
    shown = json.loads(json.dumps(salted.given(SALT, text, without=without)))
    assert verifier.digest_of(shown) == salted.digest(SALT, text)
    if without:
        assert SALT not in json.dumps(shown)
        assert {key for key, one in shown["keys"].items() if "value" not in one} == without
