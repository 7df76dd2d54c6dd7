"""Derive who may do what to recordings in S3 and to the keys that protect them. Pure: reads only the estate.

Objects are not judged one by one. The resource patterns of all policies that may matter to a caller split a
bucket's keys into classes that no policy tells apart; one query counts each class, and one of its keys is asked
about.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from cloudscan.access import ALWAYS, Decision, Edge, Effect, Grant, Reason, Ruling, decide, either, sentence, shown
from cloudscan.access.conditions import Unseen
from cloudscan.estate import RECORDED, Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Action, MediaClass, Step, Store
from cloudscan_aws import outsiders
from cloudscan_aws.askers import OVER_TLS, Asker, inside
from cloudscan_aws.facts import Facts, encryption
from cloudscan_aws.policy import callers
from cloudscan_aws.policy.callers import STRANGER, Caller
from cloudscan_aws.policy.documents import Malformed, Policy, Statement
from cloudscan_aws.policy.kms import evaluate_key_use
from cloudscan_aws.policy.s3 import evaluate_bucket_request, evaluate_object_request
from cloudscan_aws.policy.s3_facts import AccessPointFacts, BucketFacts, Encryption, ObjectFacts, Ownership
from cloudscan_aws.session import PROVIDER

_ON_OBJECTS: Mapping[Action, tuple[str, ...]] = {
    Action.READ: ("s3:GetObject", "s3:GetObjectVersion"),
    Action.WRITE: ("s3:PutObject",),
    Action.DELETE: ("s3:DeleteObject", "s3:DeleteObjectVersion"),
}
_ON_BUCKET = {Action.LIST: ("s3:ListBucket",), Action.ADMINISTER: ("s3:PutBucketPolicy", "s3:PutBucketAcl")}
_PLAIN = Encryption("SSE-S3")


@dataclass(frozen=True, slots=True)
class KeyClass:
    """Objects of one media class that no policy tells apart, and one of their keys."""

    media: MediaClass
    encryption_mode: str | None
    key_id: str | None
    owner: str | None
    objects: int
    bytes: int
    seconds: float
    example: str


UNNAMED = "an account that is not named"
"""The principal of a grant that only something unread could make."""


def derive(estate: Estate, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
    """Yield what anyone, outside accounts and the estate's own identities may do, and who may use the keys.

    ``stores`` narrows it to stores in question.
    """
    facts = Facts(estate)
    insiders = inside(facts)
    held = {corpus.store for corpus in estate.corpora}
    for store in sorted(estate.stores.values(), key=lambda one: one.id):
        asked = stores is None or store.id in stores
        if asked and store.provider == PROVIDER and store.kind == "bucket" and store.id in held:
            yield from _Bucket(facts, store).grants(insiders)
    yield from _key_grants(facts)


class _Bucket:
    """One bucket with everything that decides about it."""

    def __init__(self, facts: Facts, store: Store) -> None:
        self.facts = facts
        self.store = store
        self.bucket: BucketFacts = facts.bucket(store)
        self.doors: list[AccessPointFacts | None] = [None, *facts.access_points(store)]
        self._classes = cache(self._query)

    def grants(self, inside: Iterable[Asker]) -> Iterator[Grant]:
        """Yield every grant on the bucket."""
        for asker in self._outsiders():
            granted = [*self._on_objects(asker, self._object_calls()), *self._on_bucket(asker)]
            # Of somebody whom nothing names, only what is not known is worth telling.
            unsure = asker.principal == UNNAMED
            yield from (grant for grant in granted if not unsure or grant.decision.ruling is Ruling.UNKNOWN)
        for asker in inside:
            yield from self._on_objects(asker, {Action.READ: _ON_OBJECTS[Action.READ]})

    def _object_calls(self) -> Mapping[Action, tuple[str, ...]]:
        """Return what is asked about objects; their lists can be rewritten only where lists have effect."""
        if self.bucket.ownership is Ownership.BUCKET_OWNER_ENFORCED:
            return _ON_OBJECTS
        return {**_ON_OBJECTS, Action.ADMINISTER: ("s3:PutObjectAcl", "s3:PutObjectVersionAcl")}

    def _outsiders(self) -> Iterator[Asker]:
        """Yield anyone, anyone signed in, the outside parties that a document names, and one whom it may name."""
        yield Asker(ANYONE, callers.ANYONE)
        yield Asker(ANYONE_SIGNED_IN, STRANGER)
        yield from outsiders.named(self.bucket, self._resource_policies(), self.facts)
        if self._may_name_others():
            yield Asker(UNNAMED, callers.somebody_in(callers.NOBODYS_ACCOUNT), UNNAMED, outside=True)

    def _may_name_others(self) -> bool:
        """Whether something that was not read, or that is malformed, may admit an account that nothing else names."""
        if self.bucket.policy is None or any(door is not None and door.policy is None for door in self.doors):
            return True
        statements = (each for policy in self._resource_policies() for each in policy.document.statements)
        heeds_lists = self.bucket.ownership is not Ownership.BUCKET_OWNER_ENFORCED
        return heeds_lists or any(isinstance(each, Malformed) for each in statements)

    def _resource_policies(self) -> list[Policy]:
        doors = (door for door in self.doors if door is not None)
        return [*(self.bucket.policy or ()), *(policy for door in doors for policy in door.policy or ())]

    def _on_objects(self, asker: Asker, actions: Mapping[Action, tuple[str, ...]]) -> Iterator[Grant]:
        for found in self._classes(self._patterns(asker.caller)):
            for action, calls in actions.items():
                decision = either(self._ask(asker, call, found) for call in calls)
                if decision.ruling is not Ruling.NO:
                    yield self._grant(asker, action, decision, found)

    def _on_bucket(self, asker: Asker) -> Iterator[Grant]:
        for action, calls in _ON_BUCKET.items():
            decision = either(
                evaluate_bucket_request(
                    asker.caller,
                    call,
                    self.bucket,
                    access_point=door,
                    organization=self.facts.organization,
                    context=asker.told,
                )
                for call in calls
                for door in self.doors
            )
            if decision.ruling is not Ruling.NO:
                yield self._grant(asker, action, decision)

    def _ask(self, asker: Asker, call: str, found: KeyClass) -> Decision:
        """Ask about one key, through every door. An encryption that was not read may be either of two."""
        read = encryption(found.encryption_mode, found.key_id)
        if read is not None or self.bucket.encryption is None or self.bucket.encryption.mode == "SSE-S3":
            return self._through(asker, call, found, read or self.bucket.encryption)
        under_default = self._through(asker, call, found, self.bucket.encryption)
        plain = self._through(asker, call, found, _PLAIN)
        if under_default.ruling is plain.ruling:
            return under_default
        hangs = Unseen(f"whether these objects are under the default key of {self.store.name} was not read")
        return decide(hangs, plain.proof)

    def _through(self, asker: Asker, call: str, found: KeyClass, how: Encryption | None) -> Decision:
        owner = self.store.account if found.owner in (None, self.store.owner) else found.owner
        obj = ObjectFacts(owner=owner, encryption=how)
        return either(
            evaluate_object_request(
                asker.caller,
                call,
                self.bucket,
                found.example,
                obj,
                keys=self.facts.keys,
                access_point=door,
                organization=self.facts.organization,
                context=asker.told,
            )
            for door in self.doors
        )

    def _patterns(self, caller: Caller) -> tuple[str, ...]:
        """Return the expressions of the resource patterns that may tell keys of the bucket apart for a caller."""
        found = set()
        for policy in (*self._resource_policies(), *(caller.policies or ()), *(caller.boundaries or ())):
            for statement in policy.document.statements:
                if isinstance(statement, Statement):
                    for text in (*(statement.resources or ()), *(statement.not_resources or ())):
                        found |= self._expression(text, caller)
        return tuple(sorted(found))

    def _expression(self, text: str, caller: Caller) -> set[str]:
        """Turn a pattern into an expression over keys; nothing where it fits all keys or none."""
        user = caller.name.rpartition("/")[2]
        text = re.sub(r"\$\{\s*aws:username[^}]*\}", lambda _: user, text, flags=re.IGNORECASE)
        text = re.sub(r"\$\{[^}]*\}", "*", text)
        for start in (f"{self.bucket.arn}/", *(f"{door.arn}/object/" for door in self.doors if door is not None)):
            literal = re.split(r"[*?]", text, maxsplit=1)[0]
            if not (literal.startswith(start) or (literal != text and start.startswith(literal))):
                continue
            rest = text[len(start) :] if text.startswith(start) else None
            if rest == "*" or (rest is None and text.endswith("*") and text.count("*") == 1 and "?" not in text):
                continue
            body = rest if rest is not None else text
            expression = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in body)
            return {expression if rest is not None else f"@{start}@{expression}"}
        return set()

    def _query(self, patterns: tuple[str, ...]) -> list[KeyClass]:
        tests: list[str] = []
        parameters: list[object] = []
        for pattern in patterns:
            if pattern.startswith("@"):
                _, start, expression = pattern.split("@", 2)
                tests.append("regexp_full_match(? || key, ?, 's')")
                parameters += [start, expression]
            else:
                tests.append("regexp_full_match(key, ?, 's')")
                parameters.append(pattern)
        recorded = ", ".join(f"'{media}'" for media in RECORDED)
        sql = f"""
            SELECT media, encryption_mode, key_id, owner,
                count(*), sum(size)::BIGINT, coalesce(sum(seconds), 0), min(key)
            FROM objects WHERE store = ? AND current AND NOT delete_marker AND media IN ({recorded})
            GROUP BY {", ".join(["media, encryption_mode, key_id, owner", *tests])} ORDER BY 1, 2, 3, 4, 8
        """  # noqa: S608 - our own names; values are parameters
        rows = self.facts.estate.objects.query(sql, [self.store.id, *parameters])
        return [KeyClass(MediaClass(row[0]), *row[1:]) for row in rows]

    def _grant(self, asker: Asker, action: Action, decision: Decision, found: KeyClass | None = None) -> Grant:
        target = self.store.id if found is None else f"{self.store.id}/{found.example}"
        return Grant(
            principal=asker.principal,
            action=action,
            store=self.store.id,
            decision=decision,
            prove=lambda: steps(asker.principal, action, target, decision),
            media=found.media if found else None,
            objects=found.objects if found else 0,
            bytes=found.bytes if found else 0,
            seconds=found.seconds if found else 0.0,
            example=found.example if found else None,
            account=asker.account,
            outside=asker.outside,
        )


def _key_grants(facts: Facts) -> Iterator[Grant]:
    """Yield who outside the account may decrypt with the customer keys. KMS serves no unsigned request."""
    for name, key in sorted(facts.keys.items()):
        if key.managed_by_aws:
            continue
        decision = evaluate_key_use(STRANGER, "Decrypt", key, organization=facts.organization, context=OVER_TLS)
        if decision.ruling is not Ruling.NO:
            path = steps(ANYONE_SIGNED_IN, Action.DECRYPT, name, decision)
            yield Grant(ANYONE_SIGNED_IN, Action.DECRYPT, name, decision, shown(*path))


def steps(principal: str, action: Action, target: str, decision: Decision) -> tuple[Step, ...]:
    """Turn the proof of a decision into the steps of a finding's path."""
    said = [
        reason
        for reason in decision.proof
        if reason.effect in (Effect.ALLOWS, Effect.ASSUMES) and not reason.statement.startswith(callers.EVERYTHING.name)
    ]
    return tuple(
        Step(principal, action, target, reason.sentence, _condition(reason), reason.statement)
        for reason in dict.fromkeys(said)
    )


def _condition(reason: Reason) -> str:
    return "" if reason.condition is ALWAYS else sentence(reason.condition)
