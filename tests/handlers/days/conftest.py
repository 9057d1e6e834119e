"""The packaged calendar, and a test's own way of saying a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from handlers.days import workdays
from handlers.days.workdays import UnknownYear, WorkCalendar

CALENDARS = Path(__file__).parents[3] / "config" / "calendars"


@pytest.fixture(scope="session")
def year_files() -> dict[str, dict[str, Any]]:
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(CALENDARS.glob("*.yaml"))}


@pytest.fixture(scope="session")
def packaged(year_files: dict[str, dict[str, Any]]) -> WorkCalendar:
    return workdays.from_data(year_files.values())


@pytest.fixture(scope="session")
def provisional(year_files: dict[str, dict[str, Any]]) -> WorkCalendar:
    return workdays.from_data(year_files.values(), unknown_year=UnknownYear.STATUTORY_RULE)
