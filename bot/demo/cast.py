"""The sample office as each sandbox needs it: members and groups on that platform, from the configuration."""

from __future__ import annotations

from collections.abc import Sequence

from config.loader import Configuration
from config.staff import StaffRow
from connectors.sandbox.office import Group, Member, SandboxOffice


def sandbox_office(configuration: Configuration, account: str, platform: str) -> SandboxOffice:
    """Who has an account there, in which department, under whom; and the groups of `office.yaml` with everybody in."""
    rows = [row for row in configuration.staff if _id(row, account, platform)]
    members = tuple(_member(row, rows, account, platform) for row in rows)
    departments = {row.department: "" for row in rows if row.department}
    groups = tuple(
        Group(id=group.chat, title=f"{configuration.settings.office.name}工作群", members=tuple(m.id for m in members))
        for group in configuration.settings.groups.values()
        if group.account == account and not group.chat.startswith("robot:")
    )
    return SandboxOffice(members=members, departments=departments, groups=groups)


def _member(row: StaffRow, rows: Sequence[StaffRow], account: str, platform: str) -> Member:
    boss = next((other for other in rows if row.manager and row.manager in (other.name, other.staff_no)), None)
    own = _id(row, account, platform)
    return Member(
        id=own,
        name=row.name,
        department=row.department,
        post=row.post,
        manager=_id(boss, account, platform) if boss else "",
        mobile=row.mobile,
        union_id=f"union-{own}",
    )


def _id(row: StaffRow, account: str, platform: str) -> str:
    return next((value for column, value in row.accounts if column in (account, platform)), "")
