"""What the policy file decides of nothing, and what it decides nothing of: neither gives a verdict, so both are said.

A rule of retention that fits no store looks like a schedule that is kept, and recordings that no rule speaks of look
like recordings that are in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from cloudscan.estate import RECORDED, Estate
from cloudscan.model import MediaClass, Store
from cloudscan.policy.faults import near
from cloudscan.policy.file import Policy, Retention, globs
from cloudscan.provider import Facet
from cloudscan.tables.slices import Slice, shortest
from cloudscan.wording import count

_NOUNS = {MediaClass.SPEECH: "recording", MediaClass.TRANSCRIPT: "transcript", MediaClass.VIDEO: "video"}
_Held = Mapping[MediaClass, Mapping[str, int]]
_COUNTS = "SELECT store, media, count(*) FROM objects WHERE NOT delete_marker GROUP BY 1, 2 ORDER BY 1, 2"


def undecided(estate: Estate, policy: Policy) -> Iterator[str]:
    """Yield a sentence for each rule of retention that decides nothing, and for what no rule decides on."""
    held = _held(estate)
    for number, rule in enumerate(policy.retention):
        yield from _idle(estate, policy, number, rule, held)
    yield from _without(estate, policy, held)


def _held(estate: Estate) -> _Held:
    held: dict[MediaClass, dict[str, int]] = {media: {} for media in MediaClass}
    for store, rows in estate.objects.by_store(_COUNTS).items():
        for media, objects in rows:
            held[MediaClass(media)][store] = objects
    return held


def _idle(estate: Estate, policy: Policy, number: int, rule: Retention, held: _Held) -> Iterator[str]:
    """Yield why a rule decides nothing, or less than it looks like."""
    name = f"retention[{number}] of the policy file{_terms(rule)}"
    stores = list(estate.stores.values())
    blind = [store for store in stores if rule.may_fit(store)]
    if blind:
        places = count(len(blind), "store")
        yield f"{name} may be about {places} whose labels were not read: collect with this file, --policy, to read them"
    fitting = [store for store in stores if rule.fits(store)]
    if not fitting and blind:
        return
    if not fitting:
        yield f"{name} fits no store{_meant(rule, stores)}"
        return
    media = [one for one in RECORDED if rule.media in ("any", one)]
    there = [(store, one) for store in fitting for one in media if store.id in held[one]]
    if not there:
        nouns = " or ".join(_NOUNS[one] for one in media)
        yield f"{name} fits {count(len(fitting), 'store')}, and no {nouns} was seen there"
    elif not any(_under(estate, rule, store, one) for store, one in there):
        nouns = " or ".join(_NOUNS[one] for one in media if any(one is of for _, of in there))
        cut = {store.id for store, _ in there if estate.gaps_on(store.id, Facet.OBJECTS)}
        places = "it was" if len(fitting) == 1 else f"{len(cut):,} of them {'was' if len(cut) == 1 else 'were'}"
        seen = f", as far as was listed: {places} not listed whole" if cut else ""
        begun = f"no key of a {nouns} begins so{seen}{_meant_keys(estate, rule, there)}"
        yield f"{name} fits {count(len(fitting), 'store')}, and {begun}"
    elif not any(_decides(estate, policy, rule, store, one) for store, one in there):
        left = any(_part_of(policy, rule, store, one) is not None for store, one in there)
        nothing = "nothing that was seen: every key is for rules before it, and what comes elsewhere is left to it"
        yield f"{name} decides {nothing if left else 'nothing: rules before it fit all that it fits'}"


def _under(estate: Estate, rule: Retention, store: Store, media: MediaClass) -> bool:
    """Say whether objects of a class lie in a store under the prefixes of a rule; of one without, that is known."""
    return not rule.prefixes or store.id in estate.objects.counted_in(Slice(shortest(rule.prefixes)), media)


def _decides(estate: Estate, policy: Policy, rule: Retention, store: Store, media: MediaClass) -> bool:
    """Say whether a rule decides on objects of a class that lie in a store."""
    part = _part_of(policy, rule, store, media)
    return part is not None and (part.whole or store.id in estate.objects.counted_in(part, media))


def _part_of(policy: Policy, rule: Retention, store: Store, media: MediaClass) -> Slice | None:
    """Return the part of a store that rules before it leave to a rule; None where they leave none."""
    for decided, part, perhaps in policy.retention_of(store, media):
        if any(each is rule for each in (decided, *perhaps)):
            return part
    return None


def _meant_keys(estate: Estate, rule: Retention, there: Sequence[tuple[Store, MediaClass]]) -> str:
    """Name the prefix that one with which no key begins may mean; "" where none is near."""
    named = {f"{name}/" for store, _ in there for name in (store.name, store.name.rpartition("/")[2])}
    for prefix in rule.prefixes:
        word = re.sub(r"^(s3|gs|https)://", "", prefix).rstrip("*").lstrip("/")
        inside = sorted(word.removeprefix(name) for name in named if word.startswith(name))
        for meant in dict.fromkeys((prefix.rstrip("*"), prefix.lstrip("/"), word, *inside)):
            part = Slice((meant,))
            if meant not in ("", prefix) and any(
                store.id in estate.objects.counted_in(part, of) for store, of in there
            ):
                return f"; did you mean {meant!r}? Keys are taken letter by letter"
    return ""


def _meant(rule: Retention, stores: Sequence[Store]) -> str:
    """Name the store that a glob which fits none may mean; "" where none is near."""
    if any(map(rule.named, stores)):
        return ""
    names = {store.name for store in stores}
    for one in globs(rule.stores):
        if hint := near(one.replace("*", ""), sorted(names)):
            return hint
        if other := next((name for name in sorted(names) if fnmatchcase(name.casefold(), one.casefold())), None):
            return f"; did you mean {other!r}? Names are told apart by case"
    return ""


def astray(estate: Estate, policy: Policy) -> bool:
    """Say whether rules miss what they may be meant for: one fits no store, or its prefix no key, and no rule speaks of
    some recordings; or labels that were not read tell which rule decides on some.
    """
    held = _held(estate)
    holding = {name for media in RECORDED for name in held[media]}
    if any(rule.may_fit(estate.stores[name]) for rule in policy.retention for name in holding & estate.stores.keys()):
        return True
    return any(_missing(estate, rule, held) for rule in policy.retention) and any(_left(estate, policy, held))


def _missing(estate: Estate, rule: Retention, held: _Held) -> bool:
    """Say whether a rule fits no store, or its prefix no object of those that it may be about."""
    fitting = [store for store in estate.stores.values() if rule.fits(store) or rule.may_fit(store)]
    media = [one for one in RECORDED if rule.media in ("any", one)]
    there = [(store, one) for store in fitting for one in media if store.id in held[one]]
    return not fitting or (bool(there) and not any(_under(estate, rule, store, one) for store, one in there))


def _terms(rule: Retention) -> str:
    terms = [f"stores {', '.join(globs(rule.stores))}"] if rule.stores != "*" else []
    terms += [f"prefix {', '.join(rule.prefixes)}"] if rule.prefixes else []
    terms += [f"media {rule.media}"] if rule.media != "any" else []
    terms += ["labels " + ", ".join(f"{name}={value}" for name, value in rule.labels.items())] if rule.labels else []
    return f" ({', '.join(terms)})" if terms else ""


def _without(estate: Estate, policy: Policy, held: _Held) -> Iterator[str]:
    said, all_objects = [], 0
    for media, objects, stores in _left(estate, policy, held):
        all_objects += objects
        said.append(f"{count(objects, _NOUNS[media])} in {count(stores, 'store')}")
    if said:
        yield f"no retention rule speaks of {', '.join(said)}: {_judged(all_objects)}"
    if open_ones := held[MediaClass.UNSETTLED]:
        objects, places = sum(open_ones.values()), count(len(open_ones), "store")
        yield f"{count(objects, 'object')} in {places} may or may not be speech: {_judged(objects)}"


def _left(estate: Estate, policy: Policy, held: _Held) -> Iterator[tuple[MediaClass, int, int]]:
    """Yield how many objects of a class no rule speaks of, and in how many stores."""
    for media in RECORDED:
        left = [_ruleless(estate, policy, store, media, held) for store in _holding(estate, held[media])]
        if any(left):
            yield media, sum(left), sum(objects > 0 for objects in left)


def _ruleless(estate: Estate, policy: Policy, store: Store, media: MediaClass, held: _Held) -> int:
    """Return how many objects of a class lie in a store of which no rule speaks."""
    parts = policy.retention_of(store, media)
    if parts and not parts[-1].slice.prefixes:
        return 0
    ruled = (estate.objects.counted_in(part.slice, media).get(store.id, 0) for part in parts)
    return held[media][store.id] - sum(ruled)


def _holding(estate: Estate, held: Mapping[str, int]) -> Sequence[Store]:
    return [estate.stores[name] for name in sorted(held) if name in estate.stores]


def _judged(objects: int) -> str:
    return f"{'its' if objects == 1 else 'their'} age is judged by nothing"
