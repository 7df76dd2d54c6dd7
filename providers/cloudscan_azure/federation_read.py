"""Federated credentials as records: whose tokens make somebody an application or a managed identity. Pure.

Shapes are those of "federatedIdentityCredential" (Microsoft Graph v1.0) and "Federated Identity Credentials - List"
(Managed Identity REST API): an issuer, a subject and audiences that a token must have. A flexible one has an expression
on its claims (``claimsMatchingExpression``) in place of the subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudscan.model import Answer, Federation
from cloudscan.providing.parts import part, texts
from cloudscan_azure.ids import PROVIDER

Told = Mapping[str, Any]


def of_application(told: Told, app: str, account: str, becomes: str) -> Federation:
    """Read a federated credential of an application, by which a token makes somebody its service principal."""
    return federation(told, f"{app}/{told.get('id')}", account, becomes)


def federation(told: Told, name: str, account: str, becomes: str) -> Federation:
    """Read a federated credential of the identity ``becomes``; ``name`` is the record's id.

    The subject is who the token has to be of, "" where an expression says it: that is the condition then.
    """
    own = part(told, "properties") or told
    subject = str(own.get("subject") or "")
    expression = str(part(own, "claimsMatchingExpression").get("value") or "")
    return Federation(
        id=name,
        provider=PROVIDER,
        account=account,
        region="",
        kind="oidc",
        name=str(told.get("name") or name),
        guests=Answer.NO,
        classic_flow=Answer.NO,
        roles=((subject, becomes),),
        audiences=texts(own, "audiences"),
        issuer=str(own.get("issuer") or ""),
        condition=expression if expression or not subject else f"claims['sub'] eq '{subject}'",
        enabled=Answer.YES,
    )
