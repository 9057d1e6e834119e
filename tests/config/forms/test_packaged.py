"""Every packaged form as an office gets it: no mistakes in the file, and the right people in the right order.

What is filled in and who is expected stands in tests/recordings/packaged_forms.yaml, to be read by the office.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from bot import forms
from config import crosscheck, staff
from handlers.approval import engine
from handlers.approval.engine import Act, Kind, State, Verb
from handlers.approval.language import fill, routes
from handlers.approval.language.form_model import Type
from handlers.approval.language.functions import Work
from handlers.days import workdays
from handlers.people.directory import Person

PACKAGED = crosscheck.PACKAGED / "forms"
RECORDING = Path(__file__).parents[2] / "recordings" / "packaged_forms.yaml"
BOOK = yaml.load(RECORDING.read_text(encoding="utf-8"), yaml.BaseLoader)  # texts only, as typed
TODAY = date.fromisoformat(BOOK["today"])
NOW = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)
FILES = {file.path.stem: file for file in forms.read([PACKAGED], roles=BOOK["roles"])}
FORMS = {code: forms.runtime(file) for code, file in FILES.items()}
WORK = Work(
    calendar=workdays.from_data(
        yaml.load(file.read_bytes(), yaml.CSafeLoader) for file in (crosscheck.PACKAGED / "calendars").glob("*.yaml")
    ),
    hours=workdays.WorkHours(periods=workdays.as_periods([["08:30", "12:00"], ["14:30", "17:30"]])),
)
CASES = BOOK["forms"]
CLERK = "高洁"
SMALL = ("personnel", "office_director", "seal_keeper", "dispatcher", "admin")
"""The roles of config/example.yaml: what an office has that named no others."""

each_form = pytest.mark.parametrize("code", sorted(CASES))


def _people(roles=tuple(BOOK["roles"])):
    """The sample office, with names for ids."""
    data = (crosscheck.PACKAGED / "sample" / "staff.csv").read_bytes()
    rows = staff.parse(data, file="staff.csv", accounts={"wecom": "wecom", "dingtalk": "dingtalk"}, today=TODAY).rows
    persons = {row.name: _person(row) for row in rows}
    return routes.People(persons=persons, roles={role: tuple(BOOK["roles"][role]) for role in roles})


def _person(row):
    return Person(
        id=row.name,
        name=row.name,
        staff_no=row.staff_no,
        department=row.department,
        post=row.post,
        manager=row.manager,
    )


OFFICE, SMALL_OFFICE = _people(), _people(SMALL)


def _typed(form, raw):
    """The words of the recording as somebody types them; a file name is a file that was handed in."""
    files = {code for code, one in form.fields.items() if one.type in (Type.ATTACHMENT, Type.PHOTO)}
    return {code: _files(value) if code in files and value else value for code, value in raw.items()}


def _files(name):
    kind = "image/jpeg" if name.endswith(".jpg") else "application/octet-stream"
    return [{"id": f"file-{name}", "name": name, "size": 1000, "type": kind}]


def _asked(code, **changes):
    """The values of the recording, with defaults and everything computed."""
    form, case = FORMS[code], CASES[code]
    typed = {**_typed(form, case["values"]), **_typed(form, changes)}
    return fill.complete(form, fill.with_defaults(form, fill.normalise(form, typed)), _about(code))


def _about(code, people=OFFICE):
    return routes.about(people, _applicant(code), today=TODAY, work=WORK)


def _applicant(code):
    return CASES[code].get("applicant", CLERK)


def _route(code, values, *, people=OFFICE, applicant=None):
    who = applicant or _applicant(code)
    return routes.resolve(
        FORMS[code], values, applicant=who, people=people, about=routes.about(people, who, today=TODAY, work=WORK)
    )


def _problems(code, values):
    return {(one.path[0], one.code) for one in fill.problems(FORMS[code], values, _about(code))}


def _walked(code, route, values, *, applicant=None, evidence=None):
    """Lets everybody agree until nothing is left to do: the end of the item and who acted, in order.

    People give the evidence that applies to these values and nothing else.
    """
    given = _evidence(code, values, CASES[code].get("evidence", {}) if evidence is None else evidence)
    request = engine.Request(
        id="1", applicant=applicant or _applicant(code), steps=route.steps, unattended=route.unattended
    )
    request = engine.decide(request, Act(verb=Verb.SUBMIT), by=request.applicant, now=NOW).request
    acted = []
    while request.state is State.PENDING:
        step, person = engine.present(request)[0], engine.waiting_for(request)[0]
        acted.append(f"{request.steps[step].name} {person}")
        request = engine.decide(request, _consent(code, request, step, given), by=person, now=NOW).request
    return request.state, acted


def _consent(code, request, index, given):
    step = request.steps[index]
    wanted = CASES[code].get("choices", {})
    chosen = {i: tuple(wanted[one.name]) for i, one in enumerate(request.steps) if one.chosen_by == index}
    verb = {Kind.DECIDE: Verb.APPROVE, Kind.TASK: Verb.CONFIRM, Kind.READ: Verb.READ}[step.kind]
    evidence = {one.key: _as_evidence(given[one.key]) for one in step.task if one.key in given}
    return Act(verb=verb, step=index, chosen=chosen, evidence=evidence)


def _evidence(code, values, raw):
    form = FORMS[code]
    both = fill.complete(form, {**values, **_typed(form, raw)}, _about(code))
    return {key: value for key, value in both.items() if key in form.evidence()}


def _as_evidence(value):
    return value[0]["id"] if isinstance(value, list) and isinstance(value[0], Mapping) else value


def test_all_forms_of_the_catalogue_are_there_and_each_has_its_case():
    assert set(FILES) == set(CASES)
    assert len(FILES) >= 24


@pytest.mark.parametrize("code", sorted(FILES))
def test_a_packaged_form_has_no_mistakes_and_is_named_as_its_file(code):
    assert [str(problem) for problem in FILES[code].problems] == []
    assert FORMS[code].code == code


def test_an_office_that_names_only_the_five_roles_is_not_nagged_about_the_others():
    assert [str(problem) for file in forms.read([PACKAGED], roles=SMALL) for problem in file.problems] == []


def test_a_slip_in_a_role_is_told_even_where_somebody_else_would_do_it(tmp_path):
    text = (PACKAGED / "seal.yaml").read_text(encoding="utf-8")
    wrong = text.replace("who: {role: seal_keeper}", "who: {role: seal_keper}")
    (tmp_path / "seal.yaml").write_text(wrong, encoding="utf-8")
    told = [problem for file in forms.read([tmp_path], roles=SMALL) for problem in file.problems]
    assert {(problem.key, problem.hint) for problem in told} == {
        ("route[4].who.role", "seal_keeper"),
        ("route[5].who.role", "seal_keeper"),
    }


def _starts(text):
    """The keys of an example's lines, taken in or commented out."""
    return {match[0] for match in re.finditer(r"(?m)(?<=^)  \w+: \[|# \w+: \[", text)}


