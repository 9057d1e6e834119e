"""What hangs on a field: every effect says so, and only of fields that its forms have."""

from __future__ import annotations

import pytest

from bot import forms
from config.crosscheck import PACKAGED
from handlers.approval import effects
from handlers.approval.language import tied


def test_every_effect_says_what_it_looks_at():
    """One without a row would look at everything, and its forms could let nobody change anything."""
    assert not effects.EFFECTS.keys() - tied.READ.keys()


FORMS = forms.usable(forms.read([PACKAGED / "forms"], roles=("personnel",)))


@pytest.mark.parametrize(
    ("form", "held", "free"),
    [
        ("notice", {"to", "people"}, {"title", "body", "publish_date"}),
        ("notice_fix", {"number"}, {"title", "body"}),
        ("minutes", {"number"}, {"text", "decisions"}),
        ("duty", {"matter", "doer", "by"}, {"about"}),
        ("overtime", {"time"}, {"work"}),
        ("trip", set(), {"period", "places", "cost"}),
        ("vehicle", set(), {"time", "plate", "driver"}),
        ("meeting", set(), {"room", "time"}),
        ("meeting_call", {"time", "to", "room"}, {"absent"}),
        ("meeting_move", {"number", "time", "room"}, {"reason"}),
    ],
)
def test_what_the_packaged_forms_hold_and_what_they_leave(form, held, free):
    tied_to = tied.by(FORMS[form]).keys()
    assert held <= tied_to
    assert not free & tied_to
