"""The contract suite's rig, once per transport or in one of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

RIG = Path(__file__).parents[2] / "contract" / "rigs" / "yunzhijia.py"


def load():
    spec = importlib.util.spec_from_file_location("yunzhijia_rig", RIG)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made():
    """The rig's module: its constants and classes."""
    return load()


@pytest.fixture
async def start(made):
    """Starts rigs of a variant with options and closes them afterwards."""
    started = []

    async def one(variant="cards", **options):
        rig = made.VARIANTS[variant](**options)
        started.append(rig)
        await rig.start()
        return rig

    yield one
    for rig in started:
        await rig.close()


@pytest.fixture
async def rig(start):
    return await start()
