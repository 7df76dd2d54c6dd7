from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cloudscan_aws.demo.server import Endpoint

Refusal = Callable[..., tuple[str, int]]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as opened:
        yield opened


@pytest.fixture
def refusal() -> Refusal:
    """Code and status of the error that a call of boto3 raises."""

    def refused(call: Callable[..., Any], **params: Any) -> tuple[str, int]:
        with pytest.raises(ClientError) as caught:
            call(**params)
        answer = caught.value.response
        return str(answer["Error"]["Code"]), int(answer["ResponseMetadata"]["HTTPStatusCode"])

    return refused
