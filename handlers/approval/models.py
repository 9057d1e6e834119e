"""Tables of approvals: projections of the journal. Read and written only through `store.py`."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ItemRow(Model):
    """One slip. `version` counts changes of state and route, not comments; `current` is the first open step.

    `fields_json` is the form's content, `route_json` the engine's steps, `rest_json` what else the engine keeps.
    """

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
    rest_json = fields.TextField()
    created_ms = fields.BigIntField()
    changed_ms = fields.BigIntField()

    class Meta:
        table = "item"
        # By form in the order of their beginning, which no decision changes.
        indexes = (("number",), ("state", "changed_ms"), ("form", "created_ms"))


class DecisionRow(Model):
    """What somebody did to an item, in order: the history that cards and slips show.

    `on_behalf` is the approver for whom `person` stood in; `detail` has the rest of the engine's decision as JSON.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    item = fields.CharField(max_length=32, db_index=True)
    step = fields.IntField()
    person = fields.CharField(max_length=32)
    act = fields.CharField(max_length=16)
    on_behalf = fields.CharField(max_length=32, default="")
    opinion = fields.TextField(default="")
    detail = fields.TextField(default="")
    account = fields.CharField(max_length=64, default="")
    at_ms = fields.BigIntField()

    class Meta:
        table = "decision"
        indexes = (("person", "id"),)  # what a leader has decided, the last first


class WaitingRow(Model):
    """Whose turn it is: one row per person that an item waits for; `principal` is for whom a proxy stands in."""

    id = fields.BigIntField(primary_key=True, generated=True)
    item = fields.CharField(max_length=32)
    person = fields.CharField(max_length=32)
    principal = fields.CharField(max_length=32, default="")
    since_ms = fields.BigIntField()

    class Meta:
        table = "waiting"
        unique_together = (("item", "person"),)
        indexes = (("person", "since_ms"),)


class ProxyRow(Model):
    """Who stands in for whom, from when until when; `ended_ms` is set when it was called off before that.

    `forms` are the forms that it covers, separated by spaces, empty for all; `source` is the item of the absence that
    began it, empty for one that was given in words.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    principal = fields.CharField(max_length=32, db_index=True)
    proxy = fields.CharField(max_length=32, db_index=True)
    begin_ms = fields.BigIntField()
    end_ms = fields.BigIntField()
    forms = fields.TextField(default="")
    source = fields.CharField(max_length=32, default="", db_index=True)
    ended_ms = fields.BigIntField(null=True)
    given_ms = fields.BigIntField()

    class Meta:
        table = "proxy"
        indexes = (("end_ms",),)


class FormVersionRow(Model):
    """The text of every form version that an item began with; never changed, its key is the hash of what it says."""

    hash = fields.CharField(max_length=64, primary_key=True)
    code = fields.CharField(max_length=64, db_index=True)
    text = fields.TextField()
    since_ms = fields.BigIntField()

    class Meta:
        table = "form_version"


class PageDraftRow(Model):
    """What somebody has typed on a form's page and not submitted: nobody else's business, and in no journal.

    `form` is the form's code, or the id of the returned item that is being mended. `once` goes with the page: the form
    that carries it can be submitted once.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    person = fields.CharField(max_length=32)
    form = fields.CharField(max_length=64)
    once = fields.CharField(max_length=32)
    values_json = fields.TextField()
    changed_ms = fields.BigIntField()

    class Meta:
        table = "page_draft"
        unique_together = (("person", "form"),)


class AttachmentRow(Model):
    """A file that somebody handed in: its name, and the SHA-256 under which it lies. The latest time counts."""

    id = fields.BigIntField(primary_key=True, generated=True)
    hash = fields.CharField(max_length=64)
    person = fields.CharField(max_length=32)
    name = fields.CharField(max_length=128)
    size = fields.BigIntField()
    type = fields.CharField(max_length=64)
    at_ms = fields.BigIntField()

    class Meta:
        table = "attachment"
        unique_together = (("hash", "person", "name"),)
        indexes = (("person", "at_ms"),)


class AttachmentUseRow(Model):
    """Which items refer to a file, drafts too; what none of them and no page draft refers to is swept away one day."""

    id = fields.BigIntField(primary_key=True, generated=True)
    hash = fields.CharField(max_length=64)
    item = fields.CharField(max_length=32, db_index=True)

    class Meta:
        table = "attachment_use"
        unique_together = (("hash", "item"),)


class BatchRow(Model):
    """A list that one tap agrees to: `lines_json` are `[item, version]` as the card showed them, in its order.

    `decided_ms` is 0 until it was tapped; from then on `done_json` are the items that it agreed to.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    person = fields.CharField(max_length=32)
    lines_json = fields.TextField()
    done_json = fields.TextField()
    asked_ms = fields.BigIntField()
    decided_ms = fields.BigIntField(default=0)

    class Meta:
        table = "approval_batch"
        indexes = (("person", "asked_ms"),)


class OpinionRow(Model):
    """Words that somebody uses: put on their list by themselves (`kept`), or learned from what they wrote.

    Personal: shown to nobody else, and in no journal.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    person = fields.CharField(max_length=32)
    text = fields.CharField(max_length=100)
    kept = fields.IntField(default=0)
    used = fields.IntField(default=0)
    last_ms = fields.BigIntField()

    class Meta:
        table = "opinion"
        unique_together = (("person", "text"),)


class FormReleaseRow(Model):
    """A form whose file is not what is in force: `version` is, `set_aside` is the version of the file as it was read.

    `waiting` says that it waits for an administrator's tap; 0: one of them has put it aside.
    """

    form = fields.CharField(max_length=64, primary_key=True)
    version = fields.CharField(max_length=64)
    set_aside = fields.CharField(max_length=64)
    waiting = fields.IntField(default=0)
    person = fields.CharField(max_length=32)
    at_ms = fields.BigIntField()

    class Meta:
        table = "form_release"
