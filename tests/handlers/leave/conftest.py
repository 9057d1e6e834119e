from __future__ import annotations

from collections.abc import Callable

import pytest

from handlers.days.workdays import WorkCalendar
from tests.handlers.leave.books import Book, packaged_calendar


@pytest.fixture(scope="session")
def calendar() -> WorkCalendar:
    return packaged_calendar()


@pytest.fixture
def book(calendar: WorkCalendar) -> Book:
    return Book(calendar)


@pytest.fixture
def new_book(calendar: WorkCalendar) -> Callable[..., Book]:
    return lambda **choices: Book(calendar, **choices)
