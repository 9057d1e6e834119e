"""A started deployment with its connector: the contract suite's rigs, used for what is this platform's own."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

if "yuezhengyi_rig" not in sys.modules:
    _file = Path(__file__).parents[2] / "contract" / "rigs" / "yuezhengyi.py"
    _spec = importlib.util.spec_from_file_location("yuezhengyi_rig", _file)
    sys.modules["yuezhengyi_rig"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["yuezhengyi_rig"])


@pytest.fixture
async def started():
    """`await started(RigClass, **settings)`."""
    made = []

    async def start(kind, **more):
        rig = kind(**more)
        await rig.start()
        made.append(rig)
        return rig

    yield start
    for rig in made:
        await rig.close()
