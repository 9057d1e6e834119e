"""The engine's words: plain frozen values that mean the same on a card, in a table and in the journal.

People are person ids, steps are indices into `Request.steps`. That tuple only grows while an item runs, so an index
means the same step for ever; the order in which steps come is in `Step.after`, not in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dataclasses import replace

    changed = replace
else:
    _COPIERS = {}

    def changed(record, **changes):
        """`dataclasses.replace` at a twentieth of its cost for records with many fields; a step of the engine makes
        ten. The copy begins as a twin of the same layout that is not frozen, and becomes what it is when it is done."""
        kind = type(record)
        new = (_COPIERS.get(kind) or _copier(kind))(record)
        for name, value in changes.items():
            setattr(new, name, value)
        new.__class__ = kind
        return new

    def _copier(kind):
        """One assignment after the other, as `dataclasses` writes its methods: a loop over the names costs ten times
        as much."""
        scope = {"Twin": type(kind.__name__, (), {"__slots__": kind.__slots__})}
        lines = "".join(f"    new.{name} = record.{name}\n" for name in kind.__slots__)
        exec(f"def copy(record):\n    new = Twin()\n{lines}    return new\n", scope)
        return _COPIERS.setdefault(kind, scope["copy"])


SYSTEM: Final = "system"
"""Who acts when nobody does: a deadline, a rule that lets a step pass, a hand-over."""

URGE_PAUSE: Final = timedelta(minutes=30)


class State(StrEnum):
    """Of an item."""

    DRAFT = "draft"
    PENDING = "pending"
    RETURNED = "returned"  # with the applicant, who mends it and submits again
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"


OPEN: Final = frozenset({State.DRAFT, State.PENDING, State.RETURNED})
RUNNING: Final = frozenset({State.PENDING, State.RETURNED})


class Status(StrEnum):
    """Of a step. The last three are behind us and let the next ones begin."""

    AHEAD = "ahead"
    OPEN = "open"
    DONE = "done"
    PASSED = "passed"  # by a rule of the form, nobody decided
    DROPPED = "dropped"  # taken out of the route


CLOSED: Final = frozenset({Status.DONE, Status.PASSED, Status.DROPPED})


class Verb(StrEnum):
    """In the order in which a card offers them."""

    SUBMIT = "submit"
    RESUBMIT = "resubmit"
    DISCARD = "discard"
    UNDO = "undo"  # 撤销: what was decided a moment ago and has not come into effect
    CLAIM = "claim"  # 认领
    APPROVE = "approve"
    CONFIRM = "confirm"  # a task is done
    READ = "read"  # 已阅
    HAND_BACK = "hand_back"  # 交回: the answer of somebody who was asked by 委派
    REJECT = "reject"
    COMMENT = "comment"
    AMEND = "amend"  # 改: fields that the form lets the people of this step change
    RETURN = "return"  # 退回
    TRANSFER = "transfer"  # 转办
    ADD_SIGNER = "add_signer"  # 加签
    DROP_SIGNER = "drop_signer"  # 减签
    DELEGATE = "delegate"  # 委派
    TAKE_BACK = "take_back"  # 拿回
    RELEASE = "release"  # what was claimed is put back
    ATTACH = "attach"
    CC = "cc"  # 抄送
    CIRCULATE = "circulate"  # 传阅, asks for an opinion and holds nothing up
    URGE = "urge"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    PASS = "pass"  # acts of the system from here on
    HOLD = "hold"  # a decision that can be undone for a moment: recorded, not yet in effect
    SETTLE = "settle"  # that moment is over
    EXPIRE = "expire"
    REPLACE = "replace"  # a leaver's hand-over


HELD: Final = frozenset({Verb.APPROVE, Verb.REJECT, Verb.RETURN})
"""What can be undone for a moment. A task is not among them: its evidence is kept at once."""


class Rule(StrEnum):
    """When a step of several approvers is done."""

    ANY = "any"  # 或签
    ALL = "all"  # 会签
    COUNT = "count"  # M of N: `Step.need` of them agree
    WEIGHT = "weight"  # 票签: the weights of those who agree reach `Step.need`


class Kind(StrEnum):
    """What a step asks of its people."""

    DECIDE = "decide"
    TASK = "task"  # confirm that something was done, with the evidence of `Step.task`
    READ = "read"  # 传阅: read it, with an opinion or without; nobody can say no


class Same(StrEnum):
    """Whether somebody who agreed before is asked again (相同审批人)."""

    ASK = "ask"
    NEXT = "next"  # not when they agreed in the step right before
    ONCE = "once"  # not when they agreed in any step before


class Nobody(StrEnum):
    """What to do with a step without anybody to decide: `fallback` decides, it passes, or the item is not accepted."""

    REFUSE = "refuse"
    HAND_ON = "hand_on"
    PASS = "pass"


class Late(StrEnum):
    """What happens when a step's time is up."""

    REMIND = "remind"
    ESCALATE = "escalate"  # `Deadline.to` may decide as well
    HAND_ON = "hand_on"  # `Deadline.to` decides instead
    PASS = "pass"
    REJECT = "reject"


