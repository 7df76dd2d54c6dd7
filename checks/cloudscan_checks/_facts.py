"""What could not be seen of a resource, and how much speech is meant: the words that findings share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cloudscan.coverage.unseen import cited, permissions, why
from cloudscan.estate import Estate
from cloudscan.model import Gap, Key, MediaClass, Store
from cloudscan.provider import Facet
from cloudscan.wording import lasting

EXAMPLES = 5
"""How many keys or names of jobs a finding gives as examples."""
NOUNS = {
    MediaClass.SPEECH: ("recording", "recordings"),
    MediaClass.TRANSCRIPT: ("transcript", "transcripts"),
    MediaClass.VIDEO: ("video", "videos"),
}


def missing(estate: Estate, resource: Store | Key, *facets: Facet) -> tuple[Gap, ...]:
    """Return the gaps in these questions about a resource, and those in questions to its whole account.

    A question to a whole account is one whose gap names the account as its resource.
    """
    whole = (gap for gap in estate.gaps_on(resource.account, *facets) if gap.provider == resource.provider)
    return (*estate.gaps_on(resource.id, *facets), *whole)


def unlisted(estate: Estate, store: Store) -> tuple[Gap, ...]:
    """Return why not every object of a store is known; empty when the listing is whole."""
    return missing(estate, store, Facet.OBJECTS)


def unlisted_stores(estate: Estate, provider: str) -> tuple[str, tuple[Gap, ...]]:
    """Say why somebody may read speech of a cloud that nobody saw: its stores, or what is in them, are not all known.

    Returns "" and no gaps where every store of the cloud was listed whole.
    """
    hiding = (Facet.STORES, Facet.OBJECTS)
    gaps = tuple(gap for gap in estate.gaps if gap.provider == provider and gap.facet in hiding)
    return (unread("every object of its stores", gaps) if gaps else ""), gaps


def unread(what: str, gaps: Iterable[Gap] = ()) -> str:
    """Say that something is not known, and why: "could not read the policy (denied: s3:GetBucketPolicy)"."""
    why = _reasons(gaps)
    return f"could not read {what} ({why})" if why else f"nothing is known of {what}"


def untold(clause: str, gaps: Iterable[Gap] = ()) -> str:
    """Say that a question is open, and why: "it is not known whether it is rotated (denied: kms:...)"."""
    why = _reasons(gaps)
    return f"it is not known {clause} ({why})" if why else f"it is not known {clause}"


def _reasons(gaps: Iterable[Gap]) -> str:
    return "; ".join(dict.fromkeys(map(why, gaps)))


def not_seen(*gaps: Iterable[Gap]) -> dict[str, object]:
    """Return gaps as evidence: what was asked and failed, and which permissions would show it."""
    every = [gap for several in gaps for gap in several]
    if not every:
        return {}
    needed = sorted(set(permissions(every)))
    return {
        "not_seen": sorted(set(map(cited, every))),
        **({"permissions": needed} if needed else {}),
    }


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of objects of one class and the seconds that are known of them."""

    media: MediaClass
    objects: int
    seconds: float = 0.0

    def __str__(self) -> str:
        """Say it: "412 recordings (38.2 h)"."""
        return counted(self.objects, *NOUNS[self.media]) + self.length

    @property
    def length(self) -> str:
        """The length in brackets, "" when none is known."""
        return lasting(self.seconds)

    def of(self, whole: Amount) -> str:
        """Say it as a part: "12 of 412 recordings (1.1 h)", or "all 412 recordings (38.2 h)"."""
        if self.objects >= whole.objects:
            return str(self) if whole.objects == 1 else f"all {self}"
        return f"{self.objects:,} of {counted(whole.objects, *NOUNS[self.media])}{self.length}"

    @property
    def evidence(self) -> dict[str, object]:
        """The numbers for a finding's evidence. Hours count only objects whose length is known."""
        return {"objects": self.objects, "hours": round(self.seconds / 3600, 2)}


def amount(estate: Estate, store: Store, media: MediaClass) -> Amount:
    """Return how much of a class lies in a store, current versions only."""
    corpora = estate.corpora_of(store.id, media)
    return Amount(media, sum(corpus.objects for corpus in corpora), sum(corpus.seconds for corpus in corpora))


def counted(number: int, one: str, many: str) -> str:
    """Say a number of things: "1 job", "3,000 jobs"."""
    return f"{number:,} {one if number == 1 else many}"


def listed(names: Iterable[str], most: int = EXAMPLES) -> str:
    """Join names for a sentence, the first few of them."""
    ordered: Sequence[str] = list(names)
    more = f" and {len(ordered) - most:,} more" if len(ordered) > most else ""
    return ", ".join(ordered[:most]) + more


def holder(store: Store) -> Mapping[str, str]:
    """Return the names of the resource that holds a store, for remediation texts of clouds where there is one.

    ``{holder}`` is its full id, ``{holder_name}`` its name and ``{group}`` its resource group; where a store
    stands alone they are the store's own.
    """
    found = re.fullmatch(
        r"(?P<holder>/subscriptions/.*/resourceGroups/(?P<group>[^/]+)/.*/(?P<name>[^/]+))/blobServices/.*",
        store.id,
        re.IGNORECASE,
    )
    if found is None:
        return {"holder": store.id, "holder_name": store.name, "group": ""}
    return {"holder": found["holder"], "holder_name": found["name"], "group": found["group"]}
