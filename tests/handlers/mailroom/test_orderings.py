"""Whatever the platform does, letters of a person arrive in order, and again only where an answer was lost."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database.open import open_database
from cards.model import Text
from connectors import errors
from connectors.contract import Capabilities
from connectors.refs import PersonRef
from handlers.mailroom import outbox
from handlers.mailroom.deliver import Postman
from handlers.mailroom.letters import Letter

TROUBLE = {
    "busy": errors.PlatformBusy("HTTP 503"),
    "throttled": errors.Throttled("429"),
    "lost": errors.Unsure("timeout"),
}
FATES = st.lists(st.sampled_from(["ok", "ok", "busy", "throttled", "lost", "crash"]), max_size=30)
LETTERS = st.lists(st.sampled_from(["li", "wang", "zhao"]), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(people=LETTERS, fates=FATES)
def test_every_letter_arrives_in_order(sqlite_template: Path, people: list[str], fates: list[str]):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(sqlite_template, f"{folder}/office.db")
        arrived, repeated = asyncio.run(story(f"sqlite://{folder}/office.db", people, list(fates)))
    for person in ("li", "wang", "zhao"):
        its = [number for number, to in enumerate(people) if to == person]
        seen = [number for to, number in arrived if to == person]
        assert list(dict.fromkeys(seen)) == its
        assert seen == sorted(seen)
    assert len(arrived) - len(people) <= repeated


async def story(url: str, people: list[str], fates: list[str]) -> tuple[list[tuple[str, int]], int]:
    database = open_database(url)
    platform = Scripted(fates)
    now = datetime(2026, 4, 27, 1, tzinfo=UTC)
    for number, person in enumerate(people):
        letter = Letter(to=PersonRef("dd", person), message=Text(str(number)), key=str(number))
        await database.write(lambda tx, letter=letter: outbox.post(tx, letter, now=now))
    for life in range(200):
        # Every life is a new process: what the last one had in the air is known to be perhaps sent.
        now = now.replace(month=4 + life // 28, day=1 + life % 28)
        postman = Postman(database, platform, lambda now=now: now, owner=f"life-{life}")  # type: ignore[arg-type]
        await postman.empty()
        if not (await database.read(outbox.counts)).get("waiting"):
            break
    await database.close()
    return platform.arrived, platform.repeated


class Scripted:
    """Spends one fate per attempt, then everything goes well. `crash`: it arrived, and the process never knew."""

    account = "dd"

    def __init__(self, fates: list[str]) -> None:
        self.capabilities = Capabilities()
        self.fates = fates
        self.arrived: list[tuple[str, int]] = []
        self.repeated = 0

    async def send(self, to, message, *, ref, repeated=False):
        fate = self.fates.pop() if self.fates else "ok"
        if fate in ("busy", "throttled"):
            raise TROUBLE[fate]
        self.arrived.append((to.id, int(message.content)))
        self.repeated += repeated
        if fate == "lost":
            raise TROUBLE[fate]
        if fate == "crash":
            raise asyncio.CancelledError
        return {}
