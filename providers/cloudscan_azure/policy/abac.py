"""What the condition of a role assignment asks of a request, as a tree of tests.

From "Azure role assignment condition format and syntax" and "Actions and attributes for Azure role assignment
conditions for Azure Blob Storage": what follows from the resource, the operation and who asks is filled in; what the
request brings stays a test. An attribute that is not there equals nothing, and an operator with Not in its name is
the negation of the one without. What is written in another way is an unseen fact that names it: it may be either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cloudscan.access import Context
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import (
    ALWAYS,
    Condition,
    Over,
    Test,
    Unseen,
    all_of,
    any_of,
    constant,
    from_source,
    negate,
    resolve,
)
from cloudscan.access.patterns import MANY, ONE, Pattern, Piece, matches
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.grammar import Attribute, Comparison, Exists, Function, Joined, Node, NotUnderstood, parse
from cloudscan_azure.policy.network import NETWORK
from cloudscan_azure.policy.operations import Operation
from cloudscan_azure.policy.roles import fits_any

TIME = "time"
TAG = "blob-index-tag:"
PRIVATE_LINK = "network:private-link"
PATH = "microsoft.storage/storageaccounts/blobservices/containers/blobs:path"
_TAGGED = re.compile(r"microsoft\.storage/storageaccounts/blobservices/containers/blobs/tags:(.+?)(?:<\$.*)?", re.I)
_GUID = 32
"""How many digits an id has."""
_SECURITY = "microsoft.directory/customsecurityattributes/id:"
_BROUGHT: Mapping[str, str] = {
    "utcnow": TIME,
    "isprivatelink": PRIVATE_LINK,
    "microsoft.network/privateendpoints": NETWORK,
    "microsoft.network/virtualnetworks/subnets": NETWORK,
}
"""The keys of tests for attributes of the environment."""


@dataclass(frozen=True)
class Subject:
    """What a condition can know of what is asked about: values by the names of attributes, in small letters.

    One that is known not to be there has none, one that was not read is None; of all others the request tells.
    ``alike`` says that the path stands for all others that no pattern tells apart from it.
    """

    resource: Mapping[str, tuple[str, ...] | None]
    request: Mapping[str, tuple[str, ...]]
    alike: bool = False


def condition_of(expression: str, operation: Operation, subject: Subject, caller: Caller, source: str) -> Condition:
    """Say what a condition asks. ``source`` is the assignment that it belongs to."""
    if not expression.strip():
        return ALWAYS
    try:
        asked = _Reading(operation, subject, caller).truth(parse(expression))
    except (NotUnderstood, RecursionError):
        return Unseen(f"the condition {expression!r} is none that is understood")
    return from_source(asked, source)


class _Unclear(Exception):
    """A part without a meaning that is known."""


@dataclass(frozen=True)
class _Reading:
    """One condition, asked about one operation of one caller."""

    operation: Operation
    subject: Subject
    caller: Caller

    def truth(self, node: Node) -> Condition:
        """Read what is true or false; a part that is unclear is unseen, and its neighbours still count."""
        if isinstance(node, Joined):
            parts = [self.truth(part) for part in node.parts]
            return negate(parts[0]) if node.how == "not" else all_of(parts) if node.how == "and" else any_of(parts)
        try:
            return self._told(node)
        except _Unclear as unclear:
            return Unseen(f"whether {unclear} was not understood")

    def _told(self, node: Function | Exists | Comparison) -> Condition:
        if isinstance(node, Exists):
            return self._on(node.attribute, lambda key, _: Test(key, Operator.PRESENT))
        if isinstance(node, Comparison):
            return self._compared(node)
        if node.name == "actionmatches":
            return constant(value=fits_any(self.operation.action, node.values))
        return constant(value=any(value.lower() in self.operation.sub for value in node.values))

    def _compared(self, node: Comparison) -> Condition:
        values = node.values
        if isinstance(values, Attribute):
            known, _ = self._known(values)
            if known is None:
                raise _Unclear(f"{node.attribute} {node.operator} {values} holds")
            values = known
        compare = _comparison(node.operator)
        if compare.folds and self.subject.alike and node.attribute.name.lower() == PATH:
            return self._of_others(compare, values)
        folds = compare.folds and compare.operator is Operator.LIKE
        return self._on(node.attribute, lambda key, over: _tested(node, compare, values, key, over), folds=folds)

    def _of_others(self, compare: Compare, values: Sequence[str]) -> Condition:
        """Answer for paths that are told apart by patterns, which know cases of letters: others may differ in them."""
        paths = self.subject.resource[PATH] or ()
        if any(matches(loosened(compare.pattern(value)), path) for value in values for path in paths):
            raise _Unclear("each of the paths is, in any case of letters, as asked")
        return constant(value=compare.negated)

    def _on(self, attribute: Attribute, ask: Callable[[str, Over], Condition], *, folds: bool = False) -> Condition:
        """Ask about an attribute; answer at once where its values are known. ``folds``: small letters are compared."""
        known, key = self._known(attribute)
        if known is None and folds:
            raise _Unclear(f"{attribute} is, in any case of letters, as asked")
        if known is None:
            return ask(key, Over.ANY if key == NETWORK else Over.ONE)
        values = tuple(value.lower() for value in known) if folds else known
        return resolve(ask(key, Over.ANY), Context.of({key: values}))

    def _known(self, attribute: Attribute) -> tuple[tuple[str, ...] | None, str]:
        """Return the values of an attribute, None where the request tells, and the key under which it does."""
        name = attribute.name.lower()
        if attribute.source == "principal":
            return self._of_caller(attribute), str(attribute)
        if attribute.source == "environment":
            if name not in _BROUGHT:
                raise _Unclear(f"{attribute} is as asked")
            return None, _BROUGHT[name]
        if attribute.source == "request":
            told = {"suboperation": tuple(self.operation.sub), **self.subject.request}
            return told.get(name), str(attribute)
        if (tagged := _TAGGED.fullmatch(attribute.name)) is not None:
            return None, f"{TAG}{tagged[1]}"
        if (values := self.subject.resource.get(name)) is None:
            raise _Unclear(f"{attribute} is as asked, which was not read,")
        return values, str(attribute)

    def _of_caller(self, attribute: Attribute) -> tuple[str, ...]:
        held = self.caller.attributes
        name = attribute.name
        if held is None or not name.lower().startswith(_SECURITY):
            raise _Unclear(f"{attribute} of {self.caller.name} is as asked, which was not read,")
        value = held.get(name[len(_SECURITY) :])
        return () if value is None else (value,)


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


def _comparison(name: str) -> Compare:
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
    raise _Unclear(f"an operator {name} holds")


def _tested(node: Comparison, compare: Compare, values: Sequence[str], key: str, over: Over) -> Condition:
    """Say what a comparison asks of a key.

    From "Cross product comparison operators": the first word says of how many values that are there, the second of
    how many that are written. Of none that is there, nothing holds.
    """
    folded = compare.folds and compare.operator is Operator.LIKE
    written = list(dict.fromkeys(map(compare.pattern, values)))
    patterns = [_folded(each) for each in written] if folded else written

    def test(wanted: Sequence[Pattern], how: Over, *, negated: bool = False) -> Condition:
        return Test(key, compare.operator, tuple(wanted), how, negated)

    if node.quantifier is None:
        return test(patterns, over, negated=compare.negated)
    some, every = node.quantifier
    if (some, every) == ("any", "all") and not compare.negated and len(patterns) > 1:
        raise _Unclear(f"one value of {node.attribute} is all that is asked")
    if (some, every) == ("all", "any") and compare.negated and len(patterns) > 1:
        raise _Unclear(f"each value of {node.attribute} differs from one that is asked")
    one, other = (Over.EVERY, Over.ANY) if some == "all" else (Over.ANY, Over.EVERY)
    how = other if compare.negated else one
    groups = [patterns] if (every == "any") != compare.negated else [[each] for each in patterns]
    tests = [test(group, how, negated=compare.negated) for group in groups]
    held = any_of(tests) if every == "any" else all_of(tests)
    return all_of((held, Test(key, Operator.PRESENT)))


def _folded(pattern: Pattern) -> Pattern:
    return Pattern(tuple(piece.lower() if isinstance(piece, str) else piece for piece in pattern.pieces))


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


def path_patterns(expression: str) -> Iterator[Pattern]:
    """Yield what a condition compares the paths of blobs with: these tell keys apart. None of what is no condition."""
    try:
        todo = [parse(expression)] if expression.strip() else []
    except (NotUnderstood, RecursionError):
        return
    while todo:
        node = todo.pop()
        if isinstance(node, Joined):
            todo += node.parts
        elif isinstance(node, Comparison) and node.attribute.name.lower() == PATH and isinstance(node.values, tuple):
            try:
                compare = _comparison(node.operator)
            except _Unclear:
                continue
            patterns = map(compare.pattern, node.values)
            yield from map(loosened, patterns) if compare.folds else patterns
