"""A bucket with everything that decides about its objects, and the questions that are asked of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache

from cloudscan.access import Decision, Effect, Reason, Ruling, both, decide, either
from cloudscan.access.answers import Reasons
from cloudscan.access.conditions import Unseen
from cloudscan.access.keyspace import KeyClass
from cloudscan.access.patterns import Pattern
from cloudscan.access.remainders import ANYTHING, Pieces, remainders
from cloudscan.model import Store
from cloudscan_aws.alike import Askers, Crowd, filled
from cloudscan_aws.askers import Asker
from cloudscan_aws.contents import Matter
from cloudscan_aws.facts import Facts, encryption
from cloudscan_aws.policy.callers import Caller
from cloudscan_aws.policy.documents import Policy, Statement
from cloudscan_aws.policy.kms import KeyFacts
from cloudscan_aws.policy.matching import pattern, tells_apart
from cloudscan_aws.policy.organization import Guardrails
from cloudscan_aws.policy.s3 import evaluate_bucket_request, evaluate_object_request
from cloudscan_aws.policy.s3_facts import AccessPointFacts, BucketFacts, Encryption, ObjectFacts
from cloudscan_aws.policy.s3_key import key_named

READ_CALLS = ("s3:GetObject", "s3:GetObjectVersion")
"""The calls that read an object. A deny of one leaves the other open."""
_PLAIN = Encryption("SSE-S3")


class Bucket:
    """One bucket as it is, or as it would be with another policy or other keys (:meth:`changed`)."""

    def __init__(
        self, facts: Facts, store: Store, held: BucketFacts | None = None, keys: Mapping[str, KeyFacts] | None = None
    ) -> None:
        self.facts = facts
        self.store = store
        self.held: BucketFacts = facts.bucket(store) if held is None else held
        self.keys = facts.keys if keys is None else keys
        self.doors: list[AccessPointFacts | None] = [None, *facts.access_points(store)]

    def changed(self, *, policy: Policy | None = None, keys: Iterable[KeyFacts] = ()) -> Bucket:
        """Return it with another policy in place of its own, and with other keys in place of those of their ARNs.

        A policy that admits an account, or everybody, admits all of a crowd alike; one that names an identity does not.
        """
        held = self.held if policy is None else replace(self.held, policy=(policy,))
        return Bucket(self.facts, self.store, held, {**self.keys, **{key.arn: key for key in keys}})

    @cached_property
    def policies(self) -> list[Policy]:
        """The policies of it and of its other doors that were read."""
        doors = (door for door in self.doors if door is not None)
        return [*(self.held.policy or ()), *(policy for door in doors for policy in door.policy or ())]

    @cached_property
    def _encryptions(self) -> list[Encryption]:
        """How its default or one of its objects is encrypted, as far as that was read, the default first."""
        sql = "SELECT DISTINCT store, encryption_mode, key_id FROM objects WHERE current ORDER BY ALL"
        told = [encryption(*row) for row in self.facts.estate.objects.by_store(sql).get(self.store.id, ())]
        return [each for each in (self.held.encryption, *told) if each is not None]

    @cached_property
    def used_keys(self) -> list[KeyFacts]:
        """The KMS keys that its default or one of its objects is encrypted under, as far as that was read."""
        found = [key_named(each.key, self.held, self.keys) for each in self._encryptions if _under_kms(each)]
        return list({key.arn: key for key in found}.values())

    @cached_property
    def _perhaps(self) -> list[Encryption]:
        """How an object may be encrypted of which that was not read: with no key, which asks least, or as others of it.

        From the "Amazon S3 User Guide", default encryption: a request may name another key, and a default that is set
        does not change what is there.
        """
        found: dict[str, Encryption] = {}
        for each in (_PLAIN, *self._encryptions):
            named = key_named(each.key, self.held, self.keys).arn if _under_kms(each) else ""
            found.setdefault("SSE-C" if each.mode == "SSE-C" else named, each)
        return list(found.values())

    def crowds(self, askers: Askers, *further: Matter, heard: Iterable[Policy] = ()) -> list[Crowd]:
        """Sort callers into crowds that read alike, and are alike in further matters, which come last.

        ``heard`` are the policies of what those are about.
        """
        reads = frozenset(call.lower() for call in READ_CALLS)
        matters = [Matter(reads, start) for start in self.starts]
        matters.append(Matter(frozenset({"kms:decrypt"}), exactly=tuple(key.arn for key in self.used_keys)))
        of_keys = [key.policy for key in self.used_keys if key.policy is not None]
        grants = [grant for key in self.used_keys for grant in key.grants or ()]
        grantees = [(number, grant.grantee) for number, grant in enumerate(grants)]
        return askers.crowds(*matters, *further, speakers=[*self.policies, *of_keys, *heard], grantees=grantees)

    @property
    def starts(self) -> list[str]:
        """What the ARNs of its objects begin with, at each door."""
        return [f"{self.held.arn}/", *(f"{door.arn}/object/" for door in self.doors if door is not None)]

    def patterns(self, asker: Asker, crowd: Crowd | None = None) -> frozenset[Pieces]:
        """Return what may tell its keys apart for a caller: patterns of its own policies and of the caller's.

        Of a crowd's policies only those count that still matter.
        """
        found: set[Pieces] = set()
        caller = asker.caller
        own = [*(caller.policies or ()), *(caller.boundaries or ()), *caller.session_policies]
        for number, start in enumerate(self.starts):
            found |= _asked(self._asked, asker, start)
            found |= _asked(_texts(own), asker, start) if crowd is None else crowd.patterns(number)
        return frozenset(found) - ANYTHING

    @cached_property
    def _asked(self) -> Collection[Pattern]:
        return _texts(self.policies)

    def decide(self, asker: Asker, calls: Collection[str], found: KeyClass) -> Decision:
        """Ask whether one of some calls is allowed on a class of keys."""
        return self.by_one_of(calls, asker, lambda call: self.ask(asker, call, found))

    def by_one_of(self, calls: Collection[str], asker: Asker, ask: Callable[[str], Decision]) -> Decision:
        """Ask whether one of some calls is allowed, once for all of them where no document tells them apart."""
        several = len(calls) if self._tells_apart(tuple(call.lower() for call in calls), asker.caller) else 1
        return either(map(ask, [*calls][:several]), map(ask, [*calls][several:]))

    def _tells_apart(self, calls: tuple[str, ...], caller: Caller) -> bool:
        organization = self.facts.organization
        over = () if organization is None else (organization.over(caller.account), organization.over(self.held.account))
        return len(calls) > 1 and (
            _own_tell_apart(caller, calls)
            or any(tells_apart(policy.document, calls) for policy in self.policies)
            or any(_guards_tell_apart(each, calls) for each in over)
        )

    def ask(self, asker: Asker, call: str, found: KeyClass) -> Decision:
        """Ask about one call, through every door."""
        return self.encrypted(found, lambda how: self._through(asker, call, found, how))

    def encrypted(self, found: KeyClass, ask: Callable[[Encryption | None], Decision]) -> Decision:
        """Ask with the encryption of a class of keys, or with each that it may have where that was not read.

        A yes then holds for all of these, and tells that it assumes no other; where they differ it is not known.
        """
        read = encryption(found.encryption_mode, found.key_id)
        if read is not None or self.held.encryption is None:
            return ask(read)
        if len(self._perhaps) == 1:  # nothing of the bucket is known to be under a key
            return ask(self.held.encryption)
        asked = [ask(how) for how in self._perhaps]
        unread = f"which key these objects of {self.store.name} are under was not read"
        if any(each.ruling is not asked[0].ruling for each in asked):
            return decide(Unseen(unread), asked[0].proof)
        every = both(asked)
        if every.ruling in (Ruling.NO, Ruling.UNKNOWN):
            return every
        assumed = Reason(Effect.ASSUMES, f"{unread}: that of its default, one of its other objects or none is assumed")
        return replace(every, proof=Reasons(lambda: (*every.proof, assumed)))

    def _through(self, asker: Asker, call: str, found: KeyClass, how: Encryption | None) -> Decision:
        owner = self.store.account if found.owner in (None, self.store.owner) else found.owner
        obj = ObjectFacts(owner=owner, acl=self.facts.object_acl(found.acl), encryption=how)
        return either(
            evaluate_object_request(
                asker.caller,
                call,
                self.held,
                found.example,
                obj,
                keys=self.keys,
                access_point=door,
                organization=self.facts.organization,
                context=asker.told,
            )
            for door in self.doors
        )

    def decide_on_itself(self, asker: Asker, calls: Iterable[str]) -> Decision:
        """Ask whether one of some calls on the bucket itself is allowed, through any door."""
        return either(
            evaluate_bucket_request(
                asker.caller,
                call,
                self.held,
                access_point=door,
                organization=self.facts.organization,
                context=asker.told,
            )
            for call in calls
            for door in self.doors
        )


def _under_kms(how: Encryption) -> bool:
    return how.mode in ("SSE-KMS", "DSSE-KMS")


@lru_cache(maxsize=1 << 14)
def _own_tell_apart(caller: Caller, calls: tuple[str, ...]) -> bool:
    own = (*(caller.policies or ()), *(caller.boundaries or ()), *caller.session_policies)
    return any(tells_apart(policy.document, calls) for policy in own)


@lru_cache(maxsize=1 << 10)
def _guards_tell_apart(over: Guardrails, calls: tuple[str, ...]) -> bool:
    levels = (*(over.service or ()), *(over.resource or ()))
    return any(tells_apart(policy.document, calls) for level in levels for policy in level)


def _texts(policies: Iterable[Policy]) -> Collection[Pattern]:
    """Return the resource patterns of policies."""
    statements = (each for policy in policies for each in policy.document.statements if isinstance(each, Statement))
    return {
        pattern(text, wild=True, variables=statement.variables)
        for statement in statements
        for text in (*(statement.resources or ()), *(statement.not_resources or ()))
    }


def _asked(patterns: Collection[Pattern], asker: Asker, start: str) -> frozenset[Pieces]:
    """Return what patterns ask of what follows a start, their variables filled in for a caller."""
    return frozenset().union(
        *(filled(each, asker, start) if each.references else remainders(each, start) for each in patterns)
    )
