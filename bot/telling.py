"""Tells the instance that carries an account's letters that an answer of ours has shown a card already.

Where one instance does both, `handlers.mailroom.answers` does it in memory. Otherwise the card would be sent a second
time after some seconds: right, but a call of the month's quota for nothing. If the word is lost, that is what happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from bot.holding import Tenure
from connectors.contract import Connector
from handlers.errors import DatabaseBusy
from handlers.mailroom import outbox
from handlers.transaction import Database


class Telling:
    """Called with account and copy when the answer goes out; the word follows in its own time.

    Accounts without a tenure have one process for everything.
    """

    def __init__(
        self, database: Database, connectors: Mapping[str, Connector], tenures: Mapping[str, Tenure]
    ) -> None:
        self._database = database
        self._connectors = connectors
        self._tenures = tenures
        self._words: set[asyncio.Task[None]] = set()

    def __call__(self, account: str, copy: str) -> None:
        tenure = self._tenures.get(account)
        if tenure is None or tenure.held or not self._connectors[account].capabilities.answer_carries_card:
            return
        word = asyncio.create_task(self._tell(copy))
        self._words.add(word)
        word.add_done_callback(self._words.discard)

    async def close(self) -> None:
        """What was begun is said."""
        await asyncio.gather(*self._words, return_exceptions=True)

    async def _tell(self, copy: str) -> None:
        with suppress(DatabaseBusy):
            await self._database.write(partial(outbox.went_out, copy=copy))
