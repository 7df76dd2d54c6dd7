"""From a scope to the accounts, regions and buckets that will be looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from cloudscan.errors import CollectionStopped, UsageError
from cloudscan.model import Account, Answer, Coverage, Gap, Why
from cloudscan.provider import STORE_FACETS, Caller, Facet, Scope
from cloudscan.providing.questions import Absent
from cloudscan_aws.accounts import AccountScope, Bucket
from cloudscan_aws.clients import Clients, Limits, assumed_session, open_session
from cloudscan_aws.codes import partition_of
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.times import utc

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+")
_ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Member:
    """An account that is to be looked at, and what Organizations told of it."""

    id: str
    name: str = ""
    organization: str | None = None
    management: Answer = Answer.UNKNOWN
    state: str = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Found:
    """What planning learned of one account. ``account`` is None where it cannot be looked at; ``noticed`` says why."""

    id: str
    account: AccountScope | None
    noticed: tuple[Account | Gap | Coverage, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """The scan's own credentials at work: who they belong to, and the way into other accounts."""

    scope: Scope
    home: str
    caller: Caller
    clients: Clients
    limits: Limits

    @classmethod
    def open(cls, scope: Scope) -> Session:
        """Ask the cloud who is asking.

        Raises UsageError without usable credentials, :class:`CollectionStopped` when AWS does not answer.
        """
        _check(scope)
        profile = scope.options.get("profile")
        own = open_session(str(profile) if profile else None)
        home = next(iter(chosen_regions(scope)), None) or own.get_config_variable("region") or "us-east-1"
        limits = Limits(scope)
        asker = Asker(Clients(own, "", scope, limits), home)

        def identify() -> dict[str, Any]:
            if own.get_credentials() is None:
                raise UsageError(
                    "there are no AWS credentials: give --profile, or set AWS_PROFILE or the AWS_* variables"
                )
            payload: dict[str, Any] = asker.clients.client("sts", home).get_caller_identity()
            return payload

        told = asker.run(identify, facet=Facet.ACCOUNTS, resource="", operation="sts:get_caller_identity")
        if isinstance(told, Gap):
            problem = f"AWS does not say who is asking ({told.detail}): the credentials or the endpoint are wrong"
            raise (UsageError if told.why in {Why.DENIED, Why.DISABLED} else CollectionStopped)(problem)
        if isinstance(told, Absent):  # no code means "absent" here
            raise CollectionStopped(told.code)
        caller = Caller(PROVIDER, told["Account"], told["Arn"])
        return cls(scope, home, caller, Clients(own, caller.account, scope, limits), limits)

    def enter(self, account: str) -> tuple[Clients | None, list[Gap | Coverage]]:
        """Return the clients of an account: the caller's own, or those under the role; and what stood in the way."""
        if account == self.caller.account:
            return self.clients, []
        asker = Asker(Clients(self.clients.session, account, self.scope, self.limits), self.home)
        role = f"arn:{partition_of(self.home)}:iam::{account}:role/{self.scope.options['role-name']}"
        external = self.scope.options.get("external-id")
        parameters = {"ExternalId": external} if external else {}

        def assume() -> dict[str, Any]:
            sts = asker.clients.client("sts", self.home)
            payload: dict[str, Any] = sts.assume_role(RoleArn=role, RoleSessionName="cloudscan", **parameters)
            return payload

        first = asker.run(assume, facet=Facet.ACCOUNTS, resource=account, operation="sts:assume_role")
        if not isinstance(first, dict):
            return None, [*([first] if isinstance(first, Gap) else []), *asker.coverage()]
        kept = [first]

        def refresh() -> dict[str, str]:
            credentials = (kept.pop() if kept else assume())["Credentials"]
            return {
                "access_key": credentials["AccessKeyId"],
                "secret_key": credentials["SecretAccessKey"],
                "token": credentials["SessionToken"],
                "expiry_time": credentials["Expiration"].isoformat(),
            }

        session = assumed_session(self.clients.session, refresh)
        return Clients(session, account, self.scope, self.limits), list(asker.coverage())


def chosen_regions(scope: Scope) -> tuple[str, ...]:
    """Return the regions that the user named; none means all that the account has enabled."""
    return scope.words("region")


def find(session: Session) -> list[Found]:
    """Find the accounts of the scope, and of each its regions and buckets, on threads."""
    members, noticed = _members(session)
    with ThreadPoolExecutor(max_workers=session.scope.workers, thread_name_prefix="plan") as pool:
        found = list(pool.map(lambda member: _explore(session, member), members))
    if noticed:
        found.append(Found(f"{session.caller.account}/organization", None, tuple(noticed)))
    return found


def _check(scope: Scope) -> None:
    """Refuse options that cannot be meant. Raises UsageError."""
    for region in chosen_regions(scope):
        if not _REGION.fullmatch(region):
            raise UsageError(f"--region {region!r} is not the name of an AWS region, such as eu-central-1")
    attempts = scope.options.get("max-attempts")
    if attempts and not re.fullmatch(r"[1-9]\d?", str(attempts)):
        raise UsageError(f"--max-attempts {attempts!r} is not a number from 1 to 99")
    jobs = scope.options.get("max-jobs")
    if jobs and not re.fullmatch(r"[1-9]\d{0,8}", str(jobs), re.ASCII):
        raise UsageError(f"--max-jobs {jobs!r} is not a number from 1 to 999999999")
    accounts = scope.words("account")
    for account in accounts:
        if not _ACCOUNT.fullmatch(account):
            raise UsageError(f"--account {account!r} is not an AWS account: it has 12 digits")
    if scope.options.get("org") and accounts:
        raise UsageError("--org looks at every account: give it without --account")
    if scope.options.get("org") and not scope.options.get("role-name"):
        raise UsageError("--org needs --role-name: the role that the scan takes on in each account")


