"""Where the boxes of a flow chart stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.pages import chart
from bot.pages.chart import END, START
from handlers.approval.engine import Status, Step


def boxes(*steps):
    return {box.step: box for box in chart.chart(steps).boxes}


def test_a_serial_route_stands_in_one_column():
    found = boxes(Step(name="a"), Step(name="b"))
    assert found[START].y < found[0].y < found[1].y < found[END].y
    assert {box.width for box in found.values()} == {chart.WIDTH}


def test_parallel_branches_stand_side_by_side_and_join():
    found = boxes(Step(name="a", after=()), Step(name="b", after=()), Step(name="c", after=(0, 1)))
    assert found[0].y == found[1].y
    assert found[0].x + found[0].width < found[1].x
    assert found[2].y > found[0].y


def test_what_was_taken_out_is_left_out_and_the_rest_holds_together():
    drawn = chart.chart([Step(name="a"), Step(name="b", status=Status.DROPPED), Step(name="c")])
    assert {box.step for box in drawn.boxes} == {START, 0, 2, END}
    assert len(drawn.lines) == 3


def test_no_route_at_all_leads_from_start_to_end():
    assert len(chart.chart([]).lines) == 1


@st.composite
def routes(draw):
    steps = []
    for index in range(draw(st.integers(0, 9))):
        after = draw(st.none() | st.frozensets(st.integers(0, index - 1)).map(tuple)) if index else None
        steps.append(Step(name=str(index), after=after, status=draw(st.sampled_from(Status))))
    return steps


@given(routes())
def test_boxes_never_overlap_and_every_step_that_counts_is_there(steps):
    drawn = chart.chart(steps)
    wanted = {i for i, step in enumerate(steps) if step.status is not Status.DROPPED}
    assert {box.step for box in drawn.boxes} == wanted | {START, END}
    for one in drawn.boxes:
        assert one.x >= 0
        assert one.x + one.width <= drawn.width + 0.01
        assert one.y + one.height <= drawn.height
        for other in drawn.boxes:
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert one is other or apart or one.y + one.height < other.y or other.y + other.height < one.y


@given(routes())
def test_lines_lead_downwards(steps):
    assert all(line.y1 < line.bend < line.y2 for line in chart.chart(steps).lines)
