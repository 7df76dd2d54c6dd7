from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.model import Answer, Coverage, Gap, Job, PolicyDocument, Why
from cloudscan.provider import Facet
from cloudscan_azure import speech, speech_read
from cloudscan_azure.accounts import StorageAccount, SubscriptionScope
from cloudscan_azure.ids import person
from cloudscan_azure.speech_read import Places
from cloudscan_azure.standin import bodies
from cloudscan_azure.standin.errors import AzureError
from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.test_rbac import ANA, SCOPE, collected, of

Subscriptions = Callable[..., SubscriptionScope]
Told = dict[str, Any]
ACCOUNTS = f"{SCOPE}/providers/Microsoft.CognitiveServices/accounts"
NAME = f"{SCOPE}/resourceGroups/RG/providers/Microsoft.CognitiveServices/accounts/Calls"
STORAGE = bodies.account_path("acmecalls")
BLOBS = "https://acmecalls.blob.core.windows.net/"
STORE = f"{STORAGE.lower()}/blobservices/default/containers/transcripts"
SIGNED = "sv=2022-11-02&sig=SECRET"
JOB = "11111111-0000-4000-8000-000000000001"


def account(azure: Standin, *, kind: str = "SpeechServices", **properties: Any) -> Told:
    told: Told = {
        "endpoint": f"{azure.url}/cognitive/calls/",
        "customSubDomainName": "calls",
        "publicNetworkAccess": "Enabled",
    }
    told |= {"disableLocalAuth": True, "userOwnedStorage": []}
    own: Told = {"type": "SystemAssigned", "principalId": ANA, "tenantId": TENANT}
    return {"id": NAME, "name": "Calls", "kind": kind, "location": "WestEurope", "identity": own} | {
        "properties": {name: value for name, value in (told | properties).items() if value is not None}
    }


def entity(noun: str, **more: Any) -> Told:
    told: Told = {"self": f"https://calls.cognitiveservices.azure.com/speechtotext/{noun}/{JOB}?api-version=2024-11-15"}
    told |= {"displayName": "Monday", "locale": "en-US", "status": "Succeeded"}
    times = {"createdDateTime": "2026-11-01T10:00:00Z", "lastActionDateTime": "2026-11-01T11:00:00Z"}
    return {**told, **times, **more}


def given(azure: Standin, told: Told, version: str = "", **lists: list[Told]) -> None:
    azure.fresh(SCOPE)
    azure.pages(ACCOUNTS, [told])
    for noun in ("transcriptions", "datasets", "models", "endpoints"):
        azure.pages(f"/cognitive/calls/speechtotext{version}/{noun}", lists.get(noun, []), largest=1)


def storage() -> tuple[StorageAccount, ...]:
    return (StorageAccount(bodies.account("acmecalls", BLOBS)),)


def jobs(given: SubscriptionScope) -> dict[str, Job]:
    return {one.kind: one for one in of(collected(speech.units(given)), Job)}


def files(azure: Standin, *urls: str, version: str = "") -> None:
    told = [{"self": f"{BLOBS}{at}", "name": "a.json", "kind": "Transcription"} for at, _ in enumerate(urls)]
    listed = [one | {"links": {"contentUrl": url}} for one, url in zip(told, urls, strict=True)]
    azure.pages(f"/cognitive/calls/speechtotext{version}/transcriptions/{JOB}/files", listed)


def test_what_holds_for_an_account_is_told(azure: Standin, subscription: Subscriptions) -> None:
    vault = {"keyVaultUri": "https://Acme.vault.azure.net/", "keyName": "Corpus", "keyVersion": "1"}
    encryption = {"keySource": "Microsoft.KeyVault", "keyVaultProperties": vault}
    own = [{"resourceId": STORAGE, "identityClientId": None}]
    given(azure, account(azure, encryption=encryption, userOwnedStorage=own))
    items = collected(speech.units(subscription(Facet.JOBS)))
    (settings,) = of(items, Job)
    assert settings == Job(
        id=NAME.lower(),
        provider="azure",
        account=SUBSCRIPTION,
        region="westeurope",
        kind="service-settings",
        name="Calls",
        continuous=True,
        outputs=(STORAGE.lower(),),
        output_owner="customer",
        role=person(ANA),
        key="https://acme.vault.azure.net/keys/corpus",
    )
    (network,) = of(items, PolicyDocument)
    assert (network.kind, network.attached_to) == ("network", (NAME.lower(),))
    assert json.loads(network.document)["disableLocalAuth"] is True


