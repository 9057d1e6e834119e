"""Signing in through the platform that the page was opened from (wecom.md 11.7, dingtalk.md 9.4).

    GET /office/login?via=ACCOUNT&next=/office/...   to the platform, with a state that only this browser knows
    GET /office/login/back?via=ACCOUNT&code=&state=  back with a code: ours from here on
    GET /office/login?next=/office/..?ticket=        opened by Yunzhijia's client: the ticket is the code (its notes, 7)
    POST /office/logout

The state lies in a sealed cookie of its own (one per sign-in under way, so that two tabs do not disturb each other) and
is deleted when it comes back: a second use finds nothing. A code that is used up or stale (link previews open addresses
too) begins the sign-in anew, twice at the most.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

import structlog
from aiohttp import web

from bot.pages import sessions, visit
from bot.pages.sessions import Errand
from bot.pages.visit import COOKIE, HOME, Front, Visit
from connectors.contract import Connector, Vouching
from connectors.errors import PlatformError, PlatformRefused, Rejected
from connectors.refs import PersonRef
from handlers.audit import log as journal
from handlers.audit.facts import SYSTEM, Origin
from handlers.people import directory, facts
from handlers.people.directory import Person
from handlers.transaction import Transaction

log = structlog.get_logger(__name__)

_SPENT_CODES = frozenset({"40029", "40078", "84014", "84015"})  # wecom.md 12; dingtalk.md 9.4
_TRIES = 3


class Login:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/login", self.leave),
            web.get("/login/back", self.back),
            web.post("/logout", self._front.page(self.logout)),
        ]

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """To the platform of `via`; without a known one, to whoever picks from the office's platforms."""
        ticket, onward = _ticket(_inside(request.query.get("next", "")))
        able = self._able()
        likely = [name for name, one in able.items() if one.capabilities.ticket_login or not ticket]
        via = request.query.get("via", "") or (likely[0] if len(likely) == 1 else "")
        if via not in able:
            doors = [(name, connector.platform) for name, connector in able.items()]
            return visit.render(request, "login.html", {"doors": doors, "next": onward})
        errand = sessions.depart(account=via, next=onward, now=self._front.clock.now())
        if not able[via].capabilities.ticket_login:
            return self._depart(request, errand)
        if ticket:
            return await self._arrived(request, errand, ticket)
        return self._asks_for_ticket(request, errand)

    def _asks_for_ticket(self, request: web.Request, errand: Errand) -> web.StreamResponse:
        """Only the client can bring a ticket (yunzhijia.md 7): what there is to do is open the page in it."""
        page = f"{self._front.base_of(errand.account, request)}{errand.next}"
        target = self._able()[errand.account].login_url(redirect=page, state=errand.state)
        return visit.render(request, "ticket.html", {"target": target}, status=401)

    async def back(self, request: web.Request) -> web.StreamResponse:
        """With a code from the platform; or without one, in a client that hands codes to pages (DingTalk)."""
        state = request.query.get("state", "")
        cookie = _cookie(state)
        errand = sessions.errand(request.cookies.get(cookie, ""), key=self._front.key, now=self._front.clock.now())
        if errand is None or not secrets.compare_digest(errand.state.encode(), state.encode(errors="replace")):
            return visit.refusal(request, "login_state", status=400)
        code = request.query.get("code", "")
        response = await self._vouched(request, errand)
        if response is None and not code:
            return visit.render(request, "client.html", {"query": request.query, "next": errand.next})
        if response is None:
            response = await self._arrived(request, errand, code)
        response.del_cookie(cookie, path="/office")
        return response

    async def logout(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        response = visit.render(request, "bye.html", {})
        response.del_cookie(COOKIE, path="/office")
        return response

    def _able(self) -> Mapping[str, Connector]:
        return {name: one for name, one in self._front.connectors.items() if one.capabilities.web_login}

    def _depart(self, request: web.Request, errand: Errand) -> web.StreamResponse:
        base = self._front.base_of(errand.account, request)
        back = f"{base}/office/login/back?{urlencode({'via': errand.account})}"
        target = self._able()[errand.account].login_url(redirect=back, state=errand.state)
        response = web.Response(status=303, headers={"Location": target})
        age = int(sessions.ERRAND_LIFE.total_seconds())
        self._front.set_cookie(
            request, response, _cookie(errand.state), sessions.seal(errand, key=self._front.key), age=age
        )
        return response

    async def _arrived(self, request: web.Request, errand: Errand, code: str) -> web.StreamResponse:
        connector = self._able().get(errand.account)
        if connector is None:
            return visit.refusal(request, "login_state", status=400)
        try:
            ref = await connector.login(code)
        except PlatformRefused as error:
            return await self._refused(request, errand, error)
        except PlatformError as error:
            log.warning("login.platform", account=errand.account, code=error.code, call=error.call)
            return visit.refusal(request, "login_busy", status=503)
        return await self._entered(request, errand, ref)

    async def _vouched(self, request: web.Request, errand: Errand) -> web.StreamResponse | None:
        """In by the word of a gateway that brought the browser here; None where the platform gives a code."""
        connector: object = self._able().get(errand.account)
        if not isinstance(connector, Vouching):
            return None
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            ref = connector.vouched(headers, remote=request.remote or "", now=self._front.clock.now())
        except Rejected as rejected:
            log.warning("login.gateway", account=errand.account, reason=rejected.reason)
            return visit.refusal(request, "login_state", status=403)
        return None if ref is None else await self._entered(request, errand, ref)

    async def _entered(self, request: web.Request, errand: Errand, ref: PersonRef) -> web.StreamResponse:
        person = await self._front.database.write(lambda tx: self._admitted(tx, ref))
        if person is None:
            return visit.refusal(request, "stranger", status=403)
        return self._welcome(request, errand, person)

    def _welcome(self, request: web.Request, errand: Errand, person: Person) -> web.StreamResponse:
        now, hours = self._front.clock.now(), self._front.session_hours
        session = sessions.begin(person=person.id, account=errand.account, now=now, hours=hours)
        response = web.Response(status=303, headers={"Location": errand.next})
        text = sessions.seal(session, key=self._front.key)
        self._front.set_cookie(request, response, COOKIE, text, age=hours * 3600)
        return response

    async def _refused(self, request: web.Request, errand: Errand, error: PlatformRefused) -> web.StreamResponse:
        if error.code == "ticket":
            return self._asks_for_ticket(request, errand)
        if error.code in _SPENT_CODES:
            if errand.tries < _TRIES:
                now = self._front.clock.now()
                again = sessions.depart(account=errand.account, next=errand.next, now=now, tries=errand.tries + 1)
                return self._depart(request, again)
            return visit.refusal(request, "login_state", status=400)
        log.warning("login.refused", account=errand.account, code=error.code, call=error.call)
        ref = PersonRef(errand.account, "")
        await self._front.database.write(lambda tx: self._record_stranger(tx, ref, why="outsider"))
        return visit.refusal(request, "outsider", status=403)

    async def _admitted(self, tx: Transaction, ref: PersonRef) -> Person | None:
        """The person behind the account; both the sign-in and the refusal are recorded."""
        person = await directory.by_ref(tx, ref)
        if person is None:
            await self._record_stranger(tx, ref, why="stranger")
            return None
        origin = Origin(person=person.id, account=ref.account, door="page", trace=secrets.token_hex(8))
        fact = facts.SignedIn(person=person.id, account=ref.account)
        await journal.record(tx, fact, origin=origin, now=self._front.clock.now())
        return person

    async def _record_stranger(self, tx: Transaction, ref: PersonRef, *, why: str) -> None:
        origin = Origin(person=SYSTEM, account=ref.account, door="page", trace=secrets.token_hex(8))
        fact = facts.SignInRefused(person="", account=ref.account, platform_id=ref.id, why=why)
        await journal.record(tx, fact, origin=origin, now=self._front.clock.now())



def _cookie(state: str) -> str:
    """One per sign-in; only our own states are letters and digits throughout."""
    return f"office_login_{state[:8]}" if state.isascii() and state.isalnum() else "office_login"


def _ticket(address: str) -> tuple[str, str]:
    """(what a client appended to an address that it opened for the app, the address without it)."""
    parts = urlsplit(address)
    query = parse_qsl(parts.query, keep_blank_values=True)
    ticket = next((value for name, value in reversed(query) if name == "ticket"), "")
    kept = urlencode([(name, value) for name, value in query if name != "ticket"])
    return (ticket, parts._replace(query=kept).geturl()) if ticket else ("", address)


def _inside(address: str) -> str:
    """Only to a page of ours: `//host` and `\\host` are other people's addresses."""
    parts = urlsplit(address)
    ours = not parts.scheme and not parts.netloc and parts.path.startswith(HOME) and "\\" not in address
    return address if ours and "\n" not in address and "\r" not in address else HOME
