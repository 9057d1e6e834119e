"""Every platform in the list can be built, and nothing is loaded before it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from connectors.registry import BUILDERS, build


def test_an_unknown_platform_is_a_key_error():
    from types import SimpleNamespace

    with pytest.raises(KeyError):
        build(SimpleNamespace(platform="carrier-pigeon"), http=None, clock=None)


def test_every_entry_is_a_module_with_a_builder():
    from importlib import import_module

    assert BUILDERS
    for name in BUILDERS.values():
        assert callable(import_module(name).build)


def test_neither_platforms_nor_sdks_load_with_the_registry():
    code = "import sys, connectors.registry; print([m for m in sys.modules if 'wecom' in m or 'wechatpy' in m])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_a_connector_does_not_load_the_frozen_sdks():
    code = (
        "import sys; from importlib import import_module; from connectors.registry import BUILDERS\n"
        "[import_module(name) for name in BUILDERS.values()]\n"
        "print([m for m in sys.modules if m.split('.')[0] in {'wechatpy', 'dingtalk', 'xmltodict', 'requests'}])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
