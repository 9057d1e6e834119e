"""What is over cannot be taken back, and what nobody said how to take back neither."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from handlers.approval import cancelling


@pytest.mark.parametrize(
    ("fields", "begins"),
    [
        ({"start": "2026-05-06"}, "2026-05-06"),
        ({"period": {"start": "2026-05-07", "end": "2026-05-08"}}, "2026-05-07"),
        ({"time": {"date": "2026-05-08", "start": "09:00", "end": "10:00"}}, "2026-05-08"),
        ({"time": None, "period": ""}, "9999"),
        ({}, "9999"),
    ],
)
def test_the_first_day_is_found_under_its_usual_names(fields, begins):
    assert cancelling._begins(SimpleNamespace(fields=fields)) == begins
