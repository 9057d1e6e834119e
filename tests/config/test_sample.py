"""The sample office that the demo plays must be a sound configuration, once the demo has put its secrets in."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from config import loader

SAMPLE = Path(__file__).parents[2] / "config" / "sample"


def filled(name: str) -> str:
    if name.endswith("_URL"):
        return "http://127.0.0.1:8080"
    if name.endswith("APPROVAL_KEY"):  # Yunzhijia's is the AES key itself, 16 letters
        return "s" * 16
    return "0123456789abcdefghijABCDEFGHIJ0123456789abc" if name.endswith("AES_KEY") else "s" * 32


def examined() -> loader.Findings:
    names = re.findall(r"\$\{(DEMO_\w+)\}", (SAMPLE / "office.yaml").read_text("utf-8"))
    return loader.examine(SAMPLE / "office.yaml", env={name: filled(name) for name in names}, today=date(2026, 4, 27))


def test_nothing_is_wrong_with_the_sample_office() -> None:
    assert [str(problem) for problem in examined().problems] == []


def test_every_manager_leads_to_the_head() -> None:
    configuration = examined().configuration
    assert configuration is not None
    managers = {row.name: row.manager for row in configuration.staff}
    for name in managers:
        path = [name]
        while managers[path[-1]]:
            path.append(managers[path[-1]])
        assert path[-1] == "孙立新"


def test_both_platforms_have_enough_people_to_play_every_pair() -> None:
    configuration = examined().configuration
    assert configuration is not None
    accounts = [{column for column, _ in row.accounts} for row in configuration.staff]
    for wanted in ({"wecom"}, {"dingtalk"}, {"wecom", "dingtalk"}):
        assert accounts.count(wanted) >= 3
