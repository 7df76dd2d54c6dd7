"""Google Cloud: the requests that its buckets take, and who can read what in a drawn estate."""

from __future__ import annotations

from bench.clouds import counted, derived_table, requests_table
from bench.document import Section, prose


def google_cloud(*, quick: bool) -> Section:
    """Count requests on the stand-in of the tests, and derive grants and steps of drawn estates."""
    few, many = (2, 5) if quick else (100, 200)
    fewer, asked = (counted("gcp_counts.py", number) for number in (few, many))
    each = (sum(asked.values()) - sum(fewer.values())) / (many - few)
    drawn = ((50, 2),) if quick else ((1_000, 200), (5_000, 50))
    return Section(
        "Google Cloud",
        "python bench/run.py --only google",
        (
            prose(
                f"""Requests about the settings and objects of {many} empty buckets of uniform access, counted on the
                stand-in that the tests use: **{each:.0f}** for each bucket, and {sum(asked.values()) - each * many:.0f}
                for the project. It is one more for every further thousand objects of a bucket. Identities are counted
                by the tests (`providers/cloudscan_gcp/test_collected.py`): 26 requests for 1,000 service accounts and
                1,000 people in groups, where Cloud Asset Inventory is on; two more for each service account where it
                is off."""
            ),
            requests_table("method", asked),
            prose("Who may do what and by which steps, in drawn estates (`python bench/gcp_reach.py`):"),
            derived_table("gcp_reach.py", *({"people": people, "buckets": buckets} for people, buckets in drawn)),
        ),
    )
