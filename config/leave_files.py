"""The office's own leave policies and provincial rules as files: which there are, and what is wrong between them.

Several files may hold versions of one policy; they follow one another without gap or overlap (`valid_from`,
`valid_to`). A packaged policy of the same name is the version before the office's first one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config import explain, leave_policy, leave_province, lines
from config.fields import Section
from config.leave_policy import LeavePolicy
from config.leave_province import Province
from config.problems import ConfigProblem, listed

PACKAGED = Path(__file__).parent
POLICIES = ("leave/organ.yaml", "leave/enterprise.yaml")
PROVINCES = PACKAGED / "leave" / "provinces"


def named(leave: Mapping[str, Any]) -> list[str]:
    """The policy files that `office.yaml` names: one, or a list of versions and policies."""
    value = leave.get("policy")
    return [name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)]


def find(name: str, base: Path) -> Path | None:
    """A file named in `office.yaml`: beside it, else among the packaged ones."""
    return next((file for file in (base / name, PACKAGED / name) if file.is_file()), None)


def own(leave: Mapping[str, Any], base: Path) -> list[lines.Document]:
    """The policies named, read; a file that is not there is named elsewhere."""
    files = [file for name in named(leave) if (file := find(name, base)) is not None]
    return [lines.read(file.read_bytes(), file=str(file)) for file in files]


def categories(leave: Mapping[str, Any], base: Path) -> tuple[str, ...]:
    """Of people, as the office's own policies name them; none where a file cannot be read."""
    found = [one.data for one in own(leave, base) if isinstance(one.data, dict)]
    listed_ = [code for data in found for code in (data.get("categories") or ()) if isinstance(code, str)]
    return tuple(dict.fromkeys(listed_))


def problems(data: Mapping[str, Any], base: Path) -> Iterator[ConfigProblem]:
    """Everything that is wrong inside the files and between them."""
    leave = data.get("leave")
    leave = leave if isinstance(leave, dict) else {}
    read: list[tuple[lines.Document, LeavePolicy]] = []
    for document in own(leave, base):
        found = list(_wrong(document, LeavePolicy))
        yield from found
        if not found:
            read.append((document, leave_policy.parse(document.data)))
    yield from _between(read)
    for document in _province_documents(leave, base):
        yield from _wrong(document, Province)


def province_unknown(name: str, leave: Mapping[str, Any], base: Path) -> str:
    """What to say of a province without rules; "" where there are some, or none was named."""
    known = provinces(leave, base)
    if not name.strip() or any(one.called(name) for one in known):
        return ""
    return listed([one.province for one in known], most=40)


def provinces(leave: Mapping[str, Any], base: Path) -> list[Province]:
    """Packaged and own; of two for one province the office's own. Files that cannot be used are passed over."""
    found: dict[str, Province] = {}
    for document in (*_documents([PROVINCES]), *_province_documents(leave, base)):
        if not any(_wrong(document, Province)):
            province = leave_province.parse(document.data)
            found[province.province] = province
    return list(found.values())


def _province_documents(leave: Mapping[str, Any], base: Path) -> Iterator[lines.Document]:
    folders = leave.get("provinces")
    names = [name for name in folders if isinstance(name, str)] if isinstance(folders, list | tuple) else []
    return _documents([base / name for name in names])


def _documents(folders: Iterable[Path]) -> Iterator[lines.Document]:
    for folder in folders:
        for file in sorted(folder.glob("*.yaml")):
            yield lines.read(file.read_bytes(), file=str(file))


def _wrong(document: lines.Document, root: type[Section]) -> Iterator[ConfigProblem]:
    if document.problems:
        yield from document.problems
        return
    try:
        root.model_validate(document.data)
    except ValidationError as error:
        yield from explain.explain(error, document, root=root)


def _between(read: Iterable[tuple[lines.Document, LeavePolicy]]) -> Iterator[ConfigProblem]:
    """Versions of one policy that overlap or leave days without rules, and two files for one category."""
    by_name: dict[str, list[tuple[lines.Document, LeavePolicy]]] = {}
    for one in read:
        by_name.setdefault(one[1].policy, []).append(one)
    for versions in by_name.values():
        versions.sort(key=lambda one: one[1].valid_from)
        for earlier, later in pairwise(versions):
            yield from _sequence(earlier, later)


def _sequence(
    earlier: tuple[lines.Document, LeavePolicy], later: tuple[lines.Document, LeavePolicy]
) -> Iterator[ConfigProblem]:
    (before, first), (after, second) = earlier, later
    due = second.valid_from - timedelta(days=1)
    ends = f"{first.valid_to} 结束" if first.valid_to else "没有写 valid_to"
    if first.valid_to is None or first.valid_to >= second.valid_from:
        what = f"和下一版（{after.file}，{second.valid_from} 起）重叠：这一版{ends}"
    elif first.valid_to < due:
        what = f"和下一版（{after.file}，{second.valid_from} 起）之间有空档：这一版{ends}"
    else:
        return
    key = ("valid_to",) if ("valid_to",) in before.lines else ("valid_from",)
    yield ConfigProblem(before.file, before.line(key), "valid_to", what, f"valid_to: {_possible(first, due)}")


def _possible(first: LeavePolicy, due: date) -> date:
    return max(due, first.valid_from)
