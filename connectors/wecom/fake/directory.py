"""Members, departments and the web login (wecom.md 11.6, 11.7)."""

from __future__ import annotations

import html
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from connectors.sandbox.office import Member
from connectors.wecom.fake.world import Call, Refusal, World, refuse_unless, text_of

_CODE_LIFE = timedelta(minutes=5)
ROOT = 1


@dataclass(slots=True)
class _Login:
    who: str
    until: datetime


class Directory:
    """`redirect_host` is the app's trusted domain; empty trusts all."""

    def __init__(self, world: World, *, redirect_host: str = "") -> None:
        self._world = world
        self._redirect_host = redirect_host
        self._departments = _numbered(world.office.departments, [member.department for member in world.office.members])
        self._logins: dict[str, _Login] = {}

    # --- members

    async def get(self, call: Call) -> dict[str, Any]:
        member = self._world.members.get(call.query.get("userid", "").casefold())
        if member is None:
            raise Refusal(60111, "userid not found")
        number = self._number(member)
        leads = any(other.manager.casefold() == member.id.casefold() for other in self._world.members.values())
        # No mobile, e-mail or picture: apps made since 2022-06-20 do not get them.
        return {
            "userid": member.id, "name": member.name, "department": [number], "main_department": number, "order": [0],
            "position": member.post, "is_leader_in_dept": [int(leads)], "status": 1,
            "direct_leader": [member.manager] if member.manager else [],
        }  # fmt: skip

    async def list_id(self, call: Call) -> dict[str, Any]:
        limit = call.body.get("limit", 10000)
        refuse_unless(isinstance(limit, int) and 1 <= limit <= 10000, "invalid limit")
        start = int(call.body.get("cursor") or 0)
        everybody = list(self._world.members.values())
        page = everybody[start : start + limit]
        more = str(start + limit) if start + limit < len(everybody) else ""
        lines = [{"userid": member.id, "department": self._number(member)} for member in page]
        return {"next_cursor": more, "dept_user": lines}

    async def by_mobile(self, call: Call) -> dict[str, Any]:
        mobile = text_of(call.body, "mobile")
        for member in self._world.members.values():
            if member.mobile == mobile:
                return {"userid": member.id}
        raise Refusal(46004, "no such user")

    def members_of(self, parties: Sequence[str]) -> list[str]:
        """Case-folded members of these departments (by number, without those below)."""
        return [who for who, member in self._world.members.items() if str(self._number(member)) in parties]

    def _number(self, member: Member) -> int:
        return self._departments.get(member.department, ROOT)

    # --- departments

    async def departments(self, call: Call) -> dict[str, Any]:
        return {"department": [{**line, "department_leader": []} for line in self._lines(call)]}

    async def simple(self, call: Call) -> dict[str, Any]:
        return {"department_id": [{k: line[k] for k in ("id", "parentid", "order")} for line in self._lines(call)]}

    def _lines(self, call: Call) -> list[dict[str, Any]]:
        lines = [
            {"id": number, "name": name, "parentid": self._parent(name), "order": 100000 - number}
            for name, number in self._departments.items()
        ]
        wanted = call.query.get("id")
        if not wanted:
            return lines
        refuse_unless(wanted in {str(line["id"]) for line in lines}, "department not found", 60123)
        return [line for line in lines if str(line["id"]) == wanted or self._below(line, int(wanted))]

    def _parent(self, name: str) -> int:
        if self._departments[name] == ROOT:
            return 0
        return self._departments.get(self._world.office.departments.get(name, ""), ROOT)

    def _below(self, line: dict[str, Any], top: int) -> bool:
        names = {number: name for name, number in self._departments.items()}
        parent = line["parentid"]
        while parent and parent != top:
            parent = self._parent(names[parent])
        return bool(parent == top)

    # --- web login

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """The page of the other host: `user` says whose client this is; without it, one link per member."""
        query = request.query
        target = urlsplit(query.get("redirect_uri", ""))
        if query.get("appid") != self._world.corp_id or query.get("response_type") != "code":
            return web.Response(status=400, text="40013")
        if not target.hostname or self._redirect_host not in {"", target.hostname, target.netloc}:
            return web.Response(status=400, text="50001")
        who = query.get("user") or request.cookies.get("wecom_user", "")
        if not who:
            return web.Response(text=self._choice(request), content_type="text/html")
        code = secrets.token_urlsafe(32)
        self._logins[code] = _Login(who, self._world.clock.now() + _CODE_LIFE)
        added = urlencode([*parse_qsl(target.query), ("code", code), ("state", query.get("state", ""))])
        raise web.HTTPFound(urlunsplit((target.scheme, target.netloc, target.path, added, "")))

    def _choice(self, request: web.Request) -> str:
        links = (
            f'<li><a href="{html.escape(str(request.rel_url.update_query(user=member.id)))}">'
            f"{html.escape(member.name)}</a></li>"
            for member in self._world.members.values()
        )
        return f'<!doctype html><meta charset="utf-8"><ul>{"".join(links)}</ul>'

    async def userinfo(self, call: Call) -> dict[str, Any]:
        login = self._logins.pop(call.query.get("code", ""), None)
        if login is None or login.until <= self._world.clock.now():
            raise Refusal(40029, "invalid code")
        member = self._world.members.get(login.who.casefold())
        return {"userid": member.id} if member else {"openid": f"outsider-{login.who}"}


def _numbered(parents: dict[str, str], used: Sequence[str]) -> dict[str, int]:
    """Department name -> number; the first without a parent is the root."""
    names = list(dict.fromkeys([*parents, *(name for name in used if name)]))
    names.sort(key=lambda name: bool(parents.get(name)))
    return {name: number for number, name in enumerate(names, start=ROOT)}
