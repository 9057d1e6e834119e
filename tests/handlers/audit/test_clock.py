"""No path sets a recorded time: whatever writes a fact takes the moment from the clock; nothing else writes facts."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDERS = ("handlers", "bot", "scheduler", "connectors", "cards", "config")
MAKING_UP = {"bot/bench"}
"""Where years are invented to be measured, in databases that are thrown away."""

CLOCK = {
    "now", "ctx.now", "seen.now", "visit.now", "clock.now()", "self._clock.now()", "self.clock.now()", "options.now()",
    "case.now", "self._front.clock.now()", "front.clock.now()", "speaker.ctx.now", "service.clock.now()",
    "datetime.now(UTC)",
}  # fmt: skip
"""How the present is called: an argument `now` that a unit got, a context's, or the clock itself."""


def sources():
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            if not any(place.startswith(one) for one in MAKING_UP):
                yield place, path.read_text(encoding="utf-8")


def calls(tree):
    """Of `record` in the journal, also when it is handed on with `partial`: the keywords."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        named = [node.func, *node.args[:1]]
        for one in named:
            if isinstance(one, ast.Attribute) and one.attr == "record" and ast.unparse(one.value) in ("log", "journal"):
                yield {word.arg: ast.unparse(word.value) for word in node.keywords}


def test_every_fact_is_recorded_at_the_clocks_time():
    found = 0
    for place, text in sources():
        for keywords in calls(ast.parse(text)):
            assert keywords.get("now") in CLOCK, f"{place}: {keywords}"
            found += 1
    assert found > 50


def test_a_context_is_made_with_the_clocks_time_only():
    for place, text in sources():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Context":
                now = next((ast.unparse(word.value) for word in node.keywords if word.arg == "now"), "now")
                assert now in CLOCK, f"{place}: Context(now={now})"


def test_only_the_log_writes_into_the_journal():
    writers = [place for place, text in sources() if "INSERT INTO journal " in text or "UPDATE journal " in text]
    assert writers == ["handlers/audit/log.py"]
