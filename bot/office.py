"""From the configuration's records to the values that handlers are given: the one translation between the two."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from config import leave_policy
from config.leave_policy import LeavePolicy
from config.loader import Configuration
from config.settings import Settings
from connectors.refs import ChatRef
from handlers.context import Office, Reminding
from handlers.days import workdays
from handlers.days.workdays import UnknownYear, WorkCalendar, WorkHours
from handlers.leave.policy import annual_from, kind_from
from handlers.leave.rules import LeaveRules, Policy

_DEFAULT_POLICY = "leave/organ.yaml"


def build(configuration: Configuration) -> Office:
    """Raises OSError or ValueError for files that `officebot check` would have named."""
    settings = configuration.settings
    policy = leave_policy.parse(_yaml(configuration.file(settings.leave.policy or _DEFAULT_POLICY)))
    return Office(
        name=settings.office.name,
        timezone=ZoneInfo(settings.office.timezone),
        card_key=settings.security.signing_key.get_secret_value().encode(),
        public_url=settings.server.public_url or "",
        accounts=tuple(account.name for account in settings.accounts),
        roles=settings.roles,
        groups={name: ChatRef(group.account, group.chat) for name, group in settings.groups.items()},
        calendar=_calendar(configuration.calendar_folders(), policy),
        hours=_hours(settings),
        reminding=Reminding(
            after_hours=settings.notices.remind_after_hours,
            every_hours=settings.notices.remind_every_hours,
            at_most=settings.notices.remind_at_most,
        ),
        areas={LeaveRules: LeaveRules(policies={policy.policy: _policy(policy)}, default=policy.policy)},
    )


def _policy(policy: LeavePolicy) -> Policy:
    kinds = {code: kind_from(code, kind.model_dump()) for code, kind in policy.kinds.items()}
    return Policy(name=policy.policy, annual=annual_from(policy.annual.model_dump()), kinds=kinds)


def _calendar(folders: Iterable[Path], policy: LeavePolicy) -> WorkCalendar:
    """Packaged years first, so that an office's own file of a year comes last and wins."""
    files = [file for folder in folders if folder.is_dir() for file in sorted(folder.glob("*.yaml"))]
    half_holidays = {"kind": "local", "half_holidays": [half.model_dump() for half in policy.half_holidays]}
    data = [*(_yaml(file) for file in files), half_holidays]
    return workdays.from_data(data, unknown_year=UnknownYear(policy.unknown_year))


def _hours(settings: Settings) -> WorkHours:
    hours = settings.office.work_hours
    spans = [[_text(span.start), _text(span.end)] for span in (hours.morning, hours.afternoon)]
    return WorkHours(periods=workdays.as_periods(spans), zone=ZoneInfo(settings.office.timezone))


def _text(value: time) -> str:
    return value.strftime("%H:%M")


def _yaml(path: Path) -> dict[str, Any]:
    data = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    if not isinstance(data, dict):
        raise ValueError(f"{path.name}: not a mapping")
    return data


