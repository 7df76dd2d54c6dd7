"""The demo of Azure: a subscription of the invented call centre."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from cloudscan.demo import DemoCloud, environment
from cloudscan.errors import MissingExtra, MissingPart

_OWN = ("AZURE_", "MSI_", "IDENTITY_", "ARM_")
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


@contextmanager
def demo() -> Iterator[DemoCloud]:
    """Start the stand-in and Azurite, build the estate, and say how to reach it.

    Raises :class:`MissingPart` when they are not installed, or Azurite does not start.
    """
    try:
        from cloudscan_azure.demo.estate import standing
        from cloudscan_azure.standin.azurite import missing
    except ImportError as error:
        raise MissingExtra("demo", "a stand-in of Azure") from error
    if reason := missing():
        raise MissingPart(reason)
    # Credentials and proxies of the user are meant for real clouds.
    own: dict[str, str | None] = {name: None for name in os.environ if name.startswith(_OWN) or name in _PROXIES}
    with environment(own), standing() as azure:
        variables = azure.environment()
        with environment(variables):
            yield DemoCloud(provider="azure", endpoint_url=azure.url, variables=variables)
