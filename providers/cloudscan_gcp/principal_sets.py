"""Who is of the sets of principals that boundaries are bound to. Pure: reads only the estate.

From "PolicyBinding" (IAM API v3): a boundary is bound to an organization, a folder, a project by its number or its id,
a pool of either sort, or the users of a customer of Workspace. From "Principal access boundary policies": the set of a
project holds its service accounts and the identities of its workload pools, that of a folder those of the projects
below it, and that of an organization people, too. Whoever may be of a set for all that was read is unseen.
"""

from __future__ import annotations

import re

from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Unseen, any_of
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN
from cloudscan_gcp.policy.members import Caller, means, normal, pool_of
from cloudscan_gcp.resources import Resources, project_of

_NODE = re.compile(r"//cloudresourcemanager\.googleapis\.com/(?P<kind>organization|folder|project)s/(?P<id>[^/]+)")
_POOL = re.compile(
    r"//iam\.googleapis\.com/(?:projects/(?P<project>[^/]+)/)?"
    r"(?P<pool>locations/[^/]+/(?:workforce|workloadIdentity)Pools/(?P<name>[^/]+))(?:/\*)?"
)
_CUSTOMER = re.compile(r"//iam\.googleapis\.com/locations/[^/]+/workspace/(?P<id>[^/]+)")
_WORKLOAD = re.compile(r"principalSet://iam\.googleapis\.com/projects/(?P<project>[^/]+)/.+")
_NUMBERED = re.compile(r"(?:service-)?(?P<project>\d+)(?:-compute)?@.+\.gserviceaccount\.com")
_NAMED = re.compile(r"(?P<project>[^@.]+)(?:@appspot\.gserviceaccount\.com|\.svc\.id\.goog\[.+)")
_PEOPLE = ("user:", "group:", "domain:", "principalSet://goog/")


class PrincipalSets:
    """The sets of an estate, and the projects by which somebody is in them."""

    def __init__(self, estate: Estate, resources: Resources) -> None:
        self.estate, self.resources = estate, resources

    def project_of(self, caller: Caller) -> str:
        """Return the project of a service account, as its record or its address names it; "" where none does."""
        record = self.estate.principals.get(caller.name)
        if record is not None and record.account in self.resources.projects:
            return record.account
        kind, _, address = normal(caller.name).partition(":")
        if kind != "serviceAccount":
            return ""
        written = _NUMBERED.fullmatch(address) or _NAMED.fullmatch(address)
        name = written["project"] if written else project_of(address)
        held = self.resources.project(name)
        return held.id if held else name

    def hold(self, member: str, caller: Caller) -> Condition:
        """Say whether a set means somebody. Of whoever signs in at all some are of none."""
        name = member.removeprefix("principalSet:") if member.startswith("principalSet://") else member
        if caller.name in (ANYONE, ANYONE_SIGNED_IN):
            return NEVER
        if found := _NODE.fullmatch(name):
            return self._of_node(found, caller)
        if found := _POOL.fullmatch(name):
            return self._of_pool(found, caller)
        if found := _CUSTOMER.fullmatch(name):
            told = means(f"principalSet://goog/cloudIdentityCustomerId/{found['id']}", caller)
            return any_of((told, _unread(member))) if caller.name.startswith(_PEOPLE) else told
        return any_of((means(member, caller), _unread(member)))

    def _of_node(self, found: re.Match[str], caller: Caller) -> Condition:
        if found["kind"] == "organization":
            return any_of((means(f"principalSet:{found[0]}", caller), _unread(found[0])))
        pool = _WORKLOAD.fullmatch(pool_of(caller.name))
        project = pool["project"] if pool else self.project_of(caller)
        if not project:
            return NEVER
        held = self.resources.project(project)
        if found["kind"] == "folder":
            if held is None or held.parents is None:
                return _unread(found[0])
            return ALWAYS if f"folders/{found['id']}" in held.parents else NEVER
        named = self.resources.project(found["id"])
        if (held or project) == (named or found["id"]):
            return ALWAYS
        return NEVER if any(one is not None and one.unique_id for one in (held, named)) else _unread(found[0])

    def _of_pool(self, found: re.Match[str], caller: Caller) -> Condition:
        """A cluster's identities are named as those of its project's pool, or as service accounts."""
        address = normal(caller.name).removeprefix("serviceAccount:")
        if found["project"] and address.partition("[")[0] == found["name"]:
            return ALWAYS
        held = self.resources.project(found["project"] or "")
        project = (held.unique_id if held else "") or found["project"]
        if project and not project.isdigit() and pool_of(caller.name):
            return _unread(found[0])
        within = f"projects/{project}/" if project else ""
        return means(f"principalSet://iam.googleapis.com/{within}{found['pool']}/*", caller)


def _unread(member: str) -> Condition:
    return Unseen(f"who is of {member} was not read")
