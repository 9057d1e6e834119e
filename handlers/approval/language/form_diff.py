"""What differs between two versions of a form, as codes and titles. Pure; `cards.releases` words it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from handlers.approval.language.form_model import Form

_PARTS = frozenset({"fields", "route", "form"})


@dataclass(frozen=True, slots=True)
class Change:
    """`part` is field, step or form; `what` is added, removed, changed or moved; `title` what people know it by."""

    part: str
    what: str
    title: str


def changes(before: Form, after: Form) -> tuple[Change, ...]:
    """In the order of the new file; what is gone comes last of its part."""
    old_steps, new_steps = ({one.step: one for one in form.steps()} for form in (before, after))
    found = [*_between("field", before.fields, after.fields), *_between("step", old_steps, new_steps)]
    if not any(one.part == "step" for one in found) and before.route != after.route:
        found.append(Change("form", "moved", ""))
    rest = [one.name for one in fields(Form) if one.name not in _PARTS]
    found += [Change("form", "changed", name) for name in rest if getattr(before, name) != getattr(after, name)]
    return tuple(found)


def _between(part: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    found = []
    for code, one in new.items():
        if code not in old:
            found.append(Change(part, "added", one.title))
        elif one != old[code]:
            found.append(Change(part, "changed", one.title))
    return [*found, *(Change(part, "removed", one.title) for code, one in old.items() if code not in new)]
