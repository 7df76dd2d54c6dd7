"""Parties outside the estate that can reach speech and that nobody has named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from cloudscan.access import Edge, Grant, Ruling, sentence
from cloudscan.access.paths import RULINGS, Path
from cloudscan.check import Check, World, check
from cloudscan.groups import everybody
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Action, Confidence, Finding, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan.undoing import UNDO
from cloudscan_checks._bindings import unbind
from cloudscan_checks._exposure import ACCESS, closed_doors
from cloudscan_checks._facts import EXAMPLES, holder, listed, not_seen, unlisted, unread
from cloudscan_checks._outsiders import own_ways, party_called, party_of, unsure_steps

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
    file names it as trusted and thereby says who answers for it: by what it may do as it is, and by what it may take or
    change with that, as a key of the account, a signature, or its own rights.
    """
    owners = {*world.estate.accounts, *(store.owner for store in world.estate.stores.values())}
    for store in world.estate.stores_with(MediaClass.SPEECH, MediaClass.TRANSCRIPT):
        parties: dict[str, list[Grant]] = defaultdict(list)
        for grant in (grant for action in _ACTIONS for grant in world.access.on(store.id, action)):
            usable = grant.decision.ruling is not Ruling.NO
            if grant.outside and usable and grant.principal not in (ANYONE, ANYONE_SIGNED_IN):
                parties[party_of(world, grant.account, grant.principal)].append(grant)
        ways = own_ways(world, store.id)
        every = sorted({*parties, *ways})
        trusted = {party: name for party in every if (name := world.policy.trusted_name(party)) is not None}
        strangers = [party for party in every if party not in trusted]
        for party in strangers:
            yield _reached(self, world, store, party, parties.get(party, []), ways.get(party, ()))
        if strangers:
            continue
        doors, gaps = closed_doors(world, store)
        rest = unlisted(world.estate, store)
        doubts = [doors, _unnamed(world, store), _homeless(world, store), _among_all(world, store)]
        doubts = [doubt for doubt in doubts if doubt]
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
                store,
                f"no party outside the scanned accounts reaches it by rights of its own{named}",
                evidence={"trusted": trusted},
            )


def _unnamed(world: World, store: Store) -> str:
    """Say why somebody of whom there is no record may reach a store, who may be of outside; "" where nobody may."""
    grants = [grant for action in _ACTIONS for grant in world.access.on(store.id, action) if not grant.outside]
    grants += unsure_steps(world, store.id)
    known = {ANYONE, ANYONE_SIGNED_IN, *world.estate.principals, *world.access.guises}
    perhaps = [one for one in grants if one.decision.ruling is Ruling.UNKNOWN and one.principal not in known]
    if not perhaps:
        return ""
    who = listed(dict.fromkeys(one.principal for one in perhaps))
    why = listed(dict.fromkeys(reason for one in perhaps for reason in one.decision.unseen))
    return f"whether {who} does is not known: {why}"


def _among_all(world: World, store: Store) -> str:
    """Say that guests reach a store as everybody of a directory does; "" where that is given nothing."""
    grants = (grant for action in _ACTIONS for grant in world.access.on(store.id, action))
    names = dict.fromkeys(one.principal for one in grants if one.decision.ruling is not Ruling.NO)
    every = [name for name in names if name in everybody(world.estate)]
    return f"{listed(every)} reaches it, every guest among them" if every else ""


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


def _reached(
    check: Check, world: World, store: Store, party: str, grants: Sequence[Grant], ways: Sequence[Path]
) -> Finding:
    sure = [grant for grant in grants if grant.decision.ruling is Ruling.YES]
    under = [grant for grant in grants if grant.decision.ruling is Ruling.IF]
    chosen = sure or under or grants
    way = _best(ways) if Action.READ not in {grant.action for grant in (*sure, *under)} else None
    acts = listed(dict.fromkeys(grant.action for grant in chosen))
    evidence: dict[str, object] = {
        "party": party,
        "actions": sorted({grant.action.value for grant in chosen} | ({Action.READ.value} if way else set())),
        "principals": sorted({*(grant.principal for grant in chosen), *(path.principal for path in ways)})[:EXAMPLES],
        "objects": max([*(grant.objects for grant in chosen), *(path.grant.objects for path in ways)]),
    }
    if way is not None:
        evidence |= {"steps": _kinds(way), "changes_the_cloud": way.changes}
    names = {**holder(store), "party": party}
    who = f"{party_called(world, party)}, outside the scanned accounts and not trusted,"
    stepping = way is not None and way.ruling is not Ruling.UNKNOWN
    if not sure and not under and not stepping:
        unseen = [reason for grant in grants for reason in grant.decision.unseen]
        why = listed(dict.fromkeys([*unseen, *(reason for path in ways for reason in path.unseen)]))
        message = f"whether {who} can {acts or _by(way)} is not known: {why}"
        return check.unknown(store, message, locator=party, evidence=evidence, names=names)
    terms = "" if sure else f", if {' or if '.join(sorted({sentence(grant.decision.condition) for grant in under}))}"
    does = f"{acts}{terms}" if sure or under else ""
    if way is not None and stepping:
        does = f"{does}, and {_by(way)}" if does else _by(way)
    known = {grant.action for grant in (*sure, *under)} | ({Action.READ} if stepping else set())
    perhaps = [grant for grant in grants if grant.action not in known]
    message = f"{who} can {does}{_more(perhaps)}"
    if perhaps:
        evidence["perhaps"] = sorted({grant.action.value for grant in perhaps})
    certain = bool(sure) or (way is not None and way.ruling is Ruling.YES)
    return check.fail(
        store,
        message,
        locator=party,
        path=way.steps if way is not None and stepping else chosen[0].steps,
        evidence=evidence,
        confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
        names=names,
    )


def _best(ways: Sequence[Path]) -> Path | None:
    """Return the surest way, of equally sure ones that which changes nothing, then the shortest; None of none."""
    return min(ways, key=lambda way: (RULINGS.index(way.ruling), way.changes, way.length), default=None)


def _kinds(way: Path) -> list[str]:
    steps = [link.kind if isinstance(link, Edge) else link.by for link in way.links]
    return [step for step in steps if step]


def _by(way: Path | None) -> str:
    """Say how a party reads that takes a step first."""
    if way is None:
        return "reach it"
    terms = f", if {way.condition}" if way.condition else ""
    return f"read {'by changing the cloud' if way.changes else 'by steps'} ({listed(_kinds(way), 3)}){terms}"


def _more(grants: Sequence[Grant]) -> str:
    """Say what else a party perhaps can, and on what not seen that hangs; "" for nothing."""
    if not grants:
        return ""
    why = listed(dict.fromkeys(reason for grant in grants for reason in grant.decision.unseen))
    return f"; whether it can {listed(dict.fromkeys(grant.action for grant in grants))} is not known: {why}"
