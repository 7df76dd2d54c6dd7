"""The stand-in answers in AWS's wire formats: what an unmodified boto3 reads is what was given."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError, UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from cloudscan_aws.demo.faults import Kind
from cloudscan_aws.demo.fresh import FRESH
from cloudscan_aws.demo.server import Endpoint
from cloudscan_aws.demo.standin import StandIn
from cloudscan_aws.demo.wire import AwsError, check, operation_model

# Operations that cloudscan asks and that a test may want to answer: those that moto lacks, and one or more of every
# protocol among those that it has.
ANSWERED = [
    *sorted(FRESH),
    ("cognito-identity", "GetIdentityPoolRoles"),
    ("connect", "ListInstances"),
    ("ec2", "DescribeRegions"),
    ("iam", "GetAccountAuthorizationDetails"),
    ("kinesisvideo", "ListStreams"),
    ("kms", "DescribeKey"),
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


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as opened:
        yield opened


def client(endpoint: Endpoint, service: str, region: str = "us-east-1", key: str = "testing") -> Any:
    config = Config(retries={"total_max_attempts": 1})
    made = boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint.url,
        aws_access_key_id=key,
        aws_secret_access_key="testing",
        config=config,
    )

    def drop_account(params: dict[str, Any], **_: Any) -> None:
        params["url"] = params["url"].replace("://123456789012.", "://", 1)

    made.meta.events.register("before-call.s3-control", drop_account)
    return made


def ask(endpoint: Endpoint, service: str, operation: str, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = getattr(client(endpoint, service), xform_name(operation))(**params)
    del answer["ResponseMetadata"]
    return answer


def refusal(endpoint: Endpoint, service: str, operation: str, **params: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        ask(endpoint, service, operation, **params)
    return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


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
        return [filled(shape.member, required_only=required_only, within=within)]
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
