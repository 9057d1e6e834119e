"""The form files of an office: read, checked, the office's own in the place of the packaged ones of the same code.

Every mistake in every file is named with line and key at once. What only the running program can judge (expressions,
effects) is added by `bot.forms`, which is given the documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from config import explain, lines
from config.forms_model import Form, Step, Who, parse
from config.problems import ConfigProblem, guess, listed


@dataclass(frozen=True, slots=True, eq=False)
class FormFile:
    """One file as it stands: `form` is None where its shape is wrong; `problems` then say why.

    The same content is the same object, which what is found in it can be remembered by.
    """

    path: Path
    document: lines.Document
    form: Form | None
    problems: tuple[ConfigProblem, ...]

    @property
    def usable(self) -> bool:
        return self.form is not None and not any(problem.serious for problem in self.problems)

    def at(self, path: lines.Path, what: str, hint: str = "", *, serious: bool = True) -> ConfigProblem:
        """A mistake at this place of the file."""
        return ConfigProblem(
            self.document.file, self.document.line(path), lines.shown(path), what, hint, serious=serious
        )


def read_all(folders: Sequence[Path]) -> list[FormFile]:
    """Every file of these folders, later folders winning over earlier ones, with what is wrong between files too.

    Wrong files stay in the list, also where they would win: they show what has to be mended.
    """
    found: dict[str, FormFile] = {}
    doubled: list[FormFile] = []
    for folder in folders:
        here: dict[str, FormFile] = {}
        for path in sorted(folder.glob("*.yaml")):
            one = read(path)
            code = one.form.form if one.form else path.stem
            if code in here:
                what = f"和 {here[code].path.name} 是同一个表单编号 {code}"
                doubled.append(_with(one, [one.at(("form",), what, "每个表单用不同的编号")]))
            else:
                here[code] = one
        found.update(here)
    return [*_clear_words(list(found.values())), *doubled]


def read(path: Path) -> FormFile:
    try:
        return from_bytes(path.read_bytes(), path)
    except OSError:
        document = lines.Document(str(path))
        return FormFile(path, document, None, (ConfigProblem(str(path), 0, "", "文件读不出来", "检查文件名和权限"),))


@lru_cache(maxsize=256)
def from_bytes(text: bytes, path: Path) -> FormFile:
    """A file's content as the file at `path` would be; remembered: thirty others stay as they are when one is saved."""
    document = lines.read(text, file=str(path))
    if document.data is None or not isinstance(document.data, dict):
        shape = ConfigProblem(str(path), 1, "", "应是一组配置项", "照 config/forms/README.md 的样子，以 form: 开头")
        return FormFile(path, document, None, document.problems or (shape,))
    try:
        form = parse(document.data)
    except ValidationError as error:
        found = explain.explain(error, document, root=Form)
        return FormFile(path, document, None, tuple(sorted({*document.problems, *found})))
    file = FormFile(path, document, form, document.problems)
    return _with(file, list(_crossed(file, form)))


def _with(file: FormFile, more: Sequence[ConfigProblem]) -> FormFile:
    return FormFile(file.path, file.document, file.form, tuple(sorted({*file.problems, *more})))


def _clear_words(files: Sequence[FormFile]) -> Iterator[FormFile]:
    """A word that starts two forms starts neither."""
    owner: dict[str, str] = {}
    for file in files:
        clashes = []
        if file.form is not None and file.form.is_enabled:
            for index, word in enumerate((file.form.title, *file.form.aliases)):
                other = owner.setdefault(word, file.form.form)
                if other != file.form.form:
                    path: lines.Path = ("aliases", index - 1) if index else ("title",)
                    clashes.append(file.at(path, f"「{word}」已经是表单 {other} 的名称", "换一个叫法"))
        yield _with(file, clashes) if clashes else file


# What has to agree inside one file.


