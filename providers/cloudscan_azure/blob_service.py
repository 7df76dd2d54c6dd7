"""The blob service of one storage account: what its data plane is asked, and how its names are put into addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import quote

from cloudscan.providing.questions import Malformed
from cloudscan_azure.accounts import StorageAccount
from cloudscan_azure.rest import Rest

VERSION = "2025-05-05"
"""The version of Azure Storage that is spoken: one that tells all that is read, and that Azurite knows, too."""
_HEADERS = {"x-ms-version": VERSION}


@dataclass(frozen=True, slots=True)
class BlobService:
    """The blob service of an account, and where it answers for folders. Methods raise as those of :class:`Rest` do."""

    rest: Rest
    account: StorageAccount

    def page(self, container: str, query: Mapping[str, Any]) -> bytes:
        """Ask for a page of blobs ("List Blobs")."""
        asked = {"restype": "container", "comp": "list", **query}
        return self.rest.text(self._endpoint("blob"), _path(container), query=asked, headers=_HEADERS)

    def stored_policies(self, container: str) -> bytes:
        """Ask for the stored access policies ("Get Container ACL")."""
        asked = {"restype": "container", "comp": "acl"}
        return self.rest.text(self._endpoint("blob"), _path(container), query=asked, headers=_HEADERS)

    def access_list(self, container: str, key: str = "") -> dict[str, str]:
        """Ask for owner, group and access control list of a container, or of a path in it ("Path - Get Properties")."""
        asked = {"action": "getAccessControl"}
        told = self.rest.headers(self._endpoint("dfs"), _path(container, key), query=asked, headers=_HEADERS)
        if "x-ms-acl" not in told:
            raise Malformed("no access control list")
        return {"owner": told.get("x-ms-owner", ""), "group": told.get("x-ms-group", ""), "acl": told["x-ms-acl"]}

    def part(
        self, container: str, key: str, version: str | None, start: int, length: int
    ) -> tuple[bytes, bool, dict[str, str]]:
        """Read bytes of a blob, as they are stored ("Get Blob"); whether they are no more than asked; the headers."""
        kind, _, name = (version or "").partition("snapshot=")
        asked = {"snapshot": name} if name else {"versionid": kind} if kind else {}
        headers = {**_HEADERS, "x-ms-range": f"bytes={start}-{start + length - 1}", "Accept-Encoding": "identity"}
        return self.rest.part(self._endpoint("blob"), _path(container, key), length, query=asked, headers=headers)

    def whole(self, container: str, key: str, into: IO[bytes]) -> None:
        """Write a blob into a file, as it is stored ("Get Blob")."""
        headers = {**_HEADERS, "Accept-Encoding": "identity"}
        self.rest.pour(self._endpoint("blob"), _path(container, key), into, query={}, headers=headers)

    def _endpoint(self, service: str) -> str:
        """Return where it answers. Raises :class:`Malformed` where ARM did not tell: no other host is tried."""
        endpoint = self.account.endpoint(service)
        if not endpoint:
            raise Malformed(f"no endpoint for {service} was told")
        return endpoint


def _path(container: str, key: str = "") -> str:
    """Return the path of a container or blob. Dots and nothing between slashes would be taken for a way elsewhere."""
    odd = any(part in ("", ".", "..") for part in key.split("/"))
    return f"/{quote(container, safe='$')}" + (f"/{quote(key, safe='' if odd else '/')}" if key else "")
