"""Facts in people's words: nothing is said of them that they do not say."""

from __future__ import annotations

import pytest

from bot.proofs import wording
from bot.proofs.bundle import Proven
from bot.proofs.wording import Words
from handlers.approval.language.book import Forms
from handlers.audit import leaf
from handlers.context import Office

WORDS = Words(office=Office(name="局", areas={Forms: Forms()}), names={"p1": "张三", "i1": "12号"})
HOUR = 3_600_000


def told(kind, body="{}", *, subject="i1", recorded_ms=2 * HOUR, effective_ms=HOUR):
    data = leaf.encode(1, recorded_ms, effective_ms, kind, 1, subject, "p1", "dd", "card", "t", body)
    return wording.told(Proven(index=0, leaf=data.decode(), proof=()), WORDS)


@pytest.mark.parametrize(
    ("kind", "late"),
    [("approval.late_entered", True), ("approval.consent_confirmed", True), ("approval.step_decided", False)],
)
def test_only_what_was_entered_late_is_marked_so(kind, late):
    """The two times of all others differ where the clock was set back, and that is nobody's late entry."""
    assert told(kind).late is late


def test_what_a_fact_is_about_is_nobody_where_it_is_about_nothing():
    refused = told("approval.act_refused", '{"act":"approve","item":"","person":"p1","why":"not_found"}', subject="")
    assert (refused.about, refused.who) == ("", "张三")
    assert told("leave.moved", '{"cause":"grant"}', subject="p1").about == "张三"
