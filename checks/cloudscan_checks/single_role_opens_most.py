"""Principals whose compromise alone opens more of all speech than the organization has decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from cloudscan.access import Edge
from cloudscan.check import Check, World, check
from cloudscan.model import Confidence, Federation, Finding, MediaClass, Principal, Severity
from cloudscan.undoing import UNDO
from cloudscan_checks._bindings import unbind
from cloudscan_checks._exposure import WHO
from cloudscan_checks._facts import listed, not_seen, unlisted_stores
from cloudscan_checks._jobs import account_of
from cloudscan_checks._readers import READING, SURE, called, unseen_identities
from cloudscan_checks._shares import Known, Share, Unread, known_shares, unread_doors


@check(
    severity=Severity.MEDIUM,
    needs=READING,
    asked_by=lambda policy: policy.access.max_share is not None,
    remediation={
        "aws": (
            "Split it: a role for each corpus, with the buckets by name in place of *:"
            " `aws iam put-role-policy --role-name ROLE --policy-name POLICY --policy-document file://policy.json`."
            " What it opens and how: `cloudscan reach SNAPSHOT --from {id}`. What administrators must not open lies"
            " best in an account of its own, under a key whose policy they cannot change."
        ),
        "gcp": (
            "Split it: give it a role on each bucket that it needs,"
            " `gcloud storage buckets add-iam-policy-binding gs://BUCKET --member={id} --role=ROLE`, in place of wider"
            f" ones. What it opens and how: `cloudscan reach SNAPSHOT --from {{id}}`. {unbind('{id}')}"
        ),
        "azure": (
            f"Split it: assign its role on the containers in place of wider scopes. {UNDO} What it opens and how:"
            " `cloudscan reach SNAPSHOT --from {id}`."
        ),
    },
    controls=(
        "CIS-AWS@7.0:2.14",
        "SecurityHub:IAM.1",
        "SecurityHub:IAM.21",
        "NIST-800-53@r5:AC-6",
        "ISO-27001@2022:8.3",
        "SOC2:CC6.3",
        "PCI-DSS@4.0.1:7.2.2",
        "ATT&CK:T1078",
        "ATT&CK:T1530",
    ),
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",),
)
def single_role_opens_most(self: Check, world: World) -> Iterator[Finding]:
    """Single principal that opens most of all speech.

    One stolen credential is one incident, and how large it is was decided when rights were given. Judged only when
    the policy file says how much of all hours one principal may open (access.max_share), on all that it comes to
    read by its own rights and by steps, be it an identity of the estate, a member that only policies name, or somebody
    outside. Whom something that was not read admits may be any of them, so that nobody passes who would then open too
    much. What anyone reads is a finding of its own. Administrators, who can give themselves any right, are told apart:
    they are graded lower and not left out.
    """
    most = world.policy.access.max_share
    if most is None:
        return
    speech = [corpus for corpus in world.estate.corpora if corpus.media is MediaClass.SPEECH]
    whole = sum(corpus.seconds for corpus in speech)
    unmeasured = {corpus.store for corpus in speech if corpus.unknown_length}
    hidden = {grant.principal: grant.decision.unseen for grant in world.access.grants if grant.decision.unseen}
    unread = unread_doors(world, speech)
    unclear = list(_unclear(self, world, whole, most, unread))
    yield from unclear
    if not whole:
        return
    known, powers = known_shares(world), _powers(world)
    for name in sorted({*world.estate.principals, *world.access.principals} - WHO.keys()):
        share = Share(known.get(name, Known()), world.access.blast(name), whole, most)
        if share.known.seconds > most * whole:
            yield _opens(self, world, _resource(world, name), share, powers.get(name, ()))
        elif doubts := _doubts(world, share, unmeasured, hidden):
            message = f"{called(world, [name])} {share}, and perhaps opens more: {listed(doubts)}"
            yield self.unknown(_resource(world, name), message, evidence=share.evidence)
        elif not _opens_something(world, share):
            continue
        elif behind := _behind(share, unread):
            message = f"{called(world, [name])} {share}, and perhaps opens more: {listed(map(str, behind))}"
            evidence = share.evidence | not_seen(*(one.gaps for one in behind))
            yield self.unknown(_resource(world, name), message, evidence=evidence)
        elif not unclear:
            message = f"{called(world, [name])} {share}"
            yield self.passed(_resource(world, name), message, evidence=share.evidence)


def _resource(world: World, name: str) -> Principal | Federation:
    """Return the record of a principal; of one that only policies name, one that says where it reads."""
    held = world.estate.principals.get(name) or world.estate.federations.get(name)
    if held is not None:
        return held
    path = next(iter(world.access.reached(name)), None)
    if path is None:
        return Principal(name, "", "", "", name)
    store = world.estate.stores[path.store]
    return Principal(name, store.provider, path.links[0].account or store.account, "", name)


def _powers(world: World) -> Mapping[str, Sequence[Edge]]:
    """Return the steps that change the cloud, by who can surely take them."""
    found: dict[str, list[Edge]] = defaultdict(list)
    for edge in world.access.edges:
        if edge.changes and edge.decision.ruling in SURE:
            for source in edge.sources:
                found[source].append(edge)
    return found


def _is_administrator(world: World, principal: Principal | Federation, powers: Iterable[Edge]) -> bool:
    """Say whether a principal can give itself any right, or take the place of every other identity of its account."""
    targets = {target for edge in powers for target in edge.targets}
    if any(target.startswith(f"{principal.id} ") for target in targets):  # itself, with more rights
        return True
    others = {
        one.id
        for one in world.estate.principals.values()
        if one.account == principal.account and one.kind in ("user", "role") and not one.service_linked
    } - {principal.id}
    return bool(others) and others <= targets


def _opens(
    check: Check, world: World, principal: Principal | Federation, share: Share, powers: Iterable[Edge]
) -> Finding:
    is_administrator = _is_administrator(world, principal, powers)
    who = f"{called(world, [principal.id])}{', an administrator,' if is_administrator else ''}"
    certain = share.known.certain > share.most * share.whole
    return check.fail(
        principal,
        f"{who} {share}: {share.ways}",
        path=share.known.path.steps if share.known.path else (),
        evidence={**share.evidence, "ways": share.proofs, "administrator": is_administrator},
        severity=Severity.LOW if is_administrator else None,
        confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
    )


def _doubts(world: World, share: Share, unmeasured: Collection[str], hidden: Mapping[str, Iterable[str]]) -> list[str]:
    """Say why a principal may open more than is known. ``hidden`` is what was not seen of its own rights."""
    blast = share.blast
    if blast.seconds > share.most * share.whole:
        return ["what it opens in different ways may be different recordings"]
    if blast.seconds + blast.seconds_unknown > share.most * share.whole:
        paths = world.access.reached(blast.principal)
        unseen = dict.fromkeys((*hidden.get(blast.principal, ()), *(why for path in paths for why in path.unseen)))
        more = f"{blast.seconds_unknown / 3600:,.1f} hours more hang on what was not seen"
        return [f"{more}: {listed(unseen)}" if unseen else more]
    opened = [world.estate.stores[store].name for store in blast.stores if store in unmeasured]
    return [f"recordings in {listed(sorted(opened))} are of unknown length"] if opened else []


def _opens_something(world: World, share: Share) -> bool:
    """Say whether somebody is to be judged: of whom there is no record, it must be known that they open anything."""
    blast = share.blast
    return bool(blast.seconds or (blast.seconds_unknown and _is_recorded(world, blast.principal)))


def _is_recorded(world: World, name: str) -> bool:
    return name in world.estate.principals or name in world.estate.federations


def _behind(share: Share, unread: Mapping[str, Unread]) -> Sequence[Unread]:
    """Return the stores that somebody may open by what was not read, where what is in them would be too much."""
    left = {name: one.beside(share.known.within.get(name, 0.0)) for name, one in unread.items()}
    perhaps = share.blast.seconds + share.blast.seconds_unknown + sum(left.values())
    return [unread[name] for name, seconds in left.items() if seconds > 0] if perhaps > share.most * share.whole else []


def _unclear(check: Check, world: World, whole: float, most: float, unread: Mapping[str, Unread]) -> Iterator[Finding]:
    """Say of accounts with speech why a share of all of it cannot be told for everybody."""
    much = sum(one.seconds for one in unread.values()) > most * whole
    stores = world.estate.stores_with(MediaClass.SPEECH)
    for name in sorted({store.account for store in stores}):
        own = [store for store in stores if store.account == name]
        words, gaps = unseen_identities(world, own[0].provider, name)
        hidden, rest = unlisted_stores(world.estate, own[0].provider)
        behind = [unread[store.id] for store in own if much and store.id in unread]
        doubts = [
            *filter(None, (words, hidden, listed(map(str, behind)))),
            *([] if whole else ["of no recording the length is known"]),
        ]
        if doubts:
            message = f"who opens how much of all speech cannot be told: {'; '.join(doubts)}"
            account = account_of(world.estate, own[0].provider, name)
            yield check.unknown(account, message, evidence=not_seen(gaps, rest, *(one.gaps for one in behind)))
