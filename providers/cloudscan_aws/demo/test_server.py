"""The endpoint starts, stops, and keeps what AWS would keep; all over HTTP with an unmodified boto3."""

import gc
import socket
import threading
import time
from collections.abc import Callable

import pytest
import urllib3
from botocore import UNSIGNED
from botocore.config import Config

from cloudscan_aws.demo.server import Endpoint

Refusal = Callable[..., tuple[str, int]]
ACCOUNT = "123456789012"


def test_the_endpoint_leaves_no_thread_no_socket_and_no_line(
    capfd: pytest.CaptureFixture[str], refusal: Refusal
) -> None:
    before = threading.enumerate()
    with Endpoint() as endpoint:
        s3 = endpoint.client("s3")
        s3.create_bucket(Bucket="calls")
        s3.put_object(Bucket="calls", Key="large.wav", Body=b"RIFF" * 5_000_000)
        assert refusal(s3.get_bucket_policy, Bucket="calls") == ("NoSuchBucketPolicy", 404)
        idle = socket.create_connection(("127.0.0.1", int(endpoint.url.rpartition(":")[2])))
        half = socket.create_connection(("127.0.0.1", int(endpoint.url.rpartition(":")[2])))
        half.sendall(b"PUT /calls/half HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhal")
        time.sleep(0.05)
        leaving = time.monotonic()
    assert time.monotonic() - leaving < 1
    assert threading.enumerate() == before
    assert idle.recv(1) == b""
    idle.close()
    half.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(endpoint.url.rpartition(":")[2])))
    gc.collect()
    assert capfd.readouterr() == ("", "")


def test_state_is_fresh_on_entry() -> None:
    for _ in range(2):
        with Endpoint() as endpoint:
            s3, iam = endpoint.client("s3"), endpoint.client("iam")
            assert s3.list_buckets()["Buckets"] == []
            assert iam.list_users()["Users"] == []
            s3.create_bucket(Bucket="calls")
            iam.create_user(UserName="ana")


def test_a_second_endpoint_is_refused_while_one_is_open(endpoint: Endpoint) -> None:
    with pytest.raises(RuntimeError, match="another endpoint is open"), Endpoint():
        pass
    assert endpoint.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_a_port_that_is_taken_is_an_error_and_leaves_the_next_endpoint_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(OSError, match="in use"), Endpoint(taken.getsockname()[1]):
            pass
        with Endpoint() as endpoint:
            assert endpoint.client("s3").list_buckets()["Buckets"] == []


def test_requests_are_counted_by_operation_whoever_asks(endpoint: Endpoint, refusal: Refusal) -> None:
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket="calls")
    s3.put_object(Bucket="calls", Key="a/b.wav", Body=b"RIFF")
    s3.list_objects_v2(Bucket="calls")
    anonymous = endpoint.client("s3", config=Config(signature_version=UNSIGNED))
    assert refusal(anonymous.get_object, Bucket="calls", Key="a/b.wav") == ("403", 403)
    signed = s3.generate_presigned_url("get_object", Params={"Bucket": "calls", "Key": "a/b.wav"})
    answer = urllib3.request("GET", signed)
    assert answer.data == b"RIFF"
    endpoint.client("ec2").describe_regions()
    assert endpoint.requests == {
        "s3:CreateBucket": 1,
        "s3:PutObject": 1,
        "s3:ListObjectsV2": 1,
        "s3:GetObject": 2,
        "ec2:DescribeRegions": 1,
    }


def test_hostile_keys_reach_moto_and_come_back(endpoint: Endpoint) -> None:
    keys = ["=cmd()", "a b+c%20d", "é\u202egpj.wav", "<b>&amp;", "folder/", "//x", "q?versions&acl"]
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket="calls")
    for key in keys:
        s3.put_object(Bucket="calls", Key=key, Body=key.encode())
    assert sorted(row["Key"] for row in s3.list_objects_v2(Bucket="calls")["Contents"]) == sorted(keys)
    for key in keys:
        assert s3.get_object(Bucket="calls", Key=key)["Body"].read() == key.encode()
    assert endpoint.requests["s3:PutObject"] == endpoint.requests["s3:GetObject"] == len(keys)


def test_s3_control_reaches_moto_once_the_account_is_off_the_host_name(endpoint: Endpoint, refusal: Refusal) -> None:
    control = endpoint.client("s3control")
    assert refusal(control.get_public_access_block, AccountId=ACCOUNT) == ("NoSuchPublicAccessBlockConfiguration", 404)
    flags = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=flags)
    assert control.get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"] == flags
    endpoint.client("s3").create_bucket(Bucket="calls")
    control.create_access_point(AccountId=ACCOUNT, Name="partner", Bucket="calls")
    control.put_access_point_policy(AccountId=ACCOUNT, Name="partner", Policy='{"Statement": []}')
    assert [row["Name"] for row in control.list_access_points(AccountId=ACCOUNT)["AccessPointList"]] == ["partner"]
    policy = control.get_access_point_policy(AccountId=ACCOUNT, Name="partner")["Policy"]
    assert policy == '{"Statement": []}'
