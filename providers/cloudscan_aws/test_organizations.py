"""An account's place in its organization, the guardrails and the opt-out, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cloudscan.model import Answer, Coverage, Gap, PolicyDocument, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import organizations
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.clients import Clients
from cloudscan_aws.demo.server import Endpoint

OWN = "123456789012"
WHOLE: dict[str, object] = {"org": True, "role-name": "scan"}
REGION = "eu-central-1"
DENY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
REFUSALS = pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])

Accounts = Callable[..., AccountScope]
Make = Callable[..., Any]


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(organizations.units(account)))[0]


def policies(records: list[Any]) -> list[PolicyDocument]:
    return [record for record in records if isinstance(record, PolicyDocument)]


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def place(account: AccountScope) -> tuple[dict[str, Any], list[Gap], list[Coverage]]:
    asker = account.asker(account.home)
    facts, found = organizations.fetch_place(account, asker)
    return facts, found, list(asker.coverage())


class Estate:
    """An organization under our own account: root, unit, a unit in it, and accounts anywhere in that."""

    def __init__(self, client: Make) -> None:
        self.aws = client("organizations")
        self.id = self.aws.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.root = self.aws.list_roots()["Roots"][0]["Id"]
        self.outer = self.unit(self.root, "outer")
        self.inner = self.unit(self.outer, "inner")

    def unit(self, parent: str, name: str) -> str:
        made = self.aws.create_organizational_unit(ParentId=parent, Name=name)
        unit: str = made["OrganizationalUnit"]["Id"]
        return unit

    def member(self, name: str, parent: str) -> str:
        made = self.aws.create_account(AccountName=name, Email=f"{name}@example.com")
        account: str = made["CreateAccountStatus"]["AccountId"]
        self.aws.move_account(AccountId=account, SourceParentId=self.root, DestinationParentId=parent)
        return account

    def policy(self, kind: str, *targets: str, content: str = DENY) -> str:
        made = self.aws.create_policy(Type=kind, Name=f"{kind}-{len(targets)}", Description="d", Content=content)
        summary = made["Policy"]["PolicySummary"]
        for target in targets:
            self.aws.attach_policy(PolicyId=summary["Id"], TargetId=target)
        arn: str = summary["Arn"]
        return arn


@pytest.fixture
def estate(client: Make) -> Estate:
    return Estate(client)


def member_of(account: AccountScope, client: Make, member: str) -> AccountScope:
    """Return a member account with credentials of its own, as a scan that took on a role there has it."""
    from botocore.session import get_session

    given = client("sts").assume_role(RoleArn=f"arn:aws:iam::{member}:role/scan", RoleSessionName="test")
    keys = given["Credentials"]
    session = get_session()
    session.set_credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    return replace(account, id=member, clients=Clients(session, member, account.scope, account.clients.limits))


def test_guardrails_hang_on_accounts_units_and_the_root(estate: Estate, account: Accounts) -> None:
    member = estate.member("calls", estate.inner)
    control = estate.policy("SERVICE_CONTROL_POLICY", member, estate.outer)
    limit = estate.policy("RESOURCE_CONTROL_POLICY", estate.root)
    found = {policy.id: policy for policy in policies(collect(account(Facet.ORGANIZATION)))}
    assert (found[control].kind, found[control].attached_to) == (
        "service-control",
        tuple(sorted((member, estate.outer))),
    )
    assert (found[limit].kind, found[limit].attached_to) == ("resource-control", (estate.root,))
    assert found[control].document == DENY
    everything = next(policy for name, policy in found.items() if name.endswith("/p-FullAWSAccess"))
    assert estate.root in everything.attached_to


def test_account_without_organization_has_no_guardrails_and_no_gap(account: Accounts) -> None:
    assert collect(account(Facet.ORGANIZATION)) == [
        Coverage("aws", OWN, Facet.ORGANIZATION, asked=2, answered=2),
    ]


@REFUSALS
def test_refused_lists_are_gaps_and_claim_nothing(
    endpoint: Endpoint, estate: Estate, account: Accounts, kind: Any, why: Why
) -> None:
    endpoint.faults.add(kind, "organizations")
    records = collect(account(Facet.ORGANIZATION))
    assert policies(records) == []
    assert {(gap.resource, gap.why, gap.permission) for gap in gaps(records)} == {
        (OWN, why, "organizations:ListPolicies")
    }
    assert records[-1] == Coverage("aws", OWN, Facet.ORGANIZATION, asked=2, answered=0)


@REFUSALS
@pytest.mark.parametrize("operation", ["DescribePolicy", "ListTargetsForPolicy"])
def test_with_one_guardrail_unseen_no_other_of_its_kind_is_claimed(
    endpoint: Endpoint, estate: Estate, account: Accounts, operation: str, kind: Any, why: Why
) -> None:
    control = estate.policy("SERVICE_CONTROL_POLICY", estate.root)
    limit = estate.policy("RESOURCE_CONTROL_POLICY", estate.root)
    endpoint.faults.add(kind, "organizations", operation, containing=control.rpartition("/")[2])
    records = collect(account(Facet.ORGANIZATION))
    assert {policy.kind for policy in policies(records)} == {"resource-control"}
    assert limit in {policy.id for policy in policies(records)}
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [(control, why)]


def test_malformed_guardrail_is_kept_as_it_came(endpoint: Endpoint, estate: Estate, account: Accounts) -> None:
    estate.policy("SERVICE_CONTROL_POLICY", estate.root)

    def spoil(_: Any, payload: dict[str, Any]) -> dict[str, Any]:
        return {"Policy": payload["Policy"] | {"Content": '{"Statement": [}\u202e'}}

    endpoint.patch("organizations", "DescribePolicy", spoil)
    assert {policy.document for policy in policies(collect(account(Facet.ORGANIZATION)))} == {'{"Statement": [}\u202e'}


def test_pages_of_policies_and_targets_are_followed(endpoint: Endpoint, account: Accounts) -> None:
    def listed(params: Any) -> dict[str, Any]:
        number = int(params.get("NextToken", "1"))
        base = "arn:aws:organizations::123456789012:policy/o-aaaaaaaaaa/service_control_policy"
        one = {"Id": f"p-aaaaaaa{number}", "Arn": f"{base}/p-aaaaaaa{number}"}
        if params["Filter"] != "SERVICE_CONTROL_POLICY":
            return {"Policies": []}
        return {"Policies": [one], **({"NextToken": str(number + 1)} if number < 3 else {})}

    def targets(params: Any) -> dict[str, Any]:
        number = int(params.get("NextToken", "1"))
        more = {"NextToken": "2"} if number == 1 else {}
        return {"Targets": [{"TargetId": f"{number:012}", "Type": "ACCOUNT"}], **more}

    endpoint.answer("organizations", "ListPolicies", listed)
    endpoint.answer("organizations", "ListTargetsForPolicy", targets)
    endpoint.answer("organizations", "DescribePolicy", {"Policy": {"Content": DENY}})
    found = policies(collect(account(Facet.ORGANIZATION)))
    assert [policy.attached_to for policy in found] == [("000000000001", "000000000002")] * 3
    endpoint.faults.add("throttle", "organizations", "ListPolicies", after=2)
    assert policies(collect(account(Facet.ORGANIZATION))) == []


def test_only_the_callers_account_asks_for_guardrails(account: Accounts) -> None:
    own = account(Facet.ORGANIZATION)
    assert [unit.key for unit in organizations.units(own)] == ["aws/123456789012/organizations"]
    assert list(organizations.units(replace(own, id="222222222222"))) == []
    assert list(organizations.units(account(Facet.TRAINING_OPT_OUT))) == []


def test_place_of_the_management_account(estate: Estate, account: Accounts) -> None:
    facts, found, coverage = place(account(Facet.ORGANIZATION))
    assert facts == {"organization": estate.id, "management": Answer.YES, "parents": (estate.root,)}
    assert found == []
    assert coverage == [Coverage("aws", OWN, Facet.ORGANIZATION, asked=2, answered=2)]


def test_place_of_a_member_is_asked_of_the_caller(estate: Estate, client: Make, account: Accounts) -> None:
    member = estate.member("calls", estate.inner)
    facts, found, _ = place(member_of(account(Facet.ORGANIZATION), client, member))
    assert facts == {
        "organization": estate.id,
        "management": Answer.NO,
        "parents": (estate.root, estate.outer, estate.inner),
    }
    assert found == []


def test_account_without_organization_cannot_have_opted_out(endpoint: Endpoint, account: Accounts) -> None:
    facts, found, coverage = place(account(Facet.ORGANIZATION, Facet.TRAINING_OPT_OUT))
    assert facts == {
        "organization": "",
        "management": Answer.NO,
        "parents": (),
        "training_opt_out": Answer.NO,
    }
    assert found == []
    assert [line.facet for line in coverage] == [Facet.ORGANIZATION]
    assert endpoint.requests["organizations:DescribeEffectivePolicy"] == 0


@REFUSALS
def test_refused_place_is_a_gap_and_nothing_is_claimed(
    endpoint: Endpoint, estate: Estate, account: Accounts, kind: Any, why: Why
) -> None:
    endpoint.faults.add(kind, "organizations")
    facts, found, coverage = place(account(Facet.ORGANIZATION, Facet.TRAINING_OPT_OUT))
    assert facts == {}
    assert {(gap.facet, gap.resource, gap.why, gap.permission) for gap in found} == {
        (Facet.ORGANIZATION, OWN, why, "organizations:DescribeOrganization"),
        (Facet.ORGANIZATION, OWN, why, "organizations:ListParents"),
        (Facet.TRAINING_OPT_OUT, OWN, why, "organizations:DescribeEffectivePolicy"),
    }
    assert {(line.facet, line.answered) for line in coverage} == {
        (Facet.ORGANIZATION, 0),
        (Facet.TRAINING_OPT_OUT, 0),
    }


def test_member_that_may_not_see_the_tree_knows_its_organization(
    endpoint: Endpoint, estate: Estate, client: Make, account: Accounts
) -> None:
    member = estate.member("calls", estate.outer)
    endpoint.faults.add("deny", "organizations", "ListParents")
    facts, found, _ = place(member_of(account(Facet.ORGANIZATION), client, member))
    assert facts == {"organization": estate.id, "management": Answer.NO}
    assert [(gap.account, gap.resource, gap.why) for gap in found] == [(member, member, Why.DENIED)]


def test_parent_that_leads_nowhere_is_a_gap(endpoint: Endpoint, estate: Estate, account: Accounts) -> None:
    for parents in ([], [{"Id": estate.outer, "Type": "ORGANIZATIONAL_UNIT"}]):
        endpoint.answer("organizations", "ListParents", {"Parents": parents})
        facts, found, _ = place(account(Facet.ORGANIZATION))
        assert "parents" not in facts
        assert [gap.why for gap in found] == [Why.MALFORMED]


def test_tree_is_walked_once_for_all_accounts_of_an_organization(
    endpoint: Endpoint, estate: Estate, account: Accounts
) -> None:
    members = [estate.member(f"m{number}", estate.inner) for number in range(4)]
    scoped = account(Facet.ORGANIZATION, options=WHOLE)
    endpoint.requests.clear()
    for member in (OWN, *members):
        known = replace(scoped, id=member, organization=estate.id, management=Answer.of(member == OWN))
        facts, found, coverage = place(known)
        expected = (estate.root,) if member == OWN else (estate.root, estate.outer, estate.inner)
        assert (facts["parents"], facts["organization"], found) == (expected, estate.id, [])
        assert [(line.asked, line.answered) for line in coverage] == [(1, 1)]
    assert {name: count for name, count in endpoint.requests.items() if name.startswith("organizations:")} == {
        "organizations:ListRoots": 1,
        "organizations:ListChildren": 6,
    }


@REFUSALS
def test_branch_that_cannot_be_walked_is_a_gap_of_the_accounts_that_were_not_found(
    endpoint: Endpoint, estate: Estate, account: Accounts, kind: Any, why: Why
) -> None:
    deep, near = estate.member("deep", estate.inner), estate.member("near", estate.outer)
    endpoint.faults.add(kind, "organizations", "ListChildren", containing=estate.inner)
    scoped = account(Facet.ORGANIZATION, options=WHOLE)
    told = {}
    for member in (deep, near):
        facts, found, _ = place(replace(scoped, id=member, organization=estate.id, management=Answer.NO))
        told[member] = (facts.get("parents"), [(gap.resource, gap.why, gap.permission) for gap in found])
    assert told == {
        deep: (None, [(deep, why, "organizations:ListChildren")]),
        near: ((estate.root, estate.outer), []),
    }


def test_account_outside_the_callers_organization_is_a_gap(estate: Estate, account: Accounts) -> None:
    scoped = account(Facet.ORGANIZATION, options=WHOLE)
    stranger = replace(scoped, id="222222222222", organization="o-other", management=Answer.NO)
    facts, found, _ = place(stranger)
    assert "parents" not in facts
    assert [(gap.resource, gap.why) for gap in found] == [("222222222222", Why.VANISHED)]


def effective(content: str) -> dict[str, Any]:
    return {"EffectivePolicy": {"PolicyContent": content, "PolicyType": "AISERVICES_OPT_OUT_POLICY"}}


@pytest.mark.parametrize(
    ("services", "answer"),
    [
        ({"default": {"opt_out_policy": "optOut"}}, Answer.YES),
        ({"transcribe": {"opt_out_policy": "optOut"}}, Answer.YES),
        ({"default": {"opt_out_policy": "optOut"}, "transcribe": {"opt_out_policy": "optIn"}}, Answer.NO),
        ({"default": {"opt_out_policy": "optIn"}, "transcribe": {"opt_out_policy": "optOut"}}, Answer.YES),
        ({"rekognition": {"opt_out_policy": "optOut"}}, Answer.NO),
        ({}, Answer.NO),
    ],
)
def test_opt_out_is_what_is_said_of_transcribe_else_of_all(
    endpoint: Endpoint, estate: Estate, account: Accounts, services: Any, answer: Answer
) -> None:
    endpoint.answer("organizations", "DescribeEffectivePolicy", effective(json.dumps({"services": services})))
    facts, found, _ = place(account(Facet.TRAINING_OPT_OUT))
    assert (facts["training_opt_out"], found) == (answer, [])
    assert endpoint.requests["organizations:ListParents"] == 0


def test_no_effective_policy_is_no_opt_out(estate: Estate, account: Accounts) -> None:
    facts, found, _ = place(account(Facet.TRAINING_OPT_OUT))
    assert (facts["training_opt_out"], found) == (Answer.NO, [])


@pytest.mark.parametrize(
    "content",
    [
        "no JSON",
        "[]",
        "{}",
        '{"services": []}',
        '{"services": {"transcribe": "optOut"}}',
        '{"services": {"default": {"opt_out_policy": "optout"}}}',
        '{"services": {"default": {"opt_out_policy": ["optOut"]}}}',
    ],
)
def test_effective_policy_that_cannot_be_read_is_a_gap(
    endpoint: Endpoint, estate: Estate, account: Accounts, content: str
) -> None:
    endpoint.answer("organizations", "DescribeEffectivePolicy", effective(content))
    facts, found, _ = place(account(Facet.TRAINING_OPT_OUT))
    assert "training_opt_out" not in facts
    assert [(gap.facet, gap.why) for gap in found] == [(Facet.TRAINING_OPT_OUT, Why.MALFORMED)]


def test_only_the_management_account_names_itself_in_the_question(
    endpoint: Endpoint, estate: Estate, client: Make, account: Accounts
) -> None:
    asked: list[Any] = []

    def describe(params: Any) -> dict[str, Any]:
        asked.append(params.get("TargetId"))
        return effective('{"services": {}}')

    endpoint.answer("organizations", "DescribeEffectivePolicy", describe)
    scoped = account(Facet.TRAINING_OPT_OUT)
    place(scoped)
    place(member_of(scoped, client, estate.member("calls", estate.outer)))
    assert asked == [OWN, None]


def test_nothing_is_asked_when_only_accounts_are_wanted(endpoint: Endpoint, account: Accounts) -> None:
    assert place(account(Facet.ACCOUNTS)) == ({}, [], [])
    assert not any(name.startswith("organizations:") for name in endpoint.requests)
