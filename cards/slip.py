"""The printed slip (打印单) of an item: what stands on the paper, in words; where it stands is the page's business."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cards import approval, audit, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the history: `recorded` is when we wrote it down, `at` when it holds; a late entry has two times.

    `changes` are (title, before, after) of fields that were amended, `word` is the form's own for finishing a task.
    """

    title: str
    name: str
    verb: str
    at: datetime
    recorded: datetime
    on_behalf: str = ""
    to: tuple[str, ...] = ()
    opinion: str = ""
    proofs: tuple[str, ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()
    word: str = ""
    auto: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file of the item: to which field or step it belongs, and the SHA-256 of its content, hex."""

    of: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """An item as it is printed. `lines` are (name, value), with line breaks in long ones; `url` opens the record.

    `tables` are (name, rows), the titles of the columns first. `official`: a document that leaves the office, which
    has the red head of one (GB/T 9704).
    """

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
    tables: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    official: bool = False
    retention_years: int | None = None  # how long the form wants it kept, None where it says nothing
    seal: audit.Seal | None = None
    paper: tuple[str, str] | None = None  # number and code of this paper, by which anybody may ask about it


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
    tables: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()
    enclosures: tuple[tuple[str, ...], ...] = ()
    """Column titles first; empty where there are no files."""
    official: bool = False
    seal: tuple[str, ...] = ()
    note: str = ""
    """The signed head, for a code of its own."""

    def content(self) -> dict[str, object]:
        """The words that a later question about this paper is answered with; nothing that differs between prints."""
        return {
            "office": self.office, "title": self.title, "number": self.number, "state": self.state,
            "lines": [list(one) for one in self.lines],
            "tables": [[name, [list(row) for row in rows]] for name, rows in self.tables],
            "steps": [list(row) for row in self.history],
            "enclosures": [list(row) for row in self.enclosures],
        }  # fmt: skip


ENCLOSURES = ("所属", "文件名", "大小", "内容指纹（SHA-256）")
APPLYING = "申请"
HEAD = ("环节", "办理人", "办理", "意见", "时间")


def slip(matter: Matter) -> Slip:
    who = f"{matter.department}  {matter.applicant}" if matter.department else matter.applicant
    return Slip(
        office=matter.office,
        title=f"{matter.form}单",
        number=f"编号：{matter.number}",
        state=approval.what_came(matter.state, (step.verb for step in matter.steps)),
        lines=(("申请人", who), *matter.lines),
        head=HEAD,
        history=tuple(_row(step) for step in matter.steps),
        notes=_notes(matter),
        foot=f"打印：{matter.printed_by}  {exact(matter.printed)}{_of_paper(matter.paper)}",
        qr=matter.url,
        tables=matter.tables,
        enclosures=_enclosures(matter.enclosures),
        official=matter.official,
        seal=tuple(audit.on_slip(matter.seal)) if matter.seal else (),
        note=matter.seal.note if matter.seal else "",
    )


def exact(at: datetime) -> str:
    """Date, time and seconds in China: what a record shows."""
    return at.astimezone(words.BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _row(step: Step) -> tuple[str, ...]:
    name = f"{step.name}（代{step.on_behalf}）" if step.on_behalf else step.name or "系统"
    by_rule = "（按规则）" if step.auto and step.verb != "pass" else ""
    act = (step.word or approval.verb_word(step.verb)) + "、".join(step.to) + by_rule
    changes = (f"{title}：{before or '空'} 改为 {after or '空'}" for title, before, after in step.changes)
    said = "\n".join(one for one in (step.opinion, *changes, *step.proofs) if one)
    return step.title or APPLYING, name, act, said, _when(step)


def _enclosures(files: tuple[Enclosure, ...]) -> tuple[tuple[str, ...], ...]:
    if not files:
        return ()
    return (ENCLOSURES, *((one.of, one.name, size(one.size), one.sha256) for one in files))


def size(number: int) -> str:
    """Of a file, in bytes: `820 KB`, `3.4 MB`."""
    return f"{number / 1048576:.1f} MB" if number >= 104858 else f"{number // 1024 + 1} KB"


def grouped(letters: str) -> str:
    """Eight letters as people read them."""
    return f"{letters[:4]}-{letters[4:]}"


def _of_paper(paper: tuple[str, str] | None) -> str:
    return f"  打印单号 {grouped(paper[0])}  核对码 {grouped(paper[1])}" if paper else ""


def _when(step: Step) -> str:
    """Both clocks where they differ by more than the second that is printed."""
    at, recorded = exact(step.at), exact(step.recorded)
    return at if at == recorded else f"{at}\n补录于 {recorded}"


def _notes(matter: Matter) -> tuple[str, ...]:
    late = any(exact(step.at) != exact(step.recorded) for step in matter.steps)
    shown = ("标有“补录于”的，前一个时间是实际办理时间，后一个是录入系统的时间。",) if late else ()
    files = ("附件的内容指纹用来核对文件有没有被换过。",) if matter.enclosures else ()
    code = ("扫右上角的二维码登录后可以查看原始记录。",) if matter.url else ()
    if matter.paper and matter.url:
        code = (
            "扫右上角的二维码可以核对这张单子的真假，本单位人员登录后可以查看原始记录；"
            "遮盖内容后复印的，请连二维码一起遮住。",
        )
    elif matter.paper:
        code = ("在本单位的核对网页输入单号和核对码，可以核对这张单子的真假。",)
    kept = (f"保存期限：{matter.retention_years}年。",) if matter.retention_years else ()
    return (*shown, *files, *code, *kept, "时间为北京时间。本单由系统生成，内容以系统记录为准。")
