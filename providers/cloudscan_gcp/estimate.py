"""What a collection will take, said beforehand: requests that are known, and their list price.

Prices are those of "Cloud Storage pricing" for the Standard class in a single region, as of November 2026: lists are
operations of class A, reads of settings and objects of class B. Other classes and places cost more. The control planes
of the other services answer without charge.
"""

from __future__ import annotations

from collections.abc import Sequence

from cloudscan.provider import Facet, Scope, Unit
from cloudscan.providing.beforehand import Estimate, first_bytes
from cloudscan_gcp import buckets, listing
from cloudscan_gcp.accounts import ProjectScope

USD_PER_LIST = 0.005 / 1000
USD_PER_GET = 0.0004 / 1000


def estimate(scope: Scope, projects: Sequence[ProjectScope], units: Sequence[Unit]) -> Estimate:
    """Add up what is known before anything is listed: every list of every service counts as one page."""
    settings, pages = buckets.expected(scope)
    held = sum(len(project.buckets) for project in projects) if buckets.wanted(scope) else 0
    requests = sum(unit.requests for unit in units)
    cost = held * (pages * USD_PER_LIST + settings * USD_PER_GET)
    return Estimate(requests, cost, tuple(_notes(scope, held)))


_FURTHER = {
    Facet.POLICY: "one request for each managed folder and each role that policies name",
    Facet.ORGANIZATION: "one for each deny policy",
    Facet.PRINCIPALS: "two for each group that policies name, one for each service account unless an inventory tells",
    Facet.CREDENTIALS: "one for the keys of each service account unless an inventory tells",
    Facet.FEDERATIONS: "one for each pool of identities, and for each set of rules of an app",
    Facet.JOBS: "five for each location where Speech-to-Text is on, one or two for each where Dialogflow is",
    Facet.KEYS: "one for each key and key ring, and one for each location unless an inventory tells",
    Facet.LOG_SOURCES: "one for the sinks of each project, folder and organization, and for each log bucket",
}
"""What is asked of each of what is only found on the way."""


def _notes(scope: Scope, held: int) -> list[str]:
    notes = [f"{held:,} buckets"]
    further = [words for facet, words in _FURTHER.items() if facet in scope.facets]
    if further:
        notes.append(f"not counted, since it is not known what there is: {', '.join(further)}")
    if scope.lists_objects and scope.max_objects is None:
        per_million = 1_000_000 / listing.PAGE * USD_PER_LIST
        rest = f"every further 1,000 objects take one request more: ${per_million:.3f} a million objects"
        whole = (
            "a bucket with inventory reports takes one request for each file of the newest, and a few; of the others"
        )
        notes.append(f"{whole} {rest}" if scope.options.get("inventory") else rest)
    colder = "first bytes of objects in colder storage classes cost more, and their retrieval"
    return [*notes, *first_bytes(scope, USD_PER_GET, colder)]
