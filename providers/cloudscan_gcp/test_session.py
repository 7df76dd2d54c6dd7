"""Every question has an answer, a Gap, or ends the collection: over HTTP, with Google's own libraries."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from cloudscan.errors import CredentialsExpired
from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Facet
from cloudscan.providing.questions import Absent, Malformed, Reply, listed, named
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.session import Asker
from cloudscan_gcp.standin import faults
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.standin.state import Asked

Projects = Callable[..., ProjectScope]
ROLES = "/v1/projects/acme-calls/roles"


def ask(asker: Asker, **more: Any) -> Reply:
    return asker.ask(
        "iam.projects.roles.list",
        named("v1/projects/{}/roles", "acme-calls"),
        facet=Facet.PRINCIPALS,
        resource="acme-calls",
        permission="iam.roles.list",
        **more,
    )


def page(asker: Asker, **more: Any) -> tuple[list[dict[str, Any]], Gap | Absent | None]:
    return asker.pages(
        "iam.projects.roles.list",
        named("v1/projects/{}/roles", "acme-calls"),
        "roles",
        facet=Facet.PRINCIPALS,
        resource="acme-calls",
        permission="iam.roles.list",
        **more,
    )


def counts(asker: Asker) -> list[tuple[str, int, int]]:
    return [(each.facet, each.asked, each.answered) for each in asker.coverage()]


def test_an_answer_is_a_payload_and_is_counted(google: Endpoint, project: Projects) -> None:
    google.answer(ROLES, {"roles": [{"name": "projects/acme-calls/roles/x"}]})
    asker = project().asker()
    assert ask(asker) == {"roles": [{"name": "projects/acme-calls/roles/x"}]}
    assert list(asker.coverage()) == [Coverage("gcp", "acme-calls", Facet.PRINCIPALS, 1, 1, 0)]


def test_what_the_caller_expected_is_no_gap(google: Endpoint, project: Projects) -> None:
    google.answer(ROLES, GoogleError(404))
    asker = project().asker()
    assert isinstance(ask(asker, absent=("404",)), Absent)
    assert counts(asker) == [(Facet.PRINCIPALS, 1, 1)]


@pytest.mark.parametrize(
    ("fault", "why", "answered"),
    [
        ("denied", Why.DENIED, 0),
        ("quota", Why.THROTTLED, 0),
        ("vanished", Why.VANISHED, 0),
        ("unavailable", Why.ERROR, 0),
        ("broken", Why.ERROR, 0),
        ("malformed", Why.MALFORMED, 0),
        ("disabled", Why.DISABLED, 0),
    ],
)
def test_whatever_else_comes_back_is_a_gap(
    google: Endpoint, project: Projects, fault: Any, why: Why, answered: int
) -> None:
    google.faults.add(fault, "iam.projects.roles.list")
    asker = project().asker()
    reply = ask(asker)
    assert isinstance(reply, Gap)
    assert (reply.why, reply.operation, reply.permission) == (why, "iam.projects.roles.list", "iam.roles.list")
    assert counts(asker) == [(Facet.PRINCIPALS, 1, answered)]


def test_a_service_that_is_not_used_has_nothing_and_names_the_command_that_turns_it_on(
    google: Endpoint, project: Projects
) -> None:
    google.faults.add("disabled", "cloudkms.*")
    asker = project().asker()
    reply = asker.ask(
        "cloudkms.projects.locations.list",
        "v1/projects/acme-calls/locations",
        facet=Facet.KEYS,
        resource="acme-calls",
        permission="cloudkms.locations.list",
    )
    assert isinstance(reply, Gap)
    command = "gcloud services enable cloudkms.googleapis.com --project=123456789012"
    assert reply.detail == f"SERVICE_DISABLED: not used: {command}"
    assert counts(asker) == [(Facet.KEYS, 1, 1)]


def test_every_project_has_identities_whether_their_service_is_on_or_not(google: Endpoint, project: Projects) -> None:
    google.faults.add("disabled", "iam.*")
    asker = project().asker()
    reply = ask(asker)
    assert isinstance(reply, Gap)
    assert reply.detail == ("SERVICE_DISABLED: off: gcloud services enable iam.googleapis.com --project=123456789012")
    assert counts(asker) == [(Facet.PRINCIPALS, 1, 0)]


def test_a_service_that_is_off_for_who_is_billed_says_nothing_of_the_project(
    google: Endpoint, project: Projects
) -> None:
    told = {"service": "iam.googleapis.com", "consumer": "projects/777"}
    google.answer(ROLES, GoogleError(403, reason="SERVICE_DISABLED", metadata=told))
    asker = project().asker()
    reply = ask(asker)
    assert isinstance(reply, Gap)
    assert "off for the project that is billed: gcloud services enable iam.googleapis.com --project=777" in reply.detail
    assert counts(asker) == [(Facet.PRINCIPALS, 1, 0)]


def test_what_is_denied_of_an_organization_is_to_be_granted_there(google: Endpoint, project: Projects) -> None:
    google.faults.add("denied", "iam.*")
    reply = ask(Asker(project().clients, "organizations/1"))
    assert isinstance(reply, Gap)
    assert reply.detail.endswith("gcloud iam roles update cloudscan --organization=1 --add-permissions=iam.roles.list")


def test_credentials_that_are_refused_stop_the_collection(google: Endpoint, project: Projects) -> None:
    google.faults.add("expired", "iam.*")
    with pytest.raises(CredentialsExpired, match="no longer valid"):
        ask(project().asker())


def test_a_free_text_of_the_cloud_is_never_kept(google: Endpoint, project: Projects) -> None:
    google.answer(ROLES, GoogleError(403, "s3cret", reason="IAM_PERMISSION_DENIED"))
    assert "s3cret" not in repr(ask(project().asker()))


def test_pages_are_one_question(google: Endpoint, project: Projects) -> None:
    google.pages(ROLES, [{"name": str(number)} for number in range(25)], largest=10)
    asker = project().asker()
    items, gap = page(asker)
    assert (len(items), gap, counts(asker)) == (25, None, [(Facet.PRINCIPALS, 1, 1)])
    assert google.requests["iam.projects.roles.list"] == 3


def test_what_came_before_a_fault_is_kept(google: Endpoint, project: Projects) -> None:
    google.pages(ROLES, [{"name": str(number)} for number in range(25)], largest=10)
    google.faults.add("denied", "iam.projects.roles.list", after=2)
    items, gap = page(project().asker())
    assert len(items) == 20
    assert isinstance(gap, Gap)


def test_a_limit_is_a_gap_of_the_users_own(google: Endpoint, project: Projects) -> None:
    google.pages(ROLES, [{"name": str(number)} for number in range(25)], largest=10)
    items, gap = page(project().asker(), limit=12)
    assert len(items) == 12
    assert isinstance(gap, Gap)
    assert gap.why is Why.LIMIT


def test_pages_that_do_not_move_on_end(google: Endpoint, project: Projects) -> None:
    google.answer(ROLES, {"roles": [{"name": "x"}], "nextPageToken": "again"})
    _, gap = page(project().asker())
    assert isinstance(gap, Gap)
    assert gap.why is Why.MALFORMED
    assert google.requests["iam.projects.roles.list"] == 2


def test_places_that_were_not_reached_are_a_gap(google: Endpoint, project: Projects) -> None:
    google.answer("/v2/projects/acme-calls/locations/-/services", {"services": [], "unreachable": ["far"]})
    items, gap = (
        project()
        .asker()
        .pages(
            "run.projects.locations.services.list",
            "v2/projects/acme-calls/locations/-/services",
            "services",
            facet=Facet.WORKLOADS,
            resource="acme-calls",
            permission="run.services.list",
        )
    )
    assert items == []
    assert isinstance(gap, Gap)
    assert gap.detail == "1 places not reached"


def test_a_throttled_request_waits_as_long_as_it_is_told(google: Endpoint, project: Projects) -> None:
    google.answer(ROLES, {})
    google.faults.add("quota", "iam.projects.roles.list", first=1, retry_after=1)
    assert ask(project(options={"deadline": "30"}).asker()) == {}
    assert google.requests["iam.projects.roles.list"] == 2


def test_a_quota_told_as_a_refusal_is_waited_for_too(google: Endpoint, project: Projects) -> None:
    times = iter([GoogleError(403, older="userRateLimitExceeded", reason="RATE_LIMIT_EXCEEDED", retry_after=0)])

    def tell(asked: Asked) -> dict[str, Any]:
        if error := next(times, None):
            raise error
        return {}

    google.answer(ROLES, tell)
    assert ask(project(options={"deadline": "30"}).asker()) == {}


def test_names_are_one_segment_of_a_path_whatever_they_hold() -> None:
    assert named("v1/b/{}/o/{}", "x", "../a b?c#d/ü") == "v1/b/x/o/..%2Fa%20b%3Fc%23d%2F%C3%BC"


@pytest.mark.parametrize("items", ["x", {"a": 1}, [1], [None]])
def test_items_that_are_no_list_of_objects_make_no_sense(items: object) -> None:
    with pytest.raises(Malformed):
        listed({"items": items}, "items")


def test_pages_that_go_round_end(google: Endpoint, project: Projects) -> None:
    turns = itertools.cycle("xyz")
    google.answer(ROLES, lambda _: {"roles": [{"name": "x"}], "nextPageToken": next(turns)})
    items, gap = page(project().asker(), limit=50)
    assert isinstance(gap, Gap)
    assert (gap.why, len(items)) == (Why.MALFORMED, 4)


def test_an_error_that_is_sent_as_a_success_is_no_empty_list(
    google: Endpoint, project: Projects, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Google leaves a list out that is empty, so that it would look like one."""
    monkeypatch.setattr(faults, "MALFORMED", b'{"error": {"code": 503, "status": "UNAVAILABLE"}}')
    google.faults.add("malformed", "iam.projects.roles.list")
    items, end = page(project().asker())
    assert items == []
    assert isinstance(end, Gap)
    assert (end.why, end.detail) == (Why.MALFORMED, "an error in place of an answer")


DEEP = [b"[" * 100_000, b'{"roles":' + b"[" * 500 + b"]" * 500 + b"}", b'{"error":' * 100_000]


@pytest.mark.parametrize("body", DEEP)
def test_an_answer_that_is_nested_too_deep_is_none(
    google: Endpoint, project: Projects, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr(faults, "MALFORMED", body)
    google.faults.add("malformed", "iam.projects.roles.list")
    asker = project().asker()
    _, end = page(asker)
    for gap in (end, ask(asker)):
        assert isinstance(gap, Gap)
        assert (gap.why, gap.detail) == (Why.MALFORMED, "nested too deep")


@pytest.mark.parametrize(
    "location", ["evil.example/", "evil.example\\", "evil.example#", "a@evil.example", "europe west1"]
)
def test_a_location_that_is_no_word_is_not_asked(google: Endpoint, project: Projects, location: str) -> None:
    """A token goes to the host that is called like it."""
    asker = project().asker()
    _, end = page(asker, location=location)
    assert isinstance(end, Gap)
    assert end.why is Why.MALFORMED
    assert "iam.projects.roles.list" not in google.requests
