"""What Microsoft Entra says of who manages what in it, each document read once. Pure: reads only the estate.

What is collected, and how what was not is told:

- Who has a directory role is a document of kind ``directory-role``, who is eligible for one of kind
  ``directory-eligible``: a unifiedRoleAssignment (or an instance of its schedule) as Microsoft Graph returns it, with
  ``principalId``, ``roleDefinitionId`` and ``directoryScopeId``. They hang on that scope, "/" for the whole tenant.
- Which permission an application has at Microsoft Graph is one of kind ``app-role``: an appRoleAssignment as returned,
  with ``principalId`` and ``appRoleId``, which hangs on ``entra:RESOURCE-ID``. Only those of Microsoft Graph count.
- Who owns a group, an application or a service principal is one of kind ``owners``, which hangs on ``entra:OBJECT-ID``;
  that of an application hangs on the service principals of it too, since what signs in as one signs in as them. It is
  the list that "/owners" returns, as ``value``, beside what the object says of itself where it is a group
  (``isAssignableToRole``, ``groupTypes``, ``onPremisesSyncEnabled``).
- The federated credentials of an application or a user-assigned identity are one of kind ``trust``, as ``value``, which
  hangs on the principal that they let in (for an application: its service principals).
- A vault is one of kind ``vault``, which hangs on its id: its ``properties`` as returned, and the names of its
  ``secrets``, null where they were not read.
- A managed identity has the id of its resource, or of what it is the identity of, for its ``path``.

What of it could not be read a gap tells, on "/" for roles and permissions, else on what it would hang on, with
"roleManagement", "appRoleAssign" or "owners" in its operation or permission.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import msgspec

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Condition, Test, Unseen, all_of
from cloudscan.access.patterns import Pattern
from cloudscan.estate import Estate
from cloudscan.model import PolicyDocument
from cloudscan_azure.ids import PROVIDER
from cloudscan_azure.policy.abac import TIME
from cloudscan_azure.policy.assignments import ACTIVATION

T = TypeVar("T")
ROLES = ("directory-role", "directory-eligible")
TENANT = "/"


@dataclass(frozen=True, slots=True)
class Holding:
    """Somebody (``principal``, an object id) has a directory role or a permission at Microsoft Graph (``role``).

    ``scope`` is the object id of what it is about, "" for all of the tenant, None for a part of it that is not known.
    """

    id: str
    principal: str
    role: str
    scope: str | None
    holds: Condition


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns an object: object ids. The rest is about groups: who may be put into one depends on it."""

    id: str
    owners: tuple[str, ...]
    takes_roles: bool | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Trusted:
    """A federated credential: whose tokens let somebody in. ``subject`` is "" where an expression says whose."""

    issuer: str
    subject: str
    expression: str = ""


@dataclass(frozen=True, slots=True)
class Vault:
    """A key vault: who may read its secrets by its own policies (object ids), None where roles decide.

    ``secrets`` are their names, None where these were not read.
    """

    id: str
    readers: tuple[str, ...] | None
    secrets: tuple[str, ...] | None


