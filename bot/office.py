"""From the configuration's records to the values that handlers are given: the one translation between the two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot import forms
from config import leave_policy
from config.leave_policy import LeavePolicy
from config.loader import Configuration
from config.problems import ConfigInvalid
from config.settings import Settings
from connectors.refs import ChatRef
from handlers.approval.book import Forms
from handlers.approval.form_model import Form
from handlers.context import Office, Reminding
from handlers.days import workdays
from handlers.days.workdays import UnknownYear, WorkCalendar, WorkHours
from handlers.leave.counting import in_minutes
from handlers.leave.policy import annual_from, fraction, kind_from
from handlers.leave.practice import practice_from
from handlers.leave.rules import CarryOver, LeaveRules, Policy

_PACKAGED_POLICIES = ("leave/organ.yaml", "leave/enterprise.yaml")


def build(configuration: Configuration) -> Office:
    """Raises OSError or ValueError for files that `officebot check` would have named."""
    settings = configuration.settings
    policies = _policies(configuration)
    default = next(iter(policies.values()))
    return Office(
        name=settings.office.name,
        timezone=ZoneInfo(settings.office.timezone),
        card_key=settings.security.signing_key.get_secret_value().encode(),
        public_url=settings.server.public_url or "",
        accounts=tuple(account.name for account in settings.accounts),
        roles=settings.roles,
        groups={name: ChatRef(group.account, group.chat) for name, group in settings.groups.items()},
        calendar=_calendar(configuration.calendar_folders(), default),
        hours=_hours(settings),
        reminding=Reminding(
            after_hours=settings.notices.remind_after_hours,
            every_hours=settings.notices.remind_every_hours,
            at_most=settings.notices.remind_at_most,
        ),
        areas={LeaveRules: leave_rules(policies), Forms: Forms(_forms(configuration))},
    )


def _forms(configuration: Configuration) -> dict[str, Form]:
    """Raises ConfigInvalid when one of the office's forms cannot be used."""
    files = forms.read(configuration.form_folders(), roles=configuration.settings.roles)
    wrong = [problem for file in files for problem in file.problems if problem.serious]
    if wrong:
        raise ConfigInvalid(wrong)
    return forms.usable(files)


def leave_rules(policies: Mapping[str, LeavePolicy]) -> LeaveRules:
    """The first of `policies` is for people whose category none of them names."""
    return LeaveRules(
        policies={name: _policy(policy) for name, policy in policies.items()}, default=next(iter(policies))
    )


def _policies(configuration: Configuration) -> dict[str, LeavePolicy]:
    """The office's own policy first, then the packaged ones whose place it does not take."""
    own = configuration.settings.leave.policy
    names = [*([own] if own else []), *_PACKAGED_POLICIES]
    found: dict[str, LeavePolicy] = {}
    for name in names:
        policy = leave_policy.parse(_yaml(configuration.file(name)))
        found.setdefault(policy.policy, policy)
    return found


def _policy(policy: LeavePolicy) -> Policy:
    over = policy.carry_over
    return Policy(
        name=policy.policy,
        title=policy.title,
        version=policy.version,
        categories=frozenset(policy.categories),
        annual=annual_from(policy.annual.model_dump()),
        kinds={code: kind_from(code, kind.model_dump()) for code, kind in policy.kinds.items()},
        carry_over=CarryOver(
            years=over.years,
            most=None if over.max is None else in_minutes(fraction(over.max)),
            needs=over.needs,
            basis=over.basis,
        ),
        practice=practice_from(policy.practice.model_dump()),
    )


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


