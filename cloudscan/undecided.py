"""What the policy file decides of nothing, and what it decides nothing of: neither gives a verdict, so both are said.

A rule of retention that fits no store looks like a schedule that is kept, and recordings that no rule speaks of look
like recordings that are in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloudscan.estate import RECORDED, Estate
from cloudscan.model import MediaClass, Store
from cloudscan.policy import Policy, Retention
from cloudscan.wording import count

_NOUNS = {MediaClass.SPEECH: "recording", MediaClass.TRANSCRIPT: "transcript", MediaClass.VIDEO: "video"}
_Held = Mapping[MediaClass, Mapping[str, int]]
_COUNTS = "SELECT store, media, count(*) FROM objects WHERE NOT delete_marker GROUP BY 1, 2 ORDER BY 1, 2"


def undecided(estate: Estate, policy: Policy) -> Iterator[str]:
    """Yield a sentence for each rule of retention that decides nothing, and for what no rule decides on."""
    held: dict[MediaClass, dict[str, int]] = {media: {} for media in MediaClass}
    for store, rows in estate.objects.by_store(_COUNTS).items():
        for media, objects in rows:
            held[MediaClass(media)][store] = objects
    for number, rule in enumerate(policy.retention):
        yield from _idle(estate, policy, number, rule, held)
    yield from _without(estate, policy, held)


def _idle(estate: Estate, policy: Policy, number: int, rule: Retention, held: _Held) -> Iterator[str]:
    """Yield why a rule decides nothing, or less than it looks like."""
    name = f"retention[{number}] of the policy file{_terms(rule)}"
    stores = list(estate.stores.values())
    blind = [store for store in stores if rule.labels and store.labels is None and rule.named(store)]
    if blind:
        yield f"{name} was not applied to {count(len(blind), 'store')} whose labels were not read"
    fitting = [store for store in stores if rule.fits(store)]
    if not fitting:
        yield f"{name} fits no store"
        return
    media = [one for one in RECORDED if rule.media in ("any", one)]
    there = [(store, one) for store in fitting for one in media if store.id in held[one]]
    if not there:
        nouns = " or ".join(_NOUNS[one] for one in media)
        yield f"{name} fits {count(len(fitting), 'store')}, and no {nouns} was seen there"
    elif not any(policy.retention_of(store, one) is rule for store, one in there):
        yield f"{name} decides nothing: rules before it fit all that it fits"


def _terms(rule: Retention) -> str:
    terms = [f"stores {rule.stores}"] if rule.stores != "*" else []
    terms += [f"media {rule.media}"] if rule.media != "any" else []
    terms += ["labels " + ", ".join(f"{name}={value}" for name, value in rule.labels.items())] if rule.labels else []
    return f" ({', '.join(terms)})" if terms else ""


def _without(estate: Estate, policy: Policy, held: _Held) -> Iterator[str]:
    said, all_objects = [], 0
    for media in RECORDED:
        left = {store.id for store in _holding(estate, held[media]) if policy.retention_of(store, media) is None}
        objects = sum(held[media][name] for name in left)
        all_objects += objects
        if left:
            said.append(f"{count(objects, _NOUNS[media])} in {count(len(left), 'store')}")
    if said:
        yield f"no retention rule speaks of {', '.join(said)}: {_judged(all_objects)}"
    if open_ones := held[MediaClass.UNSETTLED]:
        objects, places = sum(open_ones.values()), count(len(open_ones), "store")
        yield f"{count(objects, 'object')} in {places} may or may not be speech: {_judged(objects)}"


def _holding(estate: Estate, held: Mapping[str, int]) -> Sequence[Store]:
    return [estate.stores[name] for name in sorted(held) if name in estate.stores]


def _judged(objects: int) -> str:
    return f"{'its' if objects == 1 else 'their'} age is judged by nothing"
