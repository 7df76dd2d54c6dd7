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
from cloudscan.access.patterns import Pattern, matches
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.comparing import Compare, Unclear, Unread, comparison, loosened, tested
from cloudscan_azure.policy.grammar import Attribute, Comparison, Exists, Function, Joined, Node, NotUnderstood, parse
from cloudscan_azure.policy.network import NETWORK
from cloudscan_azure.policy.operations import Operation
from cloudscan_azure.policy.roles import fits_any

TIME = "time"
TAG = "blob-index-tag:"
PRIVATE_LINK = "network:private-link"
PATH = "microsoft.storage/storageaccounts/blobservices/containers/blobs:path"
_TAGGED = re.compile(r"microsoft\.storage/storageaccounts/blobservices/containers/blobs/tags:(.+?)(?:<\$.*)?", re.I)
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
        except Unclear as unclear:
            return Unseen(str(unclear) if isinstance(unclear, Unread) else f"whether {unclear} was not understood")

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
                raise Unclear(f"{node.attribute} {node.operator} {values} holds")
            values = known
        compare = comparison(node.operator)
        if compare.folds and self.subject.alike and node.attribute.name.lower() == PATH:
            return self._of_others(compare, values)
        folds = compare.folds and compare.operator is Operator.LIKE
        return self._on(node.attribute, lambda key, over: tested(node, compare, values, key, over), folds=folds)

    def _of_others(self, compare: Compare, values: Sequence[str]) -> Condition:
        """Answer for paths that are told apart by patterns, which know cases of letters: others may differ in them."""
        paths = self.subject.resource[PATH] or ()
        if any(matches(loosened(compare.pattern(value)), path) for value in values for path in paths):
            raise Unclear("each of the paths is, in any case of letters, as asked")
        return constant(value=compare.negated)

    def _on(self, attribute: Attribute, ask: Callable[[str, Over], Condition], *, folds: bool = False) -> Condition:
        """Ask about an attribute; answer at once where its values are known. ``folds``: small letters are compared."""
        known, key = self._known(attribute)
        if known is None and folds:
            raise Unclear(f"{attribute} is, in any case of letters, as asked")
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
                raise Unclear(f"{attribute} is as asked")
            return None, _BROUGHT[name]
        if attribute.source == "request":
            told = {"suboperation": tuple(self.operation.sub), **self.subject.request}
            return told.get(name), str(attribute)
        if (tagged := _TAGGED.fullmatch(attribute.name)) is not None:
            return None, f"{TAG}{tagged[1]}"
        if (values := self.subject.resource.get(name)) is None:
            raise Unread(f"{attribute} was not read")
        return values, str(attribute)

    def _of_caller(self, attribute: Attribute) -> tuple[str, ...]:
        held = self.caller.attributes
        name = attribute.name
        if held is None or not name.lower().startswith(_SECURITY):
            raise Unread(f"{attribute} of {self.caller.name} was not read")
        value = held.get(name[len(_SECURITY) :])
        return () if value is None else (value,)


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
                compare = comparison(node.operator)
            except Unclear:
                continue
            patterns = map(compare.pattern, node.values)
            yield from map(loosened, patterns) if compare.folds else patterns
