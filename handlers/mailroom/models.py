"""Tables of the mailroom; the work rows share lease columns: `owner`, `lease_ms` (until when) and `fence`."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class InboxRow(Model):
    """An event that came in; `state` done | pending | failed | dead. `error` is a class name, never a body.

    `sender` is an account id, empty for what nobody did: events of one (account, sender) keep their order.
    `door` is where it came in, for the journal of what a worker does later.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    account = fields.CharField(max_length=64)
    key = fields.CharField(max_length=255)
    sender = fields.CharField(max_length=255)
    kind = fields.CharField(max_length=32)
    body = fields.TextField()
    trace = fields.CharField(max_length=64)
    door = fields.CharField(max_length=32)
    state = fields.CharField(max_length=12)
    received_ms = fields.BigIntField()
    due_ms = fields.BigIntField()
    attempts = fields.IntField()
    error = fields.CharField(max_length=255, default="")
    owner = fields.CharField(max_length=64, default="")
    lease_ms = fields.BigIntField(default=0)
    fence = fields.IntField(default=0)

    class Meta:
        table = "inbox"
        unique_together = (("account", "key"),)


class OutboxRow(Model):
    """A letter; `lane` (account and recipient) keeps its order by `id`. `state` waiting | sent | dead | replaced.

    `flying` says that an attempt began and its end is not known, `maybe` that an earlier one may have arrived. `rung`
    is the highest of the ladder that is still tried, `tried` names the accounts where it could not be delivered. `key`
    is unique where it is not empty.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    key = fields.CharField(max_length=255)
    lane = fields.CharField(max_length=255)
    account = fields.CharField(max_length=64)
    recipient_kind = fields.CharField(max_length=8)
    recipient = fields.CharField(max_length=255)
    kind = fields.CharField(max_length=8)
    ref = fields.CharField(max_length=64)
    copy = fields.CharField(max_length=64)
    message_kind = fields.CharField(max_length=16)
    message = fields.TextField()
    urgent = fields.SmallIntField()
    answered = fields.SmallIntField()
    state = fields.CharField(max_length=12)
    created_ms = fields.BigIntField()
    not_before_ms = fields.BigIntField()
    due_ms = fields.BigIntField()
    tried_ms = fields.BigIntField(default=0)
    sent_ms = fields.BigIntField(default=0)
    attempts = fields.IntField(default=0)
    flying = fields.SmallIntField(default=0)
    maybe = fields.SmallIntField(default=0)
    error = fields.CharField(max_length=255, default="")
    owner = fields.CharField(max_length=64, default="")
    lease_ms = fields.BigIntField(default=0)
    fence = fields.IntField(default=0)
    rung = fields.SmallIntField(default=0, db_default=0)
    tried = fields.CharField(max_length=255, default="", db_default="")

    class Meta:
        table = "outbox"


class CopyRow(Model):
    """One card on one phone; `ref` is the message that shows it now, `handle` (JSON) what its connector remembers."""

    id = fields.CharField(max_length=32, primary_key=True)
    item = fields.CharField(max_length=64, db_index=True)
    person = fields.CharField(max_length=32)
    account = fields.CharField(max_length=64)
    recipient_kind = fields.CharField(max_length=8)
    recipient = fields.CharField(max_length=255)
    kind = fields.CharField(max_length=64)
    version = fields.IntField()
    ref = fields.CharField(max_length=64)
    serial = fields.IntField(default=1)
    handle = fields.TextField(default="")
    created_ms = fields.BigIntField()

    class Meta:
        table = "copy"


class TapCodeRow(Model):
    """A one-time right to update a copy, waiting to be folded into its handle."""

    id = fields.BigIntField(primary_key=True, generated=True)
    copy = fields.CharField(max_length=32, db_index=True)
    code = fields.TextField()
    at_ms = fields.BigIntField()

    class Meta:
        table = "tap_code"


class PromptRow(Model):
    """The one question that a person has not answered yet."""

    person = fields.CharField(max_length=32, primary_key=True)
    kind = fields.CharField(max_length=64)
    data = fields.TextField()
    asked_ms = fields.BigIntField()
    until_ms = fields.BigIntField()

    class Meta:
        table = "prompt"


class DueRow(Model):
    """Something to do at a time; `state` waiting | done | dead."""

    id = fields.BigIntField(primary_key=True, generated=True)
    key = fields.CharField(max_length=255, unique=True)
    kind = fields.CharField(max_length=64)
    payload = fields.TextField()
    state = fields.CharField(max_length=12)
    due_ms = fields.BigIntField()
    attempts = fields.IntField(default=0)
    error = fields.CharField(max_length=255, default="")
    owner = fields.CharField(max_length=64, default="")
    lease_ms = fields.BigIntField(default=0)
    fence = fields.IntField(default=0)

    class Meta:
        table = "due"


class LeaseRow(Model):
    """Who may do a thing that only one instance may do; `fence` grows with every change of hands."""

    name = fields.CharField(max_length=64, primary_key=True)
    owner = fields.CharField(max_length=64)
    until_ms = fields.BigIntField()
    fence = fields.BigIntField()

    class Meta:
        table = "lease"


class CounterRow(Model):
    """The last number given out under a name; without gaps, because it is taken in the transaction that uses it."""

    name = fields.CharField(max_length=128, primary_key=True)
    value = fields.BigIntField()

    class Meta:
        table = "counter"
