"""An office of three on two platforms."""

from __future__ import annotations

import pytest

from handlers.people.matching import Wanted
from tests.handlers.people.offices import row


@pytest.fixture
def office() -> list[Wanted]:
    """A director, a clerk of personnel and a clerk."""
    return [
        row("赵六", "wecom:zhaoliu", post="主任", department="办公室", staff_no="001"),
        row("王五", "wecom:wangwu", post="科员", department="人事科", manager="赵六", mobile="13800000002"),
        row("李四", "dd:lisi01", post="科员", department="办公室", manager="001", first_work_date="2016-08-01"),
    ]
