"""An office's forms as values: read by `config`, judged by the engine's own tables, translated for the handlers.

A file that is wrong is not used: at the start nothing runs (`officebot check` names everything), at a reload what is in
force stays and `bot.reloading` says what to mend.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from config import crosscheck, forms, lines
from config.forms import FormFile
from config.problems import ConfigProblem, guess, listed
from handlers.approval import effects
from handlers.approval.language import expressions, form_model, tied
from handlers.approval.language.form_model import Form


def read(folders: Sequence[Path], *, roles: Iterable[str]) -> list[FormFile]:
    """Every form file of an office with all that is wrong with it; `roles` are those of `office.yaml`."""
    known = sorted({*roles})
    return forms.checked(forms.read_all(folders), _alone, lambda file: _roles(file, known))


def check(file: FormFile, *, roles: Iterable[str]) -> FormFile:
    """One file by itself, for `officebot form check FILE`."""
    known = sorted({*roles})
    return forms.checked([file], _alone, lambda one: _roles(one, known))[0]


def unfilled(files: Iterable[FormFile], *, roles: Iterable[str], file: str) -> list[ConfigProblem]:
    """Advice about the roles that packaged forms in use need and `office.yaml` (`file`) does not have, one by one."""
    known = {*roles}
    needed: dict[str, dict[str, None]] = {}
    for one in files:
        if one.form is not None and one.form.is_enabled and _is_packaged(one):
            for _, role in _role_words(one.document.data):
                needed.setdefault(role, {})[one.form.title] = None
    return [
        ConfigProblem(
            file, 0, "roles", f"没有人担任 {role}，{listed(titles, most=4)}办到这一步会没有人",
            f"roles: {{{role}: [姓名或职务]}}", serious=False,
        )
        for role, titles in sorted(needed.items())
        if role not in known
    ]  # fmt: skip


def _is_packaged(file: FormFile) -> bool:
    return file.path.parent == crosscheck.PACKAGED / "forms"


def usable(files: Iterable[FormFile]) -> dict[str, Form]:
    """The forms without serious problems, by code; disabled ones too."""
    return {file.form.form: runtime(file) for file in files if file.usable and file.form}


def runtime(file: FormFile) -> Form:
    """Raises ValueError for a file whose shape is wrong."""
    if file.form is None:
        raise ValueError(file.path.name)
    return form_model.from_data(file.form.model_dump())


@lru_cache(maxsize=256)
def _alone(file: FormFile) -> tuple[ConfigProblem, ...]:
    """What one file's own content settles; asked once while it stays as it is."""
    return (*_expressions(file), *_effects(file))


def _expressions(file: FormFile) -> Iterator[ConfigProblem]:
    form = runtime(file)
    for index, rule in enumerate(form.must):
        if not rule.at and not expressions.fields_in(form, rule.that):
            yield file.at(("must", index, "that"), "这条规定没有用到任何字段", f"可以用 {listed(form.fields, most=20)}")
    for place in expressions.places(form):
        try:
            expressions.check(place)
        except expressions.Wrong as wrong:
            yield _worded(file, place.path, wrong)
            continue
        for slip in expressions.option_slips(form, place):
            yield _worded(file, place.path, slip)




_TYPE_WORDS = {"BOOL": "是或否", "INT": "整数", "DOUBLE": "小数", "STRING": "文字", "int": "整数", "double": "小数",
               "string": "文字", "bool": "是或否"}  # fmt: skip
_SLIPS = {"and": "&&", "or": "||", "not": "!", "=": "==", "“": '"', "”": '"', "‘": "'", "’": "'", "（": "(", "）": ")",
          "，": ",", "＞": ">", "＜": "<", "＝": "==", "！": "!", "＆": "&&", "｜": "||"}  # fmt: skip


def _worded(file: FormFile, path: lines.Path, wrong: expressions.Wrong) -> ConfigProblem:
    match wrong.code:
        case "unknown":
            what = f"条件里没有 {wrong.word} 这个名称（第 {wrong.column} 个字）"
            return file.at(path, what, guess(wrong.word, wrong.known) or f"可以用 {listed(wrong.known, most=20)}")
        case "later":
            what = f"{wrong.word} 到这时还没有填"
            return file.at(path, what, "只能用写在它上面的字段；办理环节才填的字段不能用在流程条件里")
        case "types":
            return file.at(path, _mismatch(wrong.word), _type_hint(wrong.word))
        case "result":
            want = "或".join(dict.fromkeys(_TYPE_WORDS.get(kind, kind) for kind in wrong.known))
            got = _TYPE_WORDS.get(wrong.word, wrong.word)
            return file.at(path, f"结果应是{want}，现在是{got}", "例如 days > 3" if "BOOL" in wrong.known else "")
        case "option":
            what = f"没有「{wrong.word}」这个选项，这个条件永远不成立"
            return file.at(path, what, guess(wrong.word, wrong.known) or listed(wrong.known))
    if wrong.word in _SLIPS:
        return file.at(path, f"条件里不能写 {wrong.word}", f"{_SLIPS[wrong.word]}（英文半角）")
    return file.at(path, f"条件写错了（第 {wrong.column} 个字附近）", '例如 days > 3 && kind == "annual"')


