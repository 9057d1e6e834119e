"""What an approval leaves in the journal; the subject of each fact is the item's id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from handlers.audit.facts import PERSONAL, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOpened(Fact):
    """An item left the draft: `content` is what was submitted, `route` its steps, `used` what its conditions saw of
    the form's other items (`quota.used`), `created_ms` when the draft was begun (0 in version 1: not told)."""

    KIND: ClassVar[str] = "approval.item_opened"
    VERSION: ClassVar[int] = 2

    item: str
    number: int
    form: str
    form_version: str
    applicant: str
    route: list[dict[str, Any]]
    unattended: str = ""
    created_ms: int = 0
    used: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReopened(Fact):
    """A returned item was submitted again with this content; `route` is empty where it goes its old way once more."""

    KIND: ClassVar[str] = "approval.item_reopened"

    item: str
    route: list[dict[str, Any]] = field(default_factory=list)
    used: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAmended(Fact):
    """What an item is from now on: another one (`because`, its id) was approved, or an act (`because`, its verb) left
    more than its words, or its applicant mended what was sent back (`because` mend)."""

    KIND: ClassVar[str] = "approval.item_amended"

    item: str
    because: str
    content: Mapping[str, Any] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateEntered(Fact):
    """An absence was asked for after it had begun (补录): recorded now, effective on the day when it began."""

    KIND: ClassVar[str] = "approval.late_entered"

    item: str
    began: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentConfirmed(Fact):
    """Who was said to have agreed by word of mouth or telephone (`how`) has now said so: recorded now, effective on the
    day of that word."""

    KIND: ClassVar[str] = "approval.consent_confirmed"

    item: str
    person: str
    on: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LossDeclined(Fact):
    """Personnel looked at what a leave would cost of the annual leave of a year, and left it as it is."""

    KIND: ClassVar[str] = "approval.loss_declined"

    item: str
    person: str
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDecided(Fact):
    """Somebody acted on an item; `state` and `version` are the item's afterwards, `step` -1 where it is about none.

    `on_behalf` is the approver for whom `person` stood in, `detail` what else belongs to the act (`store.detail`): with
    the opening's route, the decisions give the item again.
    """

    KIND: ClassVar[str] = "approval.step_decided"

    item: str
    step: int
    person: str
    verb: str
    state: str
    version: int
    on_behalf: str = ""
    opinion: str = field(default="", metadata=PERSONAL)
    detail: Mapping[str, Any] = field(default_factory=dict, metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesAttached(Fact):
    """Files that came with an act (`verb`, at `step`), by the SHA-256 of their content.

    `files` has of each: field (a code of the form, "" for one that was handed in later), sha256, name, size, type, by
    (a person) and at_ms, when it was handed in.
    """

    KIND: ClassVar[str] = "approval.files_attached"

    item: str
    step: int
    verb: str
    sha256: list[str]
    files: list[dict[str, Any]] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRead(Fact):
    """Somebody looked at another person's item, or at one of its files; once an hour, whatever they opened."""

    KIND: ClassVar[str] = "approval.record_read"

    item: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPrinted(Fact):
    """Another person's item went onto paper as it was at `version`; once an hour."""

    KIND: ClassVar[str] = "approval.slip_printed"

    item: str
    person: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipIssued(Fact):
    """A numbered paper: whoever holds it may ask whether it is ours, by its number and the code printed on it.

    `code` is the SHA-256 of that code, `facts` how many facts of the item there were before, `shown` the words of the
    paper, which are all that such a question is answered with.
    """

    KIND: ClassVar[str] = "approval.slip_issued"
    SUBJECT: ClassVar[str] = "slip"

    slip: str
    item: str
    person: str
    code: str
    facts: int
    shown: Mapping[str, Any] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipChecked(Fact):
    """Somebody who may be a stranger (`person` "") scanned a paper and was shown its words; once an hour."""

    KIND: ClassVar[str] = "approval.slip_checked"
    SUBJECT: ClassVar[str] = "slip"

    slip: str
    item: str
    person: str = ""
    address: str = field(default="", metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsAmended(Fact):
    """The people of a step changed `fields` (codes; computed ones follow): their values before and after.

    `rerouted`: the item goes another way from there; the decision that stands before this fact says which.
    """

    KIND: ClassVar[str] = "approval.fields_amended"

    item: str
    person: str
    step: int
    fields: list[str]
    rerouted: bool = False
    before: Mapping[str, Any] = field(metadata=PERSONAL)
    after: Mapping[str, Any] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecrecyDeclared(Fact):
    """Before submitting, the applicant confirmed that this item has neither state secrets nor work secrets in it."""

    KIND: ClassVar[str] = "approval.secrecy_declared"

    item: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentRefused(Fact):
    """Something with a secrecy marking was sent and nothing of it kept, not even a hash (office-rules.md 5.3).

    `form` is a form's code or "", `rule` the gate's code of the marking, `where` text | file | input | page.
    """

    KIND: ClassVar[str] = "approval.content_refused"
    SUBJECT: ClassVar[str] = "person"

    person: str
    form: str
    rule: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyGiven(Fact):
    """From `begin_ms` until before `end_ms`, `proxy` may use the turns of `principal`; `source` is an absence."""

    KIND: ClassVar[str] = "approval.proxy_given"
    SUBJECT: ClassVar[str] = "principal"

    principal: str
    proxy: str
    number: int
    begin_ms: int
    end_ms: int
    source: str = ""
    forms: tuple[str, ...] = ()  # that it covers; none for all


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyEnded(Fact):
    KIND: ClassVar[str] = "approval.proxy_ended"
    SUBJECT: ClassVar[str] = "principal"

    principal: str
    proxy: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FormChanged(Fact):
    """The file of a form was saved anew: `before` and `after` are versions, and whether the new one is `in_force`."""

    KIND: ClassVar[str] = "approval.form_changed"
    SUBJECT: ClassVar[str] = "form"

    form: str
    before: str
    after: str
    in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSet(Fact):
    """Which version of a form is in force from now on, which one of its file is `set_aside` and whether that waits to
    be published; `gone`: there is no file any more."""

    KIND: ClassVar[str] = "form.set"
    SUBJECT: ClassVar[str] = "form"

    form: str
    version: str = ""
    set_aside: str = ""
    waiting: bool = False
    person: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormReleased(Fact):
    """An administrator said which version is in force: `what` is publish, wait or back, `version` is in force now."""

    KIND: ClassVar[str] = "approval.form_released"
    SUBJECT: ClassVar[str] = "form"

    form: str
    what: str
    version: str
    set_aside: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCompared(Fact):
    """An administrator looked at what a changed form would do to the year's items: `items` of them, everybody's."""

    KIND: ClassVar[str] = "approval.form_compared"
    SUBJECT: ClassVar[str] = "form"

    form: str
    before: str
    after: str
    items: int
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRefused(Fact):
    """Somebody tried what they may not: the tap, the words or the reply changed nothing."""

    KIND: ClassVar[str] = "approval.act_refused"

    item: str
    person: str
    act: str
    why: str
