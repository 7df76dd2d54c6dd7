"""What Microsoft Entra says of who manages what in it, each document read once. Pure: reads only the estate.

Records are as :mod:`cloudscan_azure.graph_read`, :mod:`cloudscan_azure.federation_read` and
:mod:`cloudscan_azure.vaults_read` make them. What was not read is told by gaps: of roles by one on the tenant, of
owners by one on what they own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import msgspec

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Condition, Test, Unseen, all_of
from cloudscan.access.patterns import Pattern
from cloudscan.estate import Estate
from cloudscan.model import Answer, Federation, Key, PolicyDocument, Principal
from cloudscan.provider import Facet
from cloudscan_azure.ids import PROVIDER, object_id
from cloudscan_azure.policy.abac import TIME
from cloudscan_azure.policy.assignments import ACTIVATION
from cloudscan_azure.steps.roles import KNOWN

T = TypeVar("T")
ACTIVE, ELIGIBLE = "directory", "directory-eligible"
_WORDS = ("rolemanagement", "approleassign")
"""What the operations have in them by which roles of the directory, and app roles, are asked for."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Somebody (``principal``, an object id) has a role of the directory, or an app role of Microsoft Graph.

    ``role`` is the id of the role's definition, or the name of the permission; ``actions`` are those that the
    definition of a role allows, in small letters, None where it was not told; ``scope`` is the object id of what it is
    limited to, "" where it is not, or nobody can tell to what, which ``holds`` says then.
    """

    id: str
    principal: str
    role: str
    scope: str = ""
    holds: Condition = ALWAYS
    actions: frozenset[str] | None = frozenset()

    def among(self, giving: frozenset[str]) -> frozenset[str]:
        """Return by which of some roles, app roles and actions it gives what these do."""
        return giving & ((self.actions or frozenset()) | {self.role})

    @property
    def is_unclear(self) -> bool:
        """Whether it was not told what its role allows, and nothing is known of that by the role's id."""
        return self.actions is None and self.role not in KNOWN


@dataclass(frozen=True, slots=True)
class Group:
    """Whether roles of the directory may be given to a group, None where that was not read.

    ``closed``: nobody is put into it by hand, since a rule, or another directory, says who is in it. ``unified``: it is
    one of Microsoft 365, and no security group.
    """

    takes_roles: bool | None
    closed: bool
    unified: bool = False


@dataclass(frozen=True, slots=True)
class Vault:
    """A key vault: who reads its secrets, and decrypts with its keys, by its own policies; None where roles decide.

    ``readers`` are object ids, ``updaters`` those who may change keys, ``decrypters`` pairs of one and of the
    application through which alone it may, "" for any. ``told`` says whether it is known which of the two decides.
    """

    id: str
    document: str
    readers: tuple[str, ...] | None
    updaters: tuple[str, ...] | None
    decrypters: tuple[tuple[str, str], ...] | None
    told: bool


class Tenant:
    """Who manages what in the tenants of an estate."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate

    @cached_property
    def holdings(self) -> Sequence[Holding]:
        """Everybody who has a role of the directory or may activate one, and every app role of Microsoft Graph."""
        return [one for _, one in self._read if one is not None]

    @cached_property
    def _read(self) -> Sequence[tuple[PolicyDocument, Holding | None]]:
        held = (document for _, document in sorted(self.estate.policies.items()) if document.provider == PROVIDER)
        return [(one, _holding(one)) for one in held if one.kind in (ACTIVE, ELIGIBLE)]

    @cached_property
    def unread(self) -> str:
        """Say that it was not read who has roles of the directory, or which, "" where all was."""
        gaps = (gap for gap in self.estate.gaps if gap.provider == PROVIDER and gap.facet == Facet.PRINCIPALS)
        missing = any(word in gap.operation.casefold() for gap in gaps for word in _WORDS)
        malformed = next((document.id for document, one in self._read if one is None), "")
        return "who has roles of the directory was not read" if missing else malformed and f"{malformed} is malformed"

    def owners(self, name: str) -> Sequence[tuple[str, str]] | None:
        """Return who owns a group, a service principal or its application: object ids, with the document that says so.

        None where that could not be read of one of them.
        """
        found: list[tuple[str, str]] = []
        for owned in (name, *(application.id for application in self._applications(name))):
            if any("owners" in gap.operation.casefold() for gap in self.estate.gaps_on(owned)):
                return None
            for document in self.estate.policies_on(owned, "owners"):
                told = _decoded(document, _Owned)
                if told is None:
                    return None
                found += ((one.id.lower(), document.id) for one in told.value)
        return found

    def group(self, name: str) -> Group:
        """Return what is known of a group but who is in it."""
        for document in self.estate.policies_on(name, "owners"):
            if (told := _decoded(document, _Owned)) is not None:
                kinds = {one.lower() for one in told.group_types or ()}
                takes = told.is_assignable_to_role
                return Group(
                    None if takes is msgspec.UNSET else takes is True,
                    "dynamicmembership" in kinds or told.on_premises_sync_enabled is True,
                    "unified" in kinds,
                )
        return Group(None, closed=False)

    def scopes(self, name: str) -> frozenset[str]:
        """Return the object ids by which roles that are limited mean a principal: its own, and its application's."""
        return frozenset({object_id(name), *(application.path for application in self._applications(name))})

    def _applications(self, name: str) -> Sequence[Principal]:
        record = self.estate.principals.get(name)
        if record is None or record.kind != "service-account" or not record.unique_id or record.path:
            return ()
        return self._by_app.get(record.unique_id, ())

    @cached_property
    def _by_app(self) -> Mapping[str, Sequence[Principal]]:
        found: dict[str, list[Principal]] = defaultdict(list)
        for _, one in sorted(self.estate.principals.items()):
            if one.provider == PROVIDER and one.kind == "application" and one.unique_id:
                found[one.unique_id].append(one)
        return found

    @cached_property
    def federations(self) -> Sequence[Federation]:
        """The federated credentials of applications and identities."""
        held = (one for _, one in sorted(self.estate.federations.items()))
        return [one for one in held if one.provider == PROVIDER and one.enabled is not Answer.NO]

    @cached_property
    def secrets(self) -> Mapping[str, Sequence[str]]:
        """The names of the secrets of each vault that are not off."""
        found: dict[str, list[str]] = defaultdict(list)
        for name, one in sorted(self.estate.credentials.items()):
            vault, mark, secret = name.rpartition("/secrets/")
            if one.provider == PROVIDER and one.kind == "stored-secret" and mark and one.enabled is not Answer.NO:
                found[vault].append(secret)
        return found

    def vault(self, name: str) -> Vault | None:
        """Return how a vault is opened; None where that was not read."""
        for document in self.estate.policies_on(name, "resource"):
            if (told := _decoded(document, _Vault)) is not None:
                return _vault(name, document.id, told.properties)
        return None


