"""How the records of Azure name things.

From "Resource naming rules" and the REST references: ids of resources and scopes are compared without case, and the
APIs do not agree on it, so that all of them are kept in small letters. Names of blobs keep their case.
"""

from __future__ import annotations

from urllib.parse import urlsplit

PROVIDER = "azure"
_PERSON = "entra:"
BLOBS = "/blobs/"
"""What stands between the id of a container and the name of a blob."""


def lowered(scope: str) -> str:
    """Return the id of a resource or scope as records have it; the topmost scope of a tenant is ``/``."""
    return "/" + scope.strip("/").lower()


def person(object_id: str) -> str:
    """Return the id of a principal by its object id in Microsoft Entra."""
    return f"{_PERSON}{object_id.lower()}"


def object_id(principal: str) -> str:
    """Return the object id of a principal by its id."""
    return principal.removeprefix(_PERSON).lower()


def split_blob(name: str) -> tuple[str, str]:
    """Take the name of a blob as ``CONTAINER-ID/blobs/PATH`` apart; the path is "" for anything else."""
    head, mark, path = name.partition("/containers/")
    container, blobs, path = path.partition(BLOBS)
    if not mark or not blobs or "/" in container:
        return lowered(name), ""
    return lowered(f"{head}{mark}{container}"), path


def container_id(account: str, name: str) -> str:
    """Return the id of a container by that of its storage account and its name."""
    return f"{account}/blobservices/default/containers/{name.lower()}"


def lists_of(container: str) -> str:
    """Return what the access control lists of a container are asked of: its root, from which they go down.

    They let in whoever signs in and nobody else, so that one which was not read opens no container to anyone ("Access
    control lists in Azure Data Lake Storage").
    """
    return f"{container}{BLOBS}"


def account_of(container: str) -> str:
    """Return the id of the storage account of a container."""
    return container.partition("/blobservices/")[0]


def key_id(address: str) -> str:
    """Return what a key is called by, from its address with or without a version; "" for what is none.

    Names in vaults are compared without case ("Azure Key Vault keys, secrets and certificates overview").
    """
    try:
        parts = urlsplit(address)
        host = parts.netloc.lower()
    except ValueError:
        return ""
    names = [each for each in parts.path.split("/") if each]
    place = next((at for at, each in enumerate(names) if each.lower() == "keys"), -1)
    if not host or place < 0 or len(names) <= place + 1:
        return ""
    return f"{parts.scheme.lower()}://{host}/{'/'.join(names[: place + 2]).lower()}"
