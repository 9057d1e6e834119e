"""What changed fields make of the route ahead: compared are two ways through the same form, before and after.

What was reached stays, with its people and its votes. Of what lies ahead only that changes in which the two ways
differ: who was named or handed over meanwhile for a step that both have in the same way is still there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handlers import errors
from handlers.approval.engine import route
from handlers.approval.engine.records import CLOSED, Detour, Request, Status, Step, changed


def detour(request: Request, old: Sequence[Step], new: Sequence[Step]) -> Detour | None:
    """None where nothing ahead changes. `old` and `new` are whole ways as a form resolves them, with unique names.

    Raises BadRequest(amend_too_late) when the new way has a step that should have come before one that was reached, or
    one whose people somebody should have named who has decided already.
    """
    old, new = route.linked(old), route.linked(new)
    here = {
        step.name: i for i, step in enumerate(request.steps) if step.status is not Status.DROPPED and not step.added_by
    }
    places = _places(request, old, new, here)
    base = len(request.steps)
    added = [_placed(request, new, j, places, here) for j in range(len(new)) if places[j] >= base]
    gone = [i for i in here.values() if request.steps[i].status is Status.AHEAD and i not in places]
    after = {i: links for i, links in _relinked(request, old, new, places) if links != request.steps[i].after}
    if not added and not gone and not after:
        return None
    return Detour(gone=tuple(gone), new=tuple(added), after=after)


def _places(request: Request, old: Sequence[Step], new: Sequence[Step], here: Mapping[str, int]) -> list[int]:
    """For each step of the new way its index: where it stands already, or behind the last."""
    shapes = {step.name: _shape(old, step) for step in old}
    places: list[int] = []
    fresh = len(request.steps)
    for step in new:
        index = here.get(step.name)
        if index is None or not _stays(request, index, step, shapes.get(step.name) == _shape(new, step), places):
            index, fresh = fresh, fresh + 1
        places.append(index)
    return places


def _stays(request: Request, index: int, step: Step, same: bool, places: Sequence[int]) -> bool:
    """Whatever was reached; ahead, what is the same and is tied to the same other steps."""
    present = request.steps[index]
    if present.status is not Status.AHEAD:
        return True
    chooser = _mapped_one(step.chosen_by, places)
    return same and chooser == present.chosen_by and _mapped(step.other_than, places) == present.other_than


def _shape(way: Sequence[Step], step: Step) -> tuple[Step, str, tuple[str, ...]]:
    """A step apart from its place: steps are named, not counted."""
    chooser = way[step.chosen_by].name if step.chosen_by is not None and step.chosen_by >= 0 else ""
    others = tuple(way[one].name for one in step.other_than)
    return changed(step, after=None, chosen_by=None, other_than=()), chooser, others


def _placed(
    request: Request, new: Sequence[Step], number: int, places: Sequence[int], here: Mapping[str, int]
) -> Step:
    """A step of the new way as it is put behind the last."""
    step = new[number]
    behind = [places[i] for i in route.behind(new, number)]
    if any(i < len(request.steps) and request.steps[i].status is not Status.AHEAD for i in behind):
        raise errors.BadRequest("amend_too_late", title=step.title or step.name)
    chooser = _mapped_one(step.chosen_by, places)
    people = step.approvers
    if chooser is not None and 0 <= chooser < len(request.steps) and request.steps[chooser].status in CLOSED:
        people = request.steps[here[step.name]].approvers if step.name in here else ()
        if not people:
            raise errors.BadRequest("amend_too_late", title=step.title or step.name)
    return changed(
        step, approvers=people, after=_links(request, step.after or (), places), chosen_by=chooser,
        other_than=_mapped(step.other_than, places),
    )  # fmt: skip


def _relinked(
    request: Request, old: Sequence[Step], new: Sequence[Step], places: Sequence[int]
) -> list[tuple[int, tuple[int, ...]]]:
    """Steps ahead that stay but come after others than before; who was added in between stays in between."""
    former = {step.name: {old[one].name for one in step.after or ()} for step in old}
    found = []
    for number, step in enumerate(new):
        index = places[number]
        if index >= len(request.steps) or request.steps[index].status is not Status.AHEAD:
            continue
        moved = any(places[one] >= len(request.steps) for one in step.after or ())
        if not moved and former.get(step.name) == {new[one].name for one in step.after or ()}:
            continue
        kept = tuple(one for one in request.steps[index].after or () if request.steps[one].added_by)
        found.append((index, tuple(dict.fromkeys((*_links(request, step.after or (), places), *kept)))))
    return found


def _links(request: Request, after: Sequence[int], places: Sequence[int]) -> tuple[int, ...]:
    """The places of these steps; behind what was reached also whoever was added there and has yet to sign."""
    links = _mapped(after, places)
    steps = request.steps
    if not any(one < len(steps) and steps[one].status is not Status.AHEAD for one in links):
        return links
    waiting = [i for i, step in enumerate(steps) if step.added_by and step.status not in CLOSED]
    loose = [i for i in waiting if not any(_ahead(steps[one]) for one in route.before(steps, i))]
    return tuple(dict.fromkeys((*links, *loose)))


def _ahead(step: Step) -> bool:
    return step.status is Status.AHEAD and not step.added_by


def _mapped(indices: Sequence[int], places: Sequence[int]) -> tuple[int, ...]:
    return tuple(places[one] for one in indices)


def _mapped_one(index: int | None, places: Sequence[int]) -> int | None:
    return places[index] if index is not None and index >= 0 else index
