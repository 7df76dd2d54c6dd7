"""Anyone can change a store of recordings."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Action, Finding, MediaClass, Severity
from cloudscan.provider import Facet
from cloudscan_checks._exposure import ACCESS, CLOSE_TO_ANYONE, closed_doors, exposure
from cloudscan_checks._facts import amount, holder, not_seen

_CHANGES = {
    Action.WRITE: "write into",
    Action.DELETE: "delete from",
    Action.ADMINISTER: "rewrite the access rules of",
}


@check(
    severity=Severity.HIGH,
    needs=(Facet.OBJECTS, *ACCESS),
    remediation=CLOSE_TO_ANYONE,
    controls=(
        "CIS-AWS@7.0:3.1.4",
        "CIS-GCP@5.0:5.1",
        "SecurityHub:S3.3",
        "NIST-800-53@r5:AC-3",
        "NIST-800-53@r5:AC-6",
        "ISO-27001@2022:8.3",
        "SOC2:CC6.1",
        "PCI-DSS@4.0.1:1.4.4",
        "HIPAA:164.312(a)(1)",
        "CSA-CCM@4.0:DSP-17",
    ),
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",),
)
def world_writable_audio_store(self: Check, world: World) -> Iterator[Finding]:
    """Store of recordings that anyone can change.

    Whoever can write can replace what somebody said, or put speech there for a pipeline to transcribe at your
    cost; whoever can delete can destroy evidence; whoever can rewrite the access rules can do all of it.
    """
    for store in world.estate.stores_with(MediaClass.SPEECH):
        seen = exposure(world, store.id, _CHANGES)
        whole = amount(world.estate, store, MediaClass.SPEECH)
        doors, gaps = closed_doors(world, store)
        if seen.open:
            acts = sorted({grant.action for grant in seen.widest})
            can = ", ".join(_CHANGES[action] for action in acts)
            yield self.fail(
                store,
                f"{seen.who} can {can} a store of {whole}{seen.terms}",
                path=seen.path,
                evidence={**whole.evidence, "who": seen.who, "actions": [action.value for action in acts]},
                confidence=seen.confidence,
                names=holder(store),
            )
        elif seen.doubtful or doors:
            doubts = "; ".join(doubt for doubt in (seen.doubts if seen.doubtful else "", doors) if doubt)
            message = f"whether anyone can change a store of {whole} cannot be told: {doubts}"
            yield self.unknown(store, message, evidence=not_seen(gaps), names=holder(store))
        else:
            yield self.passed(store, f"no stranger can change a store of {whole}", evidence=seen.evidence)
