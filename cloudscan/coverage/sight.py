"""How much of a scope could be seen at all: what nobody listed leaves no question to count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from cloudscan.coverage.unseen import why
from cloudscan.model import Coverage, Gap, Store, Why
from cloudscan.provider import Facet
from cloudscan.wording import count

Place = tuple[str, str]
"""A provider, and an account of its, or whatever else was asked which accounts there are."""


def seen(lines: Iterable[Coverage], stores: Collection[Store], providers: Iterable[str]) -> float | None:
    """Return the share of the lists of stores, and of their objects, that came, from 0 to 1; None: none was asked.

    Each account counts alike: by the part of its lists of stores that came, and of these by the part of its lists of
    objects. One of which a list is missing and no store was seen counts as none, and so does a provider of the scope in
    which no account was found.
    """
    lines = list(lines)
    shares, listed = _shares(lines, stores), _listed(lines)
    seen_of = {place: shares.get(place, 1.0) * listed.get(place, 1.0) for place in (*shares, *listed)}
    known = {provider for provider, _ in seen_of} | {store.provider for store in stores}
    every = [*seen_of.values(), *(0.0 for provider in providers if provider not in known)]
    return sum(every) / len(every) if every else None


def blind(
    lines: Iterable[Coverage], stores: Collection[Store], gaps: Iterable[Gap], providers: Iterable[str]
) -> Iterator[str]:
    """Say of each provider of the scope of which nothing could be seen, and why."""
    shares = _shares(lines, stores)
    first: dict[str, Gap] = {}
    for gap in gaps:
        if gap.facet in (Facet.STORES, Facet.ACCOUNTS):
            first.setdefault(gap.provider, gap)
    holding = {store.provider for store in stores}
    for provider in providers:
        of_it = [share for (owner, _), share in shares.items() if owner == provider]
        if any(of_it) or provider in holding:
            continue
        reason = first.get(provider)
        said = f" ({_said(reason)})" if reason else ""
        cause = "no list of stores came" if of_it or reason else "no account was found"
        yield f"{provider}: nothing was seen, since {cause}{said}"


def inventories(provider: str, gaps: Iterable[Gap], *, limited: bool) -> str:
    """Say of a collection that was to read inventories how many stores it read from one, and why it listed others.

    With a limit on objects, stores are listed. A store that was read from an inventory has a gap that says since when.
    """
    if limited:
        return f"{provider}: no store was read from an inventory: with --max-objects they are listed"
    read, none, useless = set[str](), set[str](), set[str]()
    for gap in gaps:
        if gap.provider == provider and gap.facet == Facet.OBJECTS and gap.since is not None:
            read.add(gap.resource)
        elif gap.provider == provider and gap.facet == Facet.INVENTORY:
            (none if gap.why is Why.DISABLED else useless).add(gap.resource)
    none, useless = none - read, useless - read
    was = "was" if len(read) == 1 else "were"
    told = f"{count(len(read), 'store') if read else 'no store'} {was if read else 'was'} read from an inventory"
    listed = [f"{len(none):,} write{'s' if len(none) == 1 else ''} none"] if none else []
    listed += [f"of {len(useless):,} it could not be used, which the gaps explain"] if useless else []
    if not listed:
        return f"{provider}: {told}"
    others = len(none | useless)
    return f"{provider}: {told}, {others:,} {'was' if others == 1 else 'were'} listed: {', '.join(listed)}"


def _said(gap: Gap) -> str:
    more = f": {gap.detail}" if gap.detail and gap.why is not Why.LIMIT else ""
    return f"{gap.resource or gap.account}: {why(gap)}{more}"


def _shares(lines: Iterable[Coverage], stores: Iterable[Store]) -> Mapping[Place, float]:
    """Return what came of the lists of stores of each account; of what tells no accounts, of its lists of these."""
    asked: dict[str, dict[Place, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for line in lines:
        numbers = asked[line.facet][line.provider, line.account]
        numbers[0] += line.asked
        numbers[1] += min(line.asked, line.answered)
    holding = {(store.provider, store.account) for store in stores}
    shares = {place: _share(*numbers) for place, numbers in asked[Facet.STORES].items() if numbers[0]}
    shares = {place: share if share == 1 or place in holding else 0.0 for place, share in shares.items()}
    for place, numbers in asked[Facet.ACCOUNTS].items():
        if numbers[1] < numbers[0]:
            shares.setdefault(place, _share(*numbers))
    return shares


def _listed(lines: Iterable[Coverage]) -> Mapping[Place, float]:
    """Return what came of the lists of objects of each account; what the user's own limit cut short did."""
    objects = [line for line in lines if line.facet == Facet.OBJECTS and line.asked]
    return {(line.provider, line.account): _share(line.asked, min(line.asked, line.answered)) for line in objects}


def _share(asked: int, answered: int) -> float:
    return answered / asked
