"""Which keys protect recordings, as far as stores' defaults and the heads of objects tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cloudscan.check import Check, World
from cloudscan.estate import Estate
from cloudscan.model import Answer, Finding, Key, MediaClass, Store
from cloudscan.provider import Facet
from cloudscan.tables.objects import seconds
from cloudscan_checks._facts import listed, missing, not_seen, unread


@dataclass(frozen=True, slots=True)
class Use:
    """Recordings of one store that were looked at and share one encryption. ``mode`` as in ``Encryption``."""

    mode: str
    key: str | None
    objects: int
    seconds: float
    example: str


def uses(estate: Estate) -> Mapping[str, tuple[Use, ...]]:
    """Return for each store how its recordings are encrypted, of those whose heads were read."""
    rows = estate.objects.query(
        f"""
        SELECT store, encryption_mode, key_id, count(*), {seconds()}, min(key)
        FROM objects WHERE media = 'speech' AND current AND NOT delete_marker AND encryption_mode IS NOT NULL
        GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, 2, 3
        """  # noqa: S608 - our own words
    )
    found: dict[str, list[Use]] = defaultdict(list)
    for store, *facts in rows:
        found[store].append(Use(*facts))
    return {store: tuple(several) for store, several in found.items()}


def approval(world: World, mode: str, name: str | None) -> tuple[Answer, str]:
    """Say whether the policy file approves an encryption, and in words why not or why that is not known.

    Approved keys are globs of ids or aliases; where none are named, any key that the customer manages will do.
    """
    key = world.estate.key(name)
    if world.policy.keys.approved:
        names = {*([name] if name else []), *((key.id, *(key.aliases or ())) if key else ())}
        if world.policy.approves_key(*sorted(names)):
            return Answer.YES, ""
        if name is not None and (key is None or key.aliases is None):
            return Answer.UNKNOWN, f"{name}, which may have an approved name: its aliases are not known"
        return Answer.NO, f"not an approved key ({name})" if name else "not an approved key"
    if mode == "customer-supplied":
        return Answer.YES, ""
    if mode != "customer":
        return Answer.NO, "not a customer key"
    if key is None or key.manager is None:
        return Answer.UNKNOWN, f"{name}, of which it is not known who manages it"
    return Answer.of(key.manager == "customer"), f"not a customer key: the cloud manages {name}"


@dataclass(frozen=True, slots=True)
class Guard:
    """A key that protects recordings: by a store's default, or by the heads of ``read`` recordings.

    ``key`` is None when the estate does not hold it.
    """

    name: str
    key: Key | None
    stores: tuple[Store, ...]
    read: int

    def __str__(self) -> str:
        """Say what it protects."""
        return f"recordings in {listed([store.name for store in self.stores], 3)}"

    @property
    def evidence(self) -> dict[str, object]:
        """Whose key it is."""
        return {"stores": [store.id for store in self.stores], "recordings_looked_at": self.read}


def guards(estate: Estate) -> Iterator[Guard]:
    """Yield the keys that protect recordings, by name. Keys that the cloud holds alone have no name."""
    stores: dict[str, dict[str, Store]] = defaultdict(dict)
    read: dict[str, int] = defaultdict(int)
    used = uses(estate)
    for store in estate.stores_with(MediaClass.SPEECH):
        default = store.encryption.key if store.encryption else None
        for name, objects in [(default, 0), *((use.key, use.objects) for use in used.get(store.id, ()))]:
            if name is not None:
                key = estate.key(name)
                own = key.id if key else name
                stores[own][store.id] = store
                read[own] += objects
    for name in sorted(stores):
        yield Guard(name, estate.key(name), tuple(stores[name].values()), read[name])


def unseen_key(check: Check, world: World, guard: Guard) -> Iterator[Finding]:
    """Say of every store under a key that the estate does not hold that nothing is known of the key."""
    for store in guard.stores:
        gaps = (*missing(world.estate, store, Facet.KEYS), *world.estate.gaps_on(guard.name, Facet.KEYS))
        message = unread(f"the key {guard.name}, which protects its recordings,", gaps)
        evidence = {"key": guard.name} | not_seen(gaps)
        yield check.unknown(store, message, locator=guard.name, evidence=evidence, names={"key": guard.name})
