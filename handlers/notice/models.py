"""The tables of notices: the notice as it stands, a row per recipient, and who was reminded on which day."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class NoticeRow(Model):
    """`id` is the item's. Instants are ms UTC, 0 for none; `questions` and `files` are JSON."""

    id = fields.CharField(max_length=32, primary_key=True)
    number = fields.BigIntField()
    sender = fields.CharField(max_length=32)
    title = fields.CharField(max_length=255)
    body = fields.TextField()
    want = fields.CharField(max_length=16)
    per = fields.CharField(max_length=16)
    grade = fields.CharField(max_length=16)
    questions = fields.TextField()
    files = fields.TextField()
    state = fields.CharField(max_length=16)
    published_ms = fields.BigIntField()
    reply_by_ms = fields.BigIntField()
    until_ms = fields.BigIntField()
    version = fields.IntField()
    asked = fields.IntField()

    class Meta:
        table = "notice"
        indexes = (("sender", "published_ms"), ("number",))


class ReceiptRow(Model):
    """One recipient of one notice. `chase_ms` is when to remind next, 0 for never (answered, or enough)."""

    id = fields.BigIntField(primary_key=True, generated=True)
    notice = fields.CharField(max_length=32)
    person = fields.CharField(max_length=32)
    unit = fields.CharField(max_length=128)
    sent = fields.SmallIntField()
    seen_ms = fields.BigIntField()
    reply = fields.CharField(max_length=16)
    detail = fields.TextField()
    replied_ms = fields.BigIntField()
    replied = fields.IntField()
    late = fields.SmallIntField()
    chased = fields.IntField()
    chase_ms = fields.BigIntField()

    class Meta:
        table = "notice_receipt"
        unique_together = (("notice", "person"),)
        indexes = (("chase_ms",), ("person", "notice"))


class RepeatedRow(Model):
    """A reminder that somebody set up: its rule as they said it; `chat` is a group's name, empty for the owner."""

    id = fields.BigIntField(primary_key=True, generated=True)
    owner = fields.CharField(max_length=32)
    said = fields.CharField(max_length=200)
    text = fields.CharField(max_length=500)
    chat = fields.CharField(max_length=64)
    first_day = fields.CharField(max_length=10)
    live = fields.SmallIntField()
    at_ms = fields.BigIntField()

    class Meta:
        table = "notice_repeated"
        indexes = (("owner", "live"),)


class ReminderRow(Model):
    """How many reminders one person got on one day of the office, and how loud: the budget and the burden report."""

    id = fields.BigIntField(primary_key=True, generated=True)
    person = fields.CharField(max_length=32)
    day = fields.CharField(max_length=10)
    rung = fields.CharField(max_length=8)
    notices = fields.IntField()
    at_ms = fields.BigIntField()

    class Meta:
        table = "notice_reminder"
        indexes = (("person", "day"), ("day",))
