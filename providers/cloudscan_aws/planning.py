"""From a scope to the units of its collection."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from cloudscan.model import Account, Answer, Gap
from cloudscan.provider import Collected, Facet, Plan, Scope, Unit
from cloudscan.providing.questions import Absent
from cloudscan_aws import (
    access_points,
    backup,
    chime,
    cloudtrail,
    cognito,
    connect,
    iam,
    kinesisvideo,
    kms,
    lex,
    organizations,
    polly,
    s3,
    s3_read,
    transcribe,
    workloads,
)
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.discovery import Found, Session, find
from cloudscan_aws.estimate import estimate
from cloudscan_aws.session import PROVIDER, Asker

SERVICES = (
    s3,
    access_points,
    backup,
    transcribe,
    connect,
    lex,
    chime,
    kinesisvideo,
    polly,
    iam,
    workloads,
    cognito,
    kms,
    organizations,
    cloudtrail,
)
"""Each has ``units(account)``; their order is that of the plan."""


def plan(scope: Scope) -> Plan:
    """Find what lies in the scope and say what will be asked. Raises as :meth:`Session.open` does."""
    session = Session.open(scope)
    found = find(session)
    units = [unit for each in found for unit in _units(each)]
    cost = estimate(scope, [each.account for each in found if each.account], units)
    return Plan(units, [session.caller], cost.requests, cost.cost_usd, cost.notes)


def _units(found: Found) -> Iterator[Unit]:
    account = found.account
    requests = account.wants(Facet.PUBLIC_ACCESS) + organizations.asks_membership(account) if account else 0
    yield Unit(f"{PROVIDER}/{found.id}/account", f"{found.id} account", partial(_account, found), requests)
    if account is None:
        return
    for service in SERVICES:
        yield from service.units(account)


def _account(found: Found) -> Iterator[Collected]:
    """Yield what planning noticed, and the account with what holds for all of it."""
    yield from found.noticed
    account = found.account
    if account is None:
        return
    asker = account.asker(account.home)
    facts: dict[str, Any] = {
        "name": account.name,
        "organization": account.organization,
        "management": account.management,
    }
    if account.wants(Facet.PUBLIC_ACCESS):
        controls, gap = _controls(account, asker)
        facts["controls"] = controls
        if gap:
            yield gap
    place, gaps = organizations.fetch_place(account, asker)
    yield from gaps
    yield Account(id=account.id, provider=PROVIDER, regions=account.regions, **(facts | place))
    yield from asker.coverage()


def _controls(account: AccountScope, asker: Asker) -> tuple[dict[str, Answer], Gap | None]:
    """Ask the account's own public-access switches; never set means all off."""
    reply = asker.ask(
        "s3control",
        "get_public_access_block",
        facet=Facet.PUBLIC_ACCESS,
        resource=account.id,
        absent=("NoSuchPublicAccessBlockConfiguration",),
        permission="s3:GetAccountPublicAccessBlock",
        AccountId=account.id,
    )
    if isinstance(reply, Gap):
        return {}, reply
    return s3_read.blocks({} if isinstance(reply, Absent) else reply), None
