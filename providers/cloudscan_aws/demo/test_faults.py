"""Faults reach an unmodified boto3 as the errors that each service would answer."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import OperationNotFoundError

from cloudscan_aws.demo.faults import Kind
from cloudscan_aws.demo.server import Endpoint

Refusal = Callable[..., tuple[str, int]]

ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("s3", "ListBuckets", {}),
    ("s3control", "ListAccessPoints", {"AccountId": "123456789012"}),
    ("iam", "ListUsers", {}),
    ("sts", "GetCallerIdentity", {}),
    ("ec2", "DescribeRegions", {}),
    ("kms", "ListKeys", {}),
    ("transcribe", "ListTranscriptionJobs", {}),
    ("organizations", "ListRoots", {}),
    ("connect", "ListInstances", {}),
    ("lexv2-models", "ListBots", {}),
    ("chime-sdk-voice", "ListVoiceProfileDomains", {}),
    ("polly", "ListSpeechSynthesisTasks", {}),
    ("kinesisvideo", "ListStreams", {}),
]
# The errors of those calls, in their order.
CODES: dict[Kind, list[tuple[str, int]]] = {
    "deny": [
        ("AccessDenied", 403),
        ("AccessDenied", 403),
        ("AccessDenied", 403),
        ("AccessDenied", 403),
        ("UnauthorizedOperation", 403),
        *[("AccessDeniedException", 400)] * 3,
        *[("AccessDeniedException", 403)] * 5,
    ],
    "throttle": [
        ("SlowDown", 503),
        ("SlowDown", 503),
        ("Throttling", 400),
        ("Throttling", 400),
        ("RequestLimitExceeded", 503),
        ("ThrottlingException", 400),
        ("ThrottlingException", 400),
        ("TooManyRequestsException", 400),
        ("ThrottlingException", 429),
        ("ThrottlingException", 429),
        ("ThrottledClientException", 429),
        ("ThrottlingException", 429),
        ("ThrottlingException", 429),
    ],
    "expired-token": [
        ("ExpiredToken", 400),
        ("ExpiredToken", 400),
        ("ExpiredToken", 403),
        ("ExpiredToken", 403),
        ("RequestExpired", 400),
        *[("ExpiredTokenException", 400)] * 3,
        *[("ExpiredTokenException", 403)] * 5,
    ],
    "http-500": [
        ("InternalError", 500),
        ("InternalError", 500),
        ("InternalFailure", 500),
        ("InternalFailure", 500),
        ("InternalError", 500),
        *[("InternalFailure", 500)] * 8,
    ],
}


@pytest.mark.parametrize("kind", CODES)
def test_a_fault_raises_the_error_of_the_services_own_protocol(
    endpoint: Endpoint, kind: Kind, refusal: Refusal
) -> None:
    endpoint.faults.add(kind)
    raised = [refusal(getattr(endpoint.client(service), xform_name(name)), **params) for service, name, params in ASKED]
    assert raised == CODES[kind]
    endpoint.faults.clear()
    assert endpoint.client("kms").list_keys()["Keys"] == []


def test_a_thing_vanishes_with_the_error_of_its_operation(endpoint: Endpoint, refusal: Refusal) -> None:
    endpoint.client("s3").create_bucket(Bucket="calls")
    endpoint.faults.add("vanish", "s3", containing="calls")
    endpoint.faults.add("vanish", "kms", "DescribeKey")
    endpoint.faults.add("vanish", "iam", "GetRole")
    assert refusal(endpoint.client("s3").get_bucket_policy, Bucket="calls") == ("NoSuchBucket", 404)
    assert refusal(endpoint.client("s3").head_bucket, Bucket="calls") == ("404", 404)
    assert refusal(endpoint.client("kms").describe_key, KeyId="1") == ("NotFoundException", 400)
    assert refusal(endpoint.client("iam").get_role, RoleName="r") == ("NoSuchEntity", 404)
    assert len(endpoint.client("s3").list_buckets()["Buckets"]) == 1


def test_a_fault_that_no_service_could_answer_is_refused(endpoint: Endpoint) -> None:
    with pytest.raises(ValueError, match="no fault"):
        endpoint.faults.add("explode")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no not-found error"):
        endpoint.faults.add("vanish", "polly", "ListSpeechSynthesisTasks")
    with pytest.raises(ValueError, match="names its service"):
        endpoint.faults.add("vanish")
    with pytest.raises(OperationNotFoundError):
        endpoint.faults.add("deny", "s3", "GetBuckets")


def test_a_fault_strikes_the_first_calls_only(endpoint: Endpoint) -> None:
    endpoint.faults.add("throttle", "kms", "ListKeys", first=2)
    assert [_code_of_list_keys(endpoint) for _ in range(4)] == ["ThrottlingException"] * 2 + ["ok"] * 2


def test_a_fault_lets_the_first_calls_pass(endpoint: Endpoint) -> None:
    endpoint.faults.add("expired-token", after=2)
    assert [_code_of_list_keys(endpoint) for _ in range(4)] == ["ok"] * 2 + ["ExpiredTokenException"] * 2


def _code_of_list_keys(endpoint: Endpoint) -> str:
    try:
        endpoint.client("kms").list_keys()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "ok"


def test_a_fault_strikes_where_the_body_or_the_region_says(endpoint: Endpoint, refusal: Refusal) -> None:
    endpoint.faults.add("deny", "transcribe", containing="secret")
    endpoint.faults.add("throttle", "polly", region="eu-west-1")
    names = {"secret-calls": "AccessDeniedException", "open-calls": "BadRequestException"}
    for name, code in names.items():
        assert refusal(endpoint.client("transcribe").get_transcription_job, TranscriptionJobName=name)[0] == code
    assert endpoint.client("polly", "us-east-1").list_speech_synthesis_tasks()["SynthesisTasks"] == []
    with pytest.raises(ClientError, match="Throttling"):
        endpoint.client("polly", "eu-west-1").list_speech_synthesis_tasks()


def test_a_put_that_is_denied_reaches_neither_moto_nor_its_next_request(endpoint: Endpoint) -> None:
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket="calls")
    endpoint.faults.add("deny", "s3", "PutObject", containing="secret.wav")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket="calls", Key="secret.wav", Body=b"RIFF" * 100_000)
    s3.put_object(Bucket="calls", Key="open.wav", Body=b"RIFF" * 100_000)
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="calls")["Contents"]] == ["open.wav"]


def test_botocore_retries_a_throttled_call_by_itself(endpoint: Endpoint) -> None:
    endpoint.faults.add("throttle", "s3", "ListBuckets", first=1)
    config = Config(retries={"total_max_attempts": 2, "mode": "standard"})
    retrying = endpoint.client("s3", config=config)
    assert retrying.list_buckets()["Buckets"] == []
    assert endpoint.requests["s3:ListBuckets"] == 2
