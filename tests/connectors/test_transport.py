"""The way out: who waits for a token, when it is renewed, what is repeated (nothing), how trouble is sorted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from connectors import errors
from connectors.clock import MovableClock
from connectors.transport import Http, TokenCache

START = datetime(2026, 5, 6, 9, tzinfo=UTC)


class Mint:
    """Gives token-1, token-2, ...; while `gate` is closed nobody gets one."""

    def __init__(self, seconds=7200.0):
        self.count = 0
        self.seconds = seconds
        self.gate = asyncio.Event()
        self.gate.set()
        self.error = None

    async def __call__(self):
        await self.gate.wait()
        if self.error:
            raise self.error
        self.count += 1
        return f"token-{self.count}", self.seconds


async def test_twenty_callers_cost_one_fetch():
    mint = Mint()
    mint.gate.clear()
    cache = TokenCache(mint, clock=MovableClock(START))
    callers = [asyncio.create_task(cache.get()) for _ in range(20)]
    await asyncio.sleep(0)
    mint.gate.set()
    assert set(await asyncio.gather(*callers)) == {"token-1"}
    assert mint.count == 1


async def test_a_token_is_renewed_five_minutes_before_its_end():
    mint, clock = Mint(), MovableClock(START)
    cache = TokenCache(mint, clock=clock)
    await cache.get()
    clock.forward(timedelta(seconds=7200 - 302))
    assert await cache.get() == "token-1"
    clock.forward(timedelta(seconds=3))
    assert await cache.get() == "token-2"


async def test_a_short_lived_token_is_still_used_more_than_once():
    mint, clock = Mint(seconds=60), MovableClock(START)
    cache = TokenCache(mint, clock=clock)
    assert [await cache.get(), await cache.get()] == ["token-1", "token-1"]
    clock.forward(timedelta(seconds=31))
    assert await cache.get() == "token-2"


async def test_only_the_token_that_failed_is_replaced():
    mint = Mint()
    cache = TokenCache(mint, clock=MovableClock(START))
    dead = await cache.get()
    renewed = await asyncio.gather(*[cache.renew(dead) for _ in range(10)])
    assert set(renewed) == {"token-2"}
    assert await cache.renew(dead) == "token-2"
    assert mint.count == 2


async def test_a_failed_fetch_is_told_and_not_remembered():
    mint = Mint()
    mint.error = errors.PlatformBusy("down")
    cache = TokenCache(mint, clock=MovableClock(START))
    with pytest.raises(errors.PlatformBusy):
        await cache.get()
    mint.error = None
    assert await cache.get() == "token-1"


async def test_a_caller_that_gives_up_does_not_take_the_others_along():
    mint = Mint()
    mint.gate.clear()
    cache = TokenCache(mint, clock=MovableClock(START))
    first, second = (asyncio.create_task(cache.get()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    mint.gate.set()
    assert await second == "token-1"


class Server:
    """Answers with whatever the test asked for and counts the requests."""

    def __init__(self):
        self.count = 0
        self.answer = web.json_response({})
        self.bodies = []
        self.url = ""

    async def handle(self, request):
        self.count += 1
        self.bodies.append(await request.read())
        if self.answer is None:
            request.transport.abort()
            return web.Response()
        return self.answer


@pytest.fixture
async def server(aiohttp_server):
    made = Server()
    app = web.Application()
    app.router.add_route("*", "/call", made.handle)
    running = await aiohttp_server(app)
    made.url = str(running.make_url("/call"))
    return made


@pytest.fixture
async def http():
    made = Http()
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("status", "error"), [(429, errors.Throttled), (500, errors.PlatformBusy), (503, errors.PlatformBusy)]
)
async def test_trouble_on_their_side_is_told_and_not_repeated(server, http, status, error):
    server.answer = web.Response(status=status, headers={"Retry-After": "7"})
    with pytest.raises(error) as raised:
        await http.call("POST", server.url, name="send", json={})
    assert raised.value.status == status
    assert server.count == 1
    if status == 429:
        assert raised.value.retry_after == 7


async def test_a_lost_answer_is_unsure_and_not_repeated(server, http):
    server.answer = None
    with pytest.raises(errors.Unsure):
        await http.call("POST", server.url, name="send", json={})
    assert server.count == 1


async def test_a_closed_port_is_busy_because_nothing_can_have_arrived(http, unused_tcp_port):
    with pytest.raises(errors.PlatformBusy) as raised:
        await http.call("POST", f"http://127.0.0.1:{unused_tcp_port}/", name="send", json={})
    assert not isinstance(raised.value, errors.Unsure)


async def test_errors_name_the_call_and_never_its_address(server, http):
    server.answer = web.Response(status=502)
    with pytest.raises(errors.PlatformBusy) as raised:
        await http.call("GET", server.url, name="gettoken", params={"corpsecret": "very-secret"})
    assert "very-secret" not in str(raised.value)
    assert "gettoken" in str(raised.value)


async def test_a_redirect_is_not_followed(server, http):
    server.answer = web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"})
    assert (await http.call("GET", server.url, name="x")).status == 302


async def test_json_goes_out_as_real_utf8(server, http):
    await http.call("POST", server.url, name="x", json={"content": "请假"})
    assert "请假".encode() in server.bodies[0]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"{broken", b'"text"'])
async def test_an_answer_that_is_no_object_reads_as_empty(server, http, body):
    server.answer = web.Response(body=body)
    reply = await http.call("GET", server.url, name="x")
    assert reply.data == {}
    assert reply.body == body


async def test_a_large_answer_is_read_to_its_end(server, http):
    server.answer = web.Response(body=b"x" * 3_000_000)
    assert len((await http.call("GET", server.url, name="x")).body) == 3_000_000
