"""That the demo comes up, at whatever hour of the real clock and in whatever year somebody starts it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from bot import ports
from bot.__main__ import run
from bot.commands import demo
from connectors.clock import MovableClock
from handlers.days.workdays import SHANGHAI

NEXT_MORNING = datetime(2026, 4, 28, 0, 30, tzinfo=UTC)
"""08:30 in China, when the sample office opens."""
ASKED = "年假 5月18日到20日 回家"
SAME_MOMENT = timedelta(minutes=1)  # the clock runs meanwhile


@pytest.fixture
def port():
    return ports.free()


async def _act(session, address, data):
    async with session.post(address, json=data) as answer:
        assert answer.status == 200, await answer.text()


@pytest.fixture
def started(monkeypatch, port):
    """`started(now, *options, move=...)`: the demo as it comes up at that time, stopped again after a look; its clock
    is moved by `move` before it is left."""

    def start(now, *options, move=timedelta()):
        seen: dict[str, Any] = {}

        class Now:
            def now(self):
                return now

        def clock(begin):
            seen["clock"] = MovableClock(begin)
            return seen["clock"]

        async def looked():
            seen["at"] = seen["clock"].now()
            address = f"http://127.0.0.1:{port}/demo"
            async with aiohttp.ClientSession() as session:
                async with session.get(f"{address}/state") as answer:
                    seen["state"] = await answer.json()
                if move:
                    await _act(session, f"{address}/clock", {"forward": move.total_seconds()})
                    await _act(session, f"{address}/dingtalk/say", {"user": "zhangsan", "text": ASKED})
                    while "请确认" not in await (await session.get(f"{address}/state")).text():
                        pass

        monkeypatch.setattr(demo.logs, "set_up", lambda **_: None)  # the other tests' logs stay theirs
        monkeypatch.setattr(demo, "SystemClock", Now)
        monkeypatch.setattr(demo, "MovableClock", clock)
        monkeypatch.setattr(demo, "until_stopped", looked)
        assert run(["demo", "--port", str(port), *options]) == 0
        return seen

    return start


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        (datetime(2026, 4, 27, 2, 1, 12, 345_678, tzinfo=UTC), datetime(2026, 4, 27, 2, 1, 12, 345_678, tzinfo=UTC)),
        (datetime(2026, 4, 27, 15, 0, tzinfo=UTC), NEXT_MORNING),
        (datetime(2026, 4, 27, 16, 30, tzinfo=UTC), NEXT_MORNING),
    ],
    ids=["in working hours", "in the evening", "after midnight"],
)
def test_it_comes_up_in_working_hours(started, capsys, port, now, begins):
    seen = started(now)
    assert f"http://127.0.0.1:{port}" in capsys.readouterr().out
    assert begins <= seen["at"] < begins + SAME_MOMENT
    assert "张三" in str(seen["state"])


@pytest.mark.parametrize("now", [datetime(2199, 3, 6, 2, tzinfo=UTC), datetime(2198, 12, 29, 2, tzinfo=UTC)])
def test_where_the_holidays_are_not_packaged_yet_it_begins_in_a_year_whose_are(started, capsys, now):
    seen = started(now)
    assert "年的放假安排，演示从" in capsys.readouterr().out
    assert seen["at"] < datetime(2198, 1, 1, tzinfo=UTC)
    assert 8 <= seen["at"].astimezone(SHANGHAI).hour < 18


def test_a_kept_office_goes_on_where_its_clock_was(started, tmp_path):
    now, ahead = datetime(2026, 4, 27, 2, 0, tzinfo=UTC), timedelta(days=9)
    started(now, "--keep", str(tmp_path / "kept"), move=ahead)
    seen = started(now, "--keep", str(tmp_path / "kept"))
    assert timedelta() < seen["at"] - (now + ahead) < SAME_MOMENT