def _members(session: Session) -> tuple[list[Member], list[Gap | Coverage]]:
    """Return the accounts to look at, by id, and what could not be listed."""
    accounts = session.scope.words("account")
    own = session.caller.account
    if not session.scope.options.get("org"):
        if not session.scope.options.get("role-name") and set(accounts) - {own}:
            raise UsageError("--account needs --role-name: the role that the scan takes on in each account")
        return [Member(account) for account in sorted(set(accounts) or {own})], []
    asker = Asker(session.clients, session.home)
    entries, gap = asker.pages(
        "organizations", "list_accounts", "Accounts", facet=Facet.ACCOUNTS, resource="organization"
    )
    members = {member.id: member for member in map(_member, entries)}
    members.setdefault(own, Member(own))
    noticed: list[Gap | Coverage] = [gap] if isinstance(gap, Gap) else []
    noticed.extend(asker.coverage())
    return [members[account] for account in sorted(members)], noticed


def _member(entry: Mapping[str, Any]) -> Member:
    """Read an account of ``ListAccounts``; its ARN names the management account and the organization.

    ``Status`` gave way to ``State`` in 2026 ("Account", AWS Organizations API reference).
    """
    _, _, _, _, manager, path = str(entry.get("Arn") or ":::::").split(":", 5)
    parts = path.split("/")
    return Member(
        id=entry["Id"],
        name=entry.get("Name") or "",
        organization=parts[1] if len(parts) == 3 else None,
        management=Answer.of(manager == entry["Id"] if manager else None),
        state=entry.get("State") or entry.get("Status") or "ACTIVE",
    )


def _explore(session: Session, member: Member) -> Found:
    """Find the regions and buckets of one account."""
    bare = Account(
        member.id, PROVIDER, name=member.name, organization=member.organization, management=member.management
    )
    if member.state != "ACTIVE":
        gap = Asker(Clients(session.clients.session, member.id, session.scope, session.limits), session.home).gap(
            Facet.ACCOUNTS, member.id, Why.DISABLED, "organizations:list_accounts", detail=member.state
        )
        return Found(member.id, None, (bare, gap))
    clients, noticed = session.enter(member.id)
    if clients is None:
        return Found(member.id, None, (bare, *noticed))
    asker = Asker(clients, session.home)
    buckets, gaps = _buckets(asker, session.scope)
    regions, missing = _regions(asker, session.scope, [bucket.region for bucket in buckets])
    account = AccountScope(
        id=member.id,
        clients=clients,
        scope=session.scope,
        regions=regions,
        home=session.home,
        caller=session.clients,
        buckets=tuple(buckets),
        name=member.name,
        organization=member.organization,
        management=member.management,
    )
    return Found(member.id, account, (*noticed, *gaps, *missing, *asker.coverage()))


def _buckets(asker: Asker, scope: Scope) -> tuple[list[Bucket], list[Gap]]:
    """List the buckets of an account that are in the scope.

    ``ListBuckets`` names each bucket's region only if it is asked with a parameter, and accounts with more
    than 10,000 buckets must ask with MaxBuckets ("ListBuckets", Amazon S3 API reference).
    """
    if scope.facets.isdisjoint(STORE_FACETS | {Facet.JOBS, Facet.LOG_SOURCES}):
        return [], []
    found: list[Bucket] = []

    def collect() -> dict[str, Any]:
        pages = asker.clients.client("s3", asker.region).get_paginator("list_buckets").paginate(MaxBuckets=10_000)
        for page in pages:
            owner = (page.get("Owner") or {}).get("ID")
            found.extend(
                Bucket(each["Name"], each.get("BucketRegion") or "", utc(each.get("CreationDate")), owner)
                for each in page.get("Buckets") or ()
            )
        return {}

    reply = asker.run(
        collect,
        facet=Facet.STORES,
        resource=asker.account,
        operation="s3:list_buckets",
        permission="s3:ListAllMyBuckets",
    )
    regions = {"", *chosen_regions(scope)}
    wanted = [
        bucket
        for bucket in found
        if (len(regions) == 1 or bucket.region in regions)
        and any(fnmatchcase(bucket.name, pattern) for pattern in scope.stores or ("*",))
    ]
    return wanted, [reply] if isinstance(reply, Gap) else []


def _regions(asker: Asker, scope: Scope, seen: Sequence[str]) -> tuple[tuple[str, ...], list[Gap]]:
    """Return the regions to look at: the user's, or those enabled for the account.

    Where the account does not tell, its home and the regions of its buckets are what is known, and a Gap says
    that there may be more.
    """
    if chosen := chosen_regions(scope):
        return chosen, []
    statuses = ["opt-in-not-required", "opted-in"]
    reply = asker.ask(
        "ec2",
        "describe_regions",
        facet=Facet.ACCOUNTS,
        resource=asker.account,
        Filters=[{"Name": "opt-in-status", "Values": statuses}],
    )
    if isinstance(reply, dict):
        enabled = {each["RegionName"] for each in reply.get("Regions") or () if each.get("OptInStatus") in statuses}
        if enabled:
            return tuple(sorted(enabled)), []
        reply = asker.gap(
            Facet.ACCOUNTS, asker.account, Why.MALFORMED, "ec2:describe_regions", "no region is said to be enabled"
        )
    known = tuple(sorted({asker.region, *seen} - {""}))
    return known, [reply] if isinstance(reply, Gap) else []