class _Allowed(msgspec.Struct, rename="camel"):
    allowed_resource_actions: list[str] | None = None
    condition: str | None = None


class _Defined(msgspec.Struct, rename="camel"):
    template_id: str | None = None
    role_permissions: list[_Allowed] | None = None


class _Held(msgspec.Struct, rename="camel"):
    principal_id: str
    role_definition_id: str | None = None
    role_definition: _Defined | None = None
    value: str | None = None
    directory_scope_id: str | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None


class _Object(msgspec.Struct):
    id: str


class _Owned(msgspec.Struct, rename="camel"):
    value: list[_Object]
    is_assignable_to_role: bool | msgspec.UnsetType | None = msgspec.UNSET
    group_types: list[str] | None = None
    on_premises_sync_enabled: bool | None = None


class _Permissions(msgspec.Struct):
    secrets: list[str] | None = None
    keys: list[str] | None = None


class _Access(msgspec.Struct, rename="camel"):
    object_id: str
    permissions: _Permissions = msgspec.field(default_factory=_Permissions)
    application_id: str | None = None


class _Properties(msgspec.Struct, rename="camel"):
    enable_rbac_authorization: bool | None = None
    access_policies: list[_Access] | None = None


class _Vault(msgspec.Struct):
    properties: _Properties


def _decoded(document: PolicyDocument, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(document.document, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _holding(document: PolicyDocument) -> Holding | None:
    told = _decoded(document, _Held)
    if told is None:
        return None
    template = told.role_definition.template_id if told.role_definition else None
    role = told.value or template or told.role_definition_id
    if not role:
        return None
    scope = (told.directory_scope_id or "").strip("/").lower()
    terms: list[Condition] = []
    if document.kind == ELIGIBLE:
        terms.append(Test(ACTIVATION, Operator.PRESENT, source=document.id))
    if told.start_date_time:
        terms.append(_at(Operator.TIME_AT_EARLIEST, told.start_date_time, document.id))
    if told.end_date_time:
        terms.append(_at(Operator.TIME_BEFORE, told.end_date_time, document.id))
    if "/" in scope:
        terms.append(Unseen(f"what lies in the administrative unit of {document.id} was not read"))
    return Holding(
        document.id,
        told.principal_id.lower(),
        role.lower(),
        "" if "/" in scope else scope,
        all_of(terms),
        frozenset() if told.value else _allowed(told.role_definition),
    )


def _allowed(defined: _Defined | None) -> frozenset[str] | None:
    """Return what a role's definition allows over everything; of what is one's own, owners are told anyway."""
    parts = defined.role_permissions if defined else None
    if parts is None:
        return None
    return frozenset(
        action.lower() for one in parts if not one.condition for action in one.allowed_resource_actions or ()
    )


def _at(operator: Operator, moment: str, source: str) -> Condition:
    return Test(TIME, operator, (Pattern((moment,)),), source=source)


def _vault(name: str, document: str, told: _Properties) -> Vault:
    """Read who opens a vault. That roles decide is told; where it is not, policies do ("Vaults - Create Or Update")."""
    if told.enable_rbac_authorization is True:
        return Vault(name, document, None, None, None, told=True)
    policies = told.access_policies or ()
    return Vault(
        name,
        document,
        tuple(one.object_id.lower() for one in policies if _has(one.permissions.secrets, "get")),
        tuple(one.object_id.lower() for one in policies if _has(one.permissions.keys, "update")),
        tuple(
            (one.object_id.lower(), (one.application_id or "").lower())
            for one in policies
            if _has(one.permissions.keys, "decrypt", "unwrapkey")
        ),
        told=told.access_policies is not None,
    )


def path_of(key: Key) -> str:
    """Return the id of a key's resource, at or above which roles are given; "" where it was not told."""
    return next((each for each in key.aliases or () if each.startswith("/subscriptions/")), "")


def _has(permissions: Sequence[str] | None, *wanted: str) -> bool:
    return any(one.lower() in (*wanted, "all") for one in permissions or ())
