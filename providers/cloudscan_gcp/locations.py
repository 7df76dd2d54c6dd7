"""Where a recording or a transcript lies, as records name it: ``gs://BUCKET/KEY``, without what may be secret in a URL.

Addresses of objects are those of "Request endpoints", Cloud Storage documentation.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_PATHS = {"storage.googleapis.com", "storage.cloud.google.com", "storage.mtls.googleapis.com"}
_OF_BUCKET = ".storage.googleapis.com"
_QUERY = re.compile(r"\?.*=.*", re.DOTALL)
"""What looks like a query where a name may hold a question mark."""
_JSON = ("/storage/v1/b/", "/download/storage/v1/b/")


def location(told: str) -> str:
    """Return the place that a URI or URL names; one of elsewhere without credentials and query."""
    if told.startswith("gs://"):
        return _QUERY.sub("", told)
    try:
        parts = urlsplit(told)
    except ValueError:
        return told.partition("?")[0]
    host, path = parts.hostname or "", parts.path
    for prefix in _JSON:
        if path.startswith(prefix):
            bucket, _, key = path.removeprefix(prefix).partition("/o/")
            return f"gs://{bucket}/{unquote(key)}" if key else f"gs://{bucket}"
    if host in _PATHS:
        return f"gs:/{unquote(path)}"
    if host.endswith(_OF_BUCKET):
        return f"gs://{host.removesuffix(_OF_BUCKET)}{unquote(path)}"
    return f"{parts.scheme}://{host}{path}" if host else _QUERY.sub("", told)
