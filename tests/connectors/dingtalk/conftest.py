"""The contract suite's rig, once per transport or in one of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

RIG = Path(__file__).parents[2] / "contract" / "rigs" / "dingtalk.py"


def load():
    spec = importlib.util.spec_from_file_location("dingtalk_rig", RIG)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made():
    """The rig's module: its constants and classes."""
    return load()


@pytest.fixture
async def start(made):
    """Starts rigs with options and closes them afterwards."""
    started = []

    async def one(**options):
        rig = made.Rig(**options)
        started.append(rig)
        await rig.start()
        return rig

    yield one
    for rig in started:
        await rig.close()


@pytest.fixture(params=["stream", "http"])
async def rig(start, request):
    return await start(transport=request.param)


@pytest.fixture
async def stream(start):
    return await start(transport="stream")


@pytest.fixture
async def http(start):
    return await start(transport="http")
