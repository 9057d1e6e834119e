"""Who has answered, who is silent, and how loudly they are asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import errors
from handlers.notice import rules
from handlers.notice.rules import Grade, Notice, Per, Question, Receipt, Reply, Rung, State, Want

NOW = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)


def notice(**changes) -> Notice:
    whole = {"id": "n", "number": 12, "sender": "li", "title": "值班", "body": "请报送", "published": NOW, **changes}
    return Notice(**whole)


def answer(one: Notice, receipt: Receipt, kind: Reply, *, now: datetime = NOW, **detail: str) -> Receipt:
    return rules.reply(one, receipt, kind, detail=detail, now=now)[0]


DETAIL = {Reply.SUBSTITUTE: {"name": "刘洋"}, Reply.DECLINE: {"reason": "下乡"}}


@pytest.mark.parametrize("want", Want)
@pytest.mark.parametrize("kind", Reply)
def test_only_what_was_asked_for_is_an_answer(want: Want, kind: Reply):
    one = notice(want=want)
    if kind in rules.ALLOWED[want]:
        assert rules.answered(one, answer(one, Receipt(person="a"), kind, **DETAIL.get(kind, {})))
    else:
        with pytest.raises(errors.BadRequest, match="notice_reply"):
            answer(one, Receipt(person="a"), kind)


def test_the_same_answer_twice_is_one_and_another_one_replaces_it():
    one = notice(want=Want.ATTEND)
    first = answer(one, Receipt(person="a"), Reply.ATTEND)
    assert rules.reply(one, first, Reply.ATTEND, detail={}, now=NOW + timedelta(hours=1)) == (first, False)
    after = answer(one, first, Reply.DECLINE, reason="下乡")
    assert after.reply is Reply.DECLINE


def test_an_answer_after_its_time_counts_and_is_marked():
    one = notice(reply_by=NOW + timedelta(hours=1))
    assert not answer(one, Receipt(person="a"), Reply.ACK, now=NOW + timedelta(hours=1)).late
    assert answer(one, Receipt(person="a"), Reply.ACK, now=NOW + timedelta(hours=1, seconds=1)).late


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": State.RECALLED}, "notice_recalled"),
        ({"state": State.CLOSED}, "notice_closed"),
        ({"state": State.SCHEDULED}, "notice_later"),
        ({"until": NOW}, "notice_closed"),
    ],
)
def test_what_is_over_or_not_yet_there_takes_no_answer(changes, code):
    with pytest.raises(errors.BadRequest, match=code):
        answer(notice(**changes), Receipt(person="a"), Reply.ACK)


def test_a_correction_that_matters_asks_everybody_again_and_a_slip_of_the_pen_nobody():
    one = notice()
    done = answer(one, Receipt(person="a"), Reply.ACK)
    assert rules.answered(replace(one, version=2), done)
    again = replace(one, version=2, asked=2)
    assert not rules.answered(again, done)
    assert rules.answered(again, answer(again, done, Reply.ACK))


def test_reading_is_enough_only_where_nothing_else_is_asked():
    seen = Receipt(person="a", seen=NOW)
    assert rules.answered(notice(want=Want.READ), seen)
    assert not rules.answered(notice(want=Want.ACK), seen)


def test_one_answer_speaks_for_the_department():
    one = notice(per=Per.UNIT)
    receipts = [Receipt(person=p, unit=u) for p, u in (("a", "办公室"), ("b", "办公室"), ("c", "人事科"), ("d", ""))]
    receipts[1] = answer(one, receipts[1], Reply.ACK)
    assert [receipt.person for receipt in rules.silent(one, receipts)] == ["c", "d"]
    counts = rules.counts(one, receipts)
    assert (counts.total, counts.answered, counts.silent) == (3, 1, 2)


QUESTIONS = (Question(title="住宿", options=("住", "不住")), Question(title="备注", required=False))


@pytest.mark.parametrize(
    ("detail", "code"),
    [({}, "notice_detail"), ({"0": "也许"}, "notice_option"), ({"1": "无"}, "notice_detail")],
)
def test_questions_are_answered_as_they_were_put(detail, code):
    one = notice(want=Want.ANSWER, questions=QUESTIONS)
    with pytest.raises(errors.BadRequest, match=code):
        answer(one, Receipt(person="a"), Reply.ANSWERED, **detail)
    assert rules.answered(one, answer(one, Receipt(person="a"), Reply.ANSWERED, **{"0": "住"}))


def test_no_ladder_has_a_fourth_step_and_only_the_gravest_rings():
    for grade in Grade:
        steps = [rules.rung(grade, chased) for chased in range(5)]
        assert steps[3:] == [None, None]
        assert (Rung.PHONE in steps) == (grade is Grade.CRITICAL)
    assert rules.louder(Rung.CARD, Rung.SMS) is rules.louder(Rung.SMS, Rung.CARD) is Rung.SMS


PEOPLE = [f"p{number}" for number in range(6)]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from([Reply.ATTEND, Reply.SUBSTITUTE, Reply.DECLINE]),
        st.integers(min_value=0, max_value=72),
    ),
    max_size=30,
)


@given(ACTS, st.sampled_from(Per), st.booleans())
def test_in_whatever_order_and_however_often_the_figures_are_exact(acts, per: Per, again: bool):
    one = notice(want=Want.ATTEND, per=per, reply_by=NOW + timedelta(hours=48))
    receipts = {person: Receipt(person=person, unit=f"u{place % 3}") for place, person in enumerate(PEOPLE)}
    last: dict[str, Reply] = {}
    for person, kind, hour in sorted(acts, key=lambda act: act[2]):
        at = NOW + timedelta(hours=hour)
        for _ in range(2 if again else 1):
            receipts[person] = answer(one, receipts[person], kind, now=at, **DETAIL.get(kind, {}))
        last[person] = kind
    rows = list(receipts.values())
    silent = {receipt.person for receipt in rules.silent(one, rows)}
    spoken = {receipts[person].unit for person in last} if per is Per.UNIT else set()
    assert silent == {p for p in PEOPLE if p not in last and receipts[p].unit not in spoken}
    counts = rules.counts(one, rows)
    assert counts.total == (3 if per is Per.UNIT else 6)
    assert counts.answered == (len(spoken) if per is Per.UNIT else len(last))
    assert sum(counts.by_reply.values()) == counts.answered


def test_each_option_is_counted_once_per_person_or_per_unit():
    asked = (Question(title="几份", options=("1份", "2份")), Question(title="意见", required=False))
    one = notice(want=Want.ANSWER, questions=asked)
    later = NOW + timedelta(hours=1)
    zhang = answer(one, Receipt(person="zhang", unit="办公室"), Reply.ANSWERED, **{"0": "1份"})
    li = answer(one, Receipt(person="li", unit="办公室"), Reply.ANSWERED, now=later, **{"0": "2份", "1": "好"})
    receipts = [zhang, li, Receipt(person="wang", unit="人事科")]
    assert rules.option_counts(one, receipts) == (("几份", (("1份", 1), ("2份", 1))),)
    assert rules.option_counts(replace(one, per=Per.UNIT), receipts) == (("几份", (("1份", 0), ("2份", 1))),)
