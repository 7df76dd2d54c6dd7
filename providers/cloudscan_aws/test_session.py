"""Asking AWS: answers, facts, gaps, pace and counts."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cloudscan.errors import CredentialsExpired
from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Facet, Scope
from cloudscan.providing.questions import Absent, Pace
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.codes import partition_of, why_of
from cloudscan_aws.demo.server import Endpoint
from cloudscan_aws.discovery import Session
from cloudscan_aws.session import Asker

REGION = "eu-central-1"
OWN = "123456789012"

Accounts = Callable[..., AccountScope]
Scopes = Callable[..., Scope]


@pytest.fixture
def asker(account: Accounts) -> Asker:
    made: Asker = account(Facet.KEYS).asker(REGION)
    return made


def ask(asker: Asker, **given: Any) -> Any:
    return asker.ask("kms", "list_keys", facet=Facet.KEYS, resource=OWN, **given)


def test_answer_is_the_payload(asker: Asker) -> None:
    assert ask(asker)["Keys"] == []
    assert list(asker.coverage()) == [Coverage("aws", OWN, Facet.KEYS, asked=1, answered=1)]


def test_expected_error_is_a_fact(endpoint: Endpoint, asker: Asker) -> None:
    endpoint.faults.add("deny", "kms")
    reply = ask(asker, absent=("AccessDeniedException",))
    assert isinstance(reply, Absent)
    assert reply.code == "AccessDeniedException"
    assert list(asker.coverage()) == [Coverage("aws", OWN, Facet.KEYS, asked=1, answered=1)]


def test_gap_names_operation_and_permission_as_aws_writes_them(endpoint: Endpoint, asker: Asker) -> None:
    endpoint.faults.add("deny")
    assert ask(asker) == Gap(
        "aws", OWN, REGION, Facet.KEYS, OWN, Why.DENIED, "kms:ListKeys", "AccessDeniedException", "kms:ListKeys"
    )
    bots = asker.ask("lexv2-models", "list_bots", facet=Facet.JOBS, resource=OWN)
    assert isinstance(bots, Gap)
    assert (bots.operation, bots.permission) == ("lexv2-models:ListBots", "lex:ListBots")
    providers = asker.ask("iam", "list_open_id_connect_providers", facet=Facet.FEDERATIONS, resource=OWN)
    assert isinstance(providers, Gap)
    assert providers.permission == "iam:ListOpenIDConnectProviders"


def test_gap_holds_the_code_and_no_free_text(endpoint: Endpoint, asker: Asker) -> None:
    endpoint.faults.add("throttle", "kms")
    reply = ask(asker)
    assert (reply.why, reply.detail) == (Why.THROTTLED, "ThrottlingException")


def test_server_that_cannot_be_reached_is_a_gap(
    scope: Scopes, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session.open(scope())
    endpoint.__exit__(None, None, None)
    reply = ask(Asker(session.clients, REGION))
    assert (reply.why, reply.detail) == (Why.ERROR, "EndpointConnectionError")


def test_end_of_credentials_stops_everything(endpoint: Endpoint, asker: Asker) -> None:
    endpoint.faults.add("expired-token", "kms")
    with pytest.raises(CredentialsExpired):
        ask(asker)


def test_list_that_breaks_off_keeps_its_pages(endpoint: Endpoint, asker: Asker) -> None:
    def page(params: Any) -> dict[str, Any]:
        return {"Keys": [{"KeyId": params.get("Marker", "first")}], "Truncated": True, "NextMarker": "second"}

    endpoint.answer("kms", "ListKeys", page)
    endpoint.faults.add("throttle", "kms", "ListKeys", after=1)
    items, ended = asker.pages("kms", "list_keys", "Keys", facet=Facet.KEYS, resource=OWN)
    assert items == [{"KeyId": "first"}]
    assert isinstance(ended, Gap)
    assert list(asker.coverage()) == [Coverage("aws", OWN, Facet.KEYS, asked=1, answered=0)]


def test_stream_that_breaks_off_ends_in_a_gap(asker: Asker) -> None:
    def pages() -> Iterator[int]:
        yield 1
        raise ClientError({"Error": {"Code": "SlowDown"}}, "ListThings")

    items = list(asker.stream(pages(), facet=Facet.KEYS, resource=OWN, operation="kms:list_keys"))
    assert items[0] == 1
    assert [item.why for item in items if isinstance(item, Gap)] == [Why.THROTTLED]


def test_requests_are_counted_with_their_retries(endpoint: Endpoint, account: Accounts) -> None:
    made = account(Facet.KEYS, options={"max-attempts": 2})
    endpoint.faults.add("http-500", "kms", first=1)
    assert ask(made.asker(REGION))["Keys"] == []
    assert made.clients.sent["kms:ListKeys"] == 2


def test_clients_are_shared_while_in_use_and_let_go_afterwards(account: Accounts) -> None:
    clients = account(Facet.KEYS).clients
    first = clients.client("kms", REGION)
    assert clients.client("kms", REGION) is first
    gone = weakref.ref(first)
    del first
    for number in range(70):
        clients.client("sts", f"xx-test-{number}")
    gc.collect()
    assert gone() is None


def test_pace_holds_requests_apart() -> None:
    pace, began = Pace(50), time.monotonic()
    for _ in range(6):
        pace.wait()
    assert time.monotonic() - began >= 0.1


def test_no_pace_holds_nothing() -> None:
    began = time.monotonic()
    for _ in range(1000):
        Pace(None).wait()
    assert time.monotonic() - began < 0.5


def test_credentials_under_a_role_are_renewed_before_they_end(endpoint: Endpoint, scope: Scopes) -> None:
    def assume(_: Any) -> dict[str, Any]:
        ends = datetime.now(UTC) + timedelta(minutes=5)
        keys = dict.fromkeys(("AccessKeyId", "SecretAccessKey", "SessionToken"), "x" * 20)
        return {"Credentials": keys | {"Expiration": ends}}

    endpoint.answer("sts", "AssumeRole", assume)
    clients, noticed = Session.open(scope(options={"role-name": "scan"})).enter("222222222222")
    assert clients is not None
    assert noticed
    ask(Asker(clients, REGION))
    ask(Asker(clients, REGION))
    assert endpoint.requests["sts:AssumeRole"] >= 2


@pytest.mark.parametrize(
    ("code", "status", "why"),
    [
        ("AccessDenied", 403, Why.DENIED),
        ("SomethingNew", 403, Why.DENIED),
        ("SlowDown", 503, Why.THROTTLED),
        ("503", 503, Why.THROTTLED),
        ("", 429, Why.THROTTLED),
        ("ExpiredToken", 400, Why.EXPIRED),
        ("OptInRequired", 403, Why.DISABLED),
        ("AuthFailure", 401, Why.DISABLED),
        ("NoSuchBucket", 404, Why.VANISHED),
        ("InvalidObjectState", 403, Why.UNSUPPORTED),
        ("NotImplemented", 501, Why.UNSUPPORTED),
        ("InternalError", 500, Why.ERROR),
        ("", 0, Why.ERROR),
    ],
)
def test_errors_are_sorted_by_code_then_by_status(code: str, status: int, why: Why) -> None:
    assert why_of(code, status) is why


def test_regions_lie_in_partitions() -> None:
    regions = ("eu-central-1", "cn-north-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1")
    assert [partition_of(region) for region in regions] == ["aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc"]


def test_services_are_skipped_only_where_aws_is_known_not_to_offer_them(
    endpoint: Endpoint, scope: Scopes, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session.open(scope())
    assert session.clients.offered("connect", "eu-north-1")
    public = session.clients.__class__(
        session.clients.session, OWN, Scope(facets=frozenset(), options={}), session.limits
    )
    assert public.offered("connect", "eu-central-1")
    assert not public.offered("connect", "eu-north-1")
    assert public.offered("connect", "xx-future-1")
