"""What calls are made on, and what its tags tell the request."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from cloudscan.access import Context
from cloudscan.model import Principal

_OF_RESOURCES = ("aws:ResourceTag/", "iam:ResourceTag/", "ec2:ResourceTag/", "ssm:resourceTag/")
_FOLDED = tuple(prefix.casefold() for prefix in _OF_RESOURCES)


@dataclass(frozen=True, slots=True)
class Target:
    """Something that a step can be taken on: its ARN, its labels (None if unread), and what else tells it apart."""

    arn: str
    labels: Mapping[str, str] | None = field(default_factory=dict)
    apart: Hashable = None


def labelled(labels: Mapping[str, str] | None) -> Context:
    """Return the context keys that follow from the tags of what a call is made on."""
    if labels is None:
        return Context()
    known = {f"{prefix}{name}": value for prefix in _OF_RESOURCES for name, value in labels.items()}
    return Context.of(known, absent=[f"{prefix}*" for prefix in _OF_RESOURCES])


def is_of_resource(key: str) -> bool:
    """Say whether a context key is a tag of what a call is made on."""
    return key.casefold().startswith(_FOLDED)


def short_name(arn: str) -> str:
    """Return the name of an identity or policy without its path: names are compared without regard to case."""
    return arn.rpartition("/")[2].lower()


def kept_by_aws(record: Principal) -> bool:
    """Say whether nobody but a service of AWS may change an identity's own documents.

    From the "IAM User Guide", using service-linked roles: only the linked service can change their permissions, and
    their trust policy cannot be changed. From AWS re:Post, "Cannot perform the operation on the protected role
    AWSReservedSSO": roles of IAM Identity Center are only modifiable by AWS.
    """
    return record.service_linked or ":role/aws-reserved/" in record.id
