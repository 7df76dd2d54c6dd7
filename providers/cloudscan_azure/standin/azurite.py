"""Azurite, Microsoft's emulator of storage accounts: the blob service of several accounts on one loopback port.

It holds shared keys, SAS, stored policies, public levels and tokens to what they allow. It has no roles, so that any
valid token may do everything; and it keeps neither encryption scopes, versions, holds nor what was deleted.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobServiceClient

from cloudscan.errors import MissingPart
from cloudscan.standin.listener import LOOPBACK
from cloudscan_azure.standin import node
from cloudscan_azure.standin.tls import Certificate

_MAIN = "azurite/dist/src/blob/main.js"
_COMMAND = "azurite-blob"
"""What npm puts on the PATH where Azurite is installed for all."""
_LISTENS = re.compile(r"successfully listens on (https://\S+)")
_SECONDS = 60
_POLL_SECONDS = 0.05
API_VERSION = "2026-06-06"
"""The newest version of the blob service that this release knows; azure-storage-blob asks for newer ones by itself."""


class NotStarted(MissingPart):
    """Azurite ended, or did not begin to listen in time; holds what it said, in one line."""


@dataclass(frozen=True, slots=True)
class Azurite:
    """A running emulator; ``keys`` are the shared keys by account."""

    url: str
    keys: Mapping[str, str]

    def endpoint(self, account: str) -> str:
        """Return the blob endpoint of an account, as ``primaryEndpoints.blob`` tells it."""
        return f"{self.url}/{account}/"

    def owner(self, account: str, **options: Any) -> BlobServiceClient:
        """Return a client that holds an account's shared key, to put there what a test or the demo reads."""
        key = {"account_name": account, "account_key": self.keys[account]}
        return BlobServiceClient(self.endpoint(account), key, api_version=API_VERSION, **options)


def missing() -> str:
    """Say why Azurite cannot be started here; "" where it can."""
    return "" if shutil.which(_COMMAND) else node.missing(_MAIN)


@contextmanager
def azurite(certificate: Certificate, accounts: Sequence[str]) -> Iterator[Azurite]:
    """Serve storage accounts from memory, over TLS and with tokens, until the end of the block.

    Raises NotStarted where it does not come up; :func:`missing` tells beforehand whether it is there.
    """
    keys = {name: base64.b64encode(secrets.token_bytes(64)).decode() for name in accounts}
    environment = os.environ | {"AZURITE_ACCOUNTS": ";".join(f"{name}:{key}" for name, key in keys.items())}
    with tempfile.TemporaryDirectory(prefix="cloudscan-azurite-") as folder:
        said = Path(folder) / "said"
        own = ["node", str(node.module(_MAIN))] if not node.missing(_MAIN) else [_COMMAND]
        command = [*own, "--blobHost", LOOPBACK, "--blobPort", "0"]
        command += ["--inMemoryPersistence", "--disableTelemetry", "--silent", "--oauth", "basic"]
        command += ["--cert", str(certificate.chain), "--key", str(certificate.key)]
        with said.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL
            )
        try:
            yield Azurite(_address(process, said), keys)
        finally:
            process.kill()  # it holds nothing that is worth a farewell
            process.wait()


def _address(process: subprocess.Popen[bytes], said: Path) -> str:
    """Wait for the address at which it listens."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        ended = process.poll() is not None
        text = said.read_text(encoding="utf-8", errors="replace")
        if met := _LISTENS.search(text):
            return met[1]
        if ended:
            break
        time.sleep(_POLL_SECONDS)
    text = " ".join(said.read_text(encoding="utf-8", errors="replace").split())
    raise NotStarted(f"Azurite does not listen; it said: {text or 'nothing'}")
