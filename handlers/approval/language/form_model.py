"""A form as the running program knows it: frozen records, their text for the table, and the version that the text has.

Forms come from files (config/forms/README.md explains every key); `bot.forms` checks them and calls `from_data`. What a
key means to an administrator is said there, what it means to the program here. Pure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

APPLICANT = "applicant"
"""In `Who.manager_of` and `Who.department_head`: the person who asks."""


class Type(StrEnum):
    """What a field holds, as JSON: see `handlers.approval.fill` for the exact shapes."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    DATE_RANGE = "date_range"
    TIME_RANGE = "time_range"
    CHOICE = "choice"
    CHOICES = "choices"
    PERSON = "person"
    DEPARTMENT = "department"
    PHONE = "phone"
    ATTACHMENT = "attachment"
    PHOTO = "photo"
    TABLE = "table"
    ITEM = "item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    code: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table; the keys mean what they mean in `Field`."""

    title: str
    type: Type = Type.TEXT
    required: bool = True
    min: Decimal | None = None
    max: Decimal | None = None
    max_length: int | None = None
    pattern: str | None = None
    pattern_hint: str = ""
    not_before: str | None = None
    not_after: str | None = None
    decimals: int = 0
    unit: str = ""
    options: tuple[Option, ...] = ()
    computed: str | None = None
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to fill in. `min` and `max` of money are yuan, its values fen.

    `not_before` and `not_after` are `today`, `today+3`, `today-3` or a date. `given_by` is `applicant` or `office`: the
    latter is filled in by an effect and never asked for. `personal` is masked where it need not be seen; what
    `never_leaves` stays on our pages and shows as a link elsewhere. What an item field names `once` no other item
    of the form names.
    """

    title: str
    type: Type
    required: bool = False
    default: Any = None
    help: str = ""
    when: str | None = None
    computed: str | None = None
    given_by: str = APPLICANT
    personal: bool = False
    never_leaves: bool = False
    on_card: bool = True
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    pattern_hint: str = ""
    min: Decimal | None = None
    max: Decimal | None = None
    decimals: int = 0
    unit: str = ""
    not_before: str | None = None
    not_after: str | None = None
    halves: bool = False
    max_days: int | None = None
    options: tuple[Option, ...] = ()
    options_from: str | None = None
    of: tuple[str, ...] = ()
    once: bool = False
    many: bool = False
    at_least: int | None = None
    at_most: int | None = None
    max_mb: int = 20
    kinds: tuple[str, ...] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Under which key `limits.Known.options` has the options of this field, "" where the form has them itself."""
        return f"{'unused' if self.once else 'items'}:{' '.join(self.of)}" if self.of else self.options_from or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Exactly one of the first eight is set; `applicant` only for a task."""

    manager_of: str | None = None
    department_head: str | None = None
    role: str | None = None
    post: str | None = None
    person: str | None = None
    applicant_choice: str | None = None
    chosen_by: str | None = None
    applicant: bool | None = None
    level: int = 1
    levels: int | None = None
    among: str | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """`share` in percent of all weight; `weights` by role, name or staff number, 1 for everybody else."""

    share: int = 51
    weights: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    any: bool = False
    all: bool = False
    at_least: int | None = None
    vote: Vote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """The first of these roles that somebody other than the applicant holds."""

    role: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """`then` is remind, escalate, hand_on, pass or reject."""

    working_hours: int
    then: str = "remind"
    to: Who | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to do; `evidence` are the fields to be filled in at this step, `button` the word to finish it."""

    evidence: tuple[str, ...] = ()
    button: str = "办结"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One station; `step` is its code, unique in the form."""

    step: str
    title: str
    who: Who
    rule: Rule = field(default_factory=lambda: Rule(any=True))
    when: str | None = None
    if_empty: str | Escape = "stop"  # skip, stop
    if_applicant: str | Escape = "up"  # skip, up
    same_approver: str = "pass"  # pass, pass_next, ask
    deadline: Deadline | None = None
    task: Task | None = None
    circulate: bool = False
    reads: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    other_than: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel:
    """Branches side by side; all have to end before the route goes on."""

    parallel: tuple[tuple[Step, ...], ...]
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Names of rows in `effects.EFFECTS`, by the move that calls them, in order; `steps` when a step is done."""

    draft: tuple[str, ...] = ()
    submit: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    withdraw: tuple[str, ...] = ()
    cancel: tuple[str, ...] = ()
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    percent: int
    role: str
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Must:
    """A rule across fields: `that` has to hold, else `say` stands at the field `at` (empty: the last that it names)."""

    that: str
    say: str
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One kind of matter, at one version. `fields` keep the order of the file. `zero_approval`: why an item may pass
    when no step is left to decide it; empty, and somebody must."""

    form: str
    title: str
    aliases: tuple[str, ...] = ()
    category: str = ""
    basis: tuple[str, ...] = ()
    rule: str = ""
    secrecy: str = "plain"  # plain, declare, closed
    funds: bool = False
    enabled: bool | None = None
    chat: str = "auto"
    summary: str = ""
    retention_years: int | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    must: tuple[Must, ...] = ()
    route: tuple[Step | Parallel, ...] = ()
    zero_approval: str = ""
    effects: Effects = field(default_factory=Effects)
    cc: tuple[str, ...] = ()
    sampling: Sampling | None = None
    opinions: tuple[str, ...] = ()
    undo_seconds: int | None = None

    def __hash__(self) -> int:
        return hash((self.form, self.title, tuple(self.fields)))  # equality looks at everything, see `expressions`

    @property
    def code(self) -> str:
        return self.form

    @property
    def is_enabled(self) -> bool:
        """Forms that move money are off until the office says otherwise (office-rules.md 5.12)."""
        return not self.funds if self.enabled is None else self.enabled

    @property
    def declares(self) -> bool:
        """Whether who submits has to confirm first that neither state nor work secrets are in it."""
        return self.secrecy != "plain"

    def steps(self) -> Iterator[Step]:
        """Every step in the order of the file, branches one after another."""
        for node in self.route:
            yield from (node,) if isinstance(node, Step) else (step for branch in node.parallel for step in branch)

    def step(self, code: str) -> Step | None:
        return next((step for step in self.steps() if step.step == code), None)

    def evidence(self) -> frozenset[str]:
        """The fields that are filled in at a step and not by the applicant."""
        return frozenset(code for step in self.steps() if step.task for code in step.task.evidence)

    def inputs(self) -> Iterator[tuple[str, Field]]:
        """The fields that the applicant fills in, in order; `fill.visible` says which of them apply."""
        later = self.evidence()
        for code, one in self.fields.items():
            if code not in later and one.given_by == APPLICANT and not one.computed:
                yield code, one


_FORM: TypeAdapter[Form] = TypeAdapter(Form)


def from_data(data: Mapping[str, Any]) -> Form:
    """From `config.forms_model.Form.model_dump()`, or from what `text` wrote. Raises ValueError for anything else."""
    return _FORM.validate_python(data)


def text(form: Form) -> str:
    """The whole form as canonical JSON, as the table keeps it."""
    return json.dumps(_FORM.dump_python(form, mode="json"), ensure_ascii=False, sort_keys=False, separators=(",", ":"))


def from_text(stored: str) -> Form:
    return _FORM.validate_json(stored)


def version(form: Form) -> str:
    """SHA-256 of the form without what has its default, so that a new key of this program is no new version of it."""
    shown = _FORM.dump_python(form, mode="json", exclude_defaults=True)
    plain = json.dumps(shown, ensure_ascii=False, sort_keys=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
