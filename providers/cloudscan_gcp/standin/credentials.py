"""A service account's key that only the stand-in knows: Application Default Credentials without a cloud.

The key is made anew each time and its tokens come from the endpoint's own ``/token``, so google-auth runs as ever:
it signs, exchanges and refreshes. The endpoint takes a signed request for a token and does not check the signature.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from urllib.parse import parse_qs

from cloudscan_gcp.standin.errors import GoogleError

ACCOUNT = "scanner@acme.iam.gserviceaccount.com"


def write_key(place: Path, url: str, project: str = "acme", account: str = ACCOUNT) -> Path:
    """Write a key file that asks an endpoint for tokens; returns its place."""
    told = {
        "type": "service_account",
        "project_id": project,
        "private_key_id": "0" * 40,
        "private_key": _private_key(),
        "client_email": account,
        "client_id": "100000000000000000001",
        "auth_uri": f"{url}/auth",
        "token_uri": f"{url}/token",
        "universe_domain": "googleapis.com",
    }
    place.write_text(json.dumps(told), encoding="utf-8")
    return place


def exchange(body: bytes) -> dict[str, object]:
    """Answer a request for a token ("Using OAuth 2.0 for Server to Server Applications"); GoogleError for another."""
    form = parse_qs(body.decode())
    if form.get("grant_type") != ["urn:ietf:params:oauth:grant-type:jwt-bearer"]:
        raise GoogleError(400, f"the grant {form.get('grant_type')} is none of a service account's")
    if form.get("assertion", [""])[0].count(".") != 2:  # a head, claims and a signature
        raise GoogleError(400, "the assertion is no signed token")
    return {"access_token": "ya29.stand-in", "expires_in": 3599, "token_type": "Bearer"}


@functools.cache
def _private_key() -> str:
    """A key of this process, never of a cloud; a short one, since it guards nothing and is checked at each reading."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    made = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
    return made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
