"""The demo of AWS: a local endpoint that speaks AWS's protocols, and a small call centre behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from cloudscan.demo import DemoCloud, environment
from cloudscan.errors import MissingExtra

_VARIABLES = {
    "AWS_ACCESS_KEY_ID": "demo",
    "AWS_SECRET_ACCESS_KEY": "demo",
    "AWS_SESSION_TOKEN": "demo",
    "AWS_EC2_METADATA_DISABLED": "true",
    "no_proxy": "127.0.0.1",
}
_NO_FILES = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


@contextmanager
def demo() -> Iterator[DemoCloud]:
    """Start the endpoint, build the estate, and say how to reach it.

    Raises :class:`MissingExtra` when the emulator is not installed.
    """
    try:
        from cloudscan_aws.demo.server import Endpoint
    except ImportError as error:
        raise MissingExtra("demo", "moto") from error
    from cloudscan_aws.demo.estate import build

    # Profiles, endpoints and proxies of the user are meant for real clouds.
    own = {name: None for name in os.environ if name.startswith("AWS_")}
    with environment(own | _NO_FILES | _VARIABLES), Endpoint() as endpoint:
        build(endpoint)
        yield DemoCloud(provider="aws", endpoint_url=endpoint.url, variables=_VARIABLES)
