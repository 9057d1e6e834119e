"""That the benchmark runs and its figures make sense. Never how fast anything is: that is what it is for."""

from __future__ import annotations

import asyncio
import io
import json
import math

import pytest
from rich.console import Console

from bot.__main__ import run
from bot.bench import figures, load, running, suite
from bot.bench.figures import Figure
from bot.bench.plan import Plan
from bot.bench.running import Failed
from bot.bench.suite import Done
from bot.commands import bench_words

CHEAP = ("limits", "inbound", "engine", "ledger", "journal", "list")


def bench(capsys, *parts):
    only = [argument for part in parts for argument in ("--only", part)]
    status = run(["bench", "--quick", "--json", *only])
    words = capsys.readouterr()
    assert status == 0, words.err
    return json.loads(words.out)


def names(report):
    return [figure["name"] for figure in report["figures"]]


def test_the_cheap_parts_give_plausible_figures(capsys):
    report = bench(capsys, *CHEAP)
    assert report["format"] == "officebot-bench/1"
    assert report["quick"] is True
    assert report["errors"] == {}
    assert {name.split(".")[0] for name in names(report)} == set(CHEAP)
    assert all(figure["value"] > 0 and math.isfinite(figure["value"]) for figure in report["figures"])
    assert report["machine"]["cores"] >= 1
    assert report["machine"]["cpu"]


def test_a_ratio_is_that_of_two_figures_of_the_same_run(capsys):
    report = bench(capsys, "limits", "inbound")
    values = {figure["name"]: figure["value"] for figure in report["figures"]}
    compared = [figure for figure in report["figures"] if figure["against"]]
    assert {figure["name"] for figure in compared} == {"limits.group", "inbound.wecom", "inbound.dingtalk"}
    for figure in compared:
        assert figure["ratio"] == pytest.approx(figure["value"] / values[figure["against"]])


def test_taps_of_both_platforms_are_decided_over_http_beside_a_bare_handler(capsys):
    report = bench(capsys, "taps")
    found = {figure["name"]: figure for figure in report["figures"]}
    assert {"taps.sqlite.bare", "taps.sqlite", "taps.dingtalk", "taps.texts", "taps.slow_disk"} <= set(found)
    assert found["taps.late"]["value"] >= 0
    assert found["taps.open_p50"]["value"] <= found["taps.open_p99"]["value"]
    assert all(found[name]["ratio"] > 0 for name in ("taps.sqlite", "taps.dingtalk", "taps.texts"))


def test_cards_go_out_and_the_service_starts(capsys):
    report = bench(capsys, "fanout", "start")
    found = {figure["name"]: figure for figure in report["figures"]}
    assert 0 < found["fanout.cards"]["ratio"] <= 1.0
    assert found["start.ready"]["value"] > 0


def test_a_refused_request_is_no_figure(tmp_path):
    """The platform is asked for what it does not know: an unsigned tap at a real office would be refused just so."""
    with running.server("bare") as server, pytest.raises(Failed, match="2 of 2"):
        running.bombard(server, [b"NONSENSE\r\n\r\n", b"NONSENSE\r\n\r\n"], folder=tmp_path)


def test_a_part_that_breaks_takes_only_itself_away(monkeypatch, capsys):
    def broken(plan):
        raise Failed("no database")

    monkeypatch.setitem(suite.PARTS, "limits", broken)
    assert run(["bench", "--quick", "--json", "--only", "limits", "--only", "engine"]) == 1
    words = capsys.readouterr()
    report = json.loads(words.out)
    assert report["errors"] == {"limits": "Failed: no database"}
    assert names(report) == ["engine.step"]
    assert "本机的极限没有测成：Failed: no database" in words.err


def test_the_table_has_the_machine_and_the_goal_and_a_short_run_judges_nothing(capsys):
    assert run(["bench", "--quick", "--only", "engine"]) == 0
    shown = capsys.readouterr().out
    assert "快速试跑，数字没有意义" in shown
    assert "Python" in shown
    assert "一步审批" in shown
    assert "≤ 50，争取 20" in shown
    assert "达到" not in shown


@pytest.mark.parametrize(("value", "verdict"), [(30.0, "达到"), (60.0, "未达到")])
def test_a_full_run_is_judged_by_the_floor(value, verdict):
    done = Done(part="engine", figures=[Figure(name="engine.step", value=value, unit="us")])
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(bench_words.table([done], judged=True))
    assert console.export_text().split()[-1] == verdict


def test_every_goal_and_every_part_has_its_words():
    assert set(bench_words.PARTS) == set(suite.PARTS)
    assert set(figures.GOALS) <= set(bench_words.FIGURES)


@pytest.mark.parametrize(("value", "met"), [(9.9, True), (10.0, True), (10.1, False)])
def test_a_goal_where_less_is_better(value, met):
    figure = Figure(name="taps.open_p99", value=value, unit="ms")
    assert figure.goal.met(figure.judged) is met


def test_a_goal_of_a_ratio_judges_the_ratio():
    figure = figures.beside(Figure(name="taps.sqlite", value=50.0, unit="per_s"),
                            Figure(name="limits.bare", value=1000.0, unit="per_s"))  # fmt: skip
    assert figure.ratio == 0.05
    assert not figure.goal.met(figure.judged)


def test_requests_come_back_from_the_file_as_they_were(tmp_path):
    requests = [b"", b"a" * 3, bytes(range(256)) * 300]
    load.write(tmp_path / "requests", requests)
    assert load.read(tmp_path / "requests") == requests


def test_the_generator_counts_what_is_not_a_success(tmp_path):
    """Three connections, one answer of each kind: 200, 503, and none at all."""

    async def serve(reader, writer):
        word = (await reader.readuntil(b"\r\n\r\n")).split()[0]
        if word != b"LOST":
            writer.write(b"HTTP/1.1 " + word + b" x\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
        writer.close()

    async def bombarded():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        load.write(tmp_path / "requests", [b"200 \r\n\r\n", b"503 \r\n\r\n", b"LOST \r\n\r\n"])
        port = server.sockets[0].getsockname()[1]
        order = {"port": port, "file": str(tmp_path / "requests"), "connections": 3, "rate": 0}
        async with server:
            return await load.run(order)

    found = asyncio.run(bombarded())
    assert (found["answered"], found["failed"]) == (1, 2)


def test_quick_takes_the_small_size(tmp_path):
    assert Plan(folder=tmp_path, quick=True).size(1000, 3) == 3
    assert Plan(folder=tmp_path).size(1000, 3) == 1000
