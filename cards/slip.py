"""The printed slip (打印单) of an item: what stands on the paper, in words; where it stands is the page's business."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cards import approval, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the history: `recorded` is when we wrote it down, `at` when it holds; a late entry has two times."""

    title: str
    name: str
    verb: str
    at: datetime
    recorded: datetime
    on_behalf: str = ""
    to: tuple[str, ...] = ()
    opinion: str = ""
    proofs: tuple[str, ...] = ()
    auto: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """An item as it is printed. `lines` are (name, value), with line breaks in long ones; `url` opens the record."""

    office: str
    form: str
    number: int
    state: str
    applicant: str
    department: str
    lines: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    url: str
    printed_by: str
    printed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """The words of the paper. `history` has a head of column titles and a body of the same width."""

    office: str
    title: str
    number: str
    state: str
    lines: tuple[tuple[str, str], ...]
    head: tuple[str, ...]
    history: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    foot: str
    qr: str


HEAD = ("环节", "办理人", "办理", "意见", "时间")


def slip(matter: Matter) -> Slip:
    who = f"{matter.department}  {matter.applicant}" if matter.department else matter.applicant
    return Slip(
        office=matter.office,
        title=f"{matter.form}单",
        number=f"编号：{matter.number}",
        state=approval.state_word(matter.state),
        lines=(("申请人", who), *matter.lines),
        head=HEAD,
        history=tuple(_row(step) for step in matter.steps),
        notes=_notes(matter),
        foot=f"打印：{matter.printed_by}  {exact(matter.printed)}",
        qr=matter.url,
    )


def exact(at: datetime) -> str:
    """Date, time and seconds in China: what a record shows."""
    return at.astimezone(words.BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _row(step: Step) -> tuple[str, ...]:
    name = f"{step.name}（代{step.on_behalf}）" if step.on_behalf else step.name or "系统"
    by_rule = "（按规则）" if step.auto and step.verb != "pass" else ""
    act = approval.verb_word(step.verb) + "、".join(step.to) + by_rule
    return step.title, name, act, "\n".join(one for one in (step.opinion, *step.proofs) if one), _when(step)


def _when(step: Step) -> str:
    """Both clocks where they differ by more than the second that is printed."""
    at, recorded = exact(step.at), exact(step.recorded)
    return at if at == recorded else f"{at}\n补录于 {recorded}"


def _notes(matter: Matter) -> tuple[str, ...]:
    late = any(exact(step.at) != exact(step.recorded) for step in matter.steps)
    shown = ("标有“补录于”的，前一个时间是实际办理时间，后一个是录入系统的时间。",) if late else ()
    code = ("扫二维码登录后可以查看原始记录。",) if matter.url else ()
    return (*shown, *code, "时间为北京时间。本单由系统生成，内容以系统记录为准。")
