"""Groups and who is in them, as far as Cloud Identity lets the caller see.

IAM gives no right to that: who may see a group is for the group's organization to say ("Cloud Identity Groups API").
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cloudscan.model import Gap, Principal, Why
from cloudscan.provider import Facet
from cloudscan.providing.parts import part
from cloudscan.providing.questions import named
from cloudscan_gcp.clients import Clients
from cloudscan_gcp.policy.members import normal
from cloudscan_gcp.session import PROVIDER, Asker

_LOOKUP, _LIST = "cloudidentity.groups.lookup", "cloudidentity.groups.memberships.list"
_KINDS = {"USER": "user", "SERVICE_ACCOUNT": "serviceAccount", "GROUP": "group"}
_DEVICES = {"SHARED_DRIVE", "CBCM_BROWSER", "CHROME_OS_DEVICE"}
"""Members that are nobody who could ask for anything."""
_NEEDED = "takes the role Groups Reader of the Admin console, or to be in the group"


class Groups:
    """Asks for groups; where Cloud Identity is off, once for all."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self._off: Gap | None = None
        self._lock = threading.Lock()

    def fetch(self, asker: Asker, group: str) -> Iterator[Principal | Gap]:
        """Yield a group with its direct members, by its member name, or the Gap that stands for them."""
        with self._lock:
            off = self._off
        if off is not None:
            asker.count(Facet.PRINCIPALS, answered=False)
            yield replace(off, resource=group)
            return
        address = group.partition(":")[2]
        asked: dict[str, Any] = {"facet": Facet.PRINCIPALS, "resource": group, "permission": ""}
        reply = asker.ask(_LOOKUP, "v1/groups:lookup", query={"groupKey.id": address}, **asked)
        if not isinstance(reply, dict):
            yield from self._refused(reply)
            return
        number = str(reply.get("name") or "").removeprefix("groups/")
        path = named("v1/groups/{}/memberships", number)
        query = {"view": "FULL", "pageSize": 500}
        entries, gap = asker.pages(_LIST, path, "memberships", query=query, **asked)
        yield from self._refused(gap)
        unclear = sum(member(each) is None for each in entries)
        if unclear:
            yield asker.gap(**asked, why=Why.UNSUPPORTED, operation=_LIST, detail=f"{unclear} members of another sort")
        told = {name for each in entries if (name := member(each))}
        yield Principal(
            id=group,
            provider=PROVIDER,
            account="",
            kind="group",
            name=address,
            unique_id=number or None,
            members=tuple(sorted(told)),
        )

    def _refused(self, reply: object) -> Iterator[Gap]:
        if not isinstance(reply, Gap):
            return
        if reply.why is Why.DISABLED:
            with self._lock:
                self._off = reply
        yield replace(reply, detail=f"{reply.detail}: {_NEEDED}") if reply.why is Why.DENIED else reply


def member(told: Mapping[str, Any]) -> str | None:
    """Read who a membership is about ("Membership", Cloud Identity API): "" for nobody, None where that is unclear."""
    sort, key = str(told.get("type") or ""), str(part(told, "preferredMemberKey").get("id") or "")
    if sort in _DEVICES:
        return ""
    if sort not in _KINDS or "@" not in key:
        return None
    return normal(f"{_KINDS[sort]}:{key}")
