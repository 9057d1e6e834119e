"""The staff list of the configuration brought into the tables, with the roles of `office.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from config.loader import Configuration
from config.staff import StaffRow
from connectors.refs import PersonRef
from handlers.audit.facts import Origin
from handlers.people import roles, staff
from handlers.people.matching import COLUMNS, Wanted
from handlers.people.plan import Plan
from handlers.transaction import Transaction

_CASELESS = frozenset({"wecom", "yuezhengyi"})


async def bring_in(tx: Transaction, configuration: Configuration, *, now: datetime) -> Plan:
    """One unit: people first, then who holds which role. A plan with refusals changed nothing."""
    platforms = {account.name: account.platform for account in configuration.settings.accounts}
    wanted = [as_wanted(row, platforms, configuration.columns & COLUMNS) for row in configuration.staff]
    origin = Origin(door="import")
    plan = await staff.bring_in(tx, wanted, now=now, origin=origin)
    if plan.refusals:
        return plan
    await roles.set_roles(tx, configuration.settings.roles, now=now, origin=origin)
    return plan


def as_wanted(row: StaffRow, platforms: Mapping[str, str], given: frozenset[str] = COLUMNS) -> Wanted:
    """`platforms` maps account names to platforms: a platform's column fills each of its accounts.

    `given` names the columns that the list has.
    """
    return Wanted(
        name=row.name,
        staff_no=row.staff_no,
        department=row.department,
        post=row.post,
        manager=row.manager,
        first_work_date=row.first_work_date.isoformat() if row.first_work_date else "",
        sex=row.sex,
        mobile=row.mobile,
        category=row.category,
        joined_unit=row.joined_unit.isoformat() if row.joined_unit else "",
        continuous_since=row.continuous_since.isoformat() if row.continuous_since else "",
        leaving_date=row.leaving_date.isoformat() if row.leaving_date else "",
        service_gaps=" ".join(f"{first}..{last}" for first, last in row.service_gaps),
        holiday_groups=" ".join(row.holiday_groups),
        accounts=tuple(_accounts(row, platforms)),
        line=row.line,
        given=given,
    )


def _accounts(row: StaffRow, platforms: Mapping[str, str]) -> list[PersonRef]:
    """In the order of the columns; a column named after an account wins over its platform's."""
    own = {column for column, _ in row.accounts if column in platforms}
    return [
        # The ids of WeCom and its private editions are compared without regard to case (wecom.md 1), and stored so
        # that they compare equal
        PersonRef(name, value.casefold() if platform in _CASELESS else value)
        for column, value in row.accounts
        for name, platform in platforms.items()
        if column == name or (column == platform and name not in own)
    ]
