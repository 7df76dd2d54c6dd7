"""Organizations: an account's place in the tree, the guardrails over it, and whether its speech trains AWS's models.

Any account may ask about itself; the tree and the policies are told only to the management account and to
delegated administrators.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from cloudscan.model import Answer, Gap, PolicyDocument, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.questions import Absent
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.clients import Clients
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.units import whole

SERVICE = "organizations"
GUARDRAILS = {"SERVICE_CONTROL_POLICY": "service-control", "RESOURCE_CONTROL_POLICY": "resource-control"}
"""The types of policy that limit what may be done, and the kind of document each is."""
OPT_OUT = "AISERVICES_OPT_OUT_POLICY"
NOT_IN_USE = "AWSOrganizationsNotInUseException"


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield one unit, of the caller's account alone, if a check wants the organization."""
    if account.is_callers and account.wants(Facet.ORGANIZATION):
        yield from whole(account, SERVICE, fetch_guardrails, requests=len(GUARDRAILS))


def fetch_guardrails(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """Ask for the service and resource control policies, and what each hangs on. No organization has none.

    What a level allows is what any of its policies allows: with one unseen the rest of its kind prove nothing,
    and only the Gaps are told.
    """
    for policy_type, kind in GUARDRAILS.items():
        policies, ended = asker.pages(
            SERVICE,
            "list_policies",
            "Policies",
            facet=Facet.ORGANIZATION,
            resource=asker.account,
            absent=(NOT_IN_USE,),
            Filter=policy_type,
        )
        told = [item for policy in policies for item in fetch_guardrail(asker, kind, policy)]
        gaps = [gap for gap in (*told, ended) if isinstance(gap, Gap)]
        yield from gaps or told


def fetch_guardrail(asker: Asker, kind: str, policy: Mapping[str, Any]) -> Iterator[PolicyDocument | Gap]:
    """Ask for the text of one policy and for its targets: accounts, units and roots by their ids."""
    arn = policy["Arn"]
    described = asker.ask(SERVICE, "describe_policy", facet=Facet.ORGANIZATION, resource=arn, PolicyId=policy["Id"])
    targets, cut = asker.pages(
        SERVICE,
        "list_targets_for_policy",
        "Targets",
        facet=Facet.ORGANIZATION,
        resource=arn,
        PolicyId=policy["Id"],
    )
    if isinstance(described, dict) and cut is None:
        attached = tuple(sorted(target["TargetId"] for target in targets))
        yield PolicyDocument(arn, PROVIDER, asker.account, kind, attached, described["Policy"]["Content"])
    yield from (gap for gap in (described, cut) if isinstance(gap, Gap))


def fetch_place(account: AccountScope, asker: Asker) -> tuple[dict[str, Any], list[Gap]]:
    """Ask where an account stands, and whether it opted out of training.

    Returns what was told, as facts of an ``Account`` by name, and the Gaps. Without an organization there is no
    way to opt out ("Opting out of using your data for service improvement", Amazon Transcribe developer guide).
    """
    if not account.wants(Facet.ORGANIZATION, Facet.TRAINING_OPT_OUT):
        return {}, []
    membership, gaps = fetch_membership(account, asker)
    if membership is None:
        return {"organization": "", "management": Answer.NO, "parents": (), "training_opt_out": Answer.NO}, []
    place = dict(membership)
    if account.wants(Facet.ORGANIZATION):
        _settle(place, gaps, "parents", fetch_parents(account, asker))
    if account.wants(Facet.TRAINING_OPT_OUT):
        _settle(place, gaps, "training_opt_out", fetch_opt_out(account, asker, place.get("management")))
    return place, gaps


def asks_membership(account: AccountScope) -> bool:
    """Say whether an account is to be asked which organization it belongs to."""
    return account.wants(Facet.ORGANIZATION, Facet.TRAINING_OPT_OUT) and not _is_told(account)


def _is_told(account: AccountScope) -> bool:
    return bool(account.organization) and account.management is not Answer.UNKNOWN


def fetch_membership(account: AccountScope, asker: Asker) -> tuple[dict[str, Any] | None, list[Gap]]:
    """Ask which organization an account belongs to, unless ``ListAccounts`` told; None: to no organization."""
    if _is_told(account):
        return {"organization": account.organization, "management": account.management}, []
    facet = Facet.ORGANIZATION if account.wants(Facet.ORGANIZATION) else Facet.TRAINING_OPT_OUT
    reply = asker.ask(SERVICE, "describe_organization", facet=facet, resource=account.id, absent=(NOT_IN_USE,))
    if isinstance(reply, Absent):
        return None, []
    if isinstance(reply, Gap):
        return {}, [reply]
    told = reply["Organization"]
    manager = told.get("MasterAccountId")
    return {"organization": told["Id"], "management": Answer.of(manager == account.id if manager else None)}, []


def fetch_parents(account: AccountScope, asker: Asker) -> tuple[str, ...] | Gap:
    """Ask the caller's organization for the nodes above an account, from the root down.

    One account is climbed from. With the whole organization in the scan its tree is walked once for all, since
    two lists a unit are fewer requests than one for each account.
    """
    if account.scope.options.get("org"):
        told = _tree(account.caller, account.home).parents_of(account.id)
    else:
        told = climb(Asker(account.caller, account.home), account.id)
    asker.count(Facet.ORGANIZATION, answered=not isinstance(told, Gap))
    return replace(told, account=account.id, resource=account.id) if isinstance(told, Gap) else told


def climb(asker: Asker, child: str) -> tuple[str, ...] | Gap:
    """Ask for parent after parent up to the root."""
    path: list[str] = []
    while True:
        parents, gap = asker.pages(
            SERVICE, "list_parents", "Parents", facet=Facet.ORGANIZATION, resource=child, ChildId=child
        )
        if isinstance(gap, Gap):
            return gap
        if len(parents) != 1 or parents[0]["Id"] in path:
            return asker.gap(Facet.ORGANIZATION, child, Why.MALFORMED, f"{SERVICE}:list_parents")
        child = parents[0]["Id"]
        path.insert(0, child)
        if parents[0]["Type"] == "ROOT":
            return tuple(path)


class Tree:
    """The tree of the caller's organization, walked when the first account asks for its place in it."""

    def __init__(self, caller: Clients, region: str) -> None:
        self._asker = Asker(caller, region)
        self._lock = threading.Lock()
        self._parents: dict[str, tuple[str, ...]] | None = None
        self._gap: Gap | None = None

    def parents_of(self, account: str) -> tuple[str, ...] | Gap:
        """Return the nodes above an account, from the root down, or why they are not known."""
        with self._lock:
            if self._parents is None:
                self._parents, self._gap = self._walk()
            found = self._parents.get(account)
        if found is not None:
            return found
        detail = "the account is not in the organization of the caller"
        operation = f"{SERVICE}:list_children"
        return self._gap or self._asker.gap(Facet.ORGANIZATION, account, Why.VANISHED, operation, detail)

    def _walk(self) -> tuple[dict[str, tuple[str, ...]], Gap | None]:
        roots, failed = self._asker.pages(
            SERVICE, "list_roots", "Roots", facet=Facet.ORGANIZATION, resource=self._asker.account
        )
        gap = failed if isinstance(failed, Gap) else None
        found: dict[str, tuple[str, ...]] = {}
        paths: list[tuple[str, ...]] = [(root["Id"],) for root in roots]
        while paths:
            path = paths.pop()
            for kind in ("ACCOUNT", "ORGANIZATIONAL_UNIT"):
                children, failed = self._asker.pages(
                    SERVICE,
                    "list_children",
                    "Children",
                    facet=Facet.ORGANIZATION,
                    resource=path[-1],
                    ParentId=path[-1],
                    ChildType=kind,
                )
                if isinstance(failed, Gap):
                    gap = failed
                if kind == "ACCOUNT":
                    found.update((child["Id"], path) for child in children)
                else:
                    paths.extend((*path, child["Id"]) for child in children)
        return found, gap


@lru_cache(maxsize=1)
def _tree(caller: Clients, region: str) -> Tree:
    """Return the one tree of a scan. Making it asks nothing."""
    return Tree(caller, region)


def fetch_opt_out(account: AccountScope, asker: Asker, management: Answer | None) -> Answer | Gap:
    """Ask for the account's effective opt-out policy, which any account may see of itself.

    Only the management account names the account that it means ("DescribeEffectivePolicy" in the API reference).
    """
    reply = asker.ask(
        SERVICE,
        "describe_effective_policy",
        facet=Facet.TRAINING_OPT_OUT,
        resource=account.id,
        absent=("EffectivePolicyNotFoundException", NOT_IN_USE),
        PolicyType=OPT_OUT,
        **({"TargetId": account.id} if management is Answer.YES else {}),
    )
    if isinstance(reply, Gap):
        return reply
    answer = Answer.NO if isinstance(reply, Absent) else read_opt_out(reply["EffectivePolicy"]["PolicyContent"])
    if answer is not Answer.UNKNOWN:
        return answer
    asker.count(Facet.TRAINING_OPT_OUT, answered=False)
    operation = f"{SERVICE}:describe_effective_policy"
    return asker.gap(Facet.TRAINING_OPT_OUT, account.id, Why.MALFORMED, operation)


def read_opt_out(content: str) -> Answer:
    """Read an effective policy: what it says of Transcribe, else of all services; UNKNOWN if it cannot be read.

    Capitals count ("AI services opt-out policy syntax and examples").
    """
    words = {"optOut": Answer.YES, "optIn": Answer.NO}
    try:
        services = json.loads(content)["services"]
        said = services.get("transcribe", services.get("default"))
        return Answer.NO if said is None else words[said["opt_out_policy"]]
    except (ValueError, TypeError, KeyError, AttributeError):
        return Answer.UNKNOWN


def _settle(place: dict[str, Any], gaps: list[Gap], name: str, told: Any) -> None:
    """Keep an answer as a fact, or the Gap that came instead."""
    if isinstance(told, Gap):
        gaps.append(told)
    else:
        place[name] = told
