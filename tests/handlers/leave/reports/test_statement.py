"""A statement adds up at every line, is the same whenever it is made again, and nobody can change a paper unnoticed."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import errors
from handlers.leave.book import ledger
from handlers.leave.book.entries import Account, Lot
from handlers.leave.law.counting import DAY, CountRules
from handlers.leave.law.policy import AnnualPolicy, BracketChange, Kind
from handlers.leave.law.rules import Policy
from handlers.leave.reports import statement
from handlers.leave.reports.statement import Question
from handlers.people.directory import Person
from tests.handlers.leave.books import Book, leave, packaged_calendar, stamp, year_lot

CALENDAR = packaged_calendar()
POLICY = Policy(
    name="test",
    title="测试办法",
    annual=AnnualPolicy(brackets=((1, 5), (10, 10), (20, 15)), bracket_change=BracketChange.NEXT_MONTH_FULL),
    kinds={
        "annual": Kind(code="annual", title="年假", aliases=(), rules=CountRules(), limited=True),
        "sick": Kind(code="sick", title="病假", aliases=(), rules=CountRules(), limited=False),
    },
)
PERSON = Person(id="p1", name="张三", first_work_date="2014-07-01")
KEY = b"k" * 32


def asked(year=2026, on="2026-07-01", known="2026-07-01", **more):
    day = date.fromisoformat(known)
    moment = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
    question = Question(
        person=PERSON, policy=POLICY, year=year, on=date.fromisoformat(on), known_at=moment, today=day
    )
    return replace(question, **more)


def made(book, question=None):
    return statement.statement(book.entries, question or asked(), calendar=CALENDAR)


@pytest.fixture
def year():
    """Ten days granted by a first request, three taken, one asked for."""
    book = Book(CALENDAR)
    book.grant(Lot("annual", "annual-2026", date(2026, 1, 1), date(2026, 12, 31)), 10, "2026-01-01")
    book.entries = [replace(one, ref="entitlement-2026") for one in book.entries]
    book.request("i1", leave("2026-05-06", "2026-05-08"), "2026-04-27")
    book.approve("i1", "2026-04-28")
    book.request("i2", leave("2026-07-06", "2026-07-06"), "2026-06-20")
    return book


def test_each_line_has_the_balance_after_it(year):
    found = made(year)
    assert [(line.entry.cause.value, line.change // DAY, line.after // DAY) for line in found.lines] == [
        ("grant", 10, 10), ("hold", -3, 7), ("consume", 0, 7), ("hold", -1, 6),
    ]  # fmt: skip
    assert [(lot.name, balance.available // DAY, balance.held // DAY) for lot, balance in found.lots] == [
        ("annual-2026", 6, 1)
    ]


def test_what_is_due_and_not_written_is_on_it_and_says_so():
    found = made(Book(CALENDAR))
    (line,) = found.lines
    assert (line.change, line.after, line.move.written) == (10 * DAY, 10 * DAY, False)


def test_as_known_at_leaves_out_what_was_recorded_later(year):
    early = made(year, asked(known="2026-04-27"))
    assert [line.entry.cause.value for line in early.lines] == ["grant", "hold"]
    assert early.lots[0][1].held == 3 * DAY


def test_a_past_year_begins_with_what_was_left_and_ends_with_its_expiry():
    book = Book(CALENDAR)
    book.grant(year_lot(2025, name="annual-2025"), 10, "2025-01-01")
    carried = Lot("annual", "annual-2025-carried", date(2026, 1, 1), date(2026, 3, 31), "annual-2025")
    book.write(
        ledger.carry_over(
            book.entries, year_lot(2025, name="annual-2025"), carried, 2 * DAY, stamp=stamp("2025-12-31")
        )
    )
    found = made(book, asked(on="2026-06-30"))
    causes = [line.entry.cause.value for line in found.lines]
    assert "expire" in causes
    assert found.opening == {"annual": 2 * DAY}
    assert found.lines[-1].after == 10 * DAY  # this year's entitlement; what was carried has ended


def test_the_digest_is_the_same_after_later_entries_and_another_after_a_correction(year):
    question = asked()
    before = statement.digest(made(year, question))
    last = made(year, question).last
    year.approve("i2", "2026-07-02")
    again = replace(question, last=last)
    assert statement.digest(made(year, again)) == before
    assert statement.digest(made(year, asked(known="2026-07-03"))) != before


def test_what_was_on_its_way_when_the_paper_was_made_does_not_spoil_it(year):
    question = asked(known="2026-07-01")
    first = made(year, question)
    year.adjust(year.entries[0].lot, -1, "2026-06-30")  # recorded before, committed after
    assert statement.digest(made(year, replace(question, last=first.last))) == statement.digest(first)


def test_a_corrected_first_work_date_is_found_on_an_old_paper():
    question = asked()
    book = Book(CALENDAR)
    paper = made(book, question)
    now = made(book, replace(question, person=replace(PERSON, first_work_date="2018-07-01")))
    assert statement.digest(now) != statement.digest(paper)
    assert ("annual", "annual-2026", "available", 10 * DAY, 5 * DAY) in statement.differences(
        paper.figures, now.figures
    )


def test_the_code_is_bound_to_paper_content_and_key(year):
    content = statement.digest(made(year))
    code = statement.code("2026-AAAA", content, key=KEY)
    assert statement.same_code(code, code)
    assert statement.same_code(f" {code.lower().replace('-', ' ')} ", code)
    others = {
        statement.code("2026-AAAB", content, key=KEY),
        statement.code("2026-AAAA", content[:-1] + "0", key=KEY),
        statement.code("2026-AAAA", content, key=b"j" * 32),
        "", "数字",
    }  # fmt: skip
    assert not any(statement.same_code(one, code) for one in others if one != code)
    assert code not in others


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["request", "adjust"]), st.integers(0, 40), st.integers(1, 4),
        st.sampled_from(["approve", "reject", "wait", "cancel"]), st.booleans(),
    ),
    max_size=10,
)  # fmt: skip


@given(ACTS, st.integers(0, 364), st.integers(0, 60))
def test_the_last_line_is_the_balance_whatever_happened(acts, day, later):
    book = Book(CALENDAR)
    book.grant(year_lot(2025), 6, "2025-01-01")
    book.grant(Lot("annual", "lieu", date(2025, 3, 1), date(2026, 4, 15)), 3, "2025-03-01")
    recorded = date(2026, 1, 5)
    for number, (act, ahead, length, end, sick) in enumerate(acts):
        recorded += timedelta(days=3)
        first = recorded + timedelta(days=ahead)
        with contextlib.suppress(errors.RuleError):  # what the ledger refuses is not the matter here
            if act == "adjust":
                book.adjust(year_lot(2025), length, recorded.isoformat())
                continue
            asked_for = leave(first.isoformat(), (first + timedelta(days=length)).isoformat())
            kind = "sick" if sick else "annual"
            book.request(f"i{number}", asked_for, recorded.isoformat(), kind=kind, limited=not sick)
            if end in ("approve", "cancel"):
                book.approve(f"i{number}", recorded.isoformat())
            if end == "cancel":
                book.cancel(f"i{number}", recorded.isoformat())
            if end == "reject":
                book.reject(f"i{number}", recorded.isoformat())
    on = date(2026, 1, 1) + timedelta(days=day)
    question = asked(on=on.isoformat(), known=(on + timedelta(days=later)).isoformat())
    found = made(book, question)
    for kind in ("annual", "sick"):
        account = Account.AVAILABLE if kind == "annual" else Account.USED
        whole = sum(getattr(balance, account.value) for lot, balance in found.lots if lot.kind == kind)
        after = [line.after for line in found.lines if line.entry.lot.kind == kind]
        assert (after[-1] if after else found.opening.get(kind, 0)) == whole


def test_a_year_that_is_over_says_what_it_said_at_its_end_though_nobody_asked_for_anything():
    """Not of a year before the office kept the person's leave."""
    since = date(2026, 4, 27)
    (lot,) = made(Book(CALENDAR), asked(on="2026-12-31", known="2026-12-31", since=since)).lots
    (later,) = made(Book(CALENDAR), asked(on="2026-12-31", known="2027-01-12", since=since)).lots
    assert later == lot
    assert later[1].available == 10 * DAY
    assert not made(Book(CALENDAR), asked(2025, on="2025-12-31", known="2027-01-12", since=since)).lots
    assert not made(Book(CALENDAR), asked(on="2026-12-31", known="2027-01-12")).lots
