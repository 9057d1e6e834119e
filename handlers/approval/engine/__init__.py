"""What an approval is: a route of steps, and a table of what may be done when. Pure: no I/O, no clock, no tables.

`records` has the words, `seats` one step, `route` the steps together, `guards` who may not, `moves` what then, `table`
joins them per verb, `deciding` is the way in. The states are drawn in the README of `handlers/approval`.
"""

from handlers.approval.engine.deciding import (
    allowed,
    amendable,
    apply,
    authorise,
    blocked,
    decide,
    may_stand_in,
    present,
    replay,
    rerouted,
    seat_of,
    waiting_for,
)  # fmt: skip
from handlers.approval.engine.detours import detour
from handlers.approval.engine.guards import Case, parties
from handlers.approval.engine.records import (
    APPLICANT,
    CLOSED,
    HELD,
    OPEN,
    RUNNING,
    SYSTEM,
    URGE_PAUSE,
    Act,
    Back,
    Deadline,
    Decision,
    Detour,
    Evidence,
    Kind,
    Late,
    Nobody,
    Outcome,
    Proof,
    Request,
    Rule,
    Same,
    Side,
    State,
    Status,
    Step,
    Verb,
    Vote,
)  # fmt: skip
from handlers.approval.engine.table import TRANSITIONS, Transition

__all__ = [
    "APPLICANT", "CLOSED", "HELD", "OPEN", "RUNNING", "SYSTEM", "TRANSITIONS", "URGE_PAUSE", "Act", "Back", "Case",
    "Deadline", "Decision", "Detour", "Evidence", "Kind", "Late", "Nobody", "Outcome", "Proof", "Request", "Rule",
    "Same", "Side", "State", "Status", "Step", "Transition", "Verb", "Vote", "allowed", "amendable", "apply",
    "authorise", "blocked", "decide", "detour", "may_stand_in", "parties", "present", "replay", "rerouted",
    "seat_of", "waiting_for",
]  # fmt: skip
