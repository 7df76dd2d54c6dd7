"""An estate as it would be without some statements, to see what truly hangs on them.

A statement that is taken out is put in again as one that denies nothing, so that the others keep their places and
with them their names. Only documents that give rights lose statements: what a boundary or an organization's
policy allows is no right, and to take it out would close more than what was asked about.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from cloudscan.estate import Estate
from cloudscan.model import PolicyDocument
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.documents import Malformed, Policy, Statement
from cloudscan_aws.policy.matching import covers
from cloudscan_aws.session import PROVIDER

_NOTHING: dict[str, object] = {"Effect": "Deny", "Principal": "*", "NotAction": "*", "Resource": "*"}
"""A statement about no action at all."""
_SHOWN = 3
"""Actions, resources and principals of a statement that are named before the rest is counted."""
_OF_IDENTITIES = ("identity", "trust")


def without(estate: Estate, statements: Collection[str]) -> Estate:
    """Return the estate with statements taken out, by the names that proofs give them."""
    gone = {document.id: places for document, places in _places(estate, frozenset(statements))}
    policies = {
        name: replace(document, document=_emptied(document.document, gone[name])) if name in gone else document
        for name, document in estate.policies.items()
    }
    return replace(estate, policies=policies)


def statements(estate: Estate) -> frozenset[str]:
    """Return the names of all statements that can be taken out."""
    named = (Policy.of(name, document.document) for document, name in _named(estate))
    return frozenset(
        policy.statement(item) for policy in named if _readable(policy) for item in policy.document.statements
    )


def upkeep(estate: Estate) -> frozenset[str]:
    """Return the names of the statements of key policies by which the policy itself can be changed.

    A key whose policy nobody may change is unmanageable, and only AWS Support can mend that ("AWS KMS Developer
    Guide": Default key policy).
    """
    return frozenset(
        policy.statement(item)
        for document, name in _named(estate)
        if document.kind == "key"
        for policy in [Policy.of(name, document.document)]
        for item in policy.document.statements
        if isinstance(item, Statement) and item.effect == "Allow" and covers(item, "kms:putkeypolicy")
    )


def says(estate: Estate, names: Collection[str]) -> dict[str, str]:
    """Say what statements do: the actions, on what, to whom, and whether a condition narrows it."""
    told = {}
    for document, name in _named(estate):
        policy = Policy.of(name, document.document)
        for place, item in enumerate(policy.document.statements if _readable(policy) else ()):
            if policy.statement(item) in names:
                told[policy.statement(item)] = _said(_listed(document.document)[place])
    return told


def _said(statement: Mapping[str, Any]) -> str:
    verb = "denies" if statement.get("Effect") == "Deny" else "allows"
    parts = [f"{verb} {_element(statement, 'Action')}"]
    parts += [f"on {_element(statement, 'Resource')}"] if {"Resource", "NotResource"} & statement.keys() else []
    parts += [f"to {_element(statement, 'Principal')}"] if {"Principal", "NotPrincipal"} & statement.keys() else []
    return " ".join([*parts, *(["under a condition"] if statement.get("Condition") else [])])


def _element(statement: Mapping[str, Any], name: str) -> str:
    """Name what stands in an element, or that all but that is meant."""
    but, given = ("", statement[name]) if name in statement else ("all but ", statement.get(f"Not{name}"))
    values = [each for one in given.values() for each in _many(one)] if isinstance(given, dict) else _many(given)
    left = f" and {len(values) - _SHOWN:,} more" if len(values) > _SHOWN else ""
    return f"{but}{', '.join(map(str, values[:_SHOWN]))}{left}"


def _many(given: object) -> list[object]:
    return list(given) if isinstance(given, list) else [given]


def _places(estate: Estate, statements: frozenset[str]) -> Iterator[tuple[PolicyDocument, list[int]]]:
    """Yield the documents in question, and which of their statements are meant."""
    for document, name in _named(estate):
        policy = Policy.of(name, document.document)
        items = policy.document.statements
        places = [place for place, item in enumerate(items) if policy.statement(item) in statements]
        if places and _readable(policy):
            yield document, places


def _readable(policy: Policy) -> bool:
    return not any(isinstance(item, Malformed) and item.index is None for item in policy.document.statements)


def _named(estate: Estate) -> Iterator[tuple[PolicyDocument, str]]:
    """Yield every document that gives rights, with its name in proofs."""
    facts = Facts(estate)
    for document in estate.policies.values():
        if document.kind in _OF_IDENTITIES:
            yield document, document.id
    held: list[tuple[str, str, Sequence[Policy] | None]] = []
    for store in estate.stores.values():
        if store.provider == PROVIDER:
            held.append((store.id, "resource", facts.bucket(store).policy))
            held += [(door.arn, "access-point", door.policy) for door in facts.access_points(store)]
    held += [(key.arn, "key", [key.policy] if key.policy else None) for key in facts.keys.values()]
    for target, kind, policies in held:
        for document, policy in zip(estate.policies_on(target, kind), policies or (), strict=False):
            yield document, policy.name


def _emptied(text: str, places: Sequence[int]) -> str:
    """Return a document's text with statements that say nothing in some places. It has them: it was parsed before."""
    held = _listed(text)
    content = _content(text) | {"Statement": [_nothing(one) if at in places else one for at, one in enumerate(held)]}
    return json.dumps(content)


def _content(text: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(unquote(text) if text.lstrip()[:1] == "%" else text)
    return content


def _listed(text: str) -> list[Any]:
    statements = _content(text)["Statement"]
    return [statements] if isinstance(statements, dict) else list(statements)


def _nothing(statement: object) -> dict[str, object]:
    sid = statement.get("Sid") if isinstance(statement, dict) else None
    return _NOTHING | ({"Sid": sid} if isinstance(sid, str) else {})
