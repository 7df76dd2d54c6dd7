"""Whom access control lists alone name is asked of Microsoft Graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cloudscan.model import Coverage, Gap, MediaClass, MediaObject, PolicyDocument, Why
from cloudscan.provider import Collected, Facet, ObjectRows, Unit
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.ids import person
from cloudscan_azure.kept import document
from cloudscan_azure.listed import Listed, wanted
from cloudscan_azure.standin.errors import AzureError
from cloudscan_azure.standin.names import TENANT
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.storage_read import acl_text
from cloudscan_azure.test_graph import BOB, OPS, directory, principals, user
from cloudscan_azure.test_rbac import ANA, of

Subscriptions = Callable[..., SubscriptionScope]
STORE = "/subscriptions/s/containers/lake"


def _folder(acl: str) -> PolicyDocument:
    told = {"owner": "$superuser", "group": "$superuser", "acl": acl}
    return document("s", "acl", f"{STORE}#acl", told, f"{STORE}/blobs/d")


def _files(acl: str, media: MediaClass = MediaClass.SPEECH) -> ObjectRows:
    return ObjectRows([MediaObject(STORE, "d/g.wav", media=media, acl=acl_text("$superuser", "$superuser", acl))])


def _run(given: SubscriptionScope, *units: list[Collected]) -> list[Collected]:
    listed = Listed(TENANT, [given])

    def one(items: list[Collected]) -> Iterator[Collected]:
        return iter(items)

    made = [listed.added(Unit(f"u{place}", "u", lambda each=each: one(each))) for place, each in enumerate(units)]  # type: ignore[misc]
    return [item for unit in made for item in unit.run()]


def test_groups_that_only_lists_name_are_told_with_who_is_in_them(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure)
    azure.pages(f"/beta/groups/{OPS}/members", [user(ANA)])
    given = subscription(Facet.PRINCIPALS, Facet.ACL)
    assert wanted(given)
    found = _run(given, [_files(f"user::rw-,group:{OPS}:r--,other::---")], [_folder(f"user:{BOB}:r-x,group:{OPS}:r-x")])
    known = principals(found)
    assert set(known) == {person(OPS), person(ANA), person(BOB)}
    assert known[person(OPS)].members == (person(ANA),)
    assert azure.requests["groups_members"] == 1
    assert azure.requests["directoryObjects_getByIds"] == 2


def test_nobody_is_asked_about_for_what_is_no_recording(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure)
    listed = [_files(f"user:{BOB}:r--", MediaClass.OTHER), _files("user::rw-,other::r--")]
    assert _run(subscription(Facet.PRINCIPALS, Facet.ACL), list[Any](listed)) == listed
    assert azure.requests["directoryObjects_getByIds"] == 0


def test_where_the_directory_is_denied_a_gap_says_so_and_what_to_do(
    azure: Standin, subscription: Subscriptions
) -> None:
    directory(azure)
    azure.answer("POST /v1.0/directoryObjects/getByIds", AzureError(403, "Authorization_RequestDenied", "no"))
    found = _run(subscription(Facet.PRINCIPALS, Facet.ACL), [_folder(f"user:{BOB}:r-x")])
    (gap,) = of(found, Gap)
    assert (gap.why, gap.facet, gap.permission) == (Why.DENIED, Facet.PRINCIPALS, "Directory.Read.All")
    assert any(one.answered < one.asked for one in of(found, Coverage))
