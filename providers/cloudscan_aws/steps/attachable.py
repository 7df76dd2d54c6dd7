"""What policies of AWS's own allow, as far as they can lead to recordings: those that somebody may attach anywhere.

From the "AWS Managed Policy Reference Guide". Each is cut down to what the questions of this package ask about.
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudscan_aws.policy.documents import Policy

ADMINISTRATOR = "AdministratorAccess"
_ALLOWS: Mapping[str, Mapping[str, object]] = {
    ADMINISTRATOR: {"Action": "*"},
    "IAMFullAccess": {"Action": ["iam:*"]},
    "PowerUserAccess": {"NotAction": ["iam:*", "organizations:*", "account:*"]},
    "AmazonS3FullAccess": {"Action": ["s3:*"]},
    "ReadOnlyAccess": {"Action": ["s3:Get*", "s3:List*"]},
    "AmazonS3ReadOnlyAccess": {"Action": ["s3:Get*", "s3:List*"]},
}


def policies_of_aws(partition: str) -> dict[str, Policy]:
    """Return them by ARN, the widest first."""
    found = {}
    for name, allows in _ALLOWS.items():
        statement = {"Effect": "Allow", "Resource": "*", **allows}
        arn = f"arn:{partition}:iam::aws:policy/{name}"
        found[arn] = Policy.of(arn, {"Version": "2012-10-17", "Statement": statement})
    return found
