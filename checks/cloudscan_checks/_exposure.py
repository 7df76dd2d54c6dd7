"""What anyone may do: the grants to people whom nobody knows, sorted by how sure it is that they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from weakref import WeakKeyDictionary

from cloudscan.access import AccessGraph, Decision, Edge, Grant, Ruling, sentence
from cloudscan.access.conditions import all_of
from cloudscan.check import Check, World
from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    Action,
    Answer,
    Confidence,
    Corpus,
    Finding,
    Gap,
    MediaClass,
    Step,
    Store,
)
from cloudscan.provider import Facet
from cloudscan.wording import UNMET
from cloudscan_checks._facts import Amount, amount, holder, listed, missing, not_seen, unlisted, unread
from cloudscan_checks._strangers import open_way

WHO = {ANYONE: "anyone on the Internet", ANYONE_SIGNED_IN: "anyone with an account at the cloud"}
CLOSE_TO_ANYONE = {
    "aws": (
        "Turn on all four public-access blocks of the bucket: `aws s3api put-public-access-block --bucket {name}"
        " --public-access-block-configuration"
        " BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`."
        " First see that no partner reads through the statement that opens it: RestrictPublicBuckets cuts them off too."
    ),
    "gcp": (
        "Where the path names allUsers or allAuthenticatedUsers, enforce public access prevention:"
        " `gcloud storage buckets update gs://{name} --public-access-prevention`, then remove them from its policy and"
        " access control lists. That stops nobody who comes through an identity pool or an app. Where the path has a"
        " pool, let its provider take the tokens of your own alone:"
        " `gcloud iam workload-identity-pools providers update-oidc PROVIDER --workload-identity-pool=POOL"
        " --location=global --project=PROJECT --attribute-condition=CONDITION`, and take the role from identities of"
        " it that need none. Where it has an app's security rules, have these ask who it is:"
        " `firebase deploy --only storage`."
    ),
    "azure": (
        "Close the container: `az storage container-rm update --ids {id} --public-access off`, and then the whole"
        " storage account: `az storage account update --ids {holder} --allow-blob-public-access false`."
    ),
}
DOORS = (Facet.POLICY, Facet.ACL, Facet.ACCESS_POINTS)
"""The questions whose answers can open a store. Public-access blocks only close, so they are asked of grants alone."""

ACCESS = (
    *DOORS,
    Facet.FEDERATIONS,
    Facet.PUBLIC_ACCESS,
    Facet.ENCRYPTION,
    Facet.KEYS,
    Facet.ACCOUNTS,
    Facet.ORGANIZATION,
    Facet.VERSIONING,
)
"""The questions whose answers decide what somebody may do with a store: what opens it, to whom, and what closes it.

Whether old versions are kept is among them: what is copied elsewhere has to be versioned."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Grants to anyone: those that a stranger can use, those of which it is not known, and those that hold them off."""

    open: Sequence[Grant]
    doubtful: Sequence[Grant]
    restricted: Sequence[Grant]

    @property
    def certain(self) -> bool:
        """Is one of the open grants without any condition."""
        return any(grant.decision.ruling is Ruling.YES for grant in self.open)

    @property
    def widest(self) -> Sequence[Grant]:
        """The open grants to the widest group of people, those of most objects first."""
        to_anyone = [grant for grant in self.open if grant.principal == ANYONE]
        return sorted(to_anyone or self.open, key=lambda grant: -grant.objects)

    @property
    def who(self) -> str:
        """That group in words."""
        return WHO[self.widest[0].principal]

    def amount(self, media: MediaClass) -> Amount:
        """How much of a class is open to that group."""
        grants = self.widest
        return Amount(media, sum(grant.objects for grant in grants), sum(grant.seconds for grant in grants))

    @property
    def path(self) -> tuple[Step, ...]:
        """The proof of the widest open grant."""
        return self.widest[0].steps

    @property
    def confidence(self) -> Confidence:
        """Lower when a condition must be met, though a stranger can meet it."""
        return Confidence.HIGH if self.certain else Confidence.MEDIUM

    @property
    def terms(self) -> str:
        """What a stranger must put into the request, "" when nothing."""
        return "" if self.certain else f", if {' or if '.join(_conditions(self.widest))}"

    @property
    def doubts(self) -> str:
        """Why it is not known of the doubtful grants."""
        unseen = dict.fromkeys(reason for grant in self.doubtful for reason in grant.decision.unseen)
        return listed(unseen or [f"only if {condition}, {UNMET}" for condition in _conditions(self.doubtful)])

    @property
    def restrictions(self) -> list[str]:
        """The conditions that hold strangers off, so that a reader can doubt them."""
        return _conditions(self.restricted)

    @property
    def evidence(self) -> Mapping[str, object]:
        """The restrictions as evidence."""
        return {"restricted_by": self.restrictions} if self.restricted else {}


