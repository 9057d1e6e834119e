from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import lines


def test_every_key_and_item_has_its_line():
    document = lines.read(b"a: 1\nb:\n  - x\n  - y: 2\n", file="f")
    assert document.lines == {(): 1, ("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 4, ("b", 1, "y"): 4}


def test_the_line_of_what_is_not_there_is_that_of_its_record():
    document = lines.read(b"a: 1\nb:\n  c: 2\n", file="f")
    assert document.line(("b", "missing", 0)) == 2


def test_paths_are_counted_as_people_count():
    assert lines.shown(("accounts", 0, "token")) == "accounts[1].token"


def test_the_same_key_in_two_records_is_no_duplicate():
    assert lines.read(b"- {a: 1}\n- {a: 2}\n", file="f").problems == ()


def test_a_merged_record_is_no_duplicate():
    document = lines.read(b"base: &base {a: 1}\none: {<<: *base, a: 2}\n", file="f")
    assert document.problems == ()
    assert document.data["one"] == {"a": 2}


def test_every_duplicate_is_named():
    assert [problem.line for problem in lines.read(b"a: 1\na: 2\na: 3\n", file="f").problems] == [2, 3]


@pytest.mark.parametrize(
    "text",
    [
        b"a: \x00b",
        b"a: 1\n---\nb: 2",
        b"? [a]\n: b",
        b"a: !!python/object:os.system x",
        b"a: *x",
        b"<<: [1]",
        b"a: !!int x",
        b"a: !!bool x",
        b"a: 2026-13-01",
        b"- " * 5000,
        b"\xff\xfe",
    ],
)
def test_what_no_reader_can_use_is_a_problem_and_no_exception(text):
    assert lines.read(text, file="f").problems


@given(st.text(alphabet="ab:-#&*!{}[]<>|'\"\n \t?,%@`0.~\uff1a", max_size=60))
def test_no_text_raises(text):
    assert lines.read(text.encode(), file="f").file == "f"
