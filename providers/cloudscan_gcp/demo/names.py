"""The names of the demo's project and what is in it."""

from __future__ import annotations

PROJECT, NUMBER = "acme-voice", "481516234200"
FOLDER, ORGANIZATION = "folders/200300400500", "organizations/100200300400"
LOCATION = "europe-west4"
DOMAIN = "acme.example"
RING = f"projects/{PROJECT}/locations/{LOCATION}/keyRings/voice"


def key_name(key: str) -> str:
    """Return the full name of a key."""
    return f"{RING}/cryptoKeys/{key}"


def email(account: str) -> str:
    """Return the address of a service account."""
    return f"{account}@{PROJECT}.iam.gserviceaccount.com"


def robot(account: str) -> str:
    """Return a service account as a member of policies."""
    return f"serviceAccount:{email(account)}"