def _crossed(file: FormFile, form: Form) -> Iterator[ConfigProblem]:
    codes: set[str] = set()
    before = _before(form)
    for path, step in form.steps():
        if step.step in codes:
            yield file.at((*path, "step"), f"有两个环节都叫 {step.step}", "每个环节起一个不同的编号")
        yield from _step(file, form, path, step, earlier=codes)
        yield from _apart(file, path, step, before[step.step])
        codes.add(step.step)
    for code in form.effects.steps:
        if code not in codes:
            here: lines.Path = ("effects", "steps", code)
            yield file.at(here, f"没有 {code} 这个环节", guess(code, codes) or f"route 里有 {listed(sorted(codes))}")
    yield from _kept_long_enough(file, form)
    if form.form == "leave" and form.secrecy != "plain":
        yield file.at(("secrecy",), "请假在对话里一句话提交，没有确认不涉密这一步", "secrecy: plain")
    for index, rule in enumerate(form.must):
        if rule.at and rule.at not in form.fields:
            hint = guess(rule.at, form.fields) or f"fields 里有 {listed(form.fields)}"
            yield file.at(("must", index, "at"), f"没有 {rule.at} 这个字段", hint)
        elif rule.at and (form.fields[rule.at].computed or form.fields[rule.at].given_by == "office"):
            yield file.at(("must", index, "at"), f"{rule.at} 不是人填的，改不了", "换一个字段，或者删去 at")
    yield from _summary(file, form)
    yield from _evidence_comes_late(file, form)
    if not form.route and not form.zero_approval:
        yield file.at(("form",), "没有写流程", "写 route:，或者写 zero_approval: 说明为什么不用审批")


def _step(file: FormFile, form: Form, path: lines.Path, step: Step, *, earlier: set[str]) -> Iterator[ConfigProblem]:
    for key in ("reads", "edits"):
        yield from _fields(file, form, (*path, key), getattr(step, key))
    yield from _edits(file, form, path, step)
    if step.task:
        yield from _fields(file, form, (*path, "task", "evidence"), step.task.evidence)
    yield from _who(file, form, (*path, "who"), step.who, earlier=earlier)
    if step.deadline and step.deadline.to:
        yield from _who(file, form, (*path, "deadline", "to"), step.deadline.to, earlier=set())
        if step.deadline.to.applicant:
            yield file.at((*path, "deadline", "to"), "到期不能交给申请人", "例如 to: {role: office_director}")


def _before(form: Form) -> dict[str, list[str]]:
    """For each step those that come before it for certain: not what stands in another branch beside it."""
    found: dict[str, list[str]] = {}
    done: list[str] = []
    for node in form.route:
        branches = ((node,),) if isinstance(node, Step) else node.parallel
        for branch in branches:
            for place, step in enumerate(branch):
                found[step.step] = [*done, *(one.step for one in branch[:place])]
        done += [step.step for branch in branches for step in branch]
    return found


def _apart(file: FormFile, path: lines.Path, step: Step, before: Sequence[str]) -> Iterator[ConfigProblem]:
    for index, code in enumerate(step.other_than):
        if code == "applicant":
            yield file.at((*path, "other_than", index), "任何一步都不会由申请人审批或者替别人办", "删去这一项")
        elif code not in before:
            hint = guess(code, before) or (f"可以写 {listed(before)}" if before else "这一步前面没有别的环节")
            yield file.at((*path, "other_than", index), f"{code} 不是在它之前的环节", hint)


def _edits(file: FormFile, form: Form, path: lines.Path, step: Step) -> Iterator[ConfigProblem]:
    """What nobody may change by hand: what is computed, what the system gives, what this step fills in anyway."""
    own = step.task.evidence if step.task else ()
    for index, code in enumerate(step.edits):
        field = form.fields.get(code)
        if field is None:
            continue
        if field.computed or field.given_by == "office":
            what = "算出来的" if field.computed else "由系统填的"
            yield file.at((*path, "edits", index), f"{code} 是{what}，不能改", "删去这一项，改它所依据的字段")
        elif code in own:
            yield file.at((*path, "edits", index), f"{code} 是这一步办理时才填的", "删去这一项")


