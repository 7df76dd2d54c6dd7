"""Amazon Chime SDK: meetings and calls that are captured, transcribed or searched for known voices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Answer, Gap, Job
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.questions import Absent
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.locations import location
from cloudscan_aws.s3_read import key_arn
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.times import utc
from cloudscan_aws.units import regional

PIPELINES = "chime-sdk-media-pipelines"
VOICE = "chime-sdk-voice"
VOICEPRINT_HOURS = 3 * 365 * 24
"""How long voice embeddings are kept unless refreshed ("Data retention for voice analytics")."""
ELEMENTS = {
    "AmazonTranscribeCallAnalyticsProcessor": "call-analytics",
    "AmazonTranscribeProcessor": "transcription",
    "S3RecordingSink": "call-recording",
    "VoiceAnalyticsProcessor": "voice-analytics",
}
"""The elements of an insights pipeline that handle speech, and the kind of job each is."""

Payload = Mapping[str, Any]


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield units for the regions of media pipelines and of voice profiles, if a check wants jobs."""
    if account.wants(Facet.JOBS):
        yield from regional(account, PIPELINES, fetch_pipelines, requests=2)
        yield from regional(account, VOICE, fetch_voice_profiles)


def fetch_pipelines(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """Ask for capture pipelines and for the configurations of insights pipelines."""
    captures, ended = _list(asker, "list_media_capture_pipelines", "MediaCapturePipelines")
    for each in captures:
        arn, parameters = each["MediaPipelineArn"], {"MediaPipelineId": each["MediaPipelineId"]}
        reply = _get(asker, "get_media_capture_pipeline", arn, parameters)
        if isinstance(reply, Gap):
            yield reply
        else:
            yield read_capture(asker.account, asker.region, reply["MediaCapturePipeline"])
    if ended:
        yield ended
    configurations, ended = _list(
        asker, "list_media_insights_pipeline_configurations", "MediaInsightsPipelineConfigurations"
    )
    for each in configurations:
        arn = each["MediaInsightsPipelineConfigurationArn"]
        reply = _get(asker, "get_media_insights_pipeline_configuration", arn, {"Identifier": arn})
        if isinstance(reply, Gap):
            yield reply
        else:
            yield from read_insights(asker.account, asker.region, reply["MediaInsightsPipelineConfiguration"])
    if ended:
        yield ended


def fetch_voice_profiles(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """List the domains that hold voiceprints."""
    domains, ended = asker.pages(
        VOICE,
        "list_voice_profile_domains",
        "VoiceProfileDomains",
        facet=Facet.JOBS,
        resource=asker.account,
    )
    for domain in domains:
        yield read_domain(asker.account, asker.region, domain)
    if isinstance(ended, Gap):
        yield ended


def read_capture(account: str, region: str, pipeline: Payload) -> Job:
    """Read a pipeline that writes a meeting's sound, and maybe its pictures, to a bucket."""
    sink = pipeline.get("SinkArn")
    return Job(
        id=pipeline["MediaPipelineArn"],
        provider=PROVIDER,
        account=account,
        region=region,
        kind="media-capture",
        name=pipeline["MediaPipelineId"],
        status=pipeline.get("Status", ""),
        created=utc(pipeline.get("CreatedTimestamp")),
        outputs=(location(sink, region),) if sink else (),
        output_owner="customer",
        role=pipeline.get("SinkIamRoleArn"),
        key=key_arn(pipeline.get("SseAwsKeyManagementParams", {}).get("AwsKmsKeyId"), region, account),
    )


def read_insights(account: str, region: str, configuration: Payload) -> Iterator[Job]:
    """Read what each element of a configuration does to the calls of every pipeline that is started from it.

    What is transcribed or analysed goes to all the other sinks of the configuration as well.
    """
    arn, elements = configuration["MediaInsightsPipelineConfigurationArn"], configuration.get("Elements", ())
    settings = [element.get(f"{element['Type']}Configuration", {}) for element in elements]
    insights = [each["InsightsTarget"] for each in settings if each.get("InsightsTarget")]
    for place, (element, setting) in enumerate(zip(elements, settings, strict=True)):
        if (kind := ELEMENTS.get(element["Type"])) is None:
            continue
        after = setting.get("PostCallAnalyticsSettings", {})
        if kind == "call-recording":
            outputs = [setting["Destination"]] if setting.get("Destination") else []
        else:
            outputs = [after["OutputLocation"], *insights] if after else insights
        redaction, unredacted = _redaction(setting, after) if "Transcribe" in element["Type"] else _NOT_ASKED
        yield Job(
            id=f"{arn}#element/{place}",
            provider=PROVIDER,
            account=account,
            region=region,
            kind=kind,
            name=f"{configuration.get('MediaInsightsPipelineConfigurationName', '')} {element['Type']}",
            created=utc(configuration.get("CreatedTimestamp")),
            continuous=True,
            outputs=tuple(location(output, region) for output in outputs),
            output_owner="customer",
            role=after.get("DataAccessRoleArn") or configuration.get("ResourceAccessRoleArn"),
            key=key_arn(after.get("OutputEncryptionKMSKeyId"), region, account),
            redaction=redaction,
            keeps_unredacted=unredacted,
        )


def read_domain(account: str, region: str, domain: Payload) -> Job:
    """Read a voice profile domain: voiceprints in AWS's own store, which no bucket shows."""
    return Job(
        id=domain["VoiceProfileDomainArn"],
        provider=PROVIDER,
        account=account,
        region=region,
        kind="voice-analytics",
        name=domain.get("Name", domain["VoiceProfileDomainId"]),
        created=utc(domain.get("CreatedTimestamp")),
        continuous=True,
        output_owner="service",
        retention_hours=VOICEPRINT_HOURS,
    )


_NOT_ASKED = (Answer.UNKNOWN, Answer.UNKNOWN)


def _redaction(setting: Payload, after: Payload) -> tuple[Answer, Answer]:
    """Say whether the text is redacted, and whether an unredacted one is kept as well or instead."""
    if not setting.get("ContentRedactionType"):
        return Answer.NO, Answer.YES
    return Answer.YES, Answer.of(after.get("ContentRedactionOutput") == "redacted_and_unredacted")


def _list(asker: Asker, method: str, key: str) -> tuple[list[Any], Gap | None]:
    items, ended = asker.pages(PIPELINES, method, key, facet=Facet.JOBS, resource=asker.account)
    return items, ended if isinstance(ended, Gap) else None


def _get(asker: Asker, method: str, arn: str, parameters: Payload) -> dict[str, Any] | Gap:
    reply = asker.ask(PIPELINES, method, facet=Facet.JOBS, resource=arn, **parameters)
    assert not isinstance(reply, Absent)  # noqa: S101 - no error code is expected here
    return reply
