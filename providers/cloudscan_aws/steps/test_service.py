from __future__ import annotations

import pytest

from cloudscan_aws.steps.service import cited


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (("lambda-003, lambda-004",), "pathfinding.cloud lambda-003, lambda-004"),
        (("lambda-001", "lambda-002"), "pathfinding.cloud lambda-001, lambda-002"),
        (("Amazon EC2 API Reference: X; ssm-001",), "Amazon EC2 API Reference: X; pathfinding.cloud ssm-001"),
        (("AWS Glue Developer Guide",), "AWS Glue Developer Guide"),
    ],
)
def test_an_id_of_the_catalogue_is_said_with_its_name(sources: tuple[str, ...], said: str) -> None:
    assert cited(*sources) == said
