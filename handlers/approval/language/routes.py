"""Who decides, in which order, and why: a form's route resolved for one applicant and one set of values.

`resolve` is pure over a snapshot of the office's people, so that a preview, a simulation and the submission itself give
the same answer. Nobody is dropped here for being the applicant: the engine does that when a step is reached, and
`Station.people` shows whom it will come to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from typing import Any

from handlers.approval import engine
from handlers.approval.engine import route as engine_route
from handlers.approval.language import expressions
from handlers.approval.language.expressions import About, Applicant, Scope
from handlers.approval.language.form_model import APPLICANT, Escape, Field, Form, Parallel, Rule, Step, Type, Who
from handlers.approval.language.functions import Work
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The active people of the office at one moment, by id, and who holds which role, in order."""

    persons: Mapping[str, Person]
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of_role(self, role: str) -> tuple[str, ...]:
        return tuple(person for person in self.roles.get(role, ()) if person in self.persons)

    def roles_of(self, person: str) -> tuple[str, ...]:
        return tuple(role for role, holders in self.roles.items() if person in holders)

    def applicant(self, person: str) -> Applicant:
        """What conditions may ask of this person."""
        one = self.persons[person]
        return Applicant(
            name=one.name, department=one.department, post=one.post, category=one.category, roles=self.roles_of(person)
        )

    def managers(self, person: str) -> list[str]:
        """The line upwards from the direct manager; ends at a gap or a circle."""
        line: list[str] = []
        above = self.persons[person].manager if person in self.persons else ""
        while above in self.persons and above != person and above not in line:
            line.append(above)
            above = self.persons[above].manager
        return line

    def heads(self, department: str) -> tuple[str, ...]:
        """Who leads a department: members whose own manager is outside; of several, those who lead somebody in it.

        Those who belong to no department are none together.
        """
        members = [one for one in self.persons.values() if department and one.department == department]
        inside = {one.id for one in members}
        tops = [one.id for one in members if one.manager not in inside]
        leading = {one.manager for one in members}
        return tuple(one for one in tops if one in leading) or tuple(tops)

    def named(self, word: str) -> tuple[str, ...]:
        """By staff number, else by name; nobody where a name is not clear."""
        by_number = [one.id for one in self.persons.values() if one.staff_no and one.staff_no == word]
        by_name = [one.id for one in self.persons.values() if one.name == word]
        found = by_number or by_name
        return tuple(found) if len(found) == 1 else ()


