"""A platform that does what the test tells it, and a clock that stands still until it is moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from bot.database.open import OpenDatabase
from cards.model import Card, Message, Text
from connectors.contract import Capabilities
from connectors.refs import PersonRef, Recipient
from handlers.mailroom import outbox
from handlers.mailroom.deliver import Postman
from handlers.mailroom.letters import Letter


@dataclass
class Platform:
    """Keeps what arrived; `plan` may raise for an attempt (message ref and the number of attempts so far)."""

    account: str = "dd"
    platform: str = "fake"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(interactive_cards=True))
    plan: Callable[[str, int], None] = lambda ref, attempt: None
    arrived: list[tuple[Recipient, str]] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    attempts: int = 0

    async def send(self, to: Recipient, message: Message, *, ref: str, repeated: bool = False) -> Mapping[str, Any]:
        self._try(ref)
        words = message.title if isinstance(message, Card) else getattr(message, "content", "")
        self.arrived.append((to, words))
        self.shown[ref] = words
        if repeated:
            self.repeated.append(words)
        return {"ref": ref, "codes": []}

    async def update(self, to: Recipient, handle: Mapping[str, Any], card: Card, *, ref: str) -> Mapping[str, Any]:
        self._try(ref)
        self.used += handle["codes"]
        self.shown[ref] = card.title
        return {"ref": ref, "codes": []}

    def tapped(self, handle: Mapping[str, Any], code: str, *, now: datetime) -> Mapping[str, Any]:
        return {**handle, "codes": [*handle["codes"], code]}

    def _try(self, ref: str) -> None:
        self.attempts += 1
        self.plan(ref, self.attempts)


@dataclass
class Watch:
    """Time that moves only when told."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def watch(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
def postman(database: OpenDatabase, platform: Platform, watch: Watch) -> Postman:
    return Postman(database, platform, watch, owner="one")  # type: ignore[arg-type]


Write = Callable[..., Any]


@pytest.fixture
def write(database: OpenDatabase) -> Write:
    """`await write(function, ...)` runs one mailroom function in a transaction of its own."""

    async def run(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return await database.write(lambda tx: function(tx, *args, **options))

    return run


@pytest.fixture
def post(write: Write, watch: Watch) -> Write:
    """`await post("li", "words")` queues a text."""

    async def run(person: str, words: str, **options: Any) -> None:
        letter = Letter(to=PersonRef("dd", person), message=Text(words), key=options.pop("key", words), **options)
        await write(partial(outbox.post, letter=letter, now=watch()))

    return run
