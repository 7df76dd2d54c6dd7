from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan.model import Why
from cloudscan_gcp.codes import fault_of


def status(code: int, word: str, **info: Any) -> dict[str, Any]:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", **info}] if info else []
    return {"error": {"code": code, "message": "secret", "status": word, "details": details}}


def older(code: int, reason: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "secret", "errors": [{"reason": reason, "domain": "global"}]}}


@pytest.mark.parametrize(
    ("code", "body", "why", "word"),
    [
        (403, status(403, "PERMISSION_DENIED"), Why.DENIED, "PERMISSION_DENIED"),
        (403, status(403, "PERMISSION_DENIED", reason="IAM_PERMISSION_DENIED"), Why.DENIED, "IAM_PERMISSION_DENIED"),
        (403, status(403, "PERMISSION_DENIED", reason="SERVICE_DISABLED"), Why.DISABLED, "SERVICE_DISABLED"),
        (403, status(403, "PERMISSION_DENIED", reason="BILLING_DISABLED"), Why.DISABLED, "BILLING_DISABLED"),
        (403, status(403, "PERMISSION_DENIED", reason="CONSUMER_INVALID"), Why.VANISHED, "CONSUMER_INVALID"),
        (429, status(429, "RESOURCE_EXHAUSTED"), Why.THROTTLED, "RESOURCE_EXHAUSTED"),
        (404, status(404, "NOT_FOUND"), Why.VANISHED, "NOT_FOUND"),
        (401, status(401, "UNAUTHENTICATED"), Why.EXPIRED, "UNAUTHENTICATED"),
        (501, status(501, "UNIMPLEMENTED"), Why.UNSUPPORTED, "UNIMPLEMENTED"),
        (400, status(400, "FAILED_PRECONDITION"), Why.ERROR, "FAILED_PRECONDITION"),
        (403, older(403, "forbidden"), Why.DENIED, "forbidden"),
        (403, older(403, "accessNotConfigured"), Why.DISABLED, "accessNotConfigured"),
        (403, older(403, "userRateLimitExceeded"), Why.THROTTLED, "userRateLimitExceeded"),
        (404, older(404, "notFound"), Why.VANISHED, "notFound"),
        (503, None, Why.ERROR, "HTTP 503"),
        (403, "<html>", Why.DENIED, "HTTP 403"),
    ],
)
def test_an_error_is_sorted_by_its_words_else_by_its_status(code: int, body: object, why: Why, word: str) -> None:
    fault = fault_of(code, body)
    assert (fault.why, fault.code) == (why, word)


def test_a_disabled_service_names_itself_and_for_whom() -> None:
    told = {"reason": "SERVICE_DISABLED", "metadata": {"service": "speech.googleapis.com", "consumer": "projects/7"}}
    fault = fault_of(403, status(403, "PERMISSION_DENIED", **told))
    assert (fault.service, fault.consumer) == ("speech.googleapis.com", "projects/7")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "errors", "details", "reason", "status", "metadata"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.integers(100, 599), _JSON)
def test_no_body_makes_it_raise(code: int, body: object) -> None:
    assert isinstance(fault_of(code, body).why, Why)
