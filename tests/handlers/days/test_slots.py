from __future__ import annotations

from datetime import date

from handlers.days.slots import Half, Range, Slot, whole_days

MONDAY, TUESDAY = date(2026, 3, 9), date(2026, 3, 10)


def test_the_slots_of_a_range_run_from_half_to_half():
    asked = Range(Slot(MONDAY, Half.PM), Slot(TUESDAY, Half.PM))
    assert list(asked.slots()) == [Slot(MONDAY, Half.PM), Slot(TUESDAY, Half.AM), Slot(TUESDAY, Half.PM)]


def test_a_slot_lies_between_its_neighbours():
    noon = Slot(MONDAY, Half.PM)
    assert noon.next().previous() == noon
    assert noon.previous().next() == noon


def test_a_morning_and_an_afternoon_do_not_overlap():
    morning = Range(Slot(MONDAY), Slot(MONDAY, Half.AM))
    afternoon = Range(Slot(MONDAY, Half.PM), Slot(MONDAY, Half.PM))
    assert not morning.overlaps(afternoon)
    assert morning.overlaps(whole_days(MONDAY, TUESDAY))


def test_a_range_that_was_given_back_whole_overlaps_nothing():
    empty = Range(Slot(MONDAY), Slot(MONDAY).previous())
    assert not empty.overlaps(whole_days(date(2026, 3, 1), date(2026, 3, 31)))
    assert Slot(MONDAY) not in empty
    assert Slot(TUESDAY) in whole_days(MONDAY, TUESDAY)
