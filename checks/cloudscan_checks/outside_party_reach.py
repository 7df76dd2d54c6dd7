"""Parties outside the estate that come to speech by taking on one of its identities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from cloudscan.access import Edge, Ruling
from cloudscan.access.paths import RULINGS, Path
from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Confidence, Finding, Gap, Principal, Severity
from cloudscan.undoing import UNDO
from cloudscan_checks._exposure import WHO
from cloudscan_checks._facts import listed, not_seen, unlisted_stores
from cloudscan_checks._jobs import account_of
from cloudscan_checks._outsiders import party_called, party_of
from cloudscan_checks._readers import READING, SPOKEN, anyone_reads, called, nameless, scanned, unseen_identities
from cloudscan_checks._strangers import open_way


@check(
    severity=Severity.HIGH,
    needs=READING,
    remediation={
        "aws": (
            "If {party} may read, name it in the policy file under trusted, and let the trust policy of {name} ask for"
            " an id that only the two of you know (sts:ExternalId). If not, take it out of that policy:"
            " `aws iam update-assume-role-policy --role-name {name} --policy-document file://trust.json`."
        ),
        "gcp": (
            "If {party} may read, name it in the policy file under trusted. If not, let it no longer act as the service"
            " account: `gcloud iam service-accounts remove-iam-policy-binding {name} --member=MEMBER --role=ROLE`."
        ),
        "azure": (
            f"If {{party}} may read, name it in the policy file under trusted. If not, let it in no more. {UNDO}"
        ),
    },
    controls=(
        "CIS-AWS@7.0:2.18",
        "NIST-800-53@r5:AC-4",
        "NIST-800-53@r5:AC-6",
        "ISO-27001@2022:5.19",
        "ISO-27001@2022:5.23",
        "SOC2:CC6.7",
        "CSA-CCM@4.0:DSP-10",
        "ATT&CK:T1537",
    ),
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",),
)
def outside_party_reach(self: Check, world: World) -> Iterator[Finding]:
    """Party outside that reads speech as one of the estate's own.

    A vendor's role is a door like any other, and its visitors look like your own identities. Every party outside
    the scanned accounts that can take on an identity by which speech is read is named, until the policy file names
    it as trusted. Even a trusted one is, where the door does not ask for an id that was agreed with it: a third
    party that can make it act then comes in through it. What a party can do by rights of its own is another
    check's matter, be it by a key or a change, and so are guests and users of apps. A guest of your own directory is a
    party by itself.
    """
    unsettled = {store.account: store.provider for store in world.estate.stores_with(*SPOKEN)}
    if not unsettled:
        return
    looked_at = scanned(world.estate)
    unsettled |= {one.account: one.provider for one in world.estate.principals.values() if one.account in looked_at}
    for (role, party), paths in sorted(_entries(world).items()):
        finding = _judged(self, world, world.estate.principals[role], party, paths)
        if finding is not None:
            for account in _homes(world, finding.account):
                unsettled.pop(account, None)
            yield finding
    hidden = {provider: unlisted_stores(world.estate, provider) for provider in {*unsettled.values()}}
    for account, provider in sorted(unsettled.items()):
        yield _closed(self, world, provider, account, *hidden[provider])


def _homes(world: World, account: str) -> Sequence[str]:
    """Return the accounts whose identities an identity's account holds: itself, and those of a directory."""
    return [account, *(one.id for one in world.estate.accounts.values() if one.organization == account)]


def _entries(world: World) -> Mapping[tuple[str, str], Sequence[Path]]:
    """Return the ways to speech that begin outside, by the identity that is taken on and by the party that does."""

    @cache
    def beyond(role: str) -> list[Path]:
        paths = [path for path in world.access.reached(role) if path.media in SPOKEN]
        return [path for path in paths if not anyone_reads(world, path)]

    apps = {edge.kind for edge in world.access.edges if edge.guise and not edge.changes}
    found: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for edge in world.access.edges:
        strangers = () if edge.kind in apps else [source for source in edge.sources if source in WHO]
        sources = edge.sources if edge.outside else strangers
        for role in edge.targets if sources else ():
            if role in world.estate.principals:
                for source in sources:
                    party = source if source in WHO else party_of(world, edge.account, source)
                    ways = [Path((edge, *path.links), (source, *path.nodes)) for path in beyond(role)]
                    found[role, party] += ways
    return {name: paths for name, paths in found.items() if paths}


def _judged(check: Check, world: World, role: Principal, party: str, paths: Sequence[Path]) -> Finding | None:
    """Judge one party at one identity; None where it is trusted, or a stranger who is held off."""
    if party in WHO:
        answers = {id(path): open_way(world, path) for path in paths}
        usable = [path for path in paths if answers[id(path)] is Answer.YES]
        doubtful = [path for path in paths if answers[id(path)] is Answer.UNKNOWN]
        who, severity = WHO[party], Severity.CRITICAL
    else:
        name = world.policy.trusted_name(party)
        blamed = [path for path in paths if name is None or _agreed(path) is not Answer.YES]
        usable = [path for path in blamed if path.ruling is not Ruling.UNKNOWN]
        doubtful = [path for path in blamed if path.ruling is Ruling.UNKNOWN]
        if name is None:
            called_so = party_called(world, party)
            who, severity = f"{called_so}, outside the scanned accounts and not trusted,", Severity.HIGH
        else:
            who, severity = f"{name if name == party else f'{name} ({party})'}, which is trusted,", Severity.MEDIUM
    if not usable and not doubtful:
        return None
    best = min(usable or doubtful, key=lambda path: (RULINGS.index(path.ruling), path.length, -path.grant.seconds))
    stores = sorted({path.store for path in usable or doubtful})
    lacking = ", and is asked for no agreed id" if _agreed(best) is Answer.NO and party not in WHO else ""
    where = listed([world.estate.stores[store].name for store in stores])
    does = f"become {called(world, [role.id])} and read speech in {where}{lacking}"
    evidence = {"party": party, "stores": stores, "changes_the_cloud": best.changes}
    facts: dict[str, Any] = {"locator": party, "evidence": evidence, "severity": severity, "names": {"party": party}}
    if not usable:
        why = listed(dict.fromkeys(why for path in doubtful for why in path.unseen)) or best.condition
        return check.unknown(role, f"whether {who} can {does} is not known: {why}", **facts)
    terms = f", if {best.condition}" if best.condition else ""
    confidence = Confidence.MEDIUM if terms else Confidence.HIGH
    return check.fail(role, f"{who} can {does}{terms}", path=best.steps, confidence=confidence, **facts)


def _agreed(path: Path) -> Answer:
    """Say whether the step in from outside asks for an id that was agreed."""
    first = path.links[0]
    return first.agreed_id if isinstance(first, Edge) else Answer.UNKNOWN


def _closed(check: Check, world: World, provider: str, account: str, hidden: str, rest: Sequence[Gap]) -> Finding:
    """Judge an account of which no identity is known to be open to anybody outside; what hides stores may hide more."""
    resource = account_of(world.estate, provider, account)
    doubt, gaps = unseen_identities(world, provider, account)
    if doubt := "; ".join(filter(None, (doubt or nameless(world, provider), hidden))):
        message = f"who outside comes to speech through its identities cannot be told: {doubt}"
        names = {"party": "PARTY", "name": "IDENTITY"}
        return check.unknown(resource, message, evidence=not_seen(gaps, rest), names=names)
    return check.passed(resource, "nobody outside comes to speech through its identities, but for trusted parties")
