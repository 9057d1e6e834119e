"""A form file (config/forms/*.yaml) as frozen records: fields, route, effects; unknown keys refused.

config/forms/README.md explains every key to the people who write such files. Shape only: what expressions mean, and
whether roles and effects exist, is judged by `bot.forms`, which sees both sides. `bot` hands `model_dump()` to
`handlers.approval.form_model`, which knows nothing of files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)

from config.fields import Section, wrong
from config.problems import guess, listed

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Opinion = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
UndoSeconds = Annotated[int, Field(ge=0, le=300)]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=1000)]

FieldType = Literal[
    "text", "long_text", "number", "money", "date", "date_range", "time_range", "choice", "choices", "person",
    "department", "phone", "attachment", "photo", "table", "item",
]  # fmt: skip
ColumnType = Literal["text", "number", "money", "date", "choice", "person", "department", "phone"]

_LENGTH = frozenset({"min_length", "max_length", "pattern", "pattern_hint"})
_RANGE = frozenset({"min", "max"})
_DAYS = frozenset({"not_before", "not_after"})
_COUNT = frozenset({"at_least", "at_most"})
_FILES = _COUNT | {"max_mb", "kinds"}
_OWN_KEYS: Mapping[str, frozenset[str]] = {
    "text": _LENGTH | {"computed"},
    "long_text": _LENGTH,
    "number": _RANGE | {"decimals", "unit", "computed"},
    "money": _RANGE | {"computed"},
    "date": _DAYS,
    "date_range": _DAYS | {"halves", "max_days"},
    "time_range": _DAYS,
    "choice": frozenset({"options", "options_from"}),
    "choices": _COUNT | {"options", "options_from"},
    "person": _COUNT | {"many"},
    "department": frozenset(),
    "phone": frozenset(),
    "attachment": _FILES,
    "photo": _COUNT | {"max_mb"},
    "table": _COUNT | {"columns"},
    "item": frozenset({"of", "once"}),
}
"""What only some types of field have; everything else in `FormField` belongs to all of them."""
_COLUMN_SPECIFIC = frozenset({"pattern", "pattern_hint"}) | _DAYS
_SPECIFIC = frozenset().union(*_OWN_KEYS.values())
_RESERVED = frozenset({"applicant", "today", "used", "true", "false", "null", "in"})


def _text_of_number(value: Any) -> Any:
    """YAML reads `4.50` as a float; the decimal that was written is what the office means."""
    return str(value) if isinstance(value, float) else value


def _day(value: Any) -> Any:
    text = value.isoformat() if hasattr(value, "isoformat") else value
    if isinstance(text, str) and re.fullmatch(r"today([+-]\d{1,4})?|\d{4}-\d{2}-\d{2}", text.strip()):
        return text.strip()
    raise wrong("应是日期", "写 today、today+3、today-30，或者 2026-05-01")


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise wrong("这个正则表达式写错了", "例如 ^[0-9]{4}$") from error
    return value


Number = Annotated[Decimal, BeforeValidator(_text_of_number)]
Day = Annotated[str, BeforeValidator(_day)]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_pattern)]
Suffix = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,8}$")]


class Option(Section):
    """`code` is what is stored and compared with; `title` what people read. A plain text in the file is both."""

    code: Text
    title: Text


def _option(value: Any) -> Any:
    return {"code": value, "title": value} if isinstance(value, str) else value


OptionItem = Annotated[Option, BeforeValidator(_option)]


class Column(Section):
    """One column of a table. `sum` shows the total below; conditions read it as `table.sum.column`."""

    title: Text
    type: ColumnType = "text"
    required: bool = True
    min: Number | None = None
    max: Number | None = None
    max_length: Annotated[int, Field(ge=1, le=2000)] | None = None
    pattern: Pattern | None = None
    pattern_hint: str = ""
    not_before: Day | None = None
    not_after: Day | None = None
    decimals: Annotated[int, Field(ge=0, le=4)] = 0
    unit: str = ""
    options: tuple[OptionItem, ...] = ()
    computed: Expression | None = None
    personal: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.type == "choice" and not self.options:
            raise wrong("选择列缺少选项", "options: [甲, 乙]")
        own = {"text": _LENGTH, "date": _DAYS}.get(self.type, frozenset())
        strange = [name for name in sorted(self.model_fields_set & _COLUMN_SPECIFIC) if name not in own]
        if strange:
            hint = f"{self.type} 列可以用 {listed(sorted(own & _COLUMN_SPECIFIC))}" if own else "删去这一项"
            raise wrong(f"{self.type} 类型的列没有 {listed(strange)} 这一项", hint, key=strange[0])
        return self


class FormField(Section):
    """One thing to fill in. `min` and `max` of money are yuan, as people write them; values are stored in fen."""

    title: Text
    type: FieldType
    required: bool = False
    default: Any = None
    help: str = Field(default="", max_length=200)
    when: Expression | None = None
    computed: Expression | None = None
    given_by: Literal["applicant", "office"] = "applicant"
    personal: bool = False
    never_leaves: bool = False
    on_card: bool = True
    min_length: Annotated[int, Field(ge=1, le=20000)] | None = None
    max_length: Annotated[int, Field(ge=1, le=20000)] | None = None
    pattern: Pattern | None = None
    pattern_hint: str = ""
    min: Number | None = None
    max: Number | None = None
    decimals: Annotated[int, Field(ge=0, le=4)] = 0
    unit: str = ""
    not_before: Day | None = None
    not_after: Day | None = None
    halves: bool = False
    max_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    options: tuple[OptionItem, ...] = ()
    options_from: Literal["leave_kinds", "own_leaves"] | None = None
    of: tuple[Code, ...] = ()
    once: bool = False
    many: bool = False
    at_least: Annotated[int, Field(ge=0, le=200)] | None = None
    at_most: Annotated[int, Field(ge=1, le=200)] | None = None
    max_mb: Annotated[int, Field(ge=1, le=100)] = 20
    kinds: tuple[Suffix, ...] = ("pdf", "ofd", "doc", "docx", "xls", "xlsx", "wps", "et", "jpg", "png", "zip")
    columns: dict[Code, Column] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _keys_fit_the_type(self) -> Self:
        own = _OWN_KEYS[self.type]
        strange = [name for name in sorted(self.model_fields_set & _SPECIFIC) if name not in own]
        if strange:
            hint = guess(strange[0], own) or (f"{self.type} 可以用 {listed(sorted(own))}" if own else "删去这一项")
            raise wrong(f"{self.type} 类型的字段没有 {listed(strange)} 这一项", hint, key=strange[0])
        self._complete()
        self._bounds()
        return self

    def _complete(self) -> None:
        if self.type in ("choice", "choices") and not self.options and not self.options_from:
            raise wrong("缺少选项", "options: [甲, 乙]")
        if len({option.code for option in self.options}) != len(self.options):
            raise wrong("选项有重复", "每个选项写一次", key="options")
        if self.type == "item" and not self.of:
            raise wrong("没有写是哪种表单的事项", "of: [trip, reception]，写表单编号")
        if self.type == "table" and not self.columns:
            raise wrong("表格缺少列", "columns: {name: {title: 名称}}")
        if self.computed and self.required:
            raise wrong("计算出来的字段不用填，不能是必填", "删去 required", key="required")

    def _bounds(self) -> None:
        pairs = (("min", "max"), ("min_length", "max_length"), ("at_least", "at_most"))
        for low, high in pairs:
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                raise wrong(f"{low} 大于 {high}", f"{low} 应不大于 {high}", key=low)


class Who(Section):
    """Exactly one way of naming people; `level`, `levels`, `among` and `at_most` belong to some of them. In the file
    also the plain word `applicant`, for a task that is left to who asked.

    `manager_of` is `applicant` or a person field; `level: 2` is the manager's manager, `levels: 3` the first three one
    after another. `department_head` is `applicant`, a department field, or a department's name.
    """

    manager_of: Text | None = None
    department_head: Text | None = None
    role: Code | None = None
    post: Text | None = None
    person: Text | None = None
    applicant_choice: Code | None = None
    chosen_by: Code | None = None
    applicant: Literal[True] | None = None
    level: Annotated[int, Field(ge=1, le=9)] = 1
    levels: Annotated[int, Field(ge=1, le=9)] | None = None
    among: Code | None = None
    at_most: Annotated[int, Field(ge=1, le=50)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        named = self.named()
        if len(named) != 1:
            what = "没有写由谁办理" if not named else f"{listed(named)} 只能写一个"
            raise wrong(what, "例如 who: {manager_of: applicant} 或 who: {role: office_director}")
        if {"level", "levels"} & self.model_fields_set and not self.manager_of:
            raise wrong("level 和 levels 只用于 manager_of", "删去这一项")
        if {"among", "at_most"} & self.model_fields_set and not self.chosen_by:
            raise wrong("among 和 at_most 只用于 chosen_by", "删去这一项")
        return self

    def named(self) -> list[str]:
        return [name for name in WAYS if getattr(self, name) is not None]


WAYS = ("manager_of", "department_head", "role", "post", "person", "applicant_choice", "chosen_by", "applicant")


def _who(value: Any) -> Any:
    if isinstance(value, str):
        if value != "applicant":
            hint = guess(value, ("applicant",)) or "例如 {role: office_director}，或者 applicant"
            raise wrong(f"不认识「{value}」", hint)
        return {"applicant": True}
    return value


Whom = Annotated[Who, BeforeValidator(_who)]


class Vote(Section):
    """`share` is the percentage of all weight that must agree; `weights` are by role or by name, 1 where not named."""

    share: Annotated[int, Field(ge=1, le=100)] = 51
    weights: dict[Text, Annotated[int, Field(ge=1, le=100)]] = Field(default_factory=dict)


class Rule(Section):
    """When a step is done. In the file: `any`, `all`, `{at_least: 2}` or `{vote: {share: 67}}`."""

    any: bool = False
    all: bool = False
    at_least: Annotated[int, Field(ge=1, le=100)] | None = None
    vote: Vote | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if [self.any, self.all, self.at_least is not None, self.vote is not None].count(True) != 1:
            raise wrong("会签规则只能写一种", "any、all、{at_least: 2} 或 {vote: {share: 67}}")
        return self


def _rule(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("any", "all"):
            hint = guess(value, ("any", "all")) or "any、all、{at_least: 2} 或 {vote: {share: 67}}"
            raise wrong("不认识这个会签规则", hint)
        return {value: True}
    return value


def _roles(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class Escape(Section):
    """Somebody else, by role; of several roles the first that leads to somebody other than the applicant."""

    role: Annotated[tuple[Code, ...], BeforeValidator(_roles), Field(min_length=1)]


def _shape(value: Any) -> str:
    """Which of two shapes was meant, so that errors are about one of them only."""
    return MAPPING if isinstance(value, dict | Escape) else WORD


WORD, MAPPING, FORK = "<word>", "<mapping>", "<fork>"
"""Pydantic puts these into the path of an error; no file has them."""


class Deadline(Section):
    """Working hours on the statutory calendar from the moment the step begins; `to` for escalate and hand_on."""

    working_hours: Annotated[int, Field(ge=1, le=2000)]
    then: Literal["remind", "escalate", "hand_on", "pass", "reject"] = "remind"
    to: Who | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.then in ("escalate", "hand_on") and self.to is None:
            raise wrong(f"{self.then} 要写交给谁", "to: {role: office_director}")
        if self.to is not None and self.then not in ("escalate", "hand_on"):
            raise wrong(f"{self.then} 不用写交给谁", "删去 to，或者写 then: escalate、then: hand_on", key="to")
        if self.to is not None and (self.to.chosen_by or self.to.levels):
            raise wrong("到期交给谁要写得出人", "例如 to: {role: office_director}", key="to")
        return self


class Task(Section):
    """Something to do rather than to decide; `evidence` are fields that must be filled in at this step."""

    evidence: tuple[Code, ...] = ()
    button: str = Field(default="办结", min_length=1, max_length=6)


class Step(Section):
    """One station: a decision, a `task` to do, or papers to `circulate` (传阅).

    `reads` limits the fields that its people see (empty: all), `edits` are those they may change, `cc` are roles told
    when it is done, `without` verbs that its people do not have, `other_than` steps whose people are not theirs.
    """

    step: Code
    title: Text
    who: Whom
    rule: Annotated[Rule, BeforeValidator(_rule)] = Rule(any=True)
    when: Expression | None = None
    if_empty: Annotated[
        Annotated[Literal["skip", "stop"], Tag(WORD)] | Annotated[Escape, Tag(MAPPING)], Discriminator(_shape)
    ] = "stop"
    if_applicant: Annotated[
        Annotated[Literal["skip", "up"], Tag(WORD)] | Annotated[Escape, Tag(MAPPING)], Discriminator(_shape)
    ] = "up"
    same_approver: Literal["pass", "pass_next", "ask"] = "pass"
    deadline: Deadline | None = None
    task: Task | None = None
    circulate: bool = False
    reads: tuple[Code, ...] = ()
    edits: tuple[Code, ...] = ()
    cc: tuple[Code, ...] = ()
    without: tuple[Literal["reject", "return", "transfer", "add_signer", "delegate"], ...] = ()
    other_than: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.task and self.circulate:
            raise wrong("一步不能既是办理又是传阅", "删去 task 或 circulate", key="circulate")
        if self.edits and self.circulate:
            raise wrong("传阅的人只看不改", "删去 edits", key="edits")
        if self.who.applicant:
            self._left_to_applicant()
        return self

    def _left_to_applicant(self) -> None:
        """What the applicant does is never a decision on the own request."""
        if not self.task:
            raise wrong("申请人不能审批自己的申请，只能办事", "写上 task: {evidence: [字段]}，或者换人审批", key="who")
        for key in ("edits", "other_than", "if_applicant"):
            if key in self.model_fields_set:
                raise wrong(f"由申请人办的一步不用 {key}", f"删去 {key}", key=key)


class Parallel(Section):
    """Branches that run side by side; each is a list of steps, and all have to end before the route goes on."""

    parallel: tuple[tuple[Step, ...], ...] = Field(min_length=2)
    when: Expression | None = None


def _node_shape(value: Any) -> str:
    is_fork = isinstance(value, Parallel) or (isinstance(value, dict) and "parallel" in value)
    return FORK if is_fork else MAPPING


class Effects(Section):
    """What an item does elsewhere, by the move; the names are those of handlers/approval/effects.py.

    `returned`: sent back to the applicant (`submit` comes again afterwards); `steps`: when that step is done.
    """

    draft: tuple[str, ...] = ()
    submit: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    withdraw: tuple[str, ...] = ()
    cancel: tuple[str, ...] = ()
    steps: dict[Code, tuple[str, ...]] = Field(default_factory=dict)


class Sampling(Section):
    """Approved items that somebody looks at afterwards: `percent` of those for which `when` holds."""

    percent: Annotated[int, Field(ge=1, le=100)]
    role: Code
    when: Expression | None = None


class Must(Section):
    """A rule across fields, checked wherever values are: `say` is what people read, at the field `at`."""

    that: Expression
    say: Annotated[str, StringConstraints(min_length=2, max_length=100)]
    at: Code | Literal[""] = ""


Node = Annotated[Annotated[Step, Tag(MAPPING)] | Annotated[Parallel, Tag(FORK)], Discriminator(_node_shape)]


class Form(Section):
    """One kind of matter. `enabled` None means: yes, unless it moves money. `zero_approval` says why an item may pass
    when no step is left to decide it; without it such an item is not accepted."""

    form: Code
    title: Text
    aliases: tuple[Text, ...] = ()
    category: Text
    basis: tuple[Text, ...] = ()
    rule: str = Field(default="", max_length=4000)
    secrecy: Literal["plain", "declare", "closed"] = "plain"
    funds: bool = False
    enabled: bool | None = None
    chat: Literal["auto", "never"] = "auto"
    summary: str = Field(default="", max_length=200)
    retention_years: Annotated[int, Field(ge=1, le=100)] | None = None
    fields: dict[Code, FormField] = Field(min_length=1)
    must: tuple[Must, ...] = ()
    route: tuple[Node, ...] = ()
    zero_approval: str = Field(default="", max_length=100)
    effects: Effects = Effects()
    cc: tuple[Code, ...] = ()
    sampling: Sampling | None = None
    opinions: tuple[Opinion, ...] = Field(default=(), max_length=9)
    undo_seconds: UndoSeconds | None = None

    @property
    def is_enabled(self) -> bool:
        return not self.funds if self.enabled is None else self.enabled

    @field_validator("fields")
    @classmethod
    def _no_reserved_names(cls, value: dict[str, FormField]) -> dict[str, FormField]:
        for code in value:
            if code in _RESERVED:
                raise wrong(f"字段不能叫 {code}，这个名称另有用处", f"例如 {code}_1", key=code)
        return value

    def steps(self) -> Iterator[tuple[tuple[str | int, ...], Step]]:
        """Every step with its path in the file."""
        for index, node in enumerate(self.route):
            if isinstance(node, Step):
                yield ("route", index), node
                continue
            for branch, steps in enumerate(node.parallel):
                for place, step in enumerate(steps):
                    yield ("route", index, "parallel", branch, place), step


def parse(data: Any) -> Form:
    """A parsed file, checked. Raises `pydantic.ValidationError` with everything that is wrong."""
    return Form.model_validate(data)
