"""What no list told, and so no check judged: silence about it would look as if there was nothing wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cloudscan.check import Check, World
from cloudscan.coverage.unseen import cited, is_of_unused, permissions, why
from cloudscan.estate import RECORDED
from cloudscan.model import Account, Finding, Gap, Verdict, Why
from cloudscan.provider import Facet
from cloudscan.wording import count

LOCATOR = "unlisted"
"""What tells these findings from others on the same account."""
_EXAMPLES = 5
_WHOLE: Mapping[str, str] = {
    Facet.ACCOUNTS: "all of the account",
    Facet.STORES: "all of its stores",
    Facet.JOBS: "all of its speech jobs",
    Facet.BACKUPS: "all of its backups",
}
_WITHIN: Mapping[str, str] = {
    Facet.OBJECTS: "what is in",
    Facet.ENCRYPTION: "which key protects",
    Facet.HEADS: "which keys protect objects in",
}


def hidden(check: Check, world: World, found: Sequence[Finding]) -> Iterator[Finding]:
    """Yield for each account that it may hold more than a check judged, where what was to tell it was refused.

    ``found`` is what the check said by itself: a store that it judged, and an account of which it says that it cannot
    tell for the same reason, is not said again. What the user's own limit left out was not asked for, and what came
    after an inventory is a matter of the stores that it is of.
    """
    if not check.asked_by(world.policy):
        return
    judged = {finding.resource for finding in found}
    told = {(one.resource, cause) for one in found for cause in _causes(one)}
    holding = {store.id for store in world.estate.stores_with(*RECORDED)}
    refused: dict[tuple[str, str], list[Gap]] = defaultdict(list)
    for gap in world.estate.gaps:
        if gap.facet not in check.subjects or not _hides(gap, holding):
            continue
        is_judged = gap.resource in world.estate.stores and gap.resource in judged
        if not is_judged and (gap.account, cited(gap)) not in told:
            refused[gap.provider, gap.account].append(gap)
    for (provider, name), gaps in sorted(refused.items()):
        account = world.estate.accounts.get(name) or Account(name or provider, provider)
        message = f"there may be more to judge: could not read {_unread(world, gaps)}"
        unknown = check.unknown(account, message, locator=LOCATOR, evidence=_evidence(world, gaps))
        yield replace(unknown, remediation="")  # that of the check mends what was judged


def _causes(finding: Finding) -> Iterable[str]:
    causes = finding.evidence.get("not_seen") if finding.verdict is Verdict.UNKNOWN else None
    return [str(cause) for cause in causes] if isinstance(causes, Iterable) else ()


def _hides(gap: Gap, holding: Collection[str]) -> bool:
    """Say whether more may lie behind a gap.

    What is asked of a store about its objects matters where it holds recordings, as far as it was listed.
    """
    matters = gap.facet in (*_WHOLE, Facet.OBJECTS) or gap.resource in holding
    return matters and not is_of_unused(gap) and gap.why is not Why.LIMIT and gap.since is None


def _unread(world: World, gaps: Iterable[Gap]) -> str:
    """Say what was not read, and why: "all of its speech jobs (denied: transcribe:ListTranscriptionJobs)"."""
    by_facet: dict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        by_facet[gap.facet].append(gap)
    return "; ".join(f"{_named(world, facet, several)} ({_reasons(several)})" for facet, several in by_facet.items())


def _named(world: World, facet: str, gaps: Iterable[Gap]) -> str:
    if facet in _WHOLE:
        return _WHOLE[facet]
    stores = _stores(world, gaps)
    one = f"the store {world.estate.stores[stores[0]].name}" if len(stores) == 1 else count(len(stores), "store")
    return f"{_WITHIN.get(facet, 'what there is to judge in')} {one if stores else 'its stores'}"


def _stores(world: World, gaps: Iterable[Gap]) -> list[str]:
    return sorted({gap.resource for gap in gaps} & world.estate.stores.keys())


def _reasons(gaps: Iterable[Gap]) -> str:
    reasons = list(dict.fromkeys(map(why, gaps)))
    more = f" and {len(reasons) - _EXAMPLES:,} more" if len(reasons) > _EXAMPLES else ""
    return ", ".join(reasons[:_EXAMPLES]) + more


def _evidence(world: World, gaps: Sequence[Gap]) -> Mapping[str, object]:
    stores, needed = _stores(world, gaps), sorted(set(permissions(gaps)))
    return {
        "not_seen": sorted(set(map(cited, gaps))),
        **({"permissions": needed} if needed else {}),
        **({"stores": len(stores), "examples": stores[:_EXAMPLES]} if stores else {}),
    }
