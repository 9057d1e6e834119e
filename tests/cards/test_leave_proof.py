from __future__ import annotations

from datetime import date

from cards import leave_proof

DUE = date(2026, 5, 7)


def test_what_is_still_in_time_is_asked_for_until_its_day():
    said = leave_proof.owed("病假3天", "sick", DUE, today=DUE)
    assert "请在5月7日前把原件交人事核验" in said


def test_what_is_late_is_not_asked_for_until_a_day_that_is_past():
    said = leave_proof.owed("病假3天", "sick", DUE, today=date(2026, 5, 8))
    assert "期限是5月7日，已经过了，请尽快把原件交人事核验" in said
