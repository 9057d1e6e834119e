from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.demo import stage

SAMPLE = Path(__file__).parents[3] / "config" / "sample"


def test_the_sample_stage_has_an_applicant_and_a_leader() -> None:
    sample = stage.load(SAMPLE / "stage.yaml", office="示例区机关事务中心")
    assert [place.part for place in sample.places[:2]] == ["applicant", "leader"]
    assert any("{days}" in sentence for sentence in sample.sentences)


def test_everybody_on_the_sample_stage_is_in_the_sample_staff_list() -> None:
    with (SAMPLE / "staff.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sample = stage.load(SAMPLE / "stage.yaml", office="示例区机关事务中心")
    for place in sample.places:
        assert place.user in {row[place.platform] for row in rows}


def test_a_misspelt_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "stage.yaml"
    file.write_text("places: [{platform: wecom, usr: lisi, role: 局领导}]", "utf-8")
    with pytest.raises(ValidationError, match="usr"):
        stage.load(file, office="示例")
