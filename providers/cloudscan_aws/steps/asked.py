"""What documents ask of a value that whoever makes a call chooses itself: a tag, a name, a policy, a constraint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.callers import Caller
from cloudscan_aws.policy.documents import Document, Policy, Statement
from cloudscan_aws.policy.matching import covers
from cloudscan_aws.steps.calls import over, spelled


def asked(facts: Facts, caller: Caller, call: str, key: str, others: Iterable[Policy] = ()) -> list[str]:
    """Return the patterns with which statements about a call compare a context key, for a caller.

    They are those over the caller and those of ``others``: allows and denies, since both say what is spared.
    """
    documents = dict.fromkeys((*over(facts, caller), *(policy.document for policy in others)))
    found = (value for document in documents for value in _compared(document, call.lower(), key.casefold()))
    return list(dict.fromkeys(spelled(value, caller) for value in found))


def fitting(pattern: str) -> str:
    """Return a text that fits a pattern."""
    return re.sub(r"\$\{[^}]*\}|[*?]", lambda found: "x" if found[0] == "?" else "any", pattern)


@lru_cache(maxsize=1 << 14)
def _compared(document: Document, call: str, key: str) -> tuple[str, ...]:
    return tuple(_values(document, call, key))


def _values(document: Document, call: str, key: str) -> Iterator[str]:
    for item in document.statements:
        if isinstance(item, Statement) and item.condition and covers(item, call):
            for clause in item.condition:
                if clause.key.casefold() == key:
                    yield from clause.values
