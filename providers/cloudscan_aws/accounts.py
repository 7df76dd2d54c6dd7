"""The nouns of planning: an account as it will be collected, and its buckets.

Every service module has ``units(account: AccountScope) -> Iterator[Unit]``, which asks nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cloudscan.model import Answer
from cloudscan.provider import Scope
from cloudscan.providing.bases import Wanting
from cloudscan_aws.clients import Clients
from cloudscan_aws.codes import partition_of
from cloudscan_aws.session import Asker


def bucket_arn(name: str, region: str = "") -> str:
    """Return the ARN of a bucket; China and GovCloud are partitions of their own."""
    return f"arn:{partition_of(region)}:s3:::{name}"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket as ``ListBuckets`` names it.

    ``region`` is "" where the answer did not say; ``owner`` is the account's canonical user id.
    """

    name: str
    region: str = ""
    created: datetime | None = None
    owner: str | None = None

    @property
    def id(self) -> str:
        """The bucket's ARN."""
        return bucket_arn(self.name, self.region)


@dataclass(frozen=True, slots=True)
class AccountScope(Wanting):
    """One account as it will be collected.

    ``home`` is the region in which global services are asked. ``caller`` holds the clients of whoever runs
    the scan: the same as ``clients`` in the caller's own account, and with ``--org`` those that may read
    Organizations. ``name``, ``organization`` and ``management`` are what ``ListAccounts`` told, if asked.
    """

    id: str
    clients: Clients
    scope: Scope
    regions: tuple[str, ...]
    home: str
    caller: Clients
    buckets: tuple[Bucket, ...] = ()
    name: str = ""
    organization: str | None = None
    management: Answer = Answer.UNKNOWN

    @property
    def is_callers(self) -> bool:
        """Is this the account that the scan's own credentials belong to."""
        return self.id == self.caller.account

    def asker(self, region: str) -> Asker:
        """Return a new asker for one unit, with its own counts."""
        return Asker(self.clients, region)
