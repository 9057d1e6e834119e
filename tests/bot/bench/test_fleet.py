"""Two real instances on one PostgreSQL behind a proxy, one of them killed: the small form of `officebot bench`'s."""

from __future__ import annotations

import asyncio

import pytest

from bot.bench.fleet import Fleet
from bot.bench.proxy import Proxy


@pytest.mark.postgres
async def test_a_killed_instance_is_followed_and_every_slip_is_decided_once(database_url, tmp_path):
    if not database_url.startswith("postgres"):
        pytest.skip("SQLite has one service")
    fleet = Fleet(tmp_path, database_url, instances=2, people=4, jump=True, rolling=False)
    survived = await fleet.sail()  # raises for a slip decided twice or not at all, a letter lost or doubled
    assert survived.slips == 4
    assert survived.letters >= 2 * 4  # a draft, which shows the decision in the end, and the leader's card


async def test_the_proxy_goes_past_an_upstream_that_is_gone():
    async def named(name, reader, writer):
        writer.write(name)
        writer.close()

    servers = [await asyncio.start_server(lambda r, w, n=name: named(n, r, w), "127.0.0.1", 0) for name in (b"a", b"b")]
    proxy = Proxy([server.sockets[0].getsockname()[1] for server in servers])
    port = await proxy.start()

    async def asked():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answer = await reader.read()
        writer.close()
        return answer

    assert sorted([await asked(), await asked()]) == [b"a", b"b"]
    servers[0].close()
    assert [await asked(), await asked(), await asked()] == [b"b"] * 3
    servers[1].close()
    assert await asked() == b""
    await proxy.stop()
