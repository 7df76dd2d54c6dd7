"""Roles of speech services that somebody else can use to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from cloudscan.check import Check, World, check
from cloudscan.coverage.elsewhere import TRANSFER
from cloudscan.model import Finding, Job, Principal, Severity
from cloudscan.provider import Facet
from cloudscan.undoing import UNDO
from cloudscan_checks._doors import Door, doors, judged, unrecorded
from cloudscan_checks._facts import counted, not_seen, unlisted_stores
from cloudscan_checks._jobs import account_of, examples
from cloudscan_checks._readers import READING, called, unseen_identities
from cloudscan_checks._services import service_roles

_NAMES = {"step": "STEP"}


@check(
    severity=Severity.HIGH,
    needs=(Facet.JOBS, *READING),
    remediation={
        "aws": (
            "Let only the speech service take it, for jobs of your own account (aws:SourceAccount):"
            " `aws iam update-assume-role-policy --role-name {name} --policy-document file://trust.json`. Who starts"
            " the jobs needs iam:PassRole on it, with iam:PassedToService; take that, and {step}, from everybody else."
        ),
        "gcp": (
            "Let only the pipeline act as the service account: `gcloud iam service-accounts"
            " remove-iam-policy-binding {name} --member=MEMBER --role=ROLE`."
        ),
        "azure": (f"Let only the speech resource carry the identity, and only the pipeline start jobs of it. {UNDO}"),
    },
    controls=(
        "CIS-GCP@5.0:1.7",
        "NIST-800-53@r5:AC-3",
        "NIST-800-53@r5:AC-6",
        "ISO-27001@2022:5.15",
        "ISO-27001@2022:8.3",
        "SOC2:CC6.3",
        "HIPAA:164.312(a)(1)",
        "ATT&CK:T1078",
    ),
    references=(
        "https://docs.aws.amazon.com/transcribe/latest/dg/security_iam_service-with-iam.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    ),
)
def speech_service_role_used_by_others(self: Check, world: World) -> Iterator[Finding]:
    """Role of a speech service that others can use.

    A transcription job runs as a role that reads every recording it may ever be given. Whoever can become that
    role, or start a job with it and fetch the transcript, reads as much. Named are those whose own rights allow
    less; to start jobs is a milder thing, since somebody has to. Whoever would change the cloud for it, as by
    rewriting whom the role trusts, is told of by reader-by-escalation.
    """
    ways: dict[str, list[Door]] = defaultdict(list)
    for door in doors(world):
        if door.entered:
            ways[door.owner].append(door)
    for name, jobs in service_roles(world).items():
        role = world.estate.principals.get(name)
        if role is None:
            if jobs:  # else it is a service's own, of which no document says that it reads anything
                yield _unseen(self, world, name, jobs)
            continue
        for door in ways[name]:
            yield _used(self, world, door)
        if not ways[name]:
            yield _unused(self, world, role, jobs)
    yield from _without_identities(self, world)


def _used(check: Check, world: World, door: Door) -> Finding:
    runs = f"{called(world, [door.owner])}, as which speech jobs run ({door.locator})"
    if door.reads_only:
        return judged(check, world, door, f"transcribed by a job under {runs}", "have", Severity.MEDIUM)
    return judged(check, world, door, f"as {runs}")


def _unused(check: Check, world: World, role: Principal, jobs: Sequence[Job]) -> Finding:
    evidence: dict[str, object] = {"jobs": len(jobs), "examples": examples(jobs)}
    doubt, gaps = unseen_identities(world, role.provider, role.account)
    hidden, rest = unlisted_stores(world.estate, role.provider)
    doubt = "; ".join([*filter(None, (doubt, hidden)), *unrecorded(world, role.id)])
    who = f"{called(world, [role.id])}, as which speech jobs run"
    if doubt:
        message = f"who else can use {who}, cannot be told: {doubt}"
        return check.unknown(role, message, evidence={**evidence, **not_seen(gaps, rest)}, names=_NAMES)
    return check.passed(role, f"none of the estate's own identities gains by using {who}", evidence=evidence)


def _anybody(name: str) -> dict[str, str]:
    """Fill what remedies call the role, where the finding is the account's."""
    return {"name": name, "id": name}


def _unseen(check: Check, world: World, role: str, jobs: Sequence[Job]) -> Finding:
    """Say of a role that the estate does not hold that nobody knows who can use it."""
    account = account_of(world.estate, jobs[0].provider, jobs[0].account)
    _, gaps = unseen_identities(world, account.provider, account.id)
    message = f"nothing is known of {role}, as which {counted(len(jobs), 'speech job', 'speech jobs')} ran"
    evidence = {"jobs": len(jobs), "examples": examples(jobs), **not_seen(gaps)}
    names = {**_NAMES, **_anybody(role.rpartition(":")[2].rpartition("/")[2])}
    return check.unknown(account, message, locator=role, evidence=evidence, names=names)


def _without_identities(check: Check, world: World) -> Iterator[Finding]:
    """Say of accounts with jobs and no identity that was seen that nothing is known of the roles either.

    Where all identities were seen and the account has none, its jobs run as nobody of it.
    """
    known = {one.account for one in world.estate.principals.values()}
    roles = {job.account for job in world.estate.jobs.values() if job.role is not None}
    speech = {job.account for job in world.estate.jobs.values() if job.kind != TRANSFER}
    for name in sorted(speech - known - roles):
        provider = next(job.provider for job in world.estate.jobs.values() if job.account == name)
        account = account_of(world.estate, provider, name)
        doubt, gaps = unseen_identities(world, provider, name)
        if doubt:
            message = f"whose roles its speech jobs use cannot be told: {doubt}"
            yield check.unknown(account, message, evidence=not_seen(gaps), names={**_NAMES, **_anybody("IDENTITY")})
