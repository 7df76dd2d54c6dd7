"""A certificate for loopback, of an authority that exists as long as a folder does."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

from cloudscan.standin.listener import LOOPBACK


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM: the authority that clients are told to trust, and the certificate of a server and its key."""

    authority: Path
    chain: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        """Return how a server speaks TLS with it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


def issue(folder: Path) -> Certificate:
    """Issue a certificate into a folder."""
    authority = trustme.CA()
    issued = authority.issue_cert(LOOPBACK, "localhost")
    made = Certificate(folder / "authority.pem", folder / "chain.pem", folder / "key.pem")
    authority.cert_pem.write_to_path(str(made.authority))
    made.chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(str(made.key))
    return made
