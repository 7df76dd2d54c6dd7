"""From the rules of an app on Google Cloud to findings: the checks know no cloud, and find what its users read."""

from __future__ import annotations

from cloudscan.check import World
from cloudscan.model import Answer, Record, Verdict
from cloudscan.policy.file import Policy
from cloudscan.testing import NOW
from cloudscan_checks.app_user_reads_others import app_user_reads_others
from cloudscan_checks.guest_readable_audio import guest_readable_audio
from cloudscan_checks.world_readable_audio import world_readable_audio
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.policy.test_support import estate
from cloudscan_gcp.test_apps import SERVED, app


def verdicts(*records: Record) -> list[set[Verdict]]:
    """What the checks of recordings that anyone, a guest and another user can read say, each of all it judges."""
    held = estate(*records)
    world = World(held, Policy(), NOW, lambda: GcpProvider().grants(held))
    checks = (world_readable_audio, guest_readable_audio, app_user_reads_others)
    return [{finding.verdict for finding in check.run(world)} for check in checks]


def test_what_guests_read_anyone_reads() -> None:
    anyone, guests, _ = verdicts(SERVED, *app("allow read;", guests=Answer.YES))
    assert (anyone, guests) == ({Verdict.FAIL}, {Verdict.PASS})


def test_what_every_user_reads_is_found() -> None:
    anyone, guests, users = verdicts(SERVED, *app("allow read: if request.auth != null;"))
    assert Verdict.FAIL not in anyone
    assert (guests, users) == ({Verdict.PASS}, {Verdict.FAIL})


def test_rules_that_let_nobody_in_pass() -> None:
    anyone, guests, users = verdicts(SERVED, *app("allow read: if false;"))
    assert Verdict.FAIL not in anyone
    assert (guests, users) == ({Verdict.PASS}, {Verdict.PASS})


def test_rules_that_say_more_are_unknown() -> None:
    found = verdicts(SERVED, *app("allow read: if mine();", guests=Answer.UNKNOWN))
    assert found == [{Verdict.UNKNOWN}] * 3
