"""Anyone can read transcripts."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Finding, MediaClass, Severity
from cloudscan.provider import Facet
from cloudscan_checks._exposure import ACCESS, CLOSE_TO_ANYONE, judge_readers


@check(
    severity=Severity.CRITICAL,
    needs=(Facet.OBJECTS, Facet.PRINCIPALS, *ACCESS),
    remediation=CLOSE_TO_ANYONE,
    controls=(
        "CIS-AWS@7.0:3.1.4",
        "CIS-AWS@7.0:2.21",
        "CIS-GCP@5.0:5.1",
        "CIS-Azure@6.0:9.3.8",
        "SecurityHub:S3.2",
        "SecurityHub:S3.8",
        "NIST-800-53@r5:AC-3",
        "NIST-800-53@r5:AC-21",
        "ISO-27001@2022:8.3",
        "SOC2:CC6.1",
        "PCI-DSS@4.0.1:1.4.4",
        "HIPAA:164.312(a)(1)",
        "CSA-CCM@4.0:DSP-17",
        "ATT&CK:T1530",
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        "https://cloud.google.com/storage/docs/public-access-prevention",
        "https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent",
    ),
)
def world_readable_transcript(self: Check, world: World) -> Iterator[Finding]:
    """Transcripts that anyone can read.

    A transcript is what was said in a form that can be searched, copied and indexed in seconds. Nobody needs to
    listen to find the names, numbers and addresses in it.
    """
    yield from judge_readers(self, world, MediaClass.TRANSCRIPT)
