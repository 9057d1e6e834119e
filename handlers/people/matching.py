"""Which person each row of the office's list is. Pure; every pass looks at all rows before it decides: their order
does not matter.

A row is recognised by its staff number, else by an account, else by a name that nobody shares.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.refs import PersonRef
from handlers.people.plan import Doubt, Known

COLUMNS = frozenset({"name", "staff_no", "department", "post", "manager", "first_work_date", "sex", "mobile"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A row of the list. `manager` is a name, staff number or account id; `accounts` in order of preference.

    `given` names the columns that the list has: an empty cell of a given column empties the field, unless a platform's
    directory filled it; a column that the list lacks changes nothing. Accounts are only ever added or replaced.
    """

    name: str
    staff_no: str = ""
    department: str = ""
    post: str = ""
    manager: str = ""
    first_work_date: str = ""
    sex: str = ""
    mobile: str = ""
    category: str = ""
    joined_unit: str = ""
    continuous_since: str = ""
    leaving_date: str = ""
    service_gaps: str = ""
    holiday_groups: str = ""
    accounts: tuple[PersonRef, ...] = ()
    line: int = 0
    given: frozenset[str] = field(default=COLUMNS)


class Matching:
    """`refusals` and `doubts` are filled by `run`."""

    def __init__(self, present: Sequence[Known], wanted: Sequence[Wanted]) -> None:
        self._present = present
        self._wanted = wanted
        self._found: dict[int, Known] = {}
        self._closed: set[int] = set()  # rows that were refused
        self.refusals: list[Doubt] = []
        self.doubts: list[Doubt] = []

    def run(self) -> Mapping[int, Known]:
        """Row number -> person; rows without one are newcomers."""
        self._by_number()
        self._renumbered()
        self._by_account()
        self._by_name()
        self._twice()
        self._alike()
        return self._found

    def _by_number(self) -> None:
        numbers = _index((known.person.staff_no, known) for known in self._present)
        self._settle({number: numbers[row.staff_no] for number, row in self._open() if row.staff_no})

    def _renumbered(self) -> None:
        """A row with a number nobody has, for somebody who has another: Excel turns 001 into 1, and a newcomer would
        get the account while the ledger stays with the person of before."""
        free = [known for known in self._free() if known.person.active and known.person.staff_no]
        for number, row in self._open():
            for known in free if row.staff_no else ():
                if known.person.name == row.name and _one_person(known, row):
                    self._refuse(number, "number_changed", known.person.staff_no)
                    break

    def _by_account(self) -> None:
        free = self._free()
        owners = {ref: known for known in free for ref in known.accounts}
        names = _index((known.person.name, known) for known in free if known.person.active)
        candidates = {}
        for number, row in self._open():
            found = {owners[ref].id: owners[ref] for ref in row.accounts if ref in owners and _same(owners[ref], row)}
            if found and names[row.name] and not any(known.person.name == row.name for known in found.values()):
                # The account says one person and the name another: two may have been mixed up in the list.
                found |= {known.id: known for known in names[row.name]}
            candidates[number] = list(found.values())
        self._settle(candidates)

    def _by_name(self) -> None:
        names = _index((known.person.name, known) for known in self._free() if known.person.active)
        rows = self._open()
        times = Counter(row.name for _, row in rows)
        for number, row in rows:
            namesakes = [known for known in names[row.name] if _may_be(known, row)]
            if len(namesakes) == 1 and times[row.name] == 1:
                self._found[number] = namesakes[0]
            elif namesakes:
                self._refuse(number, "name_unclear", str(max(len(namesakes), times[row.name])))

    def _twice(self) -> None:
        """Two rows for one person, or one account in two rows."""
        rows: dict[str | PersonRef, list[int]] = defaultdict(list)
        for number, row in enumerate(self._wanted):
            for ref in set(row.accounts):
                rows[ref].append(number)
            if number in self._found:
                rows[self._found[number].id].append(number)
        for key, numbers in rows.items():
            for number in numbers if len(numbers) > 1 else ():
                detail = key.id if isinstance(key, PersonRef) else ""
                self._refuse(number, "account_twice" if detail else "person_twice", detail)

    def _alike(self) -> None:
        """Rows that nobody could tell apart the next time: a staff number twice, or a name twice with nothing else."""
        numbers = Counter(row.staff_no for row in self._wanted)
        bare = Counter(row.name for row in self._wanted if not row.staff_no and not row.accounts)
        for number, row in enumerate(self._wanted):
            if (row.staff_no and numbers[row.staff_no] > 1) or (not row.staff_no and bare[row.name] > 1):
                self._refuse(number, "person_twice", "")

    def _open(self) -> list[tuple[int, Wanted]]:
        done = self._closed | self._found.keys()
        return [(number, row) for number, row in enumerate(self._wanted) if number not in done]

    def _free(self) -> list[Known]:
        taken = {known.id for known in self._found.values()}
        return [known for known in self._present if known.id not in taken]

    def _settle(self, candidates: Mapping[int, Sequence[Known]]) -> None:
        for number, people in candidates.items():
            if len(people) > 1:
                names = "、".join(sorted({known.person.name for known in people}))
                self._refuse(number, "several_people", names)
            elif people:
                self._take(number, people[0])

    def _take(self, number: int, known: Known) -> None:
        self._found[number] = known
        row = self._wanted[number]
        if known.person.name != row.name:
            self.doubts.append(Doubt(code="name_changed", name=row.name, line=row.line, detail=known.person.name))

    def _refuse(self, number: int, code: str, detail: str) -> None:
        self._closed.add(number)
        row = self._wanted[number]
        self.refusals.append(Doubt(code=code, name=row.name, line=row.line, detail=detail))


def _index(pairs: Iterable[tuple[str, Known]]) -> Mapping[str, list[Known]]:
    found: dict[str, list[Known]] = defaultdict(list)
    for word, known in pairs:
        found[word].append(known)
    return found


def _one_person(known: Known, row: Wanted) -> bool:
    """Of two who bear one name: they share an account, or their numbers differ by zeros in front."""
    shorter = row.staff_no.lstrip("0") == known.person.staff_no.lstrip("0")
    return shorter or not set(known.accounts).isdisjoint(row.accounts)


def _may_be(known: Known, row: Wanted) -> bool:
    """False when both have a staff number and they differ."""
    return not known.person.staff_no or not row.staff_no or known.person.staff_no == row.staff_no


def _same(known: Known, row: Wanted) -> bool:
    """Whether the owner of a row's account is the row's person: a leaver's account may have gone to somebody new."""
    return _may_be(known, row) and (known.person.active or known.person.name == row.name)
