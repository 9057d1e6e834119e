"""What happens without anybody tapping: the table of recurring rules, and what to do for each kind of due row.

A recurring rule is materialised: every instance may tick, a tick inserts a due row under the key (rule, planned time),
one insert wins, and the row is then claimed and run like any other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from handlers.context import Context
from handlers.errors import RuleError
from handlers.mailroom.due import Due

Job = Callable[[Due, Context], Awaitable[None]]
"""Does a due row's work inside the transaction that marks it done. Awaits nothing but `ctx.tx`."""

Outside = Callable[[Due], Awaitable[None]]
"""Does a due row's work that needs a network, in a task of its own, and ends the row: `due.finish` or `due.later`."""


Refused = Callable[[RuleError, Due, Context], Awaitable[None]]
"""Says in a transaction of its own that a rule forbids what a due row was to do; that ends the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A recurring job. `cron` in five fields; write weekdays as `mon-fri`, because 0 is Monday here.

    A run that is more than `grace` late (the service was down) is left out; of several missed ones the last is run.
    """

    name: str
    cron: str
    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    grace: timedelta = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Rules, and a job per kind of due row, inside its transaction or outside of any; `refused` for those jobs that a
    rule may forbid without anything being broken."""

    rules: tuple[Rule, ...] = ()
    jobs: Mapping[str, Job] = field(default_factory=dict)
    outside: Mapping[str, Outside] = field(default_factory=dict)
    refused: Mapping[str, Refused] = field(default_factory=dict)


def latest(rule: Rule, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The last planned time of the rule that is not in the future and within its grace; None if there is none."""
    found = None
    planned = following(rule, now=now - rule.grace, zone=zone)
    while planned <= now:
        found, planned = planned, following(rule, now=planned, zone=zone)
    return found


def following(rule: Rule, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The first planned time after `now`. Raises ValueError for a rule that never fires (30 February)."""
    trigger = CronTrigger.from_crontab(rule.cron, timezone=zone)
    planned: datetime | None = trigger.get_next_fire_time(None, now + timedelta(microseconds=1))
    if planned is None:
        raise ValueError(f"{rule.name}: {rule.cron} never comes")
    return planned.astimezone(UTC)


def key(rule: Rule, planned: datetime) -> str:
    return f"cron/{rule.name}/{planned.isoformat()}"
