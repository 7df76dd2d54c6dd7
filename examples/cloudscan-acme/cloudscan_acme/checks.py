"""One check of our own: recordings that are named after a person."""

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Finding, MediaClass, Severity
from cloudscan.provider import Facet


@check(
    severity=Severity.LOW,
    needs=(Facet.OBJECTS,),
    remediation={
        "aws": "Rename the recordings in {name} by a ticket number.",
        "gcp": "Rename the recordings in {name} by a ticket number.",
        "azure": "Rename the recordings in {name} by a ticket number.",
    },
)
def recording_named_after_a_person(self: Check, world: World) -> Iterator[Finding]:
    """Recordings whose name holds a person's name.

    Object names turn up in logs and listings that far more people see than the recordings themselves.
    """
    sql = """
        SELECT count(*) FROM objects
        WHERE store = ? AND media = 'speech' AND regexp_matches(key, '[A-Z][a-z]+_[A-Z][a-z]+')
    """
    for store in world.estate.stores_with(MediaClass.SPEECH):
        ((named,),) = world.estate.objects.query(sql, [store.id])
        if named:
            yield self.fail(store, f"{named} recordings look as if they were named after a person")
        else:
            yield self.passed(store, "no recording looks as if it was named after a person")


CHECKS = (recording_named_after_a_person,)
