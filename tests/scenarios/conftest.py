"""A town per test, on both databases unless the test says otherwise."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

# Test folders are no packages (importlib mode), so the helpers beside this file are loaded by their path, once.
for _name in ("town", "office_days", "form_desk", "hands"):
    if _name not in sys.modules:
        _spec = importlib.util.spec_from_file_location(_name, Path(__file__).with_name(f"{_name}.py"))
        _module = importlib.util.module_from_spec(_spec)
        sys.modules[_name] = _module
        _spec.loader.exec_module(_module)

from town import Town  # noqa: E402


@pytest.fixture
async def open_town(database_url, tmp_path):
    """`await open_town(people=..., office=...)`: a running office that is closed after the test."""
    towns = []

    async def opened(**options):
        towns.append(await Town.open(tmp_path / f"office{len(towns)}", database_url, **options))
        return towns[-1]

    yield opened
    for town in towns:
        await town.close()