def exposure(
    world: World,
    target: str,
    actions: Iterable[Action],
    media: MediaClass | None = None,
    principals: Iterable[str] = tuple(WHO),
) -> Exposure:
    """Sort the grants of these actions on a store or key to anyone, or to principals that anyone can become.

    Anyone has the rights of a set that takes in everybody, too. Of those that count where their own do not is the
    widest, since several may be about the same objects.
    """
    names, actions = tuple(principals), tuple(actions)
    sorts: dict[Answer, list[Grant]] = {answer: [] for answer in Answer}
    for action in actions:
        for principal in names:
            for grant in world.access.on(target, action, media=media, principal=principal):
                sorts[world.open_to_strangers(target, grant.decision.condition)].append(grant)
    if not sorts[Answer.YES]:
        held = [_as_member(world, target, edge, actions, media) for edge in _taking_in(world, names)]
        for answer in Answer:
            several = [member[answer] for member in held]
            sorts[answer] += max(several, key=lambda one: sum(grant.objects for grant in one), default=[])
    restricted = [grant for grant in sorts[Answer.NO] if grant.decision.ruling is not Ruling.NO]
    return Exposure(sorts[Answer.YES], sorts[Answer.UNKNOWN], restricted)


def _ways(world: World) -> Sequence[tuple[str, Edge]]:
    """Return the steps that anyone can take, or perhaps can."""
    if world.access not in _STEPS:
        steps = [(who, edge) for edge in world.access.edges for who in WHO if who in edge.sources]
        _STEPS[world.access] = steps
    return _STEPS[world.access]


_STEPS: WeakKeyDictionary[AccessGraph, Sequence[tuple[str, Edge]]] = WeakKeyDictionary()
"""The steps of anyone in the worlds that are judged: they are asked for of every store."""


def _taking_in(world: World, names: Sequence[str]) -> Iterator[tuple[str, Edge, str]]:
    """Yield the steps of these into sets of people that the cloud itself keeps no record of: they are no identity."""
    for source, edge in _ways(world):
        if source in names and not (edge.guise or edge.changes):
            yield from ((source, edge, one) for one in edge.targets if one not in world.estate.principals)


def _as_member(
    world: World, target: str, way: tuple[str, Edge, str], actions: Iterable[Action], media: MediaClass | None
) -> Mapping[Answer, list[Grant]]:
    """Sort the grants to a set as those of anyone who comes as one of it, with the step in as part of the proof."""
    source, edge, member = way
    sorts: dict[Answer, list[Grant]] = {answer: [] for answer in Answer}
    enters = world.open_to_strangers(target, edge.decision.condition)
    for action in actions:
        for grant in world.access.on(target, action, media=media, principal=member):
            reads = world.open_to_strangers(target, grant.decision.condition)
            answer = min(enters, reads, key=(Answer.NO, Answer.UNKNOWN, Answer.YES).index)
            both = Decision(all_of((edge.decision.condition, grant.decision.condition)))
            prove = partial(_entered, edge, source, member, grant)
            sorts[answer].append(replace(grant, principal=source, decision=both, prove=prove, outside=False))
    return sorts


def _entered(edge: Edge, source: str, member: str, grant: Grant) -> tuple[Step, ...]:
    return (*edge.prove(source, member), *grant.steps)


def anyone_reads_as_much(world: World, store: Store, seen: Exposure, media: MediaClass) -> bool:
    """Say whether nobody needs to be somebody for that: then it is for the checks on anyone to tell."""
    anyone = exposure(world, store.id, [Action.READ], media)
    return bool(anyone.open) and anyone.amount(media).objects >= seen.amount(media).objects


