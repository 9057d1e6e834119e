"""A pytest plugin that does to the scenarios what a very slow machine would: finds tests that only pass in time.

    SLOW=api,late SEED=7 python -m pytest -p tests.slow_machine -n 4 tests/scenarios

`api`: many calls to a platform's API take up to 0.6 s longer. `late`: one event in five is put off, as if the 0.8 s of
its answer were over. No part of the pipeline: it takes as long again, and every seed finds something else.
"""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import replace
from typing import Any

import aiohttp

from bot.dispatch import Dispatcher

_DELAYS = (0.0, 0.0, 0.05, 0.2, 0.6)
_APIS = ("/cgi-bin/", "/v1.0/", "/topapi/", "/gateway/", "/pubacc/")
_LATE = 0.2

_dice = random.Random(os.environ.get("SEED", "1") + os.environ.get("PYTEST_XDIST_WORKER", ""))
_call = aiohttp.ClientSession._request
_decide = Dispatcher._try


async def _slowly(self: aiohttp.ClientSession, method: str, url: Any, **options: Any) -> aiohttp.ClientResponse:
    if any(api in str(url) for api in _APIS):
        await asyncio.sleep(_dice.choice(_DELAYS))
    return await _call(self, method, url, **options)


async def _late(self: Dispatcher, case: Any) -> Any:
    """Only what comes in: a worker, which has the event's `row`, has no deadline."""
    if case.row is None and _dice.random() < _LATE:
        case = replace(case, deadline=0.0)
    return await _decide(self, case)


def pytest_configure() -> None:
    modes = os.environ.get("SLOW", "api,late").split(",")
    if "api" in modes:
        aiohttp.ClientSession._request = _slowly  # type: ignore[assignment, method-assign]
    if "late" in modes:
        Dispatcher._try = _late  # type: ignore[method-assign]
