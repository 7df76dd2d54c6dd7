"""Speech of others that the users of an app can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cloudscan.access import Edge, Ruling, sentence
from cloudscan.access.paths import RULINGS, Path
from cloudscan.check import Check, World, check
from cloudscan.model import (
    ANYONE,
    Action,
    Answer,
    Confidence,
    Federation,
    Finding,
    Gap,
    MediaClass,
    Severity,
    Store,
)
from cloudscan.wording import UNMET
from cloudscan_checks._exposure import Exposure, anyone_reads_as_much, exposure
from cloudscan_checks._facts import EXAMPLES, listed, not_seen, unlisted_stores, untold
from cloudscan_checks._pools import pool_gaps, pool_names, unlisted_pools, unread_roles
from cloudscan_checks._readers import READING, SPOKEN, opened, read_by
from cloudscan_checks._strangers import open_way

_NO_APPS = ("aws", "oidc", "saml", "x509")
"""Doors for an organization's own people and machines, and those of another cloud: they hand out no role themselves."""


@check(
    severity=Severity.HIGH,
    needs=READING,
    remediation={
        "aws": (
            "Keep every user to a path of their own: put the user's id into the resource of the statement that the path"
            " names (arn:aws:s3:::BUCKET/PREFIX/${cognito-identity.amazonaws.com:sub}/*), with"
            " `aws iam put-role-policy --role-name ROLE --policy-name POLICY --policy-document file://policy.json`."
            " The roles of the pool: `aws cognito-identity get-identity-pool-roles --region {region}"
            " --identity-pool-id {pool}`."
        ),
        "gcp": (
            "Compare the path with the user's id in the Firebase rules (request.auth.uid), then"
            " `firebase deploy --only storage`."
        ),
        "azure": (
            "Hand each user a signed link to their own path, made by a server, in place of a role on the container:"
            " `az role assignment delete --assignee APP --role ROLE --scope {id}`."
        ),
    },
    controls=(
        "NIST-800-53@r5:AC-3",
        "NIST-800-53@r5:AC-6",
        "ISO-27001@2022:8.3",
        "ISO-27001@2022:8.12",
        "SOC2:CC6.1",
        "HIPAA:164.312(a)(1)",
        "CSA-CCM@4.0:DSP-07",
        "ATT&CK:T1530",
    ),
    references=("https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html",),
)
def app_user_reads_others(self: Check, world: World) -> Iterator[Finding]:
    """Speech of others that users of an app can read.

    Whoever signs in to an app gets a role of the cloud, and everybody gets the same one. If its policy does not put
    the user's own id into the path, one user's voice notes are all users' voice notes; the app hides it, the cloud
    does not. Judged for signed-in users, for those whom a rule gives a role, and for what guests read besides
    recordings or through another identity: the recordings that guests read directly have a check of their own.
    """
    yield from unlisted_pools(self, world, "users of an app", SPOKEN)
    for pool in sorted(world.estate.federations.values(), key=lambda one: one.id):
        if pool.kind not in _NO_APPS:
            yield from _judged(self, world, pool)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What some users of a pool become: the principal that they act as, and the step in."""

    who: str
    target: str
    edge: Edge
    source: str

    @property
    def users(self) -> str:
        """Who they are, to put before the name of the pool."""
        return "guest" if self.who == "guest" else "signed-in user"

    @property
    def terms(self) -> str:
        """What is asked of them, "" when nothing."""
        return f", if {sentence(self.edge.decision.condition)}" if self.edge.decision.ruling is Ruling.IF else ""


def _entries(world: World, pool: Federation) -> list[_Entry]:
    """Return what the users of a pool become, the surest step to each."""
    given = {role for who, role in pool.roles or () if who in ("guest", "signed-in")}
    found: dict[tuple[str, str], _Entry] = {}
    for edge in world.access.edges:
        for target in edge.targets:
            # What a guest or user is given has a name of its own; the bare role would be the same once more.
            if pool.id in edge.sources and target not in given:
                entry = _Entry("signed-in", target, edge, pool.id)
            elif ANYONE in edge.sources and edge.guise and target == f"guests of {pool.id}":
                entry = _Entry("guest", target, edge, ANYONE)
            else:
                continue
            held = found.setdefault((entry.who, target), entry)
            if RULINGS.index(edge.decision.ruling) < RULINGS.index(held.edge.decision.ruling):
                found[entry.who, target] = entry
    return [found[name] for name in sorted(found)]


def _judged(check: Check, world: World, pool: Federation) -> Iterator[Finding]:
    gaps = pool_gaps(world, pool)
    doubts = _unseen(world, pool, gaps)
    entries = _entries(world, pool)
    hidden, rest = unlisted_stores(world.estate, pool.provider)
    if hidden and entries:
        doubts.append(hidden)
    restricted: list[str] = []
    found = False
    for entry in entries:
        for store in _stores(world, entry):
            direct = _direct(world, entry, store)
            paths = _by_steps(world, entry, store)
            doubts += [why for seen in direct if seen.doubtful for why in [seen.doubts]]
            doubts += [_doubt(path) for path, answer in paths if answer is Answer.UNKNOWN]
            restricted += [why for seen in direct for why in seen.restrictions]
            open_paths = [path for path, answer in paths if answer is Answer.YES]
            openings = [seen for seen in direct if seen.open]
            if entry.edge.decision.ruling is Ruling.UNKNOWN:
                doubts += entry.edge.decision.unseen if openings or open_paths else ()
            elif openings or open_paths:
                found = True
                yield _reads(check, world, pool, entry, store, openings, open_paths)
    if doubts:
        message = f"whether users of {pool.name} can read more of others is not known: {listed(dict.fromkeys(doubts))}"
        yield check.unknown(pool, message, evidence=not_seen(gaps, rest), names=pool_names(pool))
    elif not found:
        evidence = {
            "roles": sorted({role for _, role in pool.roles or ()}),
            "restricted_by": sorted(set(restricted))[:EXAMPLES],
        }
        yield check.passed(pool, f"users of {pool.name} can read no speech of others", evidence=evidence)


def _stores(world: World, entry: _Entry) -> list[Store]:
    """Return the stores whose speech is read behind an entry."""
    reached = {path.store for path in world.access.reached(entry.target) if path.media in SPOKEN}
    return [world.estate.stores[store] for store in sorted(reached)]


def _direct(world: World, entry: _Entry, store: Store) -> list[Exposure]:
    """Return what they read by the rights that they are given, of each class that this check judges."""
    classes = [media for media in SPOKEN if not (entry.who == "guest" and media is MediaClass.SPEECH)]
    found = [exposure(world, store.id, [Action.READ], media, principals=[entry.target]) for media in classes]
    return [
        seen
        for media, seen in zip(classes, found, strict=True)
        if not seen.open or not anyone_reads_as_much(world, store, seen, media)
    ]


def _by_steps(world: World, entry: _Entry, store: Store) -> list[tuple[Path, Answer]]:
    """Return what they come to read by becoming somebody else, and whether everybody among them can."""
    if not any(entry.target in edge.sources for edge in world.access.edges):
        return []
    paths = [path for media in SPOKEN for path in world.access.paths(entry.target, store.id, media)]
    return [(path, open_way(world, path)) for path in paths if not path.direct]


def _reads(
    check: Check,
    world: World,
    pool: Federation,
    entry: _Entry,
    store: Store,
    openings: Sequence[Exposure],
    paths: Sequence[Path],
) -> Finding:
    grants = [grant for seen in openings for grant in seen.widest]
    certain = all(seen.certain for seen in openings) if openings else paths[0].ruling is Ruling.YES
    what = read_by(world, grants) if grants else f"speech in {store.name} by steps"
    asked = "".join(dict.fromkeys(seen.terms for seen in openings))
    if not openings and not certain:
        asked = f", if {paths[0].condition}"
    steps = openings[0].path if openings else paths[0].steps
    return check.fail(
        store,
        f"any {entry.users} of {pool.name} can read {what}, whoever it is of{entry.terms}{asked}",
        locator=entry.target,
        path=(*entry.edge.prove(entry.source, entry.target), *steps),
        evidence={"pool": pool.id, "acts_as": entry.target, **opened(grants)},
        severity=None if entry.terms == "" else Severity.MEDIUM,
        confidence=Confidence.HIGH if certain and not entry.terms else Confidence.MEDIUM,
        names=pool_names(pool),
    )


def _doubt(path: Path) -> str:
    return listed(path.unseen) or f"only if {path.condition}, {UNMET}"


def _unseen(world: World, pool: Federation, gaps: tuple[Gap, ...]) -> list[str]:
    """Say what is not known of what a pool gives to whom."""
    if pool.roles is None:
        return [untold(f"what {pool.name} gives to its users", gaps)]
    guests = [untold(f"whether {pool.name} admits guests", gaps)] if pool.guests is Answer.UNKNOWN else []
    return [*guests, *unread_roles(world, sorted({role for _, role in pool.roles}), gaps)]
