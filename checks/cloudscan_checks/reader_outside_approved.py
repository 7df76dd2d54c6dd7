"""Principals that read speech and that nobody has approved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from cloudscan.access import Ruling
from cloudscan.access.paths import RULINGS, Path, Way
from cloudscan.check import Check, Resource, World, check
from cloudscan.model import Confidence, Finding, Severity, Store
from cloudscan.reach.lookup import calls
from cloudscan.undoing import UNDO
from cloudscan_checks._bindings import unbind
from cloudscan_checks._facts import EXAMPLES, counted, listed, not_seen
from cloudscan_checks._readers import (
    READING,
    SPOKEN,
    SURE,
    Readers,
    called,
    readers,
    simplest,
    unseen_readers,
)

_WAYS = {
    Way.DIRECT: "by its own rights",
    Way.STEPS: "through another identity",
    Way.CHANGES: "by changing the cloud",
}


@check(
    severity=Severity.HIGH,
    needs=READING,
    asked_by=lambda policy: bool(policy.access.approved_readers),
    remediation={
        "aws": (
            "If {principal} may read, name it in the policy file under access.approved_readers. If not, take it out of"
            " the statement that the path names, as with `aws iam put-role-policy --role-name ROLE --policy-name POLICY"
            " --policy-document file://policy.json` or `aws s3api put-bucket-policy --bucket BUCKET"
            " --policy file://policy.json`. All its ways: `cloudscan reach SNAPSHOT --from {principal}`."
        ),
        "gcp": (
            "If {principal} may read, name it in the policy file under access.approved_readers. If not, the path names"
            f" the statements by which it does. {unbind()} All its ways:"
            " `cloudscan reach SNAPSHOT --from {principal}`."
        ),
        "azure": (
            f"If {{principal}} may read, name it in the policy file under access.approved_readers. If not: {UNDO} All"
            " its ways: `cloudscan reach SNAPSHOT --from {principal}`."
        ),
    },
    controls=(
        "NIST-800-53@r5:AC-3",
        "NIST-800-53@r5:AC-6",
        "ISO-27001@2022:5.15",
        "ISO-27001@2022:5.18",
        "SOC2:CC6.1",
        "SOC2:CC6.3",
        "PCI-DSS@4.0.1:7.2.1",
        "PCI-DSS@4.0.1:7.2.2",
        "HIPAA:164.312(a)(1)",
    ),
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",),
)
def reader_outside_approved(self: Check, world: World) -> Iterator[Finding]:
    """Reader of speech whom nobody approved.

    A list of those who may read is worth something only if it is held against those who can. Judged for stores for
    which the policy file names readers (access.approved_readers): whoever else can read their recordings or
    transcripts, by its own rights or by steps, is one finding with all of these stores; whoever comes only through
    another one without approval is told of there. What anyone can read is another check's matter.
    """
    others: dict[str, dict[str, Sequence[Path]]] = defaultdict(dict)
    behind: dict[str, set[str]] = defaultdict(set)
    for store in world.estate.stores_with(*SPOKEN):
        rule = world.policy.approved_readers_of(store)
        if rule is None:
            continue
        read = readers(world, store)
        unapproved = {name: paths for name, paths in read.paths.items() if not rule.include(*calls(world.estate, name))}
        for name, paths in unapproved.items():
            through = _through(paths, unapproved)
            if through:
                behind[through].add(name)
            else:
                others[name][store.id] = paths
        if not unapproved and not read.open:
            yield _approved(self, world, store, read)
    for name, places in sorted(others.items()):
        yield from _others(self, world, name, places, behind[name])


def _through(paths: Sequence[Path], unapproved: Mapping[str, Sequence[Path]]) -> str:
    """Return another reader without approval through whom somebody comes in every way that is known, "" if none."""
    sure = [path for path in paths if path.ruling in SURE]
    passed = [[node for node in path.nodes[1:] if simplest(unapproved.get(node, ())) is not None] for path in sure]
    return passed[0][-1] if passed and all(passed) else ""


def _approved(check: Check, world: World, store: Store, read: Readers) -> Finding:
    """Judge a store of which no other reader is known."""
    doubts, gaps = unseen_readers(world, store)
    doubts += [f"anyone may read it, if {asked}" for asked in read.restricted]
    number = len(read.paths)
    if doubts:
        message = f"whether others than approved readers read it cannot be told: {'; '.join(doubts)}"
        return check.unknown(store, message, evidence=not_seen(gaps), names={"principal": "PRINCIPAL"})
    return check.passed(
        store, f"{counted(number, 'principal', 'principals')} can read it, all approved", evidence={"readers": number}
    )


def _others(
    check: Check, world: World, name: str, places: Mapping[str, Sequence[Path]], behind: Collection[str]
) -> Iterator[Finding]:
    """Judge a principal that is not approved: in one finding, or where the estate does not hold it, at each store."""
    holder = world.estate.principals.get(name) or world.estate.federations.get(name)
    if holder is not None:
        yield _unapproved(check, world, holder, name, places, behind)
        return
    for store, paths in sorted(places.items()):
        yield _unapproved(check, world, world.estate.stores[store], name, {store: paths}, behind, locator=name)


def _unapproved(
    check: Check,
    world: World,
    resource: Resource,
    name: str,
    places: Mapping[str, Sequence[Path]],
    behind: Collection[str],
    locator: str = "",
) -> Finding:
    every = [path for paths in places.values() for path in paths]
    way, who = simplest(every), called(world, [name])
    stores = sorted(store for store, paths in places.items() if way is None or simplest(paths) is not None)
    where = listed([world.estate.stores[store].name for store in stores])
    names = {"principal": name}
    if way is None:
        unseen = listed(dict.fromkeys(why for path in every for why in path.unseen))
        message = f"whether {who}, which is not approved, can read speech in {where} is not known: {unseen}"
        return check.unknown(resource, message, locator=locator, evidence={"stores": stores}, names=names)
    known = [path for path in every if path.way is way and path.ruling in SURE]
    best = min(known, key=lambda path: (RULINGS.index(path.ruling), -path.grant.seconds))
    more = f", and {len(behind):,} more through it" if behind else ""
    terms = f", if {best.condition}" if best.ruling is Ruling.IF else ""
    return check.fail(
        resource,
        f"{who} can read speech in {where} {_WAYS[way]}, and is not approved{more}{terms}",
        locator=locator,
        path=best.steps,
        evidence={"principal": name, "way": way.value, "stores": stores, "behind_it": sorted(behind)[:EXAMPLES]},
        severity=Severity.MEDIUM if way is Way.CHANGES else None,
        confidence=Confidence.MEDIUM if terms else Confidence.HIGH,
        names=names,
    )
