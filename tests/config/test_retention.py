"""No log is kept for less than the six months of the law."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.settings import Retention


@pytest.mark.parametrize("wrong", [{"log_months": 5}, {"log_months": 0}, {"item_months": 3}, {"item_months": -1}])
def test_less_than_six_months_is_refused(wrong):
    with pytest.raises(ValidationError, match=r"六个月|greater than or equal to 0"):
        Retention(**wrong)


def test_six_months_and_for_ever_are_taken():
    assert (Retention(log_months=6).log_months, Retention(item_months=0).item_months) == (6, 0)
    assert Retention().log_months >= 6
