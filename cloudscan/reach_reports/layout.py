"""Where the boxes of a picture stand: in columns, by how many steps it is to the read, the stores at the right.

A link that skips columns gets a lane through each, so that it runs between boxes and not behind them. Lengths are in
the units of an SVG, which are pixels at full size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from cloudscan.reach_reports.picture import Link, Picture

BOX_WIDTH = 250
LINE = 17
PAD = 10
GAP = 270
"""Between columns, where the links have their words."""
_APART = 18
_PORT = 18
"""Between links that leave one box."""
TOP = 40
"""Above the boxes, for the columns' heads."""
_SWEEPS = 6


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its place, size and lines of text."""

    box: int
    x: float
    y: float
    height: float
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A link as the points that it runs through; the first leaves a box, the last arrives at one."""

    link: Link
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture with places, and the heads of its columns with their left edges."""

    boxes: Sequence[Placed]
    links: Sequence[Drawn]
    heads: Sequence[tuple[float, str]]
    width: float
    height: float


@dataclass(eq=False)
class _Item:
    """A box or a lane in a column."""

    height: float
    box: int | None = None
    y: float = 0.0
    wish: float = 0.0
    right: list[_Item] = field(default_factory=list)
    left: list[_Item] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def laid_out(picture: Picture, texts: Sequence[Sequence[str]]) -> Layout:
    """Place the boxes of a picture, whose lines of text are given."""
    columns, items, routes = _columns(picture, texts)
    _order(columns)
    height = _stack(columns)
    lefts = [PAD + place * (BOX_WIDTH + GAP) for place in range(len(columns))]
    placed = [
        Placed(place, lefts[box.column], items[place].y, items[place].height, texts[place])
        for place, box in enumerate(picture.boxes)
    ]
    links = _links(picture, placed, routes, lefts)
    heads = list(zip(lefts, picture.heads, strict=True))
    return Layout(placed, links, heads, lefts[-1] + BOX_WIDTH + PAD, height + PAD)


def _columns(
    picture: Picture, texts: Sequence[Sequence[str]]
) -> tuple[list[list[_Item]], list[_Item], list[list[_Item]]]:
    """Put boxes and lanes into columns. Returns the columns, the boxes' items, and for each link its lanes."""
    leaving: dict[int, int] = defaultdict(int)
    for link in picture.links:
        leaving[link.source] += 1
    columns: list[list[_Item]] = [[] for _ in picture.heads]
    items = []
    for place, lines in enumerate(texts):
        height = max(len(lines) * LINE + PAD, leaving[place] * _PORT + PAD)
        items.append(_Item(height, place))
        columns[picture.boxes[place].column].append(items[-1])
    routes = []
    for link in picture.links:
        first, last = (picture.boxes[end].column for end in (link.source, link.target))
        lanes = [_Item(0) for _ in range(first + 1, last)]
        for column, lane in zip(range(first + 1, last), lanes, strict=True):
            columns[column].append(lane)
        chain = [items[link.source], *lanes, items[link.target]]
        for one, other in pairwise(chain):
            one.right.append(other)
            other.left.append(one)
        routes.append(lanes)
    return columns, items, routes


def _order(columns: Sequence[list[_Item]]) -> None:
    """Put into each column next to each other what leads to the same place, so that few links cross."""
    _number(columns)
    for sweep in range(_SWEEPS):
        rightwards = bool(sweep % 2)
        for column in columns if rightwards else reversed(columns):
            for item in column:
                near = item.left if rightwards else item.right
                item.wish = sum(each.y for each in near) / len(near) if near else item.y
            column.sort(key=lambda item: item.wish)
            for place, item in enumerate(column):
                item.y = place / max(1, len(column) - 1)


def _number(columns: Sequence[list[_Item]]) -> None:
    for column in columns:
        for place, item in enumerate(column):
            item.y = place / max(1, len(column) - 1)


def _stack(columns: Sequence[list[_Item]]) -> float:
    """Give every item its height and place; each column is centred. Returns the height of the whole."""
    heights = [sum(item.height + _APART for item in column) - _APART for column in columns]
    tallest = max(heights, default=0)
    for column, height in zip(columns, heights, strict=True):
        at = TOP + (tallest - height) / 2
        for item in column:
            item.y = at
            at += item.height + _APART
    return TOP + tallest


def _links(
    picture: Picture, placed: Sequence[Placed], routes: Sequence[Sequence[_Item]], lefts: Sequence[float]
) -> list[Drawn]:
    """Give links that leave one box a port each, in the order of where they go."""
    leaving: dict[int, list[int]] = defaultdict(list)
    arriving: dict[int, list[int]] = defaultdict(list)
    for number, link in enumerate(picture.links):
        leaving[link.source].append(number)
        arriving[link.target].append(number)

    def next_y(number: int) -> float:
        target = placed[picture.links[number].target]
        return routes[number][0].middle if routes[number] else target.y + target.height / 2

    ends: dict[int, tuple[float, float]] = {}
    for box, numbers in leaving.items():
        for y, number in zip(_ports(placed[box], len(numbers)), sorted(numbers, key=next_y), strict=True):
            ends[number] = (y, 0.0)
    for box, numbers in arriving.items():
        ordered = sorted(numbers, key=lambda number: routes[number][-1].middle if routes[number] else ends[number][0])
        for y, number in zip(_ports(placed[box], len(numbers)), ordered, strict=True):
            ends[number] = (ends[number][0], y)
    drawn = []
    for number, link in enumerate(picture.links):
        source, target = placed[link.source], placed[link.target]
        first = picture.boxes[link.source].column
        points = [(source.x + BOX_WIDTH, ends[number][0])]
        for column, lane in enumerate(routes[number], start=first + 1):
            points += [(lefts[column], lane.middle), (lefts[column] + BOX_WIDTH, lane.middle)]
        # One that does not lead to the right comes round to the other side of its target.
        arrives = target.x if target.x > source.x else target.x + BOX_WIDTH
        drawn.append(Drawn(link, [*points, (arrives, ends[number][1])]))
    return drawn


def _ports(placed: Placed, many: int) -> list[float]:
    step = placed.height / (many + 1)
    return [placed.y + step * (place + 1) for place in range(many)]
