"""Principals, policies and federations of an account, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from cloudscan.model import Answer, Coverage, Federation, Gap, PolicyDocument, Principal, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import iam
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.demo.server import Endpoint

OWN = "arn:aws:iam::123456789012"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DETAILS = "iam:GetAccountAuthorizationDetails"

Accounts = Callable[..., AccountScope]
Make = Callable[..., Any]


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(iam.units(account)))[0]


def principals(records: list[Any]) -> dict[str, Principal]:
    return {record.id: record for record in records if isinstance(record, Principal)}


def documents(records: list[Any]) -> dict[str, PolicyDocument]:
    return {record.id: record for record in records if isinstance(record, PolicyDocument)}


def federations(records: list[Any]) -> list[Federation]:
    return [record for record in records if isinstance(record, Federation)]


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def policy(action: str = "s3:GetObject") -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def text(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))


def trust(principal: dict[str, str]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def detail(name: str, kind: str, **facts: Any) -> dict[str, Any]:
    """Make an entry as the answer holds it, for what moto cannot seed."""
    return {"Path": "/", f"{kind.title()}Name": name, "Arn": f"{OWN}:{kind}/{name}", **facts}


def managed(name: str, document: str, arn: str = "") -> dict[str, Any]:
    old = {"VersionId": "v1", "IsDefaultVersion": False, "Document": quote(text(policy("old:Action")))}
    new = {"VersionId": "v2", "IsDefaultVersion": True, "Document": document}
    return {"PolicyName": name, "Arn": arn or f"{OWN}:policy/{name}", "PolicyVersionList": [old, new]}


def attached(*arns: str) -> list[dict[str, str]]:
    return [{"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in arns]


def test_user_has_its_inline_and_managed_policies_groups_and_tags(client: Make, account: Accounts) -> None:
    aws = client("iam")
    readers = aws.create_policy(PolicyName="readers", PolicyDocument=json.dumps(policy()))["Policy"]["Arn"]
    aws.create_group(GroupName="staff", Path="/people/")
    aws.create_user(UserName="ana", Path="/people/", Tags=[{"Key": "team", "Value": "quality"}])
    aws.put_user_policy(UserName="ana", PolicyName="own", PolicyDocument=json.dumps(policy("s3:*")))
    aws.attach_user_policy(UserName="ana", PolicyArn=readers)
    aws.add_user_to_group(UserName="ana", GroupName="staff")
    records = collect(account(Facet.PRINCIPALS))
    ana = principals(records)[f"{OWN}:user/people/ana"]
    assert (ana.kind, ana.name, ana.path, ana.account) == ("user", "ana", "/people/", "123456789012")
    assert ana.policies == (f"{OWN}:user/people/ana#inline/own", f"{OWN}:policy/readers")
    assert ana.groups == (f"{OWN}:group/people/staff",)
    assert (ana.boundary, ana.trust, ana.labels) == ("", None, {"team": "quality"})
    assert ana.created is not None
    own = documents(records)[f"{ana.id}#inline/own"]
    assert (own.kind, own.attached_to, json.loads(own.document)) == ("identity", (ana.id,), policy("s3:*"))


def test_role_has_its_trust_and_its_instance_profiles(client: Make, account: Accounts) -> None:
    aws, service = client("iam"), {"Service": "ec2.amazonaws.com"}
    aws.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(trust(service)))
    aws.create_instance_profile(InstanceProfileName="workers")
    aws.add_role_to_instance_profile(InstanceProfileName="workers", RoleName="worker")
    records = collect(account(Facet.PRINCIPALS))
    worker = principals(records)[f"{OWN}:role/worker"]
    assert worker.trust == f"{OWN}:role/worker#trust"
    assert worker.instance_profiles == (f"{OWN}:instance-profile/workers",)
    assert not worker.service_linked
    told = documents(records)[worker.trust]
    assert (told.kind, told.attached_to, told.document) == ("trust", (worker.id,), text(trust(service)))


def test_role_of_a_service_is_known_by_its_path(endpoint: Endpoint, account: Accounts) -> None:
    role = detail("AWSServiceRoleForLex", "role", AssumeRolePolicyDocument=quote("{}"))
    role["Path"] = "/aws-service-role/lex.amazonaws.com/"
    endpoint.answer("iam", "GetAccountAuthorizationDetails", {"RoleDetailList": [role]})
    found = principals(collect(account(Facet.PRINCIPALS)))
    assert found[role["Arn"]].service_linked


def test_users_groups_and_roles_have_the_ids_that_nobody_has_again(client: Make, account: Accounts) -> None:
    aws = client("iam")
    trusted = json.dumps(trust({"Service": "ec2.amazonaws.com"}))
    told = {
        "ana": aws.create_user(UserName="ana")["User"]["UserId"],
        "staff": aws.create_group(GroupName="staff")["Group"]["GroupId"],
        "worker": aws.create_role(RoleName="worker", AssumeRolePolicyDocument=trusted)["Role"]["RoleId"],
    }
    found = {one.name: one.unique_id for one in principals(collect(account(Facet.PRINCIPALS))).values()}
    assert found == told | {"root": None}


def test_root_user_is_a_principal_although_no_list_names_it(client: Make, account: Accounts) -> None:
    root = principals(collect(account(Facet.PRINCIPALS)))[f"{OWN}:root"]
    assert (root.kind, root.policies, root.boundary) == ("root", (), "")


def test_managed_policy_is_one_document_in_its_default_version(client: Make, account: Accounts) -> None:
    aws = client("iam")
    arn = aws.create_policy(PolicyName="readers", PolicyDocument=json.dumps(policy("old:Action")))["Policy"]["Arn"]
    aws.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(policy()), SetAsDefault=True)
    for name in ("zoe", "ana"):
        aws.create_user(UserName=name)
        aws.attach_user_policy(UserName=name, PolicyArn=arn)
    found = documents(collect(account(Facet.PRINCIPALS)))
    assert list(found) == [arn]
    assert found[arn].attached_to == (f"{OWN}:user/ana", f"{OWN}:user/zoe")
    assert found[arn].document == text(policy())


def test_boundary_is_told_as_a_boundary(client: Make, account: Accounts) -> None:
    aws = client("iam")
    limit = aws.create_policy(PolicyName="limit", PolicyDocument=json.dumps(policy()))["Policy"]["Arn"]
    aws.create_user(UserName="ana", PermissionsBoundary=limit)
    records = collect(account(Facet.PRINCIPALS))
    assert principals(records)[f"{OWN}:user/ana"].boundary == limit
    assert principals(records)[f"{OWN}:user/ana"].policies == ()
    told = documents(records)[limit]
    assert (told.kind, told.attached_to) == ("boundary", (f"{OWN}:user/ana",))


def test_policy_that_is_granted_to_one_and_limits_another_is_told_both_ways(client: Make, account: Accounts) -> None:
    aws = client("iam")
    both = aws.create_policy(PolicyName="both", PolicyDocument=json.dumps(policy()))["Policy"]["Arn"]
    aws.create_user(UserName="ana", PermissionsBoundary=both)
    aws.create_user(UserName="ben")
    aws.attach_user_policy(UserName="ben", PolicyArn=both)
    records = collect(account(Facet.PRINCIPALS))
    found = documents(records)
    boundary = principals(records)[f"{OWN}:user/ana"].boundary
    assert boundary is not None
    assert (found[boundary].kind, found[boundary].attached_to) == ("boundary", (f"{OWN}:user/ana",))
    assert (found[both].kind, found[both].attached_to) == ("identity", (f"{OWN}:user/ben",))


def test_policy_of_aws_has_an_id_of_its_own_in_each_account(endpoint: Endpoint, account: Accounts) -> None:
    user = detail("ana", "user", AttachedManagedPolicies=attached(READ_ONLY))
    other = "arn:aws:iam::aws:policy/PowerUserAccess"
    endpoint.answer(
        "iam",
        "GetAccountAuthorizationDetails",
        {
            "UserDetailList": [user],
            "Policies": [
                managed("ReadOnlyAccess", quote(text(policy())), READ_ONLY),
                managed("PowerUserAccess", quote(text(policy())), other),
            ],
        },
    )
    records = collect(account(Facet.PRINCIPALS))
    assert principals(records)[user["Arn"]].policies == (f"{READ_ONLY}#123456789012",)
    assert list(documents(records)) == [f"{READ_ONLY}#123456789012"]
    assert gaps(records) == []


def test_attached_policy_that_the_answer_lacks_is_a_gap(endpoint: Endpoint, account: Accounts) -> None:
    user = detail("ana", "user", AttachedManagedPolicies=attached(READ_ONLY))
    endpoint.answer("iam", "GetAccountAuthorizationDetails", {"UserDetailList": [user]})
    records = collect(account(Facet.PRINCIPALS))
    assert [(gap.resource, gap.facet, gap.permission) for gap in gaps(records)] == [
        (READ_ONLY, Facet.PRINCIPALS, DETAILS)
    ]
    assert records[-1] == Coverage("aws", "123456789012", Facet.PRINCIPALS, asked=2, answered=1)


def test_malformed_document_is_kept_as_it_came(endpoint: Endpoint, account: Accounts) -> None:
    broken = '{"Statement": [}'
    inline = [{"PolicyName": "own", "PolicyDocument": quote(broken)}]
    user = detail("ana", "user", UserPolicyList=inline)
    role = detail("worker", "role", AssumeRolePolicyDocument=quote('"a string"'))
    endpoint.answer(
        "iam",
        "GetAccountAuthorizationDetails",
        {"UserDetailList": [user], "RoleDetailList": [role], "Policies": [managed("empty", quote("[]"))]},
    )
    found = documents(collect(account(Facet.PRINCIPALS)))
    assert {name.rpartition(":")[2]: told.document for name, told in found.items()} == {
        "user/ana#inline/own": broken,
        "role/worker#trust": "a string",
        "policy/empty": "[]",
    }


def test_order_of_a_documents_keys_is_kept(endpoint: Endpoint, account: Accounts) -> None:
    document = '{"Statement":[],"Version":"2012-10-17","Id":"z"}'
    user = detail("ana", "user", UserPolicyList=[{"PolicyName": "own", "PolicyDocument": quote(document)}])
    endpoint.answer("iam", "GetAccountAuthorizationDetails", {"UserDetailList": [user]})
    (told,) = documents(collect(account(Facet.PRINCIPALS))).values()
    assert told.document == document


def test_hostile_tags_are_kept_as_data(endpoint: Endpoint, account: Accounts) -> None:
    hostile = "=cmd|'\u202e<b>\n"
    user = detail("ana", "user", Tags=[{"Key": hostile, "Value": hostile}])
    endpoint.answer("iam", "GetAccountAuthorizationDetails", {"UserDetailList": [user]})
    assert principals(collect(account(Facet.PRINCIPALS)))[user["Arn"]].labels == {hostile: hostile}


def pages(total: int) -> Callable[[Any], dict[str, Any]]:
    """Answer this many users in pages of the size asked for, and then their group and policy."""

    def page(params: Any) -> dict[str, Any]:
        start, size = int(params.get("Marker", "0")), params.get("MaxItems", 100)
        facts = {"GroupList": ["staff"], "AttachedManagedPolicies": attached(f"{OWN}:policy/readers")}
        users = [detail(f"u{number:04}", "user", **facts) for number in range(start, min(start + size, total))]
        if start + size < total:
            return {"UserDetailList": users, "IsTruncated": True, "Marker": str(start + size)}
        group = detail("staff", "group") | {"Arn": f"{OWN}:group/people/staff"}
        return {
            "UserDetailList": users,
            "GroupDetailList": [group],
            "Policies": [managed("readers", quote(text(policy())))],
        }

    return page


def test_thousands_of_principals_take_a_handful_of_requests(endpoint: Endpoint, account: Accounts) -> None:
    endpoint.answer("iam", "GetAccountAuthorizationDetails", pages(2500))
    records = collect(account(Facet.PRINCIPALS))
    found = principals(records)
    assert sum(principal.kind == "user" for principal in found.values()) == 2500
    assert found[f"{OWN}:user/u0000"].groups == (f"{OWN}:group/people/staff",)
    assert len(documents(records)[f"{OWN}:policy/readers"].attached_to) == 2500
    assert sum(count for name, count in endpoint.requests.items() if name.startswith("iam:")) == 3


def test_answer_that_breaks_off_keeps_what_came_and_claims_no_more(endpoint: Endpoint, account: Accounts) -> None:
    endpoint.answer("iam", "GetAccountAuthorizationDetails", pages(2500))
    endpoint.faults.add("throttle", "iam", after=2)
    records = collect(account(Facet.PRINCIPALS))
    found = principals(records)
    assert sum(principal.kind == "user" for principal in found.values()) == 2000
    user = found[f"{OWN}:user/u0000"]
    assert user.policies == (f"{OWN}:policy/readers",)
    assert documents(records) == {}
    assert user.groups[0] not in found
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [("123456789012", Why.THROTTLED)]


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_refused_principals_are_a_gap_and_claim_nothing(
    endpoint: Endpoint, client: Make, account: Accounts, kind: Any, why: Why
) -> None:
    client("iam").create_user(UserName="ana")
    endpoint.faults.add(kind, "iam")
    gap, coverage = collect(account(Facet.PRINCIPALS))
    assert (gap.facet, gap.resource, gap.why, gap.permission) == (Facet.PRINCIPALS, "123456789012", why, DETAILS)
    assert (coverage.asked, coverage.answered) == (1, 0)


def test_users_are_asked_for_passwords_where_a_check_wants_them(
    endpoint: Endpoint, client: Make, account: Accounts
) -> None:
    aws = client("iam")
    for name in ("ana", "bo"):
        aws.create_user(UserName=name, Path="/people/")
    aws.create_login_profile(UserName="ana", Password="Correct-Horse-1")
    aws.create_group(GroupName="staff")
    told = principals(collect(account(Facet.PRINCIPALS)))
    assert {one.password for one in told.values()} == {Answer.UNKNOWN}
    assert endpoint.requests["iam:GetLoginProfile"] == 0
    records = collect(account(Facet.PRINCIPALS, Facet.PASSWORDS))
    told = principals(records)
    assert told[f"{OWN}:user/people/ana"].password is Answer.YES
    assert told[f"{OWN}:user/people/bo"].password is Answer.NO
    assert told[f"{OWN}:group/staff"].password is Answer.UNKNOWN
    assert gaps(records) == []
    (line,) = (one for one in records if isinstance(one, Coverage) and one.facet == Facet.PASSWORDS)
    assert (line.asked, line.answered) == (2, 2)


def test_whoever_may_not_ask_for_passwords_asks_once(endpoint: Endpoint, client: Make, account: Accounts) -> None:
    for name in ("ana", "bo", "cy"):
        client("iam").create_user(UserName=name)
    endpoint.faults.add("deny", "iam", "GetLoginProfile")
    records = collect(account(Facet.PRINCIPALS, Facet.PASSWORDS))
    assert {one.password for one in principals(records).values()} == {Answer.UNKNOWN}
    (gap,) = gaps(records)
    assert (gap.facet, gap.resource, gap.why) == (Facet.PASSWORDS, "123456789012", Why.DENIED)
    assert gap.permission == "iam:GetLoginProfile"
    assert endpoint.requests["iam:GetLoginProfile"] == 1


def test_a_password_that_was_not_told_leaves_the_others_told(
    endpoint: Endpoint, client: Make, account: Accounts
) -> None:
    for name in ("ana", "bo", "cy"):
        client("iam").create_user(UserName=name)
    endpoint.faults.add("throttle", "iam", "GetLoginProfile", after=2)
    records = collect(account(Facet.PRINCIPALS, Facet.PASSWORDS))
    told = principals(records)
    answers = [told[f"{OWN}:user/{name}"].password for name in ("ana", "bo", "cy")]
    assert answers == [Answer.NO, Answer.NO, Answer.UNKNOWN]
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [(f"{OWN}:user/cy", Why.THROTTLED)]


SAML = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://id.example.com">'
    + " " * 1000
    + "</EntityDescriptor>"
)


def doors(client: Make) -> tuple[str, str]:
    aws = client("iam")
    oidc = aws.create_open_id_connect_provider(
        Url="https://token.actions.githubusercontent.com",
        ClientIDList=["sts.amazonaws.com"],
        ThumbprintList=["0" * 40],
    )
    saml = aws.create_saml_provider(SAMLMetadataDocument=SAML, Name="staff")
    return oidc["OpenIDConnectProviderArn"], saml["SAMLProviderArn"]


def test_providers_are_doors_without_guests(client: Make, account: Accounts) -> None:
    oidc, saml = doors(client)
    records = collect(account(Facet.FEDERATIONS))
    assert [(door.id, door.kind, door.name, door.audiences) for door in federations(records)] == [
        (oidc, "oidc", "token.actions.githubusercontent.com", ("sts.amazonaws.com",)),
        (saml, "saml", "staff", ()),
    ]
    assert {(door.guests, door.roles) for door in federations(records)} == {(Answer.NO, None)}
    assert principals(records) == {}


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_refused_providers_are_gaps_and_claim_nothing(
    endpoint: Endpoint, client: Make, account: Accounts, kind: Any, why: Why
) -> None:
    oidc, _ = doors(client)
    endpoint.faults.add(kind, "iam", "GetOpenIDConnectProvider")
    endpoint.faults.add(kind, "iam", "ListSAMLProviders")
    records = collect(account(Facet.FEDERATIONS))
    assert federations(records) == []
    assert [(gap.resource, gap.why, gap.permission) for gap in gaps(records)] == [
        (oidc, why, "iam:GetOpenIDConnectProvider"),
        ("123456789012", why, "iam:ListSAMLProviders"),
    ]
    endpoint.faults.add(kind, "iam", "ListOpenIDConnectProviders")
    assert {gap.operation for gap in gaps(collect(account(Facet.FEDERATIONS)))} == {
        "iam:ListOpenIDConnectProviders",
        "iam:ListSAMLProviders",
    }


def test_only_what_is_wanted_is_asked(endpoint: Endpoint, account: Accounts) -> None:
    assert list(iam.units(account(Facet.STORES))) == []
    collect(account(Facet.FEDERATIONS))
    assert endpoint.requests[DETAILS] == 0
    (unit,) = iam.units(account(Facet.PRINCIPALS, regions=("eu-central-1", "us-east-1")))
    assert unit.key == "aws/123456789012/iam"
