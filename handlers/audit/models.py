"""Tables of the journal and its seals, written only through `log.py`, `sealing.py` and `heads.py`; triggers of the
migrations refuse UPDATE and DELETE on all but the personal values."""

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
        indexes = (("subject", "id"), ("actor", "id"))  # and of most kinds: by_kind.py


class JournalPersonalRow(Model):
    """A personal value of a fact with its salt; erasing the row keeps every proof over the journal."""

    id = fields.BigIntField(primary_key=True, generated=True)
    journal = fields.BigIntField()
    field = fields.CharField(max_length=64)
    salt = fields.CharField(max_length=64)
    value = fields.TextField()

    class Meta:
        table = "journal_personal"
        unique_together = (("journal", "field"),)


class SealOrderRow(Model):
    """Which fact has which index in the tree, in the order in which they were sealed."""

    idx = fields.BigIntField(primary_key=True, generated=True)  # always written: that makes it the row's own number
    journal = fields.BigIntField(unique=True)

    class Meta:
        table = "seal_order"


class SealNodeRow(Model):
    """A whole subtree's hash, of the levels 0 (leaves), 4, 8, ...; what lies between is computed from at most eight."""

    id = fields.BigIntField(primary_key=True, generated=True)
    tree = fields.CharField(max_length=8)
    level = fields.SmallIntField()
    idx = fields.BigIntField()
    hash = fields.BinaryField()

    class Meta:
        table = "seal_node"
        unique_together = (("tree", "level", "idx"),)


class SealHeadRow(Model):
    """A signed head: `note` is the whole signed note, `signer` its key in hex."""

    id = fields.BigIntField(primary_key=True, generated=True)
    size = fields.BigIntField()
    at_ms = fields.BigIntField()
    signer = fields.CharField(max_length=8)
    note = fields.TextField()

    class Meta:
        table = "seal_head"
        indexes = (("size",),)
