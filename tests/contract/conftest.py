"""One started rig per platform of the registry; a platform without a rig file is a failure, not a skip."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from connectors.registry import BUILDERS

RIGS = Path(__file__).parent / "rigs"


def make_rig(platform):
    spec = importlib.util.spec_from_file_location(f"contract_rig_{platform}", RIGS / f"{platform}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Rig()


@pytest.fixture(params=sorted(BUILDERS))
async def rig(request):
    made = make_rig(request.param)
    await made.start()
    yield made
    await made.close()
