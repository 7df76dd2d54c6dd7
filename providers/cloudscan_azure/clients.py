"""Credentials, and our REST calls that use them, over one transport."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError, ClientAuthenticationError

from cloudscan.errors import CollectionStopped, UsageError
from cloudscan.provider import Scope
from cloudscan.providing.questions import Shared
from cloudscan_azure.cloud import ARM, CLOUDS, Cloud, local
from cloudscan_azure.rest import Rest
from cloudscan_azure.transport import Signer, Transport

DEADLINE = 120.0
"""Seconds for which a question is asked again, unless the user says otherwise."""
CREDENTIALS = {
    "default": "DefaultAzureCredential",
    "cli": "AzureCliCredential",
    "environment": "EnvironmentCredential",
    "managed-identity": "ManagedIdentityCredential",
    "workload-identity": "WorkloadIdentityCredential",
    "powershell": "AzurePowerShellCredential",
    "developer-cli": "AzureDeveloperCliCredential",
}
"""The classes of azure-identity by the words that ``--credential`` takes."""

_NONE = (
    "there are no Azure credentials that can be used: run 'az login', or set AZURE_TENANT_ID, AZURE_CLIENT_ID and"
    " AZURE_CLIENT_SECRET or what else azure-identity reads"
)


@dataclass(frozen=True)
class Clients:
    """What a scan asks Azure with. All of it may be used on several threads.

    ``deadline`` is in seconds. ``shared`` are answers that more than one unit needs.
    """

    cloud: Cloud
    signer: Signer
    transport: Transport
    rest: Rest
    deadline: float
    shared: Shared = field(default_factory=Shared)

    @classmethod
    def open(cls, scope: Scope) -> Clients:
        """Find credentials and open connections. Raises UsageError where they do not fit."""
        cloud = _cloud(scope)
        given = scope.options.get("deadline")
        deadline = DEADLINE if given is None else float(str(given))
        transport = Transport(cloud, scope.max_rps, max(10, 2 * scope.workers))
        signer = Signer(_credential(scope, cloud), cloud, str(scope.options.get("tenant") or ""))
        return cls(cloud, signer, transport, Rest(cloud, transport, signer, deadline), deadline)

    def sign_in(self) -> dict[str, str]:
        """Get a token for ARM, and return what it tells of its owner (its claims that are text).

        Raises UsageError where there is none, :class:`CollectionStopped` when Entra does not answer.
        """
        try:
            token = self.signer.get_token(self.cloud.scope_of(ARM)).token
        except ClientAuthenticationError as error:
            raise UsageError(_NONE) from error
        except (AzureError, ValueError, RecursionError) as error:
            raise CollectionStopped("Microsoft Entra does not answer who asks for a token") from error
        return _claims(token)


def _cloud(scope: Scope) -> Cloud:
    if not scope.endpoint_url:
        return CLOUDS[str(scope.options.get("cloud") or "public")]
    if urlsplit(scope.endpoint_url).scheme != "https":
        raise UsageError(f"{scope.endpoint_url} is not https: a token would travel in the clear")
    return local(scope.endpoint_url)


def _credential(scope: Scope, cloud: Cloud) -> Any:
    """Make the credential that the user names.

    To an endpoint of the user's own goes nothing but what that endpoint gave: it is never sent the user's own tokens.
    """
    import azure.identity

    for name in ("azure", "msal"):  # else Python shows what they warn of, each credential that was tried in vain
        logging.getLogger(name).addHandler(logging.NullHandler())
    word = str(scope.options.get("credential") or "default")
    tenant = str(scope.options.get("tenant") or "")
    options: dict[str, Any] = {}
    if cloud.local:
        word, options = "environment", {"authority": cloud.authority, "disable_instance_discovery": True}
    elif word in ("default", "environment", "workload-identity"):
        options = {"authority": cloud.authority}
    if tenant and word != "managed-identity":  # that is of one tenant, and there is nothing to allow
        options["additionally_allowed_tenants"] = [tenant]
    try:
        return getattr(azure.identity, CREDENTIALS[word])(**options)
    except ValueError as error:  # what the environment says is wrong, or too little
        raise UsageError(_NONE) from error


def _claims(token: str) -> dict[str, str]:
    """Read what a token says of its owner. It is for us to name who asks, and proves nothing; {} where it is opaque."""
    parts = token.split(".")
    try:
        told = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return {name: value for name, value in told.items() if isinstance(value, str)} if isinstance(told, dict) else {}
