"""One platform account's directory against the people we know. Pure.

A member is recognised by the account, else by the mobile number, else by a name that nobody else without an account
there has. The platform fills what the office's own list leaves empty and what this account filled before; its empty
values empty nothing. A directory that has lost a large part of the office is not believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.contract import DirectoryDepartment, DirectoryPerson
from connectors.refs import PersonRef
from handlers.audit.facts import Origin
from handlers.people import changes, departments
from handlers.people.directory import Person
from handlers.people.plan import MERGED, Change, Doubt, Known, Link, Plan, circle, names_of, new_id
from handlers.people.staff import CSV
from handlers.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """A directory that lost more than `people` and more than `percent` of an account's people is not believed."""

    people: int = 3
    percent: int = 20

    def holds(self, *, lost: int, of: int) -> bool:
        return lost > self.people and lost * 100 > of * self.percent


def plan(
    present: Sequence[Known],
    people: Sequence[DirectoryPerson],
    departments_: Sequence[DirectoryDepartment],
    *,
    account: str,
    new_id: Callable[[], str] = new_id,
    brake: Brake | None = Brake(),
) -> Plan:
    """What makes our people agree with the members of `account`; refused when it would remove too many of them.

    `brake` None: an administrator has seen it and wants it so; an empty directory is refused all the same.
    """
    members = {member.id: replace(member, mobile=_digits(member.mobile)) for member in people if member.active}
    linking = _Linking(present, members, account)
    linking.run()
    left, unlinked = _gone(linking, account)
    after = _Filling(linking, departments.Tree(departments_, members.values()), account, new_id, left)
    after.run()
    return Plan(
        joined=tuple(after.joined),
        changed=tuple(change for change in after.changed if not change.nothing),
        linked=tuple(after.links()),
        unlinked=(*unlinked, *linking.moved),
        left=tuple(left),
        left_by=account,
        doubts=tuple(sorted([*linking.doubts, *after.doubts, *after.headless(left), *after.twins()], key=_by_code)),
        refusals=_refusals(linking, members, lost=len(left) + len(unlinked), brake=brake),
        names=names_of(present) | names_of(after.joined),
    )


async def bring_in(
    tx: Transaction,
    people: Sequence[DirectoryPerson],
    departments_: Sequence[DirectoryDepartment],
    *,
    account: str,
    now: datetime,
    origin: Origin,
    dry_run: bool = False,
    brake: Brake | None = Brake(),
) -> Plan:
    """Plans against the tables and, unless it is refused or `dry_run`, carries the plan out."""
    made = plan(await changes.present(tx), people, departments_, account=account, brake=brake)
    if not dry_run and not made.refusals:
        await changes.apply(tx, made, now=now, origin=origin)
    return made


_FOR_GOOD = frozenset({CSV, MERGED})
"""Who said that somebody left, whom no directory overrules."""


