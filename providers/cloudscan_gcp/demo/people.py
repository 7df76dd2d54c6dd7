"""The demo's hierarchy, identities and keys, and what is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloudscan_gcp.demo.names import (
    DOMAIN,
    FOLDER,
    LOCATION,
    NUMBER,
    ORGANIZATION,
    PROJECT,
    RING,
    email,
    key_name,
    robot,
)
from cloudscan_gcp.demo.roles import roles
from cloudscan_gcp.org_policies import DOMAINS
from cloudscan_gcp.standin.state import Asked, Payload

if TYPE_CHECKING:
    from cloudscan_gcp.demo.estate import Builder

AWS_ACCOUNT = "123456789012"
POOL = f"projects/{NUMBER}/locations/global/workloadIdentityPools/aws-analytics"
AWS_ROLE = (
    f"principalSet://iam.googleapis.com/{POOL}/attribute.aws_role/arn:aws:sts::{AWS_ACCOUNT}:assumed-role/summariser"
)
"""A role of the demo's AWS account, as the pool makes a member of it."""
DEFAULT_COMPUTE = f"serviceAccount:{NUMBER}-compute@developer.gserviceaccount.com"
STORAGE_AGENT = f"serviceAccount:service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
_ALWAYS = ("activity", "system_event", "access_transparency")
_ENFORCED = {"storage.secureHttpTransport"}


def user(name: str) -> str:
    """Return a person of the call centre as a member of policies."""
    return f"user:{name}@{DOMAIN}"


ANA = user("ana")


def build(make: Builder) -> None:
    """Tell of the project and what lies above it, of who is who, of the keys, and of what is logged."""
    make.endpoint.fresh(f"projects/{PROJECT}", f"projects/{NUMBER}", f"namespaces/{PROJECT}", FOLDER, ORGANIZATION)
    boundaries = f"/v3/{ORGANIZATION}/locations/global/principalAccessBoundaryPolicies"
    make.endpoint.undocumented(boundaries, {})
    _hierarchy(make)
    _policies(make)
    _groups(make)
    _roles(make)
    _accounts(make)
    _federation(make)
    _keys(make)
    _logs(make)


def _hierarchy(make: Builder) -> None:
    """An organization, a folder, a project; plaintext requests are refused to all of it."""
    google = make.endpoint
    project = {
        "name": f"projects/{NUMBER}",
        "projectId": PROJECT,
        "displayName": "Acme voice",
        "parent": FOLDER,
        "state": "ACTIVE",
        "createTime": make.ago(1000),
    }
    folder = {"name": FOLDER, "parent": ORGANIZATION, "displayName": "Contact centre", "state": "ACTIVE"}
    top = {"name": ORGANIZATION, "displayName": DOMAIN, "directoryCustomerId": "C0acme000", "state": "ACTIVE"}
    for name in (PROJECT, NUMBER):
        google.answer(f"/v3/projects/{name}", project)
    google.pages("/v3/projects:search", [project])
    google.pages("/v3/projects", [project], parent=FOLDER)
    google.pages("/v3/projects", [], parent=ORGANIZATION)
    google.answer(f"/v3/{FOLDER}", folder)
    google.pages("/v3/folders", [folder], parent=ORGANIZATION)
    google.pages("/v3/folders", [], parent=FOLDER)
    google.answer(f"/v3/{ORGANIZATION}", top)
    google.pages("/v3/organizations:search", [top])
    chain = (f"projects/{PROJECT}", FOLDER, ORGANIZATION)
    above = [each.split("s/") for each in chain]
    ancestry = [{"resourceId": {"type": kind, "id": name}} for kind, name in above]
    google.answer(f"/v1/projects/{PROJECT}:getAncestry", {"ancestor": ancestry})
    google.pages("/v3/effectiveTags", [])

    def effective(asked: Asked) -> Payload:
        constraint = asked.path["name"].rpartition("/")[2]
        rules: list[Payload] = [{"enforce": constraint in _ENFORCED}]
        if constraint == DOMAINS:
            rules = [{"values": {"allowedValues": ["C01acme00"]}}]
        return {"name": f"projects/{NUMBER}/policies/{constraint}", "spec": {"rules": rules}}

    google.answer(f"/v2/projects/{PROJECT}/policies/*:getEffectivePolicy", effective)