def test_every_role_of_the_packaged_forms_is_explained_in_the_example():
    example = (crosscheck.PACKAGED / "example.yaml").read_text(encoding="utf-8")
    assert set(BOOK["roles"]) == set(crosscheck.KNOWN_ROLES)
    assert not [role for role in crosscheck.KNOWN_ROLES if not {f"  {role}: [", f"# {role}: ["} & _starts(example)]


@pytest.mark.parametrize("code", sorted(FILES))
def test_a_packaged_form_says_what_matters_and_on_what_ground(code):
    form = FORMS[code]
    assert len(form.rule) >= 20
    assert form.category
    assert form.basis or code == "repair"


def test_the_readme_lists_every_packaged_form_and_every_role():
    text = (PACKAGED / "README.md").read_text(encoding="utf-8")
    assert not [code for code in FILES if f"（{code}" not in text]
    assert not [role for role in crosscheck.KNOWN_ROLES if f"`{role}` " not in text]


def test_only_the_form_that_moves_money_is_off_until_the_office_says_so():
    assert [code for code, form in FORMS.items() if not form.is_enabled] == ["expense"]


@pytest.mark.parametrize("code", sorted(FILES))
def test_a_form_that_takes_papers_asks_for_the_declaration(code):
    """office-rules.md 5.3: before it accepts a file."""
    form = FORMS[code]
    papers = [one for one, field in form.inputs() if field.type is Type.ATTACHMENT]
    assert form.secrecy in ("declare", "closed") or not papers


@pytest.mark.parametrize("code", sorted(FILES))
def test_no_form_knows_words_for_secrecy_grades(code):
    """office-rules.md 5.3: they do not exist as a choice, and nobody is led to register such a paper here."""
    options = {option.title for field in FORMS[code].fields.values() for option in field.options}
    assert not {option for option in options if any(word in option for word in ("绝密", "机密", "秘密"))}


@each_form
def test_a_clerk_fills_in_the_form_and_nothing_is_missing(code):
    values = _asked(code)
    assert _problems(code, values) == set()


@each_form
def test_who_decides_in_which_order(code):
    route = _route(code, _asked(code))
    assert route.blocked == ""
    assert _walked(code, route, _asked(code)) == (State.APPROVED, CASES[code]["decides"])


@each_form
def test_an_office_that_names_only_the_five_roles_can_use_the_form(code):
    route = _route(code, _asked(code), people=SMALL_OFFICE)
    assert route.blocked == ""
    state, acted = _walked(code, route, _asked(code))
    assert state is State.APPROVED
    assert [one.split()[0] for one in acted[:1]] == [one.split()[0] for one in CASES[code]["decides"][:1]]


