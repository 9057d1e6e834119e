"""The text of a form's version is stored once, whatever became of the unit that kept it first."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot import forms as form_files
from handlers.approval.language import book, form_model
from handlers.transaction import from_ms

PACKAGED = Path(form_files.__file__).parents[1] / "config" / "forms"
RECORDING = Path(__file__).parents[3] / "recordings" / "packaged_forms.yaml"
FORMS = form_files.usable(
    form_files.read([PACKAGED], roles=yaml.safe_load(RECORDING.read_text(encoding="utf-8"))["roles"])
)


async def test_a_version_that_was_rolled_back_is_stored_by_the_next(database):
    leave = FORMS["leave"]

    async def keep(tx):
        return await book.keep(tx, leave, now=from_ms(1))

    async def broken(tx):
        await keep(tx)
        raise LookupError

    async def stored(tx):
        return {row["hash"]: row["text"] for row in await tx.fetch("SELECT hash, text FROM form_version")}

    with pytest.raises(LookupError):
        await database.write(broken)
    assert await database.read(stored) == {}
    version = await database.write(keep)
    assert await database.write(keep) == version == form_model.version(leave)
    assert await database.read(stored) == {version: form_model.text(leave)}
