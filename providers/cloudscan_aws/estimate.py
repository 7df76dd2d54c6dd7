"""What a collection will take, said beforehand: requests that are known, and their list price.

Prices are those of "Amazon S3 pricing" for the Standard class in US East (N. Virginia), as of November 2026; other
regions and colder classes cost more. The control planes of the other services answer without charge, but for AWS
KMS (USD 0.03 for 10,000 requests beyond the free ones of a month, "AWS KMS pricing").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cloudscan.provider import Facet, Scope
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.discovery import BUCKET_FACETS
from cloudscan_aws.s3 import QUESTIONS

USD_PER_LIST = 0.005 / 1000
USD_PER_GET = 0.0004 / 1000
_PAGE = 1000
"""Objects that one list request answers."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Requests, their list price, and in words what the numbers leave out."""

    requests: int
    cost_usd: float
    notes: tuple[str, ...]


def estimate(scope: Scope, accounts: Sequence[AccountScope], units: int) -> Estimate:
    """Add up what is known before anything is listed; ``units`` is how many units there are in all.

    Settings count as many as may be asked of a bucket, lists as one page each, and every unit that is no
    bucket as one request.
    """
    asked = not scope.facets.isdisjoint(BUCKET_FACETS)
    buckets = sum(len(account.buckets) for account in accounts) if asked else 0
    listing = not scope.facets.isdisjoint((Facet.OBJECTS, Facet.HEADS))
    settings = buckets * sum(question.facet in scope.facets for question in QUESTIONS)
    pages = buckets * (-(-scope.max_objects // _PAGE) if scope.max_objects else 1) if listing else 0
    requests = settings + pages + scope.sniff + units - buckets
    cost = pages * USD_PER_LIST + (settings + scope.sniff) * USD_PER_GET
    return Estimate(requests, cost, tuple(_notes(scope, buckets, listing=listing)))


def _notes(scope: Scope, buckets: int, *, listing: bool) -> list[str]:
    notes = [f"{buckets:,} buckets; services other than S3 take further requests for what they are found to hold"]
    if listing and scope.max_objects is None:
        per_million = 1_000_000 / _PAGE * USD_PER_LIST
        notes.append(f"every further 1,000 objects take one request more: ${per_million:.3f} a million objects")
    if scope.heads:
        lists = ", and as many access control lists where a bucket heeds them," if Facet.ACL in scope.facets else ""
        notes.append(f"up to {scope.heads:,} heads for each kind of recording in each bucket{lists} come on top")
    if scope.sniff:
        notes.append("first bytes of objects in colder storage classes cost more, and their retrieval")
    return notes
