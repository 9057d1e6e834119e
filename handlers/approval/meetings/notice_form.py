"""The forms that publish: `notice` and its correction `notice_fix`, from an item's fields to the notice they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Final

from cards import notice_said
from handlers import errors
from handlers.approval import store
from handlers.approval.papers import files
from handlers.context import Context
from handlers.notice import publishing
from handlers.notice import store as notices
from handlers.notice.publishing import Draft
from handlers.notice.rules import Grade, Notice, Per, Question, Want

CODE: Final = "notice"
FIX: Final = "notice_fix"
_DAY_ENDS: Final = time(17, 30)


async def counted(ctx: Context, item: store.Item) -> store.Item:
    """The draft with how many people it would go to, on which the route depends. Raises BadRequest: notice_..."""
    if not item.fields.get("to") and not item.fields.get("people"):
        return item
    found = await publishing.meant(ctx, draft(ctx, item))
    return replace(item, fields={**item.fields, "count": len(found.people)})


async def published(ctx: Context, item: store.Item) -> store.Item:
    await publishing.publish(ctx, draft(ctx, item))
    return item


async def recalled(ctx: Context, item: store.Item) -> store.Item:
    await publishing.recall(ctx, item.id, groups=_words(item.fields.get("groups")))
    return item


async def corrected(ctx: Context, item: store.Item) -> store.Item:
    """An approved correction. Raises as `publishing.correct`."""
    notice = await _named(ctx, item)
    fields = item.fields
    body = str(fields["body"])
    await publishing.correct(
        ctx, notice.id, title=str(fields.get("title") or _title(notice, body)), body=body,
        again=fields.get("again") == "yes", by_item=item.id, groups=_words(fields.get("groups")),
    )  # fmt: skip
    return item


def _title(notice: Notice, body: str) -> str:
    """A title that was taken from the old words would contradict the new ones; one that somebody wrote stays ("")."""
    return notice_said.title(body) if notice.title == notice_said.title(notice.body) else ""


async def to_correct(ctx: Context, item: store.Item) -> store.Item:
    """The draft of a correction: which notice it is about, to how many and to which group chats it went, how it begins.

    Raises NotFound, NotAllowed.
    """
    if not item.fields.get("number"):
        return item
    notice = await _named(ctx, item)
    written = await store.load(ctx.tx, notice.id)
    groups = str(written.fields.get("groups") or "") if written else ""
    count = len(await notices.receipts(ctx.tx, notice.id)) or int(written.fields.get("count") or 0 if written else 0)
    shown = notice_said.beginning(str(item.fields.get("body") or ""))
    found = {"notice": notice.title, "count": count, "groups": groups, "shown": shown}
    return replace(item, fields={**item.fields, **found})


async def _named(ctx: Context, item: store.Item) -> Notice:
    """The notice with the number that was typed; only its sender may correct it."""
    number = int(item.fields["number"])
    notice = await notices.numbered(ctx.tx, number)
    if notice is None:
        raise errors.NotFound(number=number)
    if notice.sender != item.request.applicant:
        raise errors.NotAllowed(code="not_your_notice", by=item.request.applicant, item=notice.id)
    return notice


def draft(ctx: Context, item: store.Item) -> Draft:
    """What the fields of the packaged form mean."""
    fields = item.fields
    return Draft(
        id=item.id,
        number=item.number,
        sender=item.request.applicant,
        title=str(fields.get("title", "")),
        body=str(fields.get("body", "")),
        to=str(fields.get("to", "")),
        people=tuple(fields.get("people") or ()),
        groups=tuple(_words(fields.get("groups"))),
        want=Want(fields.get("want") or Want.ACK),
        per=Per(fields.get("per") or Per.PERSON),
        grade=Grade(fields.get("grade") or Grade.NORMAL),
        questions=tuple(_question(row) for row in fields.get("questions") or ()),
        files=tuple(files.ids({"files": fields.get("files")} if fields.get("files") else {})),
        at=_at(ctx, fields, "publish", default=time(8, 30)),
        reply_by=_at(ctx, fields, "reply", default=_DAY_ENDS),
        until=_at(ctx, fields, "until", default=time(23, 59)),
    )


def _question(row: Mapping[str, Any]) -> Question:
    return Question(
        title=str(row["title"]),
        options=tuple(_words(row.get("options"))),
        required=row.get("required") != "no",
    )


def _words(value: object) -> list[str]:
    text = str(value or "")
    for mark in "、，,;；/":
        text = text.replace(mark, " ")
    return text.split()


def _at(ctx: Context, fields: Mapping[str, Any], name: str, *, default: time) -> datetime | None:
    """`<name>_date` and `<name>_time` (HH:MM) as an instant; None without a date."""
    day = fields.get(f"{name}_date")
    if not day:
        return None
    clock = time.fromisoformat(fields[f"{name}_time"]) if fields.get(f"{name}_time") else default
    return datetime.combine(date.fromisoformat(day), clock, ctx.office.timezone)
