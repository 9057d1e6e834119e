"""The seal on a cookie: ours, unaltered, for this purpose, in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pages import sessions

KEY = b"a key that nobody else has"


@pytest.fixture
def session(now):
    return sessions.begin(person="p1", account="wecom-main", now=now, hours=12)


def test_a_session_comes_back_as_it_was(session, now):
    assert sessions.session(sessions.seal(session, key=KEY), key=KEY, now=now) == session


def test_a_session_ends_by_itself(session, now):
    text = sessions.seal(session, key=KEY)
    assert sessions.session(text, key=KEY, now=now + timedelta(hours=12) - timedelta(seconds=1)) == session
    assert sessions.session(text, key=KEY, now=now + timedelta(hours=12)) is None


def test_another_key_opens_nothing(session, now):
    assert sessions.session(sessions.seal(session, key=b"another"), key=KEY, now=now) is None


def test_a_sign_in_under_way_is_no_session(now):
    errand = sessions.depart(account="wecom-main", next="/office/", now=now)
    text = sessions.seal(errand, key=KEY)
    assert sessions.errand(text, key=KEY, now=now) == errand
    assert sessions.session(text, key=KEY, now=now) is None


def test_the_state_is_what_wecom_carries(now):
    assert sessions.depart(account="a", next="/office/", now=now).state.isalnum()


@given(st.data())
def test_no_altered_character_passes(data):
    now = datetime(2026, 4, 27, tzinfo=UTC)
    text = sessions.seal(sessions.begin(person="p1", account="a", now=now, hours=1), key=KEY)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda one: one != text[at]))
    assert sessions.session(text[:at] + other + text[at + 1 :], key=KEY, now=now) is None


@given(st.text())
def test_whatever_a_browser_sends_is_no_session(text):
    assert sessions.session(text, key=KEY, now=datetime(2026, 4, 27, tzinfo=UTC)) is None


def test_the_token_belongs_to_one_session(session, now):
    other = sessions.begin(person="p1", account="wecom-main", now=now, hours=12)
    assert sessions.has_token(session, sessions.token(session, key=KEY), key=KEY)
    assert not sessions.has_token(session, sessions.token(other, key=KEY), key=KEY)
    assert not sessions.has_token(session, "", key=KEY)
    assert not sessions.has_token(session, "多", key=KEY)
