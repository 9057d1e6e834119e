"""What a notice is, who has answered it, who is silent and when they are reminded. Pure.

Opened, receipted and answered are three different things (office-rules.md 5.8), and how long somebody read is nobody's
business: it is not recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from handlers import errors
from handlers.days.phrases.recurring import Rule


class Want(StrEnum):
    """What is asked of those who get it."""

    READ = "read"  # that it was opened or 已阅 pressed
    ACK = "ack"  # 收到
    ATTEND = "attend"  # 参加, 派人参加, 不能参加
    ANSWER = "answer"  # the sender's own questions


class Per(StrEnum):
    """Whose answer it is: each person's own, or one for the whole department."""

    PERSON = "person"
    UNIT = "unit"


class Grade(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"
    CRITICAL = "critical"


class State(StrEnum):
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    RECALLED = "recalled"
    CLOSED = "closed"


class Reply(StrEnum):
    NONE = "none"
    ACK = "ack"
    ATTEND = "attend"
    SUBSTITUTE = "substitute"
    DECLINE = "decline"
    ANSWERED = "answered"


class Rung(StrEnum):
    """How loud a reminder is. `CARD` is the notice's card once more; the others are in `cards.model.Urgent`."""

    CARD = "card"
    APP = "app"
    SMS = "sms"
    PHONE = "phone"


ALLOWED: Mapping[Want, frozenset[Reply]] = {
    Want.READ: frozenset({Reply.ACK}),
    Want.ACK: frozenset({Reply.ACK}),
    Want.ATTEND: frozenset({Reply.ATTEND, Reply.SUBSTITUTE, Reply.DECLINE}),
    Want.ANSWER: frozenset({Reply.ANSWERED, Reply.DECLINE}),
}
_NEEDED: Mapping[Reply, tuple[str, ...]] = {Reply.SUBSTITUTE: ("name",), Reply.DECLINE: ("reason",)}
LADDER: Mapping[Grade, tuple[Rung, ...]] = {
    Grade.NORMAL: (Rung.CARD, Rung.APP, Rung.APP),
    Grade.URGENT: (Rung.CARD, Rung.APP, Rung.SMS),
    Grade.CRITICAL: (Rung.APP, Rung.SMS, Rung.PHONE),
}
"""The first, second, third reminder; there is no fourth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One of the sender's own; `options` empty: answered in free text."""

    title: str
    options: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`id` is that of the item it was written as. `version` grows with corrections, `asked` is the last version that
    everybody was asked about again. `reply_by` is when answers are late, `until` when it is no longer shown as open.
    """

    id: str
    number: int
    sender: str
    title: str
    body: str
    want: Want = Want.ACK
    per: Per = Per.PERSON
    grade: Grade = Grade.NORMAL
    questions: tuple[Question, ...] = ()
    state: State = State.PUBLISHED
    published: datetime
    reply_by: datetime | None = None
    until: datetime | None = None
    version: int = 1
    asked: int = 1
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One recipient's side. `replied` is the version that was answered, `late` whether after `reply_by`.

    `detail`: for a substitute `name`, `post`, `phone`; for a refusal `reason`; for questions `0`, `1` ... by place.
    """

    person: str
    unit: str = ""
    seen: datetime | None = None
    reply: Reply = Reply.NONE
    detail: Mapping[str, str] = field(default_factory=dict)
    replied_at: datetime | None = None
    replied: int = 0
    late: bool = False
    chased: int = 0
    chase_at: datetime | None = None


def answered(notice: Notice, receipt: Receipt) -> bool:
    """Whether nothing more is wanted of this one, by themselves."""
    if notice.want is Want.READ and receipt.seen is not None:
        return True
    return receipt.reply is not Reply.NONE and receipt.replied >= notice.asked


def silent(notice: Notice, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Those who are still waited for: of a unit nobody, once one of its people has answered."""
    done = {receipt.unit for receipt in receipts if receipt.unit and answered(notice, receipt)}
    return [
        receipt
        for receipt in receipts
        if not answered(notice, receipt) and not (notice.per is Per.UNIT and receipt.unit in done)
    ]


def reply(
    notice: Notice, receipt: Receipt, kind: Reply, *, detail: Mapping[str, str], now: datetime
) -> tuple[Receipt, bool]:
    """The receipt with this answer, and whether anything changed: the same answer twice is one.

    A later answer replaces an earlier one (plans change) until the notice is closed; after `reply_by` it is late.
    Raises BadRequest: notice_recalled, notice_closed, notice_detail, notice_reply_... (it asks for something else).
    """
    require_open(notice, now=now)
    if kind not in ALLOWED[notice.want]:
        raise errors.BadRequest(f"notice_reply_{notice.want}", number=notice.number)
    _complete(notice, kind, detail)
    if receipt.reply is kind and dict(receipt.detail) == dict(detail) and receipt.replied >= notice.asked:
        return receipt, False
    late = notice.reply_by is not None and now > notice.reply_by
    after = replace(
        receipt, reply=kind, detail=dict(detail), replied_at=now, replied=notice.version, late=late,
        seen=receipt.seen or now, chase_at=None,
    )  # fmt: skip
    return after, True


def require_open(notice: Notice, *, now: datetime) -> None:
    """Raises BadRequest: notice_recalled, notice_closed, notice_later."""
    if notice.state is State.RECALLED:
        raise errors.BadRequest("notice_recalled", number=notice.number)
    if notice.state is State.SCHEDULED:
        raise errors.BadRequest("notice_later", number=notice.number)
    if notice.state is State.CLOSED or (notice.until is not None and now >= notice.until):
        raise errors.BadRequest("notice_closed", number=notice.number)


def _complete(notice: Notice, kind: Reply, detail: Mapping[str, str]) -> None:
    needed = _NEEDED.get(kind, ())
    if kind is Reply.ANSWERED:
        needed = tuple(str(place) for place, one in enumerate(notice.questions) if one.required)
        for place, question in enumerate(notice.questions):
            given = detail.get(str(place), "")
            if given and question.options and given not in question.options:
                raise errors.BadRequest("notice_option", title=question.title, options="、".join(question.options))
    missing = [name for name in needed if not detail.get(name, "").strip()]
    if missing:
        raise errors.BadRequest("notice_detail", missing=missing[0], kind=kind.value)


# ---- counting --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Of people, or of units where one answer speaks for the unit. `seen` counts people."""

    total: int = 0
    answered: int = 0
    seen: int = 0
    late: int = 0
    by_reply: Mapping[Reply, int] = field(default_factory=dict)

    @property
    def silent(self) -> int:
        return self.total - self.answered


def counts(notice: Notice, receipts: Sequence[Receipt]) -> Counts:
    groups = _groups(notice, receipts)
    done = [lead for lead in (_lead(notice, group) for group in groups) if lead is not None]
    replies: dict[Reply, int] = {}
    for one in done:
        if one.reply is not Reply.NONE:
            replies[one.reply] = replies.get(one.reply, 0) + 1
    return Counts(
        total=len(groups),
        answered=len(done),
        seen=sum(receipt.seen is not None for receipt in receipts),
        late=sum(one.late for one in done),
        by_reply=replies,
    )


def option_counts(
    notice: Notice, receipts: Sequence[Receipt]
) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    """For each question with options: its title, and how many chose each, in the order in which they were offered."""
    leads = [_lead(notice, group) for group in _groups(notice, receipts)]
    details = [one.detail for one in leads if one is not None and one.reply is Reply.ANSWERED]
    return tuple(
        (
            question.title,
            tuple((option, sum(one.get(str(place)) == option for one in details)) for option in question.options),
        )
        for place, question in enumerate(notice.questions)
        if question.options
    )


def _groups(notice: Notice, receipts: Iterable[Receipt]) -> list[list[Receipt]]:
    if notice.per is Per.PERSON:
        return [[receipt] for receipt in receipts]
    found: dict[str, list[Receipt]] = {}
    for receipt in receipts:
        found.setdefault(receipt.unit or f"\0{receipt.person}", []).append(receipt)
    return list(found.values())


def _lead(notice: Notice, group: Sequence[Receipt]) -> Receipt | None:
    """The answer that counts for a group: the latest; None while it is silent."""
    done = [receipt for receipt in group if answered(notice, receipt)]
    return max(done, key=lambda one: one.replied_at or notice.published, default=None)


# ---- chasing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Chasing:
    """How an office reminds. Hours are working hours; `a_day` is the most that one person gets in a day from all
    notices together, which only CRITICAL may pass. `sms` and `phone` are the office's month.
    """

    after_hours: int = 4
    every_hours: int = 8
    urgent_hours: int = 2
    critical_hours: int = 1
    a_day: int = 2
    sms: int = 50
    phone: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A reminder that comes again: `said` is its rule in words; to a group chat, to people in words, or to one."""

    key: str
    said: str
    rule: Rule
    text: str
    group: str = ""
    to: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """Something that ends on a day; `who` (words as in 发给) hears of it so many `days` before."""

    key: str
    name: str
    category: str
    on: date
    who: str = ""
    days: tuple[int, ...] = (90, 60, 30, 7, 0)


@dataclass(frozen=True, slots=True)
class Notices:
    """The area `Notices` of `Office`: how it reminds, its own groups of people (name -> words), what comes again."""

    chasing: Chasing = field(default_factory=Chasing)
    audiences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    repeated: tuple[Repeated, ...] = ()
    dates: tuple[Expiry, ...] = ()


def pause(chasing: Chasing, grade: Grade, chased: int) -> timedelta:
    """Working time until the next reminder, after `chased` of them."""
    if grade is Grade.CRITICAL:
        return timedelta(hours=chasing.critical_hours)
    if grade is Grade.URGENT:
        return timedelta(hours=chasing.urgent_hours)
    return timedelta(hours=chasing.every_hours if chased else chasing.after_hours)


def rung(grade: Grade, chased: int) -> Rung | None:
    """How the reminder after `chased` others is given; None when there have been enough."""
    steps = LADDER[grade]
    return steps[chased] if chased < len(steps) else None


def louder(one: Rung, other: Rung) -> Rung:
    """The louder of two: several notices to one person are one message."""
    order = tuple(Rung)
    return max(one, other, key=order.index)
