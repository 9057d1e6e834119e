"""A platform's tree of departments: what a member's is called and who leads it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.contract import DirectoryDepartment, DirectoryPerson


class Tree:
    def __init__(self, departments: Iterable[DirectoryDepartment], members: Iterable[DirectoryPerson]) -> None:
        self._departments = {department.id: department for department in departments}
        self._leaders: dict[str, list[str]] = {}
        for member in members:
            for department in member.leads:
                self._leaders.setdefault(department, []).append(member.id)

    def name(self, member: DirectoryPerson) -> str:
        """The name of the first department, which is the main one; empty when the platform does not say."""
        if not member.departments or member.departments[0] not in self._departments:
            return ""
        return self._departments[member.departments[0]].name

    def manager(self, member: DirectoryPerson) -> str:
        """The id of the direct manager, else of whoever alone leads the nearest department upwards; or empty."""
        if member.manager and member.manager != member.id:
            return member.manager
        seen: set[str] = set()
        at = member.departments[0] if member.departments else ""
        while at and at not in seen:
            seen.add(at)
            leaders = self._leaders.get(at, [])
            if member.id not in leaders and leaders:
                return leaders[0] if len(leaders) == 1 else ""
            at = self._departments[at].parent if at in self._departments else ""
        return ""
