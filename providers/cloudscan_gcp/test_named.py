from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cloudscan.errors import CredentialsExpired
from cloudscan.model import AclGrant, Gap, MediaObject, PolicyDocument, Principal, Store, Why
from cloudscan.provider import Collected, Facet, ObjectRows, Scope, Unit
from cloudscan_gcp.clients import Clients
from cloudscan_gcp.discovery import Session
from cloudscan_gcp.named import Named
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.standin.state import Asked
from cloudscan_gcp.test_hierarchy import of

VIEWER = {"name": "roles/storage.objectViewer", "includedPermissions": ["storage.objects.get"]}
LOOKUP = "/v1/groups:lookup"


@pytest.fixture
def told(scope: Callable[..., Scope]) -> Callable[..., Named]:
    def make(*facets: Facet) -> Named:
        asked = scope(*(facets or (Facet.POLICY, Facet.PRINCIPALS)))
        clients: Clients = Session.open(asked).clients
        return Named(clients, asked, {"projects/acme-calls", "organizations/1"})

    return make


def policy(kind: str, **document: Any) -> PolicyDocument:
    return PolicyDocument(f"{kind}#iam", "gcp", "acme-calls", kind, (), json.dumps(document))


def bound(role: str, *members: str) -> PolicyDocument:
    return policy("hierarchy", bindings=[{"role": role, "members": list(members or ("user:ana@acme.example",))}])


def run(named: Named, *items: Collected) -> list[Collected]:
    """What a unit yields beside its own items."""
    unit = named.added(Unit("k", "l", lambda: items))
    return [item for item in unit.run() if item not in items]


def group(google: Endpoint, address: str, number: str, *members: tuple[str, str]) -> None:
    asked: dict[str, Any] = {"groupKey.id": address}
    google.answer(LOOKUP, {"name": f"groups/{number}"}, **asked)
    entries = [{"preferredMemberKey": {"id": key}, "type": kind} for kind, key in members]
    google.pages(f"/v1/groups/{number}/memberships", entries, view="FULL", largest=1)


def ids(items: Iterable[Collected], kind: type) -> list[str]:
    return [item.id for item in of(items, kind)]


def test_a_role_is_asked_for_once_whoever_names_it(google: Endpoint, told: Callable[..., Named]) -> None:
    google.answer("/v1/roles/storage.objectViewer", VIEWER)
    named = told()
    units = [named.added(Unit(str(each), "", lambda: [bound("roles/storage.objectViewer")])) for each in range(20)]
    with ThreadPoolExecutor(8) as pool:
        items = [item for unit in pool.map(lambda unit: list(unit.run()), units) for item in unit]
    (role,) = [one for one in of(items, PolicyDocument) if one.kind == "role"]
    assert (role.id, role.attached_to, json.loads(role.document)) == (VIEWER["name"], (), VIEWER)
    assert google.requests == Counter({"token": 1, "iam.roles.get": 1})


def test_roles_that_are_listed_are_not_asked_for_and_those_of_elsewhere_are(
    google: Endpoint, told: Callable[..., Named]
) -> None:
    google.answer("/v1/projects/other/roles/x", {"name": "projects/other/roles/x"})
    items = run(
        told(),
        bound("projects/acme-calls/roles/a"),
        bound("organizations/1/roles/b"),
        bound("projects/other/roles/x"),
    )
    assert ids(items, PolicyDocument) == ["projects/other/roles/x"]


def test_a_role_that_may_not_be_read_or_has_no_name_is_a_gap(google: Endpoint, told: Callable[..., Named]) -> None:
    google.faults.add("denied", "iam.organizations.roles.get")
    items = run(told(), bound("organizations/2/roles/x"), bound("roles/../../secret"))
    assert [(gap.resource, gap.why, gap.permission) for gap in of(items, Gap)] == [
        ("organizations/2/roles/x", Why.DENIED, "iam.roles.get"),
        ("roles/../../secret", Why.MALFORMED, None),
    ]
    assert google.requests["iam.organizations.roles.get"] == 1


def test_deny_policies_and_roles_name_no_roles_and_other_facets_ask_nothing(
    google: Endpoint, told: Callable[..., Named]
) -> None:
    run(told(Facet.STORES), bound("roles/viewer", "group:a@acme.example"))
    run(told(), policy("role", bindings=[{"role": "roles/viewer"}]), policy("deny", rules=[]))
    assert google.requests == Counter({"token": 2})


def test_groups_tell_who_is_in_them_and_groups_in_them_are_asked_for_too(
    google: Endpoint, told: Callable[..., Named]
) -> None:
    group(google, "a@acme.example", "01", ("USER", "Ana@acme.example"), ("GROUP", "b@acme.example"))
    group(
        google,
        "b@acme.example",
        "02",
        ("SERVICE_ACCOUNT", "bot@x.iam.gserviceaccount.com"),
        ("GROUP", "a@acme.example"),
        ("CHROME_OS_DEVICE", "9"),
    )
    named = told()
    items = run(named, bound("projects/acme-calls/roles/a", "group:A@acme.example", "user:cara@acme.example"))
    first, second = of(items, Principal)
    assert first == Principal(
        id="group:a@acme.example",
        provider="gcp",
        account="",
        kind="group",
        name="a@acme.example",
        unique_id="01",
        members=("group:b@acme.example", "user:ana@acme.example"),
    )
    assert (second.id, second.members) == (
        "group:b@acme.example",
        ("group:a@acme.example", "serviceAccount:bot@x.iam.gserviceaccount.com"),
    )
    assert of(items, Gap) == []
    assert of(run(named, bound("projects/acme-calls/roles/a", "group:b@acme.example")), Principal) == []


