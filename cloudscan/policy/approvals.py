"""Readers, keys and regions that the policy file approves of and that nothing here is: a decision about nothing looks
like one that is kept, so it is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase

from cloudscan.estate import Estate
from cloudscan.model import MediaClass
from cloudscan.policy.faults import near
from cloudscan.policy.file import ApprovedReaders, Policy, globs
from cloudscan.reach.lookup import abroad, calls

_KEYS = "SELECT DISTINCT key_id FROM objects WHERE key_id IS NOT NULL"
_NO_KEY = "keys.approved of the policy file names {!r}, and no key that was seen is called so"
_NO_REGION = "regions of the policy file names {!r}, and no store that was seen lies there"


def in_vain(estate: Estate, policy: Policy, named: Collection[str] = ()) -> Iterator[str]:
    """Yield a sentence for each rule of readers that decides nothing, and each name that nothing has.

    ``named`` are those who can read or take steps, of whom there may be no record.
    """
    for number, rule in enumerate(policy.access.approved_readers):
        yield from _readers(estate, policy, number, rule, named)
    yield from _nameless(policy.keys.approved, _keys(estate) if policy.keys.approved else (), _NO_KEY)
    yield from _nameless(policy.regions, {store.region for store in estate.stores.values()}, _NO_REGION)


def readers_astray(estate: Estate, policy: Policy) -> bool:
    """Say whether a rule of readers fits no store while no such rule speaks of one with recordings or transcripts."""
    stores = estate.stores.values()
    if all(any(map(rule.fits, stores)) for rule in policy.access.approved_readers):
        return False
    spoken = estate.stores_with(MediaClass.SPEECH, MediaClass.TRANSCRIPT)
    return any(policy.approved_readers_of(store) is None for store in spoken)


def _readers(
    estate: Estate, policy: Policy, number: int, rule: ApprovedReaders, named: Collection[str]
) -> Iterator[str]:
    """Yield why a rule decides nothing, or of whom it approves in vain."""
    about = f" (stores {', '.join(globs(rule.stores))})" if rule.stores != "*" else ""
    name = f"access.approved_readers[{number}] of the policy file{about}"
    fitting = [store for store in estate.stores.values() if rule.fits(store)]
    if not fitting:
        names = {store.name for store in estate.stores.values()}
        hints = (_meant(one, names) for one in globs(rule.stores))
        yield f"{name} fits no store{next(filter(None, hints), '')}"
        return
    if not any(policy.approved_readers_of(store) is rule for store in fitting):
        yield f"{name} decides nothing: rules before it fit all that it fits"
        return
    known = {*estate.principals, *estate.federations, *named}
    called = {each for who in known for each in (who, *calls(estate, who))}
    for word in rule.principals:
        if word not in called and not any(fnmatchcase(who, word) for who in known):
            words = f"{name} approves of {word!r}, and nobody who was seen is called so"
            strangers = abroad(estate, word)
            another = "; in another directory, which chooses its names, somebody is: give the id,"
            yield f"{words}{another} {' or '.join(strangers)}" if strangers else f"{words}{_meant(word, called)}"


def _nameless(patterns: Sequence[str], names: Collection[str], words: str) -> Iterator[str]:
    """Yield in these words each glob that fits no name."""
    for one in patterns:
        if not any(fnmatchcase(name, one) for name in names):
            yield f"{words.format(one)}{_meant(one, names)}"


def _meant(word: str, names: Collection[str]) -> str:
    """Name what a word or glob that fits nothing may mean, as it is written; "" where nothing is near."""
    plain = {name.casefold(): name for name in sorted(names)}
    hint = near(word.replace("*", ""), list(plain))
    return next((f"; did you mean {name!r}?" for one, name in plain.items() if hint == f"; did you mean {one!r}?"), "")


def _keys(estate: Estate) -> Collection[str]:
    """Return all by which keys are called: the estate's own, those of stores and those of objects."""
    held = {name for one in estate.keys.values() for name in (one.id, *(one.aliases or ()))}
    used = {one.encryption.key for one in estate.stores.values() if one.encryption}
    return {name for name in held | used | {name for (name,) in estate.objects.query(_KEYS)} if name}
