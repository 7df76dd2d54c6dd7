"""Attributes that an API brings of its own, and of which requests: of others each is not defined.

From "Attribute reference for IAM Conditions" (API attributes): ``storage.googleapis.com/objectListPrefix`` holds the
prefix of a request to list objects, where it names one; ``iam.googleapis.com/modifiedGrantsByRole`` the roles whose
bindings a request to set an allow policy changes. "For other types of requests, the attribute is not defined."
"""

from __future__ import annotations

from functools import lru_cache

from cloudscan.access import Context, Test
from cloudscan.access.conditions import leaves
from cloudscan_gcp.policy.cel import condition_of
from cloudscan_gcp.policy.subjects import Subject

LIST_PREFIX = "storage.googleapis.com/objectListPrefix"
GRANTS_BY_ROLE = "iam.googleapis.com/modifiedGrantsByRole"


@lru_cache(maxsize=1 << 10)
def undefined(permission: str) -> Context:
    """Return what no request has that uses a permission."""
    absent = [] if permission == "storage.objects.list" else [LIST_PREFIX]
    absent += [] if permission.endswith(".setIamPolicy") else [GRANTS_BY_ROLE]
    return Context.of({}, absent=absent)


def roles_to_change(expression: str) -> frozenset[str]:
    """Return the roles that a condition names among those which a request may change ("Limit who can grant roles")."""
    asked = (one for one in leaves(condition_of(expression, Subject("", "", ""))) if isinstance(one, Test))
    return frozenset(str(value) for one in asked if one.key == GRANTS_BY_ROLE for value in one.values)
