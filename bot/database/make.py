"""For developers: `python -m bot.database.make NAME` writes the next migration from what changed in the models.

Read what it wrote before committing it (`dependencies.md` 5.1): new NOT NULL columns need `db_default`, an index added
with a field needs its own AddIndex, partial indexes and triggers are RunSQL by hand.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tortoise import Tortoise
from tortoise.context import get_current_context
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.writer import MigrationWriter, format_migration_name

from bot.database.schema import tortoise_config


async def changes() -> list[MigrationWriter]:
    """What the models say beyond the migrations: at most one migration, not yet written."""
    config = tortoise_config("sqlite://unused.db")
    await Tortoise.init(config=config, init_connections=False)
    context = get_current_context()
    assert context is not None
    assert context.apps is not None
    for model in context.apps["office"].values():
        # Comments would go into the SQL, which Tortoise cuts at every semicolon; they stand in the models.
        model._meta.table_description = ""
    return await MigrationAutodetector(context.apps, config["apps"]).changes()


async def make(name: str) -> list[Path]:
    """Writes the changes into `bot/migrations/`."""
    written = []
    for writer in await changes():
        writer.name = format_migration_name(int(writer.name.split("_", 1)[0]), name)
        written.append(Path(writer.write()))
    return written


if __name__ == "__main__":
    sys.stdout.write("\n".join(str(path) for path in asyncio.run(make(sys.argv[1]))) + "\n")
