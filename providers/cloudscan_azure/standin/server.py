"""The server: Azure Resource Manager, Microsoft Graph, Speech, vaults and Microsoft Entra on one loopback port."""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from cloudscan.standin.listener import Listener, Reply, serving
from cloudscan_azure.standin import blobs
from cloudscan_azure.standin.errors import AzureError, Forbidden, Refused, Service
from cloudscan_azure.standin.faults import Faults
from cloudscan_azure.standin.names import CLIENT, SECRET, TENANT
from cloudscan_azure.standin.operations import OPERATIONS
from cloudscan_azure.standin.requests import understand
from cloudscan_azure.standin.selection import chosen
from cloudscan_azure.standin.state import LARGEST, Asked, Give, Payload, State
from cloudscan_azure.standin.tls import Certificate, issue
from cloudscan_azure.standin.tokens import Tokens

_ENTRA = re.compile(r"^/(?P<tenant>[^/]+)(?:/oauth2)?/v2\.0/(?P<what>\.well-known/openid-configuration|token)$")
_JSON = {"Content-Type": "application/json; charset=utf-8"}


class Standin:
    """Azure on a loopback port, from ``with`` to the end of its block.

    ``url`` is the one address (a scope's ``endpoint_url``): ARM has its own paths, Graph ``/v1.0/``, Speech
    ``/speechtotext/`` (behind any prefix, so that several accounts can have an endpoint each, such as
    ``/cognitive/NAME/speechtotext/``), a vault ``/vault/NAME/``, Entra ``/TENANT/oauth2/v2.0/token``.
    ``certificate.authority`` is what clients trust, and ``environment()`` what azure-identity reads.
    ``requests`` counts what was asked, by the operation's id. ``refused`` says which requests Azure does not have,
    ``forbidden`` which do more than read, ``unanswered`` which nobody gave an answer for (501), and ``crashes`` holds
    the tracebacks of answers that broke or that Azure's schemas do not allow (500). ``faults`` are set by their
    ``add``; ``tokens.given`` are the audiences for which tokens were asked. ``blobs``, once set, answers for storage
    accounts at ``/blob/ACCOUNT/`` (see :mod:`cloudscan_azure.standin.blobs`).
    """

    def __init__(self, *, held: bool = True, certificate: Certificate | None = None) -> None:
        """``held`` is whether answers are held to the models of Azure's libraries, which a demo does without.

        Without a certificate, one is issued that lasts as long as this does.
        """
        self.url = ""
        self.requests: Counter[str] = Counter()
        self.refused: list[str] = []
        self.forbidden: list[str] = []
        self.unanswered: list[str] = []
        self.crashes: list[str] = []
        self.faults = Faults([*OPERATIONS, *blobs.OPERATIONS])
        self.blobs: blobs.Blobs | None = None
        self.tokens = Tokens()
        self._state = State(held=held)
        self._certificate = certificate
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start to serve."""
        if self._certificate is None:
            self._certificate = issue(Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="cloudscan-"))))
        self.url = self._open.enter_context(serving(Listener(self, self._certificate.server())))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def certificate(self) -> Certificate:
        """The certificate, which an emulator beside this server may serve with too."""
        if self._certificate is None:
            raise ValueError("the stand-in does not serve yet")
        return self._certificate

    def environment(self) -> dict[str, str]:
        """Return the environment in which DefaultAzureCredential signs in here, and clients trust the certificate."""
        return {
            "AZURE_AUTHORITY_HOST": self.url,
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET": SECRET,
            "REQUESTS_CA_BUNDLE": str(self.certificate.authority),
        }

    def answer(self, path: str, payload: Payload | AzureError | Give) -> None:
        """Answer requests for a path with a payload, an error, or what a function makes of the request.

        Paths are compared without case; a first word is another method than GET
        (``POST /providers/Microsoft.Management/getEntities``). The latest answer to a path wins. A payload is checked
        here, what a function returns when it returns; it may raise
        :class:`~cloudscan_azure.standin.errors.AzureError`.
        Raises :class:`~cloudscan_azure.standin.schemas.NotAllowed` for a payload that Azure's schema does not allow,
        ValueError for a path of no operation (see :mod:`cloudscan_azure.standin.operations`).
        """
        self._state.answer(path, payload)

    def pages(self, path: str, items: Sequence[Payload], *, largest: int = LARGEST) -> None:
        """Answer requests for a list, in pages of the size that is asked for and never more than ``largest``.

        The next page is told as Azure tells it, by its absolute address on this server. Raises as :meth:`answer` does.
        """
        self._state.pages(path, items, largest)

    def replay(self, recorded: Mapping[str, Mapping[str, Payload]]) -> None:
        """Answer with what Azure itself once answered, by path and skip token; it is held to no schema.

        Links to the next page are changed to be on this host.
        """
        for path, pages in recorded.items():
            self._state.replay(path, pages)

    def fresh(self, *paths: str) -> None:
        """Have lists below these paths (``/subscriptions/ID``, ``/v1.0``) be empty, and single things not be found.

        What is given below them stands.
        """
        self._state.fresh(paths)

    def reply(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request, whose headers have names in lower case; what breaks is a crash and a 500."""
        try:
            if self.blobs is not None and target.startswith(blobs.PREFIX):
                return self._blobs(self.blobs, verb, target, headers)
            return self._entra(verb, target, body) or self._reply(verb, target, headers, body)
        except Forbidden as error:
            self.forbidden.append(f"{verb} {target}")
            return _refusal(error, "arm")
        except Refused as error:
            self.refused.append(f"{verb} {target}: {error.code}: {error.message}")
            return _refusal(error, "arm")
        except Exception:  # noqa: BLE001 - whatever a test's function raises
            self.crashes.append(traceback.format_exc())
            return _refusal(AzureError(500, "InternalServerError", "the stand-in broke"), "arm")

    def _entra(self, verb: str, target: str, body: bytes) -> Reply | None:
        met = _ENTRA.match(target.partition("?")[0])
        if met is None:
            return None
        if verb == "GET" and met["what"] != "token":
            return 200, dict(_JSON), json.dumps(self.tokens.configuration(self.url, met["tenant"])).encode()
        if verb == "POST" and met["what"] == "token":
            self.requests["token"] += 1
            status, told = self.tokens.exchange(met["tenant"], body)
            return status, dict(_JSON), json.dumps(told).encode()
        return None

    def _reply(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        asked = understand(verb, target, headers, body, self.url)
        operation = asked.operation
        self.tokens.check(operation.service, headers)
        self.requests[operation.id] += 1
        fault = self.faults.struck(operation.id, operation.service, target)
        if fault is not None and (error := fault.error(operation.service, operation.id, asked.path)):
            return _refusal(error, operation.service)
        reply = self._given(asked, f"{verb} {target}")
        return reply if fault is None else fault.spoil(operation.service, asked.path, reply)

    def _blobs(self, accounts: blobs.Blobs, verb: str, target: str, headers: Mapping[str, str]) -> Reply:
        operation = accounts.operation(verb, target)
        self.requests[operation] += 1
        if operation == blobs.POLICIES:
            self.tokens.check("storage", headers)
        fault = self.faults.struck(operation, "storage", target)
        if fault is not None and (error := fault.error("storage", operation, target)):
            return _refusal(error, "storage")
        reply = accounts.reply(verb, target, headers)
        return reply if fault is None else fault.spoil("storage", target, reply)

    def _given(self, asked: Asked, words: str) -> Reply:
        give = self._state.find(asked)
        if give is None:
            self.unanswered.append(words)
            return _refusal(AzureError(501, "NotImplemented", f"nobody gave an answer for {words}"), "arm")
        try:
            told = give(asked)
            if asked.operation.service == "graph":
                told = chosen(asked.path, asked.query, told)
            return 200, dict(_JSON), json.dumps(told).encode()
        except Refused:
            raise
        except AzureError as error:
            return _refusal(error, asked.operation.service)


def _refusal(error: AzureError, service: Service) -> Reply:
    headers = (
        {"Content-Type": "application/xml", "x-ms-error-code": error.code} if service == "storage" else dict(_JSON)
    )
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return error.status, headers, error.content(service)
