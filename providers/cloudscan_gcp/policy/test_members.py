"""Whom the members of policies mean."""

from __future__ import annotations

import pytest

from cloudscan.access.conditions import ALWAYS, NEVER, Unseen
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN
from cloudscan_gcp.policy.members import Caller, anyone, anyone_signed_in, means, normal, own_members

POOL = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci"
STAFF_POOL = "//iam.googleapis.com/locations/global/workforcePools/staff"


def caller(name: str) -> Caller:
    return Caller(name, own_members(name))


@pytest.mark.parametrize(
    ("member", "who", "meant"),
    [
        ("user:ana@acme.example", "user:ana@acme.example", True),
        ("user:ANA@Acme.Example", "user:ana@acme.example", True),
        ("user:ana@acme.example", "serviceAccount:ana@acme.example", False),
        ("principal://goog/subject/ana@acme.example", "user:ana@acme.example", True),
        ("principal://goog/subject/ana%40acme.example", "user:ana@acme.example", True),
        ("principalSet://goog/group/team@acme.example", "group:team@acme.example", True),
        (
            "principal://iam.googleapis.com/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com",
            "serviceAccount:a@p.iam.gserviceaccount.com",
            True,
        ),
        ("domain:acme.example", "user:ana@acme.example", True),
        ("domain:acme.example", "user:ana@acme.example.evil", False),
        ("domain:acme.example", "serviceAccount:a@acme.example", False),
        ("domain:acme.example", "group:team@acme.example", False),
        ("allAuthenticatedUsers", "serviceAccount:a@p.iam.gserviceaccount.com", True),
        ("allAuthenticatedUsers", f"principal:{POOL}/subject/x", False),
        ("allUsers", f"principal:{POOL}/subject/x", True),
        (f"principalSet:{POOL}/*", f"principal:{POOL}/subject/x", True),
        (f"principalSet:{STAFF_POOL}/*", f"principal:{STAFF_POOL}/subject/x", True),
        (f"principalSet:{STAFF_POOL}/*", f"principal:{POOL}/subject/x", False),
        ("deleted:user:ana@acme.example?uid=1", "user:ana@acme.example", False),
        ("principalSet://goog/public:all", "user:ana@acme.example", True),
        ("", "user:ana@acme.example", False),
    ],
)
def test_who_is_meant(member: str, who: str, meant: bool) -> None:
    assert means(member, caller(who)) is (ALWAYS if meant else NEVER)


def test_anyone_is_meant_by_the_public_alone() -> None:
    one, signed = anyone(ANYONE), anyone_signed_in(ANYONE_SIGNED_IN)
    assert means("allUsers", one) is means("principalSet://goog/public:all", one) is ALWAYS
    assert means("allAuthenticatedUsers", one) is NEVER
    assert means("allAuthenticatedUsers", signed) is ALWAYS
    assert means("domain:acme.example", signed) is NEVER
    assert not one.signs
    assert signed.signs


def test_what_only_a_token_or_the_customer_knows_is_no_answer() -> None:
    build = caller(f"principal:{POOL}/subject/build")
    assert str(means(f"principalSet:{POOL}/attribute.repository/acme/asr", build)).count("attribute.repository") == 1
    assert "google.groups" in str(means(f"principalSet:{POOL}/group/ops", build))
    assert means(f"principalSet:{POOL}/odd/ops", build) is NEVER
    unread = means("principalSet://goog/cloudIdentityCustomerId/C01", caller("user:ana@acme.example"))
    assert isinstance(unread, Unseen)


def test_names_are_compared_in_one_form() -> None:
    assert normal("principal://goog/subject/Ana@Acme.example") == "user:ana@acme.example"
    assert normal("projectOwner:calls") == "projectOwner:calls"
