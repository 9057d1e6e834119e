"""The report of a run: figures with machine, date and program, as data for `--json`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

from bot.bench import figures, machine
from bot.bench.suite import Done


def as_json(done: Sequence[Done], *, at: datetime, quick: bool) -> dict[str, Any]:
    """`errors` names the parts that gave no figures, with the reason."""
    return {
        "format": "officebot-bench/1",
        "at": at.isoformat(timespec="seconds"),
        "version": version("officebot"),
        "quick": quick,
        "machine": machine.description(),
        "figures": figures.as_json([figure for one in done for figure in one.figures]),
        "errors": {one.part: one.error for one in done if one.error},
    }