def _fields(file: FormFile, form: Form, path: lines.Path, codes: Sequence[str]) -> Iterator[ConfigProblem]:
    for index, code in enumerate(codes):
        if code not in form.fields:
            hint = guess(code, form.fields) or f"fields 里有 {listed(form.fields)}"
            yield file.at((*path, index), f"没有 {code} 这个字段", hint)


def _who(file: FormFile, form: Form, path: lines.Path, who: Who, *, earlier: set[str]) -> Iterator[ConfigProblem]:
    people = [code for code, field in form.fields.items() if field.type == "person"]
    if who.manager_of and who.manager_of != "applicant":
        yield from _known(file, (*path, "manager_of"), who.manager_of, ["applicant", *people], "人员字段")
    if who.applicant_choice:
        yield from _known(file, (*path, "applicant_choice"), who.applicant_choice, people, "人员字段")
    if who.department_head and re.fullmatch(r"[a-z][a-z0-9_]*", who.department_head):
        places = [code for code, field in form.fields.items() if field.type in ("department", "person")]
        yield from _known(file, (*path, "department_head"), who.department_head, ["applicant", *places], "部门字段")
    if who.chosen_by:
        yield from _known(file, (*path, "chosen_by"), who.chosen_by, sorted(earlier), "在它之前的环节")


def _known(
    file: FormFile, path: lines.Path, word: str, known: Sequence[str], kind: str
) -> Iterator[ConfigProblem]:
    if word not in known:
        hint = guess(word, known) or (f"可以写 {listed(known)}" if known else f"这个表单里没有{kind}")
        yield file.at(path, f"{word} 不是{kind}", hint)


_LEAST_YEARS = {"procurement": (15, "《政府采购法》第四十二条，采购文件至少保存十五年")}
"""By form or by a law that `basis` names: what the law itself demands; everything else is the office's own table."""
_LAWS = {"《中华人民共和国政府采购法》": "procurement"}


def _kept_long_enough(file: FormFile, form: Form) -> Iterator[ConfigProblem]:
    named = {code for law, code in _LAWS.items() if any(law in line for line in form.basis)}
    for code in sorted({form.form, *named} & _LEAST_YEARS.keys()):
        years, why = _LEAST_YEARS[code]
        if (form.retention_years or 0) < years:
            said = f"保存年限 {form.retention_years} 年太短" if form.retention_years else "没有写保存几年"
            path: lines.Path = ("retention_years",) if form.retention_years else ("form",)
            yield file.at(path, f"{said}：{why}", f"retention_years: {years}")


def _summary(file: FormFile, form: Form) -> Iterator[ConfigProblem]:
    for name in re.findall(r"\{([^{}]*)\}", form.summary):
        if name not in form.fields:
            hint = guess(name, form.fields) or f"花括号里写字段编号：{listed(form.fields)}"
            yield file.at(("summary",), f"没有 {name} 这个字段", hint)
    if re.sub(r"\{[^{}]*\}", "", form.summary).strip("{}") != re.sub(r"\{[^{}]*\}", "", form.summary):
        yield file.at(("summary",), "花括号不成对", "例如 {place}用车")


def _evidence_comes_late(file: FormFile, form: Form) -> Iterator[ConfigProblem]:
    """What a step fills in cannot be asked of the applicant as well."""
    for path, step in form.steps():
        for index, code in enumerate(step.task.evidence if step.task else ()):
            field = form.fields.get(code)
            if field is not None and (field.computed or field.given_by == "office" or field.type == "table"):
                here = (*path, "task", "evidence", index)
                yield file.at(here, f"{code} 不能在办理时填写", "办理时填写的字段不能是计算字段、表格或系统填写的字段")


Check = Callable[[FormFile], Iterable[ConfigProblem]]


def checked(files: Sequence[FormFile], *checks: Check) -> list[FormFile]:
    """The files with what further checks find in those whose shape is right."""
    return [
        _with(file, [problem for check in checks for problem in check(file)]) if file.form else file for file in files
    ]
