"""The frozen SDK belongs to the stand-in: the service runs without it, the stand-in without a warning."""

from __future__ import annotations

import subprocess
import sys

SERVICE = "import sys, connectors.dingtalk.connector; assert 'dingtalk' not in sys.modules"
STAND_IN = """
import sys, connectors.dingtalk.fake
assert 'dingtalk' not in sys.modules
from connectors.dingtalk.fake.crypto import Seal
seal = Seal("token", "A" * 43, "dingapp")
sealed = seal.seal("success", timestamp="1767225600000", nonce="n")
assert seal.open(sealed) == "success"
assert 'dingtalk' in sys.modules
"""


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)


def test_the_service_does_not_load_the_sdk():
    found = run(SERVICE)
    assert (found.returncode, found.stderr) == (0, "")


def test_the_stand_in_loads_it_at_first_use_and_quietly():
    found = run(STAND_IN)
    assert (found.returncode, found.stderr) == (0, "")
