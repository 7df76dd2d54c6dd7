"""Cloud KMS: the keys of a project, who may use them, and the keys of other projects that its buckets name.

Keys lie in key rings, and rings in locations, of which there are some forty: Cloud Asset Inventory tells all keys of a
project at once where it is on, but for the newest. Policies of a key are asked one by one, its ring's with it, since
both count ("Access control with IAM", Cloud KMS). What a key protects is read by whoever may read the object: it keeps
no reader out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cloudscan.model import Answer, Gap, Key, PolicyDocument, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import part, utc
from cloudscan.providing.questions import named
from cloudscan_gcp import assets
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.hierarchy import document
from cloudscan_gcp.session import PROVIDER, Asker
from cloudscan_gcp.times import seconds

_KEY = "cloudkms.googleapis.com/CryptoKey"
_NAME = re.compile(r"projects/([^/]+)/locations/([^/]+)/keyRings/([^/]+)/cryptoKeys/([^/]+)")
_RING = "v1/projects/{}/locations/{}/keyRings/{}"
_VERSION = {"options.requestedPolicyVersion": 3}
"""Without it, conditions would be lost ("Policy versions")."""
_STATES = {"ENABLED": "enabled", "DISABLED": "disabled", "DESTROY_SCHEDULED": "pending-deletion"}
"""States of a version that have a neutral word; any other keeps KMS's own."""
_DAY = 86_400
Payload = Mapping[str, Any]


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that asks for the keys of a project, if a check wants them."""
    if project.wants(Facet.KEYS):
        yield from made.of_project(project, "kms", collect, requests=2)


def units_elsewhere(projects: Sequence[ProjectScope]) -> Iterator[Unit]:
    """Yield a unit for each project that is not looked at and has keys that buckets of these name."""
    own = {name for project in projects for name in (project.id, project.number)}
    keys: dict[str, set[str]] = defaultdict(set)
    for project in (each for each in projects if each.wants(Facet.KEYS)):
        for name, match in _used(project).items():
            if match is None or match[1] not in own:
                keys[match[1] if match else project.id].add(name)
    for owner, names in sorted(keys.items()):
        run = partial(_elsewhere, Asker(projects[0].clients, owner), sorted(names))
        yield Unit(f"{PROVIDER}/{owner}/kms-elsewhere", f"{owner} keys that buckets name", run, 3 * len(names))


def _used(project: ProjectScope) -> dict[str, re.Match[str] | None]:
    """Return the keys by which the project's buckets encrypt, and what their names say, None where they say nothing."""
    told = {part(bucket.told, "encryption").get("defaultKmsKeyName") for bucket in project.buckets}
    return {str(name): _NAME.fullmatch(str(name)) for name in told if name}


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield the keys of a project, their policies and those of their rings."""
    told = assets.resources(asker, _KEY, Facet.KEYS)
    listed, gaps = _by_location(project, asker) if told is None else (told, ())
    yield from gaps
    keys: list[Key] = []
    for each in listed:
        if _NAME.fullmatch(str(each.get("name") or "")):
            keys.append(key(each, project.id, project.number))
        else:
            yield asker.gap(Facet.KEYS, project.id, Why.MALFORMED, "cloudkms.cryptoKeys.list", "no name of a key")
    if told is not None:
        yield from _got(asker, _new(project, {each.id for each in keys}), keys)
    yield from _with_policies(asker, keys)


def _new(project: ProjectScope, known: Container[str]) -> list[str]:
    """Return those of the project's own keys that its buckets use and the inventory does not know yet."""
    found = (match for match in _used(project).values() if match and match[1] in (project.id, project.number))
    names = {f"projects/{project.id}/{match[0].split('/', 2)[2]}" for match in found}
    return sorted(name for name in names if name not in known)


def _elsewhere(asker: Asker, names: Iterable[str]) -> Iterator[Collected]:
    keys: list[Key] = []
    yield from _got(asker, names, keys)
    yield from _with_policies(asker, keys)
    yield from asker.coverage()


def _got(asker: Asker, names: Iterable[str], keys: list[Key]) -> Iterator[Gap]:
    """Ask for keys by their names, and put them to the others. Yields what was not told."""
    for name in names:
        match = _NAME.fullmatch(name)
        if match is None:
            yield asker.gap(Facet.KEYS, name, Why.MALFORMED, "storage.buckets.list", "no name of a key")
            continue
        reply = asker.ask(
            "cloudkms.projects.locations.keyRings.cryptoKeys.get",
            named(f"{_RING}/cryptoKeys/{{}}", *match.groups()),
            facet=Facet.KEYS,
            resource=name,
            permission="cloudkms.cryptoKeys.get",
        )
        if isinstance(reply, dict):
            keys.append(key({**reply, "name": name}, asker.account, asker.number))
        elif isinstance(reply, Gap):
            yield reply


