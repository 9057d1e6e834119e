"""The leave rules in force out of their files: policies in versions, each with what the office's province adds.

Half-holidays and what becomes of an unknown year belong to each policy (`Policy.calendar`); the office's own calendar
has the local ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from config import leave_files, leave_policy
from config.leave_policy import LeavePolicy
from config.leave_province import Province, ProvincialKind, Version
from config.loader import Configuration
from handlers.days import workdays
from handlers.days.workdays import UnknownYear, WorkCalendar
from handlers.leave.law import allowance
from handlers.leave.law.allowance import Allowance, Certainty, Part
from handlers.leave.law.counting import Counting, in_minutes
from handlers.leave.law.policy import Kind, annual_from, fraction, kind_from
from handlers.leave.law.practice import practice_from
from handlers.leave.law.rules import CarryOver, LeaveRules, Policy


def rules(configuration: Configuration) -> LeaveRules:
    """Raises OSError or ValueError for files that `officebot check` would have named."""
    name = configuration.settings.office.province
    province = next((one for one in configuration.provinces() if one.called(name)), None)
    return leave_rules(_policies(configuration), province, province_name=name)


def leave_rules(
    policies: Iterable[LeavePolicy], province: Province | None = None, *, province_name: str = ""
) -> LeaveRules:
    """The first policy is for people whose category none of them names."""
    found: dict[str, list[Policy]] = {}
    for policy in policies:
        versions = found.setdefault(policy.policy, [])
        versions += _in_province(_policy(policy), province, province_name)
    in_order = {name: tuple(sorted(versions, key=_begin)) for name, versions in found.items()}
    return LeaveRules(policies=in_order, default=next(iter(found)))


def _begin(policy: Policy) -> date:
    return policy.valid_from


def calendar(folders: Iterable[Path], policy: Policy) -> WorkCalendar:
    """The office's: packaged years first, so that an own file of a year comes last and wins.

    What is counted for nobody in particular (deadlines) treats an unknown year as `policy` does.
    """
    files = [file for folder in folders if folder.is_dir() for file in sorted(folder.glob("*.yaml"))]
    return workdays.from_data([read(file) for file in files], unknown_year=policy.unknown_year)


def read(path: Path) -> dict[str, Any]:
    data = _loaded(path.read_bytes())
    if not isinstance(data, dict):
        raise ValueError(f"{path.name}: not a mapping")
    return data


@lru_cache(maxsize=64)
def _loaded(text: bytes) -> Any:
    """For reading only: whoever asks for the same text again gets the same value."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


def _policies(configuration: Configuration) -> list[LeavePolicy]:
    """The office's own first; a packaged one of the same name is the version before, or has no place at all."""
    own = [_parsed(configuration, name) for name in leave_files.named(configuration.leave)]
    packaged = [_parsed(configuration, name) for name in leave_files.POLICIES]
    return [*own, *(cut for policy in packaged if (cut := _before(policy, own)) is not None)]


def _parsed(configuration: Configuration, name: str) -> LeavePolicy:
    return leave_policy.parse(read(configuration.file(name)))


def _before(packaged: LeavePolicy, own: Sequence[LeavePolicy]) -> LeavePolicy | None:
    begins = [policy.valid_from for policy in own if policy.policy == packaged.policy]
    if not begins:
        return packaged
    end = min(begins) - timedelta(days=1)
    return packaged.model_copy(update={"valid_to": end}) if packaged.valid_from <= end else None


def _policy(policy: LeavePolicy) -> Policy:
    over = policy.carry_over
    return Policy(
        name=policy.policy,
        title=policy.title,
        version=policy.version,
        valid_from=policy.valid_from,
        valid_to=policy.valid_to,
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
        half_holidays=tuple(workdays.as_half_holiday(half.model_dump()) for half in policy.half_holidays),
        unknown_year=UnknownYear(policy.unknown_year),
    )


# The province


def _in_province(policy: Policy, province: Province | None, name: str) -> list[Policy]:
    """The policy cut where the province's rules change, each piece with the rules of its time."""
    if province is None:
        return [replace(policy, kinds=_unruled(policy, name))]
    return [_with(piece, province) for piece in _pieces(policy, province.versions)]


def _pieces(policy: Policy, versions: Iterable[Version]) -> list[Policy]:
    inside = [day for one in versions for day in _changes(one) if policy.valid_from < day and policy.in_force(day)]
    begins = [policy.valid_from, *sorted(set(inside))]
    ends = [*(day - timedelta(days=1) for day in begins[1:]), policy.valid_to]
    return [replace(policy, valid_from=begin, valid_to=end) for begin, end in zip(begins, ends, strict=True)]


def _changes(version: Version) -> list[date]:
    return [version.valid_from, *([version.valid_to + timedelta(days=1)] if version.valid_to else [])]


def _with(policy: Policy, province: Province) -> Policy:
    version = province.on(policy.valid_from)
    if version is None:
        return replace(policy, province=province.province)
    kinds = {code: _extended(kind, version) for code, kind in policy.kinds.items()}
    return replace(policy, kinds=kinds, province=province.province)


def _extended(kind: Kind, version: Version) -> Kind:
    own = version.kinds.get(kind.code)
    if own is None:
        missing = f"本省规定没有登记（{version.source}），请人事核对" if kind.code in version.open else ""
        return _noted(kind, missing)
    source = f"{version.source}"
    counting = Counting(own.counting) if own.counting else kind.rules.counting
    found = allowance.merged(_fixed(kind), _provincial(own, version), total=own.total)
    return replace(
        kind,
        rules=replace(kind.rules, counting=counting),
        allowance=found,
        basis=tuple(source if "本省" in basis else basis for basis in kind.basis),
    )


def _fixed(kind: Kind) -> Allowance | None:
    """The national parts, with the kind's own counting written on them: the province may count its part otherwise."""
    if kind.allowance is None:
        return None
    parts = tuple(replace(part, counting=part.counting or kind.rules.counting) for part in kind.allowance.parts)
    note = "" if "国家没有规定" in kind.allowance.note else kind.allowance.note
    return replace(kind.allowance, parts=parts, note=note)


def _provincial(own: ProvincialKind, version: Version) -> Allowance:
    return Allowance(
        parts=tuple(
            Part(
                name=part.name,
                days=fraction(part.days),
                counting=Counting(part.counting) if part.counting else None,
                when=part.when or "",
                each=part.each,
                instead=part.instead,
                basis=version.source + (part.article or ""),
                certainty=Certainty(part.certainty or version.certainty),
            )
            for part in own.parts
        ),
        per=allowance.Per(own.per),
        child_until=own.child_until,
        within_months=own.within_months,
        note=own.note or "",
    )


def _unruled(policy: Policy, name: str) -> dict[str, Kind]:
    """Without a province's rules: the kinds that lean on them say so."""
    where = f"没有登记「{name}」的规定" if name else "没有写本单位所在的省（office.yaml 的 office.province）"
    return {
        code: _noted(kind, f"{where}，只按国家规定") if any("本省" in basis for basis in kind.basis) else kind
        for code, kind in policy.kinds.items()
    }


def _noted(kind: Kind, note: str) -> Kind:
    if not note:
        return kind
    found = kind.allowance or Allowance()
    return replace(kind, allowance=replace(found, note="；".join(one for one in (found.note, note) if one)))
