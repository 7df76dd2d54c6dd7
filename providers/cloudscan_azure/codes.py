"""What the errors of Azure's APIs mean for a scan.

ARM and Microsoft Graph answer ``error.code`` ("Azure REST API guidelines: Handling errors", "Microsoft Graph error
responses"), Speech ``code`` or ``error.code``, Azure Storage the header ``x-ms-error-code`` ("Status and error codes").
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudscan.model import Why
from cloudscan.providing.questions import Fault

UNREGISTERED = {"MissingSubscriptionRegistration", "SubscriptionNotRegistered"}
"""The subscription never used the service, so that it has nothing of it ("Resolve errors for resource provider
registration")."""
_EXPIRED = {"AuthenticationFailed", "ExpiredAuthenticationToken", "InvalidAuthenticationToken"}
_WHYS = {
    **dict.fromkeys(UNREGISTERED, Why.DISABLED),
    **dict.fromkeys(("AccountIsDisabled", "ReadOnlyDisabledSubscription", "SubscriptionDisabled"), Why.DISABLED),
    **dict.fromkeys(("ServerBusy", "OperationTimedOut", "TooManyRequests"), Why.THROTTLED),
    "FeatureNotSupportedForAccount": Why.UNSUPPORTED,
    "FeatureNotYetSupportedForHierarchicalNamespaceAccounts": Why.UNSUPPORTED,
    "InvalidApiVersionParameter": Why.UNSUPPORTED,
    "InvalidHeaderValue": Why.UNSUPPORTED,
    "InvalidResourceType": Why.UNSUPPORTED,
    "NoRegisteredProviderFound": Why.UNSUPPORTED,
    "OperationNotSupportedOnAccount": Why.UNSUPPORTED,
}
_STATUSES = {
    401: Why.DENIED,
    403: Why.DENIED,
    404: Why.VANISHED,
    410: Why.VANISHED,
    429: Why.THROTTLED,
    501: Why.UNSUPPORTED,
}


def fault_of(status: int, body: object, header: str = "") -> Fault:
    """Read an error answer; ``header`` is what ``x-ms-error-code`` says.

    Total: whatever makes no sense is told by the HTTP status alone. A token that a service does not take ends all that
    is asked of ARM; other services may take none of a tenant's, which is a refusal like any other.
    """
    told = body if isinstance(body, Mapping) else {}
    inner = told.get("error")
    code = inner.get("code") if isinstance(inner, Mapping) else told.get("code")
    word = code if isinstance(code, str) and code else header
    if status == 401 and word in _EXPIRED:
        return Fault(status, word, Why.EXPIRED)
    return Fault(status, word or f"HTTP {status}", _WHYS.get(word, _STATUSES.get(status, Why.ERROR)))
