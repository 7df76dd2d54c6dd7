"""Derive who may do what in a drawn estate of Google Cloud: ``python bench/gcp_reach.py [--people N] [--buckets N]``.

One organization, folder and project; two fifths of the people are users, the others service accounts; a group for
every twenty, some nested. A third holds a basic role that buckets go by; some roles are bound above, some on each
bucket, some under conditions on names and times, and a deny policy goes by a tag. Every run draws the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]  # it is run by its path

from bench.deriving import sizes, tell  # noqa: E402
from cloudscan.estate import Estate  # noqa: E402
from cloudscan.model import (  # noqa: E402
    Account,
    Answer,
    Encryption,
    MediaClass,
    MediaObject,
    PolicyDocument,
    Principal,
    Record,
    Store,
)
from cloudscan.tables.objects import ObjectTable  # noqa: E402
from cloudscan_gcp import GcpProvider  # noqa: E402

GET, LIST = "storage.objects.get", "storage.objects.list"
VIEWER, ADMIN, READER = "roles/storage.objectViewer", "roles/storage.objectAdmin", "roles/storage.legacyObjectReader"
ROLES: Mapping[str, Sequence[str]] = {
    VIEWER: (GET, LIST),
    ADMIN: (GET, LIST, "storage.objects.create", "storage.objects.delete"),
    READER: (GET,),
    "roles/viewer": ("storage.buckets.list",),
    "roles/editor": ("storage.buckets.list",),
}
ABOVE = ("organizations/1", "folders/2")
SWITCHES = {
    "publicAccessPrevention": Answer.NO,
    "uniformBucketLevelAccess": Answer.YES,
    "requesterPays": Answer.NO,
    "ipFilter": Answer.NO,
}


def estate_of(people: int, buckets: int, seed: int = 7) -> Estate:
    """Draw an estate."""
    draw = _Draw(people, Random(seed))
    rows = [
        MediaObject(f"gs://b{at}", f"{'raw' if each % 2 else 'out'}/{each}.wav", size=10, media=MediaClass.SPEECH)
        for at in range(buckets)
        for each in range(20)
    ]
    rows = [row._replace(encryption_mode="provider", seconds=3.0) for row in rows]
    return Estate.of(draw.records(buckets), objects=ObjectTable(rows=rows))


class _Draw:
    def __init__(self, people: int, random: Random) -> None:
        self.random = random
        users = [f"user:u{at}@acme.example" for at in range(people) if at % 5 < 2]
        accounts = [f"serviceAccount:s{at}@p1.iam.gserviceaccount.com" for at in range(people) if at % 5 >= 2]
        self.people = users + accounts
        self.groups = [f"group:g{at}@acme.example" for at in range(max(people // 20, 2))]

    def records(self, buckets: int) -> Iterator[Record]:
        """Yield every record."""
        yield Account("p1", "gcp", parents=ABOVE, unique_id="11", tags={})
        yield from (_principal(name) for name in self.people)
        for group in self.groups:
            held = (*self._some(self.people, 30), *self._some(self.groups, 1 if self.random.random() < 0.2 else 0))
            yield Principal(group, "gcp", "", "group", group, members=held)
        for name, permissions in ROLES.items():
            yield PolicyDocument(name, "gcp", "p1", "role", (), json.dumps({"includedPermissions": permissions}))
        yield from self._above()
        for at in range(buckets):
            store, tags = f"gs://b{at}", {"1/env": "prod" if at % 2 else "dev"}
            plain = Encryption("provider")
            yield Store(store, "gcp", "p1", "eu", f"b{at}", encryption=plain, controls=SWITCHES, acl=(), tags=tags)
            yield _policy("resource", store, *self._on_bucket(f"b{at}", "Viewer" if at % 3 == 0 else "Editor"))

    def _above(self) -> Iterator[PolicyDocument]:
        everybody = len(self.people)
        yield _policy("hierarchy", ABOVE[0], _binding(VIEWER, *self._some(self.groups, 2)))
        yield _policy("hierarchy", ABOVE[1])
        shares = (("roles/viewer", 3), ("roles/editor", 10), (VIEWER, 20))
        bound = [_binding(role, *self._some(self.people, everybody // share)) for role, share in shares]
        yield _policy("hierarchy", "projects/p1", *bound)
        rule = {
            "deniedPrincipals": ["principalSet://goog/public:all"],
            "exceptionPrincipals": [f"principalSet://goog/group/{self.groups[0].partition(':')[2]}"],
            "deniedPermissions": ["storage.googleapis.com/objects.delete"],
            "denialCondition": {"expression": "resource.matchTag('1/env', 'prod')"},
        }
        text = json.dumps({"rules": [{"denyRule": rule}]})
        yield PolicyDocument("deny", "gcp", "p1", "deny", (ABOVE[0],), text)

    def _on_bucket(self, name: str, basic: str) -> Iterator[Mapping[str, Any]]:
        share = len(self.people) // 50
        start = f"projects/_/buckets/{name}/objects"
        yield _binding(READER, f"project{basic}:p1")
        yield _binding(ADMIN, *self._some(self.groups, 2))
        yield _binding(VIEWER, *self._some(self.people, share))
        yield _binding(VIEWER, *self._some(self.people, share), when=f"resource.name.startsWith('{start}/raw/')")
        for who in self._some(self.people, 20):
            until = f"request.time < timestamp('{2030 + self.random.randrange(50)}-01-01T00:00:00Z')"
            yield _binding(VIEWER, who, when=until)

    def _some(self, names: Sequence[str], count: int) -> list[str]:
        return self.random.sample(names, min(count, len(names)))


def _principal(name: str) -> Principal:
    is_account = name.startswith("serviceAccount:")
    kind = "service-account" if is_account else "user"
    return Principal(name, "gcp", "p1" if is_account else "", kind, name.partition(":")[2])


def _binding(role: str, *members: str, when: str = "") -> Mapping[str, Any]:
    condition = {"condition": {"expression": when}} if when else {}
    return {"role": role, "members": members, **condition}


def _policy(kind: str, target: str, *bindings: Mapping[str, Any]) -> PolicyDocument:
    return PolicyDocument(f"{target}#iam", "gcp", "p1", kind, (target,), json.dumps({"bindings": bindings}))


def main(arguments: Sequence[str] | None = None) -> None:
    tell(GcpProvider(), estate_of, sizes(__doc__, arguments, people=5_000, buckets=50))


if __name__ == "__main__":
    main()
