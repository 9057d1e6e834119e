"""The ledger's table: one row per entry, appended and never touched again (a trigger refuses update and delete)."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class LeaveEntryRow(Model):
    """The columns of `entries.to_row`, and whose they are; `number` runs from 1 per person without gaps."""

    id = fields.BigIntField(primary_key=True, generated=True)
    person = fields.CharField(max_length=32)
    number = fields.IntField()
    kind = fields.CharField(max_length=64)
    lot = fields.CharField(max_length=64)
    valid_from = fields.CharField(max_length=10)
    valid_to = fields.CharField(max_length=10, null=True)
    parent = fields.CharField(max_length=64, null=True)
    limited = fields.SmallIntField()
    account_from = fields.CharField(max_length=16)
    account_to = fields.CharField(max_length=16)
    minutes = fields.IntField()
    recorded_ms = fields.BigIntField()
    effective = fields.CharField(max_length=10)
    cause = fields.CharField(max_length=16)
    ref = fields.CharField(max_length=64, default="")
    actor = fields.CharField(max_length=32, default="")
    note = fields.TextField(default="")
    first_slot = fields.CharField(max_length=12, null=True)
    last_slot = fields.CharField(max_length=12, null=True)
    charges = fields.TextField(default="")

    class Meta:
        table = "leave_entry"
        unique_together = (("person", "number"),)
        # what became of a request; who is away and what is about to end stand in migration 0002
        indexes = (("ref",),)
