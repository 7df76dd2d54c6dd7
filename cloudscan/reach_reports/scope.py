"""Of what an answer is: when the snapshot was made, of which accounts and stores, within which limits.

An answer that is passed on without it says "nobody" of what nobody looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloudscan.estate import Estate
from cloudscan.model import Account
from cloudscan.provider import STORE_FACETS, Facet
from cloudscan.reach.answers import Answer, Overview
from cloudscan.reach.credentials import uncollected
from cloudscan.reports.escape import terminal
from cloudscan.wording import count

_ACCESS = (
    Facet.STORES,
    Facet.OBJECTS,
    Facet.ENCRYPTION,
    Facet.PUBLIC_ACCESS,
    Facet.POLICY,
    Facet.ACL,
    Facet.ACCESS_POINTS,
    Facet.PRINCIPALS,
    Facet.WORKLOADS,
    Facet.FEDERATIONS,
    Facet.KEYS,
    Facet.ORGANIZATION,
)
"""The questions whose answers decide who reads, or how much."""
_OF_STORES = {*STORE_FACETS, Facet.OBJECTS}
_NAMED = 3
"""Accounts and patterns that a sentence names before it counts the rest."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a snapshot holds. ``limits`` are clauses that say what was not looked at; () where nothing was left out.

    ``collected`` is when its collection finished, None for an estate that was not collected.
    """

    collected: datetime | None
    tool: str
    digest: str
    accounts: Sequence[str]
    stores: int
    limits: Sequence[str]


def scope_of(answer: Answer) -> Scope:
    """Return the scope of the snapshot that an answer comes from, with what the question itself leaves out."""
    estate, manifest = answer.asked.estate, answer.asked.estate.manifest
    return Scope(
        collected=manifest.finished if manifest else None,
        tool=manifest.tool if manifest else "",
        digest=manifest.digest if manifest else "",
        accounts=sorted(estate.accounts),
        stores=len(estate.stores),
        limits=[*_asked(answer), *(_chosen(manifest.scope) if manifest else ()), *_unseen(estate)],
    )


def scope_line(answer: Answer) -> str:
    """Say the scope in one line."""
    scope = scope_of(answer)
    when = f" of {scope.collected:%Y-%m-%d %H:%M} UTC" if scope.collected else ""
    by = f" by cloudscan {scope.tool}" if scope.tool else ""
    held = f"{_some(scope.accounts, 'account')}, {count(scope.stores, 'store')}"
    limits = f"; {'; '.join(scope.limits)}" if scope.limits else ""
    return terminal(f"Snapshot{when}{by}: {held}{limits}.")


def _some(names: Sequence[str], noun: str) -> str:
    if not names:
        return f"no {noun}"
    left = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{noun}{'' if len(names) == 1 else 's'} {', '.join(names[:_NAMED])}{left}"


def _asked(answer: Answer) -> Iterator[str]:
    """Yield what the question supposes, and what it leaves out of its answer."""
    if isinstance(answer, Overview) and (untold := uncollected(answer.asked.estate)):
        yield untold
    if answer.asked.without:
        yield f"as if {' and '.join(answer.asked.without)} were gone"
    if answer.asked.media:
        yield f"only {answer.asked.media} was asked about"
    if answer.asked.direct:
        yield "steps were not asked about"


def _chosen(scopes: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the collection was told to leave out."""
    for _, scope in sorted(scopes.items()):
        if not isinstance(scope, Mapping):
            continue
        if patterns := scope.get("stores"):
            more = f" or {len(patterns) - _NAMED:,} patterns more" if len(patterns) > _NAMED else ""
            yield f"only stores named {' or '.join(patterns[:_NAMED])}{more}"
        if most := scope.get("max_objects"):
            yield f"at most {count(most, 'object')} of each store listed"


def _asked_of(estate: Estate, account: Account) -> Sequence[Facet]:
    """Return what is to be asked of an account: of no stores nothing, and those of AWS alone have access points."""
    asked = [facet for facet in _ACCESS if facet is not Facet.ACCESS_POINTS or account.provider == "aws"]
    listed = estate.asked(account.provider, account.id, Facet.STORES)
    if not listed or any(
        (one.provider, one.account) == (account.provider, account.id) for one in estate.stores.values()
    ):
        return asked
    return [facet for facet in asked if facet not in _OF_STORES]


def _unseen(estate: Estate) -> Iterator[str]:
    """Yield what decides about access and was never asked, was not answered, or was answered in part."""
    never: dict[str, set[str]] = defaultdict(set)
    for one in estate.accounts.values():
        never[one.provider].update(estate.unasked(one.provider, one.id, *_asked_of(estate, one)))
    for cloud, unasked in sorted(never.items()):
        if told := [facet for facet in _ACCESS if facet in unasked]:
            yield f"never asked about{f' in {cloud}' if len(never) > 1 else ''}: {', '.join(told)}"
    lines = [line for line in estate.coverage if line.facet in _ACCESS]
    if unanswered := sum(max(0, line.asked - line.answered) for line in lines):
        yield f"{count(unanswered, 'question')} about access without an answer"
    if cut := sum(line.limited for line in lines if line.facet == Facet.OBJECTS):
        yield f"{count(cut, 'list of objects')} cut short"
