"""What the policy file decides of the recordings of a store, or of a part of it, as checks ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from cloudscan.check import Check, World
from cloudscan.model import Finding, MediaClass, Store
from cloudscan.policy.file import Retention
from cloudscan.provider import Facet
from cloudscan.tables.slices import Slice
from cloudscan_checks._facts import holder, listed, missing, not_seen, unlisted, unread


@dataclass(frozen=True, slots=True)
class Decision:
    """The rule of the policy file for the objects of one class in a part of a store.

    ``empty``: was no such object seen there. Of a whole store that is not asked. ``perhaps`` has the rules of which
    labels that were not read tell which one decides, see :class:`cloudscan.policy.file.Part`.
    """

    store: Store
    media: MediaClass
    rule: Retention
    part: Slice
    empty: bool
    perhaps: tuple[Retention, ...] = ()

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
        for rule, part, perhaps in world.policy.retention_of(store, media):
            empty = not part.whole and store.id not in world.estate.objects.counted_in(part, media)
            if every or not empty or unlisted(world.estate, store):
                yield Decision(store, media, rule, part, empty, perhaps)


def unread_labels(world: World, store: Store) -> tuple[str, dict[str, object]]:
    """Say why the labels of a store were not read, with evidence: asked for is what the policy file goes by."""
    gaps = missing(world.estate, store, Facet.LABELS)
    told = unread("them", gaps) if gaps else "they were not read; collect with this file, --policy, to read them"
    return told, not_seen(gaps)


def hangs_on_labels(check: Check, world: World, decision: Decision, **facts: str) -> Finding:
    """Return the finding that it is not known what is decided, since labels that were not read tell it."""
    told, unseen = unread_labels(world, decision.store)
    message = f"{decision.lead}which rule of the policy file decides hangs on the labels of the store: {told}"
    place, evidence = decision.place | facts, decision.evidence | unseen
    # What the check proposes would carry out a decision that may not have been made.
    return replace(check.unknown(decision.store, message, evidence=evidence, **place), remediation="")
