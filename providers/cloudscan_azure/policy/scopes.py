"""Scopes: where assignments hang, and what lies below them.

From "Understand scope for Azure RBAC": a role that is assigned at a scope holds for everything below it, from the
tenant's root over management groups, subscription, resource group and resource to a container. Scopes are compared by
whole segments and without case. A container is the lowest scope that the documentation of Blob Storage names; an
assignment that names a blob is taken to hold for it, and of one that names a folder it is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from cloudscan_azure.ids import BLOBS

ROOT = "/"
_GROUPS = "/providers/microsoft.management/managementgroups/"
_SUBSCRIPTION = "/subscriptions/"


def down_to(scope: str, above: Sequence[str] = ()) -> tuple[str, ...]:
    """Return a scope and every beginning of it by whole segments, those of ``above`` before them, the root first."""
    return _down_to(scope, tuple(above))


@lru_cache(maxsize=1 << 14)
def _down_to(scope: str, above: tuple[str, ...]) -> tuple[str, ...]:
    parts = [part for part in scope.split("/") if part]
    beginnings = ("/" + "/".join(parts[:end]) for end in range(1, len(parts) + 1))
    return tuple(dict.fromkeys((ROOT, *above, *beginnings)))


@lru_cache(maxsize=1 << 14)
def subscription_of(scope: str) -> str:
    """Return the id of the subscription that a scope is, or lies in; "" if it does in none."""
    return scope[len(_SUBSCRIPTION) :].partition("/")[0] if scope.startswith(_SUBSCRIPTION) else ""


def subscription(name: str) -> str:
    """Return the scope of a subscription by its id."""
    return f"{_SUBSCRIPTION}{name.lower()}"


def holds_roles(scope: str) -> bool:
    """Whether a role can be assigned at a scope: at no beginning of one that names a sort of resources, and none."""
    named, mark, resource = scope.partition(BLOBS)[0].rpartition("/providers/")
    parts = len((resource if mark else named or scope).strip("/").split("/"))
    return scope == ROOT or (parts % 2 == 1 and parts > 1 if mark else parts % 2 == 0)


def is_management_group(scope: str) -> bool:
    """Whether a scope is a management group."""
    return scope.startswith(_GROUPS)
