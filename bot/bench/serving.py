"""The server under load, a process of its own: `python -m bot.bench.serving KIND [FOLDER] [--pinned]`.

bare      an aiohttp handler that reads the body and returns a fixed one: the limit of the framework
office    the service itself on the office in FOLDER; its cards stay in the outbox, because sending is measured apart
steady    the same with its workers, ticks, sealing and checkpoints, but its cards stay in the outbox all the same
whole     the same with all workers and ticks, as `officebot serve` has them
platform  takes 50 ms for every call, as a platform's API does
counted   the same for DingTalk, and refuses more than 20 calls of one API within a second

It writes `{"port": ...}` when it listens. For every line on its standard input it writes what it has used so far, and
ends with the input.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot import logs, runtime
from bot.app import Service
from bot.bench import machine, office
from bot.database import sqlite

LATENCY_S = 0.05
LIMIT_PER_S = 20
COUNTED = "/counted"
"""Where `counted` says how many calls it has `refused`, and when (seconds) it has `taken` the others."""


async def serve(application: web.Application, *, first: Callable[[], Awaitable[None]] | None = None) -> None:
    """`first` is what must have begun before anybody is let in."""
    runner = web.AppRunner(application, access_log=None, handler_cancellation=False)
    await runner.setup()
    if first is not None:
        await first()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    runtime.settle()
    _say({"port": runner.addresses[0][1]})
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        _say(_used())
    await runner.cleanup()


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _used() -> dict[str, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    gc.collect()
    return {"cpu_s": used.ru_utime + used.ru_stime, "resident_mb": machine.resident_mb()}


def bare() -> web.Application:
    async def handler(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=b"")

    return _all_to(handler)


def platform() -> web.Application:
    """WeCom's API as far as a card that goes out needs it."""
    sent = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal sent
        await request.read()
        if request.path.endswith("gettoken"):
            return web.json_response({"errcode": 0, "access_token": "t" * 64, "expires_in": 7200})
        await asyncio.sleep(LATENCY_S)
        sent += 1
        return web.json_response({"errcode": 0, "msgid": f"m{sent}", "response_code": f"r{sent}"})

    return _all_to(handler)


def counted() -> web.Application:
    """DingTalk's API as far as a card that goes out needs it, with its limit and its refusal (`dingtalk.md` 10)."""
    calls: defaultdict[str, deque[float]] = defaultdict(deque)
    refused, taken = 0, list[float]()

    async def handler(request: web.Request) -> web.Response:
        nonlocal refused
        await request.read()
        if request.path == COUNTED:
            return web.json_response({"refused": refused, "taken": taken})
        if request.path.endswith("accessToken"):
            return web.json_response({"accessToken": "t" * 32, "expireIn": 7200})
        if _too_many(calls[request.path], time.monotonic()):
            refused += 1
            code = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"
            return web.json_response({"code": code, "message": "触发流控", "requestid": "r"}, status=403)
        taken.append(time.monotonic())
        await asyncio.sleep(LATENCY_S)
        return web.json_response({"success": True, "result": {"deliverResults": [{"success": True, "carrierId": "c"}]}})

    return _all_to(handler)


def _all_to(handler: Handler) -> web.Application:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    return application


def _too_many(calls: deque[float], now: float) -> bool:
    """Refused calls count as well, as everybody fears who has seen one."""
    while calls and now - calls[0] >= 1:
        calls.popleft()
    calls.append(now)
    return len(calls) > LIMIT_PER_S


async def an_office(folder: Path, kind: str = "office") -> None:
    order = json.loads((folder / office.ORDER).read_text())
    if order["commit_delay_s"]:
        _slow_disk(order["commit_delay_s"])
    service = Service(office.configuration(folder), clock=office.clock(folder))
    if kind == "steady":
        service.postmen.clear()
    application = service.application()
    try:
        await serve(application, first=None if kind == "office" else service.start)
    finally:
        await service.stop()


def _slow_disk(seconds: float) -> None:
    """Every commit takes longer, as on a disk with a slower fsync: the writer's thread waits, the loop goes on."""
    commit = sqlite._commit

    def slowly(*arguments: Any) -> None:
        commit(*arguments)
        time.sleep(seconds)

    sqlite._commit = slowly  # type: ignore[assignment]


if __name__ == "__main__":
    if "--pinned" in sys.argv:
        machine.pin(0)
    logs.set_up()  # as `officebot serve` does: a line per event belongs to its costs
    if sys.argv[1] in ("office", "steady", "whole"):
        asyncio.run(an_office(Path(sys.argv[2]), sys.argv[1]))
    else:
        asyncio.run(serve({"bare": bare, "platform": platform, "counted": counted}[sys.argv[1]]()))