def _by_location(project: ProjectScope, asker: Asker) -> tuple[Sequence[Payload], Iterable[Gap]]:
    """Ask every location for its rings, and each ring for its keys. What is refused alike everywhere is told once."""
    asked: dict[str, Any] = {"facet": Facet.KEYS, "resource": project.id}
    locations, gap = asker.pages(
        "cloudkms.projects.locations.list",
        named("v1/projects/{}/locations", project.id),
        "locations",
        permission="cloudkms.locations.list",
        **asked,
    )
    keys: list[Payload] = []
    gaps = dict.fromkeys([gap] if isinstance(gap, Gap) else [])
    for location in (str(each.get("locationId") or "") for each in locations):
        rings, refused = asker.pages(
            "cloudkms.projects.locations.keyRings.list",
            named("v1/projects/{}/locations/{}/keyRings", project.id, location),
            "keyRings",
            permission="cloudkms.keyRings.list",
            query={"pageSize": 1000},
            **asked,
        )
        gaps |= dict.fromkeys([refused] if isinstance(refused, Gap) else [])
        if isinstance(refused, Gap) and refused.why is Why.DISABLED:
            break
        for ring in (str(each.get("name") or "").rpartition("/")[2] for each in rings):
            found, ended = asker.pages(
                "cloudkms.projects.locations.keyRings.cryptoKeys.list",
                named(f"{_RING}/cryptoKeys", project.id, location, ring),
                "cryptoKeys",
                permission="cloudkms.cryptoKeys.list",
                query={"pageSize": 1000},
                **asked,
            )
            keys += found
            gaps |= dict.fromkeys([ended] if isinstance(ended, Gap) else [])
    return keys, gaps


def _with_policies(asker: Asker, keys: Iterable[Key]) -> Iterator[Collected]:
    """Yield keys, their policies where those may be read, and the policies of their rings."""
    rings: set[str] = set()
    for each in keys:
        rings.add(each.id.partition("/cryptoKeys/")[0])
        items = list(_policy(asker, each.id))
        told = any(isinstance(item, PolicyDocument) for item in items)
        yield replace(each, has_policy=Answer.YES) if told else each
        yield from items
    for ring in sorted(rings):
        yield from _policy(asker, ring)


def _policy(asker: Asker, node: str) -> Iterator[PolicyDocument | Gap]:
    """Ask for the allow policy of a key or of a ring."""
    kind = "cryptoKeys" if "/cryptoKeys/" in node else "keyRings"
    names = node.split("/")[1::2]
    path = _RING + ("/cryptoKeys/{}" if kind == "cryptoKeys" else "")
    reply = asker.ask(
        f"cloudkms.projects.locations.keyRings.{'cryptoKeys.' if kind == 'cryptoKeys' else ''}getIamPolicy",
        named(path + ":getIamPolicy", *names),
        facet=Facet.KEYS,
        resource=node,
        permission=f"cloudkms.{kind}.getIamPolicy",
        query=_VERSION,
    )
    if isinstance(reply, dict):
        yield document(asker, "key", f"{node}#iam", reply, node)
    elif isinstance(reply, Gap):
        yield reply


def key(told: Payload, account: str, number: str = "") -> Key:
    """Read a key ("CryptoKey", Cloud KMS API). Its state is that of the version by which it encrypts now.

    Objects that were written under an older version need that one, whose state is not asked for.
    """
    name = str(told.get("name") or "")
    primary = part(told, "primary")
    state = primary.get("state")
    period = seconds(told.get("rotationPeriod"))
    return Key(
        id=name,
        provider=PROVIDER,
        account=account,
        region=name.partition("/locations/")[2].partition("/")[0],
        manager="customer",
        state=_STATES.get(str(state), str(state)) if state else None,
        rotates=Answer.of("rotationPeriod" in told),
        rotation_days=None if period is None else int(period // _DAY),
        rotation_possible=rotation_possible(told),
        deletion_date=utc(primary.get("destroyTime")),
        grants=(),  # beside its policies, nothing lets anybody use a key
        aliases=(f"projects/{number}/{name.split('/', 2)[2]}",) if number else (),
    )


def rotation_possible(told: Payload) -> Answer:
    """Say whether KMS could rotate a key by itself: one that encrypts alike both ways, whose material KMS makes.

    Of keys that lie outside of Google it depends on who manages them there ("Key rotation", Cloud KMS).
    """
    if "rotationPeriod" in told:
        return Answer.YES
    level = part(told, "primary").get("protectionLevel") or part(told, "versionTemplate").get("protectionLevel")
    if str(level).startswith("EXTERNAL"):
        return Answer.UNKNOWN
    return Answer.of(told.get("purpose") == "ENCRYPT_DECRYPT" and told.get("importOnly") is not True)
