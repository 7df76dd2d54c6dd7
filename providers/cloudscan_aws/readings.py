"""The statements of many documents, found by the calls and by the resources that they are about."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from cloudscan_aws.contents import Matter
from cloudscan_aws.policy.documents import Document, Malformed, Statement
from cloudscan_aws.policy.matching import pattern

Spoken = tuple[Document, Statement | Malformed]


class Reading:
    """The statements of documents about some calls, by the text that their resources begin with."""

    def __init__(self) -> None:
        self._everywhere: list[Spoken] = []
        self._heads: dict[str, dict[Spoken, None]] = {}
        self._ordered: list[str] = []

    def add(self, document: Document, item: Statement | Malformed) -> None:
        """Add a statement of a document."""
        if isinstance(item, Malformed) or item.resources is None:
            self._everywhere.append((document, item))
            return
        for text in item.resources:
            first = pattern(text, wild=True, variables=item.variables).pieces[:1]
            head = first[0] if first and isinstance(first[0], str) else ""
            self._heads.setdefault(head, {})[document, item] = None

    def order(self) -> None:
        """Make it ready for questions."""
        self._ordered = sorted(self._heads)

    def about(self, matters: Iterable[Matter]) -> Iterator[Spoken]:
        """Yield the statements that may be about the resources of matters, each once."""
        found = dict.fromkeys(self._everywhere)
        for matter in matters:
            for start in (matter.start,) if matter.exactly is None else matter.exactly:
                for end in range(len(start) + 1):
                    found.update(self._heads.get(start[:end], {}))
                if matter.exactly is None:
                    for head in self._ordered[bisect_left(self._ordered, start) :]:
                        if not head.startswith(start):
                            break
                        found.update(self._heads[head])
        yield from found