async def load_people(tx: Transaction) -> People:
    persons = {person.id: person for person in await directory.everybody(tx)}
    roles: dict[str, tuple[str, ...]] = {}
    for row in await tx.fetch("SELECT role, person FROM person_role ORDER BY id"):
        roles[row["role"]] = (*roles.get(row["role"], ()), row["person"])
    return People(persons=persons, roles=roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a step has these people, or none: a code that cards and commands word, and the name that belongs to it.

    manager (name: whose, level), department_head (name: department), role, post, person, applicant_choice (field),
    chosen_by (step), applicant. Of skipped steps: condition, nobody, own.
    """

    code: str
    name: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One step of the form as it turns out here. `index` is its place in `Route.steps`, None when it is left out.

    `people` are those who will be asked; empty where an earlier step names them, or nobody is asked. `instead` says why
    they are not those that the form names: `own` (that is the applicant), `apart` (it is kept apart from a step of
    theirs) or `nobody`; and what happens where there is nobody at all: the step is `passed`, or the item `refused`.
    `apart` are the titles of the steps whose people cannot act here.
    """

    step: str
    title: str
    why: Why
    people: tuple[str, ...] = ()
    index: int | None = None
    instead: str = ""
    apart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`steps` for the engine, `stations` for people; `blocked` is the code of the step that leads to nobody, or ""."""

    steps: tuple[engine.Step, ...]
    stations: tuple[Station, ...]
    unattended: str = ""
    blocked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    form: Form
    values: Mapping[str, Any]
    applicant: str
    people: People
    known: Scope


@dataclass(slots=True)
class _Made:
    """The route so far; `last` are the indices of the steps that the next one comes after."""

    steps: list[engine.Step] = field(default_factory=list)
    stations: list[Station] = field(default_factory=list)
    last: tuple[int, ...] = ()
    places: dict[str, int] = field(default_factory=dict)
    rounds: dict[str, tuple[int, ...]] = field(default_factory=dict)


def resolve(form: Form, values: Mapping[str, Any], *, applicant: str, people: People, about: About) -> Route:
    """The route of an item. Raises `expressions.Failed` for a condition that these values make impossible."""
    known = expressions.variables(form, values, about)
    case = _Case(form=form, values=values, applicant=applicant, people=people, known=known)
    made = _Made()
    for node in form.route:
        if isinstance(node, Step):
            _station(case, made, node)
        else:
            _fork(case, made, node)
    return Route(
        steps=tuple(made.steps),
        stations=tuple(made.stations),
        unattended=form.zero_approval,
        blocked=_blocked(case, made),
    )


def about(people: People, applicant: str, *, today: date, work: Work | None = None) -> About:
    """For a rehearsal: nothing was used yet."""
    return About(today=today, applicant=people.applicant(applicant), work=work)


def _fork(case: _Case, made: _Made, fork: Parallel) -> None:
    if not expressions.holds(case.form, fork.when, case.known):
        made.stations += [_left_out(step, "condition") for branch in fork.parallel for step in branch]
        return
    start, ends = made.last, []
    for branch in fork.parallel:
        made.last = start
        for step in branch:
            _station(case, made, step)
        ends += [end for end in made.last if end not in ends]
    made.last = tuple(ends)


def _station(case: _Case, made: _Made, step: Step) -> None:
    if not expressions.holds(case.form, step.when, case.known):
        made.stations.append(_left_out(step, "condition"))
        return
    for number, (people, why) in enumerate(_rounds(case, made, step), start=1):
        _append(case, made, step, people, why, number=number)


def _append(case: _Case, made: _Made, step: Step, people: tuple[str, ...], why: Why, *, number: int) -> None:
    index = len(made.steps)
    one = _engine_step(case, made, step, people, name=step.step if number == 1 else f"{step.step}_{number}")
    made.steps.append(one)
    made.stations.append(_shown(case, made, step, why, index))
    made.last = (index,)
    made.places[step.step] = index
    made.rounds[step.step] = (*made.rounds.get(step.step, ()), index)


def _rounds(case: _Case, made: _Made, step: Step) -> Iterable[tuple[tuple[str, ...], Why]]:
    """Once, or for several levels of managers once per level that there is."""
    who = step.who
    if not who.levels:
        return [_named(case, who)]
    whose = _whose(case, who.manager_of or APPLICANT)
    name = case.people.persons[whose].name if whose in case.people.persons else ""
    line = case.people.managers(whose)[: who.levels]
    found = [((boss,), Why(code="manager", name=name, level=level)) for level, boss in enumerate(line, start=1)]
    return found or [((), Why(code="manager", name=name, level=1))]


def _named(case: _Case, who: Who) -> tuple[tuple[str, ...], Why]:
    people = case.people
    if who.manager_of:
        return _manager(case, who)
    if who.department_head:
        department = _department(case, who.department_head)
        return people.heads(department), Why(code="department_head", name=department)
    if who.role:
        return people.of_role(who.role), Why(code="role", name=who.role)
    if who.post:
        holders = tuple(one.id for one in people.persons.values() if one.post == who.post)
        return holders, Why(code="post", name=who.post)
    if who.person:
        return people.named(who.person), Why(code="person", name=who.person)
    if who.applicant_choice:
        why = Why(code="applicant_choice", name=_title(case, who.applicant_choice))
        return _chosen(case, who.applicant_choice), why
    if who.applicant:
        return (case.applicant,), Why(code="applicant")
    earlier = case.form.step(who.chosen_by or "")
    return (), Why(code="chosen_by", name=earlier.title if earlier else "")


def _manager(case: _Case, who: Who) -> tuple[tuple[str, ...], Why]:
    whose = _whose(case, who.manager_of or APPLICANT)
    line = case.people.managers(whose)
    name = case.people.persons[whose].name if whose in case.people.persons else ""
    return tuple(line[who.level - 1 : who.level]), Why(code="manager", name=name, level=who.level)


def _whose(case: _Case, word: str) -> str:
    if word == APPLICANT:
        return case.applicant
    chosen = _chosen(case, word)
    return chosen[0] if chosen else ""


def _department(case: _Case, word: str) -> str:
    if word == APPLICANT:
        return case.people.persons[case.applicant].department
    one = case.form.fields.get(word)
    if one is None:
        return word
    if one.type is Type.PERSON:
        chosen = _chosen(case, word)
        return case.people.persons[chosen[0]].department if chosen else ""
    return str(case.values.get(word, ""))


def _chosen(case: _Case, code: str) -> tuple[str, ...]:
    value = case.values.get(code) or ()
    people = (value,) if isinstance(value, str) else tuple(value)
    return tuple(person for person in people if person in case.people.persons)


def _title(case: _Case, code: str) -> str:
    return case.form.fields[code].title if code in case.form.fields else code


def _engine_step(case: _Case, made: _Made, step: Step, people: tuple[str, ...], *, name: str) -> engine.Step:
    chooser = made.places.get(step.who.chosen_by or "")
    rule, need, weights = _rule(case, step.rule, people)
    return engine.Step(
        name=name,
        title=step.title,
        after=made.last,
        approvers=people,
        rule=engine.Rule.ALL if step.circulate else rule,
        kind=_kind(step),
        need=need,
        weights=weights,
        chosen_by=chooser,
        candidates=case.people.of_role(step.who.among) if chooser is not None and step.who.among else (),
        same=_SAME[step.same_approver],
        own=_nobody(step.if_applicant),
        empty=_nobody(step.if_empty),
        fallback=_fallback(case, step, people),
        task=_evidence(case, step),
        deadline=_deadline(case, step),
        cc=_of_roles(case, step.cc),
        without=tuple(engine.Verb(verb) for verb in step.without),
        edits=step.edits,
        other_than=tuple(index for code in step.other_than for index in made.rounds.get(code, ())),
        at_most=step.who.at_most or 0,
        button=step.task.button if step.task else "",
        applicant_task=bool(step.who.applicant),
    )


_SAME = {"pass": engine.Same.ONCE, "pass_next": engine.Same.NEXT, "ask": engine.Same.ASK}
_NOBODY = {"skip": engine.Nobody.PASS, "stop": engine.Nobody.REFUSE, "up": engine.Nobody.HAND_ON}


def _nobody(word: str | Escape) -> engine.Nobody:
    return _NOBODY[word] if isinstance(word, str) else engine.Nobody.HAND_ON


def _fallback(case: _Case, step: Step, people: tuple[str, ...]) -> tuple[str, ...]:
    """Who decides when the form's own choice leaves nobody: which of the two rules applies is known already.

    A step that is kept apart from another may lose its people when it is reached: then the engine takes the first of
    these who may.
    """
    if step.other_than:
        return _stand_ins(case, step)
    rule = step.if_applicant if people else step.if_empty
    if isinstance(rule, Escape):
        return _first_other(case, rule)
    if rule != "up":
        return ()
    above = case.people.managers(case.applicant)
    return tuple(above[:1]) or _first_other(case, step.if_empty if isinstance(step.if_empty, Escape) else None)


def _stand_ins(case: _Case, step: Step) -> tuple[str, ...]:
    """In the order of the form: the roles that it names, who is above the applicant where it says `up`."""
    rules = (step.if_empty, step.if_applicant)
    roles = [role for rule in rules if isinstance(rule, Escape) for role in rule.role]
    found = [one for role in roles for one in case.people.of_role(role)]
    above = case.people.managers(case.applicant)[:1] if step.if_applicant == "up" else []
    return tuple(dict.fromkeys(one for one in (*found, *above) if one != case.applicant))


def _first_other(case: _Case, escape: Escape | None) -> tuple[str, ...]:
    for role in escape.role if escape else ():
        others = tuple(one for one in case.people.of_role(role) if one != case.applicant)
        if others:
            return others
    return ()


def _kind(step: Step) -> engine.Kind:
    if step.task:
        return engine.Kind.TASK
    return engine.Kind.READ if step.circulate else engine.Kind.DECIDE


def _rule(case: _Case, rule: Rule, people: Sequence[str]) -> tuple[engine.Rule, int, tuple[int, ...]]:
    if rule.at_least:
        return engine.Rule.COUNT, rule.at_least, ()
    if rule.vote:
        weights = tuple(_weight(case, person, rule.vote.weights) for person in people)
        return engine.Rule.WEIGHT, ceil(sum(weights) * rule.vote.share / 100), weights
    return (engine.Rule.ALL if rule.all else engine.Rule.ANY), 0, ()


def _weight(case: _Case, person: str, weights: Mapping[str, int]) -> int:
    """By name or staff number, else the heaviest of the person's roles."""
    one = case.people.persons[person]
    for word in (one.staff_no, one.name):
        if word and word in weights:
            return weights[word]
    return max((weights[role] for role in case.people.roles_of(person) if role in weights), default=1)


_PROOFS = {
    Type.PHOTO: engine.Proof.PHOTO,
    Type.ATTACHMENT: engine.Proof.FILE,
    Type.NUMBER: engine.Proof.NUMBER,
    Type.MONEY: engine.Proof.NUMBER,
}


def _evidence(case: _Case, step: Step) -> tuple[engine.Evidence, ...]:
    """What applies to these values. Where other evidence decides that, the engine asks for nothing: `fill` does."""
    fields = [(code, case.form.fields[code]) for code in step.task.evidence] if step.task else []
    return tuple(
        engine.Evidence(
            key=code,
            kind=_PROOFS.get(one.type, engine.Proof.TEXT) if not one.decimals else engine.Proof.TEXT,
            title=one.title,
            required=one.required and not _hangs_on_evidence(case.form, one),
            low=_bound(one.min, one.type),
            high=_bound(one.max, one.type),
        )
        for code, one in fields
        if _hangs_on_evidence(case.form, one) or expressions.holds(case.form, one.when, case.known)
    )


def _hangs_on_evidence(form: Form, one: Field) -> bool:
    return not form.evidence().isdisjoint(expressions.fields_in(form, one.when or ""))


def _bound(limit: Any, kind: Type) -> int | None:
    if limit is None:
        return None
    return int(limit * 100) if kind is Type.MONEY else int(limit)


def _deadline(case: _Case, step: Step) -> engine.Deadline | None:
    limit = step.deadline
    if limit is None:
        return None
    to = _named(case, limit.to)[0] if limit.to else ()
    others = tuple(person for person in to if person != case.applicant)
    return engine.Deadline(minutes=limit.working_hours * 60, then=engine.Late(limit.then), to=others)


def _of_roles(case: _Case, roles: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person for role in roles for person in case.people.of_role(role)))


