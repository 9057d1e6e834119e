"""The office's own list of staff against the people we know: who joins, who changed, which accounts are whose.

`plan` is pure. A row is recognised by its staff number, else by an account, else by a name that nobody shares. What
cannot be decided without guessing is refused, all of it at once, and then nothing is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.refs import PersonRef
from handlers.audit.facts import Origin
from handlers.people import changes, matching
from handlers.people.directory import Person
from handlers.people.matching import COLUMNS, Wanted
from handlers.people.plan import Change, Doubt, Known, Link, Plan, circle, names_of, new_id
from handlers.transaction import Transaction

CSV = "csv"
_TEXTS = (
    *sorted(COLUMNS - {"manager"}), "category", "joined_unit", "continuous_since", "leaving_date", "service_gaps",
    "holiday_groups",
)  # fmt: skip


def plan(
    present: Sequence[Known], wanted: Sequence[Wanted], *, leavers: bool = False, new_id: Callable[[], str] = new_id
) -> Plan:
    """What makes `present` agree with the list. People whom it lacks leave only with `leavers`."""
    match = matching.Matching(present, wanted)
    found = match.run()
    people = [
        found.get(number) or Known(person=Person(id=new_id(), name=row.name)) for number, row in enumerate(wanted)
    ]
    known = {one.id for one in found.values()}
    absent = tuple(one.person for one in present if one.person.active and one.id not in known)
    staying = () if leavers else absent
    staying_ids = {person.id for person in staying}
    managers, refusals = _managers(people, wanted, [one for one in present if one.id in staying_ids])
    linked, unlinked, doubts = _accounts(present, people, wanted)
    places = _places_afterwards(people, linked, unlinked)
    after = [
        _after(one, row, managers.get(one.id, ""), places[one.id]) for one, row in zip(people, wanted, strict=True)
    ]
    refusals += [*match.refusals, *_nobody(wanted, leavers)]
    if not match.refusals:  # with two rows for one person, who is above whom has no answer
        refusals += _circles(after, wanted, staying)
    changed = [Change(before=old, after=new) for old, new in zip(people, after, strict=True) if old.id in known]
    return Plan(
        joined=tuple(new for new in after if new.id not in known),
        changed=tuple(change for change in changed if not change.nothing),
        linked=linked,
        unlinked=unlinked,
        left=absent if leavers else (),
        left_by=CSV,
        absent=staying,
        doubts=tuple(sorted([*match.doubts, *doubts], key=_by_line)),
        refusals=tuple(sorted(set(refusals), key=_by_line)),
        names=names_of(present) | names_of(after),
    )


async def bring_in(
    tx: Transaction,
    wanted: Sequence[Wanted],
    *,
    now: datetime,
    origin: Origin,
    leavers: bool = False,
    dry_run: bool = False,
) -> Plan:
    """Plans against the tables and, unless something is refused or `dry_run`, carries the plan out."""
    made = plan(await changes.present(tx), wanted, leavers=leavers)
    if not dry_run and not made.refusals:
        await changes.apply(tx, made, now=now, origin=origin)
    return made


def _managers(
    people: Sequence[Known], wanted: Sequence[Wanted], others: Iterable[Known]
) -> tuple[dict[str, str], list[Doubt]]:
    """Person id -> manager's id for every row that names one; refusals for names that lead nowhere or to several."""
    words: dict[str, set[str]] = {}
    for one, row in zip(people, wanted, strict=True):
        staff_no = row.staff_no or one.person.staff_no
        refs = [*row.accounts, *(ref for ref in one.accounts if ref.account not in _places(row))]
        for word in (row.name, staff_no, *(ref.id for ref in refs)):
            words.setdefault(word, set()).add(one.id)
    for one in others:
        for word in (one.person.name, one.person.staff_no, *(ref.id for ref in one.accounts)):
            words.setdefault(word, set()).add(one.id)
    found: dict[str, str] = {}
    refusals = []
    for one, row in zip(people, wanted, strict=True):
        # WeCom's ids are kept case-folded, the list has them as a clerk typed them.
        ids = (words.get(row.manager) or words.get(row.manager.casefold()) or set()) if row.manager else set()
        if len(ids) == 1:
            found[one.id] = next(iter(ids))
        elif row.manager:
            code = "manager_unclear" if ids else "manager_unknown"
            refusals.append(Doubt(code=code, name=row.name, line=row.line, detail=row.manager))
    return found, refusals


