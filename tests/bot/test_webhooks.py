from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.database.open import OpenDatabase
from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from bot.watching import Watch
from bot.webhooks import MAX_BODY, WATCH_HEADER, Webhooks, watch_token
from cards.model import Card
from connectors.clock import MovableClock
from connectors.contract import Challenge, Delivery, HttpAnswer
from connectors.errors import Rejected
from connectors.events import TextReceived
from connectors.refs import PersonRef
from handlers import routing
from handlers.context import Context, Office

AT = datetime(2026, 4, 27, 1, tzinfo=UTC)
URL = "/callback/dd/app"


class Door:
    """Believes everything but `forged`, reads words as one event each, answers with the card's title."""

    def verify(self, delivery: Delivery, *, now: datetime) -> None:
        if delivery.body == b"forged":
            raise Rejected("signature")

    def read(self, delivery: Delivery) -> Sequence[TextReceived] | Challenge:
        if delivery.body == b"broken":
            raise KeyError("a mistake of ours")
        if delivery.method == "GET":
            return Challenge(delivery.query["echostr"])
        if delivery.body == b"\xff":
            raise Rejected("not UTF-8", status=400)
        return [
            TextReceived(account="dd", key=word, at=AT, sender=PersonRef("dd", "li"), text=word)
            for word in delivery.body.decode().split()
        ]

    def answer(self, delivery: Delivery, reply: Card | Challenge | None, *, now: datetime) -> HttpAnswer:
        if isinstance(reply, Challenge):
            return HttpAnswer(body=reply.text.encode())
        return HttpAnswer(body=reply.title.encode() if reply else b"success")


@dataclass
class Connector:
    doors: dict[str, Door] = field(default_factory=lambda: {"app": Door()})


async def echo(event: TextReceived, ctx: Context) -> Card | None:
    return Card(kind="test", title=event.text) if event.text == "card" else None


async def never(*_: object) -> str:
    return ""


@pytest.fixture
async def schema() -> dict[str, bool]:
    return {"ok": True}


@pytest.fixture
async def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def client(
    aiohttp_client, sqlite_database: OpenDatabase, metrics: Metrics, schema: dict[str, bool], tmp_path: Path
):
    clock = MovableClock(AT)
    dispatcher = Dispatcher(
        sqlite_database, routing.router((TextReceived, echo)), Office(), clock,
        refusal=never, identify=never, metrics=metrics, budget=30.0,  # type: ignore[arg-type]
    )  # fmt: skip

    async def schema_ok() -> bool:
        return schema["ok"]

    watch = Watch(sqlite_database, clock, tmp_path, schema_ok=schema_ok, disk=lambda _: (1 << 40, 1 << 41))
    connectors: dict[str, Any] = {"dd": Connector()}
    webhooks = Webhooks(connectors, dispatcher, clock, metrics, watch, key=lambda: b"key")
    app = web.Application()
    app.add_routes(webhooks.routes())
    return await aiohttp_client(app)


async def stored(database: OpenDatabase) -> list[str]:
    return [row["key"] for row in await database.read(lambda tx: tx.fetch("SELECT key FROM inbox ORDER BY id"))]


async def test_a_delivery_is_stored_and_then_answered_in_the_words_of_the_door(client, sqlite_database):
    response = await client.post(URL, data=b"one card")
    assert (response.status, await response.text()) == (200, "card")
    assert await stored(sqlite_database) == ["one", "card"]


async def test_a_challenge_is_echoed_and_nothing_stored(client, sqlite_database):
    response = await client.get(URL, params={"echostr": "123"})
    assert await response.text() == "123"
    assert await stored(sqlite_database) == []


@pytest.mark.parametrize(("body", "status", "reason"), [(b"forged", 403, "signature"), (b"\xff", 400, "not UTF-8")])
async def test_what_is_not_believed_gets_a_bare_status_and_a_count(
    client, sqlite_database, metrics, body, status, reason
):
    response = await client.post(URL, data=body)
    assert (response.status, await response.read()) == (status, b"")
    assert await stored(sqlite_database) == []
    assert (
        metrics.registry.get_sample_value(
            "officebot_rejected_total", {"account": "dd", "door": "app", "reason": reason}
        )
        == 1
    )


