"""The organisation's people and departments, and the two ids of each person (`dingtalk.md` 9.3); free of quota."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import DirectoryDepartment, DirectoryPerson
from connectors.dingtalk.client import Client
from connectors.refs import PersonRef

_ROOT = 1


class Directory:
    """userId <-> unionId is remembered as it passes: calendars and to-dos speak unionId, everything else userId."""

    def __init__(self, client: Client, *, account: str) -> None:
        self._client = client
        self._account = account
        self._unions: dict[str, str] = {}

    async def departments(self) -> list[DirectoryDepartment]:
        """Top down; the platform lists one level at a time."""
        found: list[DirectoryDepartment] = []
        waiting = [_ROOT]
        while waiting:
            parent = waiting.pop(0)
            answer = await self._client.old("/topapi/v2/department/listsub", json={"dept_id": parent})
            for row in answer.get("result") or []:
                above = "" if parent == _ROOT else str(parent)
                found.append(DirectoryDepartment(str(row["dept_id"]), str(row.get("name", "")), above))
                waiting.append(int(row["dept_id"]))
        return found

    async def people(self) -> list[DirectoryPerson]:
        """Everybody once, with the manager, which only the single record has."""
        ids = [_ROOT, *(int(one.id) for one in await self.departments())]
        rows: dict[str, Mapping[str, Any]] = {}
        for department in ids:
            for row in await self._members(department):
                rows[str(row["userid"])] = row
        return [_person(await self._details(user)) for user in rows]

    async def _members(self, department: int) -> list[Mapping[str, Any]]:
        rows: list[Mapping[str, Any]] = []
        cursor = 0
        while True:
            asked = {"dept_id": department, "cursor": cursor, "size": 100}
            page = (await self._client.old("/topapi/v2/user/list", json=asked))["result"]
            rows += page.get("list") or []
            if not page.get("has_more"):
                return rows
            cursor = int(page["next_cursor"])

    async def _details(self, user: str) -> Mapping[str, Any]:
        answer = await self._client.old("/topapi/v2/user/get", json={"userid": user, "language": "zh_CN"})
        result: Mapping[str, Any] = answer["result"]
        if union := str(result.get("unionid") or ""):
            self._unions[user] = union
        return result

    async def union_id(self, user: str) -> str:
        if user not in self._unions:
            await self._details(user)
        return self._unions.get(user, "")

    async def user_id(self, union: str) -> str:
        """Raises PlatformRefused for people outside the organisation."""
        for user, known in self._unions.items():
            if known == union:
                return user
        answer = await self._client.old("/topapi/user/getbyunionid", json={"unionid": union})
        user = str(answer["result"]["userid"])
        self._unions[user] = union
        return user

    async def login(self, code: str) -> PersonRef:
        """The person behind a no-login code of `dd.requestAuthCode` (9.4); 40078 for a used or foreign one."""
        result = (await self._client.old("/topapi/v2/user/getuserinfo", json={"code": code}))["result"]
        user = str(result["userid"])
        if union := str(result.get("unionid") or ""):
            self._unions[user] = union
        return PersonRef(self._account, user)


def _person(row: Mapping[str, Any]) -> DirectoryPerson:
    leads = tuple(str(one["dept_id"]) for one in row.get("leader_in_dept") or [] if one.get("leader"))
    return DirectoryPerson(
        id=str(row["userid"]),
        name=str(row.get("name", "")),
        departments=tuple(str(one) for one in row.get("dept_id_list") or [] if one != _ROOT),
        leads=leads,
        manager=str(row.get("manager_userid") or ""),
        post=str(row.get("title") or ""),
        union_id=str(row.get("unionid") or ""),
        mobile=str(row.get("mobile") or ""),
        # Whoever is listed belongs to the office; the platform's `active` only says whether they opened DingTalk yet.
        active=True,
    )
