"""Accounts with a hierarchical namespace, which no emulator has: answers are composed after the REST reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from cloudscan.model import Gap, PolicyDocument, Principal, Why
from cloudscan.provider import Facet, ObjectRows
from cloudscan.standin.listener import Listener, Reply, serving
from cloudscan_azure import planning, storage
from cloudscan_azure.accounts import Container, StorageAccount, SubscriptionScope
from cloudscan_azure.discovery import Found
from cloudscan_azure.ids import container_id, lists_of
from cloudscan_azure.policy.hns import read_acl
from cloudscan_azure.standin.bodies import account, account_path, container
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.standin.tls import Certificate
from cloudscan_azure.test_graph import directory, group, user

ID = account_path("acmecalls").lower()
STORE = container_id(ID, "calls")
GONE = """<Blob><Name>a/old.wav</Name><Deleted>true</Deleted><DeletionId>133</DeletionId><Properties>
<DeletedTime>Wed, 04 Nov 2020 10:00:00 GMT</DeletedTime><RemainingRetentionDays>4</RemainingRetentionDays>
<ResourceType>file</ResourceType></Properties></Blob>"""
LIVE = """<Blob><Name>a/new.wav</Name><Properties><Content-Length>4</Content-Length><Owner>o1</Owner><Group>g1</Group>
<Acl>user::rw-</Acl><ResourceType>file</ResourceType></Properties></Blob>"""


class Folders:
    """The blob and folder services of one account; ``lists`` is whether it gives access control lists."""

    def __init__(self) -> None:
        self.crashes: list[str] = []
        self.asked: list[str] = []
        self.lists = True

    def reply(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self.asked.append(f"{verb} {target}")
        assert headers["authorization"].startswith("Bearer ")
        if verb == "HEAD":
            told = {"x-ms-owner": "$superuser", "x-ms-group": "g1", "x-ms-acl": "user::rwx,other::r-x"}
            return 200, told if self.lists else {}, b""
        if "permissions" in target and not self.lists:
            return 403, {"x-ms-error-code": "AuthorizationPermissionMismatch"}, b""
        blobs = GONE if "showonly=deleted" in target else LIVE
        return 200, {}, f"<EnumerationResults><Blobs>{blobs}</Blobs><NextMarker/></EnumerationResults>".encode()


@pytest.fixture
def folders(azure: Standin, certificate: Certificate) -> Iterator[tuple[Folders, StorageAccount]]:
    answering = Folders()
    with serving(Listener(answering, certificate.server())) as url:
        told = account(
            "acmecalls", f"{url}/", isHnsEnabled=True, primaryEndpoints={"blob": f"{url}/", "dfs": f"{url}/"}
        )
        yield answering, StorageAccount(told, (Container(STORE, "calls", container("calls", "acmecalls")),))
    assert answering.crashes == []


def run(one: SubscriptionScope) -> tuple[list[Any], list[Any]]:
    found = [item for unit in storage.units(one) for item in unit.run()]
    return found, [row for item in found if isinstance(item, ObjectRows) for row in item.rows]


def test_lists_of_the_container_and_of_its_files_are_read(
    folders: tuple[Folders, StorageAccount], subscription: Callable[..., SubscriptionScope]
) -> None:
    answering, given = folders
    found, rows = run(subscription(Facet.OBJECTS, Facet.ACL, storage=[given]))
    (root,) = [item for item in found if isinstance(item, PolicyDocument)]
    assert (root.kind, root.attached_to) == ("acl", (f"{STORE}/blobs/",))
    acl = read_acl(root.document)
    assert acl is not None
    assert (acl.group, acl.entries) == ("g1", (("user", "", "rwx"), ("other", "", "r-x")))
    assert [(row.key, row.owner, row.acl is not None) for row in rows] == [("a/new.wav", "o1", True)]
    assert answering.asked[0] == "HEAD /calls?action=getAccessControl"
    assert [item for item in found if isinstance(item, Gap)] == []


def test_those_whom_the_lists_name_are_asked_about_at_the_end_of_the_container(
    azure: Standin, folders: tuple[Folders, StorageAccount], subscription: Callable[..., SubscriptionScope]
) -> None:
    directory(azure, people=[user("o1"), group("g1")])
    azure.pages("/beta/groups/g1/members", [user("u1")])
    given = subscription(Facet.OBJECTS, Facet.ACL, Facet.PRINCIPALS, storage=[folders[1]])
    units = planning.units_of([Found(given.id, given, ())])
    found = [item for unit in units if "/storage/" in unit.key for item in unit.run()]
    assert {one.name for one in found if isinstance(one, Principal)} == {"o1@acme.example", "Ops", "u1@acme.example"}
    plain = subscription(Facet.OBJECTS, Facet.ACL, storage=[folders[1]])
    bare = planning.units_of([Found(given.id, plain, ())])
    assert not any(isinstance(item, Principal) for unit in bare if "/storage/" in unit.key for item in unit.run())


def test_who_may_not_see_lists_gets_the_blobs_without(
    folders: tuple[Folders, StorageAccount], subscription: Callable[..., SubscriptionScope]
) -> None:
    answering, given = folders
    answering.lists = False
    found, rows = run(subscription(Facet.OBJECTS, Facet.ACL, storage=[given]))
    assert [row.key for row in rows] == ["a/new.wav"]
    gaps = {item.operation: (item.why, item.facet) for item in found if isinstance(item, Gap)}
    assert gaps == {
        "Path_GetProperties": (Why.MALFORMED, Facet.ACL),
        "Container_ListBlobFlatSegment": (Why.DENIED, Facet.ACL),
    }
    asked = {item.resource for item in found if isinstance(item, Gap)}
    assert asked == {lists_of(given.containers[0].id)}  # and not the container: they open it to nobody unnamed


def test_what_was_deleted_is_a_list_of_its_own(
    folders: tuple[Folders, StorageAccount], subscription: Callable[..., SubscriptionScope]
) -> None:
    answering, given = folders
    _, rows = run(subscription(Facet.OBJECTS, Facet.DELETED, versions=True, storage=[given]))
    assert [(row.key, row.current, row.version) for row in rows] == [
        ("a/new.wav", True, None),
        ("a/old.wav", False, "133"),
    ]
    assert rows[1].restorable_until is not None
    assert sum("showonly=deleted" in each for each in answering.asked) == 1
    assert not any("include=deleted" in each for each in answering.asked)
