"""What the policy file decides of the recordings of a store, or of a part of it, as checks ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cloudscan.check import World
from cloudscan.model import MediaClass, Store
from cloudscan.policy import Retention
from cloudscan.slices import Slice
from cloudscan_checks._facts import holder, listed, unlisted


@dataclass(frozen=True, slots=True)
class Decision:
    """The rule of the policy file for the objects of one class in a part of a store.

    ``empty``: was no such object seen there. Of a whole store that is not asked.
    """

    store: Store
    media: MediaClass
    rule: Retention
    part: Slice
    empty: bool

    @property
    def place(self) -> dict[str, Any]:
        """What every finding about it says of it. Its locator holds prefixes as the policy file has them."""
        prefixes = ", ".join(map(repr, self.rule.prefixes))
        locator = f"{self.media} under {prefixes}" if prefixes else self.media
        return {"locator": locator, "names": holder(self.store)}

    @property
    def where(self) -> str:
        """Say which part of the store it is: " under calls/", " outside tmp/", "" for all of it."""
        under = f" under {listed(self.part.prefixes)}" if self.part.prefixes else ""
        outside = f" outside {listed(self.part.without)}" if self.part.without else ""
        return " but".join(words for words in (under, outside) if words)

    @property
    def lead(self) -> str:
        """Say it before a message: "under calls/: ", "" for all of the store."""
        return f"{self.where.strip()}: " if self.where else ""

    @property
    def evidence(self) -> dict[str, object]:
        """The part for a finding's evidence."""
        told = {"prefixes": list(self.part.prefixes), "outside": list(self.part.without)}
        return {name: keys for name, keys in told.items() if keys}


def decisions(world: World, media: MediaClass, stores: Iterable[Store], *, every: bool = False) -> Iterator[Decision]:
    """Yield what is decided of the objects of a class, by store, in the order of the rules.

    What is decided of a part in which nothing lies is left out where all objects of its store were listed; with
    ``every`` it is not.
    """
    for store in stores:
        for rule, part in world.policy.retention_of(store, media):
            empty = not part.whole and store.id not in world.estate.objects.counted_in(part, media)
            if every or not empty or unlisted(world.estate, store):
                yield Decision(store, media, rule, part, empty)