def _policies(make: Builder) -> None:
    """Who may do what in the whole project.

    Ben may make himself a token of every service account, so he reads what they read. Cara may read what she labels,
    and no call. Reads of objects are logged, but for those of the export.
    """
    hers = "projects/_/buckets/acme-eu-training/objects/labelled/"
    labels = {"title": "what she labels", "expression": f'resource.name.startsWith("{hers}")'}
    policy = make.policy(
        [
            ("roles/owner", [ANA]),
            ("roles/editor", [DEFAULT_COMPUTE]),
            ("roles/viewer", [f"group:support@{DOMAIN}"]),
            ("roles/iam.serviceAccountTokenCreator", [user("ben")]),
            ("roles/speech.client", [robot("transcriber")]),
            ("roles/cloudfunctions.developer", [robot("ci-deploy")]),
        ]
    )
    policy["version"] = 3
    policy["bindings"].append({"role": "roles/storage.objectViewer", "members": [user("cara")], "condition": labels})
    logged = {"logType": "DATA_READ", "exemptedMembers": [robot("call-export")]}
    policy["auditConfigs"] = [{"service": "storage.googleapis.com", "auditLogConfigs": [logged]}]
    google = make.endpoint
    for name in (PROJECT, NUMBER):
        google.answer(f"/v3/projects/{name}:getIamPolicy", policy)
    for name in (FOLDER, ORGANIZATION):
        google.answer(f"/v3/{name}:getIamPolicy", make.policy([]))


def _groups(make: Builder) -> None:
    """The group of the support desk, whose members the organization lets the scanner see."""
    google = make.endpoint
    group = {"name": "groups/01acmesupport", "groupKey": {"id": f"support@{DOMAIN}"}, "displayName": "Support"}
    google.answer("/v1/groups:lookup", {"name": group["name"]}, **{"groupKey.id": f"support@{DOMAIN}"})
    google.answer(f"/v1/{group['name']}", group)
    members = [
        {
            "name": f"{group['name']}/memberships/{number}",
            "preferredMemberKey": {"id": f"{name}@{DOMAIN}"},
            "type": "USER",
            "roles": [{"name": "MEMBER"}],
        }
        for number, name in enumerate(("ben", "dora"), 7000)
    ]
    google.pages(f"/v1/{group['name']}/memberships", members)


def _roles(make: Builder) -> None:
    told = list(roles())
    make.endpoint.pages("/v1/roles", told)
    for role in told:
        make.endpoint.answer(f"/v1/{role['name']}", role)


def _accounts(make: Builder) -> None:
    """The service accounts. The export still has a key that was made three years ago, and an HMAC key."""
    google = make.endpoint
    names = ("transcriber", "quality-review", "call-export", "ci-deploy", "scanner")
    told = [_account(email(name), str(10**20 + place), name) for place, name in enumerate(names)]
    default = DEFAULT_COMPUTE.partition(":")[2]
    told.append(_account(default, "100000000000000000099", "Compute Engine default service account"))
    google.pages(f"/v1/projects/{PROJECT}/serviceAccounts", told)
    for each in told:
        google.answer(f"/v1/projects/{PROJECT}/serviceAccounts/{each['email']}", each)
        google.answer(f"/v1/projects/{PROJECT}/serviceAccounts/{each['email']}:getIamPolicy", {"etag": "ACAB"})
    deploying = make.policy([("roles/iam.serviceAccountUser", [robot("ci-deploy")])])
    google.answer(f"/v1/projects/{PROJECT}/serviceAccounts/{email('quality-review')}:getIamPolicy", deploying)
    old = {
        "name": f"projects/{PROJECT}/serviceAccounts/{email('call-export')}/keys/{'5e' * 20}",
        "keyAlgorithm": "KEY_ALG_RSA_2048",
        "keyOrigin": "GOOGLE_PROVIDED",
        "keyType": "USER_MANAGED",
        "validAfterTime": make.ago(1100),
        "validBeforeTime": "9999-12-31T23:59:59Z",
    }
    google.pages(f"/v1/projects/{PROJECT}/serviceAccounts/{email('call-export')}/keys", [old])
    secret = {
        "kind": "storage#hmacKeyMetadata",
        "id": f"{PROJECT}/GOOG1EACMEDEMO",
        "accessId": "GOOG1EACMEDEMO",
        "projectId": PROJECT,
        "serviceAccountEmail": email("call-export"),
        "state": "ACTIVE",
        "timeCreated": make.ago(700),
        "updated": make.ago(700),
    }
    google.pages(f"/storage/v1/projects/{PROJECT}/hmacKeys", [secret])