class _Linking:
    """Who each member is. `found` maps a member's id to a person, `newcomers` are the members that nobody is.

    A member in doubt is in neither: nothing is done about them until somebody looked.
    """

    def __init__(self, present: Sequence[Known], members: Mapping[str, DirectoryPerson], account: str) -> None:
        self.present = present
        self.members = members
        self.account = account
        self.found: dict[str, Known] = {}
        self.newcomers: list[DirectoryPerson] = []
        self.moved: list[Link] = []
        self.doubts: list[Doubt] = []
        self.here = {ref.id: known for known in present for ref in known.on(account)}
        self.held: set[str] = set()  # ids of people who might be a member in doubt: not counted as gone
        self.apart = {(ref.id, known.id) for known in present for ref in known.apart if ref.account == account}

    def run(self) -> None:
        for number in self.members.keys() & self.here.keys():
            self._by_account(self.members[number], self.here[number])
        self._by_mobile()
        self._by_name()

    def _open(self) -> list[DirectoryPerson]:
        closed = self.found.keys() | {doubt.detail for doubt in self.doubts}
        return [member for number, member in sorted(self.members.items()) if number not in closed]

    def _doubt(self, code: str, member: DirectoryPerson, suspects: Iterable[Known] = ()) -> None:
        self.doubts.append(Doubt(code=code, name=member.name, detail=member.id))
        self.held.update(known.id for known in suspects)

    def _by_account(self, member: DirectoryPerson, known: Known) -> None:
        same = known.person.name == member.name or (member.mobile and known.person.mobile == member.mobile)
        if known.person.active or (same and known.left_by not in _FOR_GOOD):
            self.found[member.id] = known
        elif same:
            self._doubt("left_but_present", member)
        else:  # the id of a leaver, given to somebody new
            self.moved.append(Link(person=known.id, ref=PersonRef(self.account, member.id)))

    def _linked(self) -> set[str]:
        """People who have a member already."""
        return {known.id for known in self.found.values()}

    def _by_mobile(self) -> None:
        """Counted over everybody, linked or not: who shares a number today may be alone with it after this sync."""
        linked = self._linked()
        times = Counter(member.mobile for member in self.members.values())
        owners: dict[str, list[Known]] = {}
        for known in self.present:
            if known.left_by not in _FOR_GOOD and known.person.mobile:
                owners.setdefault(known.person.mobile, []).append(known)
        for member in self._open():
            found = [known for known in owners.get(member.mobile, []) if self._may_be(member, known)]
            if len(found) == 1 and found[0].id in linked and found[0].person.name != member.name:
                continue  # a number that two share: the other one has it in our list
            if len(found) == 1 and found[0].id not in linked and times[member.mobile] == 1:
                self._adopt(member, found[0])
            elif found:
                self._doubt("mobile_unclear", member, found)

    def _adopt(self, member: DirectoryPerson, known: Known) -> None:
        """Links; an id that the person had here and that the directory no longer has is given up."""
        self.found[member.id] = known
        self.moved += [Link(person=known.id, ref=ref) for ref in known.on(self.account) if ref.id not in self.members]

    def _by_name(self) -> None:
        linked = self._linked()
        times = Counter(member.name for number, member in self.members.items() if number not in self.found)
        names: dict[str, list[Known]] = {}
        for known in self.present:
            if known.person.active and known.id not in linked:
                names.setdefault(known.person.name, []).append(known)
        for member in self._open():
            namesakes = [known for known in names.get(member.name, []) if self._may_be(member, known)]
            self._name(member, namesakes, alone=times[member.name] == 1)

    def _may_be(self, member: DirectoryPerson, known: Known) -> bool:
        """False when an administrator has said that this account is not this person."""
        return (member.id, known.id) not in self.apart

    def _name(self, member: DirectoryPerson, namesakes: Sequence[Known], *, alone: bool) -> None:
        if not namesakes:
            self.newcomers.append(member)
        elif len(namesakes) > 1 or not alone or namesakes[0].id in self.held:
            self._doubt("name_unclear", member, namesakes)
        elif namesakes[0].on(self.account):
            self._doubt("renamed_perhaps", member, namesakes)
        elif member.mobile and namesakes[0].person.mobile:
            self._doubt("other_mobile", member, namesakes)
        else:
            self._adopt(member, namesakes[0])


