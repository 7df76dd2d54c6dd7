"""Worlds of the worked access cases on Google Cloud as the records that a collection would have made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from cloudscan.estate import Estate
from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    Account,
    AclGrant,
    Answer,
    Encryption,
    Federation,
    Key,
    MediaClass,
    MediaObject,
    PolicyDocument,
    Principal,
    Record,
    Store,
    Workload,
)
from cloudscan.tables.objects import ObjectTable

Json = Mapping[str, Any]
GCP = "gcp"
KEY = "projects/{}/locations/eu/keyRings/audio/cryptoKeys/corpus"
_TEAMS = {"owners": "projectOwner", "editors": "projectEditor", "viewers": "projectViewer"}
_MODES = {"google": "provider", "CMEK": "customer", "CSEK": "customer-supplied"}
_KINDS = {"user": "user", "serviceAccount": "service-account", "group": "group", "domain": "domain"}
_COMPUTE = {
    "gce": "instance",
    "function": "function",
    "cloudfunctions": "function",
    "run": "container-service",
    "cloudrun": "container-service",
    "worker-pool": "container-service",
    "run-job": "job",
}
_WRITTEN_OUT = tuple(
    f"storage.{noun}.{verb}"
    for noun in ("buckets", "objects", "managedFolders")
    for verb in ("create", "delete", "get", "getIamPolicy", "list", "setIamPolicy", "update")
)
"""What a star in a world's role stands for: roles as the cloud returns them have none."""
_BASIC = {
    "roles/viewer": ("storage.buckets.list", "resourcemanager.projects.get", "resourcemanager.projects.getIamPolicy"),
    "roles/editor": (
        "storage.buckets.list",
        "storage.buckets.create",
        "storage.buckets.delete",
        "storage.hmacKeys.create",
        "iam.serviceAccounts.actAs",
        "iam.serviceAccountKeys.create",
        "compute.instances.create",
        "compute.instances.setMetadata",
        "compute.instances.setServiceAccount",
        "cloudfunctions.functions.create",
        "cloudfunctions.functions.update",
        "resourcemanager.projects.get",
        "serviceusage.services.use",
    ),
    "roles/owner": (
        "storage.buckets.list",
        "storage.buckets.create",
        "storage.buckets.delete",
        "storage.hmacKeys.create",
        "iam.serviceAccounts.actAs",
        "iam.serviceAccounts.setIamPolicy",
        "iam.serviceAccountKeys.create",
        "iam.roles.update",
        "compute.instances.create",
        "compute.instances.setMetadata",
        "compute.instances.setServiceAccount",
        "cloudfunctions.functions.create",
        "cloudfunctions.functions.update",
        "cloudkms.cryptoKeyVersions.useToDecrypt",
        "resourcemanager.projects.get",
        "resourcemanager.projects.setIamPolicy",
        "serviceusage.services.use",
    ),
    "roles/serviceusage.serviceUsageConsumer": ("serviceusage.services.use",),
    "roles/cloudkms.cryptoKeyEncrypterDecrypter": (
        "cloudkms.cryptoKeyVersions.useToDecrypt",
        "cloudkms.cryptoKeyVersions.useToEncrypt",
    ),
}
"""Roles that worlds use without writing them out, by some of the permissions that the cloud returns for them."""


class Inexpressible(Exception):
    """A world or a question for which there are no records."""


def estate_of(world: Json, key: str, permission: str = "", *people: str) -> Estate:
    """Make the estate of a world in which one object is a recording, and which knows these people too."""
    made = Records(world, permission, people)
    return Estate.of(made.all(), objects=ObjectTable(rows=[*made.objects(key)]))


