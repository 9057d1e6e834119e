"""What every platform offers to the rest of the program, and nothing more.

Kept to what handlers need today: two similar platform folders are better than one clever base class.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from cards.model import Card, Message, Schedule
from connectors.events import Event
from connectors.refs import PersonRef, Recipient

Handle = Mapping[str, Any]
"""What a connector must remember of a sent message to update or recall it: JSON, opaque to everybody else."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One call of a platform at one of our doors, as it came: header names lower-case, body untouched."""

    account: str
    door: str
    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    received: datetime


@dataclass(frozen=True, slots=True)
class Challenge:
    """The platform only asks whether we are there (WeCom echostr, DingTalk check_url): answer, touch nothing."""

    text: str


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"


class Door(Protocol):
    """One address of one account. `verify` and `read` are pure; together they prove and translate a delivery."""

    def verify(self, delivery: Delivery, *, now: datetime) -> None:
        """Raises `Rejected`."""
        ...

    def read(self, delivery: Delivery) -> Sequence[Event] | Challenge:
        """Decrypts and translates; raises `Rejected` (receive id, DTD, not UTF-8, not the platform's shape)."""
        ...

    def answer(self, delivery: Delivery, reply: Card | Challenge | None, *, now: datetime) -> HttpAnswer:
        """The success answer in the words of this door. `reply` is the card for who tapped, where it fits."""
        ...


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this account can do, as data; the table in `connectors/README.md` is made from it."""

    interactive_cards: bool = False
    action_cards: bool = True  # without those, a card's buttons become the connector's own links; False: they are lost
    card_update: bool = False
    card_choices: bool = False
    card_inputs: bool = False
    cards_in_groups: bool = False
    max_buttons: int = 0
    answer_carries_card: bool = False  # the tapper's new card travels in the callback's answer
    safe_repeat: frozenset[str] = frozenset()  # message class names whose send may be repeated with the same ref
    safe_repeat_in_chats: bool = True  # False: that holds for persons only (WeCom groups cannot tell a repeat)
    urgent: bool = False
    directory: bool = False
    web_login: bool = False
    ticket_login: bool = False  # the client appends `ticket` to each address of ours that it opens
    stream: bool = False
    schedules: bool = False  # entries of our calendars can be kept in the platform's own
    sends_per_second: float = 0  # what its platform lets through of one kind of call, with some room; 0: not counted so

    def repeats_safely(self, to: Recipient, message: Message) -> bool:
        """Whether the platform itself drops a second send of this message with the same ref."""
        known = type(message).__name__ in self.safe_repeat
        return known and (self.safe_repeat_in_chats or isinstance(to, PersonRef))


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    """A member as the platform's directory has it; empty where the platform or its permissions say nothing."""

    id: str
    name: str
    departments: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()  # departments that this member leads
    manager: str = ""
    post: str = ""
    union_id: str = ""
    mobile: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class DirectoryDepartment:
    id: str
    name: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    data: bytes
    name: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `officebot doctor`: `ok` or what is wrong, and what to do, as codes that the CLI words."""

    what: str
    ok: bool
    code: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleThere:
    """A schedule as the platform's client shows it. `gone`: deleted or cancelled there, the rest as we wrote it."""

    title: str
    begin: datetime
    end: datetime
    all_day: bool = False
    place: str = ""
    gone: bool = False


class Schedules(Protocol):
    """The platform's own calendar of each person. All methods may raise `PlatformError`."""

    async def place(self, owner: PersonRef) -> Handle:
        """Where this person's schedules are kept there: asked for once, remembered by whoever asked."""
        ...

    async def keep(
        self, owner: PersonRef, place: Handle, handle: Handle | None, wanted: Schedule, *, ref: str, repeated: bool
    ) -> Handle:
        """Makes, changes or takes off the one schedule of `handle` (None: there is none yet); the new handle.

        `ref` stays the same for one entry; `repeated` says that an earlier attempt may have arrived. What somebody
        deleted there is made anew: that is only asked for when it has changed here.
        """
        ...

    async def read(
        self, owner: PersonRef, place: Handle, asked: Mapping[str, tuple[Handle, Schedule]]
    ) -> Mapping[str, ScheduleThere]:
        """Those of `asked` that are not as written, by its keys; never a part of the answer: then it raises."""
        ...


