"""What an identity pool gives to a guest: somebody who never signed in.

From the "Amazon Cognito Developer Guide", identity pools: in the basic (classic) flow a guest gets the role as it
is. In the enhanced flow Cognito adds session policies that leave only listed services open; Amazon S3, and the
decryption of data keys, are among them.
"""

from __future__ import annotations

from dataclasses import replace

from cloudscan_aws.policy.callers import Caller
from cloudscan_aws.policy.documents import Policy

_OPEN_SERVICES = """
appsync cloudwatch cognito-identity cognito-sync comprehend dynamodb firehose gamelift geo iot kinesis lambda lex
logs machinelearning mobileanalytics mobiletargeting personalize polly rekognition s3 sdb ses sns sqs sumerian
transcribe translate
"""
_OPEN_CALLS = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
    "rum:PutRumEvents",
    "sagemaker:InvokeEndpoint",
    "textract:AnalyzeDocument",
    "textract:DetectDocumentText",
)
GUEST_LIMIT = Policy.of(
    "the limit that Amazon Cognito sets to guests",
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [*(f"{service}:*" for service in _OPEN_SERVICES.split()), *_OPEN_CALLS],
                "Resource": "*",
            }
        ],
    },
)
"""The services that the guide lists ("Access policies: services that guests can reach")."""


def guest(role: Caller, *, enhanced_flow: bool) -> Caller:
    """Return the session that a guest of an identity pool gets of the pool's guest role."""
    return replace(role, session_policies=(GUEST_LIMIT,)) if enhanced_flow else role
