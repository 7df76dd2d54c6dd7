"""Stores of speech that answer requests without TLS."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Finding, MediaClass, Severity
from cloudscan.provider import Facet
from cloudscan_checks._bindings import SET_POLICY
from cloudscan_checks._facts import holder, missing, not_seen, unread


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.POLICY),
    remediation={
        "aws": (
            "Add a statement to the bucket policy that denies s3:* to everybody when aws:SecureTransport is false:"
            f" {SET_POLICY}."
        ),
        "gcp": (
            "Nothing to do for the bucket: Cloud Storage serves its own addresses over TLS. Look for web sites that"
            " serve it through a plain HTTP load balancer: `gcloud compute target-http-proxies list`."
        ),
        "azure": "Require TLS: `az storage account update --ids {holder} --https-only true --min-tls-version TLS1_2`.",
    },
    controls=(
        "CIS-AWS@7.0:3.1.1",
        "CIS-Azure@6.0:9.3.4",
        "SecurityHub:S3.5",
        "AzurePolicy:404c3081-a854-4457-ae30-26a93ef643f9",
        "NIST-800-53@r5:SC-8",
        "NIST-800-53@r5:SC-8(1)",
        "ISO-27001@2022:8.24",
        "SOC2:CC6.7",
        "HIPAA:164.312(e)(1)",
        "CSA-CCM@4.0:DSP-10",
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
        "https://learn.microsoft.com/azure/storage/common/storage-require-secure-transfer",
    ),
)
def plaintext_transport_allowed(self: Check, world: World) -> Iterator[Finding]:
    """Store of speech that answers without TLS.

    A client that is set up wrongly, or led astray, then sends recordings and the credentials for them in the
    clear, and nothing on the server's side stops it.
    """
    for store in world.estate.stores_with(MediaClass.SPEECH, MediaClass.TRANSCRIPT):
        if store.tls_required is Answer.YES:
            yield self.passed(store, "requests without TLS are refused to everybody")
        elif store.tls_required is Answer.NO:
            yield self.fail(store, "requests without TLS are answered", names=holder(store))
        else:
            gaps = missing(world.estate, store, Facet.POLICY)
            message = unread("the policy that would refuse requests without TLS", gaps)
            yield self.unknown(store, message, evidence=not_seen(gaps), names=holder(store))
