"""One backup a day and a drill a month, by the scheduler; administrators hear of the drill and of what went wrong."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

if "town" not in sys.modules:
    _path = Path(__file__).parents[2] / "scenarios" / "town.py"
    _spec = importlib.util.spec_from_file_location("town", _path)
    sys.modules["town"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["town"])

from town import Town


@pytest.fixture
async def town(tmp_path, sqlite_template):
    path = tmp_path / "office.db"
    path.write_bytes(sqlite_template.read_bytes())
    old, new = "backup: {enabled: false}", "backup: {folder: kept, daily: 2, weekly: 0, monthly: 0, drill_day: 28}"
    opened = await Town.open(tmp_path / "office", f"sqlite://{path}", office=lambda text: text.replace(old, new))
    yield opened
    await opened.close()


def kept(town):
    return sorted(path.name for path in (town.configuration.base / "kept").glob("*.backup"))


async def test_days_of_backups_and_a_drill(town, tmp_path):
    async def made(number):
        return len(await town.journal("backup.made")) == number

    await town.until(lambda: made(1), "the night's backup is caught up with")
    await town.forward(days=1)
    await town.until(lambda: made(2), "the next night's")
    await town.text("wecom", "chenjing", "恢复演练通过")
    assert len(await town.journal("backup.drilled")) == 1
    await town.forward(days=1)
    await town.until(lambda: made(3), "and another")
    await town.until(lambda: len(kept(town)) == 2, "the first one goes")
    assert [name[10:18] for name in kept(town)] == ["20260428", "20260429"]
    town.service.watch.forget()
    state = await town.service.watch.state()
    assert state.kept.backup is not None
    assert state.kept.file == kept(town)[-1]

    (tmp_path / "office" / "kept").rename(tmp_path / "aside")
    (tmp_path / "office" / "kept").write_text("no folder", encoding="utf-8")
    await town.forward(days=1)
    await town.text("wecom", "chenjing", "今天的备份没有做成")
    assert [row["why"] for row in await town.journal("backup.failed")] == ["disk"]
    town.service.watch.forget()
    assert await town.counted("officebot_concern", code="backup_failed") == 1