Admit = Callable[[Sequence[Event]], Awaitable[Card | None]]
"""Takes events in durably (inbox, one transaction each) and returns the tapper's new card, if any.

Raises when nothing durable happened; then the platform must not get a success.
"""


@runtime_checkable
class Vouching(Protocol):
    """A connector whose platform may sign people in before they reach us and speaks for the browser by headers."""

    def vouched(self, headers: Mapping[str, str], *, remote: str, now: datetime) -> PersonRef | None:
        """Who is there; None where it signs in by code. Names of `headers` are lower-case. Raises `Rejected`."""
        ...


@dataclass(frozen=True, slots=True)
class Meter:
    """What was used of a platform's quota of this month, counted here since the start; `what` as in `Finding`."""

    what: str
    used: int
    limit: int


@runtime_checkable
class Metered(Protocol):
    """A connector whose platform counts by the month. Asks nobody."""

    account: str

    def meters(self, *, now: datetime) -> Sequence[Meter]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeApproval:
    """An approval that lives in the platform, as the platform itself says it stands.

    `state` is running | returned | approved | rejected | gone; people are ids there; `url` opens it in the client.
    """

    id: str
    title: str
    state: str
    waiting: tuple[str, ...] = ()
    applicant: str = ""
    url: str = ""

    @property
    def over(self) -> bool:
        """Nobody's turn any more, but perhaps the applicant's."""
        return self.state != "running"


@runtime_checkable
class Approving(Protocol):
    """A connector whose platform has approvals of its own and can be asked how one stands."""

    async def native_approval(self, id: str) -> NativeApproval:
        """Raises `PlatformError`; `PlatformRefused` for one that is not there or not shown to us."""
        ...


class Connector(Protocol):
    """One account on one platform. All methods may raise `PlatformError`; none blocks the event loop."""

    account: str
    platform: str
    capabilities: Capabilities
    doors: Mapping[str, Door]

    @property
    def schedules(self) -> Schedules | None:
        """None where the platform has no calendar of its own, or no way to it."""
        ...

    async def close(self) -> None: ...

    async def announce(self, callbacks: str) -> None:
        """Tells the platform once, at start, what it must be told by API of our doors (`callbacks` has no door yet).

        Nothing where the console does that. Raises `PlatformError`; the service runs on and says so.
        """
        ...

    async def listen(self, admit: Admit) -> None:
        """Holds the platform's long connection until cancelled; returns at once where there is none."""
        ...

    async def send(self, to: Recipient, message: Message, *, ref: str, repeated: bool = False) -> Handle:
        """Sends once. `ref` is our id (`[0-9A-Za-z_-]`, at most 64), the platform's idempotence key where it has one.

        `repeated` says that an earlier attempt may have arrived and this platform cannot tell: the message is marked as
        a possible repeat. Raises `Unsupported` when no rung of the ladder can carry the message.
        """
        ...

    async def update(self, to: Recipient, handle: Handle, card: Card, *, ref: str) -> Handle:
        """Shows `card` in place of the sent one; returns the new handle. Raises `CardSpent` when that is impossible."""
        ...

    def tapped(self, handle: Handle, code: str, *, now: datetime) -> Handle:
        """The handle with the one-time code of a tap added; pure."""
        ...

    async def upload(self, data: bytes, *, name: str, kind: str) -> str:
        """A media id for `Attachment`; `kind` file | image | voice | video."""
        ...

    async def download(self, media: str) -> Media: ...

    async def people(self) -> Sequence[DirectoryPerson]: ...

    async def departments(self) -> Sequence[DirectoryDepartment]: ...

    def login_url(self, *, redirect: str, state: str) -> str:
        """Where a browser in the platform's client is sent to sign in; `state` belongs to the session, used once."""
        ...

    async def login(self, code: str) -> PersonRef:
        """Who the login code belongs to; raises `PlatformRefused` for outsiders and used codes."""
        ...

    async def diagnose(self) -> Sequence[Finding]:
        """For `officebot doctor`: token, permissions, quota."""
        ...
