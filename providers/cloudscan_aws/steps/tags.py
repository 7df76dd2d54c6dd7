"""Tags that would make a difference: what documents compare the tags of a principal with, in sets of some at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from cloudscan.access import Context, keys
from cloudscan_aws.contents import referred_by
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.callers import Caller
from cloudscan_aws.policy.documents import Policy, Statement
from cloudscan_aws.policy.matching import pattern
from cloudscan_aws.policy.operators import condition_of
from cloudscan_aws.steps.asked import fitting
from cloudscan_aws.steps.calls import over, spelled

Tags = Mapping[str, str]
_OF_PRINCIPAL, _OF_REQUEST = "aws:principaltag/", "aws:requesttag/"
_OTHER = "any"
"""A value that nothing asks for: of a tag for which some document denies."""
_MOST = 32
"""Sets of tags that are tried for one principal, and values that are tried for a tag."""


class Wanted:
    """The tags that an estate's documents look at, with the values that count, and those that principals have."""

    def __init__(self, facts: Facts, heard: Iterable[Statement]) -> None:
        self._had: dict[str, dict[str, None]] = defaultdict(dict)
        for one in facts.estate.principals.values():
            for name, value in (one.labels or {}).items():
                self._had[name.casefold()][value] = None
        self._everywhere = list(self._sets(heard))

    def sets(self, own: Iterable[Statement]) -> Iterator[Tags]:
        """Yield the sets of tags that may count for somebody with such statements of its own, the smallest first."""
        mine = list(self._sets(own))
        both = ({**theirs, **each} for each in mine for theirs in self._everywhere)
        found = {tuple(sorted(each.items())): None for each in (*mine, *self._everywhere, *islice(both, _MOST))}
        yield from (dict(each) for each in islice(found, _MOST))

    def _sets(self, items: Iterable[Statement]) -> Iterator[Tags]:
        """Yield what one statement asks, with the first value of each tag, and every other value of one of them."""
        for item in items:
            asked = self._asked(item)
            first = {name: values[0] for name, values in asked.items() if values}
            if first:
                yield first
                yield from ({**first, name: value} for name, values in asked.items() for value in values[1:_MOST])

    def _asked(self, item: Statement) -> Mapping[str, Sequence[str]]:
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for clause in item.condition:
            if (name := _tag(clause.key)) is not None:
                found[name] |= dict.fromkeys(fitting(value) for value in clause.values if "${" not in value)
        texts = item.resources or item.not_resources or ()
        patterns = frozenset(pattern(text, wild=True, variables=item.variables) for text in texts if "${" in text)
        for key in (*referred_by(condition_of(item), patterns), *keys(condition_of(item))):
            if (name := _tag(key)) is not None:
                found[name] |= self._had.get(name.casefold(), {})
        return {name: [*(value for value in values if value != _OTHER), _OTHER] for name, values in found.items()}


def _tag(key: str) -> str | None:
    """Return the name of the tag of a principal, or of a request that makes one, that a context key is."""
    folded = key.casefold()
    prefix = next((each for each in (_OF_PRINCIPAL, _OF_REQUEST) if folded.startswith(each)), None)
    return key[len(prefix) :] if prefix is not None else None


def object_tags(facts: Facts, caller: Caller, policies: Iterable[Policy]) -> list[Tags]:
    """Return the tags of objects that the documents over a caller, and some others, compare: sets of some."""
    documents = dict.fromkeys((*over(facts, caller), *(policy.document for policy in policies)))
    items = (item for document in documents for item in document.statements if isinstance(item, Statement))
    prefix = "s3:existingobjecttag/"
    clauses = [clause for item in items for clause in item.condition if clause.key.casefold().startswith(prefix)]
    first = {each.key[len(prefix) :]: fitting(spelled(each.values[0], caller)) for each in clauses if each.values}
    others = ({**first, each.key[len(prefix) :]: fitting(value)} for each in clauses for value in each.values)
    return [dict(each) for each in islice({tuple(sorted(one.items())): None for one in (first, *others) if one}, _MOST)]


def passing(tags: Tags) -> Context:
    """Return what a request says of the tags that it gives."""
    known: dict[str, str | tuple[str, ...]] = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
    return Context.of({**known, "aws:TagKeys": tuple(tags)}, absent=["aws:RequestTag/*"])


def with_tags(own: Tags, others: Tags) -> Tags:
    """Lay tags over others: their names are compared without regard to case."""
    new = {name.casefold() for name in others}
    return {**{name: value for name, value in own.items() if name.casefold() not in new}, **others}
