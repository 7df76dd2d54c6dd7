"""What a collection will take, said beforehand: requests that are known, and their list price.

Prices are round figures after "Azure Blob Storage pricing" for the hot tier with local redundancy, where a list costs
more than a read; other tiers and places cost more. Azure Resource Manager, Microsoft Graph and the control planes of
the other services answer without charge.
"""

from __future__ import annotations

from collections.abc import Sequence

from cloudscan.provider import Facet, Scope, Unit
from cloudscan.providing.beforehand import Estimate, first_bytes
from cloudscan.wording import count
from cloudscan_azure import storage
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.blobs import PAGE

USD_PER_LIST = 0.06 / 10_000
USD_PER_GET = 0.005 / 10_000
_FURTHER = {
    Facet.PRINCIPALS: "three for each group that assignments name, two for each application that acts",
    Facet.CREDENTIALS: "two for 15 applications that act",
    Facet.FEDERATIONS: "one for each application and managed identity",
    Facet.BACKUPS: "one for each backup vault, one for each storage account that is backed up",
    Facet.JOBS: "five for each account of Azure AI Speech",
    Facet.KEYS: "two for each key vault, one for each key",
    Facet.LOG_SOURCES: "one for each log workspace",
}
"""What is asked of each of what is only found on the way."""


def estimate(scope: Scope, subscriptions: Sequence[SubscriptionScope], units: Sequence[Unit]) -> Estimate:
    """Add up what is known before anything is listed: every list of every service counts as one page."""
    accounts = [account for each in subscriptions for account in each.storage]
    held = sum(len(account.containers) for account in accounts) if storage.inside(scope) else 0
    cost = held * storage.expected(scope) * USD_PER_LIST
    notes = tuple(_notes(scope, len(accounts), held))
    return Estimate(sum(unit.requests for unit in units), cost, notes)


def _notes(scope: Scope, accounts: int, held: int) -> list[str]:
    notes = [f"{count(accounts, 'storage account')}, {count(held, 'container')}"]
    further = [words for facet, words in _FURTHER.items() if facet in scope.facets]
    if further:
        notes.append(f"not counted, since it is not known what there is: {', '.join(further)}")
    if scope.lists_objects and scope.max_objects is None:
        per_million = 1_000_000 / PAGE * USD_PER_LIST
        notes.append(f"every further 5,000 blobs take one request more: ${per_million:.4f} a million blobs")
    colder = "first bytes of blobs in colder tiers cost more, and their retrieval; archived ones are not read"
    return [*notes, *first_bytes(scope, USD_PER_GET, colder)]
