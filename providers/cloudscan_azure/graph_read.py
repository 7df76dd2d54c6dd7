"""Identities of Microsoft Entra as records. Pure: each reads one object as Microsoft Graph v1.0 has it.

How they are told apart: users, groups, service principals and managed identities are principals ``entra:OBJECT-ID``
(``person``), since assignments name them so; an application, of which a service principal is what acts, is
``app:APPLICATION-ID`` with its object id as ``path``, and both have the application's id as ``unique_id``: who may
change an application may act as its service principal. A managed identity has the id of its resource as ``path``.

Rights over identities are documents: roles of the directory of kind ``directory`` (``directory-eligible`` where they
have to be activated) as "unifiedRoleAssignment" has them with the definition, and app roles of Microsoft Graph of kind
``directory`` as "appRoleAssignment" has them with the role's ``value``; they hang on what they are limited to. Who may
activate to be a member or owner of a group is eligible for the role ``group-member`` or ``group-owner`` of it. Owners
are of kind ``owners``, attached to whom they own, with ``value`` as "List owners" returns it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cloudscan.model import Answer, Credential, PolicyDocument, Principal
from cloudscan.providing.parts import items, texts, utc
from cloudscan_azure.ids import PROVIDER, lowered, person
from cloudscan_azure.kept import document

Told = Mapping[str, Any]
_KINDS = {
    "user": "user",
    "group": "group",
    "serviceprincipal": "service-account",
    "device": "device",
    "orgcontact": "contact",
}
_OF_MICROSOFT = {"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"}
"""The tenants of Microsoft's own services ("Verify first-party Microsoft applications in sign-in reports")."""
GROUP = ("isAssignableToRole", "groupTypes", "onPremisesSyncEnabled")
"""What of a group says who may be put into it."""
_EXTERNAL = "#ext#"
"""What the name of a guest has in it ("Properties of a Microsoft Entra B2B collaboration user")."""


def type_of(told: Told) -> str:
    """Return what an object is, in small letters, "" where it does not say."""
    return str(told.get("@odata.type") or "").rpartition(".")[2].lower()


def principal(told: Told, tenant: str) -> Principal | None:
    """Read a user, group or service principal; None for what names no object or is none of these.

    What the caller may not see of an object comes as null ("Limited information returned for inaccessible member
    objects"), and is not known. ``account`` is its home, which for an application is the tenant that owns it.
    """
    own, kind = told.get("id"), _KINDS.get(type_of(told))
    if not isinstance(own, str) or not own or kind is None:
        return None
    names = [str(told.get(each) or "") for each in ("userPrincipalName", "displayName", "mail")]
    name = names[0] or names[1]
    return Principal(
        id=person(own),
        provider=PROVIDER,
        account=_home(told, tenant),
        kind="guest" if kind == "user" and _is_guest(told) else kind,
        name=name or own.lower(),
        path=_resource(told),
        created=utc(told.get("createdDateTime")),
        unique_id=str(told.get("appId") or "").lower() or None,
        enabled=Answer.of(told["accountEnabled"]) if isinstance(told.get("accountEnabled"), bool) else _lasts(kind),
        aliases=tuple(each for each in dict.fromkeys(names) if each not in ("", name)),
    )


def _lasts(kind: str) -> Answer:
    """Return whether something can be used that has no switch: a group cannot be turned off."""
    return Answer.YES if kind == "group" else Answer.UNKNOWN


def _is_guest(told: Told) -> bool:
    kind = told.get("userType")
    if isinstance(kind, str) and kind:
        return kind.lower() == "guest"
    return _EXTERNAL in str(told.get("userPrincipalName") or "").lower()


def _home(told: Told, tenant: str) -> str:
    owner = str(told.get("appOwnerOrganizationId") or "").lower()
    return owner if owner and owner not in _OF_MICROSOFT else tenant


def _resource(told: Told) -> str:
    """Return the id of the resource of a managed identity ("servicePrincipal": its alternative names hold it)."""
    if str(told.get("servicePrincipalType") or "").lower() != "managedidentity":
        return ""
    return next((lowered(each) for each in texts(told, "alternativeNames") if each.startswith("/")), "")