def _mismatch(word: str) -> str:
    kinds = [_TYPE_WORDS.get(part.strip(), part.strip()) for part in word.strip("()").split(",")]
    return f"{'和'.join(kinds)}不能放在一起比较或计算"


def _type_hint(word: str) -> str:
    kinds = {part.strip() for part in word.strip("()").split(",")}
    if kinds == {"double", "int"}:
        return "小数字段要和小数比较，例如把 3 写成 3.0"
    if "string" in kinds and kinds & {"int", "double"}:
        return '文字两边加英文引号，数字两边不加；金额写 yuan(5000)'
    return "两边要是同一种内容"


def _effects(file: FormFile) -> Iterator[ConfigProblem]:
    if file.form is None:
        return
    named = file.form.effects.model_dump()
    rows: dict[lines.Path, Sequence[str]] = {("steps", code): names for code, names in named.pop("steps").items()}
    rows |= {(move,): names for move, names in named.items()}
    for path, names in rows.items():
        for index, name in enumerate(names):
            if name not in effects.NAMES:
                hint = guess(name, effects.NAMES) or listed(sorted(effects.NAMES))
                yield file.at(("effects", *path, index), f"没有 {name} 这个动作", hint)
    yield from _tied(file)


def _tied(file: FormFile) -> Iterator[ConfigProblem]:
    """What is held or charged by a field would not follow if somebody changed it on the way."""
    if file.form is None:
        return
    hangs = tied.by(runtime(file))
    for path, step in file.form.steps():
        for index, code in enumerate(step.edits):
            if code in hangs:
                what = f"{code} 提交时已经用于 {hangs[code]}，途中改了不会重新计算"
                yield file.at((*path, "edits", index), what, "删去这一项；要改的退回申请人，改好再提交")


def _roles(file: FormFile, known: Sequence[str]) -> Iterator[ConfigProblem]:
    """A role that nobody holds is advice, and only for a form in use: the route itself refuses or goes round it.

    Where the form says who else does it, a role without people is how the office is; only a slip of the pen is told.
    """
    if file.form is None or not file.form.is_enabled or _is_packaged(file):
        return  # `unfilled` speaks for the packaged ones, once per role
    for path, role in _role_words(file.document.data):
        meant = next(iter(get_close_matches(role, known, n=1, cutoff=_SLIP)), "")
        if role in known or (not meant and _covered(file.document.data, path, known)):
            continue
        what = f"office.yaml 的 roles 里没有 {role}，办到这一步会没有人"
        hint = meant or f"在 office.yaml 里写 roles: {{{role}: [姓名或职务]}}"
        yield file.at(path, what, hint, serious=False)


_SLIP = 0.85  # `office_directer` is one, `room_keeper` is no `seal_keeper`


def _covered(data: object, path: lines.Path, known: Sequence[str]) -> bool:
    """Whether a step gets by without this role: it names somebody else for the case, or nobody is asked at all."""
    if "cc" in path:
        return True
    place = next((index for index, key in enumerate(path) if key in ("who", "if_empty")), None)
    if place is None:
        return False
    step: Any = data
    for key in path[:place]:
        step = step[key]
    otherwise = step.get("if_empty", "stop")
    if not isinstance(otherwise, Mapping):
        return bool(otherwise == "skip")
    return any(role in known for _, role in _words(otherwise.get("role"), ()))


def _role_words(data: object, path: lines.Path = ()) -> Iterator[tuple[lines.Path, str]]:
    """Every role that the plain data of a form names, with its place."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            here = (*path, str(key))
            if key in ("role", "among", "cc") and path[:1] != ("fields",):
                yield from _words(value, here)
            else:
                yield from _role_words(value, here)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _role_words(value, (*path, index))


def _words(value: object, path: lines.Path) -> Iterator[tuple[lines.Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        yield from (((*path, index), word) for index, word in enumerate(value) if isinstance(word, str))
