"""How conditions of role assignments compare values.

From "Azure role assignment condition format and syntax": operators on texts, numbers, times, truths, ids and addresses,
each with its negation, and quantifiers over several values. Regular expressions and times of day are not modelled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Condition, Over, Test, all_of, any_of
from cloudscan.access.patterns import MANY, ONE, Pattern, Piece
from cloudscan_azure.policy.grammar import Comparison

_GUID = 32
"""How many digits an id has."""


class Unclear(Exception):
    """A part without a meaning that is known."""


class Unread(Unclear):
    """What it hangs on was not read: says so in a sentence of its own."""


def _exactly(text: str) -> Pattern:
    return Pattern((_plain(text),) if text else ())


@dataclass(frozen=True)
class Compare:
    """What an operator compares, and how the values are written. ``folds``: case does not matter."""

    operator: Operator
    negated: bool = False
    folds: bool = False
    pattern: Callable[[str], Pattern] = _exactly


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _like(text: str) -> Pattern:
    """Read text with wildcards, which a backslash makes plain."""
    pieces: list[Piece] = []
    for escaped, one in re.findall(r"\\(.)|(.)", text, re.DOTALL):
        wild = {"*": MANY, "?": ONE}.get(one)
        if wild is not None:
            pieces.append(wild)
        elif pieces and isinstance(pieces[-1], str):
            pieces[-1] += escaped or one
        else:
            pieces.append(escaped or one)
    return Pattern(tuple(pieces))


def _guid(text: str) -> Pattern:
    """Read an id, which conditions write with its hyphens or without them."""
    plain = text.strip("{}").replace("-", "")
    if len(plain) != _GUID:
        return Pattern((text,) if text else ())
    cuts = (0, 8, 12, 16, 20, _GUID)
    return Pattern(("-".join(plain[start:end] for start, end in pairwise(cuts)),))


def _starting(text: str) -> Pattern:
    return Pattern((_plain(text), MANY) if text else (MANY,))


_TEXTS: Mapping[str, tuple[Operator, Callable[[str], Pattern] | None]] = {
    "equals": (Operator.EQUALS, None),
    "like": (Operator.LIKE, _like),
    "startswith": (Operator.LIKE, _starting),
}
_ORDERS: Mapping[str, tuple[Operator, Operator]] = {
    "equals": (Operator.NUMBER_EQUALS, Operator.TIME_EQUALS),
    "lessthan": (Operator.NUMBER_BELOW, Operator.TIME_BEFORE),
    "lessthanequals": (Operator.NUMBER_AT_MOST, Operator.TIME_AT_LATEST),
    "greaterthan": (Operator.NUMBER_ABOVE, Operator.TIME_AFTER),
    "greaterthanequals": (Operator.NUMBER_AT_LEAST, Operator.TIME_AT_EARLIEST),
}
_WRITTEN = re.compile(r"(string|numeric|datetime|bool|guid|ip)(not)?(\w+?)(ignorecase)?")


def comparison(name: str) -> Compare:
    """Return what an operator compares; raises for one that is not modelled, as those of regular expressions."""
    found = _WRITTEN.fullmatch(name)
    kind, turned, verb, folds = found.groups() if found else ("", None, "", None)
    negated = turned is not None
    if kind == "string" and verb in _TEXTS:
        operator, pattern = _TEXTS[verb]
        if pattern is not None:
            return Compare(operator, negated, folds is not None, pattern)
        same = Operator.EQUALS_IGNORING_CASE if folds else operator
        return Compare(same, negated, folds is not None)
    if kind in ("numeric", "datetime") and verb in _ORDERS:
        return Compare(_ORDERS[verb][kind == "datetime"], negated)
    simple = {
        ("bool", "equals"): Operator.TRUTH,
        ("guid", "equals"): Operator.EQUALS_IGNORING_CASE,
        ("ip", "match"): Operator.IN_NETWORK,
        ("ip", "inrange"): Operator.IN_NETWORK,
    }
    if (kind, verb) in simple:
        return Compare(simple[kind, verb], negated, pattern=_guid if kind == "guid" else _exactly)
    raise Unclear(f"an operator {name} holds")


def tested(node: Comparison, compare: Compare, values: Sequence[str], key: str, over: Over) -> Condition:
    """Say what a comparison asks of a key.

    From "Cross product comparison operators": the first word says of how many values that are there, the second of
    how many that are written. Of none that is there, nothing holds.
    """
    folded = compare.folds and compare.operator is Operator.LIKE
    written = list(dict.fromkeys(map(compare.pattern, values)))
    patterns = [each.lowered for each in written] if folded else written

    def test(wanted: Sequence[Pattern], how: Over, *, negated: bool = False) -> Condition:
        return Test(key, compare.operator, tuple(wanted), how, negated)

    if node.quantifier is None:
        return test(patterns, over, negated=compare.negated)
    some, every = node.quantifier
    if (some, every) == ("any", "all") and not compare.negated and len(patterns) > 1:
        raise Unclear(f"one value of {node.attribute} is all that is asked")
    if (some, every) == ("all", "any") and compare.negated and len(patterns) > 1:
        raise Unclear(f"each value of {node.attribute} differs from one that is asked")
    one, other = (Over.EVERY, Over.ANY) if some == "all" else (Over.ANY, Over.EVERY)
    how = other if compare.negated else one
    groups = [patterns] if (every == "any") != compare.negated else [[each] for each in patterns]
    tests = [test(group, how, negated=compare.negated) for group in groups]
    held = any_of(tests) if every == "any" else all_of(tests)
    return all_of((held, Test(key, Operator.PRESENT)))


def loosened(pattern: Pattern) -> Pattern:
    """Return a pattern that fits whatever differs from what the given one fits in the case of letters only.

    Letters that become others of another length in small letters are rare enough to be taken for any text.
    """
    pieces: list[Piece] = []
    for piece in pattern.pieces:
        if isinstance(piece, str):
            for one in piece:
                caseless = one.lower() == one.upper() == one
                pieces.append(one if caseless else ONE if len(one.lower()) == len(one.upper()) == 1 else MANY)
        else:
            pieces.append(piece)
    return Pattern(tuple(pieces))
