"""What every page shares: who is looking, what they may be told, and how a page leaves us.

`Front` holds what pages need of the service. `Front.page` wraps a handler so that it is given a `Visit`: somebody who
is signed in, still belongs to the office and, for POST, sent the token of their own session. Whoever is not signed in
is sent to sign in and comes back. A `RuleError` becomes a page that says why, with the right status.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp_jinja2
import structlog
from aiohttp import web

from bot import links
from bot.pages import sessions
from bot.pages.sessions import Session
from bot.watching import Watch
from cards import desk
from cards import secrecy as words
from connectors.clock import Clock
from connectors.contract import Connector
from handlers import errors
from handlers.approval import secrecy
from handlers.audit import log as journal
from handlers.audit.facts import Origin
from handlers.audit.heads import Head
from handlers.context import Context, Office
from handlers.mailroom import gate
from handlers.people import directory, facts
from handlers.people.directory import Person
from handlers.transaction import Database, Transaction

log = structlog.get_logger(__name__)

COOKIE = "office"
HOME = "/office/"
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
GUARDS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_STATUS: Mapping[type[errors.RuleError], int] = {
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.OwnRequest: 403,
    errors.NotYourTurn: 403,
    errors.AlreadyDecided: 409,
    errors.StaleCard: 409,
}


async def _no_head() -> Head | None:
    return None


Page = Callable[[web.Request, "Visit"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of somebody who is signed in."""

    session: Session
    person: Person
    roles: frozenset[str]
    token: str
    now: datetime
    trace: str

    def origin(self) -> Origin:
        return Origin(person=self.person.id, account=self.session.account, door="page", trace=self.trace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What the pages use of the service; `office` is asked each time because settings are reloaded."""

    database: Database
    connectors: Mapping[str, Connector]
    office: Callable[[], Office]
    clock: Clock
    session_hours: int
    files: Path
    wake: Callable[[], None]
    head: Callable[[], Awaitable[Head | None]] = _no_head
    watch: Watch | None = None

    @property
    def key(self) -> bytes:
        return self.office().card_key

    def base(self, request: web.Request) -> str:
        """Our address as browsers see it, without a slash at the end."""
        return self.office().public_url.rstrip("/") or str(request.url.origin())

    def base_of(self, account: str, request: web.Request) -> str:
        """As `base`, for the phones of one account: its client may reach us by another way (yuezhengyi.md 6.3)."""
        return links.page_base(self.connectors[account]) or self.base(request)

    def context(self, tx: Transaction, visit: Visit) -> Context:
        return Context(tx=tx, now=visit.now, trace=visit.trace, origin=visit.origin(), office=self.office())

    def page(self, handler: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """`handler` with a `Visit`; see above."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            visit = await self._visit(request)
            if visit is None or self._brought_ticket(request):
                return _to_sign_in(request)
            if request.method not in ("GET", "HEAD") and not await self._meant(request, visit):
                log.warning("page.forged", path=request.path)
                return refusal(request, "forged", status=403, visit=visit)
            try:
                with structlog.contextvars.bound_contextvars(trace=visit.trace, door="page"):
                    await self._by_own_link(request, visit)
                    await self._unmarked(request, visit)
                    return await handler(request, visit)
            except errors.RuleError as error:
                return refusal(request, error.code, status=status(error), visit=visit, about=error.circumstances)

        return guarded

    def _brought_ticket(self, request: web.Request) -> bool:
        """A client that signs in by ticket opened this page for its user, whoever was signed in here before."""
        here = request.method == "GET" and "ticket" in request.query
        return here and any(one.capabilities.ticket_login for one in self.connectors.values())

    def set_cookie(
        self, request: web.Request, response: web.StreamResponse, name: str, value: str, *, age: int
    ) -> None:
        """Ours alone: no script reads it, no other site's request carries it, and no plain HTTP where we have HTTPS."""
        response.set_cookie(
            name, value, max_age=age, path="/office", httponly=True, samesite="Lax",
            secure=self.base(request).startswith("https:"),
        )  # fmt: skip

    async def visitor(self, request: web.Request) -> Visit | None:
        """Who looks at a page that needs no sign-in; None for a stranger."""
        return await self._visit(request)

    async def _visit(self, request: web.Request) -> Visit | None:
        now = self.clock.now()
        session = sessions.session(request.cookies.get(COOKIE, ""), key=self.key, now=now)
        if session is None:
            return None

        async def known(tx: Transaction) -> tuple[Person | None, frozenset[str]]:
            return await directory.load(tx, session.person), await directory.roles_of(tx, session.person)

        person, roles = await self.database.read(known)
        if person is None or not person.active:
            return None
        token = sessions.token(session, key=self.key)
        return Visit(session=session, person=person, roles=roles, token=token, now=now, trace=secrets.token_hex(8))

    async def _by_own_link(self, request: web.Request, visit: Visit) -> None:
        """Raises NotAllowed for a link that was sent to somebody else or whose time is over; see bot/links.py."""
        if "k" not in request.query:
            return
        owners = await self.database.read(lambda tx: directory.accounts(tx, visit.person))
        wrong = links.trouble(request.path, request.query, owners, key=self.key, now=visit.now)
        if wrong == "link_forwarded":
            fact = facts.SignInRefused(person=visit.person.id, account=visit.session.account, why="forwarded")
            await self.database.write(lambda tx: journal.record(tx, fact, origin=visit.origin(), now=visit.now))
        if wrong:
            raise errors.NotAllowed(code=wrong)

    async def _unmarked(self, request: web.Request, visit: Visit) -> None:
        """Raises BadRequest(marked) for anything typed that carries a secrecy marking, before a page sees it."""
        if request.method == "POST" and request.content_type == "application/x-www-form-urlencoded":
            typed = [value for value in (await request.post()).values() if isinstance(value, str)]
            if rule := gate.first(typed, self.office().marked_phrases):
                raise errors.BadRequest("marked", why=await self.marked(request, visit, rule, where="page"))

    async def marked(self, request: web.Request, visit: Visit, rule: str, *, where: str) -> str:
        """Something with a secrecy marking came: on record, the officer told; the sentence for who sent it."""
        code = request.match_info.get("code", "")
        await self.database.write(
            lambda tx: secrecy.refuse(self.context(tx, visit), visit.person, form=code, rule=rule, where=where)
        )
        self.wake()
        return words.refused(rule, where=where)

    async def _meant(self, request: web.Request, visit: Visit) -> bool:
        """The token in a header (what our script sends) or in the form; a foreign `Origin` never."""
        origin = request.headers.get("Origin", "")
        ours = {urlsplit(self.base_of(account, request)).netloc for account in self.connectors}
        if origin and urlsplit(origin).netloc not in {*ours, urlsplit(self.base(request)).netloc, request.host}:
            return False
        sent = request.headers.get("X-Token", "")
        if not sent and request.content_type == "application/x-www-form-urlencoded":
            sent = str((await request.post()).get("token", ""))
        return sessions.has_token(visit.session, sent, key=self.key)


def status(error: errors.RuleError) -> int:
    """The HTTP status of a refusal."""
    return _STATUS.get(type(error), 422)


def render(
    request: web.Request, template: str, data: Mapping[str, Any], *, visit: Visit | None = None, status: int = 200
) -> web.Response:
    whole = {"visit": visit, **data}
    return aiohttp_jinja2.render_template(template, request, whole, status=status)


def refusal(
    request: web.Request,
    code: str,
    *,
    status: int,
    visit: Visit | None = None,
    about: Mapping[str, object] | None = None,
) -> web.Response:
    """A page (or, for a part of a page, a line) that says in words why not."""
    template = "refused_part.html" if request.headers.get("HX-Request") else "refused.html"
    return render(request, template, {"code": code, "words": desk.refusal(code, about)}, visit=visit, status=status)


def _to_sign_in(request: web.Request) -> web.StreamResponse:
    """To the sign-in and back here; a POST comes back to where its form was, because its content is gone."""
    here = request.rel_url if request.method == "GET" else _form_of(request)
    asked = {"next": str(here)}
    if via := request.query.get("via", ""):
        asked["via"] = via
    target = f"/office/login?{urlencode(asked)}"
    if request.headers.get("HX-Request"):
        return web.Response(status=401, headers={"HX-Redirect": target})
    raise web.HTTPSeeOther(target)


def _form_of(request: web.Request) -> str:
    came = urlsplit(request.headers.get("Referer", ""))
    return came.path if came.netloc == request.host and came.path.startswith(HOME) else HOME
