"""Projects, folders, organizations and tags in neutral words. Pure: each function reads one payload as JSON has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Project:
    """A project as Resource Manager names it. ``parent`` is ``folders/N`` or ``organizations/N``, "" for none."""

    id: str
    number: str
    name: str = ""
    parent: str = ""
    state: str = "ACTIVE"


def project(payload: Mapping[str, Any]) -> Project | None:
    """Read a project; None where the answer does not even name it ("Project", Resource Manager API v3)."""
    told = payload.get("projectId")
    if not isinstance(told, str) or not told:
        return None
    return Project(
        id=told,
        number=str(payload.get("name") or "").removeprefix("projects/"),
        name=str(payload.get("displayName") or ""),
        parent=str(payload.get("parent") or ""),
        state=str(payload.get("state") or "ACTIVE"),
    )


def ancestry(payload: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Read the nodes above a project, root first; None for an answer that makes no sense.

    Ancestors come from the bottom up, the project itself first ("projects.getAncestry", Resource Manager API v1).
    """
    found: list[str] = []
    for each in payload.get("ancestor") or ():
        told = each.get("resourceId") if isinstance(each, Mapping) else None
        if not isinstance(told, Mapping) or not told.get("type") or not told.get("id"):
            return None
        found.append(f"{told['type']}s/{told['id']}")
    return tuple(reversed(found[1:])) if found else None


def tags(payloads: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Read effective tags: namespaced key to the short name of its value ("EffectiveTag", Resource Manager API v3)."""
    found: dict[str, str] = {}
    for each in payloads:
        key, value = str(each.get("namespacedTagKey") or ""), str(each.get("namespacedTagValue") or "")
        if key and value.startswith(f"{key}/"):
            found[key] = value.removeprefix(f"{key}/")
    return found
