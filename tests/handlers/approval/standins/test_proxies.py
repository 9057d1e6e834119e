"""Standing in, without a database: chains, circles, scope and time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from handlers.approval.standins import proxies
from handlers.approval.standins.proxies import Proxy

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
PEOPLE = ("li", "wang", "zhao", "sun")


def proxy(principal, other, *, forms=(), begin=NOON, hours=8):
    end = begin + timedelta(hours=hours)
    return Proxy(id=1, principal=principal, proxy=other, begin=begin, end=end, forms=frozenset(forms))


def principals(person, *given_ones, form="leave", at=NOON):
    return proxies.principals(person, given_ones, form=form, at=at)


def test_from_the_first_moment_until_before_the_last():
    one = proxy("li", "wang")
    assert principals("wang", one, at=one.begin) == ("li",)
    assert principals("wang", one, at=one.end) == ()
    assert principals("wang", one, at=one.begin - timedelta(milliseconds=1)) == ()


def test_only_for_the_forms_that_it_names():
    assert principals("wang", proxy("li", "wang", forms=["seal"])) == ()
    assert principals("wang", proxy("li", "wang", forms=["seal", "leave"])) == ("li",)


def test_a_proxy_who_is_away_passes_the_turn_on():
    chain = (proxy("li", "wang"), proxy("wang", "zhao"))
    assert principals("zhao", *chain) == ("wang", "li")
    assert proxies.stand_ins("li", chain, form="leave", at=NOON) == ("wang", "zhao")


links = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)).filter(lambda two: two[0] != two[1]))


@given(links, st.sampled_from(PEOPLE), st.sampled_from(PEOPLE))
def test_both_directions_agree_and_nobody_stands_in_for_themselves(pairs, one, other):
    given_ones = [proxy(principal, who) for principal, who in pairs]
    found = principals(one, *given_ones)
    assert one not in found
    assert len(found) == len(set(found))
    assert (other in found) == (one in proxies.stand_ins(other, given_ones, form="leave", at=NOON))
