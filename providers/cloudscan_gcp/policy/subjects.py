"""Resources as conditions see them: their attributes, and which of these are available of what kind.

From "Attribute reference for IAM Conditions" and "Resource attributes" (IAM documentation): the types of resources that
have a name for conditions are listed, and so are those with values of a type; requests have a host, a path, a
destination and access levels where they go through the proxy for identities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OBJECT = "storage.googleapis.com/Object"
BUCKET = "storage.googleapis.com/Bucket"
SERVICE_ACCOUNT = "iam.googleapis.com/ServiceAccount"
PROJECT, FOLDER, ORGANIZATION = (
    f"cloudresourcemanager.googleapis.com/{each}" for each in ("Project", "Folder", "Organization")
)
INSTANCE = "compute.googleapis.com/Instance"
_NAMELESS = frozenset({SERVICE_ACCOUNT, PROJECT, FOLDER, ORGANIZATION})
UNLISTED = frozenset({SERVICE_ACCOUNT, FOLDER, ORGANIZATION})
"""Kinds by names of ours, that the documentation does not list as values of ``resource.type``."""
_BEHIND_PROXIES = ("request.auth.access_levels", "request.host", "request.path", "destination.ip", "destination.port")
"""Attributes of requests through the proxy for identities, for machines and web applications."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a condition can know of the resource that is asked about.

    ``tags`` are the effective ones by namespaced key, None where they were not read. A name, kind or service that is
    not known is "": what hangs on it stays a test.
    """

    name: str
    kind: str
    service: str
    tags: Mapping[str, str] | None = None

    def attribute(self, name: str) -> str | None:
        """Return what an attribute is for this resource; None if only the request tells, or it is not known."""
        told = {"resource.name": self.name, "resource.type": self.kind, "resource.service": self.service}
        return told.get(name) or None

    def lacks(self, name: str) -> bool:
        """Say whether an attribute is not available for this resource, by the lists of those that have it."""
        if name == "resource.name":
            return self.kind in _NAMELESS
        return self.kind not in ("", INSTANCE) and name in _BEHIND_PROXIES