def _account(address: str, number: str, title: str) -> dict[str, Any]:
    return {
        "name": f"projects/{PROJECT}/serviceAccounts/{address}",
        "projectId": PROJECT,
        "uniqueId": number,
        "email": address,
        "displayName": title,
        "oauth2ClientId": number,
    }


def _federation(make: Builder) -> None:
    """A pool that takes the identities of the demo's AWS account, all of them: it asks for no condition."""
    google = make.endpoint
    told = {"name": POOL, "displayName": "Analytics on AWS", "state": "ACTIVE"}
    provider = {
        "name": f"{POOL}/providers/aws",
        "state": "ACTIVE",
        "aws": {"accountId": AWS_ACCOUNT},
        "attributeMapping": {
            "google.subject": "assertion.arn",
            "attribute.aws_role": "assertion.arn.contains('assumed-role') ? assertion.arn.extract('{account_arn}"
            "assumed-role/') + 'assumed-role/' + assertion.arn.extract('assumed-role/{role_name}/') : assertion.arn",
        },
    }
    for project in (PROJECT, NUMBER):
        pools = f"/v1/projects/{project}/locations/global/workloadIdentityPools"
        google.pages(pools, [told])
        google.pages(f"{pools}/aws-analytics/providers", [provider])


def _logs(make: Builder) -> None:
    """The two sinks that every project has ("Log routing: default sinks"); what they keep, they keep for 30 days."""
    google = make.endpoint
    apart = [f'LOG_ID("{log}.googleapis.com/{kind}")' for log in ("cloudaudit", "externalaudit") for kind in _ALWAYS]
    place = f"projects/{PROJECT}/locations/global/buckets"
    filters = {"_Required": " OR ".join(apart), "_Default": " AND ".join(f"NOT {one}" for one in apart)}
    sinks = [
        {"name": name, "filter": chosen, "destination": f"logging.googleapis.com/{place}/{name}"}
        for name, chosen in filters.items()
    ]
    google.pages(f"/v2/projects/{PROJECT}/sinks", sinks)
    for name, days in (("_Required", 400), ("_Default", 30)):
        bucket = {"name": f"{place}/{name}", "retentionDays": days, "lifecycleState": "ACTIVE"}
        google.answer(f"/v2/{place}/{name}", bucket)


def _keys(make: Builder) -> None:
    """Three keys that only the storage service uses; that of the calls was never rotated."""
    google = make.endpoint
    place = {"name": f"projects/{PROJECT}/locations/{LOCATION}", "locationId": LOCATION}
    google.pages(f"/v1/projects/{PROJECT}/locations", [place], api="cloudkms")
    google.pages(f"/v1/projects/{PROJECT}/locations/{LOCATION}/keyRings", [{"name": RING, "createTime": make.ago(900)}])
    users = [("roles/cloudkms.cryptoKeyEncrypterDecrypter", [STORAGE_AGENT])]
    names = ("speech-calls", "speech-voicemail", "speech-transcripts")
    keys = [_key(make, name, rotated=name != "speech-calls") for name in names]
    google.pages(f"/v1/{RING}/cryptoKeys", keys)
    google.answer(f"/v1/{RING}:getIamPolicy", make.policy([]))
    for key in keys:
        google.answer(f"/v1/{key['name']}", key)
        google.answer(f"/v1/{key['name']}:getIamPolicy", make.policy(users))


def _key(make: Builder, name: str, *, rotated: bool) -> dict[str, Any]:
    version = {
        "name": f"{key_name(name)}/cryptoKeyVersions/1",
        "state": "ENABLED",
        "protectionLevel": "SOFTWARE",
        "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION",
        "createTime": make.ago(800),
    }
    told = {"name": key_name(name), "purpose": "ENCRYPT_DECRYPT", "primary": version, "createTime": make.ago(800)}
    return told | ({"rotationPeriod": "7776000s", "nextRotationTime": make.ago(-40)} if rotated else {})
