"""The predefined roles that the demo's policies name, with those of their permissions that matter to recordings.

Google tells of some thousand permissions of the basic roles; what is left out here gives no way to a recording.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_ACCOUNT = "iam.serviceAccounts."
_BUCKETS = ("storage.buckets.create", "storage.buckets.delete", "storage.buckets.list")
_ROLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "owner": (
        "Owner",
        (
            *_BUCKETS,
            "storage.hmacKeys.create",
            "resourcemanager.projects.get",
            "resourcemanager.projects.setIamPolicy",
            f"{_ACCOUNT}actAs",
            f"{_ACCOUNT}setIamPolicy",
            "iam.serviceAccountKeys.create",
            "iam.roles.update",
            "speech.recognizers.recognize",
        ),
    ),
    "editor": (
        "Editor",
        (
            *_BUCKETS,
            "storage.hmacKeys.create",
            "resourcemanager.projects.get",
            f"{_ACCOUNT}actAs",
            "iam.serviceAccountKeys.create",
            "speech.recognizers.recognize",
        ),
    ),
    "viewer": ("Viewer", ("storage.buckets.list", "resourcemanager.projects.get", "speech.recognizers.recognize")),
    "storage.objectViewer": (
        "Storage Object Viewer",
        ("resourcemanager.projects.get", "storage.managedFolders.list", "storage.objects.get", "storage.objects.list"),
    ),
    "storage.objectCreator": ("Storage Object Creator", ("resourcemanager.projects.get", "storage.objects.create")),
    "storage.objectAdmin": (
        "Storage Object Admin",
        (
            "resourcemanager.projects.get",
            "storage.objects.create",
            "storage.objects.delete",
            "storage.objects.get",
            "storage.objects.getIamPolicy",
            "storage.objects.list",
            "storage.objects.setIamPolicy",
            "storage.objects.update",
        ),
    ),
    "storage.legacyBucketOwner": (
        "Storage Legacy Bucket Owner",
        (
            "storage.buckets.get",
            "storage.buckets.getIamPolicy",
            "storage.buckets.setIamPolicy",
            "storage.buckets.update",
            "storage.managedFolders.setIamPolicy",
            "storage.objects.create",
            "storage.objects.delete",
            "storage.objects.list",
        ),
    ),
    "storage.legacyBucketReader": ("Storage Legacy Bucket Reader", ("storage.buckets.get", "storage.objects.list")),
    "storage.legacyObjectReader": ("Storage Legacy Object Reader", ("storage.objects.get",)),
    "speech.client": ("Cloud Speech Client", ("speech.operations.get", "speech.recognizers.recognize")),
    "cloudkms.cryptoKeyEncrypterDecrypter": (
        "Cloud KMS CryptoKey Encrypter/Decrypter",
        (
            "cloudkms.cryptoKeyVersions.useToDecrypt",
            "cloudkms.cryptoKeyVersions.useToEncrypt",
            "resourcemanager.projects.get",
        ),
    ),
    "iam.serviceAccountTokenCreator": (
        "Service Account Token Creator",
        (
            f"{_ACCOUNT}getAccessToken",
            f"{_ACCOUNT}getOpenIdToken",
            f"{_ACCOUNT}implicitDelegation",
            f"{_ACCOUNT}signBlob",
            f"{_ACCOUNT}signJwt",
        ),
    ),
    "iam.workloadIdentityUser": (
        "Workload Identity User",
        (f"{_ACCOUNT}getAccessToken", f"{_ACCOUNT}getOpenIdToken"),
    ),
    "cloudfunctions.developer": (
        "Cloud Functions Developer",
        (
            "cloudfunctions.functions.create",
            "cloudfunctions.functions.update",
            "cloudfunctions.functions.sourceCodeSet",
        ),
    ),
    "iam.serviceAccountUser": ("Service Account User", (f"{_ACCOUNT}actAs", f"{_ACCOUNT}get", f"{_ACCOUNT}list")),
}


def roles() -> Iterator[dict[str, Any]]:
    """Yield the roles as the IAM API tells of them."""
    for name, (title, permissions) in _ROLES.items():
        yield {
            "name": f"roles/{name}",
            "title": title,
            "stage": "GA",
            "etag": "AA==",
            "includedPermissions": sorted(permissions),
        }