class Records:
    """The records of one world."""

    def __init__(self, world: Json, permission: str = "", people: Sequence[str] = ()) -> None:
        """``permission`` is the one asked about, which a star in a role may stand for too."""
        self.world, self.permission, self.people = world, permission, people
        self.bucket: Json = world["bucket"]
        self.store = f"gs://{self.bucket['name']}"
        self.parents: Mapping[str, str | None] = world["hierarchy"]
        projects = sorted(node for node in self.parents if node.startswith("projects/"))
        self.numbers = {node.removeprefix("projects/"): str(1001 + at) for at, node in enumerate(projects)}
        self.project = (self.parents.get(f"buckets/{self.bucket['name']}") or projects[0]).removeprefix("projects/")

    def all(self) -> Iterator[Record]:
        """Yield every record."""
        yield from (self._account(project) for project in self.numbers)
        yield self._store()
        yield from self._policies()
        yield from self._roles()
        yield from self._principals()
        yield from self._encryption()
        for place, one in enumerate(self.world.get("compute") or (), start=1):
            yield self._workload(one, place)
        yield from self._perimeters()
        yield from self._pools()
        yield from self._boundaries()

    def _above(self, node: str) -> tuple[str, ...]:
        """Return the nodes above a node, the organization first."""
        found: list[str] = []
        above = self.parents.get(node)
        while above:
            found.append(above)
            above = self.parents.get(above)
        return tuple(reversed(found))

    def _account(self, project: str) -> Account:
        node = f"projects/{project}"
        above = self._above(node)
        return Account(
            id=project,
            provider=GCP,
            organization=above[0] if above and above[0].startswith("organizations/") else None,
            parents=above,
            unique_id=self.numbers[project],
            controls={name: Answer.of(bool(value)) for name, value in self._constraints(project).items()},
            tags=self._tags(node),
        )

    def _constraints(self, project: str) -> dict[str, Any]:
        """Return the organization policies in force. What a world does not tell of is off.

        A world that forbids keys and says nothing of their upload means both: it knows of one way to a key. One in
        which OS Login is on means that it stays on.
        """
        told: dict[str, Any] = {}
        for node in (*self._above(f"projects/{project}"), f"projects/{project}"):
            told |= (self.world.get("org_policies") or {}).get(node) or {}
        found = {name.removeprefix("constraints/"): _enforced(value) for name, value in told.items()}
        keys = found.get("iam.disableServiceAccountKeyCreation", False)
        off = {"iam.disableServiceAccountKeyCreation": keys, "iam.disableServiceAccountKeyUpload": keys}
        login = any(one.get("os_login") for one in self.world.get("compute") or ())
        return {**off, "iam.allowedPolicyMemberDomains": False, "compute.requireOsLogin": login, **found}

    def _tags(self, node: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in (*self._above(node), node):
            found |= (self.world.get("tags") or {}).get(each) or {}
        return found

    def _store(self) -> Store:
        enforced = self.bucket.get("public_access_prevention") == "enforced"
        enforced |= bool(self._constraints(self.project).get("storage.publicAccessPrevention"))
        uniform = bool(self.bucket.get("uniform_bucket_level_access"))
        mode = _MODES[self._mode()]
        default = Encryption("provider") if mode != "customer" else Encryption(mode, KEY.format(self.project))
        return Store(
            id=self.store,
            provider=GCP,
            account=self.project,
            region="eu",
            name=self.bucket["name"],
            encryption=default,
            acl=() if uniform else self._acl(self.bucket.get("bucket_acl")),
            controls={
                "publicAccessPrevention": Answer.of(enforced),
                "uniformBucketLevelAccess": Answer.of(uniform),
                "requesterPays": Answer.of(bool(self.bucket.get("requester_pays"))),
                "ipFilter": Answer.of(bool(self.bucket.get("ip_filter"))),
            },
            tags=self._tags(f"buckets/{self.bucket['name']}"),
        )

    def _mode(self) -> str:
        return str((self.bucket.get("encryption") or {}).get("mode") or "google")

    def _acl(self, entries: Any) -> tuple[AclGrant, ...]:
        return tuple(AclGrant(self._entity(entry["entity"]), entry["role"]) for entry in entries or ())

    def _entity(self, entity: str) -> str:
        """Name whom a line of a list means, as members of policies are named."""
        if entity in ("allUsers", "allAuthenticatedUsers"):
            return ANYONE if entity == "allUsers" else ANYONE_SIGNED_IN
        kind, _, name = entity.partition("-")
        if kind == "project":
            team, _, project = name.partition("-")
            return f"{_TEAMS[team]}:{project}"
        is_account = kind == "user" and name.endswith(".gserviceaccount.com")
        return f"serviceAccount:{name}" if is_account else f"{kind}:{name}"

    def _policies(self) -> Iterator[PolicyDocument]:
        nodes = (*(node for node in self.parents if not node.startswith("buckets/")), f"buckets/{self.bucket['name']}")
        for node in nodes:
            bindings = (self.world.get("allow_policies") or {}).get(node)
            target, kind = (self.store, "resource") if node.startswith("buckets/") else (node, "hierarchy")
            yield _document(f"{target}#iam", kind, target, {"version": 3, "bindings": bindings or []})
        for node, bindings in (self.world.get("entitlements") or {}).items():
            name = f"{node}/locations/global/entitlements/asked"
            yield _document(name, "entitlement", node, {"bindings": bindings})
        for name, told in (self.bucket.get("managed_folders") or {}).items():
            bindings = told if isinstance(told, list) else told.get("allow_policy") or told.get("bindings") or []
            folder = f"{self.store}/{name.rstrip('/')}/"
            yield _document(f"{folder}#iam", "resource", folder, {"version": 3, "bindings": bindings})
        for node, rules in (self.world.get("deny_policies") or {}).items():
            written = [{"denyRule": _deny_rule(rule)} for rule in rules]
            yield _document(f"policies/{node}/denypolicies/deny", "deny", node, {"rules": written})

    def _roles(self) -> Iterator[PolicyDocument]:
        told: dict[str, Json] = {name: {"permissions": held} for name, held in _BASIC.items()}
        told |= {name: {"permissions": held} for name, held in (self.world.get("role_permissions") or {}).items()}
        told |= self.world.get("custom_roles") or {}
        for name, role in told.items():
            permissions = sorted({one for pattern in role["permissions"] for one in self._written_out(pattern)})
            content = {"name": name, "includedPermissions": permissions, "stage": role.get("stage") or "GA"}
            yield _document(name, "role", None, content | ({"deleted": True} if role.get("deleted") else {}))

    def _written_out(self, pattern: str) -> Sequence[str]:
        if "*" not in pattern:
            return [pattern]
        return [one for one in {*_WRITTEN_OUT, self.permission} if fnmatchcase(one, pattern)]

    def _principals(self) -> Iterator[Record]:
        groups: Json = self.world.get("groups") or {}
        held = {member for members in groups.values() for member in members or ()}
        accounts: Json = self.world.get("service_accounts") or {}
        for name in sorted({*groups, *held, *accounts, *self.people}):
            told = accounts.get(name) or {}
            is_account = name in accounts
            yield Principal(
                id=name,
                provider=GCP,
                account=str(told.get("project") or self.project) if is_account else "",
                kind=_KINDS.get(name.partition(":")[0], "federated"),
                name=name.partition(":")[2],
                members=None if groups.get(name) is None else tuple(groups[name]),
                trust=f"{name}#iam" if is_account else None,
                enabled=Answer.of(not told.get("disabled")) if is_account else Answer.UNKNOWN,
            )
            if is_account:
                yield _document(f"{name}#iam", "trust", name, {"bindings": told.get("allow_policy") or []})

    def _encryption(self) -> Iterator[Record]:
        told = self.bucket.get("encryption") or {}
        if self._mode() != "CMEK":
            return
        name = KEY.format(self.project)
        ring = name.partition("/cryptoKeys/")[0]
        yield Key(name, GCP, self.project, "eu", "customer", state=str(told.get("state") or "ENABLED").lower())
        agent = f"serviceAccount:service-{self.numbers[self.project]}@gs-project-accounts.iam.gserviceaccount.com"
        binding = {"role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "members": [agent]}
        may = told.get("service_agent_can_decrypt", True)
        yield _document(f"{name}#iam", "key", name, {"bindings": [binding] if may else []})
        yield _document(f"{ring}#iam", "key", ring, {})

    def _workload(self, one: Json, place: int) -> Workload:
        project = str(one.get("project") or self.project)
        account = one.get("service_account") or ""
        kind = _COMPUTE.get(one["kind"], "service")
        name = str(one.get("name") or f"{kind}-{place}")
        noun = {"worker-pool": "workerpools"}.get(one["kind"]) or {"container-service": "services"}.get(
            kind, f"{kind}s"
        )
        parts = {"instance": f"zones/eu-a/instances/{name}"}.get(kind, f"locations/eu/{noun}/{name}")
        told = {"external_ip": one.get("external_ip"), "ssh_open": one.get("ssh_open"), "os_login": one.get("os_login")}
        return Workload(
            f"projects/{project}/{parts}",
            GCP,
            project,
            "eu",
            kind,
            name,
            principal=account,
            keys_in_settings=Answer.of(not told["os_login"]),
            scopes=tuple(one["scopes"]) if one.get("scopes") is not None else None,
            addressed=Answer.of(bool(told["external_ip"])),
            reachable=Answer.of(bool(told["ssh_open"])),
        )

    def _pools(self) -> Iterator[Federation]:
        """Yield the providers of identity pools, which our own worlds tell of."""
        for one in self.world.get("pool_providers") or ():
            yield Federation(
                id=one["name"],
                provider=GCP,
                account=self.project,
                region="",
                kind=one.get("kind") or "oidc",
                name=one["name"].rpartition("/")[2],
                guests=Answer.NO,
                issuer=one.get("issuer") or "",
                trusted_account=one.get("aws_account") or "",
                condition=one.get("attribute_condition") or "",
                mapping=one.get("attribute_mapping") or {},
                enabled=Answer.of(not one.get("disabled")),
            )

    def _boundaries(self) -> Iterator[PolicyDocument]:
        """Yield the principal access boundaries, which our own worlds tell of, by the sets that they are bound to."""
        for one in self.world.get("principal_access_boundaries") or ():
            rules = [{"resources": [f"//cloudresourcemanager.googleapis.com/{node}" for node in one["resources"]]}]
            content = json.dumps({"details": {"rules": rules}})
            yield PolicyDocument(one["name"], GCP, "", "boundary", tuple(one["bound_to"]), content)

    def _perimeters(self) -> Iterator[PolicyDocument]:
        """Yield the service perimeters, by the projects that they are around."""
        told = self.world.get("service_perimeters") or {}
        items = told.items() if isinstance(told, Mapping) else ((str(at), one) for at, one in enumerate(told, start=1))
        for name, one in items:
            perimeter: Json = one if isinstance(one, Mapping) else {"projects": one}
            inside = perimeter.get("projects") or perimeter.get("resources") or [name]
            services = perimeter.get("restricted_services") or perimeter.get("restrictedServices")
            nodes = tuple(f"projects/{each.removeprefix('projects/')}" for each in inside)
            status = {"resources": nodes, "restrictedServices": services or ["storage.googleapis.com"]}
            id_ = f"accessPolicies/1/servicePerimeters/{perimeter.get('name') or name.rpartition('/')[2]}"
            yield PolicyDocument(id_, GCP, "", "perimeter", nodes, json.dumps({"status": status}))

    def objects(self, key: str) -> Iterator[MediaObject]:
        """Yield the one recording."""
        mode = _MODES[self._mode()]
        uniform = bool(self.bucket.get("uniform_bucket_level_access"))
        acl = [[entry.grantee, entry.permission] for entry in self._acl(self.bucket.get("object_acl"))]
        yield MediaObject(
            self.store,
            key,
            size=1,
            media=MediaClass.SPEECH,
            seconds=1.0,
            encryption_mode=mode,
            key_id=KEY.format(self.project) if mode == "customer" else None,
            acl=None if uniform else json.dumps(acl),
        )


def _enforced(value: Any) -> bool:
    """Read whether an organization policy is in force, told as a truth or as the policy's own rule."""
    if isinstance(value, Mapping):
        rules = value.get("rules") or [value]
        return any(bool(rule.get("enforce", rule.get("enforced"))) for rule in rules)
    return bool(value)


def _deny_rule(rule: Json) -> Json:
    names = {
        "denied_principals": "deniedPrincipals",
        "exception_principals": "exceptionPrincipals",
        "denied_permissions": "deniedPermissions",
        "exception_permissions": "exceptionPermissions",
        "condition": "denialCondition",
        "denial_condition": "denialCondition",
    }
    return {names.get(name, name): value for name, value in rule.items() if value is not None}


def _document(name: str, kind: str, target: str | None, content: Json) -> PolicyDocument:
    return PolicyDocument(name, GCP, "", kind, (target,) if target else (), json.dumps(content))
