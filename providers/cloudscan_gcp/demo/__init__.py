"""The demo of Google Cloud: a project of the invented call centre, beside its AWS account."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cloudscan.demo import DemoCloud, environment
from cloudscan.errors import MissingExtra

_OWN = ("GOOGLE_", "GCLOUD_", "GCP_", "CLOUDSDK_", "STORAGE_")


@contextmanager
def demo() -> Iterator[DemoCloud]:
    """Start the endpoint, build the estate, and say how to reach it.

    Raises :class:`MissingExtra` when the emulator or Google's discovery documents are not installed.
    """
    try:
        from cloudscan_gcp.demo.estate import standing
        from cloudscan_gcp.demo.names import PROJECT, email
    except ImportError as error:
        raise MissingExtra("demo", "an emulator of Google Cloud") from error
    from cloudscan_gcp.standin.credentials import write_key

    # Credentials, endpoints and proxies of the user are meant for real clouds.
    own: dict[str, str | None] = {name: None for name in os.environ if name.startswith(_OWN)}
    plain = {"NO_GCE_CHECK": "true", "no_proxy": "127.0.0.1"}
    with (
        tempfile.TemporaryDirectory(prefix="cloudscan-demo-") as folder,
        environment({**own, **plain}),
        standing() as endpoint,
    ):
        key = write_key(Path(folder) / "scanner.json", endpoint.url, PROJECT, email("scanner"))
        variables = {"GOOGLE_APPLICATION_CREDENTIALS": str(key), **plain}
        with environment(variables):
            yield DemoCloud(provider="gcp", endpoint_url=endpoint.url, variables=variables)
