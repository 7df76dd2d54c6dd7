"""Steps by which somebody comes to read speech that their own rights keep from them."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Finding, Severity, Store
from cloudscan.undoing import UNDO
from cloudscan_checks._bindings import unbind
from cloudscan_checks._doors import doors, judged
from cloudscan_checks._facts import listed, not_seen
from cloudscan_checks._readers import READING, SPOKEN, called, perhaps, unseen_readers, whole
from cloudscan_checks._services import service_roles


@check(
    severity=Severity.MEDIUM,
    needs=READING,
    remediation={
        "aws": (
            "If they are meant to read, say so openly: give them the right itself. If not, take what the steps need out"
            " of the statements that the path names; where {id} is a role that others enter, narrow its trust policy:"
            " `aws iam update-assume-role-policy --role-name {name} --policy-document file://trust.json`. What else"
            " they can come to read: `cloudscan reach SNAPSHOT --from {user}`."
        ),
        "gcp": (
            "If they are meant to read, give them the right itself. If not, take the roles from them that let them take"
            f" the steps of the path. {unbind()} What else they can come to read:"
            " `cloudscan reach SNAPSHOT --from {user}`."
        ),
        "azure": (
            "If they are meant to read, give them the right itself. If not, take from them what lets them take the"
            f" steps of the path. {UNDO} What else they can come to read: `cloudscan reach SNAPSHOT --from {{user}}`."
        ),
    },
    controls=(
        "CIS-GCP@5.0:1.7",
        "NIST-800-53@r5:AC-3",
        "NIST-800-53@r5:AC-6",
        "ISO-27001@2022:5.15",
        "ISO-27001@2022:8.3",
        "SOC2:CC6.3",
        "PCI-DSS@4.0.1:7.2.2",
        "HIPAA:164.312(a)(1)",
        "ATT&CK:T1078",
    ),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        "https://cloud.google.com/iam/docs/best-practices-service-accounts",
    ),
)
def reader_by_escalation(self: Check, world: World) -> Iterator[Finding]:
    """Speech that somebody reads only by escalation.

    Who may not read a recording may often take the identity of one who may, hand it to compute of their own, or
    rewrite the policy that stands in the way. A review of permissions shows none of it. A step that only uses the
    cloud is one finding on the identity that it leads into, with all who come through; what somebody can do by
    changing the cloud is one finding on them, however many ways there are. Left out are those who read as much by
    their own rights, and, each with a check of its own, ways into roles of speech services, guests and users of
    apps, and parties outside.
    """
    apart = service_roles(world)
    ways = [door for door in doors(world) if not (door.entered and door.owner in apart)]
    for door in ways:
        steps = listed(door.kinds, 3)
        way = f"through {called(world, [door.owner])} ({steps})" if door.entered else f"after {steps}"
        yield judged(self, world, door, way)
    reached = {grant.store for door in ways for grant in door.reads}
    for store in world.estate.stores_with(*SPOKEN):
        if store.id not in reached:
            yield _closed(self, world, store)


def _closed(check: Check, world: World, store: Store) -> Finding:
    """Judge a store that no step is known to open. Who perhaps reads it, perhaps does so by steps alone."""
    what, (doubts, gaps) = whole(world, store), unseen_readers(world, store)
    if unseen := perhaps(world, store):
        doubts = [*doubts, f"more perhaps read it: {listed(unseen, 3)}"]
    names = {"user": "PRINCIPAL"}
    if doubts:
        message = f"who comes to read {what} by escalation cannot be told: {'; '.join(doubts)}"
        return check.unknown(store, message, evidence=not_seen(gaps), names=names)
    return check.passed(store, f"none of the estate's own identities comes to read {what} by escalation")
