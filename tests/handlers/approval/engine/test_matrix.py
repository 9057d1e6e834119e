"""Who x verb x state x path: allowed exactly where these tables say so, refused everywhere else.

The item: zhang asks, li decides first (and has asked borrower wen at a second, parallel step), zhao decides later.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers import errors
from handlers.approval import engine
from handlers.approval.engine import Act, Kind, Request, State, Step, Verb

NOW = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)

# who -> (person, for whom they stand in, roles)
WHO = {
    "applicant": ("zhang", (), ()),
    "applicant as proxy": ("zhang", ("li",), ()),
    "approver": ("li", (), ()),
    "proxy": ("qian", ("li",), ()),
    "asked first": ("wen", (), ()),
    "later approver": ("zhao", (), ()),
    "opinion wanted": ("chen", (), ()),
    "applicant's proxy": ("ding", ("zhang",), ()),
    "stranger": ("hu", (), ()),
    "administrator": ("hu", (), ("admin",)),
    "the system": (engine.SYSTEM, (), ()),
}

TALK = "comment attach cc circulate"
PENDING = {
    "applicant": f"{TALK} urge withdraw",
    "applicant as proxy": f"{TALK} urge withdraw",
    "approver": f"claim approve reject return transfer add_signer delegate {TALK}",
    "proxy": f"claim approve reject return transfer add_signer delegate {TALK}",
    "asked first": f"hand_back {TALK}",
    "later approver": TALK,
    "opinion wanted": f"read {TALK}",
    "applicant's proxy": TALK,
    "stranger": "",
    "administrator": "replace",
    "the system": "replace",
}
DRAFT = {"applicant": "submit discard", "applicant as proxy": "submit discard"}
RETURNED = {
    "applicant": f"resubmit withdraw {TALK}",
    "applicant as proxy": f"resubmit withdraw {TALK}",
    "administrator": "replace",
    "the system": "replace",
}
APPROVED = {"applicant": f"cancel {TALK}", "applicant as proxy": f"cancel {TALK}"}
ENDED = {"applicant": TALK, "applicant as proxy": TALK}
PARTIES = dict.fromkeys(["approver", "asked first", "later approver", "applicant's proxy"], TALK) | {
    "opinion wanted": f"read {TALK}"
}
TABLE = {
    State.DRAFT: DRAFT,
    State.PENDING: PENDING,
    State.RETURNED: PARTIES | RETURNED,
    State.APPROVED: PARTIES | APPROVED,
    State.REJECTED: PARTIES | ENDED,
    State.WITHDRAWN: PARTIES | ENDED,
    State.CANCELLED: PARTIES | ENDED,
    State.DISCARDED: {},
}
STEPS = (
    Step(name="first", approvers=("li", "sun"), after=()),
    Step(name="beside", approvers=("wang",), after=()),
    Step(name="later", approvers=("zhao",), after=(0, 1)),
)


def act(verb, seen=None):
    """The act with all that it could need."""
    to = {Verb.REPLACE: ("sun", "gao")}.get(verb, ("gao",))
    return Act(verb=verb, opinion="因为", to=to, files=("f1",), seen=seen)


def item(state):
    """The item in this state, reached by acts."""
    request = Request(id="i1", applicant="zhang", steps=STEPS)
    done = [(Act(verb=Verb.SUBMIT), "zhang")]
    done += [(Act(verb=Verb.DELEGATE, to=("wen",)), "wang"), (Act(verb=Verb.CIRCULATE, to=("chen",)), "zhang")]
    done += {
        State.DRAFT: [],
        State.DISCARDED: [(Act(verb=Verb.DISCARD), "zhang")],
        State.PENDING: [],
        State.RETURNED: [(Act(verb=Verb.RETURN, opinion="因为"), "li")],
        State.REJECTED: [(Act(verb=Verb.REJECT, opinion="因为"), "li")],
        State.WITHDRAWN: [(Act(verb=Verb.WITHDRAW), "zhang")],
        State.APPROVED: _approvals(),
        State.CANCELLED: [*_approvals(), (Act(verb=Verb.CANCEL), "zhang")],
    }[state]
    if state in (State.DRAFT, State.DISCARDED):
        done = done[3:]
    for one, by in done:
        request = engine.decide(request, one, by=by, now=NOW).request
    assert request.state is state
    return request


def _approvals():
    back = (Act(verb=Verb.HAND_BACK, opinion="可以"), "wen")
    return [back, *((Act(verb=Verb.APPROVE), who) for who in ("li", "wang", "zhao"))]


@pytest.mark.parametrize("path", ["tap", "words"])
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("state", State)
def test_allowed_is_exactly_what_the_table_says(state, who, path):
    request = item(state)
    by, principals, roles = WHO[who]
    seen = request.version if path == "tap" else None
    done = set()
    for verb in Verb:
        try:
            engine.decide(request, act(verb, seen), by=by, principals=principals, roles=frozenset(roles), now=NOW)
        except errors.RuleError:
            continue
        done.add(verb.value)
    assert done == set(TABLE[state].get(who, "").split())


@pytest.mark.parametrize("verb", [Verb.TRANSFER, Verb.ADD_SIGNER, Verb.DELEGATE, Verb.CIRCULATE])
def test_no_hand_on_leads_to_the_applicant(verb):
    with pytest.raises(errors.OwnRequest):
        engine.decide(item(State.PENDING), Act(verb=verb, to=("zhang",)), by="li", now=NOW)


def test_no_hand_over_leads_to_the_applicant():
    wanted = Act(verb=Verb.REPLACE, to=("li", "zhang"))
    with pytest.raises(errors.OwnRequest):
        engine.decide(item(State.PENDING), wanted, by=engine.SYSTEM, now=NOW)


@pytest.mark.parametrize(("kind", "verb"), [(Kind.DECIDE, "approve"), (Kind.TASK, "confirm"), (Kind.READ, "read")])
def test_each_kind_of_step_has_its_own_word(kind, verb):
    draft = Request(id="i1", applicant="zhang", steps=(Step(name="s", approvers=("li",), kind=kind),))
    request = engine.decide(draft, Act(verb=Verb.SUBMIT), by="zhang", now=NOW).request
    words = {"approve", "confirm", "read"} & set(engine.allowed(request, by="li"))
    assert words == {verb}
