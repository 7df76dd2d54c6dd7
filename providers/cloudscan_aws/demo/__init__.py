"""The demo of AWS: a local endpoint that speaks AWS's protocols, and a small call centre behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cloudscan.demo import DemoCloud
from cloudscan.errors import MissingExtra


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

    with Endpoint() as endpoint:
        build(endpoint)
        yield DemoCloud(
            provider="aws",
            endpoint_url=endpoint.url,
            environment={
                "AWS_ACCESS_KEY_ID": "demo",
                "AWS_SECRET_ACCESS_KEY": "demo",
                "AWS_SESSION_TOKEN": "demo",
                "AWS_EC2_METADATA_DISABLED": "true",
            },
            options={},
        )
