from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from bot.__main__ import run

EXAMPLES = Path(__file__).parents[2] / "recordings" / "leave_examples.yaml"
ONE = """\
format: leave-cases/1
calendars: {}
cases:
  - id: MINE-1
    kind: payout
    title: 三天的报酬
    given: {annual_income: 26100, unused_days: 3}
    policy: {divisor: 261, multiplier: 3}
    expect: {total: 900}
"""
NO_CALENDAR = ONE.replace("calendars: {}", "calendars: {cn-2024-2026: {years: []}}")


@pytest.fixture
def cases(tmp_path, capsys):
    """Runs `officebot leave cases` on a text: exit status, standard output, standard error."""

    def call(text, *options):
        file = tmp_path / "mine.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        status = run(["leave", "cases", str(file), *options])
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def test_every_worked_example_passes(capsys):
    assert run(["leave", "cases", str(EXAMPLES)]) == 0
    assert capsys.readouterr().out == "共 46 个算例，46 个相符，0 个不符。\n"


def test_a_wrong_answer_is_named_with_what_was_expected_and_what_came_out(cases):
    status, said, _ = cases(NO_CALENDAR.replace("total: 900", "total: 901"))
    assert status == 1
    first, summary = said.splitlines()
    assert all(part in first for part in ("MINE-1", "三天的报酬", '{"total": 901}', '{"total": 900}'))
    assert summary == "共 1 个算例，0 个相符，1 个不符。"


def test_as_json_every_case_is_there_and_the_exit_status_is_the_same(cases):
    data = yaml.safe_load(NO_CALENDAR)
    data["cases"].append({**data["cases"][0], "id": "MINE-2", "expect": {"total": 1}})
    status, said, _ = cases(yaml.safe_dump(data), "--json")
    found = json.loads(said)
    assert status == 1
    assert {key: found[key] for key in ("ok", "total", "passed", "failed")} == {
        "ok": False, "total": 2, "passed": 1, "failed": 1,
    }  # fmt: skip
    assert [(one["id"], one["ok"], one["got"]["total"]) for one in found["results"]] == [
        ("MINE-1", True, 900),
        ("MINE-2", False, 900),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NO_CALENDAR.replace("kind: payout", "kind: payment"), ["MINE-1", "payment", "是不是 payout"]),
        (NO_CALENDAR.replace("divisor: 261", "divisr: 261"), ["MINE-1", "divisr", "是不是 divisor"]),
        (NO_CALENDAR.replace("unused_days: 3", "days: 3"), ["MINE-1", "缺少 unused_days"]),
        (NO_CALENDAR.replace("divisor: 261", "divisor: many"), ["MINE-1", "看不懂的值"]),
        (ONE, ["MINE-1", "cn-2024-2026"]),
        (NO_CALENDAR.replace("expect: {total: 900}", "expect: {}"), ["MINE-1", "expect"]),
        (NO_CALENDAR.replace("id: MINE-1", "note: x").replace("total: 900", "total: 1"), ["第 1 个算例"]),
    ],
)
def test_what_cannot_be_run_is_a_failing_case_with_its_id_and_the_reason(cases, text, said):
    status, out, _ = cases(text)
    assert status == 1
    assert all(part in out.splitlines()[0] for part in said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "一组键值"),
        ("- 1", "一组键值"),
        ("format: leave-cases/1\ncases: }", "第 2 行"),
        ("format: leave-cases/2\ncases: []", "leave-cases/2"),
        ("cases: []", "leave-cases/1"),
        ("format: leave-cases/1\ncases: 3", "列表"),
        ("format: leave-cases/1\ncases: []", "一个算例也没有"),
        (b"\xff\xfe\xfa", "YAML"),
    ],
)
def test_a_broken_file_is_said_in_words(cases, text, said):
    status, out, err = cases(text)
    assert (status, out) == (1, "")
    assert said in err


def test_a_file_that_is_not_there_is_said_in_words(capsys):
    assert run(["leave", "cases", "/no/such.yaml"]) == 1
    assert "/no/such.yaml" in capsys.readouterr().err
