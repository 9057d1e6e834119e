"""How often strangers may ask."""

from __future__ import annotations

from datetime import timedelta

from aiohttp.test_utils import make_mocked_request

from bot.pages import limits
from bot.pages.limits import Limiter


def test_one_address_may_ask_so_often_a_minute_and_all_of_them_together(now):
    limiter = Limiter(each=2, all=3)
    assert [limiter.allows("a", now=now) for _ in range(3)] == [True, True, False]
    assert limiter.allows("b", now=now) is False  # what was refused counts too: all together have asked enough
    assert limiter.allows("b", now=now + timedelta(minutes=1)) is True


def test_a_million_addresses_do_not_fill_the_memory(now):
    limiter = Limiter(each=1, all=10**9)
    for number in range(6000):
        limiter.allows(str(number), now=now)
    assert len(limiter._asked) <= limits._KNOWN


def asked_from(remote, forwarded):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return limits.address_of(make_mocked_request("GET", "/", headers=headers).clone(remote=remote))


def test_only_a_proxy_of_our_own_network_is_believed():
    assert asked_from("10.0.0.2", "1.2.3.4, 5.6.7.8") == "5.6.7.8"
    assert asked_from("9.9.9.9", "1.2.3.4") == "9.9.9.9"
    assert asked_from("9.9.9.9", "") == "9.9.9.9"
