"""Holding what is derived from records against the oracle: every grant to read one object, for whoever asks.

Between the two lie the records and their facts, the sorting of callers that nothing tells apart, and all doors to a
bucket.
"""

from __future__ import annotations

import json
from random import Random

from cloudscan.access import Context, Grant
from cloudscan.access.conditions import ALWAYS, any_of, resolve
from cloudscan.model import ANYONE, Action
from cloudscan_aws import AwsProvider
from tests.access_records import estate_of
from tests.oracle.agreement import Difference, Tally
from tests.oracle.answer import answer
from tests.oracle.drawn_statements import BUCKET, OBJECT, POINT, REGION, SERVICE, SESSIONS, Draws, Topic
from tests.oracle.drawn_worlds import draw_question, draw_world
from tests.oracle.matching import many, text
from tests.oracle.verdict import Json, Undocumented

READ = Topic("s3:GetObject", OBJECT)
_NO_GRANTS_FOR = ({"service": SERVICE}, *SESSIONS.values())
"""Services read on somebody's behalf, and grants speak of roles, not of their single sessions."""


def compare_grants(random: Random, tally: Tally, *, questions: int) -> None:
    """Draw one world, derive its grants from its records, and ask the oracle some questions about them."""
    world = draw_world(random, READ)
    if random.random() < 0.7:
        world["access_points"] = []
    granted: dict[str, list[Grant]] = {}
    for one in AwsProvider().grants(estate_of(world, "corpus", "raw/a.wav")):
        if isinstance(one, Grant) and one.action is Action.READ and not one.by:
            granted.setdefault(one.principal, []).append(one)
    for _ in range(questions):
        asked = draw_question(random, READ)
        if asked["principal"] in _NO_GRANTS_FOR:
            continue
        asked["session"] = {"name": "job1"}
        asked["context"]["aws:SecureTransport"] = "true"  # every caller can choose so, and grants take it for chosen
        tally.questions += 1
        try:
            expected = _may_read(world, asked)
        except Undocumented as silence:
            tally.undocumented[str(silence)] += 1
            continue
        tally.rules["allow" if expected else "deny"] += 1
        who = asked["principal"] if isinstance(asked["principal"], str) else ANYONE
        told = any_of(grant.decision.condition for grant in granted.get(who, ()))
        left = resolve(told, _request(world, asked))
        if (left is ALWAYS) is not expected:
            tally.differences.append(Difference(world, asked, f"{left}", json.dumps(expected)))


def _may_read(world: Json, asked: Draws) -> bool:
    """Say whether somebody may read the object or a version of it, through any door."""
    doors = [OBJECT, *([f"{POINT}/object/raw/a.wav"] if world["access_points"] else [])]
    silence: Undocumented | None = None
    for resource in doors:
        for action in ("s3:GetObject", "s3:GetObjectVersion"):
            try:
                if answer(world, {**asked, "action": action, "resource": resource}).allowed:
                    return True
            except Undocumented as met:
                silence = met
    if silence is not None:
        raise silence
    return False


def _request(world: Json, asked: Json) -> Context:
    """Return the whole request, with what follows from the world and is no record."""
    known = {name: [text(each) for each in many(value)] for name, value in asked["context"].items()}
    bucket = world["buckets"][0]
    tags, encryption = bucket["objects"][0]["tags"], bucket["objects"][0]["encryption"] or bucket["encryption"]
    known |= {f"s3:ExistingObjectTag/{name}": [value] for name, value in tags.items()}
    known |= {"aws:RequestedRegion": [REGION], "sts:RoleSessionName": ["job1"]}
    # No listing says whether an object has a bucket key, which is what the encryption context hangs on.
    known |= {"kms:EncryptionContext:aws:s3:arn": [BUCKET if encryption.get("bucket_key") else OBJECT]}
    return Context.of(known, closed=True)
