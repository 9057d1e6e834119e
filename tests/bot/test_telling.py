"""When an answer shows a card whose letter another instance carries."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bot.telling import Telling
from connectors.contract import Capabilities


class Noted:
    """A database that only counts the units it was given."""

    def __init__(self):
        self.units = 0

    async def write(self, unit):
        self.units += 1


@pytest.mark.parametrize(
    ("held", "carries", "words"),
    [(False, True, 1), (True, True, 0), (False, False, 0), (None, True, 0)],
    ids=["another carries it", "we carry it", "answers bring no card", "one process"],
)
async def test_only_what_another_instance_would_send_again_is_told(held, carries, words):
    database = Noted()
    connectors = {"dd": SimpleNamespace(capabilities=Capabilities(answer_carries_card=carries))}
    tenures = {} if held is None else {"dd": SimpleNamespace(held=held)}
    telling = Telling(database, connectors, tenures)
    telling("dd", "c-1")
    await telling.close()
    assert database.units == words
