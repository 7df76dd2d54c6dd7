"""Recordings whose reads are recorded nowhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from cloudscan.access import Grant
from cloudscan.check import Check, World, check
from cloudscan.estate import Estate
from cloudscan.model import Action, Answer, Finding, Gap, LogSource, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan.tables.objects import seconds
from cloudscan_checks._exposure import ACCESS, WHO, closed_doors
from cloudscan_checks._facts import Amount, amount, holder, listed, missing, not_seen, unlisted, unread
from cloudscan_checks._readers import IDENTITIES, SURE, called, unseen_readers


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.LOGGING, Facet.LOG_SOURCES, *ACCESS, *IDENTITIES),
    remediation={
        "aws": (
            "Record reads in a trail: `aws cloudtrail put-event-selectors --region {region} --trail-name TRAIL"
            " --advanced-event-selectors file://selectors.json` with eventCategory Data, resources.type"
            " AWS::S3::Object and resources.ARN that starts with {id}/. It replaces the selectors that are there:"
            " write what `aws cloudtrail get-event-selectors --region {region} --trail-name TRAIL` shows into it,"
            " too."
        ),
        "gcp": (
            "Where no read is recorded, turn on Data Access audit logs (DATA_READ) for storage.googleapis.com in the"
            " project's policy: `gcloud projects get-iam-policy {account} --format=yaml > policy.yaml`, add"
            " auditConfigs, `gcloud projects set-iam-policy {account} policy.yaml`. Where reads by some are not, take"
            " them out of exemptedMembers in the same way; that may stand at a folder or the organization, too. Reads"
            " of what is open to allUsers or allAuthenticatedUsers are in no audit log: close it, or keep usage logs,"
            " `gcloud storage buckets update gs://{name} --log-bucket=gs://LOGS`."
        ),
        "azure": (
            "Send StorageRead to a workspace: `az monitor diagnostic-settings create --name reads"
            " --resource {holder}/blobServices/default --workspace WORKSPACE --logs @logs.json`."
        ),
    },
    controls=(
        "CIS-AWS@7.0:4.9",
        "CIS-GCP@5.0:2.1",
        "SecurityHub:S3.9",
        "NIST-800-53@r5:AU-2",
        "NIST-800-53@r5:AU-12",
        "ISO-27001@2022:8.15",
        "SOC2:CC7.2",
        "PCI-DSS@4.0.1:10.2.1",
        "HIPAA:164.312(b)",
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-cloudtrail-logging-for-s3.html",
        "https://cloud.google.com/storage/docs/audit-logging",
        "https://learn.microsoft.com/azure/storage/blobs/monitor-blob-storage",
    ),
)
def unlogged_audio_reads(self: Check, world: World) -> Iterator[Finding]:
    """Recordings whose reads are recorded nowhere.

    After a leak the first question is who listened to what. Without a record of reads nobody can answer it, and
    every recording that could be read has to be taken as read. Reads by those whom every record leaves out count too:
    those that are exempt from it, and where the cloud records no read of what is public, everybody.
    """
    unwatched = _unwatched(world.estate)
    for store in world.estate.stores_with(MediaClass.SPEECH):
        whole = amount(world.estate, store, MediaClass.SPEECH)
        sources = world.estate.logs_of(store.id)
        recording = [source for source in sources if source.reads is Answer.YES]
        left = unwatched.get(store.id, Amount(MediaClass.SPEECH, 0)) if recording else whole
        evidence: dict[str, object] = {
            **left.evidence,
            "log_sources": [[source.kind, source.target, source.scope, source.reads.value] for source in sources],
        }
        gaps = missing(world.estate, store, Facet.LOGGING, Facet.LOG_SOURCES)
        rest = () if any(not source.scope for source in recording) else unlisted(world.estate, store)
        if left.objects and (gaps or not _answered(world.estate, store, sources)):
            message = (
                f"reads of {left.of(whole)} may be recorded nowhere: {unread('the places that may record reads', gaps)}"
            )
            yield self.unknown(store, message, evidence=evidence | not_seen(gaps), names=holder(store))
        elif left.objects:
            message = f"reads of {left.of(whole)} are recorded nowhere"
            yield self.fail(store, message, evidence=evidence, names=holder(store))
        elif rest:
            message = f"reads of {whole} seen are recorded, but {unread('the rest of its objects', rest)}"
            yield self.unknown(store, message, evidence=evidence | not_seen(rest), names=holder(store))
        else:
            yield _spared(self, world, store, whole, recording, evidence)


def _spared(
    check: Check,
    world: World,
    store: Store,
    whole: Amount,
    recording: Sequence[LogSource],
    evidence: Mapping[str, object],
) -> Finding:
    """Judge a store whose reads are recorded, but for those by whom every record of them leaves out."""
    exempt = set.intersection(*(set(source.exempt) for source in recording))
    granted = world.access.on(store.id, Action.READ, media=MediaClass.SPEECH)
    grants = [one for one in granted if one.principal in exempt]
    sure = [one for one in grants if one.decision.ruling in SURE]
    told = {**evidence, "exempt": sorted(exempt)}
    if sure:
        part, who = _most(sure), _who(world, {one.principal for one in sure})
        message = f"reads of {part.of(whole)} by {who} are recorded nowhere"
        told |= part.evidence
        return check.fail(store, message, path=sure[0].steps, evidence=told, names=holder(store))
    doubts, gaps = _doubts(world, store, exempt)
    doubts += dict.fromkeys(why for one in grants for why in one.decision.unseen)
    if doubts:
        who = listed([WHO.get(one, one) for one in sorted(exempt)])
        message = f"whether {who} can read {whole}, and is recorded nowhere, is not known: {doubts[0]}"
        return check.unknown(store, message, evidence=told | not_seen(gaps), names=holder(store))
    kinds = listed(dict.fromkeys(source.kind for source in recording))
    return check.passed(store, f"reads of {whole} are recorded by {kinds}", evidence=told)


def _most(grants: Sequence[Grant]) -> Amount:
    """Say how much the one reads who reads most: what several read may be the same."""
    amounts: dict[str, Amount] = {}
    for one in grants:
        own = amounts.get(one.principal, Amount(MediaClass.SPEECH, 0))
        amounts[one.principal] = Amount(MediaClass.SPEECH, own.objects + one.objects, own.seconds + one.seconds)
    return max(amounts.values(), key=lambda own: (own.objects, own.seconds))


def _who(world: World, readers: Collection[str]) -> str:
    """Name readers; everybody takes in whoever has an account."""
    public = [name for name in WHO if name in readers][:1]
    others = sorted(set(readers) - set(WHO))
    return " and ".join([WHO[name] for name in public] + ([called(world, others)] if others else []))


def _doubts(world: World, store: Store, exempt: Collection[str]) -> tuple[list[str], tuple[Gap, ...]]:
    """Say why some whose reads no record tells of may read all the same: identities matter where one is among them."""
    if set(exempt) - set(WHO):
        return unseen_readers(world, store)
    doors, gaps = closed_doors(world, store) if exempt else ("", ())
    return [doors] if doors else [], gaps


def _unwatched(estate: Estate) -> Mapping[str, Amount]:
    """Count, for stores of which a source watches a part or all, the recordings that none watches."""
    scopes = sorted({(source.store, source.scope) for source in estate.log_sources if source.reads is Answer.YES})
    sql = f"""
        WITH watched AS (SELECT unnest(?::VARCHAR[]) AS place, unnest(?::VARCHAR[]) AS prefix)
        SELECT store, count(*), {seconds()} FROM objects
        WHERE media = 'speech' AND current AND NOT delete_marker AND store IN (SELECT place FROM watched)
            AND NOT EXISTS (SELECT 1 FROM watched WHERE place = store AND starts_with(key, prefix))
        GROUP BY store
    """  # noqa: S608 - our own words
    rows = estate.objects.query(sql, [[store for store, _ in scopes], [scope for _, scope in scopes]])
    return {store: Amount(MediaClass.SPEECH, objects, length) for store, objects, length in rows}


def _answered(estate: Estate, store: Store, sources: Sequence[LogSource]) -> bool:
    """Say whether it was asked where reads are recorded, and every answer was clear."""
    asked = {
        line.facet
        for line in estate.coverage
        if (line.provider, line.account) == (store.provider, store.account) and line.asked
    }
    return Facet.LOG_SOURCES in asked and all(source.reads is not Answer.UNKNOWN for source in sources)
