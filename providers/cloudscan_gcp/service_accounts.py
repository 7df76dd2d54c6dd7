"""Service accounts: who they are, who may become them, and the keys that somebody made of them.

The list tells of each account. Policies and keys are questions for each one ("IAM API"), unless Cloud Asset Inventory
tells all of a project at once. Each account has keys that Google manages ("Service account keys"): of one that has none
in the inventory, this has nothing to say yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cloudscan.model import Answer, Credential, Gap, Principal
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import utc
from cloudscan.providing.questions import named
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.assets import WORTH, Inventory
from cloudscan_gcp.hierarchy import document
from cloudscan_gcp.session import PROVIDER, Asker

_ACCOUNT, _KEY = "iam.googleapis.com/ServiceAccount", "iam.googleapis.com/ServiceAccountKey"
_NO_END = "9999-12-31"
"""The day on which a key ends that has no end ("Service account keys: expiry times")."""
_VERSION = {"options.requestedPolicyVersion": 3}


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that asks about the service accounts of a project."""
    if project.wants(Facet.PRINCIPALS, Facet.CREDENTIALS):
        yield from made.of_project(project, "service-accounts", collect)


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield the service accounts of a project with what was asked about them."""
    principals = project.wants(Facet.PRINCIPALS)
    found, gap = asker.pages(
        "iam.projects.serviceAccounts.list",
        named("v1/projects/{}/serviceAccounts", project.id),
        "accounts",
        facet=Facet.PRINCIPALS if principals else Facet.CREDENTIALS,
        resource=project.id,
        permission="iam.serviceAccounts.list",
        query={"pageSize": 100},
    )
    if isinstance(gap, Gap):
        yield gap
        if principals and project.wants(Facet.CREDENTIALS):  # whose keys there are is as little known
            asker.count(Facet.CREDENTIALS, answered=False)
            yield replace(gap, facet=Facet.CREDENTIALS)
    inventory = Inventory(asker, usable=len(found) >= WORTH)
    if principals:
        yield from (principal(each, project) for each in found)
        yield from _policies(project, asker, found, inventory)
    if project.wants(Facet.CREDENTIALS):
        yield from _keys(project, asker, found, inventory)


def _policies(
    project: ProjectScope, asker: Asker, accounts: Sequence[Mapping[str, Any]], inventory: Inventory
) -> Iterator[Collected]:
    """Yield who may become each account, also where nobody is named."""
    known = {_email(each) for each in inventory.resources(_ACCOUNT, Facet.PRINCIPALS) or ()}
    told = inventory.policies(_ACCOUNT, Facet.PRINCIPALS)
    for each in accounts:
        name = _member(each)
        if told is None or _email(each) not in known:
            reply = asker.ask(
                "iam.projects.serviceAccounts.getIamPolicy",
                named("v1/projects/{}/serviceAccounts/{}:getIamPolicy", project.id, _email(each)),
                facet=Facet.PRINCIPALS,
                resource=name,
                permission="iam.serviceAccounts.getIamPolicy",
                method="POST",
                query=_VERSION,
            )
        else:
            policy = told.get(_email(each)) or told.get(str(each.get("uniqueId"))) or {}
            reply = dict(policy)
        if isinstance(reply, dict):
            yield document(asker, "trust", f"{name}#iam", reply, name)
        elif isinstance(reply, Gap):
            yield reply


def _keys(
    project: ProjectScope, asker: Asker, accounts: Sequence[Mapping[str, Any]], inventory: Inventory
) -> Iterator[Collected]:
    """Yield the keys that are the users' own: Google's own, which nobody can hold, are left out."""
    told = inventory.resources(_KEY, Facet.CREDENTIALS) or ()
    yield from (key(each, project, accounts) for each in told if each.get("keyType") == "USER_MANAGED")
    known = {_owner(each) for each in told}
    for each in (each for each in accounts if known.isdisjoint((_email(each), str(each.get("uniqueId"))))):
        found, gap = asker.pages(
            "iam.projects.serviceAccounts.keys.list",
            named("v1/projects/{}/serviceAccounts/{}/keys", project.id, _email(each)),
            "keys",
            facet=Facet.CREDENTIALS,
            resource=_member(each),
            permission="iam.serviceAccountKeys.list",
            query={"keyTypes": "USER_MANAGED"},
        )
        yield from (key(one, project, [each]) for one in found)
        if isinstance(gap, Gap):
            yield gap


def principal(told: Mapping[str, Any], project: ProjectScope) -> Principal:
    """Read a service account ("ServiceAccount", IAM API)."""
    name = _member(told)
    return Principal(
        id=name,
        provider=PROVIDER,
        account=project.id,
        kind="service-account",
        name=_email(told),
        trust=f"{name}#iam",
        unique_id=str(told.get("uniqueId") or "") or None,
        password=Answer.NO,
        enabled=Answer.of(told.get("disabled") is not True),
    )


def key(told: Mapping[str, Any], project: ProjectScope, accounts: Sequence[Mapping[str, Any]]) -> Credential:
    """Read a key ("ServiceAccountKey", IAM API). Its name may have its account's number in place of the address."""
    owner, name = _owner(told), str(told.get("name") or "")
    email = next((_email(each) for each in accounts if owner in (each.get("email"), each.get("uniqueId"))), owner)
    ends = str(told.get("validBeforeTime") or "")
    lasting = None if not ends else ends.startswith(_NO_END)
    return Credential(
        id=f"projects/{project.id}/serviceAccounts/{email}/keys/{name.rpartition('/')[2]}",
        provider=PROVIDER,
        account=project.id,
        principal=f"serviceAccount:{email}",
        kind="service-account-key",
        created=utc(told.get("validAfterTime")),
        expires=None if lasting else utc(told.get("validBeforeTime")),
        lasting=Answer.of(lasting),
        enabled=Answer.of(told.get("disabled") is not True),
    )


def _owner(key: Mapping[str, Any]) -> str:
    """Return the address or the number of the account that a key is of."""
    return str(key.get("name") or "").partition("/serviceAccounts/")[2].partition("/keys/")[0]


def _email(told: Mapping[str, Any]) -> str:
    return str(told.get("email") or "")


def _member(told: Mapping[str, Any]) -> str:
    return f"serviceAccount:{_email(told)}"
