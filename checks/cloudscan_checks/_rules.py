"""What lifecycle rules do to the recordings of a store, as checks ask for it."""

from __future__ import annotations

from collections.abc import Sequence

from cloudscan.check import World
from cloudscan.model import MediaClass, Store
from cloudscan.provider import Facet
from cloudscan.retention import Group
from cloudscan_checks._facts import EXAMPLES, Amount, missing, not_seen, unread

SET_RULES = {
    "aws": (
        "Add a rule for them, with a filter as wide as the recordings:"
        " `aws s3api put-bucket-lifecycle-configuration --bucket {name} --lifecycle-configuration file://rules.json`"
        " (it replaces every rule that is there: start from get-bucket-lifecycle-configuration)."
    ),
    "gcp": (
        "Add a rule for them: `gcloud storage buckets update gs://{name} --lifecycle-file=rules.json`"
        " (it replaces every rule that is there)."
    ),
    "azure": (
        "Add a rule for them: `az storage account management-policy create --account-name {holder_name}"
        " --resource-group {group} --policy @rules.json` (it replaces every rule that is there)."
    ),
}


def unknown_rules(world: World, store: Store) -> tuple[str, dict[str, object]] | None:
    """Say why the rules of a store are not known, with evidence; None when they are."""
    if store.lifecycle is not None:
        return None
    gaps = missing(world.estate, store, Facet.LIFECYCLE)
    return unread("the lifecycle rules", gaps), not_seen(gaps)


def together(found: Sequence[Group], media: MediaClass = MediaClass.SPEECH) -> Amount:
    """Add groups up."""
    return Amount(media, sum(group.objects for group in found), sum(group.seconds for group in found))


def examples(found: Sequence[Group]) -> list[str]:
    """Return some of the keys."""
    return list(dict.fromkeys(sorted(group.example for group in found)))[:EXAMPLES]
