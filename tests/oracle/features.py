"""Which features of a world decide a question: what turns the answer round when it alone is taken away.

It tells whether drawn worlds are worth asking about: a feature that never decides is not tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from tests.oracle.answer import answer
from tests.oracle.places import Drawn, Place, at, document_of, statements
from tests.oracle.verdict import Json, Undocumented, Verdict


def deciding(world: Json, asked: Json, verdict: Verdict) -> Iterator[str]:
    """Yield the features without which the oracle would say the contrary."""
    whole = {"world": world, "asked": asked}
    for name, change in _changes(whole):
        other: Drawn = deepcopy(whole)
        try:
            change(other)
            if answer(other["world"], other["asked"]).allowed is not verdict.allowed:
                yield name
        except (Undocumented, StopIteration, KeyError):
            continue


Change = tuple[str, Callable[[Drawn], None]]


def _changes(whole: Json) -> Iterator[Change]:
    for place, statement in statements(whole):
        kind = _kind(place)
        yield f"{kind}: {statement['Effect']}", _drop(place)
        for element in ("NotAction", "NotResource", "NotPrincipal"):
            if element in statement:
                yield element, _rename(place, element, element.removeprefix("Not"))
        if "Principal" in statement:
            yield f"principal {_form(statement['Principal'])}", _set((*place, "Principal"), {"AWS": "000000000000"})
        for operator, tests in statement.get("Condition", {}).items():
            yield operator, _drop((*place, "Condition", operator))
            yield from ((f"key {key.lower()}", _drop((*place, "Condition", operator, key))) for key in tests)
        if "${" in str(statement):
            yield "a variable", _set((*document_of(place), "Version"), "2008-10-17")
    yield from _settings(whole["world"])
    yield from ((f"context {key}", _drop(("asked", "context", key))) for key in whole["asked"]["context"])


def _settings(world: Json) -> Iterator[Change]:
    bucket: Place = ("world", "buckets", 0)
    if world["org"]:
        yield "the organization", _set(("world", "org"), None)
    yield "object ownership", _set((*bucket, "ownership"), "BucketOwnerEnforced")
    yield "the object's owner", _set((*bucket, "objects", 0, "owner"), world["buckets"][0]["account"])
    yield "the object's ACL", _set((*bucket, "objects", 0, "acl"), [])
    yield "the bucket's ACL", _set((*bucket, "acl"), [])
    yield "the object's encryption", _set((*bucket, "objects", 0, "encryption"), {"mode": "SSE-S3"})
    yield "the bucket's encryption", _set((*bucket, "encryption"), {"mode": "SSE-S3"})
    yield "the object's tags", _set((*bucket, "objects", 0, "tags"), {})
    for flag in ("RestrictPublicBuckets", "IgnorePublicAcls"):
        yield f"{flag} of the bucket", _set((*bucket, "bpa", flag), value=False)
        for account in world["account_bpa"]:
            yield f"{flag} of the account", _set(("world", "account_bpa", account, flag), value=False)
        yield f"{flag} of the access point", _set(("world", "access_points", 0, "bpa", flag), value=False)
    yield "network of the access point", _set(("world", "access_points", 0, "network_origin"), "Internet")
    for number, key in enumerate(world["keys"]):
        yield "state of the key", _set(("world", "keys", number, "state"), "Enabled")
        yield "grants of the key", _set(("world", "keys", number, "grants"), [])
        for which, grant in enumerate(key["grants"]):
            if grant["constraints"]:
                yield "constraint of a grant", _set(("world", "keys", number, "grants", which, "constraints"), {})
    for number, principal in enumerate(world["principals"]):
        place: Place = ("world", "principals", number)
        yield from ((f"the caller's {name}", _drop((*place, name))) for name in ("groups", "attached", "boundary"))
        if principal.get("tags"):
            yield "the caller's tags", _set((*place, "tags"), {})
        if principal.get("service_linked"):
            yield "being a service-linked role", _set((*place, "service_linked"), value=False)
    yield "session policy", _drop(("asked", "session", "policy"))
    yield "session tags", _drop(("asked", "session", "tags"))


def _kind(place: Place) -> str:
    """Name the sort of policy that a statement belongs to."""
    names = [str(part) for part in place]
    for part, kind in (
        ("scp_levels", "SCP"),
        ("rcp_levels", "RCP"),
        ("session", "session policy"),
        ("boundary", "boundary"),
        ("trust_policy", "trust policy"),
        ("groups", "group policy"),
        ("managed_policies", "managed policy"),
        ("buckets", "bucket policy"),
        ("keys", "key policy"),
        ("access_points", "access point policy"),
    ):
        if part in names:
            return kind
    return "identity policy"


def _form(principal: Any) -> str:
    """Name how a principal is written."""
    if not isinstance(principal, dict):
        return "*"
    kind, names = next(iter(principal.items()))
    name = names[0] if isinstance(names, list) else names
    if name == "*" or kind != "AWS":
        return f"{kind}: *" if name == "*" else str(kind)
    for part in (":user/", ":role/", ":assumed-role/", ":root"):
        if part in name:
            return f"AWS: ARN with {part}"
    return "AWS: 12 digits"


def _drop(place: Place) -> Callable[[Drawn], None]:
    def change(whole: Drawn) -> None:
        holder: Any = at(whole, place[:-1])
        last: Any = place[-1]
        if last == "Statement":  # a statement without brackets
            holder[last] = []
        elif isinstance(holder, list):
            del holder[last]
        else:
            holder.pop(last, None)

    return change


def _set(place: Place, value: Any) -> Callable[[Drawn], None]:
    def change(whole: Drawn) -> None:
        at(whole, place[:-1])[place[-1]] = value

    return change


def _rename(place: Place, old: str, new: str) -> Callable[[Drawn], None]:
    def change(whole: Drawn) -> None:
        statement = at(whole, place)
        statement[new] = statement.pop(old)

    return change
