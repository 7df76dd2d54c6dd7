"""At which scopes a role can be assigned."""

from __future__ import annotations

from cloudscan_azure.policy.scopes import down_to, holds_roles
from cloudscan_azure.policy.test_support import ACCOUNT, GROUP, RESOURCES, STORE, SUBSCRIPTION


def test_a_beginning_of_an_id_that_names_a_sort_of_resources_holds_no_role() -> None:
    places = ("/", GROUP, SUBSCRIPTION, RESOURCES, ACCOUNT, f"{ACCOUNT}/blobservices/default", STORE)
    assert [each for each in down_to(STORE, (GROUP,)) if holds_roles(each)] == [*places]
    assert holds_roles(f"{STORE}/blobs/raw/a.wav")
