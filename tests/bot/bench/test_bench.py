"""That the benchmark runs and its figures make sense. Never how fast anything is: that is what it is for."""

from __future__ import annotations

import asyncio
import io
import json
import math

import pytest
from rich.console import Console

from bot.__main__ import run
from bot.bench import drawing, figures, history, load, machine, running, suite, writing, years
from bot.bench.figures import Figure
from bot.bench.history import Past
from bot.bench.office import Crowd
from bot.bench.plan import Plan
from bot.bench.running import Failed
from bot.bench.suite import Done
from bot.commands import bench_words
from bot.database.open import open_database
from bot.pages.attachments import Cabinet
from bot.proofs import checking, keys, projections

CHEAP = ("limits", "inbound", "engine", "ledger", "list")


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
    report = bench(capsys, "approvals", "fanout", "start")
    found = {figure["name"]: figure for figure in report["figures"]}
    assert found["approvals.own"]["ratio"] > 0
    assert 0 < found["fanout.cards"]["ratio"] <= 1.0
    assert 0 < found["fanout.limited"]["ratio"] <= 1.05
    assert found["fanout.refused"]["value"] == 0
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
    assert list(load.read(tmp_path / "requests")) == requests


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


def test_a_past_is_filled_goes_on_after_a_kill_and_stands_up_to_the_service_s_own_check(tmp_path, monkeypatch):
    past = Past(folder=tmp_path / "past", url=f"sqlite://{tmp_path}/past/office.db", rows=1500, days=1, readers=12,
                crowd=Crowd(people=14))  # fmt: skip
    monkeypatch.setattr(history, "_TOGETHER", 1)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(history.fill(past, tell=killing_at("fill", 2)))
    assert not past.state.done
    asyncio.run(history.fill(past))
    assert past.state.done
    assert len(past.cards()) == 14
    database = open_database(past.url)
    found, compared = asyncio.run(checked(database, past))
    assert (found.findings, compared[1]) == ((), [])
    assert found.size == pytest.approx(past.rows, rel=0.2)
    assert found.waiting == 0
    assert compared[0]["notice_receipt"] > 500


def killing_at(step, time):
    """Ctrl+C when a step is reported for that time."""
    seen = []

    def tell(name, done=0, of=0):
        seen.append(name)
        if seen.count(step) == time:
            raise KeyboardInterrupt

    return tell


async def checked(database, past):
    try:
        found = await checking.journal(database, past.url, [], keys=keys.public(past.folder / "data" / "audit"))
        return found, await projections.findings(database, Cabinet(past.folder / "data" / "attachments"))
    finally:
        await database.close()


def test_every_size_of_a_past_is_compared_with_the_smallest():
    found = years.compared("growth.tap", {"10k": [20.0, 10.0, 30.0], "1m": [22.0, 21.0, 40.0]}, "us")
    assert [(one.name, one.value, one.low, one.high) for one in found] == [
        ("growth.tap.10k", 20.0, 10.0, 30.0), ("growth.tap.1m", 22.0, 21.0, 40.0),
    ]  # fmt: skip
    assert found[1].ratio == pytest.approx(1.1)


def test_figures_are_written_between_their_marks_and_parts_that_did_not_run_stay(tmp_path):
    documents = [tmp_path / "README.md", tmp_path / "bot" / "bench" / "README.md"]
    for file in documents:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"before\n{writing.BEGIN}\nold\n{writing.END}\nafter\n")
    step = Figure(name="engine.step", value=60.0, unit="us")
    tap = figures.middle("taps.sqlite", [90, 110, 100], "per_s")
    writing.write(written(step, day=1), tmp_path)
    writing.write(written(tap, day=2), tmp_path)
    first, whole = (file.read_text() for file in documents)
    assert first.startswith("before\n")
    assert first.endswith("after\n")
    assert "old" not in first
    assert "| `engine.step` | 60 µs |  |  |  | ≤ 50 µs, 20 µs | **missed** |" in whole
    assert "| `taps.sqlite` | 100/s | 90 to 110 (3) |" in whole
    assert "`engine` was measured 2026-11-01 00:00 UTC." in whole
    assert "engine.step" in (tmp_path / "bot" / "bench" / "figures.svg").read_text()


def written(*found, day):
    at = f"2026-11-{day:02}T00:00:00+00:00"
    return {"at": at, "machine": machine.description(), "figures": figures.as_json(found)}


def test_a_document_without_a_place_for_figures_is_not_touched(tmp_path):
    file = tmp_path / "bot" / "bench" / "README.md"
    file.parent.mkdir(parents=True)
    file.write_text("nothing")
    with pytest.raises(ValueError, match="no place"):
        writing.write(written(Figure(name="engine.step", value=1.0, unit="us"), day=1), tmp_path)
    assert file.read_text() == "nothing"


def test_rounds_are_told_with_the_least_and_the_greatest():
    figure = figures.middle("engine.step", [10.0, 30.0, 20.0], "us")
    assert (figure.value, figure.low, figure.high, figure.rounds, figure.spread) == (20.0, 10.0, 30.0, 3, 1.0)


def test_curves_of_growth_are_drawn_for_what_was_measured_at_two_sizes():
    found = [Figure(name="growth.tap.10k", value=10.0, unit="us"), Figure(name="growth.tap.1m", value=11.0, unit="us"),
             Figure(name="growth.seal.10k", value=10.0, unit="us")]  # fmt: skip
    drawn = drawing.svg(written(*found, day=1))
    assert ">tap<" in drawn.replace("\n", "")
    assert ">seal<" not in drawn.replace("\n", "")
