"""Rounds drawn from a seed: the same ones again, also when one begins later."""

from __future__ import annotations

from collections import Counter

from bot.faults import plan


def test_the_same_seed_draws_the_same_rounds():
    assert plan.chapter(1, 0, plan.CHAPTER) == plan.chapter(1, 0, plan.CHAPTER)
    assert plan.chapter(1, 0, 5) != plan.chapter(2, 0, 5)


def test_a_chapter_that_is_cut_short_has_the_same_beginning():
    assert plan.chapter(1, 25, 3) == plan.chapter(1, 25, plan.CHAPTER)[:3]


def test_to_repeat_a_round_its_chapter_is_played_from_its_begin():
    assert list(plan.chapters(first=0, rounds=60)) == [(0, 25), (25, 25), (50, 10)]
    assert list(plan.chapters(first=33, rounds=1)) == [(25, 9)]


def test_nobody_of_a_department_asks_for_a_day_twice():
    rounds = plan.chapter(3, 0, plan.CHAPTER)
    asked = [(plan.leader_of(s.who), s.day) for one in rounds for s in one.stories if s.day]
    assert len(set(asked)) == len(asked) > plan.CHAPTER


def test_all_kinds_of_trouble_come_up():
    rounds = [one for begin in range(0, 500, 25) for one in plan.chapter(1, begin, 25)]
    assert set(Counter(one.trouble.kill for one in rounds)) == {
        "anywhere", "committed", "sending", "unsealed", "starting",
    }  # fmt: skip
    assert {one.trouble.extra for one in rounds} == {"", "locked", "away"}
    assert all(one.trouble.again for one in rounds if one.trouble.kill == "starting")
    assert len({s.word for one in rounds for s in one.stories}) == 500 * plan.STORIES