class Directory:
    """Who manages what in the tenants of an estate."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate

    def _of(self, *kinds: str) -> Iterator[PolicyDocument]:
        for name in sorted(self.estate.policies):
            document = self.estate.policies[name]
            if document.provider == PROVIDER and document.kind in kinds:
                yield document

    @cached_property
    def roles(self) -> Sequence[Holding]:
        """Everybody who has a directory role, or may activate one."""
        return [one for document in self._of(*ROLES) if (one := _role(document)) is not None]

    @cached_property
    def permissions(self) -> Sequence[Holding]:
        """Every application that has a permission at Microsoft Graph."""
        return [one for document in self._of("app-role") if (one := _permission(document)) is not None]

    @cached_property
    def ownerships(self) -> Mapping[str, Sequence[Ownership]]:
        """Who owns what, by the id of the principal that is owned."""
        found: dict[str, list[Ownership]] = {}
        for document in self._of("owners"):
            one = _ownership(document)
            for name in document.attached_to if one is not None else ():
                found.setdefault(name, []).append(one)  # type: ignore[arg-type]
        return found

    @cached_property
    def trusted(self) -> Mapping[str, Sequence[tuple[str, Trusted]]]:
        """The federated credentials of each principal, with the documents that they stand in."""
        found: dict[str, list[tuple[str, Trusted]]] = {}
        for document in self._of("trust"):
            for name in document.attached_to:
                found.setdefault(name, []).extend((document.id, one) for one in _trusted(document))
        return found

    @cached_property
    def vaults(self) -> Sequence[Vault]:
        """Every vault."""
        return [one for document in self._of("vault") if (one := _vault(document)) is not None]

    def is_unread(self, resource: str, word: str, *kinds: str) -> bool:
        """Say whether a gap on a resource has a word, or whether a document of some kinds that hangs on it is none."""
        gaps = (gap for gap in self.estate.gaps_on(resource) if gap.provider == PROVIDER)
        texts = (f"{gap.operation} {gap.permission or ''}".casefold() for gap in gaps)
        return any(word.casefold() in text for text in texts) or any(
            _READERS[kind](document) is None for kind in kinds for document in self.estate.policies_on(resource, kind)
        )


class _Assigned(msgspec.Struct, rename="camel"):
    principal_id: str
    role_definition_id: str
    directory_scope_id: str | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None


class _Permitted(msgspec.Struct, rename="camel"):
    principal_id: str
    app_role_id: str


class _Object(msgspec.Struct):
    id: str


class _Owned(msgspec.Struct, rename="camel"):
    value: list[_Object]
    is_assignable_to_role: bool | None = None
    group_types: list[str] | None = None
    on_premises_sync_enabled: bool | None = None


class _Credential(msgspec.Struct, rename="camel"):
    issuer: str = ""
    subject: str | None = None
    claims_matching_expression: dict[str, object] | None = None
    properties: _Credential | None = None


class _Credentials(msgspec.Struct):
    value: list[_Credential]


class _Permissions(msgspec.Struct):
    secrets: list[str] | None = None


class _Access(msgspec.Struct, rename="camel"):
    object_id: str
    permissions: _Permissions = msgspec.field(default_factory=_Permissions)


class _VaultProperties(msgspec.Struct, rename="camel"):
    enable_rbac_authorization: bool | None = None
    access_policies: list[_Access] | None = None


class _Vault(msgspec.Struct):
    properties: _VaultProperties
    secrets: list[str] | None = None


def _read(document: PolicyDocument, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(document.document, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _role(document: PolicyDocument) -> Holding | None:
    if (told := _read(document, _Assigned)) is None:
        return None
    scope = (told.directory_scope_id or TENANT).strip("/").lower()
    terms: list[Condition] = [Test(ACTIVATION, Operator.PRESENT, source=document.id)] * (document.kind == ROLES[1])
    for text, operator in (
        (told.start_date_time, Operator.TIME_AT_EARLIEST),
        (told.end_date_time, Operator.TIME_BEFORE),
    ):
        terms += [Test(TIME, operator, (Pattern((text,)),), source=document.id)] if text else []
    if "/" in scope:
        terms.append(Unseen(f"what {document.id} is about was not read"))
    about = None if "/" in scope else scope
    return Holding(document.id, told.principal_id.lower(), told.role_definition_id.lower(), about, all_of(terms))


def _permission(document: PolicyDocument) -> Holding | None:
    if (told := _read(document, _Permitted)) is None:
        return None
    return Holding(document.id, told.principal_id.lower(), told.app_role_id.lower(), "", all_of(()))


def _ownership(document: PolicyDocument) -> Ownership | None:
    if (told := _read(document, _Owned)) is None:
        return None
    dynamic = "dynamicmembership" in (one.lower() for one in told.group_types or ())
    owners = tuple(one.id.lower() for one in told.value)
    return Ownership(document.id, owners, told.is_assignable_to_role, dynamic or told.on_premises_sync_enabled is True)


def _trusted(document: PolicyDocument) -> Iterator[Trusted]:
    told = _read(document, _Credentials)
    for one in told.value if told else ():
        each = one.properties or one
        expression = str((each.claims_matching_expression or {}).get("value") or "")
        yield Trusted(each.issuer, each.subject or "", expression)


def _vault(document: PolicyDocument) -> Vault | None:
    told = _read(document, _Vault)
    if told is None or not document.attached_to:
        return None
    readers = None
    if told.properties.enable_rbac_authorization is not True:
        able = (one for one in told.properties.access_policies or () if _reads(one.permissions.secrets or ()))
        readers = tuple(one.object_id.lower() for one in able)
    return Vault(document.attached_to[0], readers, None if told.secrets is None else tuple(told.secrets))


_READERS: Mapping[str, Callable[[PolicyDocument], object | None]] = {
    **dict.fromkeys(ROLES, _role),
    "app-role": _permission,
    "owners": _ownership,
}


def _reads(permissions: Sequence[str]) -> bool:
    return any(one.lower() in ("get", "all") for one in permissions)
