"""What the policy file decides of nothing, and what it decides nothing of: neither gives a verdict, so both are said.

A rule of retention that fits no store looks like a schedule that is kept, and recordings that no rule speaks of look
like recordings that are in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from cloudscan.estate import RECORDED, Estate
from cloudscan.model import MediaClass, Store
from cloudscan.policy import Policy, Retention, globs
from cloudscan.policy_faults import near
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
    blind = [store for store in stores if rule.labels and store.labels is None and rule.named(store)]
    if blind:
        yield f"{name} was not applied to {count(len(blind), 'store')} whose labels were not read"
    fitting = [store for store in stores if rule.fits(store)]
    if not fitting:
        yield f"{name} fits no store{_meant(rule, stores)}"
        return
    media = [one for one in RECORDED if rule.media in ("any", one)]
    there = [(store, one) for store in fitting for one in media if store.id in held[one]]
    if not there:
        nouns = " or ".join(_NOUNS[one] for one in media)
        yield f"{name} fits {count(len(fitting), 'store')}, and no {nouns} was seen there"
    elif not any(policy.retention_of(store, one) is rule for store, one in there):
        yield f"{name} decides nothing: rules before it fit all that it fits"


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
    """Say whether rules miss what they may be meant for: one fits no store, and no rule speaks of some recordings."""
    fits_none = any(not any(rule.fits(store) for store in estate.stores.values()) for rule in policy.retention)
    return fits_none and any(_left(estate, policy, _held(estate)))


def _terms(rule: Retention) -> str:
    terms = [f"stores {', '.join(globs(rule.stores))}"] if rule.stores != "*" else []
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
        left = {store.id for store in _holding(estate, held[media]) if policy.retention_of(store, media) is None}
        if left:
            yield media, sum(held[media][name] for name in left), len(left)


def _holding(estate: Estate, held: Mapping[str, int]) -> Sequence[Store]:
    return [estate.stores[name] for name in sorted(held) if name in estate.stores]


def _judged(objects: int) -> str:
    return f"{'its' if objects == 1 else 'their'} age is judged by nothing"
