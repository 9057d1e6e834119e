"""Tables of the calendar. That one resource has one holder at a time is the database's own rule (migration 0003)."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ResourceRow(Model):
    """A room, a vehicle or a driver of `office.yaml`; never deleted. Days are ISO texts, empty where not told.

    `equipment` is a JSON list, `person` a driver's person id, `odometer` a vehicle's last reading in kilometres.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    kind = fields.CharField(max_length=8)
    name = fields.CharField(max_length=64)
    seats = fields.IntField(default=0)
    equipment = fields.TextField(default="[]")
    place = fields.CharField(max_length=128, default="")
    person = fields.CharField(max_length=32, default="")
    valid_until = fields.CharField(max_length=10, default="")
    odometer = fields.BigIntField(default=0)
    active = fields.SmallIntField(default=1)

    class Meta:
        table = "resource"
        unique_together = (("kind", "name"),)


class ReservationRow(Model):
    """One resource from `begin_ms` until before `end_ms`; `state` held | booked | used | cancelled.

    Rows of one `booking` (the number that people say) were asked for together: the days of a series, car and driver.
    `source` is the item that asked, empty for a booking by word. `late`: entered after the fact.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    booking = fields.BigIntField(db_index=True)
    resource = fields.BigIntField()
    begin_ms = fields.BigIntField()
    end_ms = fields.BigIntField()
    state = fields.CharField(max_length=12)
    person = fields.CharField(max_length=32, db_index=True)
    subject = fields.CharField(max_length=200, default="")
    people = fields.IntField(default=0)
    source = fields.CharField(max_length=64, default="", db_index=True)
    late = fields.SmallIntField(default=0)
    odometer_out = fields.BigIntField(default=0)
    odometer_back = fields.BigIntField(default=0)
    created_ms = fields.BigIntField()
    changed_ms = fields.BigIntField()

    class Meta:
        table = "reservation"


class WaitRow(Model):
    """Somebody's place in the queue for a time; `resource` 0 means any of the kind that fits.

    `state` waiting | told | gone (given up, served or over).
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    kind = fields.CharField(max_length=8)
    resource = fields.BigIntField(default=0)
    begin_ms = fields.BigIntField()
    end_ms = fields.BigIntField()
    person = fields.CharField(max_length=32)
    subject = fields.CharField(max_length=200, default="")
    people = fields.IntField(default=0)
    equipment = fields.TextField(default="[]")
    state = fields.CharField(max_length=12)
    created_ms = fields.BigIntField()
    told_ms = fields.BigIntField(default=0)

    class Meta:
        table = "wait_place"


class EntryRow(Model):
    """An entry of one person's calendar. `uid` is what calendar programs know it by, `sequence` grows with changes.

    `kind` manual | leave | trip | meeting | booking; `source` is what made it (an item, a booking), empty for words.
    `all_day` entries run from local midnight to local midnight. `remind` is minutes before, -1 for never.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    uid = fields.CharField(max_length=64, unique=True)
    owner = fields.CharField(max_length=32)
    kind = fields.CharField(max_length=12)
    source = fields.CharField(max_length=64, default="", db_index=True)
    begin_ms = fields.BigIntField()
    end_ms = fields.BigIntField()
    all_day = fields.SmallIntField(default=0)
    title = fields.CharField(max_length=200)
    place = fields.CharField(max_length=128, default="")
    note = fields.TextField(default="")
    remind = fields.IntField(default=-1)
    state = fields.CharField(max_length=12)
    sequence = fields.IntField(default=0)
    # what the last change replaced, as JSON, for one undo; empty where there is nothing to go back to
    before = fields.TextField(default="")
    author = fields.CharField(max_length=32, default="")
    created_ms = fields.BigIntField()
    changed_ms = fields.BigIntField()

    class Meta:
        table = "agenda_entry"
        indexes = (("owner", "end_ms"),)


class ShareRow(Model):
    """How much of `owner`'s calendar others see: `reader` is `person:<id>`, `role:<role>` or `all`.

    `level` none | busy | full; `writes` lets them enter and change as well.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    owner = fields.CharField(max_length=32)
    reader = fields.CharField(max_length=96)
    level = fields.CharField(max_length=8)
    writes = fields.SmallIntField(default=0)

    class Meta:
        table = "agenda_share"
        unique_together = (("owner", "reader"),)


class FeedRow(Model):
    """A subscription address of a person's calendar; only the hash of its token is kept."""

    id = fields.BigIntField(primary_key=True, generated=True)
    person = fields.CharField(max_length=32, db_index=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    created_ms = fields.BigIntField()
    revoked_ms = fields.BigIntField(default=0)

    class Meta:
        table = "ics_feed"
