"""The plot of a run, as SVG: how every judged figure stands to its floor, and what grows with the years. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, takewhile
from typing import Any, Final

from reportlab.graphics import renderSVG
from reportlab.graphics.shapes import Circle, Drawing, Group, Line, PolyLine, Rect, String
from reportlab.lib import colors

WIDTH: Final = 760
_LEFT = 190
_RIGHT = 70
_ROW = 18
_TOP = 46
_PLOT = 230  # height of the curves
_SIZES: Final = {"10k": 1e4, "100k": 1e5, "1m": 1e6, "10m": 1e7}
_WORDS: Final = {"10k": "10 thousand", "100k": "100 thousand", "1m": "1 million", "10m": "10 million"}
_CURVES: Final = ("tap", "tap_cpu", "append", "seal", "proof", "log", "balance", "list", "start")
_FLOOR_OF_CURVES = 1.3
_BEST: Final = 10.0
_STEADILY: Final = ("p50", "p99", "resident")
_STEADY = 130  # height of the minutes
_INKS = [colors.HexColor(ink) for ink in (
    "#1f5aa6", "#c4472b", "#2f8a4c", "#8453a8", "#b8860b", "#2a9aa5", "#6b6b6b", "#d0608f", "#40404f",
)]  # fmt: skip
_GOOD, _BAD, _PALE = colors.HexColor("#2f8a4c"), colors.HexColor("#c4472b"), colors.HexColor("#dddddd")


def svg(report: Mapping[str, Any]) -> str:
    """`report` as in `report.as_json`."""
    judged = [one for one in report["figures"] if one["goal"]]
    curves = {name: points for name in _CURVES if len(points := dict(_points(report["figures"], name))) > 1}
    bars = _bars(judged) if judged else Group()
    minutes = {name: each for name in _STEADILY if len(each := _minutes(report["figures"], name)) > 1}
    below = _PLOT + 80 if curves else 0
    height = _TOP + len(judged) * _ROW + 40 + below + (_STEADY + 70 if minutes else 0)
    drawing = Drawing(WIDTH, height)
    drawing.add(Rect(0, 0, WIDTH, height, fillColor=colors.white, strokeColor=None))
    bars.translate(0, height - _TOP)
    drawing.add(bars)
    drawing.add(_text(10, height - 18, f"officebot bench, {report['at']}, {report['machine']['cpu']}", size=10))
    if curves:
        drawing.add(_growth(curves))
    if minutes:
        steady = _steady(minutes)
        steady.translate(0, below)
        drawing.add(steady)
    return str(renderSVG.drawToString(drawing))


def part_of_floor(figure: Mapping[str, Any]) -> float:
    """1 where the floor is just met, 2 where it is twice as good."""
    number = figure["value"] if figure["ratio"] is None else figure["ratio"]
    floor = figure["goal"]["floor"]
    if figure["goal"]["more"]:
        return float(number / floor)
    if number <= 0:
        return _BEST
    return float(floor / number) or 1 / _BEST  # where nothing at all is allowed


def _bars(judged: Sequence[Mapping[str, Any]]) -> Group:
    """On a logarithmic scale from a tenth of the floor to ten times as good."""
    group, span = Group(), WIDTH - _LEFT - _RIGHT
    middle = _LEFT + span / 2
    for number, figure in enumerate(judged):
        y, part = -number * _ROW, part_of_floor(figure)
        reach = max(-1.0, min(1.0, math.log10(part))) * span / 2
        ink = _GOOD if part >= 1 else _BAD
        group.add(Rect(min(middle, middle + reach), y - 9, abs(reach), 11, fillColor=ink, strokeColor=None))
        group.add(_text(_LEFT - 6, y - 7, figure["name"], anchor="end"))
        group.add(_text(WIDTH - _RIGHT + 6, y - 7, f"{part:.2f} x floor"))
    bottom = -len(judged) * _ROW + 4
    for part, words in ((0.1, "0.1"), (1.0, "floor"), (10.0, "10 x")):
        x = middle + math.log10(part) * span / 2
        group.add(Line(x, 6, x, bottom, strokeColor=colors.black if part == 1 else _PALE, strokeWidth=0.7))
        group.add(_text(x, bottom - 12, words, anchor="middle"))
    return group


def _points(figures: Sequence[Mapping[str, Any]], name: str) -> Iterator[tuple[str, float]]:
    """The cost at every size, as a multiple of that at the smallest."""
    found = {one["name"]: one["value"] for one in figures}
    small = found.get(f"growth.{name}.10k")
    for label in _SIZES:
        value = found.get(f"growth.{name}.{label}")
        if small and value is not None:
            yield label, value / small


def _growth(curves: Mapping[str, Mapping[str, float]]) -> Group:
    group, width, base = Group(), WIDTH - 170, 44
    top = max(2.0, *(value for points in curves.values() for value in points.values()))

    def place(label: str, value: float) -> tuple[float, float]:
        return 60 + (math.log10(_SIZES[label]) - 4) / 3 * (width - 80), base + value / top * _PLOT

    for value in _ticks(top):
        y = place("10k", value)[1]
        group.add(Line(60, y, width - 20, y, strokeColor=_PALE, strokeWidth=0.5))
        group.add(_text(54, y - 3, f"{value:g} x", anchor="end"))
    limit = place("10k", _FLOOR_OF_CURVES)[1]
    group.add(Line(60, limit, width - 20, limit, strokeColor=_BAD, strokeWidth=0.8, strokeDashArray=[4, 3]))
    for label, words in _WORDS.items():
        group.add(_text(place(label, 0)[0], base - 14, words, anchor="middle"))
    group.add(_text(60, base - 30, "facts in the journal; cost of one, as a multiple of that at 10 thousand"))
    for number, (name, points) in enumerate(curves.items()):
        ink = _INKS[number % len(_INKS)]
        group.add(PolyLine([one for label, value in points.items() for one in place(label, value)],
                           strokeColor=ink, strokeWidth=1.4))  # fmt: skip
        for label, value in points.items():
            group.add(Circle(*place(label, value), 2, fillColor=ink, strokeColor=None))
        y = base + _PLOT - number * 16
        group.add(Line(width + 4, y + 3, width + 22, y + 3, strokeColor=ink, strokeWidth=2))
        group.add(_text(width + 27, y, name))
    return group


def _minutes(figures: Sequence[Mapping[str, Any]], name: str) -> list[float]:
    found = {one["name"]: one["value"] for one in figures}
    numbers = takewhile(lambda minute: f"soak.{name}.{minute}" in found, count(1))
    return [found[f"soak.{name}.{minute}"] for minute in numbers]


def _steady(minutes: Mapping[str, Sequence[float]]) -> Group:
    """Minute by minute, each curve from nothing to its own greatest value."""
    group, width, base = Group(), WIDTH - 190, 40
    group.add(Line(60, base, width - 20, base, strokeColor=_PALE, strokeWidth=0.5))
    for row, (name, points) in enumerate(minutes.items()):
        step, top, ink = (width - 80) / (len(points) - 1), max(points) or 1.0, _INKS[row]
        places = [(60 + n * step, base + value / top * _STEADY) for n, value in enumerate(points)]
        group.add(PolyLine([one for place in places for one in place], strokeColor=ink, strokeWidth=1.4))
        y, unit = base + _STEADY - row * 16, "MB" if name == "resident" else "ms"
        group.add(Line(width + 4, y + 3, width + 22, y + 3, strokeColor=ink, strokeWidth=2))
        group.add(_text(width + 27, y, f"{name}, up to {top:.3g} {unit}"))
    words = f"taps at a steady rate, minutes 1 to {max(map(len, minutes.values()))}"
    group.add(_text(60, base - 14, words))
    return group


def _ticks(top: float) -> list[float]:
    step = 0.5 if top <= 3 else 1.0 if top <= 8 else 10 ** math.floor(math.log10(top))
    return [number * step for number in range(int(top / step) + 1)]


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 8) -> String:
    return String(x, y, words, fontName="Helvetica", fontSize=size, textAnchor=anchor, fillColor=colors.black)
