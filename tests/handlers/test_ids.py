from datetime import UTC, datetime, timedelta

from handlers import ids

AT = datetime(2026, 4, 27, 1, tzinfo=UTC)


def test_what_is_made_later_sorts_later_and_nothing_is_made_twice():
    made = [ids.new(AT + timedelta(seconds=step), chance=7) for step in range(0, 40_000_000, 400_000)]
    assert made == sorted(made)
    assert {len(one) for one in made} == {14}
    assert len({ids.new(AT, chance=7) for _ in range(2_000)}) == 2_000
