import itertools
from datetime import UTC, datetime, timedelta

from handlers import ids

AT = datetime(2026, 4, 27, 1, tzinfo=UTC)


def test_what_is_made_later_sorts_later_and_nothing_is_made_twice():
    made = [ids.new(AT + timedelta(seconds=step), chance=7) for step in range(0, 40_000_000, 400_000)]
    assert made == sorted(made)
    assert {len(one) for one in made} == {14}
    assert len({ids.new(AT, chance=7) for _ in range(2_000)}) == 2_000


def test_what_a_second_brings_lies_in_the_order_in_which_it_was_made():
    made = [ids.in_order(AT, chance=10) for _ in range(40_000)]
    assert {len(one) for one in made} == {20}
    assert len(set(made)) == 40_000
    assert sum(later < earlier for earlier, later in itertools.pairwise(made)) <= 2  # the count begins again
    assert ids.in_order(AT + timedelta(seconds=1), chance=10) > max(made)
