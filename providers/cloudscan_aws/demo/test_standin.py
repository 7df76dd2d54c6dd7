"""The stand-in answers in AWS's wire formats: what an unmodified boto3 reads is what was given."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ParamValidationError, UnknownServiceError
from botocore.model import OperationNotFoundError
from werkzeug.test import Client

from cloudscan_aws.demo.fresh import FRESH
from cloudscan_aws.demo.server import Endpoint, _Moto
from cloudscan_aws.demo.wire import AwsError, check, operation_model

Refusal = Callable[..., tuple[str, int]]
# Operations that cloudscan asks and that a test may want to answer: those that moto lacks, and one or more
# of every protocol among those that it has.
ANSWERED = [
    *sorted(FRESH),
    ("cognito-identity", "GetIdentityPoolRoles"),
    ("connect", "ListInstances"),
    ("ec2", "DescribeRegions"),
    ("iam", "GetAccountAuthorizationDetails"),
    ("kinesisvideo", "ListStreams"),
    ("kms", "DescribeKey"),
    ("lexv2-models", "DescribeBotAlias"),
    ("lexv2-models", "ListBotAliases"),
    ("lexv2-models", "ListBots"),
    ("organizations", "ListPolicies"),
    ("s3", "GetBucketAcl"),
    ("s3", "GetBucketLifecycleConfiguration"),
    ("s3", "GetBucketVersioning"),
    ("s3", "ListBuckets"),
    ("s3", "ListObjectVersions"),
    ("s3control", "GetAccessPointPolicy"),
    ("s3control", "GetPublicAccessBlock"),
    ("s3control", "ListAccessPoints"),
    ("sts", "GetCallerIdentity"),
    ("transcribe", "GetTranscriptionJob"),
    ("transcribe", "ListTranscriptionJobs"),
]
HOSTILE = "a <b>&amp; 'c' \"d\" é \u202e ="


def ask(endpoint: Endpoint, service: str, operation: str, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = method(endpoint, service, operation)(**params)
    del answer["ResponseMetadata"]
    return answer


def method(endpoint: Endpoint, service: str, operation: str) -> Any:
    return getattr(endpoint.client(service), xform_name(operation))


def filled(shape: Any, *, required_only: bool = False, within: tuple[str, ...] = ()) -> Any:
    """A value for every member that the shape has, down to where it repeats itself."""
    if shape.type_name == "structure":
        names = shape.required_members if required_only else list(shape.members)
        names = names[:1] if getattr(shape, "is_tagged_union", False) else names
        return {
            name: filled(shape.members[name], required_only=required_only, within=(*within, shape.name))
            for name in names
            if shape.members[name].name not in within
        }
    if shape.type_name == "list":
        member = filled(shape.member, required_only=required_only, within=within)
        return [member] * max(1, shape.metadata.get("min", 0))
    if shape.type_name == "map":
        return {filled(shape.key): filled(shape.value, required_only=required_only, within=within)}
    if shape.type_name == "string":
        text = HOSTILE if not required_only else "123456789012"
        return shape.enum[0] if shape.enum else text.ljust(shape.metadata.get("min", 0), "x")
    scalars = {"boolean": True, "timestamp": datetime(2024, 2, 29, 12, 30, 15, tzinfo=UTC), "blob": b"\0\xff"}
    numbers = {"integer": 7, "long": 2**40, "float": 0.5, "double": 0.25}
    return scalars.get(shape.type_name, max(numbers.get(shape.type_name, 0), shape.metadata.get("min", 0)))


def required(service: str, operation: str) -> dict[str, Any]:
    shape = operation_model(service, operation).input_shape
    params: dict[str, Any] = filled(shape, required_only=True) if shape else {}
    return params


@pytest.mark.parametrize(("service", "operation"), ANSWERED)
def test_every_member_of_an_answer_comes_back_through_boto3(endpoint: Endpoint, service: str, operation: str) -> None:
    payload = filled(operation_model(service, operation).output_shape)
    endpoint.answer(service, operation, payload)
    assert ask(endpoint, service, operation, **required(service, operation)) == payload
    assert endpoint.requests == {f"{service}:{operation}": 1}
    assert endpoint.crashes == []


@pytest.mark.parametrize(("service", "operation"), sorted(FRESH))
def test_an_account_with_nothing_answers_what_botocore_allows(
    endpoint: Endpoint, service: str, operation: str, refusal: Refusal
) -> None:
    expected = FRESH[service, operation]
    params = required(service, operation)
    if isinstance(expected, AwsError):
        assert refusal(method(endpoint, service, operation), **params) == (expected.code, expected.status)
        assert expected.code in {shape.error_code for shape in operation_model(service, operation).error_shapes}
    else:
        check(service, operation, expected)
        assert ask(endpoint, service, operation, **params) == expected


@pytest.mark.parametrize(("service", "operation"), sorted(FRESH))
def test_the_fresh_account_stands_in_only_where_moto_lacks_the_operation(service: str, operation: str) -> None:
    caught: list[str] = []

    def send_to_bare_moto(request: Any, **_: Any) -> None:
        body = request.body or b""
        try:
            page = Client(_Moto()).open(request.url, method=request.method, headers=dict(request.headers), data=body)
        except NotImplementedError:
            caught.append("lacking")
        else:
            caught.append("lacking" if page.status_code == 404 and not page.is_json else page.text)
            page.close()
        raise ConnectionAbortedError

    with Endpoint() as endpoint:
        asking = endpoint.client(service)
        asking.meta.events.register("before-send", send_to_bare_moto)
        with pytest.raises(ConnectionAbortedError):
            getattr(asking, xform_name(operation))(**required(service, operation))
    assert caught == ["lacking"]


def test_a_function_answers_page_by_page(endpoint: Endpoint) -> None:
    names = [f"job-{number}" for number in range(7)]
    asked: list[Mapping[str, Any]] = []

    def page(params: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(params)
        start = int(params.get("NextToken", "0"))
        stop = start + params["MaxResults"]
        answer: dict[str, Any] = {
            "CallAnalyticsJobSummaries": [{"CallAnalyticsJobName": name} for name in names[start:stop]]
        }
        return {**answer, "NextToken": str(stop)} if stop < len(names) else answer

    endpoint.answer("transcribe", "ListCallAnalyticsJobs", page)
    asking = endpoint.client("transcribe")
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = asking.list_call_analytics_jobs(MaxResults=3, Status="COMPLETED", **token)
        found += [job["CallAnalyticsJobName"] for job in answer["CallAnalyticsJobSummaries"]]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert found == names
    assert asked[0] == {"MaxResults": 3, "Status": "COMPLETED"}
    assert asked[1] == {"MaxResults": 3, "Status": "COMPLETED", "NextToken": "3"}


@pytest.mark.parametrize(
    ("service", "operation", "sent"),
    [
        ("connect", "ListInstanceStorageConfigs", {"InstanceId": "i-1", "ResourceType": "CALL_RECORDINGS"}),
        ("lexv2-models", "DescribeBotAlias", {"botId": "B123456789", "botAliasId": "A123456789"}),
        ("chime-sdk-voice", "ListVoiceProfileDomains", {"MaxResults": 5, "NextToken": "a/b c"}),
        ("iam", "GetAccountAuthorizationDetails", {"Filter": ["User", "Role"], "Marker": "m&m"}),
        ("ec2", "DescribeRegions", {"Filters": [{"Name": "region-name", "Values": ["eu-west-1", "é"]}]}),
        ("s3control", "GetAccessPointPolicy", {"AccountId": "123456789012", "Name": "calls"}),
        ("s3", "GetBucketVersioning", {"Bucket": "calls"}),
        ("organizations", "DescribeEffectivePolicy", {"PolicyType": "AISERVICES_OPT_OUT_POLICY"}),
        ("cognito-identity", "GetIdentityPoolRoles", {"IdentityPoolId": "us-east-1:1"}),
    ],
)
def test_a_function_gets_the_parameters_as_boto3_names_them(
    endpoint: Endpoint, service: str, operation: str, sent: dict[str, Any]
) -> None:
    got: list[Mapping[str, Any]] = []

    def remember(params: Mapping[str, Any]) -> dict[str, Any]:
        got.append(params)
        return {}

    endpoint.answer(service, operation, remember)
    ask(endpoint, service, operation, **sent)
    assert got == [sent]


def test_keys_that_moto_cannot_hold_come_as_an_answer(endpoint: Endpoint) -> None:
    keys = ["line\nbreak.wav", "bell\x07.wav", "tab\t+plus.wav"]
    payload = {"Name": "calls", "EncodingType": "url", "Contents": [{"Key": quote(key)} for key in keys]}
    endpoint.answer("s3", "ListObjectsV2", payload)
    listed = endpoint.client("s3").list_objects_v2(Bucket="calls")["Contents"]
    assert [row["Key"] for row in listed] == keys


def test_a_function_may_refuse(endpoint: Endpoint) -> None:
    def refuse(params: Mapping[str, Any]) -> dict[str, Any]:
        raise AwsError("BadRequestException", f"No job {params['CallAnalyticsJobName']} <&>.", status=400)

    endpoint.answer("transcribe", "GetCallAnalyticsJob", refuse)
    with pytest.raises(endpoint.client("transcribe").exceptions.BadRequestException, match=r"No job x <&>\."):
        ask(endpoint, "transcribe", "GetCallAnalyticsJob", CallAnalyticsJobName="x")


def test_the_latest_answer_for_the_region_and_the_account_wins(endpoint: Endpoint) -> None:
    role = {"RoleArn": "arn:aws:iam::222222222222:role/scan", "RoleSessionName": "scan"}
    issued = endpoint.client("sts").assume_role(**role)["Credentials"]
    member = {
        "aws_access_key_id": issued["AccessKeyId"],
        "aws_secret_access_key": issued["SecretAccessKey"],
        "aws_session_token": issued["SessionToken"],
    }

    def domains(region: str, **credentials: str) -> list[str]:
        answer = endpoint.client("chime-sdk-voice", region, **credentials).list_voice_profile_domains()
        return [domain["Name"] for domain in answer["VoiceProfileDomains"]]

    def register(name: str, **where: str) -> None:
        payload = {"VoiceProfileDomains": [{"Name": name}]}
        endpoint.answer("chime-sdk-voice", "ListVoiceProfileDomains", payload, **where)

    register("everywhere")
    register("west", region="us-west-2")
    register("member", account="222222222222")
    assert domains("us-east-1") == ["everywhere"]
    assert domains("us-west-2") == ["west"]
    assert domains("us-east-1", **member) == domains("us-west-2", **member) == ["member"]


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        ({"VocabularyFilters": [], "Vocabularys": []}, "Vocabularys"),
        ({"VocabularyFilters": "none"}, "Invalid type"),
        ({"VocabularyFilters": [{"LanguageCode": "klingon"}]}, "'klingon' is none of"),
    ],
)
def test_an_answer_that_aws_could_not_give_is_refused(
    endpoint: Endpoint, payload: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ParamValidationError, match=complaint):
        endpoint.answer("transcribe", "ListVocabularyFilters", payload)
    assert ask(endpoint, "transcribe", "ListVocabularyFilters") == {"VocabularyFilters": []}


def test_a_missing_required_member_is_refused(endpoint: Endpoint) -> None:
    with pytest.raises(ParamValidationError, match="SamplingInterval"):
        endpoint.answer("kinesisvideo", "DescribeImageGenerationConfiguration", {"ImageGenerationConfiguration": {}})


def test_names_that_botocore_does_not_know_are_refused(endpoint: Endpoint) -> None:
    with pytest.raises(UnknownServiceError):
        endpoint.answer("speech", "ListJobs", {})
    with pytest.raises(OperationNotFoundError):
        endpoint.patch("transcribe", "ListJobs", lambda params, payload: payload)
    with pytest.raises(ValueError, match="answers a stream"):
        endpoint.patch("s3", "GetObject", lambda params, payload: payload)


def test_a_wrong_answer_of_a_function_is_a_crash_that_is_kept(refusal: Refusal) -> None:
    with Endpoint() as endpoint:
        endpoint.answer("polly", "ListSpeechSynthesisTasks", lambda params: {"Tasks": []})
        assert refusal(method(endpoint, "polly", "ListSpeechSynthesisTasks")) == ("500", 500)
    assert len(endpoint.crashes) == 1
    assert 'Unknown parameter in input: "Tasks"' in endpoint.crashes[0]


def test_patches_change_motos_answer_one_after_the_other(endpoint: Endpoint) -> None:
    def labelled(label: str) -> Any:
        def change(params: Mapping[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
            rules = [{**rule, "ID": rule["ID"] + label + params["Bucket"]} for rule in payload["Rules"]]
            return {**payload, "Rules": rules}

        return change

    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket="calls")
    rule = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 3}}
    s3.put_bucket_lifecycle_configuration(Bucket="calls", LifecycleConfiguration={"Rules": [rule]})
    endpoint.patch("s3", "GetBucketLifecycleConfiguration", labelled(" 1 "))
    endpoint.patch("s3", "GetBucketLifecycleConfiguration", labelled(" 2 "))
    answer = s3.get_bucket_lifecycle_configuration(Bucket="calls")
    assert answer["Rules"] == [{**rule, "ID": "a 1 calls 2 calls"}]


def test_an_error_is_not_patched(endpoint: Endpoint, refusal: Refusal) -> None:
    endpoint.patch("s3", "GetBucketPolicy", lambda params, payload: {"Policy": "{}"})
    endpoint.client("s3").create_bucket(Bucket="calls")
    assert refusal(method(endpoint, "s3", "GetBucketPolicy"), Bucket="calls") == ("NoSuchBucketPolicy", 404)


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("transcribe", "ListTagsForResource", "UnknownOperationException", 400),
        ("accessanalyzer", "ListAnalyzers", "UnknownOperationException", 404),
        ("account", "GetContactInformation", "UnknownOperationException", 404),
        ("chime-sdk-voice", "ListSipRules", "UnknownOperationException", 404),
        ("iam", "SimulatePrincipalPolicy", "InvalidAction", 400),
        ("ec2", "DescribeAwsNetworkPerformanceMetricSubscriptions", "InvalidAction", 400),
        ("s3control", "ListAccessGrantsInstances", "NotImplemented", 501),
    ],
)
def test_an_operation_that_nobody_knows_is_refused_as_aws_refuses_one(
    service: str, operation: str, code: str, status: int, capfd: pytest.CaptureFixture[str], refusal: Refusal
) -> None:
    with Endpoint() as endpoint:
        asking = endpoint.client(service, config=Config(retries={"total_max_attempts": 3, "mode": "standard"}))
        call = getattr(asking, xform_name(operation))
        assert refusal(call, **required(service, operation)) == (code, status)
        assert endpoint.requests == {f"{service}:{operation}": 1}  # botocore does not try again
    assert endpoint.crashes == []
    assert capfd.readouterr() == ("", "")
