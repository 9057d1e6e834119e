"""Payloads: made for one person, told apart when altered."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards import actions
from cards.actions import Action, BadAction

KEY = b"k" * 32
words = st.from_regex(r"[0-9A-Za-z_-]{1,64}", fullmatch=True)


@given(words, words, st.integers(0, 999_999_999), st.text(max_size=20))
def test_what_was_packed_comes_back_for_the_same_person(act, item, version, person):
    action = Action(act, item, version)
    payload = actions.pack(action, to=person, key=KEY)
    assert actions.unpack(payload, to=person, key=KEY) == action
    assert len(payload.encode()) <= 200


@given(st.binary(min_size=1, max_size=200), words, st.text(max_size=20))
def test_the_mac_is_the_hmac_of_rfc_2104(key, item, person):
    body, _, mac = actions.pack(Action("approve", item, 3), to=person, key=key).rpartition(".")
    assert mac == hmac.digest(key, f"{body}|{person}".encode(), "sha256").hex()[:24]


def test_a_payload_for_somebody_else_is_refused_but_can_be_peeked_at():
    payload = actions.pack(Action("approve", "i1", 3), to="li", key=KEY)
    with pytest.raises(BadAction):
        actions.unpack(payload, to="wang", key=KEY)
    assert actions.peek(payload) == Action("approve", "i1", 3)


@given(st.text(max_size=120))
def test_any_other_text_is_refused(text):
    with pytest.raises(BadAction):
        actions.unpack(text, to="li", key=KEY)


def test_an_altered_version_is_refused():
    payload = actions.pack(Action("approve", "i1", 3), to="li", key=KEY)
    with pytest.raises(BadAction):
        actions.unpack(payload.replace(".3.", ".4."), to="li", key=KEY)


def test_words_that_could_be_mistaken_are_not_packed():
    with pytest.raises(ValueError, match="words"):
        actions.pack(Action("approve", "i1.2"), to="li", key=KEY)
