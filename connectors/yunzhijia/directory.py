"""People and departments by the light app's own read access (`yunzhijia.md` 6): form fields in, success code 100 out.

The field names beyond the ids are as the vendor's page is remembered [M]: each is looked for under several names, and
what is missing stays empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import DirectoryDepartment, DirectoryPerson
from connectors.errors import PlatformRefused
from connectors.refs import PersonRef
from connectors.yunzhijia import verdict
from connectors.yunzhijia.client import Client
from connectors.yunzhijia.settings import Settings

Row = Mapping[str, Any]

PAGE = 1000
_MOST = 1_000_000  # rows; a platform that ignores `begin` would never come to an end
_BASE = "/gateway/opendata-control/data/"
_EVER = "2000-01-01 00:00:00"
_GONE = {"0", "2"}  # status 1 belongs to the team [M]


class Directory:
    """One tenant's contacts and the exchange of login tickets."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    async def people(self) -> list[DirectoryPerson]:
        """Everybody once. The answer is a feed of changes: of two rows of one person the later one holds."""
        orgs = [_named(row) for row in await self._orgs()]
        places = {name: one["id"] for one in orgs if one["parent"] for name in (one["longName"], one["id"]) if name}
        rows: dict[str, Row] = {}
        for begin in range(0, _MOST, PAGE):
            page = await self._read("getallpersons", time=_EVER, begin=begin, count=PAGE)
            for row in page:
                if oid := person_id(row):
                    rows.pop(oid, None)
                    rows[oid] = row
            if len(page) < PAGE:
                break
        return [_person(oid, row, places) for oid, row in rows.items()]

    async def departments(self) -> list[DirectoryDepartment]:
        """The top of the tree is the office itself: what lies under it has no parent."""
        rows = [_named(row) for row in await self._orgs()]
        tops = {row["id"] for row in rows if not row["parent"]}
        return [
            DirectoryDepartment(row["id"], row["name"], "" if row["parent"] in tops else row["parent"])
            for row in rows
            if row["id"] not in tops
        ]

    async def _orgs(self) -> list[Row]:
        return await self._read("getallorgs")

    async def _read(self, name: str, **fields: object) -> list[Row]:
        """JSON instead of a form would arrive as empty parameters."""
        form = {"eid": self._settings.eid, **{key: str(value) for key, value in fields.items()}}
        answer = await self._client.call("app", _BASE + name, judge=verdict.listed, data=form)
        rows = answer.get("data")
        return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []

    async def login(self, ticket: str) -> PersonRef:
        """Who opened the page (7). A ticket is used up by the question; team and app must be ours."""
        path = "/gateway/ticket/user/acquirecontext"
        asked = {"appid": self._settings.app_id, "ticket": ticket, "disposable": True}
        try:
            found = (await self._client.call("app", path, json=asked)).get("data") or {}
        except PlatformRefused as refused:
            if refused.call != path:  # no token: that is the operator's
                raise
            raise PlatformRefused(refused.words, call=path, code="ticket", status=refused.status) from None
        if str(found.get("eid", "")) != self._settings.eid or str(found.get("appid", "")) != self._settings.app_id:
            raise PlatformRefused("another team or app", call=path, code="outsider")
        oid = person_id(found)
        if not oid:
            raise PlatformRefused("not a member", call=path, code="outsider")
        return PersonRef(self._settings.account, oid)


def person_id(row: Row) -> str:
    """The id inside the team: `oId`/`oid` where both are given, because `openId` then is the user-level one (0)."""
    for name in ("oId", "oid", "openId", "openid"):
        if found := row.get(name):
            return str(found)
    return ""


def _named(row: Row) -> dict[str, str]:
    def text(*names: str) -> str:
        return next((str(row[name]) for name in names if row.get(name) not in (None, "")), "")

    long_name = text("longName", "department")
    name = text("name", "orgName") or long_name.rsplit("\\", 1)[-1]
    return {"id": text("orgId", "id"), "name": name, "parent": text("parentId"), "longName": long_name.strip("\\")}


def _person(oid: str, row: Row, places: Mapping[str, str]) -> DirectoryPerson:
    home = places.get(str(row.get("orgId") or ""), "") or places.get(str(row.get("department") or "").strip("\\"), "")
    leads = str(row.get("orgUserType", "0")) == "1"  # [M]
    return DirectoryPerson(
        id=oid,
        name=str(row.get("name") or ""),
        departments=(home,) if home else (),
        leads=(home,) if home and leads else (),
        manager=str(row.get("parentOid") or ""),
        post=str(row.get("jobTitle") or ""),
        mobile=str(row.get("phone") or ""),  # normally missing (6)
        active=str(row.get("status", "1")) not in _GONE,
    )
