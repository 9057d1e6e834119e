"""Ports that no outgoing connection can take."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from bot import ports


def test_a_port_is_below_those_of_outgoing_connections_and_can_be_taken():
    port = ports.free()
    assert port < 32_768
    with closing(socket.create_server(("127.0.0.1", port))):
        pass


def test_one_that_somebody_has_is_passed_over(monkeypatch):
    with closing(ports.bound()) as mine:
        taken = mine.getsockname()[1]
        other = ports.free()
        monkeypatch.setattr(ports.random, "sample", lambda numbers, count: [taken, other])
        assert ports.free() == other


def test_none_at_all_is_said(monkeypatch):
    with closing(ports.bound()) as mine:
        taken = mine.getsockname()[1]
        monkeypatch.setattr(ports.random, "sample", lambda numbers, count: [taken])
        with pytest.raises(OSError, match="in use"):
            ports.free()