def _places(row: Wanted) -> set[str]:
    return {ref.account for ref in row.accounts}


def _accounts(
    present: Sequence[Known], people: Sequence[Known], wanted: Sequence[Wanted]
) -> tuple[tuple[Link, ...], tuple[Link, ...], list[Doubt]]:
    owners = {ref: known for known in present for ref in known.accounts}
    linked: list[Link] = []
    unlinked: dict[PersonRef, Link] = {}
    doubts = []
    for one, row in zip(people, wanted, strict=True):
        for old in [ref for place in _places(row) for ref in one.on(place) if ref not in row.accounts]:
            unlinked[old] = Link(person=one.id, ref=old)
            doubts.append(Doubt(code="account_replaced", name=row.name, line=row.line, detail=old.id))
        for ref in dict.fromkeys(row.accounts):
            owner = owners.get(ref)
            if owner is not None and owner.id == one.id:
                continue
            linked.append(Link(person=one.id, ref=ref))
            if owner is not None:
                unlinked[ref] = Link(person=owner.id, ref=ref)
                doubts.append(Doubt(code="account_moved", name=row.name, line=row.line, detail=owner.person.name))
    return tuple(linked), tuple(unlinked.values()), doubts


def _places_afterwards(
    people: Iterable[Known], linked: Iterable[Link], unlinked: Iterable[Link]
) -> dict[str, list[str]]:
    """Person id -> names of the accounts that the person has afterwards, old ones first."""
    gone = {(link.person, link.ref) for link in unlinked}
    places = {one.id: [ref.account for ref in one.accounts if (one.id, ref) not in gone] for one in people}
    for link in linked:
        places[link.person].append(link.ref.account)
    return places


def _after(one: Known, row: Wanted, manager: str, places: Sequence[str]) -> Known:
    values = {name: getattr(row, name) for name in _TEXTS} | {"manager": manager}
    kept = {name: value for name, value in values.items() if value or (name in row.given and name not in one.sources)}
    sources = {name: account for name, account in one.sources.items() if not values.get(name)}
    person = replace(one.person, **kept, prefer=_prefer(one, row, places), active=True)
    return Known(person=person, accounts=one.accounts, sources=sources)


def _prefer(one: Known, row: Wanted, places: Sequence[str]) -> str:
    """As it was set, while that account is there; else the first account of the list."""
    if one.person.prefer in places:
        return one.person.prefer
    return next((ref.account for ref in row.accounts), places[0] if places else "")


def _circles(after: Sequence[Known], wanted: Sequence[Wanted], others: Iterable[Person]) -> Iterator[Doubt]:
    """Each circle once, at its topmost row."""
    managers = {one.id: one.person.manager for one in after} | {person.id: person.manager for person in others}
    rows = {one.id: row for one, row in zip(after, wanted, strict=True)}
    names = {one.id: one.person.name for one in after} | {person.id: person.name for person in others}
    seen: set[str] = set()
    for one, row in sorted(zip(after, wanted, strict=True), key=lambda pair: (pair[1].line, pair[1].name)):
        found = [] if one.id in seen else circle(one.id, managers)
        seen.update(found)
        if found:
            detail = " → ".join(names[person] for person in [*found, one.id])
            yield Doubt(code="circle", name=rows[one.id].name, line=row.line, detail=detail)


def _nobody(wanted: Sequence[Wanted], leavers: bool) -> Iterator[Doubt]:
    if leavers and not wanted:
        yield Doubt(code="empty")


def _by_line(doubt: Doubt) -> tuple[int, str, str, str]:
    return doubt.line, doubt.code, doubt.name, doubt.detail
