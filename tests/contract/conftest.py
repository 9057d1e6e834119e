"""One started rig per platform of the registry; a platform without a rig file is a failure, not a skip."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from connectors.registry import BUILDERS

RIGS = Path(__file__).parent / "rigs"


def rigs(platform):
    """The rigs of a platform by name: one, or its file's `VARIANTS` (DingTalk: both transports)."""
    spec = importlib.util.spec_from_file_location(f"contract_rig_{platform}", RIGS / f"{platform}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    variants = getattr(module, "VARIANTS", {"": module.Rig})
    return {f"{platform}-{name}".rstrip("-"): rig for name, rig in variants.items()}


ALL = {name: rig for platform in sorted(BUILDERS) for name, rig in rigs(platform).items()}


@pytest.fixture(params=ALL)
async def rig(request):
    made = ALL[request.param]()
    await made.start()
    yield made
    await made.close()
