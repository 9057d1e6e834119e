"""Tables of people. Read through `directory.py`, written through `changes.py` and `roles.py`."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PersonRow(Model):
    """A member of the office; never deleted, a leaver becomes inactive."""

    id = fields.CharField(max_length=32, primary_key=True)
    name = fields.CharField(max_length=64, db_index=True)
    staff_no = fields.CharField(max_length=64, default="")
    department = fields.CharField(max_length=128, default="")
    post = fields.CharField(max_length=128, default="")
    manager = fields.CharField(max_length=32, default="")
    first_work_date = fields.CharField(max_length=10, default="")
    sex = fields.CharField(max_length=8, default="")
    mobile = fields.CharField(max_length=32, default="")
    category = fields.CharField(max_length=32, default="")
    joined_unit = fields.CharField(max_length=10, default="")
    continuous_since = fields.CharField(max_length=10, default="")
    leaving_date = fields.CharField(max_length=10, default="", db_default="")
    # spans that do not count as service, as "2018-01-01..2018-12-31 2020-03-01..2020-05-31"
    service_gaps = fields.CharField(max_length=512, default="", db_default="")
    # whose holidays and half-holidays a person has, as the calendars name them, with spaces between
    holiday_groups = fields.CharField(max_length=128, default="", db_default="")
    prefer = fields.CharField(max_length=64, default="")
    active = fields.SmallIntField(default=1)
    updated_ms = fields.BigIntField(default=0)
    # which fields a platform's directory filled, as JSON {"post": "wecom-main"}; empty: the office's own list did
    sources = fields.CharField(max_length=512, default="", db_default="")
    # who says that an inactive person left: "csv" or the platform account whose directory lost them
    left_by = fields.CharField(max_length=64, default="", db_default="")

    class Meta:
        table = "person"


class PersonAccountRow(Model):
    """One account of a person on one of the office's platform accounts; `platform_id` in its comparable form."""

    id = fields.BigIntField(primary_key=True, generated=True)
    account = fields.CharField(max_length=64)
    platform_id = fields.CharField(max_length=128)
    person = fields.CharField(max_length=32, db_index=True)
    union_id = fields.CharField(max_length=128, default="")

    class Meta:
        table = "person_account"
        unique_together = (("account", "platform_id"),)


class AccountApartRow(Model):
    """An account that an administrator took from a person: no directory may link the two again."""

    id = fields.BigIntField(primary_key=True, generated=True)
    account = fields.CharField(max_length=64)
    platform_id = fields.CharField(max_length=128)
    person = fields.CharField(max_length=32)

    class Meta:
        table = "account_apart"
        unique_together = (("account", "platform_id", "person"),)


class LinkCodeRow(Model):
    """Six digits by which somebody shows that another account is theirs; `state` open | used | closed.

    `code` is a keyed digest. `platform` is where it is to be typed, `account` and `platform_id` who asked.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    person = fields.CharField(max_length=32, db_index=True)
    code = fields.CharField(max_length=64)
    target = fields.CharField(max_length=64)
    account = fields.CharField(max_length=64)
    platform_id = fields.CharField(max_length=128)
    state = fields.CharField(max_length=8)
    tries = fields.IntField(default=0)
    until_ms = fields.BigIntField()

    class Meta:
        table = "link_code"


class LinkGuessRow(Model):
    """Wrong digits from one account of a platform since `since_ms`."""

    id = fields.BigIntField(primary_key=True, generated=True)
    account = fields.CharField(max_length=64)
    platform_id = fields.CharField(max_length=128)
    number = fields.IntField()
    since_ms = fields.BigIntField()

    class Meta:
        table = "link_guess"
        unique_together = (("account", "platform_id"),)


class PersonRoleRow(Model):
    """Who holds a role of `office.yaml` (personnel, office_director, seal_keeper ...)."""

    id = fields.BigIntField(primary_key=True, generated=True)
    role = fields.CharField(max_length=64)
    person = fields.CharField(max_length=32)

    class Meta:
        table = "person_role"
        unique_together = (("role", "person"),)
