"""Links to our pages as they leave on messages that are decided by link (mission.md P6, yuezhengyi.md 6.3).

Such a link is bound to the account that it was sent to, to its page and to three days. It opens nothing by itself: the
page asks for the platform's login all the same, and then this binding says whether the one who signed in is the one
whom the message was for. Nothing of the person stands in the address.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

from cards.model import Article, Card, Link, Markdown, Message, News, Text, Urgent
from connectors.clock import Clock
from connectors.contract import Connector, Handle
from connectors.refs import PersonRef, Recipient
from handlers.context import Office
from handlers.transaction import to_ms

LIFE = timedelta(hours=72)
_ADDRESS = r"[A-Za-z0-9/_.~%?=&+-]*"


def signed(address: str, *, to: PersonRef, key: bytes, now: datetime) -> str:
    """`address` with the account to sign in by, the end of its time and the binding."""
    path, until = urlsplit(address).path, to_ms(now + LIFE)
    query = urlencode({"via": to.account, "u": until, "k": _binding(to, path, until, key)})
    return f"{address}{'&' if '?' in address else '?'}{query}"


def trouble(
    path: str, query: Mapping[str, str], owners: Iterable[PersonRef], *, key: bytes, now: datetime
) -> str | None:
    """Why these owners may not come by this link: `link_forwarded`, `link_expired`; None for theirs or a plain one."""
    claimed, until = query.get("k", ""), query.get("u", "")
    if not claimed:
        return None
    if not (until.isascii() and until.isdigit() and len(until) <= 15):
        return "link_forwarded"
    mine = (_binding(to, path, int(until), key) for to in owners)
    if not any(hmac.compare_digest(one.encode(), claimed.encode(errors="replace")) for one in mine):
        return "link_forwarded"
    return "link_expired" if int(until) <= to_ms(now) else None


def _binding(to: PersonRef, path: str, until: int, key: bytes) -> str:
    text = "\0".join(("officebot link", to.account, to.id, path, str(until)))
    return hmac.new(key, text.encode(errors="replace"), sha256).hexdigest()[:40]


def page_base(connector: Connector) -> str:
    """Where this platform's phones reach our pages, when that is not `server.public_url`; "" otherwise."""
    return str(getattr(connector, "page_base", "") or "").rstrip("/")


class Addressed:
    """A connector whose outgoing messages carry addresses that its phones can reach, bound where they decide by link.

    Stands in for the connector at the postman only, and passes on everything else.
    """

    def __init__(self, connector: Connector, *, office: Callable[[], Office], clock: Clock) -> None:
        self._connector = connector
        self._office = office
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)

    async def send(self, to: Recipient, message: Message, *, ref: str, repeated: bool = False) -> Handle:
        return await self._connector.send(to, self._addressed(message, to), ref=ref, repeated=repeated)

    async def update(self, to: Recipient, handle: Handle, card: Card, *, ref: str) -> Handle:
        changed = self._addressed(card, to)
        assert isinstance(changed, Card)
        return await self._connector.update(to, handle, changed, ref=ref)

    def _addressed(self, message: Message, to: Recipient) -> Message:
        ours = self._office().public_url.rstrip("/")
        if not ours:
            return message
        base, able = page_base(self._connector) or ours, self._connector.capabilities
        # Where cards are tapped, the platform drops an identical repeat: there an address must not carry the time.
        binds = isinstance(to, PersonRef) and able.web_login and not able.interactive_cards
        if base == ours and not binds:
            return message

        def moved(found: re.Match[str]) -> str:
            address = base + found[0].removeprefix(ours)
            if not binds or not isinstance(to, PersonRef):
                return address
            return signed(address, to=to, key=self._office().card_key, now=self._clock.now())

        pattern = re.compile(re.escape(ours) + r"/office/" + _ADDRESS)
        return _changed(message, lambda text: pattern.sub(moved, text))


def _changed(message: Message, new: Callable[[str], str]) -> Message:
    """The message with every address in it written anew."""
    if isinstance(message, Card):
        return replace(
            message, url=new(message.url), note=new(message.note),
            buttons=tuple(replace(one, url=new(one.url)) for one in message.buttons),
            fields=tuple(replace(one, url=new(one.url)) for one in message.fields),
        )  # fmt: skip
    if isinstance(message, Link):
        return replace(message, url=new(message.url))
    if isinstance(message, News):
        return News(_articles(message.articles, new))
    if isinstance(message, Text | Markdown | Urgent):
        return replace(message, content=new(message.content))
    return message


def _articles(articles: Sequence[Article], new: Callable[[str], str]) -> tuple[Article, ...]:
    return tuple(replace(one, url=new(one.url)) for one in articles)