def test_many_groups_are_told_in_order_and_credentials_that_end_meanwhile_stop_it(
    google: Endpoint, told: Callable[..., Named]
) -> None:
    names = [f"{number:03}@acme.example" for number in range(60)]
    for number, name in enumerate(names):
        group(google, name, str(number))
    policies = bound("projects/acme-calls/roles/a", *(f"group:{name}" for name in names))
    assert ids(run(told(), policies), Principal) == [f"group:{name}" for name in names]
    google.faults.add("expired", "cloudidentity.*", after=30)
    with pytest.raises(CredentialsExpired):
        run(told(), policies)


def test_groups_of_deny_policies_and_of_lists_are_asked_for(google: Endpoint, told: Callable[..., Named]) -> None:
    for number, name in enumerate("abc"):
        group(google, f"{name}@acme.example", str(number))
    rule = {
        "deniedPrincipals": ["principalSet://goog/group/a@acme.example"],
        "exceptionPrincipals": ["principalSet://goog/group/b@acme.example"],
    }
    store = Store("gs://x", "gcp", "acme-calls", "eu", "x", acl=(AclGrant("group:c@acme.example", "READER"),))
    items = run(told(), policy("deny", rules=[{"denyRule": rule}]), store)
    assert ids(items, Principal) == [f"group:{name}@acme.example" for name in "abc"]


def test_a_group_that_may_not_be_seen_is_a_gap_of_its_own(google: Endpoint, told: Callable[..., Named]) -> None:
    google.faults.add("denied", "cloudidentity.groups.lookup")
    items = run(told(), bound("projects/acme-calls/roles/a", "group:a@acme.example"))
    (gap,) = of(items, Gap)
    assert (gap.resource, gap.facet, gap.why, gap.permission) == (
        "group:a@acme.example",
        Facet.PRINCIPALS,
        Why.DENIED,
        None,
    )
    assert "Groups Reader" in gap.detail
    assert of(items, Principal) == []


def test_members_that_may_not_be_listed_or_are_of_an_unknown_sort_leave_a_gap_beside_the_group(
    google: Endpoint, told: Callable[..., Named]
) -> None:
    group(google, "a@acme.example", "01", ("USER", "ana@acme.example"), ("OTHER", "C01"), ("USER", "no-address"))
    group(google, "b@acme.example", "02")
    google.answer("/v1/groups/02/memberships", GoogleError(403, reason="IAM_PERMISSION_DENIED"))
    items = run(told(), bound("projects/acme-calls/roles/a", "group:a@acme.example", "group:b@acme.example"))
    assert [(one.id, one.members) for one in of(items, Principal)] == [
        ("group:a@acme.example", ("user:ana@acme.example",)),
        ("group:b@acme.example", ()),
    ]
    assert [(gap.resource, gap.why) for gap in of(items, Gap)] == [
        ("group:a@acme.example", Why.UNSUPPORTED),
        ("group:b@acme.example", Why.DENIED),
    ]


def test_where_cloud_identity_is_off_it_is_asked_once_and_every_group_is_a_gap(
    google: Endpoint, told: Callable[..., Named]
) -> None:
    google.faults.add("disabled", "cloudidentity.*")
    groups = [f"group:{name}@acme.example" for name in "abc"]
    gaps = of(run(told(), bound("projects/acme-calls/roles/a", *groups)), Gap)
    assert [(gap.resource, gap.why) for gap in gaps] == [(name, Why.DISABLED) for name in groups]
    assert google.requests["cloudidentity.groups.lookup"] == 1


def test_hostile_names_stay_in_their_place(google: Endpoint, told: Callable[..., Named]) -> None:
    seen: list[str] = []

    def lookup(asked: Asked) -> dict[str, Any]:
        seen.append(asked.query["groupKey.id"])
        return {"name": "groups/../roles"}

    google.answer(LOOKUP, lookup)
    google.pages("/v1/groups/*/memberships", [])
    run(told(), bound("projects/acme-calls/roles/a", "group:a&view=x/?@acme.example"))
    assert seen == ["a&view=x/?@acme.example"]
    assert google.requests["cloudidentity.groups.memberships.list"] == 1


def test_a_role_that_a_condition_alone_names_is_asked_for(google: Endpoint, told: Callable[..., Named]) -> None:
    """Limit who can grant roles (IAM documentation): such a condition says which roles may be given."""
    google.answer("/v1/roles/viewer", {"name": "roles/viewer"})
    google.answer("/v1/roles/editor", {"name": "roles/editor"})
    names = "['roles/viewer', 'no role']"
    when = {"expression": f"api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly({names})"}
    limited = {"role": "roles/editor", "members": ["user:ana@acme.example"], "condition": when}
    items = run(told(Facet.POLICY), policy("hierarchy", bindings=[limited]))
    assert ids(items, PolicyDocument) == ["roles/editor", "roles/viewer"]
    assert of(items, Gap) == []


def test_a_group_that_the_list_of_an_object_alone_names_is_asked_for(
    google: Endpoint, told: Callable[..., Named]
) -> None:
    group(google, "a@acme.example", "01", ("USER", "ana@acme.example"))
    rows = [MediaObject("gs://b", key, acl=json.dumps([["group:A@acme.example", "READER"]])) for key in "xy"]
    items = run(told(), ObjectRows([*rows, MediaObject("gs://b", "z")]))
    assert [(one.id, one.members) for one in of(items, Principal)] == [
        ("group:a@acme.example", ("user:ana@acme.example",))
    ]
    assert google.requests["cloudidentity.groups.lookup"] == 1