class _Filling:
    """What people look like with the platform's fields in them."""

    def __init__(
        self,
        linking: _Linking,
        tree: departments.Tree,
        account: str,
        new_id: Callable[[], str],
        left: Iterable[Person],
    ) -> None:
        self._linking = linking
        self._left = {person.id for person in left}
        self._tree = tree
        self._account = account
        self._new = {member.id: Known(person=Person(id=new_id(), name="")) for member in linking.newcomers}
        self._who = {**linking.found, **self._new}  # member's id -> person
        self.joined: list[Known] = []
        self.changed: list[Change] = []
        self.doubts: list[Doubt] = []

    def run(self) -> None:
        managers = self._managers()
        for number, known in sorted(self._who.items()):
            if known.id in self._linking.held:
                continue  # two members may be this person: whose fields would these be?
            after = self._filled(known, self._linking.members[number], managers.get(known.id, ""))
            if number in self._new:
                self.joined.append(after)
            else:
                self.changed.append(Change(before=known, after=after))

    def links(self) -> Iterable[Link]:
        for number, known in sorted(self._who.items()):
            ref = PersonRef(self._account, number)
            union = self._linking.members[number].union_id or known.accounts.get(ref, "")
            if known.accounts.get(ref) != union:
                yield Link(person=known.id, ref=ref, union_id=union, known=ref in known.accounts)

    def headless(self, left: Iterable[Person]) -> Iterable[Doubt]:
        """Leavers whom somebody who stays still has as manager."""
        now = {known.id: known.person.manager for known in self._linking.present if known.person.active}
        now |= {known.id: known.person.manager for known in self.joined}
        now |= {change.after.id: change.after.person.manager for change in self.changed}
        gone = {person.id: person.name for person in left}
        times = Counter(manager for person, manager in now.items() if person not in gone)
        return [Doubt(code="manager_left", name=gone[one], detail=str(times[one])) for one in gone if times[one]]

    def twins(self) -> Iterable[Doubt]:
        """Two active people of one name and one mobile number: most likely one person whom two platforms brought."""
        now = {known.id: known.person for known in self._linking.present if known.person.active}
        now |= {known.id: known.person for known in self.joined}
        now |= {change.after.id: change.after.person for change in self.changed}
        apart = {known.id for known in self._linking.present if known.apart}
        times = Counter((one.name, one.mobile) for key, one in now.items() if one.mobile and key not in apart)
        for (name, mobile), number in times.items():
            if number > 1:
                yield Doubt(code="twins", name=name, detail=mobile[-4:])

    def _filled(self, known: Known, member: DirectoryPerson, manager: str) -> Known:
        offered = {
            "name": member.name,
            "department": self._tree.name(member),
            "post": member.post,
            "mobile": member.mobile,
            "manager": manager,
        }
        taken = {name: value for name, value in offered.items() if value and self._may_fill(known, name)}
        person = replace(known.person, **taken, prefer=known.person.prefer or self._account, active=True)
        sources = {**known.sources, **dict.fromkeys(taken, self._account)}
        return replace(known, person=person, sources=sources)

    def _may_fill(self, known: Known, name: str) -> bool:
        """What is empty, what we filled before, and what an account filled that the person no longer has."""
        source = known.sources.get(name)
        orphaned = source is not None and not known.on(source)
        return not getattr(known.person, name) or source == self._account or orphaned

    def _managers(self) -> dict[str, str]:
        """Person id -> the manager's that the platform names; without unknown ones and without circles."""
        offered: dict[str, tuple[str, DirectoryPerson]] = {}
        for number, known in sorted(self._who.items()):
            member = self._linking.members[number]
            boss = self._who.get(self._tree.manager(member))
            if known.id in self._linking.held:
                continue
            if boss is not None and boss.id != known.id and self._may_fill(known, "manager"):
                offered[known.id] = boss.id, member
        staying = [one for one in self._linking.present if one.person.active and one.id not in self._left]
        present = {known.id: known.person.manager for known in staying}  # a leaver closes no circle
        above = present | {person: boss for person, (boss, _) in offered.items()}
        while new := _circling(above, {one: boss for one, (boss, _) in offered.items()}, present):
            person = max(new, key=lambda one: offered[one][1].id)
            _, member = offered.pop(person)
            above[person] = present.get(person, "")  # what is there stays, and must close no circle either
            self.doubts.append(Doubt(code="manager_circle", name=member.name, detail=member.id))
        return {person: boss for person, (boss, _) in offered.items()}


def _circling(above: Mapping[str, str], offered: Mapping[str, str], present: Mapping[str, str]) -> list[str]:
    """Of a circle of managers those who would get another one than they have; nothing where there is no circle."""
    for person in offered:
        new = [one for one in circle(person, above) if one in offered and offered[one] != present.get(one, "")]
        if new:
            return new
    return []


def _by_code(doubt: Doubt) -> tuple[str, str, str]:
    return doubt.code, doubt.name, doubt.detail


def _digits(mobile: str) -> str:
    """As the office's list has it: without the country and without marks."""
    return "".join(filter(str.isdigit, mobile.removeprefix("+86")))


def _gone(linking: _Linking, account: str) -> tuple[list[Person], list[Link]]:
    """Leavers, and accounts of people who have another one. A leaver's account stays theirs, should they come back."""
    left: dict[str, Person] = {}
    unlinked = []
    staying = {known.id for known in linking.found.values()} | linking.held
    for number, known in sorted(linking.here.items()):
        if number in linking.members or known.id in staying or not known.person.active:
            continue
        if any(ref.account != account for ref in known.accounts):
            unlinked.append(Link(person=known.id, ref=PersonRef(account, number)))
        else:
            left[known.id] = known.person
    return list(left.values()), unlinked


def _refusals(
    linking: _Linking, members: Mapping[str, DirectoryPerson], *, lost: int, brake: Brake | None
) -> tuple[Doubt, ...]:
    """More often than half an office leaves in a day, a permission was withdrawn or a page of the list was lost."""
    base = len({known.id for known in linking.here.values() if known.person.active})
    if not members and base:
        return (Doubt(code="directory_empty", detail=str(base)),)
    if brake is not None and brake.holds(lost=lost, of=base):
        return (Doubt(code="brake", name=str(lost), detail=str(base)),)
    return ()
