"""Access keys: the lasting secrets of users, and whether the root user has one.

A user has two at most ("IAM and AWS STS quotas"). The credential report would tell of all in two requests; but it is
up to four hours old, and has to be made first, which is not only reading. Ids of keys are not kept whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cloudscan.model import Answer, Credential, Gap, Why
from cloudscan.provider import Facet
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.times import utc

SERVICE = "iam"
_TOLD = 8
"""How many of the last letters of a key's id are kept: enough to find it, and too few to look like one."""


def fetch(asker: Asker, partition: str, users: Iterable[tuple[str, str]]) -> Iterator[Credential | Gap]:
    """Ask for the root user's keys, then for those of each user, given by ARN and name.

    Who may not ask of one user may ask of none.
    """
    yield from _of_root(asker, f"arn:{partition}:iam::{asker.account}:root")
    seen = False
    for arn, name in users:
        reply = asker.ask(SERVICE, "list_access_keys", facet=Facet.CREDENTIALS, resource=arn, UserName=name)
        if isinstance(reply, Gap):
            if not seen and reply.why is Why.DENIED:
                yield replace(reply, resource=asker.account)
                return
            yield reply
        elif isinstance(reply, dict):
            seen = True
            yield from (_key(asker, arn, told) for told in reply.get("AccessKeyMetadata", ()))


def _of_root(asker: Asker, root: str) -> Iterator[Credential | Gap]:
    """Ask whether it has any: how old one is, no request but the report tells."""
    reply = asker.ask(SERVICE, "get_account_summary", facet=Facet.CREDENTIALS, resource=root)
    if isinstance(reply, Gap):
        yield reply
    elif isinstance(reply, dict):
        held = reply.get("SummaryMap", {}).get("AccountAccessKeysPresent")
        if held is None:
            yield asker.gap(Facet.CREDENTIALS, root, Why.MALFORMED, "iam:GetAccountSummary", "no word of root's keys")
        elif held:
            yield Credential(f"{root}/access-key", PROVIDER, asker.account, root, "access-key", lasting=Answer.YES)


def _key(asker: Asker, user: str, told: Mapping[str, Any]) -> Credential:
    """Read a key; it lasts until somebody deletes it."""
    return Credential(
        id=f"{user}/access-key/{str(told.get('AccessKeyId') or '')[-_TOLD:]}",
        provider=PROVIDER,
        account=asker.account,
        principal=user,
        kind="access-key",
        created=utc(told.get("CreateDate")),
        lasting=Answer.YES,
        enabled=Answer.of({"Active": True, "Inactive": False}.get(str(told.get("Status")))),
    )
