"""An estate as it would be without some statements, to see what truly hangs on them.

A statement is one member's role in an allow policy: what ``remove-iam-policy-binding`` takes out. Deny policies and
boundaries give no right, and lists are taken away by uniform bucket-level access, not line by line.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from cloudscan.access import ALWAYS
from cloudscan.estate import Estate
from cloudscan.model import PolicyDocument
from cloudscan_gcp.documents import ALLOWING, Documents
from cloudscan_gcp.entitlements import KIND
from cloudscan_gcp.policy.bindings import Binding, read_policy
from cloudscan_gcp.session import PROVIDER


def without(estate: Estate, statements: Collection[str]) -> Estate:
    """Return the estate with statements taken out, by the names that proofs give them."""
    gone = frozenset(statements)
    policies = {
        name: replace(document, document=_left(document, gone)) if _loses(document, gone) else document
        for name, document in estate.policies.items()
    }
    return replace(estate, policies=policies)


def statements(estate: Estate) -> frozenset[str]:
    """Return the names of all statements that can be taken out."""
    return frozenset(binding.statement for _, binding in _bindings(estate))


def says(estate: Estate, names: Collection[str]) -> dict[str, str]:
    """Say what statements do: which role, to whom, on what, and whether a condition narrows it."""
    return {
        binding.statement: f"allows {binding.role} on {', '.join(document.attached_to)} to {binding.member}"
        f"{' under a condition' if binding.expression else ''}{' on request' if document.kind == KIND else ''}"
        for document, binding in _bindings(estate)
        if binding.statement in names
    }


def upkeep(estate: Estate) -> frozenset[str]:
    """Return the names of the statements by which the topmost node over a project is administered.

    What lies below can be mended from above; who administers the top, or a project without an organization, is the
    last who can ("Method: projects.setIamPolicy": a project keeps at least one owner).
    """
    documents = Documents(estate)
    tops = {
        (account.parents or (f"projects/{account.id}",))[0]
        for account in estate.accounts.values()
        if account.provider == PROVIDER
    }
    return frozenset(
        binding.statement
        for top in tops
        for binding in documents.bindings(top)
        if documents.roles.gives(binding.role, f"resourcemanager.{top.partition('/')[0]}.setIamPolicy") is ALWAYS
    )


def _bindings(estate: Estate) -> Iterator[tuple[PolicyDocument, Binding]]:
    for document in estate.policies.values():
        if document.provider == PROVIDER and document.kind in ALLOWING:
            yield from ((document, binding) for binding in read_policy(document.id, document.document).bindings)


def _loses(document: PolicyDocument, gone: Collection[str]) -> bool:
    if document.provider != PROVIDER or document.kind not in ALLOWING:
        return False
    return any(binding.statement in gone for binding in read_policy(document.id, document.document).bindings)


def _left(document: PolicyDocument, gone: Collection[str]) -> str:
    """Return a policy's text without some of its members; what makes no sense in it stays."""
    content = json.loads(document.document)
    for binding in content["bindings"]:
        if _names_members(binding):
            told = binding.get("condition")
            expression = told["expression"] if isinstance(told, dict) else ""
            binding["members"] = [
                member
                for member in binding["members"]
                if Binding(document.id, binding["role"], member, expression).statement not in gone
            ]
    return json.dumps(content)


def _names_members(binding: Any) -> bool:
    """Whether a binding as written is one that was read."""
    if not isinstance(binding, dict) or not isinstance(binding.get("members"), list):
        return False
    condition = binding.get("condition")
    conditional = condition is None or (isinstance(condition, dict) and isinstance(condition.get("expression"), str))
    return isinstance(binding.get("role"), str) and conditional
