"""Azure's clouds: where their services answer, and for whom a token of each service is made.

From "Azure Government endpoint mapping", "Azure in China: endpoints", and the REST references. A token goes to hosts of
the cloud and nowhere else; with an endpoint of the user's own (tests, the demo) to that host, at any of its ports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

ARM, GRAPH, STORAGE, SPEECH, VAULT = "arm", "graph", "storage", "speech", "vault"
"""The services that are asked. A token is made for one of them."""
GRAPH_BETA = "graph-beta"
"""Microsoft Graph's other version, which alone tells some things; a token for Graph is one for it."""
_PLACE = re.compile(r"https://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?(?=[/?#]|\Z)", re.IGNORECASE | re.ASCII)
"""How an address begins of which nobody reads another host: where one of other characters ends (a backslash, a blank),
parsers do not agree."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """One of the clouds. ``audiences`` are whom tokens are for, ``suffixes`` those of hosts, both by service.

    ``local`` is the host that stands for all, "" for Azure's own.
    """

    authority: str
    arm: str
    graph: str
    audiences: dict[str, str]
    suffixes: dict[str, tuple[str, ...]]
    local: str = field(default="")

    def base(self, service: str) -> str:
        """Return where a service answers: ``arm``, ``graph``, ``graph-beta``, or an absolute URL, which is its own."""
        beta = f"{self.graph.removesuffix('/v1.0')}/beta"
        return {ARM: self.arm, GRAPH: self.graph, GRAPH_BETA: beta}.get(service, service).rstrip("/")

    def service_of(self, url: str) -> str:
        """Return the service that a URL is of; "" for one that is none of this cloud's, which is asked nothing."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
            _ = parts.port  # it is read when asked for, and may make no sense
        except ValueError:
            return ""
        if not _PLACE.match(url) or not host:
            return ""
        if self.local:
            return _local_service(parts.path) if host == self.local else ""
        if host in (urlsplit(self.arm).hostname, urlsplit(self.graph).hostname):
            return ARM if host == urlsplit(self.arm).hostname else GRAPH
        return next((name for name, ends in self.suffixes.items() if host.endswith(ends)), "")

    def scope_of(self, service: str) -> str:
        """Return what a token for a service is asked for."""
        return f"{self.audiences[service]}/.default"


def _local_service(path: str) -> str:
    """Tell by its path what a request to the user's own host is for: there they share it."""
    parts = path.lower().split("/")
    if "speechtotext" in parts[:4]:
        return SPEECH
    heads = {
        "v1.0": GRAPH,
        "beta": GRAPH,
        "vault": VAULT,
        **dict.fromkeys(("subscriptions", "providers", "tenants"), ARM),
    }
    return heads.get(parts[1] if len(parts) > 1 else "", STORAGE)


_STORAGE = "https://storage.azure.com"
PUBLIC = Cloud(
    "login.microsoftonline.com",
    "https://management.azure.com",
    "https://graph.microsoft.com/v1.0",
    {
        ARM: "https://management.azure.com",
        GRAPH: "https://graph.microsoft.com",
        STORAGE: _STORAGE,
        SPEECH: "https://cognitiveservices.azure.com",
        VAULT: "https://vault.azure.net",
    },
    {
        STORAGE: (".core.windows.net", ".storage.azure.net"),
        SPEECH: (".cognitiveservices.azure.com", ".api.cognitive.microsoft.com", ".services.ai.azure.com"),
        VAULT: (".vault.azure.net",),
    },
)
CLOUDS = {
    "public": PUBLIC,
    "us-government": Cloud(
        "login.microsoftonline.us",
        "https://management.usgovcloudapi.net",
        "https://graph.microsoft.us/v1.0",
        {
            ARM: "https://management.usgovcloudapi.net",
            GRAPH: "https://graph.microsoft.us",
            STORAGE: _STORAGE,
            SPEECH: "https://cognitiveservices.azure.us",
            VAULT: "https://vault.usgovcloudapi.net",
        },
        {
            STORAGE: (".core.usgovcloudapi.net",),
            SPEECH: (".cognitiveservices.azure.us", ".api.cognitive.microsoft.us"),
            VAULT: (".vault.usgovcloudapi.net",),
        },
    ),
    "china": Cloud(
        "login.chinacloudapi.cn",
        "https://management.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn/v1.0",
        {
            ARM: "https://management.chinacloudapi.cn",
            GRAPH: "https://microsoftgraph.chinacloudapi.cn",
            STORAGE: _STORAGE,
            SPEECH: "https://cognitiveservices.azure.cn",
            VAULT: "https://vault.azure.cn",
        },
        {
            STORAGE: (".core.chinacloudapi.cn",),
            SPEECH: (".cognitiveservices.azure.cn", ".api.cognitive.azure.cn"),
            VAULT: (".vault.azure.cn",),
        },
    ),
}
"""The clouds by the names that ``--cloud`` takes."""


def local(endpoint: str) -> Cloud:
    """Return the cloud in which one host of the user's own stands for all services."""
    base = endpoint.rstrip("/")
    parts = urlsplit(base)
    return Cloud(parts.netloc, base, f"{base}/v1.0", PUBLIC.audiences, {}, local=(parts.hostname or "").lower())
