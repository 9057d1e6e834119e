from __future__ import annotations

from datetime import date

import pytest

from cards import leave_proof

DUE = date(2026, 5, 7)


def test_what_is_still_in_time_is_asked_for_until_its_day():
    said = leave_proof.owed("病假3天", "sick", DUE, today=DUE)
    assert "请在5月7日前把原件交人事核验" in said


def test_what_is_late_is_not_asked_for_until_a_day_that_is_past():
    said = leave_proof.owed("病假3天", "sick", DUE, today=date(2026, 5, 8))
    assert "期限是5月7日，已经过了，请尽快把原件交人事核验" in said


@pytest.mark.parametrize(
    "text",
    ["证明没收 12", "证明没有收到 12号", "撤回证明已收 12", "12号证明还没收", "12号的证明点错了", "证明登记错了 12"],
)
def test_a_mistake_is_said_in_many_ways(text):
    assert (leave_proof.unseen(text), leave_proof.seen(text)) == (12, 0)


@pytest.mark.parametrize("text", ["证明已收 12", "12号证明已收到"])
def test_what_was_seen_is_no_mistake(text):
    assert (leave_proof.unseen(text), leave_proof.seen(text)) == (0, 12)