def closed_doors(world: World, store: Store) -> tuple[str, tuple[Gap, ...]]:
    """Say which facts are missing before a store can be called closed to anyone; "" when none is."""
    gaps = missing(world.estate, store, *DOORS)
    for point in world.estate.access_points.values():
        if point.store == store.id:
            gaps += world.estate.gaps_on(point.id, *DOORS)
    if gaps:
        return unread("what may open the store", gaps), gaps
    unknown = [
        *(["whether it has a policy"] if store.has_policy is Answer.UNKNOWN else []),
        *(["what its access control list says"] if store.acl is None else []),
    ]
    return (f"{' and '.join(unknown)} is not known", ()) if unknown else _entrances(world, store)


def _entrances(world: World, store: Store) -> tuple[str, tuple[Gap, ...]]:
    """Say why strangers may come as somebody who may do something with a store, and of whom there is no record."""
    if world.estate.unasked(store.provider, store.account, Facet.FEDERATIONS):
        return "it was never asked who comes from elsewhere, and as whom", ()
    gaps = tuple(gap for gap in world.estate.gaps if (gap.provider, gap.facet) == (store.provider, Facet.FEDERATIONS))
    if not gaps:
        return "", ()
    grants = (grant for action in Action for grant in world.access.on(store.id, action))
    able = {grant.principal for grant in grants if not grant.account and grant.decision.ruling is not Ruling.NO}
    unrecorded = sorted(able - set(WHO) - world.estate.principals.keys())
    return (unread(f"who comes as {listed(unrecorded, 3)}", gaps), gaps) if unrecorded else ("", ())


def judge_readers(check: Check, world: World, media: MediaClass) -> Iterator[Finding]:
    """Judge of every store that holds objects of a class whether anyone can read them."""
    for store in world.estate.stores_with(media):
        seen = exposure(world, store.id, [Action.READ], media)
        whole = amount(world.estate, store, media)
        if seen.open:
            yield _readable(check, world, store, seen, whole)
            continue
        doors, gaps = closed_doors(world, store)
        rest = unlisted(world.estate, store)
        doubts = [doubt for doubt in (seen.doubts if seen.doubtful else "", doors) if doubt]
        if not doubts and rest:
            doubts = [unread("the rest of its objects", rest)]
        if doubts:
            message = f"whether anyone can read {whole} cannot be told: {'; '.join(doubts)}"
            yield check.unknown(
                store, message, evidence={**whole.evidence, **not_seen(gaps, rest)}, names=holder(store)
            )
        else:
            message = f"no stranger can read {whole}{_unless(world, store, media)}"
            yield check.passed(store, message, evidence={**whole.evidence, **seen.evidence})


def _unless(world: World, store: Store, media: MediaClass) -> str:
    """Say as whom anyone may read all the same, which is for the checks of steps to tell; "" for nobody."""
    if not _ways(world):
        return ""
    paths = [path for one in world.access.readers(store.id, media) if one.principal in WHO for path in one.paths]
    able = [path for path in paths if not path.direct and open_way(world, path) is not Answer.NO]
    return f" but by becoming {listed(dict.fromkeys(path.nodes[-1] for path in able))}" if able else ""


def _readable(check: Check, world: World, store: Store, seen: Exposure, whole: Amount) -> Finding:
    grants, part = seen.widest, seen.amount(whole.media)
    place = _place(world.estate.corpora_of(store.id, whole.media), part, grants[0].example or "")
    evidence = {
        **part.evidence,
        "who": seen.who,
        "example": grants[0].example,
        **({"conditions": _conditions(grants)} if not seen.certain else {}),
    }
    return check.fail(
        store,
        f"{seen.who} can read {part.of(whole)}{place}{seen.terms}",
        path=seen.path,
        evidence=evidence,
        confidence=seen.confidence,
        names=holder(store),
    )


def _place(corpora: Sequence[Corpus], part: Amount, example: str) -> str:
    """Name the prefix under which all that is meant lies, "" when it is not one prefix."""
    for corpus in corpora:
        alone = len(corpora) == 1
        if corpus.prefix and (alone or (corpus.objects == part.objects and example.startswith(corpus.prefix))):
            return f" under {corpus.prefix}"
    return ""


def _conditions(grants: Iterable[Grant]) -> list[str]:
    return sorted({sentence(grant.decision.condition) for grant in grants})
