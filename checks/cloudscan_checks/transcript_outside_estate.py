"""What was said is delivered to storage outside the scanned accounts, or outside their regions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cloudscan.check import Check, World, check
from cloudscan.coverage.elsewhere import DELIVERING, place_of
from cloudscan.estate import Estate
from cloudscan.model import Account, Finding, Job, Severity, Store
from cloudscan.provider import Facet
from cloudscan_checks._facts import counted, listed, not_seen, unread
from cloudscan_checks._jobs import account_of, examples


@check(
    severity=Severity.HIGH,
    needs=(Facet.JOBS, Facet.STORES, Facet.ACCOUNTS),
    remediation={
        "aws": (
            "If {party} may have it, name it in the policy file under trusted, or its region under regions. If"
            " not, name a bucket of your own in the job: `aws transcribe start-transcription-job --output-bucket-name"
            " BUCKET ...`."
        ),
        "gcp": (
            "If {party} may have it, name it in the policy file under trusted, or its location under regions."
            " If not, change recognitionOutputConfig in the request; who asks shows in"
            " `gcloud logging read protoPayload.serviceName=speech.googleapis.com --project {account} --freshness=30d`,"
            " as far back as the log is kept."
        ),
        "azure": (
            "If {party} may have it, name it in the policy file under trusted, or its region under"
            " regions. If not, change destinationContainerUrl in the request; see `az storage container list"
            " --account-name ACCOUNT`."
        ),
    },
    controls=(
        "NIST-800-53@r5:AC-4",
        "NIST-800-53@r5:SA-9(6)",
        "ISO-27001@2022:5.14",
        "SOC2:CC6.7",
        "CSA-CCM@4.0:DSP-10",
        "ATT&CK:T1537",
    ),
    references=("https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html",),
)
def transcript_outside_estate(self: Check, world: World) -> Iterator[Finding]:
    """Transcripts delivered outside the estate or its regions.

    A job needs one wrong name to deliver every conversation to somebody else's storage, or across a border that
    contracts and laws draw. Each place that jobs and recording settings write to is judged once for each account.
    """
    places: dict[tuple[str, str, str], dict[str, Job]] = defaultdict(dict)
    for job in world.estate.jobs.values():
        if job.kind in DELIVERING and job.output_owner != "service":
            for output in job.outputs:
                store = world.estate.store_at(output)
                places[job.provider, job.account, store.id if store else place_of(output)][job.id] = job
    for (provider, account, place), found in sorted(places.items()):
        jobs = [found[job] for job in sorted(found)]
        delivery = _Delivery(account_of(world.estate, provider, account), place, jobs)
        if place in world.estate.stores:
            yield _in_region(self, world, delivery, world.estate.stores[place])
        else:
            yield _elsewhere(self, world, delivery)


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What the jobs of one account deliver to one place."""

    account: Account
    place: str
    jobs: Sequence[Job]

    def __str__(self) -> str:
        """Begin a sentence: "output of 3 jobs (transcription) goes to"."""
        kinds = listed(dict.fromkeys(job.kind for job in self.jobs))
        return f"output of {counted(len(self.jobs), 'job', 'jobs')} ({kinds}) goes to"

    @property
    def evidence(self) -> dict[str, object]:
        """The place and the jobs."""
        return {"place": self.place, "jobs": len(self.jobs), "examples": examples(self.jobs)}


def _elsewhere(check: Check, world: World, found: _Delivery) -> Finding:
    """Judge a place that the estate does not hold: whose is it."""
    account, told, evidence = found.account, f"{found} {found.place}", found.evidence
    party = next((job.output_store_account for job in found.jobs if job.output_store_account), _account_in(found.place))
    names = {"party": party or found.place}
    if party is not None and party in world.estate.accounts:
        return check.passed(account, f"{told} in a scanned account", locator=found.place, evidence=evidence)
    if (name := world.policy.trusted_name(party or found.place)) is not None:
        evidence["trusted"] = name
        return check.passed(account, f"{told} of {name}, which is trusted", locator=found.place, evidence=evidence)
    doubt, seen = _stores_unlisted(world.estate, account.provider)
    if party is None and doubt:
        message = f"{told}, and whose that is cannot be told: {doubt}"
        return check.unknown(account, message, locator=found.place, evidence=evidence | seen, names=names)
    whose = "which is in none of the scanned accounts"
    message = f"{told}, {whose}" if party is None else f"{told} of {party}, which was not scanned and is not trusted"
    return check.fail(account, message, locator=found.place, evidence=evidence, names=names)


def _in_region(check: Check, world: World, found: _Delivery, store: Store) -> Finding:
    """Judge a store of the estate: does it lie where recordings may."""
    account, evidence = found.account, found.evidence | {"region": store.region}
    names = {"party": store.region or store.name}
    if not store.region:
        message = f"{found} {store.name}, whose region is not known"
        return check.unknown(account, message, locator=found.place, evidence=evidence, names=names)
    abroad = sorted({job.region for job in found.jobs if job.region.casefold() != store.region.casefold()})
    if world.policy.regions:
        good, yes, no = world.policy.allows_region(store.region), "an allowed region", "which is no allowed region"
    else:
        good, yes, no = not abroad, "where they run", f"not where they run ({listed(abroad)})"
    message = f"{found} {store.name} in {store.region}, {yes if good else no}"
    if good:
        return check.passed(account, message, locator=found.place, evidence=evidence)
    return check.fail(account, message, locator=found.place, evidence=evidence, names=names)


def _account_in(place: str) -> str | None:
    """Return the account in a full name, where the name holds one."""
    parts = place.split(":")
    return parts[4] if place.startswith("arn:") and len(parts) > 5 and parts[4] else None


def _stores_unlisted(estate: Estate, provider: str) -> tuple[str, dict[str, object]]:
    """Say why the estate may not hold every store of its accounts, with evidence; "" when it does."""
    gaps = [gap for gap in estate.gaps if gap.provider == provider and gap.facet in (Facet.STORES, Facet.ACCOUNTS)]
    if gaps:
        return unread("every store of the scanned accounts", gaps), not_seen(gaps)
    scope = (estate.manifest.scope.get(provider) or {}) if estate.manifest else {}
    if scope.get("stores") or (scope.get("options") or {}).get("region"):
        return "only chosen stores or regions were scanned", {}
    return "", {}
