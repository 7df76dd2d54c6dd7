"""What one identity is at different times: which things it can do one after the other."""

from __future__ import annotations

import pytest

from cloudscan.access import States

STATES = States({"x1": ("x", "x1"), "x2": ("x", "x2"), "x12": ("x", "x1", "x12"), "xs": ("x",)})


def fit(*ways: str, after: bool = True, at_once: bool = False) -> bool:
    last = [len(ways) - 1] if after else []
    return STATES.fit("a", [way.split() for way in ways], last, at_once=at_once)


@pytest.mark.parametrize(
    ("ways", "able"),
    [
        (("x", "x"), True),
        (("x", "x1"), True),
        (("x1", "x"), False),
        (("x1", "x12"), True),
        (("x1", "x2"), False),
        (("x12", "x1"), False),
        (("x1", "xs"), False),
        (("x", "xs"), True),
        (("x12", "x", "x12"), True),
        (("x1", "x2", "b"), False),
        (("x1", "x b"), True),
        (("x1 b", "x"), False),
        (("x1", "x2 b"), False),
        (("x1", ""), True),
    ],
)
def test_what_comes_after_is_done_as_what_one_then_is(ways: tuple[str, ...], able: bool) -> None:
    assert fit(*ways) is able


def test_what_has_no_order_is_done_in_any() -> None:
    assert fit("x1", "x", after=False)
    assert not fit("x1", "x2", after=False)


def test_at_once_one_is_the_same_in_all() -> None:
    assert fit("x1", "x b", after=False, at_once=True)
    assert fit("x1", "x1", after=False, at_once=True)
    assert not fit("x1", "x", after=False, at_once=True)
    assert not fit("x1", "x12", after=False, at_once=True)


def test_who_starts_changed_does_nothing_as_it_was() -> None:
    assert not STATES.fit("x1", [["b"], ["x"]], [1])
    assert STATES.fit("x1", [[], ["x12"]], [1])
    assert not STATES.fit("x1", [["x12"], []], [1])
