"""Members and departments as WeCom's directory has them (wecom.md 11.6). Pure: answers in, our records out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import DirectoryDepartment, DirectoryPerson

Data = Mapping[str, Any]

_ACTIVE = frozenset({1, 4})  # 4: has not opened the client yet, but belongs to the office


def person(answer: Data) -> DirectoryPerson:
    """From `user/get`. Mobile and the like are absent for apps made since 2022-06-20."""
    departments = tuple(str(number) for number in answer.get("department", ()))
    leads = tuple(
        number for number, leader in zip(departments, answer.get("is_leader_in_dept", ()), strict=False) if leader == 1
    )
    managers = answer.get("direct_leader") or [""]
    return DirectoryPerson(
        id=str(answer["userid"]).casefold(),
        name=str(answer.get("name", "")),
        departments=departments,
        leads=leads,
        manager=str(managers[0]).casefold(),
        post=str(answer.get("position", "")),
        mobile=str(answer.get("mobile", "")),
        # Private editions say it with `enable` instead (yuezhengyi.md 3.2).
        active=answer.get("status", 1) in _ACTIVE and answer.get("enable", 1) != 0,
    )


def departments(answer: Data) -> Sequence[DirectoryDepartment]:
    """From `department/list`; the root's parent 0 becomes empty."""
    return [
        DirectoryDepartment(
            id=str(found["id"]), name=str(found.get("name", "")), parent=str(found.get("parentid") or "")
        )
        for found in answer.get("department", ())
    ]


def members(answer: Data) -> Sequence[str]:
    """Distinct userids of one page of `user/list_id`, which has a line per member and department."""
    return list(dict.fromkeys(str(line["userid"]) for line in answer.get("dept_user", ()) if line.get("userid")))
