from __future__ import annotations

import asyncio
import os
import signal

import pytest

from bot.commands import serve


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_whoever_asks_it_to_stop_once_or_twice_or_closes_the_terminal(number):
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have wished it ignored
    loop = asyncio.get_running_loop()
    try:
        waiting = asyncio.create_task(serve.until_stopped())
        await asyncio.sleep(0)
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        async with asyncio.timeout(60):
            await waiting
    finally:
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(one)
        signal.signal(signal.SIGHUP, before)
