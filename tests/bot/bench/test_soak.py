"""That the steady run is real: its slips are as good as the service's own, and the figures say what happened."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from bot.__main__ import run
from bot.bench import drawing, figures, load, machine, office, slips, soak, suite
from bot.bench.figures import Figure
from bot.bench.running import Failed, Minute, Result
from bot.bench.slips import Pile
from bot.bench.soak import Sample
from bot.database.open import open_database
from bot.pages.attachments import Cabinet
from bot.proofs import checking, keys, projections
from connectors.events import ButtonPressed
from connectors.refs import MessageRef


def pile_in(tmp_path):
    return Pile(folder=tmp_path / "pile", slips=12, leaders=3, days=2)


def test_slips_go_on_after_a_kill_stand_up_to_the_check_and_can_be_tapped(tmp_path, monkeypatch):
    pile = pile_in(tmp_path)
    monkeypatch.setattr(slips, "_COMMITTED", 2)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(slips.fill(pile, tell=killing_at("slips.copies")))
    assert counted(pile, "SELECT COUNT(DISTINCT applicant) FROM item") == 3
    asyncio.run(slips.fill(pile))
    assert counted(pile, "SELECT COUNT(*) FROM waiting") == 12
    cards = list(slips.cards(pile, 12))
    assert [card.user for card in cards[:3]] == ["lead0", "lead1", "lead2"]
    asyncio.run(tapped(pile, cards))
    assert counted(pile, "SELECT COUNT(*) FROM item WHERE state = 'approved'") == 12
    found, (compared, wrong) = asyncio.run(checked(pile))
    assert (found.findings, wrong) == ((), [])
    assert compared["item"] == 12


def killing_at(step):
    """Ctrl+C when that step is reported."""

    def tell(name, done=0, of=0):
        if name == step:
            raise KeyboardInterrupt

    return tell


def counted(pile, sql):
    with closing(sqlite3.connect(pile.file)) as database:
        return database.execute(sql).fetchone()[0]


async def tapped(pile, cards):
    """By the very events that the callbacks would bring."""
    service = await office.opened(pile.folder)
    try:
        for card in cards:
            tap = ButtonPressed(
                account=office.WECOM, key=f"tap:{card.ref}", at=service.clock.now(), sender=office.ref(card.user),
                message=MessageRef(office.WECOM, card.ref), payload=card.payload,
            )  # fmt: skip
            await service.dispatcher.admit([tap])
        await office.catch_up(service)
        await service.sealer.seal()
    finally:
        await service.stop()


async def checked(pile):
    database = open_database(pile.url)
    try:
        found = await checking.journal(database, pile.url, [], keys=keys.public(pile.folder / "data" / "audit"))
        return found, await projections.findings(database, Cabinet(pile.folder / "data" / "attachments"))
    finally:
        await database.close()


def test_a_table_that_would_not_be_copied_is_told():
    with pytest.raises(Failed, match="new_table"):
        slips._only_known({"new_table": (0, 1), "item": (0, 1), "person": (4, 4)})


def test_taps_at_a_rate_are_decided_on_a_copy_of_the_office_that_is_kept(tmp_path, capsys):
    kept = tmp_path / "kept"
    assert run(["bench", "--quick", "--json", "--only", "soak", "--kept", str(kept)]) == 0
    report = json.loads(capsys.readouterr().out)
    found = {figure["name"]: figure["value"] for figure in report["figures"]}
    assert found["soak.errors"] == 0
    assert 0 < found["soak.p50"] <= found["soak.p99"] <= found["soak.max"]
    (folder,) = kept.iterdir()
    with closing(sqlite3.connect(folder / "office.db")) as database:
        assert database.execute("SELECT COUNT(*) FROM item WHERE state <> 'pending'").fetchone() == (0,)


def test_it_only_runs_when_it_is_named_or_time_does_not_matter():
    assert "soak" not in suite.chosen([], long=False)
    assert "soak" in suite.chosen([], long=True)
    assert suite.chosen(["soak", "taps"], long=False) == ["taps", "soak"]


MINUTE = Minute(answered=30_000, failed=0, p50_ms=2.0, p99_ms=8.0, max_ms=20.0)
RESULT = Result(seconds=120.0, answered=60_000, failed=0, p50_ms=2.5, p99_ms=9.0, max_ms=30.0,
                minutes=(MINUTE, replace(MINUTE, p99_ms=10.0, max_ms=30.0)))  # fmt: skip


def test_every_minute_has_its_figures():
    found = {one.name: one for one in soak._times(RESULT)}
    assert found["soak.p99"] == Figure(name="soak.p99", value=9.0, unit="ms", low=8.0, high=10.0, rounds=2)
    assert [found[f"soak.p99.{minute}"].value for minute in (1, 2)] == [8.0, 10.0]


def test_memory_is_told_per_thousand_taps_once_the_run_is_warm():
    """A megabyte in ten seconds of 500 taps each: 1,024 KB per 5,000."""
    samples = [Sample(at=0.0, resident_mb=1.0, log_mb=0.0)]
    samples += [Sample(at=10.0 * n, resident_mb=100.0 + n, log_mb=0.0) for n in range(2, 12)]
    assert soak.slope(samples, RESULT) == pytest.approx(1024 / 5)
    assert soak.slope(samples[:2], RESULT) == 0.0


def test_minutes_are_drawn_and_nothing_is_worse_than_nothing_at_all():
    found = figures.as_json([*soak._times(RESULT), Figure(name="soak.errors", value=3.0, unit="x"),
                             Figure(name="soak.memory", value=-1.5, unit="kb")])  # fmt: skip
    drawn = drawing.svg({"at": "2026-11-22", "machine": machine.description(), "figures": found})
    assert "p99, up to 10 ms" in drawn
    parts = {one["name"]: drawing.part_of_floor(one) for one in found if one["goal"]}
    assert parts["soak.errors"] < 1 < parts["soak.memory"]


def test_the_generator_tells_minutes_apart_by_when_requests_were_due():
    took = [(0.5, 0.001), (59.9, 0.003), (60.0, 0.010), (61.0, load._LOST)]
    assert [(one["answered"], one["failed"], one["max_ms"]) for one in load.by_minute(took)] == [
        (2, 0, pytest.approx(3.0)), (1, 1, pytest.approx(10.0)),
    ]  # fmt: skip
