"""The gateway's side of yuezhengyi.md 4 and 5: who calls is proved, who browses is vouched for.

Written from the notes and not from our own `tif.py`, so that one misreading cannot cancel itself out.
"""

from __future__ import annotations

import hashlib
import html
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from connectors.wecom.fake.world import World

_COOKIE = "tif_wwlid"
_WINDOW = 180
_HOP = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "cookie"})
_BACK = frozenset({"connection", "content-length", "transfer-encoding", "content-encoding", "date", "server"})


@dataclass(frozen=True, slots=True)
class Keys:
    """One paasid with its secret."""

    paas_id: str
    token: str
    prefix: str = "x-tif-"


class Gateway:
    """`backend` is the origin of the service that is published to the phones; empty: nothing is."""

    def __init__(self, world: World, keys: Keys, *, backend: str = "") -> None:
        self._world = world
        self._keys = keys
        self.backend = backend
        self._seen: set[str] = set()
        self._logins: dict[str, str] = {}
        self.refused = 0

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Every call: the right paasid, a fresh stamp, a nonce of its own, the signature in either case."""
        fine = self._is_fine(headers)
        self.refused += not fine
        return fine

    def _is_fine(self, headers: Mapping[str, str]) -> bool:
        names = ("paasid", "timestamp", "nonce", "signature")
        paas_id, stamp, nonce, signature = (headers.get(self._keys.prefix + name, "") for name in names)
        if paas_id != self._keys.paas_id or not stamp.isdigit() or not nonce or nonce in self._seen:
            return False
        if abs(self._world.clock.now().timestamp() - int(stamp)) > _WINDOW:
            return False
        expected = hashlib.sha256(f"{stamp}{self._keys.token}{nonce}{stamp}".encode()).hexdigest()
        if expected.lower() != signature.lower():
            return False
        self._seen.add(nonce)
        return True

    def stamp(self, *, uid: str = "", uinfo: str = "", ext: str = "") -> dict[str, str]:
        """The headers that the gateway puts on what it forwards to a backend."""
        now, nonce, prefix = str(int(self._world.clock.now().timestamp())), secrets.token_hex(8), self._keys.prefix
        middle = f"{nonce},{uid},{uinfo},{ext}" if uid else nonce
        text = f"{now}{self._keys.token}{middle}{now}"
        found = {
            f"{prefix}timestamp": now, f"{prefix}nonce": nonce,
            f"{prefix}signature": hashlib.sha256(text.encode()).hexdigest().upper(),
        }  # fmt: skip
        if uid:
            found |= {f"{prefix}uid": uid, f"{prefix}uinfo": uinfo, f"{prefix}ext": ext}
        return found

    # --- login, and what is published to the phones

    async def login(self, request: web.Request) -> web.StreamResponse:
        """`/_tif_wwlocal_login_/`: `user` says whose client this is; without it, one link per member."""
        target = request.query.get("url", "")
        if request.query.get("paasid") != self._keys.paas_id or not target.startswith(str(request.url.origin())):
            return web.Response(status=400, text="bad redirect")
        who = request.query.get("user", "")
        if who.casefold() not in self._world.members:
            links = (
                f'<li><a href="{html.escape(str(request.rel_url.update_query(user=member.id)))}">'
                f"{html.escape(member.name)}</a></li>"
                for member in self._world.members.values()
            )
            return web.Response(
                text=f'<!doctype html><meta charset="utf-8"><ul>{"".join(links)}</ul>', content_type="text/html"
            )
        cookie = secrets.token_urlsafe(24)
        self._logins[cookie] = self._world.member(who).id
        parts = urlsplit(target)
        response = web.Response(status=302, headers={"Location": f"{parts.path}?{parts.query}"})
        response.set_cookie(_COOKIE, cookie, httponly=True)
        return response

    async def publish(self, request: web.Request) -> web.StreamResponse:
        """A page of the backend, with the gateway's word for who asks; theirs are never let through."""
        if not self.backend:
            return web.Response(status=404)
        uid = self._logins.get(request.cookies.get(_COOKIE, ""), "")
        theirs = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in _HOP and not name.lower().startswith(self._keys.prefix)
        }
        cookies = {name: value for name, value in request.cookies.items() if name != _COOKIE}
        url = f"{self.backend}{request.rel_url}"
        async with (
            aiohttp.ClientSession(cookies=cookies, auto_decompress=True) as session,
            session.request(
                request.method, url, data=await request.read(), headers=theirs | self.stamp(uid=uid),
                allow_redirects=False,
            ) as answer,
        ):  # fmt: skip
            response = web.Response(status=answer.status, body=await answer.read())
            response.headers.popall("Content-Type", None)
            for name, value in answer.headers.items():
                if name.lower() not in _BACK:
                    response.headers.add(name, value)
        return response
