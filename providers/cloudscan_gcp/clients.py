"""Credentials, and the clients that use them: Google's storage client and our REST calls, over one session."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import google.auth
from google.auth import exceptions, impersonated_credentials
from google.auth.credentials import AnonymousCredentials, Credentials

from cloudscan.errors import UsageError
from cloudscan.provider import Scope
from cloudscan.providing.questions import Malformed, Shared, Turned, listed
from cloudscan_gcp.http import TIMEOUT, Http
from cloudscan_gcp.rest import Rest

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
"""What may be done is for the IAM role to say: the read-only scope cannot read policies or access control lists."""
DEADLINE = 120.0
"""Seconds for which a question is asked again, unless the user says otherwise."""
_FILE = "GOOGLE_APPLICATION_CREDENTIALS"
"""The variable that names a file of credentials."""
_KINDS = {
    "authorized_user",
    "external_account",
    "external_account_authorized_user",
    "gdch_service_account",
    "impersonated_service_account",
    "service_account",
}
"""What such a file may say that it holds ("How Application Default Credentials works")."""
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True)
class Clients:
    """What a scan asks Google with. All of it may be used on several threads.

    ``endpoint`` stands for all services, ``storage_endpoint`` for Cloud Storage; None is Google's own.
    ``deadline`` is in seconds. ``billed`` is the project that pays for requests, "" for whichever Google takes.
    ``shared`` are answers that more than one unit needs.
    """

    credentials: Credentials
    http: Http
    rest: Rest
    endpoint: str | None
    storage_endpoint: str | None
    deadline: float
    billed: str = ""
    shared: Shared = field(default_factory=Shared)

    @classmethod
    def open(cls, scope: Scope) -> Clients:
        """Find credentials and open a session. Raises UsageError where there are none, or where they do not fit."""
        endpoint = scope.endpoint_url
        stores = os.environ.get("STORAGE_EMULATOR_HOST") or endpoint
        for url in filter(None, (endpoint, stores)):
            _check_endpoint(url)
        billed = str(scope.options.get("quota-project") or "")
        credentials = _credentials(scope, endpoint or stores, billed)
        http = Http(credentials, scope.max_rps, max(10, 2 * scope.workers))
        given = scope.options.get("deadline")
        deadline = DEADLINE if given is None else float(str(given))
        return cls(credentials, http, Rest(http, endpoint, deadline), endpoint, stores, deadline, billed)

    @cached_property
    def storage(self) -> Any:
        """Google's client of Cloud Storage."""
        from google.api_core.client_options import ClientOptions
        from google.cloud.storage import Client

        # Else each list has it ask for the bucket, on a thread of its own, for the sake of traces that nobody reads.
        os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
        options = ClientOptions(api_endpoint=self.storage_endpoint) if self.storage_endpoint else None
        return Client(project=None, credentials=self.credentials, _http=self.http, client_options=options)

    @cached_property
    def storage_rest(self) -> Rest:
        """REST calls to Cloud Storage: what its client leaves out, and documents as they were returned."""
        return Rest(self.http, self.storage_endpoint, self.deadline)

    @property
    def patience(self) -> dict[str, Any]:
        """How long a call of the storage client may take and be made again: arguments of its methods."""
        from google.cloud.storage.retry import DEFAULT_RETRY

        retry = DEFAULT_RETRY.with_timeout(self.deadline) if self.deadline else None
        return {"retry": retry, "timeout": TIMEOUT}


def raw_pages(pages: Any, key: str) -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
    """Yield the items of each page of one of the storage client's lists, and the page, as JSON has them.

    Raises as the client does, and :class:`Malformed` for pages that are none.
    """
    try:
        turned = Turned()
        for page in pages.pages:
            if isinstance(page.raw_page.get("error"), dict):
                raise Malformed("an error in place of an answer")
            yield listed(page.raw_page, key), page.raw_page
            if further := page.raw_page.get("nextPageToken"):
                turned.to(further)
    except (AttributeError, TypeError) as error:
        raise Malformed("its pages make no sense") from error


def _check_endpoint(url: str) -> None:
    """Refuse to send a token in the clear to another machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise UsageError(f"{url} is neither https nor on this machine: a token would travel in the clear")


def _fault_of(file: Path) -> str:
    """Say what is wrong with a file of credentials, and nothing of what it holds: that may be a secret."""
    try:
        told = json.loads(file.read_bytes())
    except OSError as error:
        return error.strerror or type(error).__name__
    except ValueError:
        return "it is no JSON"
    kind = told.get("type") if isinstance(told, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        return "it says no type of credentials that Google knows, such as service_account"
    return f"fields of a {kind} are missing or wrong"


def _credentials(scope: Scope, endpoint: str | None, billed: str) -> Credentials:
    """Find the credentials of the environment, and take on the service account that the user names.

    An endpoint in the clear is an emulator: it is never sent the user's own credentials, unless a file is named.
    """
    emulated = endpoint is not None and urlsplit(endpoint).scheme == "http"
    if emulated and not os.environ.get(_FILE):
        return AnonymousCredentials()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it speaks of a quota project, which --quota-project's help tells
            own, _ = google.auth.default(scopes=SCOPES, quota_project_id=billed or None)
    except (exceptions.DefaultCredentialsError, AttributeError, OSError, TypeError, ValueError) as error:
        # google-auth raises the latter ones for files that it does not expect.
        if named := os.environ.get(_FILE):
            raise UsageError(f"{_FILE}: {named}: {_fault_of(Path(named))}") from error
        raise UsageError(
            "there are no Google credentials that can be used: run 'gcloud auth application-default login', "
            f"or name a file in {_FILE}"
        ) from error
    taken = scope.options.get("impersonate-service-account")
    if not taken:
        return own
    *between, target = [name.strip() for name in str(taken).split(",")]
    delegates = [f"projects/-/serviceAccounts/{name}" for name in between]
    override = f"{endpoint}/v1/projects/-/serviceAccounts/{target}:generateAccessToken" if endpoint else None
    return impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]
        own, target, list(SCOPES), delegates=delegates, quota_project_id=billed or None, iam_endpoint_override=override
    )