def _left_out(step: Step, why: str) -> Station:
    return Station(step=step.step, title=step.title, why=Why(code=why))


def _shown(case: _Case, made: _Made, step: Step, why: Why, index: int) -> Station:
    one = made.steps[index]
    apart = tuple(made.steps[other].title for other in one.other_than)
    if one.chosen_by is not None:
        return Station(step=one.name, title=step.title, why=why, index=index, apart=apart)
    barred = engine_route.bound(made.steps, index, case.applicant)
    people, rule = engine_route.decider(one, case.applicant, barred)
    instead = ""
    if not people:
        instead = "passed" if rule is engine.Nobody.PASS else "refused"
    elif not set(people) <= set(one.approvers):
        instead = "nobody" if not one.approvers else "apart" if barred & set(one.approvers) else "own"
    return Station(
        step=one.name, title=step.title, why=why, people=people, index=index, instead=instead, apart=apart
    )


def _blocked(case: _Case, made: _Made) -> str:
    """The code of the first step that leads to nobody and may not pass."""
    for index, step in enumerate(made.steps):
        barred = engine_route.bound(made.steps, index, case.applicant)
        people, rule = engine_route.decider(step, case.applicant, barred)
        if step.chosen_by is None and not people and rule is engine.Nobody.REFUSE:
            return step.name
    return ""
