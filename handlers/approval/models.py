"""Tables of approvals: projections of the journal. Read and written only through `store.py`."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ItemRow(Model):
    """One slip. `fields` and `route` are JSON; `version` counts changes of state and step, not comments."""

    id = fields.CharField(max_length=32, primary_key=True)
    number = fields.BigIntField(default=0)
    form = fields.CharField(max_length=64)
    form_version = fields.CharField(max_length=64, default="")
    applicant = fields.CharField(max_length=32, db_index=True)
    state = fields.CharField(max_length=16)
    version = fields.IntField(default=1)
    current = fields.IntField(default=0)
    fields_json = fields.TextField()
    route_json = fields.TextField()
    created_ms = fields.BigIntField()
    changed_ms = fields.BigIntField()

    class Meta:
        table = "item"
        indexes = (("number",), ("state", "changed_ms"))


class DecisionRow(Model):
    """What somebody did to an item, in order: the history that cards and slips show."""

    id = fields.BigIntField(primary_key=True, generated=True)
    item = fields.CharField(max_length=32, db_index=True)
    step = fields.IntField()
    person = fields.CharField(max_length=32)
    act = fields.CharField(max_length=16)
    opinion = fields.TextField(default="")
    account = fields.CharField(max_length=64, default="")
    at_ms = fields.BigIntField()

    class Meta:
        table = "decision"


class WaitingRow(Model):
    """Whose turn it is: one row per person that an item waits for."""

    id = fields.BigIntField(primary_key=True, generated=True)
    item = fields.CharField(max_length=32)
    person = fields.CharField(max_length=32)
    since_ms = fields.BigIntField()

    class Meta:
        table = "waiting"
        unique_together = (("item", "person"),)
        indexes = (("person", "since_ms"),)
