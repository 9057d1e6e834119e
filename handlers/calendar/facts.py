"""What the calendar leaves in the journal. Times are milliseconds UTC; words that people wrote are personal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from handlers.audit.facts import PERSONAL, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChanged(Fact):
    """A room, vehicle or driver came, changed or went (`active`); the subject is `room:三楼会议室`."""

    KIND: ClassVar[str] = "calendar.resource_changed"
    SUBJECT: ClassVar[str] = "resource"

    resource: str
    number: int
    seats: int
    equipment: tuple[str, ...]
    place: str
    valid_until: str
    active: bool
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved(Fact):
    """Somebody has it from then until then; `state` held (until a decision) or booked. The subject is the booking."""

    KIND: ClassVar[str] = "calendar.reserved"
    SUBJECT: ClassVar[str] = "booking"

    booking: str
    reservation: int
    resource: int
    begin_ms: int
    end_ms: int
    state: str
    person: str
    source: str = ""
    people: int = 0
    late: bool = False
    subject_words: str = field(default="", metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationMoved(Fact):
    """A reservation changed its state (booked, cancelled, used) or its end."""

    KIND: ClassVar[str] = "calendar.reservation_moved"
    SUBJECT: ClassVar[str] = "booking"

    booking: str
    reservation: int
    state: str
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleReturned(Fact):
    """Kilometres as read when it left and when it came back."""

    KIND: ClassVar[str] = "calendar.vehicle_returned"
    SUBJECT: ClassVar[str] = "booking"

    booking: str
    reservation: int
    resource: int
    odometer_out: int
    odometer_back: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitMoved(Fact):
    """A place in the queue: waiting, told (it is free), gone. The subject is the place's number."""

    KIND: ClassVar[str] = "calendar.wait_moved"
    VERSION: ClassVar[int] = 2
    SUBJECT: ClassVar[str] = "wait"

    wait: str
    person: str
    kind: str
    resource: int
    begin_ms: int
    end_ms: int
    state: str
    people: int = 0
    equipment: tuple[str, ...] = ()
    subject_words: str = field(default="", metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKept(Fact):
    """An entry of a calendar as it is from now on: entered, changed or cancelled (`state`)."""

    KIND: ClassVar[str] = "calendar.entry_kept"
    VERSION: ClassVar[int] = 2
    SUBJECT: ClassVar[str] = "owner"

    owner: str
    uid: str
    number: int
    kind: str
    source: str
    begin_ms: int
    end_ms: int
    all_day: bool
    state: str
    sequence: int
    remind: int = -1
    author: str = ""
    words: tuple[str, ...] = field(default=(), metadata=PERSONAL)  # title, place, note


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared(Fact):
    KIND: ClassVar[str] = "calendar.shared"
    SUBJECT: ClassVar[str] = "owner"

    owner: str
    reader: str
    level: str
    writes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMoved(Fact):
    """A subscription address was made or revoked; `feed` is its number, never its token."""

    KIND: ClassVar[str] = "calendar.feed_moved"
    SUBJECT: ClassVar[str] = "person"

    person: str
    feed: int
    revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleDiffered(Fact):
    """The platform's own calendar has an entry otherwise than we wrote it (`gone`: not at all); the owner is asked."""

    KIND: ClassVar[str] = "calendar.schedule_differed"
    SUBJECT: ClassVar[str] = "owner"

    owner: str
    uid: str
    sequence: int
    account: str
    begin_ms: int
    end_ms: int
    gone: bool
    words: tuple[str, ...] = field(default=(), metadata=PERSONAL)  # title, place


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSettled(Fact):
    """What became of the question: taken (the platform's), cancelled (here too), put_back (ours), left."""

    KIND: ClassVar[str] = "calendar.schedule_settled"
    SUBJECT: ClassVar[str] = "owner"

    owner: str
    uid: str
    sequence: int
    choice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRead(Fact):
    """Somebody looked at another person's calendar, as far as it is shared with them; once an hour."""

    KIND: ClassVar[str] = "calendar.read"
    SUBJECT: ClassVar[str] = "owner"

    owner: str
