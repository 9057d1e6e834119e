"""The README shows the table that runs."""

from __future__ import annotations

from handlers.approval.engine import TRANSITIONS, State, Verb, picture


def test_the_readme_is_drawn_from_the_table():
    text = picture.README.read_text(encoding="utf-8")
    assert picture.drawing() in text, "run python -m handlers.approval.engine.picture"


def test_every_state_and_every_verb_is_in_the_drawing():
    drawing = picture.drawing()
    assert all(f"--> {state}" in drawing for state in State)
    assert all(f"| `{verb}` |" in drawing for verb in TRANSITIONS)
    assert set(Verb) - set(TRANSITIONS) == {Verb.PASS}
