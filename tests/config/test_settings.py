from __future__ import annotations

from datetime import time

import pytest
from pydantic import ValidationError

from config.fields import Span
from config.settings import Notices, Settings, WorkHours


@pytest.mark.parametrize("text", ["08:30-12:00", "8:30 - 12:00", "08:30~12:00", "8:30到12:00", "8\uff1a30至12\uff1a00"])
def test_a_span_as_people_write_it(text):
    assert WorkHours(morning=text).morning == Span(start=time(8, 30), end=time(12))


@pytest.mark.parametrize("text", ["", "08:30", "8-12-14", "25:00-26:00", "08:60-12:00", 5, None, ["08:30", "12:00"]])
def test_what_is_no_span(text):
    with pytest.raises(ValidationError, match="时"):
        WorkHours(morning=text)


@pytest.mark.parametrize(("value", "hour"), [("08:45", time(8, 45)), (1050, time(17, 30)), (time(9), time(9))])
def test_an_hour_even_as_yaml_counts_it(value, hour):
    assert Notices(digest_at=value).digest_at == hour


@pytest.mark.parametrize("value", ["24:00", "nine", 1440, -1, True])
def test_what_is_no_hour(value):
    with pytest.raises(ValidationError, match="时刻"):
        Notices(digest_at=value)


@pytest.mark.parametrize("role", ["Admin", "office director", "人事", "1st"])
def test_roles_are_named_in_plain_identifiers(role):
    with pytest.raises(ValidationError, match="角色名"):
        Settings.model_validate({"roles": {role: ["x"]}})