def is_managed(told: Told) -> bool:
    """Whether a service principal is a managed identity, which has no application that anybody could change."""
    return str(told.get("servicePrincipalType") or "").lower() == "managedidentity"


def application(told: Told, tenant: str) -> Principal:
    """Read an application that has its two ids."""
    own = app_of(told)
    return Principal(
        id=app(own),
        provider=PROVIDER,
        account=tenant,
        kind="application",
        name=str(told.get("displayName") or own),
        path=str(told.get("id") or "").lower(),
        created=utc(told.get("createdDateTime")),
        unique_id=own,
    )


def app_of(told: Told) -> str:
    """Return the application id that an object tells, "" for none."""
    return str(told.get("appId") or "").lower()


def app(application_id: str) -> str:
    """Return the id of an application by its application id."""
    return f"app:{application_id.lower()}"


def credentials(told: Told, holder: str, principal: str, account: str) -> Iterator[Credential]:
    """Read with which secrets and certificates somebody acts as a service principal: never more than ids and times.

    ``holder`` is what they are kept with, the application or the service principal itself.
    """
    for name, kind in (("passwordCredentials", "client-secret"), ("keyCredentials", "client-certificate")):
        for each in items(told, name):
            if own := str(each.get("keyId") or ""):
                expires = utc(each.get("endDateTime"))
                yield Credential(
                    id=f"{holder}#{own.lower()}",
                    provider=PROVIDER,
                    account=account,
                    principal=principal,
                    kind=kind,
                    created=utc(each.get("startDateTime")),
                    expires=expires,
                    lasting=Answer.NO if expires else Answer.UNKNOWN,
                    enabled=Answer.YES,
                )


def owners(told: Sequence[Told], owned: Told, name: str, account: str) -> PolicyDocument:
    """Keep who owns an object: ids and types alone, and what of a group says who may be put into it."""
    kept = [{key: each.get(key) for key in ("@odata.type", "id") if key in each} for each in told]
    group = {key: owned[key] for key in GROUP if key in owned}
    return document(account, "owners", f"{name}#owners", {"value": kept, **group}, name)


def attributes(told: Told) -> dict[str, str] | None:
    """Read custom security attributes as conditions name them, ``SET_NAME``.

    None where one has several values, since a record holds one of each: then nothing is known of them.
    """
    sets = told.get("customSecurityAttributes")
    found: dict[str, str] = {}
    for name, held in (sets if isinstance(sets, Mapping) else {}).items():
        for key, value in (held if isinstance(held, Mapping) else {}).items():
            if "@odata" in key:
                continue
            if isinstance(value, list | Mapping):
                return None
            found[f"{name}_{key}"] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def directory_role(told: Told, kind: str, tenant: str) -> PolicyDocument | None:
    """Keep who has a role of the directory, or may activate it; it hangs on what it is limited to, "/" for nothing."""
    own, holder = told.get("id"), told.get("principalId")
    if not isinstance(own, str) or not isinstance(holder, str):
        return None
    return document(tenant, kind, f"{kind}:{own}", told, str(told.get("directoryScopeId") or "/").lower())


def app_role(told: Told, roles: Iterable[Told], tenant: str) -> PolicyDocument | None:
    """Keep an app role that a service principal has, by the value that permissions are documented by."""
    own, holder = told.get("id"), told.get("principalId")
    value = next((each.get("value") for each in roles if each.get("id") == told.get("appRoleId")), None)
    if not isinstance(own, str) or not isinstance(holder, str) or not isinstance(value, str):
        return None
    return document(tenant, "directory", f"app-role:{own}", {**told, "value": value}, "/")


def eligible_member(told: Told, tenant: str) -> PolicyDocument | None:
    """Keep who may activate to be a member or owner of a group, as a role that is limited to the group."""
    own, group, access = told.get("id"), told.get("groupId"), told.get("accessId")
    if not isinstance(group, str) or not isinstance(access, str):
        return None
    role = {"roleDefinitionId": f"group-{access.lower()}", "directoryScopeId": f"/{group.lower()}"}
    return directory_role({**told, **role, "id": own}, "directory-eligible", tenant)
