"""Figures into the documentation of a checkout: the data, the plot, and the tables between their marks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from bot.bench import drawing

HERE: Final = Path(__file__).parent
DATA: Final = HERE / "figures.json"
PLOT: Final = HERE / "figures.svg"
BEGIN: Final = "<!-- bench: begin -->"
END: Final = "<!-- bench: end -->"

_UNITS: Final = {"per_s": "/s", "us": " µs", "ms": " ms", "s": " s", "mb": " MB", "kb": " KB", "x": ""}
_SHORT: Final = {
    "taps.sqlite": "a leader's tap on WeCom: decided, journalled, durable (SQLite FULL), answered; x a bare handler",
    "taps.dingtalk": "the same on DingTalk",
    "taps.postgres": "the same on PostgreSQL, one instance",
    "taps.texts": "a sentence until its confirmation card is queued, x bare",
    "taps.open_p99": "99 of 100 taps at 500 a second are answered within",
    "soak.p99": "the same for ten minutes, with seals, checkpoints and ticks beside it",
    "soak.memory": "memory that grows meanwhile, per 1,000 taps",
    "taps.slow_disk": "rate kept when every fsync takes 2 ms more",
    "approvals.own": "slips submitted and approved, durable, x SpiffWorkflow with its state in SQLite",
    "fanout.cards": "cards to a platform that takes 50 ms a call, x concurrency / latency",
    "fanout.limited": "cards to a platform that takes 20 a second, x that limit",
    "fanout.refused": "part of them that it refuses",
    "engine.step": "a step of the approval engine",
    "ledger.one": "one person's balances from ten years of entries",
    "seal.verify": "a million facts verified, x hashing the same bytes",
    "growth.tap.10m": "a tap with ten million facts in the journal, x ten thousand",
    "growth.append.10m": "a fact appended to ten million, x ten thousand",
    "growth.seal.10m": "a fact sealed on top of ten million, x ten thousand",
    "start.ready": "start to ready",
    "start.memory": "memory when idle",
}
"""What the first page of the project says, in this order."""


def write(report: Mapping[str, Any], root: Path = HERE.parents[1]) -> list[Path]:
    """Puts a run into the documentation; figures of parts that did not run stay, with their own date.

    Returns what was written. Raises ValueError where a document has no marks, OSError.
    """
    here = root / "bot" / "bench"
    whole = merged(_kept(here / DATA.name), report)
    (here / DATA.name).write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (here / PLOT.name).write_text(drawing.svg(whole), "utf-8")
    _between(here / "README.md", [_machine(whole), "", *table(whole), "", f"![The figures as a plot]({PLOT.name})"])
    _between(root / "README.md", [_machine(whole), "", *short(whole)])
    return [here / DATA.name, here / PLOT.name, here / "README.md", root / "README.md"]


def merged(before: Mapping[str, Any] | None, report: Mapping[str, Any]) -> dict[str, Any]:
    """The new figures, and those of before whose part (`taps` of `taps.sqlite`) did not run this time."""
    stamped = [one | {"at": report["at"]} for one in report["figures"]]
    parts = {_part(one) for one in stamped}
    kept = [one for one in before["figures"] if _part(one) not in parts] if before else []
    return {**report, "figures": [*kept, *stamped]}


def table(report: Mapping[str, Any]) -> list[str]:
    """Every figure: the median, the least and the greatest of its rounds."""
    lines = ["| figure | measured | rounds | x | of | floor, aim | |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for one in report["figures"]:
        spread = f"{_number(one['low'])} to {_number(one['high'])} ({one['rounds']})" if one["rounds"] > 1 else ""
        ratio = "" if one["ratio"] is None else f"{one['ratio']:.3g}"
        against = f"`{one['against']}`" if one["against"] else ""
        lines.append(
            f"| `{one['name']}` | {_value(one)} | {spread} | {ratio} | {against} | {_goal(one)} | {_verdict(one)} |"
        )
    return [*lines, *_dates(report)]


def short(report: Mapping[str, Any]) -> list[str]:
    found = {one["name"]: one for one in report["figures"]}
    lines = ["| what | measured | floor, aim | |", "| --- | --- | --- | --- |"]
    for name, words in _SHORT.items():
        if name in found:
            one = found[name]
            ratio = "" if one["ratio"] is None else f" = {one['ratio']:.3g} x"
            lines.append(f"| {words} | {_value(one)}{ratio} | {_goal(one)} | {_verdict(one)} |")
    return lines


def _machine(report: Mapping[str, Any]) -> str:
    on = report["machine"]
    return (
        f"Measured {report['at'][:16].replace('T', ' ')} UTC on {on['cpu']}, {on['cores']} cores, {on['system']},"
        f" Python {on['python']}, SQLite {on['sqlite']}, aiohttp {on['aiohttp']}."
    )


def _dates(report: Mapping[str, Any]) -> list[str]:
    """Which parts are older than the last run."""
    older = {_part(one): one["at"] for one in report["figures"] if one.get("at", report["at"]) != report["at"]}
    words = [f"`{part}` was measured {at[:16].replace('T', ' ')} UTC." for part, at in older.items()]
    return ["", *words] if words else []


def _part(figure: Mapping[str, Any]) -> str:
    return str(figure["name"]).partition(".")[0]


def _kept(file: Path) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found


def _between(file: Path, lines: Iterable[str]) -> None:
    text = file.read_text("utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{file} has no place for figures: {BEGIN} {END}")
    whole = "\n".join([BEGIN, "", *lines, "", END])
    file.write_text(re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: whole, text, flags=re.DOTALL), "utf-8")


def _value(one: Mapping[str, Any]) -> str:
    return f"{_number(one['value'])}{_UNITS[one['unit']]}"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _goal(one: Mapping[str, Any]) -> str:
    if not one["goal"]:
        return ""
    goal, unit = one["goal"], _UNITS[one["unit"]] if one["ratio"] is None else ""
    sign = "≥" if goal["more"] else "≤"
    aim = f", {goal['aim']:g}{unit}" if goal["aim"] != goal["floor"] else ""
    return f"{sign} {goal['floor']:g}{unit}{aim}"


def _verdict(one: Mapping[str, Any]) -> str:
    if not one["goal"]:
        return ""
    part = drawing.part_of_floor(one)
    return "met" if part >= 1 else "**missed**"

