"""kill -9 between commit, answer and sending: one decision per event, every letter out, in order, repeats marked.

A child takes events in and sends a letter for each; the platform's side is a file that outlives it. The test kills it
time after time and, as a platform would, delivers everything once more.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EVENTS = 120

CHILD = """
import asyncio, sys
from datetime import UTC, datetime
import structlog
from bot.database.open import open_database
from bot.dispatch import Dispatcher
from cards.model import Text
from connectors.clock import MovableClock
from connectors.contract import Capabilities
from connectors.events import TextReceived
from connectors.refs import PersonRef
from handlers import routing
from handlers.context import Office
from handlers.mailroom import counters, outbox
from handlers.mailroom.deliver import Postman
from handlers.mailroom.letters import Letter

LI = PersonRef("dd", "li")
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))  # our numbers alone on the pipe

class Platform:
    account, capabilities = "dd", Capabilities()
    def __init__(self, path):
        self.file = open(path, "a")
    async def send(self, to, message, *, ref, repeated=False):
        self.file.write(f"{message.content} {repeated}\\n")
        self.file.flush()
        await asyncio.sleep(0)
        return {}

async def on_text(event, ctx):
    number = await counters.take(ctx.tx, "decided")
    await outbox.post(ctx.tx, Letter(to=LI, message=Text(str(number)), key=event.key), now=ctx.now)

async def identify(tx, ref):
    return "p"

async def main(url, arrived, life, events):
    # every life begins after the leases of the one before
    clock = MovableClock(datetime(2026, 4, 27, int(life), tzinfo=UTC))
    database = open_database(url)
    postman = Postman(database, Platform(arrived), clock.now, owner=life)
    dispatcher = Dispatcher(database, routing.router((TextReceived, on_text)), Office(), clock, refusal=None,
                            identify=identify, wake=postman.wake, budget=30)
    work = asyncio.create_task(postman.run())
    for number in range(int(events)):
        await dispatcher.admit([TextReceived(account="dd", key=str(number), at=clock.now(), sender=LI, text="x")])
        print(number, flush=True)
    while (await database.read(outbox.counts)).get("waiting"):
        await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await database.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_killed_again_and_again_nothing_is_lost_or_done_twice(database, database_url: str, tmp_path: Path):
    arrived = tmp_path / "arrived"
    for life, until in enumerate((5, 37, 80, 119)):
        with _child(database_url, arrived, life) as child:
            try:
                _read_until(child, until)
            finally:
                child.send_signal(signal.SIGKILL)
    with _child(database_url, arrived, 9) as child:
        try:
            _, error = child.communicate(timeout=120)
        finally:
            child.kill()
        assert child.returncode == 0, error.decode()
    decided = await database.read(lambda tx: tx.first("SELECT value FROM counter WHERE name = 'decided'"))
    assert decided["value"] == EVENTS
    lines = [line.split() for line in arrived.read_text().splitlines()]
    first_times = [int(number) for number, repeated in lines if repeated == "False"]
    assert [int(number) for number, _ in lines] == sorted(int(number) for number, _ in lines)
    assert {int(number) for number, _ in lines} == set(range(1, EVENTS + 1))
    assert len(first_times) == len(set(first_times))
    assert len(lines) <= EVENTS + 4  # at most one letter was in the air at each kill


def _read_until(child: subprocess.Popen[bytes], number: int) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if int(line) >= number:
            return
    pytest.fail("the child ended by itself")


def _child(url: str, arrived: Path, life: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, url, str(arrived), str(life), str(EVENTS)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
