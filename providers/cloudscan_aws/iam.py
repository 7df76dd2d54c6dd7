"""IAM: every identity and policy of an account from one paged call, and the doors for identities from elsewhere."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from cloudscan.model import Answer, Federation, Gap, PolicyDocument, Principal, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_aws import access_keys
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.codes import partition_of
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.times import utc
from cloudscan_aws.units import whole

SERVICE = "iam"
DETAILS = "get_account_authorization_details"
KINDS = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]

Payload = Mapping[str, Any]


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield one unit for the account, if a check wants its principals, their credentials or federations."""
    if account.wants(Facet.PRINCIPALS, Facet.CREDENTIALS, Facet.FEDERATIONS):
        requests = account.wants(Facet.PRINCIPALS, Facet.CREDENTIALS) + 2 * account.wants(Facet.FEDERATIONS)
        requests += account.wants(Facet.CREDENTIALS)
        yield from whole(account, SERVICE, fetch_all, requests=requests)


def fetch_all(account: AccountScope, asker: Asker) -> Iterator[Collected]:
    """Ask for what the checks want."""
    if account.wants(Facet.PRINCIPALS, Facet.CREDENTIALS):
        wanted = {facet for facet in (Facet.PASSWORDS, Facet.CREDENTIALS) if account.wants(facet)}
        yield from fetch_principals(asker, wanted)
    if account.wants(Facet.FEDERATIONS):
        yield from fetch_oidc(asker)
        yield from fetch_saml(asker)


def fetch_principals(asker: Asker, wanted: Collection[Facet] = ()) -> Iterator[Collected]:
    """Ask for all principals and policies at once, a thousand a page; then for the passwords and access keys of users,
    where these are wanted.
    """
    pages: list[Payload] = []

    def collect() -> dict[str, Any]:
        paginator = asker.clients.client(SERVICE, asker.region).get_paginator(DETAILS)
        pages.extend(paginator.paginate(Filter=KINDS, MaxItems=1000))
        return {}

    reply = asker.run(collect, facet=Facet.PRINCIPALS, resource=asker.account, operation=f"{SERVICE}:{DETAILS}")
    details = Details(asker.account, partition_of(asker.region), pages)
    if pages:
        told, unknown = fetch_passwords(asker, details.users) if Facet.PASSWORDS in wanted else ({}, [])
        yield from (replace(one, password=told.get(one.id, Answer.UNKNOWN)) for one in details.principals())
        yield from details.documents()
        yield from unknown
    if Facet.CREDENTIALS in wanted:
        yield from access_keys.fetch(asker, partition_of(asker.region), details.users)
    if isinstance(reply, Gap):
        yield reply
        if Facet.CREDENTIALS in wanted:  # whose keys there are is as little known
            asker.count(Facet.CREDENTIALS, answered=False)
            yield replace(reply, facet=Facet.CREDENTIALS)
        return
    for arn in details.missing():
        asker.count(Facet.PRINCIPALS, answered=False)
        yield asker.gap(Facet.PRINCIPALS, arn, Why.ERROR, f"{SERVICE}:{DETAILS}", "the policy is not in the answer")


def fetch_passwords(asker: Asker, users: Iterable[tuple[str, str]]) -> tuple[dict[str, Answer], list[Gap]]:
    """Ask for each user, given by ARN and name, whether it has a password for the console.

    The credential report would tell it in two requests; but it is up to four hours old, and has to be made first,
    which is not only reading ("IAM User Guide", credential reports). Who may not ask of one may ask of none.
    """
    told: dict[str, Answer] = {}
    gaps: list[Gap] = []
    for arn, name in users:
        reply = asker.ask(
            SERVICE, "get_login_profile", facet=Facet.PASSWORDS, resource=arn, absent=["NoSuchEntity"], UserName=name
        )
        if isinstance(reply, Gap):
            if not told and reply.why is Why.DENIED:
                return told, [replace(reply, resource=asker.account)]
            gaps.append(reply)
        else:
            told[arn] = Answer.of(isinstance(reply, dict))
    return told, gaps


