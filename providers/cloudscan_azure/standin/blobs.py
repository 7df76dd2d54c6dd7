"""Blobs of storage accounts at the stand-in's own address: Azurite's, with what Azurite loses told beside them.

Azurite makes every blob anew, so that none is old; it keeps no versions, no encryption scopes, no holds, and nothing
that was deleted; it tells of blocks that nobody committed as of an empty blob. What a test or the demo tells of a blob
is put into its list ("List Blobs") and into its headers.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree

from cloudscan.standin.listener import Reply
from cloudscan.standin.passing import pass_on
from cloudscan_azure.standin.azurite import Azurite
from cloudscan_azure.standin.errors import Forbidden
from cloudscan_azure.standin.tls import Certificate

PREFIX = "/blob/"
LIST, POLICIES, PROPERTIES, CONTENT = (
    "Container_ListBlobFlatSegment",
    "Container_GetAccessPolicy",
    "Blob_GetProperties",
    "Blob_Download",
)
OPERATIONS = (LIST, POLICIES, PROPERTIES, CONTENT)
_OF_THE_BLOB = {"Snapshot", "VersionId", "IsCurrentVersion", "Deleted"}
"""Elements of a blob itself; all others are of its properties."""
_ASKED = {"VersionId": "versions", "Snapshot": "snapshots", "Deleted": "deleted"}
"""What has to be included in a list for another state of a blob to be in it."""
_COMMITTED = {"Last-Modified", "Etag", "Content-Type", "Content-Encoding", "Content-Language", "Content-MD5"}
"""What a list tells of no blob of which nothing was committed."""
_OK = 200
Told = Mapping[str, str]


@dataclass
class Blobs:
    """The accounts of an Azurite, as a list tells them: the names of elements are those of "List Blobs"."""

    azurite: Azurite
    certificate: Certificate
    _told: dict[tuple[str, str, str], Told] = field(default_factory=dict)
    _states: dict[tuple[str, str, str], list[Told]] = field(default_factory=dict)
    _begun: set[tuple[str, str, str]] = field(default_factory=set)

    def tell(self, account: str, container: str, name: str, **told: str) -> None:
        """Tell more of a blob, such as ``Creation_Time``: a low line stands for the hyphen of an element's name."""
        self._told[account, container, name] = _elements(told)

    def state(self, account: str, container: str, name: str, **told: str) -> None:
        """Tell of another state of a blob, an old version, a snapshot or what was deleted, where these are asked for.

        What is not told is as it is of the blob.
        """
        self._states.setdefault((account, container, name), []).append(_elements(told))

    def begun(self, account: str, container: str, name: str) -> None:
        """Tell of blocks that nobody committed as Azure does: without what a blob has ("List Blobs")."""
        self._begun.add((account, container, name))

    def reply(self, verb: str, target: str, headers: Mapping[str, str]) -> Reply:
        """Answer a request that reads. Raises Forbidden for one that does more."""
        path, _, query = target.partition("?")
        account, container, name = [*map(unquote, path.removeprefix(PREFIX).split("/", 2)), "", ""][:3]
        operation = self.operation(verb, target)
        if operation == POLICIES:
            return self._policies(account, container)
        status, told, content = pass_on(
            self.azurite.url,
            verb,
            f"/{target.removeprefix(PREFIX)}",
            headers,
            b"",
            ssl.create_default_context(cafile=str(self.certificate.authority)),
        )
        if status == _OK and operation == LIST:
            included = dict(parse_qsl(query)).get("include", "").split(",")
            return status, told, self._listed(content, account, container, included)
        created = self._told.get((account, container, name), {}).get("Creation-Time")
        return status, told | ({"x-ms-creation-time": created} if created and status < 300 else {}), content

    @staticmethod
    def operation(verb: str, target: str) -> str:
        """Return the operation's id of a request that reads. Raises Forbidden for another."""
        path, _, query = target.partition("?")
        asked = dict(parse_qsl(query))
        if asked.get("restype") == "container" and verb == "GET":
            if asked.get("comp") == "list":
                return LIST
            if asked.get("comp") == "acl":
                return POLICIES
        if "comp" not in asked and verb in ("GET", "HEAD") and path.count("/") > PREFIX.count("/") + 1:
            return CONTENT if verb == "GET" else PROPERTIES
        raise Forbidden(403, "ReadOnly", f"a scanner does not ask {verb} {target}")

    def _policies(self, account: str, container: str) -> Reply:
        """Ask with the shared key, since Azurite tells stored policies to no token, and Azure does."""
        told: list[bytes] = []
        certificate = str(self.certificate.authority)
        with self.azurite.owner(account, connection_verify=certificate) as owner:
            owner.get_container_client(container).get_container_access_policy(
                raw_response_hook=lambda answer: told.append(answer.http_response.body())
            )
        return _OK, {"Content-Type": "application/xml"}, told[0]

    def _listed(self, content: bytes, account: str, container: str, included: Iterable[str]) -> bytes:
        root = ElementTree.fromstring(content)  # noqa: S314 - Azurite wrote it
        parent = root.find("Blobs")
        for blob in list(parent.iter("Blob")) if parent is not None else ():
            key = (account, container, blob.findtext("Name") or "")
            for state in self._states.get(key, ()):
                if all(include in included for name, include in _ASKED.items() if name in state):
                    older = ElementTree.fromstring(ElementTree.tostring(blob))  # noqa: S314 - as above
                    _put(older, state)
                    assert parent is not None  # noqa: S101 - the blob is in it
                    parent.insert(list(parent).index(blob), older)
            _put(blob, self._told.get(key, {}))
            properties = blob.find("Properties")
            if key in self._begun and properties is not None:
                for each in [each for each in properties if each.tag in _COMMITTED]:
                    properties.remove(each)
        written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        return written


def _elements(told: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in told.items()}


def _put(blob: ElementTree.Element, told: Told) -> None:
    for name, value in told.items():
        place = blob if name in _OF_THE_BLOB else blob.find("Properties")
        assert place is not None  # noqa: S101 - every blob has properties
        found = place.find(name)
        if found is None:
            found = ElementTree.SubElement(place, name)
        found.text = value
