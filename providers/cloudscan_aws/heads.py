"""A look at single objects: their own metadata and, if asked for, their first bytes. No byte is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from cloudscan.audio import recognise
from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Collected, Facet, HeadRow, HeadWish, Scope, Unit
from cloudscan_aws import s3_read
from cloudscan_aws.clients import Clients
from cloudscan_aws.discovery import Session
from cloudscan_aws.session import PROVIDER, Asker

Entered = tuple[Clients | None, list[Gap | Coverage]]


def units(scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
    """Return one unit for each bucket. Raises as :meth:`Session.open` does."""
    if not wishes:
        return []
    session = Session.open(scope)
    accounts = sorted({wish.account for wish in wishes})
    with ThreadPoolExecutor(max_workers=scope.workers, thread_name_prefix="plan") as pool:
        entered = dict(zip(accounts, pool.map(session.enter, accounts), strict=True))
    grouped: dict[tuple[str, str], list[HeadWish]] = defaultdict(list)
    for wish in wishes:
        grouped[wish.account, wish.store].append(wish)
    return [
        Unit(
            f"{PROVIDER}/{account}/heads/{store.rpartition(':')[2]}",
            f"{account} {store.rpartition(':')[2]} heads",
            partial(collect, entered[account], wanted),
        )
        for (account, store), wanted in grouped.items()
    ]


def collect(entered: Entered, wishes: Sequence[HeadWish]) -> Iterator[Collected]:
    """Look at objects of one bucket.

    A denied answer holds for the bucket: the same is not asked again, and one Gap counts what was left out.
    """
    clients, noticed = entered
    if clients is None:
        yield from noticed
        return
    store, region = wishes[0].store, wishes[0].region
    asker = Asker(clients, region)
    missed: Counter[Gap] = Counter()
    denied: dict[str, Gap] = {}
    for wish in wishes:
        method = "get_object" if wish.read and wish.size else "head_object"
        if method in denied:
            asker.count(Facet.HEADS, answered=False)
            missed[denied[method]] += 1
            continue
        reply = asker.run(
            partial(_look, clients.client("s3", region), method, wish),
            facet=Facet.HEADS,
            resource=store,
            operation=f"s3:{method}",
            permission="s3:GetObjectVersion" if wish.version else "s3:GetObject",
        )
        if isinstance(reply, dict):
            yield read_head(wish, reply)
        elif isinstance(reply, Gap):
            if reply.detail == "400" and reply not in missed:
                _stop_if_expired(asker)
            missed[reply] += 1
            if reply.why is Why.DENIED:
                denied[method] = reply
    for gap, objects in missed.items():
        yield replace(gap, detail=f"{gap.detail}: {objects} objects")
    yield from asker.coverage()


def _stop_if_expired(asker: Asker) -> None:
    """Raise :class:`CredentialsExpired` if that is it: the error of a HEAD request has no body to tell."""
    other = Asker(asker.clients, asker.region)
    other.ask("sts", "get_caller_identity", facet=Facet.HEADS, resource=asker.account)


def _look(client: Any, method: str, wish: HeadWish) -> dict[str, Any]:
    """Ask for an object's head; the first bytes, if wanted, are under ``Head``.

    A server that ignores the range would send the whole recording: no more than the wish is read of it.
    """
    parameters = {"Bucket": wish.store.rpartition(":")[2], "Key": wish.key}
    if wish.version:
        parameters["VersionId"] = wish.version
    if method == "head_object":
        payload: dict[str, Any] = client.head_object(**parameters)
        return payload
    payload = client.get_object(**parameters, Range=f"bytes=0-{wish.read - 1}")
    with payload["Body"] as body:
        return payload | {"Head": body.read(wish.read)}


def read_head(wish: HeadWish, payload: Mapping[str, Any]) -> HeadRow:
    """Read what an object's own answer tells of it."""
    _, _, total = (payload.get("ContentRange") or "").rpartition("/")
    size = int(total) if total.isdecimal() else payload.get("ContentLength", wish.size)
    seen = recognise(wish.key, content_type=payload.get("ContentType"), size=size, head=payload.get("Head"))
    mode, key = s3_read.object_encryption(payload)
    return HeadRow(
        store=wish.store,
        key=wish.key,
        version=wish.version,
        etag=(payload.get("ETag") or "").strip('"') or None,
        content_type=payload.get("ContentType"),
        media=seen.media,
        format=seen.format,
        settled_by=seen.by,
        seconds=seen.seconds,
        seconds_by=seen.seconds_by,
        redacted=seen.redacted,
        encryption_mode=mode,
        key_id=key,
    )
