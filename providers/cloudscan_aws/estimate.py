"""What a collection will take, said beforehand: requests that are known, and their list price.

Prices are those of "Amazon S3 pricing" for the Standard class in US East (N. Virginia), as of November 2026; other
regions and colder classes cost more. The control planes of the other services answer without charge, but for AWS
KMS (USD 0.03 for 10,000 requests beyond the free ones of a month, "AWS KMS pricing").
"""

from __future__ import annotations

from collections.abc import Sequence

from cloudscan.provider import STORE_FACETS, Facet, Scope, Unit
from cloudscan.providing.beforehand import Estimate, first_bytes
from cloudscan.wording import count, dollars
from cloudscan_aws import s3, transcribe
from cloudscan_aws.accounts import AccountScope

USD_PER_LIST = 0.005 / 1000
USD_PER_GET = 0.0004 / 1000
PER_HEAD = 30
"""Requests at most for one of ``--heads`` in a bucket: three classes, current and old versions, and of each object its
head, access control list, tags, hold and retention."""
_FURTHER = {
    Facet.JOBS: "one for each Transcribe job (at most {jobs:,} of each kind in a region) and Lex alias",
    Facet.BACKUPS: "one for each backup vault",
    Facet.KEYS: "four for each KMS key of the customer",
    Facet.ACCESS_POINTS: "two for each access point",
    Facet.LOG_SOURCES: "two for each trail",
    Facet.PRINCIPALS: "one for every 1,000 identities",
    Facet.PASSWORDS: "one for each IAM user",
    Facet.CREDENTIALS: "one for the access keys of each IAM user",
    Facet.WORKLOADS: "one for each ECS task definition, notebook and App Runner service",
    Facet.ORGANIZATION: "two for each policy of the organization",
}
"""What services take beyond their first lists, for what nobody knows beforehand."""


def estimate(scope: Scope, accounts: Sequence[AccountScope], units: Sequence[Unit]) -> Estimate:
    """Add up what is known before anything is listed.

    Settings count as many as may be asked of a bucket, and every list of every service as one page.
    """
    settings, pages = s3.expected(scope)
    asked = not scope.facets.isdisjoint(STORE_FACETS)
    buckets = sum(len(account.buckets) for account in accounts) if asked else 0
    requests = sum(unit.requests for unit in units)
    cost = buckets * (pages * USD_PER_LIST + settings * USD_PER_GET)
    return Estimate(requests, cost, tuple(_notes(scope, buckets, listing=scope.lists_objects)))


def _notes(scope: Scope, buckets: int, *, listing: bool) -> list[str]:
    notes = [count(buckets, "bucket")]
    jobs = int(str(scope.options.get("max-jobs") or transcribe.MAX_JOBS))
    if further := [words.format(jobs=jobs) for facet, words in _FURTHER.items() if facet in scope.facets]:
        notes.append(f"not counted, since it is not known what there is: {'; '.join(further)}")
    if listing and scope.max_objects is None:
        per_million = 1_000_000 / s3.PAGE * USD_PER_LIST
        rest = f"every further 1,000 objects take one request more: ${per_million:.3f} a million objects"
        whole = "a bucket that writes an inventory takes one request for each file of it; of the others"
        notes.append(f"{whole} {rest}" if scope.options.get("inventory") else rest)
    if scope.heads:
        most = scope.heads * buckets * PER_HEAD
        usd = most * USD_PER_GET
        what = f"metadata of up to {count(scope.heads, 'object')} of each kind in each bucket come on top"
        notes.append(f"{what}: at most {count(most, 'request')}, {dollars(usd)}")
    colder = "first bytes of objects in colder storage classes cost more, and their retrieval"
    return [*notes, *first_bytes(scope, USD_PER_GET, colder)]