def test_a_transcription_with_a_destination_is_the_customers(azure: Standin, subscription: Subscriptions) -> None:
    properties = {"timeToLiveHours": 48, "destinationContainerUrl": f"{BLOBS}transcripts?{SIGNED}"}
    given(azure, account(azure), transcriptions=[entity("transcriptions", properties=properties)])
    items = collected(speech.units(subscription(Facet.JOBS, storage=storage())))
    job = next(one for one in of(items, Job) if one.kind == "transcription")
    assert job == Job(
        id=f"{NAME.lower()}/transcriptions/{JOB}",
        provider="azure",
        account=SUBSCRIPTION,
        region="westeurope",
        kind="transcription",
        name="Monday",
        status="Succeeded",
        created=datetime(2026, 11, 1, 10, tzinfo=UTC),
        completed=datetime(2026, 11, 1, 11, tzinfo=UTC),
        listed_until=datetime(2026, 11, 3, 11, tzinfo=UTC),
        outputs=(STORE,),
        output_owner="customer",
        role=person(ANA),
        redaction=Answer.NO,
        keeps_unredacted=Answer.YES,
        retention_hours=48,
    )
    assert "SECRET" not in str(items)
    assert azure.requests["Transcriptions_ListFiles"] == 0


def test_results_that_lie_elsewhere_are_the_services(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, account(azure, userOwnedStorage=None), transcriptions=[entity("transcriptions", properties={})])
    files(azure, f"https://spsvc.blob.core.windows.net/bestor/a.json?{SIGNED}")
    job = jobs(subscription(Facet.JOBS, storage=storage()))["transcription"]
    assert (job.output_owner, job.outputs) == ("service", ("https://spsvc.blob.core.windows.net/bestor/a.json",))
    assert job.retention_hours is None


def test_results_in_storage_that_is_known_are_the_customers(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, account(azure, userOwnedStorage=None), transcriptions=[entity("transcriptions", properties={})])
    files(azure, f"{BLOBS}Transcripts/b%20c/a.json?{SIGNED}")
    job = jobs(subscription(Facet.JOBS, storage=storage()))["transcription"]
    assert (job.output_owner, job.outputs) == ("customer", (f"{STORE}/b c/a.json",))


def test_whose_the_results_are_is_not_known_without_the_list_of_files(
    azure: Standin, subscription: Subscriptions
) -> None:
    given(azure, account(azure, userOwnedStorage=None), transcriptions=[entity("transcriptions", properties={})])
    azure.faults.add("denied", "Transcriptions_ListFiles")
    items = collected(speech.units(subscription(Facet.JOBS)))
    (gap,) = of(items, Gap)
    assert (gap.resource, gap.region, gap.why) == (SUBSCRIPTION, "westeurope", Why.DENIED)
    assert gap.permission == (
        "Microsoft.CognitiveServices/accounts/SpeechServices/speechrest/transcriptions/files/read"
    )
    assert gap.detail.startswith("Calls: ")
    assert next(one for one in of(items, Job) if one.kind == "transcription").output_owner is None


def test_the_older_shape_is_asked_where_the_newer_is_not_known(azure: Standin, subscription: Subscriptions) -> None:
    old = entity("transcriptions", properties={"timeToLive": "P1DT12H30M", "destinationContainerUrl": f"{BLOBS}x"})
    given(azure, account(azure), "/v3.2", transcriptions=[old])
    azure.answer("/cognitive/calls/speechtotext/transcriptions", AzureError(404, "NotFound", "no such version"))
    items = collected(speech.units(subscription(Facet.JOBS)))
    job = next(one for one in of(items, Job) if one.kind == "transcription")
    assert job.retention_hours == 37
    assert of(items, Gap) == []
    assert [one.asked - one.answered for one in of(items, Coverage)] == [0]


def test_an_account_that_knows_neither_shape_is_a_gap(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, account(azure))
    for version in ("", "/v3.2"):
        for noun in ("transcriptions", "datasets", "models", "endpoints"):
            azure.answer(f"/cognitive/calls/speechtotext{version}/{noun}", AzureError(404, "NotFound", "no such thing"))
    gaps = of(collected(speech.units(subscription(Facet.JOBS))), Gap)
    assert [gap.why for gap in gaps] == [Why.VANISHED] * 4


