"""What the error codes of AWS mean for a scan, and which partition a region lies in.

Codes are those of each protocol's front end: "Error responses" (Amazon S3 API reference), "Common errors" of the
other API references, "Error codes for the Amazon EC2 API".
"""

from __future__ import annotations

from functools import lru_cache

from cloudscan.model import Why

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Forbidden",
    "403",
    "UnauthorizedAccess",
    "UnauthorizedException",
    "UnauthorizedOperation",
}
_THROTTLED = {
    "503",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_DISABLED = {
    "AWSOrganizationsNotInUseException",
    "AuthFailure",
    "InvalidClientTokenId",
    "InvalidToken",
    "NotSignedUp",
    "OptInRequired",
    "SubscriptionRequiredException",
    "UnrecognizedClientException",
}
_UNSUPPORTED = {
    "InvalidObjectState",
    "InvalidAction",
    "MethodNotAllowed",
    "NotImplemented",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
}
_VANISHED = {
    "404",
    "NoSuchBucket",
    "NoSuchKey",
    "NoSuchVersion",
    "NotFoundException",
    "ResourceNotFoundException",
}
_CODES = {
    Why.EXPIRED: _EXPIRED,
    Why.DENIED: _DENIED,
    Why.THROTTLED: _THROTTLED,
    Why.DISABLED: _DISABLED,
    Why.UNSUPPORTED: _UNSUPPORTED,
    Why.VANISHED: _VANISHED,
}
_STATUSES = {
    401: Why.DENIED,
    403: Why.DENIED,
    404: Why.VANISHED,
    429: Why.THROTTLED,
    501: Why.UNSUPPORTED,
}
_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
}


def why_of(code: str, status: int) -> Why:
    """Sort an error of AWS by its code, else by the HTTP status."""
    return next((why for why, codes in _CODES.items() if code in codes), _STATUSES.get(status, Why.ERROR))


@lru_cache
def partition_of(region: str) -> str:
    """Return the partition of a region: China and GovCloud are worlds of their own."""
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")
