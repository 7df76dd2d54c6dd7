"""The demo's tenant: who is who, what lies above the subscription, and whom Microsoft Graph knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloudscan_azure.demo.names import ABOVE, DOMAIN, ROOT, SCOPE, SUBSCRIPTION, guid, identity_id
from cloudscan_azure.standin.names import TENANT
from cloudscan_azure.standin.state import Asked, Payload

if TYPE_CHECKING:
    from cloudscan_azure.demo.estate import Builder

Told = dict[str, Any]
USERS = ("ana", "ben", "cara", "dan")
GUEST = "dora"
ROBOTS = ("quality-review", "ci-deploy")
IDENTITIES = ("transcriber", "summariser")
SUPPORT = "support"
SPEECH = "acme-speech"
"""What the account that turns calls into text acts as."""
GOOGLE_REVIEW = "100000000000000000001"
"""The unique id of the service account quality-review of the demo's project in Google Cloud."""


def build(make: Builder) -> None:
    """Tell of the subscription and what is above it, and of identities."""
    make.azure.fresh(SCOPE, ROOT, ABOVE, "/providers/Microsoft.Authorization", "/v1.0", "/beta", "/cognitive")
    _hierarchy(make)
    _identities(make)


def _hierarchy(make: Builder) -> None:
    """A management group of the contact centre below the tenant's root, and the subscription in it."""
    told = {"id": SCOPE, "subscriptionId": SUBSCRIPTION, "tenantId": TENANT, "displayName": "Acme voice"}
    make.azure.answer(SCOPE, told)
    make.azure.pages("/subscriptions", [told])
    kind = "Microsoft.Management/managementGroups"
    names = {ROOT: "Tenant Root Group", ABOVE: "Contact centre"}
    entities = [_entity(place, kind, names[place], chain) for place, chain in ((ROOT, ()), (ABOVE, (ROOT,)))]
    entities.append(_entity(SCOPE, "/subscriptions", "Acme voice", (ROOT, ABOVE)))
    make.azure.pages("POST /providers/Microsoft.Management/getEntities", entities)


def _entity(place: str, kind: str, title: str, chain: tuple[str, ...]) -> Told:
    properties = {
        "tenantId": TENANT,
        "displayName": title,
        "parent": {"id": chain[-1]} if chain else {},
        "parentNameChain": [each.rpartition("/")[2] for each in chain],
        "inheritedPermissions": "view",
    }
    return {"id": place, "name": place.rpartition("/")[2], "type": kind, "properties": properties}


def _identities(make: Builder) -> None:
    """Four people, a guest of the labelling vendor, two applications, two managed identities, and the support desk."""
    known: dict[str, Told] = {}
    for name in USERS:
        known[guid(name)] = _user(name, f"{name}@{DOMAIN}", "Member", make)
    known[guid(GUEST)] = _user(GUEST, "dora_labels.example#EXT#@acme.onmicrosoft.example", "Guest", make)
    for name in ROBOTS:
        known[guid(name)] = _robot(name, "Application")
    for name in IDENTITIES:
        places = ["isExplicit=True", identity_id(name)]
        known[guid(name)] = _robot(name, "ManagedIdentity") | {"alternativeNames": places}
    known[guid(SPEECH)] = _robot(SPEECH, "ManagedIdentity")
    desk = {"displayName": "Support", "groupTypes": [], "isAssignableToRole": False}
    known[guid(SUPPORT)] = _typed("group", guid(SUPPORT)) | desk

    def chosen(asked: Asked) -> Payload:
        ids = (asked.body or {}).get("ids", ())
        return {"value": [known[each.lower()] for each in ids if each.lower() in known]}

    azure = make.azure
    azure.answer("POST /v1.0/directoryObjects/getByIds", chosen)
    azure.pages(f"/beta/groups/{guid(SUPPORT)}/members", [known[guid(name)] for name in ("ben", "dan")])
    azure.pages("/v1.0/applications", [_application(make, name) for name in ROBOTS])
    azure.pages("/v1.0/organization", [{"id": TENANT, "displayName": DOMAIN}])
    for name in ROBOTS:
        azure.pages(f"/v1.0/applications/{guid(f'{name} application')}/owners", [])
    review = f"/v1.0/applications/{guid('quality-review application')}/federatedIdentityCredentials"
    azure.pages(review, [_from_google()])


def _typed(kind: str, own: str) -> Told:
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": own}


def _user(name: str, address: str, sort: str, make: Builder) -> Told:
    return _typed("user", guid(name)) | {
        "displayName": name.capitalize(),
        "userPrincipalName": address,
        "userType": sort,
        "accountEnabled": True,
        "createdDateTime": make.ago(700),
    }


def _robot(name: str, sort: str) -> Told:
    return _typed("servicePrincipal", guid(name)) | {
        "displayName": name,
        "appId": guid(f"{name} client"),
        "servicePrincipalType": sort,
        "appOwnerOrganizationId": TENANT,
        "accountEnabled": True,
        "alternativeNames": [],
    }


def _application(make: Builder, name: str) -> Told:
    """An application; that of the reviewers still has a secret that was made three years ago."""
    secret = {"keyId": guid(f"{name} secret"), "startDateTime": make.ago(1100), "endDateTime": "2299-12-31T00:00:00Z"}
    return {
        "id": guid(f"{name} application"),
        "appId": guid(f"{name} client"),
        "displayName": name,
        "passwordCredentials": [secret] if name == "quality-review" else [],
        "keyCredentials": [],
    }


def _from_google() -> Told:
    """The reviewers' tool runs in Google Cloud, and comes here with a token of its service account."""
    return {
        "id": guid("quality-review google"),
        "name": "google",
        "issuer": "https://accounts.google.com",
        "subject": GOOGLE_REVIEW,
        "audiences": ["api://AzureADTokenExchange"],
    }