def test_data_sets_models_and_endpoints_that_log_are_told(azure: Standin, subscription: Subscriptions) -> None:
    dataset = entity("datasets", kind="Acoustic", contentUrl=f"{BLOBS}transcripts/train.zip?{SIGNED}", properties={})
    logging = [entity("endpoints", properties={"loggingEnabled": each}) for each in (True, False)]
    given(azure, account(azure), datasets=[dataset], models=[entity("models")], endpoints=logging)
    items = of(collected(speech.units(subscription(Facet.JOBS, storage=storage()))), Job)
    found = {one.id.rsplit("/", 2)[1]: one for one in items if one.kind != "service-settings"}
    assert {noun: one.kind for noun, one in found.items()} == {
        "datasets": "model-training",
        "models": "model-training",
        "endpoints": "conversation-log",
    }
    assert found["datasets"].inputs == (f"{STORE}/train.zip",)
    log = found["endpoints"]
    assert (log.continuous, log.retention_hours, log.output_owner) == (True, 720, "service")


def test_an_endpoint_that_does_not_say_whether_it_logs_is_a_gap(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, account(azure), endpoints=[entity("endpoints", properties={})])
    (gap,) = of(collected(speech.units(subscription(Facet.JOBS))), Gap)
    assert (gap.why, gap.operation) == (Why.MALFORMED, "Endpoints_List")


def test_accounts_of_other_kinds_are_none_of_speech(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, account(azure, kind="OpenAI"))
    assert of(collected(speech.units(subscription(Facet.JOBS))), Job) == []


def test_an_account_without_a_domain_of_its_own_is_a_gap(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, account(azure, customSubDomainName=None))
    items = collected(speech.units(subscription(Facet.JOBS)))
    (gap,) = of(items, Gap)
    assert (gap.why, gap.resource) == (Why.UNSUPPORTED, SUBSCRIPTION)
    assert [one.kind for one in of(items, Job)] == ["service-settings"]


def test_no_token_goes_to_an_endpoint_that_is_none_of_azures(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, account(azure, endpoint="https://elsewhere.example/"))
    gaps = of(collected(speech.units(subscription(Facet.JOBS))), Gap)
    assert {gap.why for gap in gaps} == {Why.MALFORMED}
    assert {gap.operation for gap in gaps} == {
        "Transcriptions_List",
        "Datasets_List",
        "Models_ListCustomModels",
        "Endpoints_List",
    }


@pytest.mark.parametrize("kind", ["denied", "throttled", "elsewhere", "malformed"])
def test_a_list_that_ends_early_is_a_gap(azure: Standin, subscription: Subscriptions, kind: Any) -> None:
    properties = {"destinationContainerUrl": f"{BLOBS}x"}
    given(azure, account(azure), transcriptions=[entity("transcriptions", properties=properties)])
    azure.faults.add(kind, "Transcriptions_List")
    (gap,) = of(collected(speech.units(subscription(Facet.JOBS))), Gap)
    expected = {"denied": Why.DENIED, "throttled": Why.THROTTLED}.get(kind, Why.MALFORMED)
    assert (gap.why, gap.operation) == (expected, "Transcriptions_List")


@pytest.mark.parametrize("left_out", ["userOwnedStorage", "encryption", "endpoint"])
def test_what_an_older_version_leaves_out_is_not_known(
    azure: Standin, subscription: Subscriptions, left_out: str
) -> None:
    given(azure, account(azure))
    azure.faults.add("without", "Accounts_List", left_out=f"properties.{left_out}")
    settings = jobs(subscription(Facet.JOBS))["service-settings"]
    assert (settings.key, settings.output_owner) == (None, None if left_out == "userOwnedStorage" else "service")


@pytest.mark.parametrize(
    ("properties", "kept"),
    [
        ({"timeToLiveHours": 6}, 6),
        ({"timeToLive": "P2D"}, 48),
        ({"timeToLive": "PT12H"}, 12),
        ({"timeToLive": "PT30M"}, 1),
        ({"timeToLive": "PT0S"}, None),
        ({"timeToLive": "soon"}, None),
        ({"timeToLiveHours": True}, None),
        ({}, None),
    ],
)
def test_how_long_a_transcription_is_kept(properties: Told, kept: int | None) -> None:
    assert speech_read.hours(properties) == kept


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (f"{BLOBS}transcripts/a/b.json?{SIGNED}#x", f"{STORE}/a/b.json"),
        (f"{BLOBS.upper()}transcripts", STORE),
        (BLOBS, "https://acmecalls.blob.core.windows.net/"),
        (f"https://user:pass@acmecalls.example/x?{SIGNED}", "https://acmecalls.example/x"),
        (f"https://[::1/x?{SIGNED}", "https://[::1/x"),
        ("https://acmecalls.blob.core.windows.net.evil.example/transcripts/a", None),
    ],
)
def test_addresses_are_cut_and_put_into_containers_that_are_known(url: str, place: str | None) -> None:
    assert Places.of(storage()).location(url) == (place or url)
