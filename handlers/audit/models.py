"""Tables of the journal. Written only through `log.py`; triggers of the migrations refuse UPDATE and DELETE."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class JournalRow(Model):
    """One fact. `body` is canonical JSON without personal values."""

    id = fields.BigIntField(primary_key=True, generated=True)
    recorded_ms = fields.BigIntField()
    effective_ms = fields.BigIntField()
    kind = fields.CharField(max_length=64)
    version = fields.SmallIntField()
    subject = fields.CharField(max_length=64)
    actor = fields.CharField(max_length=64)
    account = fields.CharField(max_length=64)
    door = fields.CharField(max_length=32)
    trace = fields.CharField(max_length=64)
    body = fields.TextField()

    class Meta:
        table = "journal"
        indexes = (("subject", "id"),)


class JournalPersonalRow(Model):
    """A personal value of a fact with its salt; erasing the row keeps every proof over the journal."""

    id = fields.BigIntField(primary_key=True, generated=True)
    journal = fields.BigIntField(db_index=True)
    field = fields.CharField(max_length=64)
    salt = fields.CharField(max_length=64)
    value = fields.TextField()

    class Meta:
        table = "journal_personal"
        unique_together = (("journal", "field"),)
