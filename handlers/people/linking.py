"""An account given to a person or taken away by hand: a plan, as from a list or a directory. Pure.

By hand means by the person, who proved it with a code, or by an administrator, who may also move an account from one
person to another. Who has no account left after that, and was brought by a directory only, was the other person all
along: the two are merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.refs import PersonRef
from handlers.people.plan import MERGED, Change, Doubt, Known, Link, Plan, names_of


def link(present: Sequence[Known], person: str, ref: PersonRef, *, move: bool = False) -> Plan:
    """Refused (`account_taken`) when the account is somebody else's, unless `move`; empty when it is theirs already."""
    wanted = _by_id(present, person)
    owner = next((known for known in present if ref in known.accounts), None)
    if owner is not None and owner.id == person:
        return Plan(names=names_of(present))
    if owner is not None and owner.person.active and not move:
        taken = Doubt(code="account_taken", name=wanted.person.name, detail=owner.person.name)
        return Plan(refusals=(taken,), names=names_of(present))
    union = owner.accounts[ref] if owner else ""
    emptied = owner is not None and owner.person.active and len(owner.accounts) == 1 and _from_directories(owner)
    return Plan(
        changed=tuple(_preferring(one, ref) for one in [wanted] if not one.accounts and not one.person.prefer),
        linked=(Link(person=person, ref=ref, union_id=union),),
        unlinked=(Link(person=owner.id, ref=ref),) if owner else (),
        left=(owner.person,) if owner and emptied else (),
        left_by=MERGED if emptied else "",
        doubts=_moved(wanted, owner) + _second(wanted, ref),
        names=names_of(present),
    )


def unlink(present: Sequence[Known], person: str, ref: PersonRef) -> Plan:
    """Refused when the account is not theirs. Doubted when it was the only one: they get no more messages."""
    wanted = _by_id(present, person)
    if ref not in wanted.accounts:
        refusal = Doubt(code="not_theirs", name=wanted.person.name, detail=ref.id)
        return Plan(refusals=(refusal,), names=names_of(present))
    rest = [one for one in wanted.accounts if one != ref]
    prefer = wanted.person.prefer if any(one.account == wanted.person.prefer for one in rest) else ""
    change = _preferring(wanted, rest[0]) if not prefer and rest else None
    alone = (Doubt(code="last_account", name=wanted.person.name),) if not rest else ()
    gone = Link(person=person, ref=ref)
    return Plan(
        changed=(change,) if change else (), unlinked=(gone,), apart=(gone,), doubts=alone, names=names_of(present)
    )


def prefer(present: Sequence[Known], person: str, account: str) -> Plan:
    """Messages go there from now on. Refused (`no_such_account`) when the person has none there."""
    wanted = _by_id(present, person)
    if not wanted.on(account):
        return Plan(refusals=(Doubt(code="no_such_account", name=wanted.person.name, detail=account),))
    change = Change(before=wanted, after=replace(wanted, person=replace(wanted.person, prefer=account)))
    return Plan(changed=() if change.nothing else (change,), names=names_of(present))


def _by_id(present: Sequence[Known], person: str) -> Known:
    return next(known for known in present if known.id == person)


def _preferring(one: Known, ref: PersonRef) -> Change:
    return Change(before=one, after=replace(one, person=replace(one.person, prefer=ref.account)))


def _from_directories(owner: Known) -> bool:
    """Brought by a directory: not even the name is from the office's own list."""
    return "name" in owner.sources and not owner.person.staff_no


def _moved(wanted: Known, owner: Known | None) -> tuple[Doubt, ...]:
    if owner is None or not owner.person.active:
        return ()
    return (Doubt(code="account_moved", name=wanted.person.name, detail=owner.person.name),)


def _second(wanted: Known, ref: PersonRef) -> tuple[Doubt, ...]:
    """Two ids on one account are possible, and mostly a mistake."""
    others = wanted.on(ref.account)
    return (Doubt(code="second_account", name=wanted.person.name, detail=others[0].id),) if others else ()