@each_form
@pytest.mark.parametrize("who", sorted(OFFICE.persons))
def test_nobody_decides_an_own_item_whoever_asks(code, who):
    """The top leader's own leave and trips are the superior organ's business, outside of this office."""
    route = _route(code, _asked(code), applicant=who)
    if route.blocked:
        assert who == "孙立新"
        assert code in ("trip", "abroad")
        return
    if any(who in people for people in CASES[code].get("choices", {}).values()):
        return  # a leader may not choose the applicant: the engine's own tests
    state, acted = _walked(code, route, _asked(code), applicant=who)
    assert state is State.APPROVED
    left = {step.name for step in route.steps if step.applicant_task}
    assert {one.split()[0] for one in acted if one.split()[1] == who} == left


@pytest.mark.parametrize(
    ("code", "field"), [(code, field) for code in sorted(CASES) for field in CASES[code]["refused"]]
)
def test_a_slip_is_refused_at_its_field(code, field):
    value, refusal = CASES[code]["refused"][field]
    form = FORMS[code]
    values = {**_asked(code), **_typed(form, {field: value})}
    only = frozenset({field}) if field in form.evidence() else None
    typed = fill.complete(form, {**_typed(form, CASES[code].get("evidence", {})), **values}, _about(code))
    found = {(one.path[0], one.code) for one in fill.problems(form, typed, _about(code), only=only)}
    assert found == {(field, refusal)}


BORDERS = [(code, border) for code in sorted(CASES) for border in CASES[code].get("borders", ())]


@pytest.mark.parametrize(("code", "border"), BORDERS, ids=[f"{code}-{b['steps']}" for code, b in BORDERS])
def test_the_route_turns_at_its_borders(code, border):
    values = _asked(code, **_change(code, border))
    assert _problems(code, values) == set()
    route = _route(code, values)
    there = {step.name for step in route.steps}
    assert {one[1:] for one in border["steps"] if one[0] == "+"} <= there
    assert not {one[1:] for one in border["steps"] if one[0] == "-"} & there
    assert _walked(code, route, values, evidence=border.get("evidence"))[0] is State.APPROVED


def _change(code, border):
    """The change itself, or as many people, as much money as it says."""
    change = dict(border.get("change", {}))
    if "guests" in border:
        change["guests"] = [{"name": f"来宾{i}", "post": "科员"} for i in range(int(border["guests"]))]
    if "visitors" in border:
        change["visitors"] = [{"name": f"访客{i}", "unit": "某公司"} for i in range(int(border["visitors"]))]
    if "invoice" in border:
        row = {"number": "26442000000012345678", "issued": "2026-04-22", "content": "住宿", "amount": border["invoice"]}
        change["invoices"] = [row]
    return change


def test_a_standard_trip_of_a_car_goes_to_the_dispatcher_and_to_a_sample_afterwards():
    form = FORMS["vehicle"]
    values = _asked("vehicle")
    assert values["standard"] == "是"
    assert form.sampling is not None
    assert form.sampling.when == 'standard == "是"'


@pytest.mark.parametrize(
    ("used", "steps"),
    [
        ({"used.month.count": 7}, ["dispatch", "finish"]),
        ({"used.month.count": 8}, ["manager", "dispatch", "finish"]),
        ({"used.department.month.sum.mileage": 2000}, ["manager", "dispatch", "finish"]),
    ],
)
def test_beyond_the_quota_a_standard_trip_needs_approval_again(used, steps):
    about = replace(_about("vehicle"), used=used)
    values = fill.complete(FORMS["vehicle"], _asked("vehicle"), about)
    route = routes.resolve(FORMS["vehicle"], values, applicant=CLERK, people=OFFICE, about=about)
    assert [step.name for step in route.steps] == steps


@pytest.mark.parametrize(("guests", "hosts", "fits"), [(10, 3, True), (10, 4, False), (14, 4, True), (14, 5, False)])
def test_hosts_are_counted_against_the_guests(guests, hosts, fits):
    values = _asked("reception", guests=[{"name": f"来宾{i}", "post": "科员"} for i in range(guests)], hosts=hosts)
    assert _problems("reception", values) == (set() if fits else {("hosts", "must")})


def test_a_photo_of_the_stamped_original_and_the_count_are_required_and_stay_here():
    form = FORMS["seal"]
    keeper = form.step("keeper")
    assert keeper is not None
    assert keeper.task is not None
    assert keeper.task.evidence == ("stamped_copies", "stamped_photo")
    assert form.fields["stamped_photo"].required
    assert form.fields["stamped_photo"].never_leaves


def test_the_sums_of_a_procurement_are_those_of_its_lines():
    values = _asked("procurement", recent="100")
    assert (values["total"], values["combined"]) == (1_299_950, 1_309_950)


def test_the_text_on_a_copied_certificate_names_its_purpose():
    assert _asked("certificate")["mark"] == "仅限用于办理账户年检，再复印无效"
