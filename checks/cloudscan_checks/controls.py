"""The published frameworks that checks refer to, and the ids in them that are known to exist.

Read in the frameworks' own texts, the providers' documentation, or in two open compliance packs, on 2026-11-22.
An id that is not here was not seen: find its source before adding it. "Security Hub" ids are those of its
controls, whichever of its standards carry them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework in one version, and the ids in it that are known to exist."""

    title: str
    ids: frozenset[str]


def _framework(title: str, ids: str) -> Framework:
    return Framework(title, frozenset(ids.split()))


FRAMEWORKS: Mapping[str, Framework] = {
    "CIS-AWS@7.0": _framework(
        "CIS Amazon Web Services Foundations Benchmark 7.0", "2.13 2.14 2.18 2.21 3.1.1 3.1.3 3.1.4 4.6 4.8 4.9"
    ),
    "CIS-GCP@5.0": _framework(
        "CIS Google Cloud Platform Foundation Benchmark 5.0", "1.6 1.7 1.10 1.11 1.12 2.1 2.4 2.11 5.1 5.2"
    ),
    "CIS-Azure@6.0": _framework(
        "CIS Microsoft Azure Foundations Benchmark 6.0",
        "6.1.1.3 6.1.1.4 8.1.5.1 8.3.6 8.3.9 9.2.1 9.2.2 9.3.1.2 9.3.1.3 9.3.2.1 9.3.2.2 9.3.2.3 9.3.3.1 9.3.4"
        " 9.3.6 9.3.7 9.3.8",
    ),
    "SecurityHub": _framework(
        "AWS Security Hub controls",
        "CloudTrail.1 Cognito.2 Connect.2 GuardDuty.10 IAM.1 IAM.21 KMS.1 KMS.2 KMS.3 KMS.4 KMS.5 Macie.1"
        " S3.1 S3.2 S3.3 S3.5 S3.6 S3.8 S3.9 S3.10 S3.12 S3.13 S3.14 S3.15 S3.17 S3.19 S3.24 S3.25",
    ),
    "AzurePolicy": _framework(
        "Azure Policy built-in definitions",
        "404c3081-a854-4457-ae30-26a93ef643f9 4fa4b6c0-31ca-4c0d-b10d-24b96f62a751"
        " 6fac406b-40ca-413b-bf8e-0bf964659c25 92a89a79-6c52-4a7e-a03f-61306fc49312",
    ),
    "NIST-800-53@r5": _framework(
        "NIST Special Publication 800-53, revision 5",
        "AC-3 AC-4 AC-4(21) AC-6 AC-20 AC-21 AU-2 AU-10 AU-11 AU-12 CM-8 SA-9(6) SC-7(3) SC-8 SC-8(1) SC-12 SC-12(2)"
        " SC-13 SC-28(1) SI-12",
    ),
    "ISO-27001@2022": _framework(
        "ISO/IEC 27001:2022, Annex A",
        "5.9 5.12 5.14 5.15 5.18 5.19 5.20 5.21 5.22 5.23 5.33 5.34 8.3 8.10 8.12 8.15 8.24",
    ),
    "SOC2": _framework("SOC 2 Trust Services Criteria", "C1.1 C1.2 CC6.1 CC6.3 CC6.6 CC6.7 CC7.2"),
    "PCI-DSS@4.0.1": _framework("PCI DSS 4.0.1", "1.4.4 3.2.1 3.3.1 4.2.1 7.2.1 7.2.2 7.2.5 10.2.1"),
    "HIPAA": _framework(
        "HIPAA Security Rule, 45 CFR part 164",
        "164.312(a)(1) 164.312(a)(2)(iv) 164.312(b) 164.312(e)(1)",
    ),
    "CSA-CCM@4.0": _framework(
        "CSA Cloud Controls Matrix 4.0",
        "CEK-03 CEK-08 CEK-12 CEK-14 DSP-02 DSP-03 DSP-04 DSP-07 DSP-10 DSP-16 DSP-17",
    ),
    "ATT&CK": _framework("MITRE ATT&CK for Enterprise", "T1078 T1530 T1537 T1619"),
}


def is_known(control: str) -> bool:
    """Say whether a control, as ``framework@version:id``, is one that is known to exist."""
    framework, _, name = control.partition(":")
    return framework in FRAMEWORKS and name in FRAMEWORKS[framework].ids
