"""Questions of reach about keys and signatures: what whoever has one reads, supposing that somebody has it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jsonschema import validate

from cloudscan.access import Ruling
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.model import Answer, Credential, MediaClass, Record, Workload
from cloudscan.policy.file import Policy
from cloudscan.provider import Provider
from cloudscan.reach.answers import Answer as Reached
from cloudscan.reach.answers import Asked, Between, Overview
from cloudscan.reach.questions import Questions
from cloudscan.reach_reports import renderer
from cloudscan.report import ReportOptions
from cloudscan.schemas import schema
from cloudscan.snapshot import Manifest
from cloudscan.testing import ACCOUNT as AWS
from cloudscan_aws import AwsProvider
from cloudscan_azure import AzureProvider
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    ASR,
    STORE,
    assigned,
    container,
    estate,
    gap,
    network,
    recording,
    stored,
)
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.policy import test_support as gcp

MADE = datetime(2026, 1, 1, tzinfo=UTC)
KEEPS = {"permission": "rl", "start": "2025-01-01T00:00:00Z", "expiry": "2027-01-01T00:00:00Z"}
HOLDER = f"holder of a signature by the stored access policy %s of {STORE}"


def asked(held: Estate, *providers: Provider, **more: Any) -> Questions:
    times = Manifest({}, (), MADE, MADE, "1", {}, "0")
    return Questions(Asked(replace(held, manifest=times), Policy(), **more), providers or (AzureProvider(),))


def rulings(questions: Questions, word: str) -> list[Ruling]:
    answer = questions.reached(word)
    return [path.ruling for path in (*answer.paths, *answer.unknown)]


def between(questions: Questions, word: str) -> Between:
    return questions.between(word, "calls/corpus", max_steps=5, limit=100)


def written(answer: Reached, form: str) -> str:
    out = io.StringIO()
    renderer(form).render(answer, out, ReportOptions())
    return " ".join(out.getvalue().split())


@pytest.mark.parametrize(
    "word", ["calls key", "calls/key1", "calls/key2", f"{ACCOUNT}/keys/key1", "holder of a key of calls"]
)
def test_whoever_has_a_key_of_an_account_reads_what_lies_in_it(word: str) -> None:
    questions = asked(estate())
    answer = questions.reached(word)
    assert (answer.principal, answer.secret and answer.secret.names[0]) == ("holder of a key of calls", "calls key")
    (path,) = answer.paths
    assert (path.ruling, path.direct, path.grant.objects, answer.unknown) == (Ruling.YES, True, 1, [])
    assert path.steps[0].reason == f"a key of {ACCOUNT} opens all that lies in it, whatever roles and lists say"
    assert len(between(questions, word).paths) == 1


def test_a_key_opens_nothing_where_the_account_takes_none() -> None:
    questions = asked(estate(container(controls={"allowSharedKeyAccess": Answer.NO})))
    assert rulings(questions, "calls/key1") == []
    assert "calls takes nothing that its keys sign" in written(questions.reached("calls/key1"), "terminal")
    answer = between(questions, "calls/key1")
    assert answer.missing is not None
    assert f"{ACCOUNT} takes nothing that its keys sign" in [each.sentence for each in answer.missing.decision.proof]


def test_a_key_is_bound_by_networks_and_hangs_on_a_switch_that_was_not_read() -> None:
    closed = network(acls={"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}]})
    assert rulings(asked(estate(closed)), "calls key") == [Ruling.IF]
    unread = container(controls={"allowSharedKeyAccess": Answer.UNKNOWN})
    assert rulings(asked(estate(unread)), "calls key") == [Ruling.UNKNOWN]


def test_whoever_holds_a_signature_reads_until_it_ends() -> None:
    ended = {**KEEPS, "expiry": "2025-06-01T00:00:00Z"}
    questions = asked(estate(stored(lasts=KEEPS, ended=ended, writes={**KEEPS, "permission": "w"})))
    answer = questions.reached("calls/corpus signature lasts")
    (path,) = answer.paths
    assert (answer.principal, path.ruling, answer.unknown) == (HOLDER % "lasts", Ruling.IF, [])
    assert "2027-01-01" in path.condition
    assert rulings(questions, HOLDER % "lasts") == [Ruling.IF]
    assert rulings(questions, "calls/corpus signature ended") == []
    assert rulings(questions, "calls/corpus signature writes") == []
    assert "whether anybody has it cannot be seen" in written(answer, "terminal")


def test_what_a_signature_says_itself_is_not_known() -> None:
    """Of a policy without an end each signature says its own."""
    questions = asked(estate(stored(open={"permission": "r"}, bare={}, lists={"permission": "l"})))
    assert rulings(questions, "calls/corpus signature open") == [Ruling.UNKNOWN]
    assert rulings(questions, "calls/corpus signature bare") == [Ruling.UNKNOWN]
    assert rulings(questions, "calls/corpus signature lists") == []


def test_asked_about_a_store_whether_anybody_holds_one_stays_not_known() -> None:
    answer = asked(estate(stored(lasts=KEEPS))).readers("calls/corpus")
    assert HOLDER % "lasts" in [reader.principal for reader in answer.unknown]
    unread = asked(estate(gaps=[gap(STORE, "Get Container ACL", "principal.credentials")]))
    (reader,) = (one for one in unread.readers("calls/corpus").unknown if "signature" in one.principal)
    assert rulings(unread, reader.principal) == [Ruling.UNKNOWN]


def test_a_key_of_another_account_opens_nothing() -> None:
    other = replace(
        container(), id=STORE.replace("storageaccounts/calls", "storageaccounts/other"), name="other/corpus"
    )
    answer = between(asked(estate(container(), other)), "other key")
    assert answer.missing is not None
    assert answer.missing.decision.proof[0].sentence == f"the holder of a key of other has nothing that opens {STORE}"


def test_of_one_object_the_same_is_asked() -> None:
    questions = asked(estate(objects=[recording(), recording("b.wav")]))
    answer = questions.between("calls key", "calls/corpus/b.wav", max_steps=5, limit=100)
    assert [path.grant.example for path in answer.paths] == ["b.wav"]


def test_secrets_are_listed_with_what_whoever_has_one_reads() -> None:
    answer = asked(estate(stored(lasts=KEEPS), assigned(ACCOUNT, "reader", ANA))).overview()
    told = {secret.names[0]: blast.objects for secret, blast in answer.secrets}
    assert told == {"calls key": 1, "calls/corpus signature lasts": 1}
    assert HOLDER % "lasts" not in {one.principal for one in answer.principals}
    assert "2 secrets that somebody may have" in written(answer, "terminal")


def test_hints_name_secrets() -> None:
    with pytest.raises(UsageError, match=r"no principal is called calls/key3; nearest: calls/key"):
        asked(estate()).reached("calls/key3")


def owned(*credentials: Record, provider: Provider | None = None) -> Questions:
    held = estate(*credentials, assigned(ACCOUNT, "reader", ASR))
    return asked(held, provider or AzureProvider())


def secret(name: str = "app:1#5e5e", owner: str = ASR, kind: str = "client-secret", **facts: Any) -> Credential:
    return Credential(name, "azure", "t", owner, kind, **{"enabled": Answer.YES, "lasting": Answer.YES, **facts})


@pytest.mark.parametrize("word", ["5e5e", "app:1#5e5e", "client-secret 5e5e"])
def test_whoever_has_a_secret_of_somebody_comes_as_that_one(word: str) -> None:
    answer = owned(secret()).reached(word)
    assert (answer.principal, [path.ruling for path in answer.paths]) == (ASR, [Ruling.YES])
    assert answer.secret is not None
    assert answer.secret.says == f"acts as {ASR}"


def test_what_no_longer_opens_anything_is_said_to() -> None:
    ended = owned(secret(expires=MADE - timedelta(days=1), lasting=Answer.NO)).reached("5e5e")
    assert "it ended on 2025-12-31: it opens nothing of this any more" in written(ended, "terminal")
    assert [
        blast.objects for _, blast in owned(secret(), secret("app:2#6f", enabled=Answer.NO)).overview().secrets
    ] == [
        1,
        1,
        0,
    ]
    disabled = owned(secret(enabled=Answer.NO)).reached("5e5e")
    assert "it is disabled: as it is it opens nothing of this" in written(disabled, "terminal")


def test_a_secret_whose_owner_is_not_known_is_none_that_can_be_asked_about() -> None:
    with pytest.raises(UsageError, match="no principal is called 5e5e"):
        owned(secret(owner="")).reached("5e5e")
    with pytest.raises(UsageError, match="5e5e may be each of: client-secret 5e5e, client-secret 5e5e"):
        owned(secret(), secret("app:2#5e5e")).reached("5e5e")


def test_an_access_key_is_found_by_its_whole_id_of_which_the_end_was_kept() -> None:
    name = f"arn:aws:iam::{AWS}:user/ana/access-key/7EXAMPLE"
    questions = owned(secret(name, kind="access-key"), provider=AwsProvider())
    for word in ("AKIAIOSFODNN7EXAMPLE", "7EXAMPLE", "access-key 7EXAMPLE", name):
        assert questions.reached(word).principal == ASR
    with pytest.raises(UsageError):
        questions.reached("AKIAIOSFODNN7EXAMPLF")


def test_an_hmac_key_signs_for_what_lies_in_buckets_and_takes_no_steps() -> None:
    held = gcp.estate(
        gcp.allow(gcp.STORE, gcp.binding("roles/storage.objectViewer", gcp.ASR)),
        gcp.allow(gcp.PROJECT, gcp.binding("roles/iam.serviceAccountTokenCreator", gcp.ASR)),
        Credential(
            "projects/p/hmacKeys/GOOG1", "gcp", "p", gcp.ASR, "hmac-key", enabled=Answer.YES, lasting=Answer.YES
        ),
    )
    answer = asked(held, GcpProvider()).reached("GOOG1")
    assert answer.principal == gcp.ASR
    assert {path.length for path in answer.paths} == {0}
    assert "signs requests for what lies in stores alone" in written(answer, "terminal")


def test_every_form_tells_what_was_asked_about() -> None:
    questions = asked(estate(stored(lasts=KEEPS)))
    every: tuple[Reached, ...] = (questions.reached("calls key"), between(questions, "calls key"), questions.overview())
    for answer in every:
        told = json.loads(written(answer, "json"))
        validate(told, schema("reach-1"))
        if isinstance(answer, Overview):
            assert [one["secret"] for one in told["secrets"]] == ["calls key", "calls/corpus signature lasts"]
        else:
            assert told["secret"]["secret"] == "calls key"
            assert "calls key" in written(answer, "html")


@pytest.mark.parametrize(("facets", "told"), [(["principals"], True), (["principals", "principal.credentials"], False)])
def test_secrets_that_were_not_collected_are_not_said_to_be_none(facets: list[str], *, told: bool) -> None:
    times = Manifest({"azure": {"facets": facets}}, (), MADE, MADE, "1", {}, "0")
    questions = Questions(Asked(replace(estate(), manifest=times), Policy()), (AzureProvider(),))
    words = "secrets of identities were not collected: a policy file with access.max_credential_days"
    assert (words in written(questions.overview(), "terminal")) is told
    assert any(words in one for one in json.loads(written(questions.overview(), "json"))["scope"]["limits"]) is told
    with pytest.raises(UsageError, match="no principal is called b0b0") as unknown:
        questions.reached("b0b0")
    assert (words in str(unknown.value)) is told


SPEECH_ACCOUNT = "/subscriptions/sub-1/resourcegroups/audio/providers/microsoft.cognitiveservices/accounts/asr"


def _speech_account(**facts: Any) -> Workload:
    told: dict[str, Any] = {"principal": ASR, "keys_in_settings": Answer.YES} | facts
    return Workload(SPEECH_ACCOUNT, "azure", "sub-1", "westeurope", "service", "asr", **told)


def test_whoever_has_a_key_of_a_speech_account_reads_recordings_as_it_does() -> None:
    held = assigned(STORE, "reader", ASR)
    text = recording("raw/a.json", media=MediaClass.TRANSCRIPT, seconds=None)
    questions = asked(estate(held, _speech_account(), objects=[recording(), text]))
    for word in ("asr key", f"{SPEECH_ACCOUNT}/keys/key2", f"holder of a key of {SPEECH_ACCOUNT}"):
        (path,) = questions.reached(word).paths
        assert (path.ruling, path.media, path.nodes[-1]) == (Ruling.YES, MediaClass.SPEECH, ASR)
    assert "disableLocalAuth=true" in written(questions.reached("asr key"), "terminal")
    assert between(questions, "asr key").paths


@pytest.mark.parametrize(("takes", "found"), [(Answer.NO, []), (Answer.UNKNOWN, [Ruling.UNKNOWN])])
def test_a_key_that_a_speech_account_does_not_take_opens_nothing(takes: Answer, found: list[Ruling]) -> None:
    questions = asked(estate(assigned(STORE, "reader", ASR), _speech_account(keys_in_settings=takes)))
    assert rulings(questions, "asr key") == found


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("calls key", "az storage account keys renew --account-name calls --key primary"),
        (
            "calls/corpus signature keeps",
            "az storage container policy delete --account-name calls --container-name corpus --name keeps",
        ),
        ("secret-1", "az ad app credential delete --id app-1 --key-id secret-1"),
    ],
)
def test_an_answer_about_a_secret_ends_with_how_it_is_stopped(word: str, command: str) -> None:
    held = Credential("app:app-1#secret-1", "azure", "tenant", ASR, "client-secret", enabled=Answer.YES)
    answer = asked(estate(stored(keeps=KEEPS), held)).reached(word)
    page = io.StringIO()
    renderer("terminal").render(answer, page, ReportOptions())
    assert command in " ".join(page.getvalue().rpartition("to stop whoever has it:")[2].split())
