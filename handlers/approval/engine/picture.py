"""The README's drawing of the states and its table of verbs, made from the table that runs.

`python -m handlers.approval.engine.picture` writes both between the marks of `handlers/approval/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from handlers.approval.engine.records import State, Verb
from handlers.approval.engine.table import TRANSITIONS, Transition

BEGIN = "<!-- drawn by engine/picture.py -->"
END = "<!-- end of drawing -->"
README = Path(__file__).parents[1] / "README.md"


def drawing() -> str:
    """A Mermaid diagram of the states, then the verbs with their guards."""
    return "\n".join(["```mermaid", *_diagram(), "```", "", *_table()])


def written(text: str) -> str:
    """The README with the present drawing between its marks."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{drawing()}\n\n{END}{tail}"


def _diagram() -> Iterable[str]:
    yield "stateDiagram-v2"
    yield f"    [*] --> {State.DRAFT}"
    for (begin, end), verbs in _arrows().items():
        yield f"    {begin} --> {end}: {', '.join(verbs)}"


def _arrows() -> dict[tuple[State, State], list[Verb]]:
    found: dict[tuple[State, State], list[Verb]] = {}
    for verb, row in TRANSITIONS.items():
        for begin in (state for state in State if state in row.states - row.still):
            for end in row.to:
                if end is not begin:
                    found.setdefault((begin, end), []).append(verb)
    return found


def _table() -> Iterable[str]:
    yield "| verb | in | who and when | with | leads to |"
    yield "| --- | --- | --- | --- | --- |"
    for verb, row in TRANSITIONS.items():
        yield f"| `{verb}` | {_states(row)} | {_names(row.guards)} | {_names(row.needs)} | {', '.join(row.to)} |"


def _states(row: Transition) -> str:
    """The states in their order, or that it is all but two."""
    if len(row.states) == len(State) - 2:
        return "all but draft, discarded"
    return ", ".join(state for state in State if state in row.states)


def _names(guards: Iterable[object]) -> str:
    return ", ".join(str(getattr(guard, "__name__", guard)) for guard in guards)


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
