"""The drill itself, very small: two rounds on each database."""

from __future__ import annotations

import json
import os

import pytest

from bot.__main__ import run

POSTGRES = os.environ.get("OFFICEBOT_TEST_POSTGRES", "")


NEEDED = [pytest.mark.postgres, pytest.mark.skipif(not POSTGRES, reason="OFFICEBOT_TEST_POSTGRES names no server")]


@pytest.mark.parametrize("server", [pytest.param("", id="sqlite"), pytest.param(POSTGRES, id="postgres", marks=NEEDED)])
def test_two_rounds(server, tmp_path, capsys):
    status = run(["faults", "--rounds", "2", "--seed", "7", "--postgres", server, "--folder", str(tmp_path), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (status, found["difference"]) == (0, None)
    assert found["rounds"] == 2
    assert sum(found["kills"].values()) >= 2
    assert found["stories"] == 10
    assert found["heads"] >= 1
    assert list(tmp_path.iterdir()) == []
