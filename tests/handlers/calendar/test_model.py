"""Bookings at random against the plainest model there is: a list of intervals. Neither too strict nor too lax."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database.open import open_database
from handlers import errors
from handlers.calendar import booking, store
from handlers.calendar.booking import Wish
from handlers.calendar.rules import Kind, Period

_SPEC = importlib.util.spec_from_file_location("calendar_office", Path(__file__).with_name("conftest.py"))
office = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(office)

HALF = timedelta(minutes=30)
SPANS = st.tuples(st.integers(1, 20), st.integers(1, 6))
ACTS = st.one_of(
    st.tuples(st.just("book"), st.integers(1, 3), st.lists(SPANS, min_size=1, max_size=3)),
    st.tuples(st.just("cancel"), st.integers(0, 9), st.just([])),
)


def periods(spans):
    """In order, and none of them meets another: what a rule gives."""
    found = []
    for begin, length in sorted(spans):
        one = Period(office.MONDAY + begin * HALF, office.MONDAY + (begin + length) * HALF)
        if not any(one.meets(other) for other in found):
            found.append(one)
    return tuple(found)


async def played(url, acts):
    """The bookings that the database let through must be those that the list would."""
    database = open_database(url)
    await database.write(office.furnish)
    rooms = [one.id for one in await database.read(store.resources) if one.kind is Kind.ROOM]
    model, numbers = {}, []
    for act, which, spans in acts:
        if act == "cancel":
            if numbers:
                number = numbers[which % len(numbers)]
                await database.write(lambda tx, n=number: _cancelled(tx, n))
                model.pop(number, None)
            continue
        wanted = [room for bit, room in enumerate(rooms) if which >> bit & 1]
        wish = Wish(resources=tuple(wanted), periods=periods(spans), person="p")
        free = not any(
            room in held and one.meets(other)
            for held, others in model.values() for other in others for one in wish.periods for room in wanted
        )  # fmt: skip
        if free:
            numbers.append(await database.write(lambda tx, w=wish: booking.reserve(office.context(tx), w)))
            model[numbers[-1]] = (wanted, wish.periods)
        else:
            with pytest.raises(errors.Clash):
                await database.write(lambda tx, w=wish: booking.reserve(office.context(tx), w))
    await database.close()


async def _cancelled(tx, number):
    await booking.cancel(office.context(tx), await store.of_booking(tx, number))


@settings(max_examples=25)
@given(st.lists(ACTS, min_size=2, max_size=12))
def test_what_the_model_allows_is_booked_and_nothing_else(sqlite_template, acts):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "office.db"
        shutil.copyfile(sqlite_template, path)
        asyncio.run(played(f"sqlite://{path}", acts))