@pytest.mark.parametrize("path", ["/callback/other/app", "/callback/dd/robot"])
async def test_an_unknown_door_is_not_there(client, path):
    response = await client.post(path, data=b"one")
    assert (response.status, await response.read()) == (404, b"")


async def test_a_body_over_the_limit_is_refused_before_it_is_read(client, sqlite_database):
    for data in (b"x" * (MAX_BODY + 1), _chunks()):
        response = await client.post(URL, data=data)
        assert (response.status, await response.read()) == (413, b"")
    assert await stored(sqlite_database) == []


async def test_a_mistake_of_ours_is_no_success_and_tells_nothing(client, sqlite_database):
    response = await client.post(URL, data=b"broken")
    assert (response.status, await response.read()) == (500, b"")
    assert await stored(sqlite_database) == []


async def test_without_a_database_no_success_is_answered(client, sqlite_database):
    await sqlite_database.close()
    response = await client.post(URL, data=b"one")
    assert (response.status, await response.read()) == (503, b"")


async def test_ready_only_with_database_and_tables(client, sqlite_database, schema):
    insider = {WATCH_HEADER: watch_token(b"key")}
    assert (await client.get("/readyz")).status == 200
    schema["ok"] = False
    response = await client.get("/readyz")
    assert (response.status, await response.text()) == (503, "not ready"), "strangers learn no more"
    response = await client.get("/readyz", headers=insider)
    assert response.status == 503
    assert "serious 数据库的表和程序版本不一致" in await response.text()
    await sqlite_database.close()
    response = await client.get("/readyz", headers=insider)
    assert response.status == 503
    assert (await response.text()).startswith("serious 数据库写不进去")
    assert (await client.get("/healthz")).status == 200


async def test_what_is_no_reason_to_go_elsewhere_is_said_to_insiders_only(client):
    response = await client.get("/readyz", headers={WATCH_HEADER: watch_token(b"key")})
    assert (response.status, await response.text()) == (200, "note 还没有备份过")
    response = await client.get("/readyz", headers={WATCH_HEADER: watch_token(b"another")})
    assert (response.status, await response.text()) == (200, "ok")


async def test_metrics_name_outcomes_and_nobody(client):
    await client.post(URL, data=b"one")
    text = await (await client.get("/metrics")).text()
    assert 'officebot_events_total{kind="TextReceived",outcome="done"} 1.0' in text
    assert "li" not in text.replace("deliveries", "").split()


async def _chunks():
    for _ in range(20):
        yield b"x" * 16 * 1024


class Slow:
    """A sender that has said how long its body is and not sent it yet."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def begin(self) -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._client.port)
        self._reader = reader
        self._writer.write(f"POST {URL} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n".encode())

    async def finish(self, body: bytes = b"first") -> bytes:
        self._writer.write(body)
        line = await self._reader.readline()
        self._writer.close()
        return line


async def in_hand(metrics: Metrics, client: Any, outcome: str) -> float:
    labels = {"account": "dd", "door": "app", "outcome": outcome}
    return metrics.registry.get_sample_value("officebot_deliveries_total", labels) or 0.0


async def test_when_too_many_are_in_hand_the_platform_is_asked_to_come_again(
    client, sqlite_database, metrics, monkeypatch
):
    monkeypatch.setattr("bot.webhooks._AT_ONCE", 1)
    slow = Slow(client)
    await slow.begin()
    while (response := await client.post(URL, data=b"second")).status == 200:
        continue  # the slow one has not been seen yet
    assert (response.status, response.headers["Retry-After"]) == (503, "1")
    assert await in_hand(metrics, client, "full") == 1
    assert await slow.finish() == b"HTTP/1.1 200 OK\r\n"
    assert (await client.post(URL, data=b"third")).status == 200  # its place is free again
    assert {"first", "third"} <= set(await stored(sqlite_database))


async def test_a_sender_that_dawdles_loses_its_place(client, sqlite_database, monkeypatch):
    monkeypatch.setattr("bot.webhooks._BODY_S", 0.0)
    slow = Slow(client)
    await slow.begin()
    assert b" 408 " in await slow.finish(b"")
    assert await stored(sqlite_database) == []
