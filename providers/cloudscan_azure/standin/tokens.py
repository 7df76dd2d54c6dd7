"""Microsoft Entra's token endpoint, as azure-identity asks it, and whether a token is for the service it is sent to.

From "Microsoft identity platform and the OAuth 2.0 client credentials flow" and "Access tokens in the Microsoft
identity platform". A token is signed with a key that nobody has; services look only at whom it is for, and Azurite does
so too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from cloudscan_azure.standin.errors import Refused, Service
from cloudscan_azure.standin.names import CLIENT, SCANNER, SECRET, TENANT

_SECONDS = 3599
_AUDIENCES: Mapping[Service, Sequence[str]] = {
    "arm": ("https://management.azure.com", "https://management.core.windows.net"),
    "graph": ("https://graph.microsoft.com",),
    "speech": ("https://cognitiveservices.azure.com",),
    "vault": ("https://vault.azure.net",),
    "storage": ("https://storage.azure.com",),
}
_KNOWN = {*itertools.chain.from_iterable(_AUDIENCES.values())}


class Tokens:
    """The tokens of one tenant; ``given`` are the audiences for which tokens were asked, in order."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self._key = secrets.token_bytes(32)

    def configuration(self, authority: str, tenant: str) -> dict[str, Any]:
        """Return the OpenID configuration of a tenant."""
        base = f"{authority}/{tenant}"
        return {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
        }

    def exchange(self, tenant: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Answer a request for a token, with its status."""
        form = {name: values[-1] for name, values in parse_qs(body.decode()).items()}
        if tenant != TENANT:
            return _refused("invalid_request", f"AADSTS90002: Tenant '{tenant}' not found.")
        if form.get("grant_type") != "client_credentials":
            return _refused("unsupported_grant_type", f"AADSTS70003: '{form.get('grant_type')}' is not supported.")
        if form.get("client_id") != CLIENT:
            return _refused("unauthorized_client", "AADSTS700016: The application was not found in the directory.")
        if form.get("client_secret") != SECRET and form.get("client_assertion", "").count(".") != 2:
            return _refused("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401)
        audience = form.get("scope", "").removesuffix("/.default").rstrip("/")
        if audience not in _KNOWN:
            return _refused("invalid_resource", f"AADSTS500011: The resource principal {audience} was not found.")
        self.given.append(audience)
        return 200, {"token_type": "Bearer", "expires_in": _SECONDS, "access_token": self.make(audience)}

    def make(self, audience: str) -> str:
        """Make a token for an audience."""
        now = int(time.time())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{TENANT}/",
            "iat": now,
            "nbf": now - 60,
            "exp": now + _SECONDS,
            "appid": CLIENT,
            "oid": SCANNER,
            "tid": TENANT,
            "ver": "1.0",
        }
        head = f"{_part({'typ': 'JWT', 'alg': 'HS256'})}.{_part(claims)}"
        return f"{head}.{_plain(self._signature(head))}"

    def check(self, service: Service, headers: Mapping[str, str]) -> None:
        """Raise Refused unless a request carries a token that was made here for the service."""
        kind, _, token = headers.get("authorization", "").partition(" ")
        head, _, signature = token.rpartition(".")
        if kind != "Bearer" or not hmac.compare_digest(signature, _plain(self._signature(head))):
            raise Refused(401, "InvalidAuthenticationToken", "The access token is missing or invalid.")
        claims = head.partition(".")[2]
        told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["aud"]
        if told not in _AUDIENCES[service]:
            said = f"The access token is for '{told}', which is the wrong audience."
            raise Refused(401, "InvalidAuthenticationTokenAudience", said)

    def _signature(self, head: str) -> bytes:
        return hmac.new(self._key, head.encode(), hashlib.sha256).digest()


def _plain(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _part(value: Mapping[str, Any]) -> str:
    return _plain(json.dumps(value).encode())


def _refused(error: str, said: str, status: int = 400) -> tuple[int, dict[str, Any]]:
    return status, {"error": error, "error_description": said, "error_codes": [], "timestamp": "2026-11-01 00:00:00Z"}