class Details:
    """The pages of one ``GetAccountAuthorizationDetails``, as records. Pure.

    A managed policy is one document, however many principals it hangs on. Those of AWS are the same in every
    account, so the account is put behind their ARN to keep ids apart: ``ARN#ACCOUNT``.
    """

    def __init__(self, account: str, partition: str, pages: Sequence[Payload]) -> None:
        self._account = account
        self._root = f"arn:{partition}:iam::{account}:root"
        self._users, self._groups, self._roles, self._policies = (
            [entry for page in pages for entry in page.get(name, ())]
            for name in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
        )
        self._group_arns = {group["GroupName"]: group["Arn"] for group in self._groups}
        self._attached: dict[str, list[str]] = defaultdict(list)
        self._bounded: dict[str, list[str]] = defaultdict(list)
        for entry in (*self._users, *self._groups, *self._roles):
            for policy in entry.get("AttachedManagedPolicies", ()):
                self._attached[policy["PolicyArn"]].append(entry["Arn"])
            if boundary := _boundary(entry):
                self._bounded[boundary].append(entry["Arn"])

    @property
    def users(self) -> list[tuple[str, str]]:
        """The ARN and the name of each user."""
        return [(user["Arn"], user["UserName"]) for user in self._users]

    def principals(self) -> Iterator[Principal]:
        """Yield the root user, whom no list names, then users, groups and roles."""
        yield Principal(self._root, PROVIDER, self._account, "root", "root", policies=(), boundary="", labels={})
        for user in self._users:
            yield self._principal("user", user, "UserName", "UserPolicyList", groups=self._groups_of(user))
        for group in self._groups:
            yield self._principal("group", group, "GroupName", "GroupPolicyList")
        for role in self._roles:
            yield self._principal(
                "role",
                role,
                "RoleName",
                "RolePolicyList",
                trust=f"{role['Arn']}#trust",
                service_linked=role.get("Path", "").startswith("/aws-service-role/"),
                instance_profiles=tuple(profile["Arn"] for profile in role.get("InstanceProfileList", ())),
            )

    def documents(self) -> Iterator[PolicyDocument]:
        """Yield inline policies and trusts, then each managed policy in its default version.

        A policy that is both attached and a boundary is told twice, the second time as ``ARN#boundary``.
        Policies of AWS that hang on nobody are left out.
        """
        for name, entries in (("User", self._users), ("Group", self._groups), ("Role", self._roles)):
            for entry in entries:
                for policy in entry.get(f"{name}PolicyList", ()):
                    yield self._document(_inline(entry, policy), "identity", [entry["Arn"]], policy["PolicyDocument"])
        for role in self._roles:
            trust = role["AssumeRolePolicyDocument"]
            yield self._document(f"{role['Arn']}#trust", "trust", [role["Arn"]], trust)
        for policy in self._policies:
            yield from self._managed(policy)

    def missing(self) -> list[str]:
        """Return the ARNs of policies that hang on a principal and are not in the answer."""
        told = {policy["Arn"] for policy in self._policies}
        return sorted({*self._attached, *self._bounded} - told)

    def _managed(self, policy: Payload) -> Iterator[PolicyDocument]:
        arn, text = policy["Arn"], _default_version(policy)
        attached, bounded = self._attached.get(arn, []), self._bounded.get(arn, [])
        if attached or (not bounded and self._id(arn) == arn):
            yield self._document(self._id(arn), "identity", attached, text)
        if bounded:
            yield self._document(self._boundary_id(arn), "boundary", bounded, text)

    def _principal(self, kind: str, entry: Payload, name: str, inline: str, **facts: Any) -> Principal:
        boundary = _boundary(entry)
        return Principal(
            id=entry["Arn"],
            provider=PROVIDER,
            account=self._account,
            kind=kind,
            name=entry[name],
            path=entry.get("Path", ""),
            created=utc(entry.get("CreateDate")),
            policies=(
                *(_inline(entry, policy) for policy in entry.get(inline, ())),
                *(self._id(policy["PolicyArn"]) for policy in entry.get("AttachedManagedPolicies", ())),
            ),
            boundary=self._boundary_id(boundary) if boundary else "",
            labels={tag["Key"]: tag["Value"] for tag in entry.get("Tags", ())},
            unique_id=entry.get(name.replace("Name", "Id")),
            **facts,
        )

    def _groups_of(self, user: Payload) -> tuple[str, ...]:
        """Name a user's groups by ARN. A group that an answer cut short lacks keeps a name that no record has."""
        missing = self._root.removesuffix("root") + "group/"
        return tuple(self._group_arns.get(name, missing + name) for name in user.get("GroupList", ()))

    def _document(self, name: str, kind: str, attached: Sequence[str], document: Any) -> PolicyDocument:
        return PolicyDocument(name, PROVIDER, self._account, kind, tuple(sorted(attached)), text_of(document))

    def _id(self, arn: str) -> str:
        return f"{arn}#{self._account}" if arn.split(":")[4] == "aws" else arn

    def _boundary_id(self, arn: str) -> str:
        return f"{self._id(arn)}#boundary" if arn in self._attached else self._id(arn)