class Proof(StrEnum):
    PHOTO = "photo"
    FILE = "file"
    NUMBER = "number"
    TEXT = "text"


APPLICANT: Final = -1
"""As `Step.chosen_by`: the applicant names the people of the step when submitting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What has to come with the confirmation of a task, worded `title`; `low` and `high` are the bounds of a number."""

    key: str
    kind: Proof
    title: str = ""
    required: bool = True
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """`minutes` of working time from the moment the step is reached; `to` are person ids for escalating, handing on."""

    minutes: int
    then: Late = Late.REMIND
    to: tuple[str, ...] = ()


class Side(StrEnum):
    """Where an added signer stands to the step whose approver asks for them."""

    BEFORE = "before"
    BESIDE = "beside"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What the approver `seat` has said; `by` is who said it, a proxy perhaps, or `seat` itself. `auto`: an earlier
    agreement counted again."""

    seat: str
    by: str
    yes: bool = True
    auto: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One station of the route: what the form's resolver fills, then (from `status` on) how far it is.

    `name` is the step's code, `title` the form's words for it. `need` and `weights` (one per approver) belong to COUNT
    and WEIGHT. `after` are the indices of the steps that come directly before: None is the one before in the tuple, ()
    the very start, so that steps with the same `after` run in parallel and one with several joins them. `chosen_by` is
    the index of the step whose people name the approvers when they decide, or APPLICANT; out of `candidates` if there
    are any. The applicant is dropped from the approvers when the step is reached: `own` says what then happens if
    nobody is left, `empty` the same for a step that had nobody to begin with. `cc` is told when the step is done.
    `without` are verbs that the form takes away from this step's people, `edits` the fields that they may change,
    `other_than` the steps whose people may not be theirs, `at_most` how many may be chosen (0: any number). `button` is
    the form's word for finishing a task; `applicant_task` leaves it to the applicant, which no decision ever is.

    `turn` counts how often the step has been begun anew. `holder` has claimed it. `lent` are (approver, who was asked
    by them). `deputies` may decide in anybody's place, because it took too long. `touched`: somebody has acted here in
    this turn. `aside` are the people with their weights before those were set aside who act in a step of `other_than`.
    `since` is when it was reached, UTC. `held` are decisions of this step that can still be undone: their
    seats are taken, their voices not yet counted.
    """

    name: str
    approvers: tuple[str, ...] = ()
    rule: Rule = Rule.ANY
    title: str = ""
    kind: Kind = Kind.DECIDE
    need: int = 0
    weights: tuple[int, ...] = ()
    after: tuple[int, ...] | None = None
    chosen_by: int | None = None
    candidates: tuple[str, ...] = ()
    same: Same = Same.ASK
    own: Nobody = Nobody.HAND_ON
    empty: Nobody = Nobody.REFUSE
    fallback: tuple[str, ...] = ()
    task: tuple[Evidence, ...] = ()
    deadline: Deadline | None = None
    cc: tuple[str, ...] = ()
    without: tuple[Verb, ...] = ()
    edits: tuple[str, ...] = ()
    other_than: tuple[int, ...] = ()
    at_most: int = 0
    button: str = ""
    applicant_task: bool = False

    status: Status = Status.AHEAD
    turn: int = 1
    votes: tuple[Vote, ...] = ()
    holder: str = ""
    lent: tuple[tuple[str, str], ...] = ()
    deputies: tuple[str, ...] = ()
    added_by: str = ""
    touched: bool = False
    since: datetime | None = None
    held: tuple[Decision, ...] = ()
    aside: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Detour:
    """What changed fields change of the route ahead: steps that are `gone`, `new` ones behind the last (their `after`,
    `chosen_by` and `other_than` are indices of the whole route then), and what now comes before steps that stay."""

    gone: tuple[int, ...] = ()
    new: tuple[Step, ...] = ()
    after: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody wants to do. `seen` is the version that their card showed (None: they saw none, e.g. a word).

    `step` is meant where several are open; None is the one that waits for them. `to` are the people it is about,
    `target` the step to return to (None: the applicant), after which `resume` comes straight back here. `chosen` names
    the approvers of steps that this decision settles, `evidence` answers the keys of the task, `files` are ids.
    `until`: it is to come into effect then and can be undone before (verbs in `HELD`). `values` are fields as somebody
    wants them, `changes` all that becomes different by that (before, after), `detour` what that does to the route.
    `due` is when the time was up that made the system act.
    """

    verb: Verb
    opinion: str = ""
    seen: int | None = None
    step: int | None = None
    to: tuple[str, ...] = ()
    target: int | None = None
    resume: bool = False
    side: Side = Side.BEFORE
    chosen: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    evidence: Mapping[str, str | int] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    until: datetime | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    detour: Detour | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody did, in full, so that the history alone gives the state again; `at` UTC.

    `on_behalf` is the approver whose turn it was when that is not `person`. The other fields are those of `Act`; `auto`
    marks what followed by a rule from the decision before it. A HOLD has the verb that is `wanted` and `until` when it
    can be undone; the decision that comes of it keeps that and says when it was `tapped`.
    """

    step: int
    person: str
    verb: Verb
    at: datetime
    opinion: str = ""
    on_behalf: str = ""
    turn: int = 1
    to: tuple[str, ...] = ()
    target: int | None = None
    resume: bool = False
    side: Side = Side.BEFORE
    chosen: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    evidence: Mapping[str, str | int] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    auto: bool = False
    wanted: Verb | None = None
    until: datetime | None = None
    tapped: datetime | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    detour: Detour | None = None
    due: datetime | None = None

    @property
    def seat(self) -> str:
        """The approver whose turn was used."""
        return self.on_behalf or self.person


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Where a returned item came from: `step`, and whether it goes straight back there."""

    step: int
    resume: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An item as the engine sees it. `version` counts changes of state or route, not comments.

    `readers` have a copy, `asked` are those of them whose opinion is wanted. `unattended` names the rule of the form
    that lets the item pass although nobody decides (zero approval); empty: somebody must.
    """

    id: str
    applicant: str
    state: State = State.DRAFT
    version: int = 1
    steps: tuple[Step, ...] = ()
    decisions: tuple[Decision, ...] = ()
    readers: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    back: Back | None = None
    unattended: str = ""

    @property
    def current(self) -> int:
        """The first open step; where none is open, how many there are."""
        return next((i for i, step in enumerate(self.steps) if step.status is Status.OPEN), len(self.steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The new request and the decision to record, first among those that it added. `moved` is False for comments."""

    request: Request
    decision: Decision
    moved: bool
