"""Parties outside the estate that can reach speech and that nobody has named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from cloudscan.access import Grant, Ruling, sentence
from cloudscan.check import Check, World, check
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Action, Confidence, Finding, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan.undoing import UNDO
from cloudscan_checks._bindings import unbind
from cloudscan_checks._exposure import ACCESS, closed_doors
from cloudscan_checks._facts import EXAMPLES, holder, listed, not_seen, unlisted, unread

_ACTIONS = (Action.READ, Action.WRITE, Action.LIST, Action.DELETE, Action.ADMINISTER)


@check(
    severity=Severity.HIGH,
    needs=(Facet.OBJECTS, Facet.PRINCIPALS, *ACCESS),
    remediation={
        "aws": (
            "If {party} may reach it, name it in the policy file under trusted. If not, take it out of the policy:"
            " `aws s3api get-bucket-policy --bucket {name}`, edit, `aws s3api put-bucket-policy --bucket {name}"
            " --policy file://policy.json`, and out of its access control list and access points."
        ),
        "gcp": (
            "If {party} may reach it, name it in the policy file under trusted. If not, the path names the statements"
            f" by which it does. {unbind()} Entries of access control lists go with"
            " `gcloud storage buckets update gs://{name} --remove-acl-grant=ENTITY` or, of one object,"
            " `gcloud storage objects update gs://{name}/OBJECT --remove-acl-grant=ENTITY`."
        ),
        "azure": (f"If {{party}} may reach it, name it in the policy file under trusted. If not: {UNDO}"),
    },
    controls=(
        "CIS-AWS@7.0:2.18",
        "CIS-Azure@6.0:9.3.7",
        "SecurityHub:S3.6",
        "NIST-800-53@r5:AC-4",
        "ISO-27001@2022:5.23",
        "SOC2:CC6.7",
        "CSA-CCM@4.0:DSP-10",
        "ATT&CK:T1537",
    ),
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings.html",),
)
def unknown_party_access(self: Check, world: World) -> Iterator[Finding]:
    """Speech within reach of a party that nobody has named.

    Transcription vendors, former partners and test accounts keep the access that they once were given. Every
    party outside the scanned accounts that can reach recordings or transcripts is named here, until the policy
    file names it as trusted and thereby says who answers for it.
    """
    homes = {account.organization for account in world.estate.accounts.values() if account.organization}
    owners = {*world.estate.accounts, *(store.owner for store in world.estate.stores.values())}
    for store in world.estate.stores_with(MediaClass.SPEECH, MediaClass.TRANSCRIPT):
        parties: dict[str, list[Grant]] = defaultdict(list)
        for grant in (grant for action in _ACTIONS for grant in world.access.on(store.id, action)):
            usable = grant.decision.ruling is not Ruling.NO
            if grant.outside and usable and grant.principal not in (ANYONE, ANYONE_SIGNED_IN):
                home = "" if grant.account in homes else grant.account  # that of a guest of ours is another one
                parties[home or grant.principal].append(grant)
        trusted = {party: name for party in parties if (name := world.policy.trusted_name(party)) is not None}
        strangers = sorted(parties.keys() - trusted.keys())
        for party in strangers:
            yield _reached(self, world, store, party, parties[party])
        if strangers:
            continue
        doors, gaps = closed_doors(world, store)
        rest = unlisted(world.estate, store)
        doubts = [doubt for doubt in (doors, _unnamed(world, store), _homeless(world, store)) if doubt]
        if rest:
            doubts.append(unread("the rest of its objects", rest))
        if names := _unexplained(store, owners, parties):
            doubts.append(f"its access control list names {listed(names)}, of whom nothing is known")
        if doubts:
            facts = {"evidence": not_seen(gaps, rest), "names": {**holder(store), "party": "PARTY"}}
            yield self.unknown(store, f"who outside reaches it cannot be told: {'; '.join(doubts)}", **facts)
        else:
            named = f" but {listed(sorted(trusted.values()))}, which is trusted" if trusted else ""
            yield self.passed(
                store, f"no party outside the scanned accounts reaches it{named}", evidence={"trusted": trusted}
            )


def _unnamed(world: World, store: Store) -> str:
    """Say why somebody of whom there is no record may reach a store, who may be of outside; "" where nobody may."""
    grants = [grant for action in _ACTIONS for grant in world.access.on(store.id, action) if not grant.outside]
    known = {ANYONE, ANYONE_SIGNED_IN, *world.estate.principals, *world.access.guises}
    perhaps = [one for one in grants if one.decision.ruling is Ruling.UNKNOWN and one.principal not in known]
    if not perhaps:
        return ""
    who = listed(dict.fromkeys(one.principal for one in perhaps))
    why = listed(dict.fromkeys(reason for one in perhaps for reason in one.decision.unseen))
    return f"whether {who} does is not known: {why}"


def _homeless(world: World, store: Store) -> str:
    """Say why those who may reach a store may be of outside, since records of identities were not read; "" if none."""
    gaps = [one for one in world.estate.gaps if (one.provider, one.facet) == (store.provider, Facet.PRINCIPALS)]
    grants = [grant for action in _ACTIONS for grant in world.access.on(store.id, action) if not grant.outside]
    able = {one.principal for one in grants if not one.account and one.decision.ruling in (Ruling.YES, Ruling.IF)}
    unrecorded = sorted(able - {ANYONE, ANYONE_SIGNED_IN} - world.estate.principals.keys())
    return unread(f"whose {listed(unrecorded, 3)} is", gaps) if gaps and unrecorded else ""


def _unexplained(store: Store, owners: Collection[str | None], parties: Collection[str]) -> list[str]:
    """Return whom the access control list names that is no owner of a scanned store and has no derived grant.

    Names of groups are addresses: but for anyone, who is another check's matter, the cloud itself is behind them.
    The team of a scanned account is named by it ("projectOwner:ID").
    """
    named = {line.grantee for line in store.acl or ()} - {ANYONE, ANYONE_SIGNED_IN, ""}
    unknown = (name for name in named if not {name, name.partition(":")[2]} & set(owners))
    return sorted(name for name in unknown if name not in parties and "://" not in name)


def _called(world: World, party: str) -> str:
    """Name a party; of one that our own directory holds it is not told where it comes from."""
    known = world.estate.principals.get(party)
    return f"{known.kind} {known.name}, whose home is not told" if known else party


def _reached(check: Check, world: World, store: Store, party: str, grants: list[Grant]) -> Finding:
    sure = [grant for grant in grants if grant.decision.ruling is Ruling.YES]
    under = [grant for grant in grants if grant.decision.ruling is Ruling.IF]
    chosen = sure or under or grants
    acts = listed(dict.fromkeys(grant.action for grant in chosen))
    evidence: dict[str, object] = {
        "party": party,
        "actions": sorted({grant.action.value for grant in chosen}),
        "principals": sorted({grant.principal for grant in chosen})[:EXAMPLES],
        "objects": max(grant.objects for grant in chosen),
    }
    names = {**holder(store), "party": party}
    who = f"{_called(world, party)}, outside the scanned accounts and not trusted,"
    if not sure and not under:
        why = listed(dict.fromkeys(reason for grant in grants for reason in grant.decision.unseen))
        message = f"whether {who} can {acts} is not known: {why}"
        return check.unknown(store, message, locator=party, evidence=evidence, names=names)
    terms = "" if sure else f", if {' or if '.join(sorted({sentence(grant.decision.condition) for grant in under}))}"
    known = {grant.action for grant in (*sure, *under)}
    perhaps = [grant for grant in grants if grant.action not in known]
    message = f"{who} can {acts}{terms}{_more(perhaps)}"
    if perhaps:
        evidence["perhaps"] = sorted({grant.action.value for grant in perhaps})
    return check.fail(
        store,
        message,
        locator=party,
        path=chosen[0].steps,
        evidence=evidence,
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
        names=names,
    )


def _more(grants: list[Grant]) -> str:
    """Say what else a party perhaps can, and on what not seen that hangs; "" for nothing."""
    if not grants:
        return ""
    why = listed(dict.fromkeys(reason for grant in grants for reason in grant.decision.unseen))
    return f"; whether it can {listed(dict.fromkeys(grant.action for grant in grants))} is not known: {why}"