def fetch_oidc(asker: Asker) -> Iterator[Federation | Gap]:
    """Ask for the OIDC providers and the audiences that each accepts."""
    listed, ended = asker.pages(
        SERVICE,
        "list_open_id_connect_providers",
        "OpenIDConnectProviderList",
        facet=Facet.FEDERATIONS,
        resource=asker.account,
    )
    for entry in listed:
        reply = asker.ask(
            SERVICE,
            "get_open_id_connect_provider",
            facet=Facet.FEDERATIONS,
            resource=entry["Arn"],
            OpenIDConnectProviderArn=entry["Arn"],
        )
        if isinstance(reply, Gap):
            yield reply
        elif isinstance(reply, dict):
            yield read_provider(asker.account, "oidc", entry["Arn"], tuple(reply.get("ClientIDList", ())))
    if isinstance(ended, Gap):
        yield ended


def fetch_saml(asker: Asker) -> Iterator[Federation | Gap]:
    """Ask for the SAML providers."""
    listed, ended = asker.pages(
        SERVICE, "list_saml_providers", "SAMLProviderList", facet=Facet.FEDERATIONS, resource=asker.account
    )
    for entry in listed:
        yield read_provider(asker.account, "saml", entry["Arn"], ())
    if isinstance(ended, Gap):
        yield ended


def read_provider(account: str, kind: str, arn: str, audiences: tuple[str, ...]) -> Federation:
    """Read a provider. Whoever comes through one has signed in somewhere: it lets in no guests.

    Which roles it opens stands in their trust policies.
    """
    return Federation(
        id=arn,
        provider=PROVIDER,
        account=account,
        region="",
        kind=kind,
        name=arn.partition("/")[2],
        guests=Answer.NO,
        classic_flow=Answer.NO,
        audiences=audiences,
    )


def text_of(document: Any) -> str:
    """Return a policy as text: botocore decodes what is JSON; what is not stays as it came, URL-encoding apart."""
    if isinstance(document, str):
        return unquote(document)
    return json.dumps(document, separators=(",", ":"))


def _default_version(policy: Payload) -> Any:
    """Return the document in force; "" where the answer holds none, which governs nothing that can be proved."""
    versions = policy.get("PolicyVersionList", ())
    return next((version["Document"] for version in versions if version["IsDefaultVersion"]), "")


def _boundary(entry: Payload) -> str | None:
    arn: str | None = entry.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return arn


def _inline(entry: Payload, policy: Payload) -> str:
    return f"{entry['Arn']}#inline/{policy['PolicyName']}"
