"""Whatever an answer holds, its readers say something of it or nothing, and raise nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan_azure import (
    diagnostics_read,
    federation,
    federation_read,
    graph_read,
    rbac_read,
    speech_read,
    vaults_read,
    workloads_read,
)
from cloudscan_azure.accounts import StorageAccount
from cloudscan_azure.standin import bodies

NAMES = [
    "@odata.type",
    "accountEnabled",
    "accessPolicies",
    "action",
    "allowExtensionOperations",
    "appId",
    "appOwnerOrganizationId",
    "appRoleId",
    "attributes",
    "category",
    "categoryGroup",
    "claimsMatchingExpression",
    "contentUrl",
    "contentUrls",
    "createdDateTime",
    "customSecurityAttributes",
    "customSubDomainName",
    "days",
    "destinationContainerUrl",
    "disableLocalAuth",
    "displayName",
    "enabled",
    "encryption",
    "endDateTime",
    "endpoint",
    "exp",
    "expiryTime",
    "id",
    "identity",
    "identityProfile",
    "issuer",
    "keyCredentials",
    "keyId",
    "keyName",
    "keyUri",
    "keyVaultProperties",
    "keyVaultUri",
    "kind",
    "lastActionDateTime",
    "lifetimeActions",
    "links",
    "linuxConfiguration",
    "location",
    "logs",
    "name",
    "objectId",
    "originRoleAssignmentId",
    "osProfile",
    "passwordCredentials",
    "principalId",
    "principals",
    "properties",
    "provisionVMAgent",
    "resourceId",
    "retentionInDays",
    "retentionPolicy",
    "roleDefinitionId",
    "rotationPolicy",
    "scope",
    "self",
    "startDateTime",
    "status",
    "subject",
    "tags",
    "timeAfterCreate",
    "timeBeforeExpiry",
    "timeToLive",
    "timeToLiveHours",
    "trigger",
    "type",
    "userAssignedIdentities",
    "userOwnedStorage",
    "userPrincipalName",
    "userType",
    "workspaceId",
]
WORDS = (
    "#microsoft.graph.user",
    "#microsoft.graph.group",
    "#microsoft.graph.servicePrincipal",
    "SystemAssigned, UserAssigned",
    "SpeechServices",
    "Succeeded",
    "StorageRead",
    "rotate",
    "P99999999999999D",
    "PT9999999999999999H",
    "2026-11-01T00:00:00Z",
    "https://[::1",
    "https://acmecalls.example/a/b?sig=SECRET",
    "/subscriptions/s/providers/Microsoft.Authorization/locks/x",
    "\x00\u202e<script>",
    "",
)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from((10**30, -1, 1 << 34))
    | st.floats()
    | st.sampled_from(WORDS)
)
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=12,
)
TOLD = st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=10)
ONE = speech_read.SpeechAccount("/x", "x", "r", storage=())
PLACES = speech_read.Places.of([StorageAccount(bodies.account("acmecalls", "https://acmecalls.example/"))])
Told = dict[str, Any]
READERS: dict[str, Callable[[Told], object]] = {
    "assignment": lambda told: rbac_read.at_scope(told, "hierarchy", "s"),
    "lock": lambda told: rbac_read.lock(told, "s"),
    "definition": lambda told: rbac_read.definition(told, "s"),
    "named": lambda told: (rbac_read.is_wanted(told, ()), rbac_read.role_of(told), rbac_read.is_above(told, "s")),
    "until": lambda told: list(rbac_read.until([told], [told])),
    "principals": lambda told: list(rbac_read.principals(told)),
    "principal": lambda told: graph_read.principal(told, "t"),
    "application": lambda told: graph_read.application(told, "t"),
    "credentials": lambda told: list(graph_read.credentials(told, "h", "p", "t")),
    "owners": lambda told: graph_read.owners([told], told, "n", "t"),
    "attributes": graph_read.attributes,
    "directory role": lambda told: graph_read.directory_role(told, "directory", "t"),
    "app role": lambda told: graph_read.app_role(told, [told], "t"),
    "federation": lambda told: federation_read.of_application(told, "app:x", "t", "p"),
    "identity": lambda told: federation.identity(told, "t"),
    "vault": lambda told: (vaults_read.access(told, "s"), list(vaults_read.named(told))),
    "key": lambda told: vaults_read.key(told, "s", "r"),
    "secret": lambda told: vaults_read.secret(told, "s"),
    "account": speech_read.account,
    "network": lambda told: speech_read.network(told, "n", "s"),
    "transcription": lambda told: speech_read.transcription(told, ONE, "s", PLACES),
    "training": lambda told: speech_read.training(told, ONE, "s", "models", PLACES),
    "logging": lambda told: (speech_read.logs(told), speech_read.logging(told, ONE, "s")),
    "workloads": lambda told: workloads_read.workloads(told, "service", "s"),
    "deliveries": lambda told: (list(diagnostics_read.deliveries(told)), diagnostics_read.workspace_days(told)),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@settings(max_examples=40)
@given(told=TOLD)
def test_readers_take_whatever_comes(read: Callable[[Told], object], told: Told) -> None:
    read(told)


@settings(max_examples=40)
@given(told=TOLD)
def test_no_signature_of_an_address_is_kept_of_jobs(told: Told) -> None:
    told = {**told, "self": "https://x/transcriptions/1"}
    made: Iterable[object] = (
        speech_read.transcription(told, ONE, "s", PLACES),
        speech_read.training(told, ONE, "s", "models", PLACES),
    )
    assert all(place.find("SECRET") < 0 for one in made for place in (*one.inputs, *one.outputs))  # type: ignore[attr-defined]


def test_a_time_to_live_beyond_all_time_ends_never() -> None:
    told = {"self": "https://x/transcriptions/1", "status": "Succeeded", "lastActionDateTime": "2026-11-01T00:00:00Z"}
    job = speech_read.transcription({**told, "properties": {"timeToLiveHours": 10**12}}, ONE, "s", PLACES)
    assert job is not None
    assert (job.listed_until, job.retention_hours) == (None, 10**12)
