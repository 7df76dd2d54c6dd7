"""Stores of speech that more principals can read than the organization has decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloudscan.access.paths import Path, Way
from cloudscan.access.standing import Standing
from cloudscan.check import Check, World, check
from cloudscan.groups import everybody
from cloudscan.model import Finding, Severity, Store
from cloudscan.provider import Facet
from cloudscan.undoing import UNDO
from cloudscan_checks._bindings import SET_POLICY, unbind
from cloudscan_checks._facts import counted, holder, listed, not_seen
from cloudscan_checks._readers import (
    READING,
    SPOKEN,
    SURE,
    examples,
    readers,
    simplest,
    unseen_readers,
    whole,
)


@check(
    severity=Severity.MEDIUM,
    needs=READING,
    asked_by=lambda policy: policy.access.max_readers is not None,
    remediation={
        "aws": (
            "See who reads and why: `cloudscan reach SNAPSHOT --to {id}`; the fewest statements to take away:"
            " `cloudscan reach SNAPSHOT --cut {id}`. Most often a policy allows s3:GetObject on every bucket: name"
            f" those that are meant, and let {{name}} deny everybody else: {SET_POLICY}."
        ),
        "gcp": (
            "See who reads and by which statement: `cloudscan reach SNAPSHOT --to {id}`. Roles that are meant for one"
            " bucket are given on it: `gcloud storage buckets add-iam-policy-binding gs://{name} --member=MEMBER"
            f" --role=ROLE`, and taken away where they are wider. {unbind()}"
        ),
        "azure": (
            "See who reads: `cloudscan reach SNAPSHOT --to {id}`. Assign data roles on the container and not on the"
            f" subscription. {UNDO}"
        ),
    },
    controls=(
        "NIST-800-53@r5:AC-3",
        "NIST-800-53@r5:AC-6",
        "ISO-27001@2022:5.15",
        "ISO-27001@2022:5.18",
        "SOC2:CC6.3",
        "PCI-DSS@4.0.1:7.2.1",
        "PCI-DSS@4.0.1:7.2.5",
        "HIPAA:164.312(a)(1)",
        "ATT&CK:T1078",
    ),
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",),
)
def too_many_readers(self: Check, world: World) -> Iterator[Finding]:
    """Store of speech with too many readers.

    Whoever can read a recording can lose it. Judged only when the policy file says how many may (access.max_readers):
    against those who read by their own rights and those who do so by becoming somebody else. Whoever would first
    have to change the cloud is counted apart, since there is always an administrator. Where anyone can read
    something, which is a worse fault, only those count who read more, and the store passes in no case. A group counts
    as whoever is in it, once. A party outside, a group whose members were not read, and everybody of a directory count
    as one; since there may be more behind it, the store does not pass.
    """
    most = world.policy.access.max_readers
    if most is None:
        return
    for store in world.estate.stores_with(*SPOKEN):
        yield from _judged(self, world, store, most)


def _judged(check: Check, world: World, store: Store, most: int) -> Iterator[Finding]:
    read = readers(world, store)
    paths = _by_members(world.standing, read.paths)
    found = {name: simplest(every) for name, every in paths.items()}
    ways = {way: sorted(name for name, held in found.items() if held is way) for way in Way}
    judged = sorted({*ways[Way.DIRECT], *ways[Way.STEPS]})
    perhaps = sorted(name for name in paths if name not in judged and any(not path.changes for path in paths[name]))
    evidence = {
        "max_readers": most,
        "by_their_own_rights": len(ways[Way.DIRECT]),
        "through_another_identity": len(ways[Way.STEPS]),
        "by_changing_the_cloud": len(ways[Way.CHANGES]),
        **examples(judged),
    }
    several = sorted(name for name, held in read.paths.items() if _may_be_several(world, name, held))
    least = "at least " if several else ""
    everyone = [name for name in judged if name in everybody(world.estate)]
    among = f" ({listed(everyone)} among them)" if everyone else ""
    said = f"{least}{counted(len(judged), 'principal', 'principals')}{among} can read {whole(world, store)}"
    if len(judged) > most:
        more = f"; {len(ways[Way.CHANGES]):,} more by changing the cloud" if ways[Way.CHANGES] else ""
        split = f"{len(ways[Way.DIRECT]):,} by their own rights, {len(ways[Way.STEPS]):,} through another identity"
        steps = min((path for path in paths[judged[0]] if path.ruling in SURE), key=lambda path: path.length).steps
        yield check.fail(
            store, f"{said}, where {most:,} may: {split}{more}", path=steps, evidence=evidence, names=holder(store)
        )
        return
    if read.open:
        return
    doubts, gaps = unseen_readers(world, store)
    doubts += [f"anyone may be among them, if {asked}" for asked in read.restricted]
    if several:
        doubts.append(f"how many come as {listed(several)} is not known")
    unrecorded = any(name not in world.estate.principals for name in perhaps)
    if unrecorded or len(judged) + len(perhaps) > most:
        unseen = dict.fromkeys(why for name in perhaps for path in paths[name] for why in path.unseen)
        many = "more perhaps can, nobody knows how many" if unrecorded else f"{len(perhaps):,} more perhaps can"
        doubts.append(f"{many}: {listed(unseen)}")
    if doubts:
        message = f"{said}, where {most:,} may, but {'; '.join(doubts)}"
        yield check.unknown(store, message, evidence={**evidence, **not_seen(gaps)}, names=holder(store))
    else:
        yield check.passed(store, f"{said}, where {most:,} may", evidence=evidence)


def _by_members(standing: Standing, paths: Mapping[str, Sequence[Path]]) -> Mapping[str, Sequence[Path]]:
    """Put in place of each group those who count for it."""
    counted: dict[str, list[Path]] = {}
    for name, held in paths.items():
        for one in standing.instead.get(name, (name,)):
            counted.setdefault(one, []).extend(held)
    return counted


def _may_be_several(world: World, name: str, paths: Sequence[Path]) -> bool:
    """Say whether a reader may be several: a group or domain of which some members were not read, a party outside."""
    if simplest(paths) not in (Way.DIRECT, Way.STEPS):
        return False
    if name in world.estate.principals:
        return world.standing.several(name)
    unread = world.estate.gaps_on(name, Facet.PRINCIPALS)
    return bool(unread) or name in everybody(world.estate) or any(path.links[0].outside for path in paths)
