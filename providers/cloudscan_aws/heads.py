"""A look at single objects: metadata and, if asked for, access control list, tags, locks and first bytes.

No byte is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from cloudscan.audio import further
from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Collected, Facet, HeadRow, HeadWish, Scope, Unit
from cloudscan.providing import looks
from cloudscan.providing.questions import Absent
from cloudscan_aws import s3_read
from cloudscan_aws.clients import Clients
from cloudscan_aws.discovery import Session
from cloudscan_aws.locations import location
from cloudscan_aws.session import PROVIDER, Asker

Entered = tuple[Clients | None, list[Gap | Coverage]]
More = tuple[int, int, str]
"""Start and length of a further part of an object, and the ETag of what the part is to belong to."""
Answers = Mapping[str, Mapping[str, Any]]
"""What was asked of an object beside its head, by the method that asked."""
Part = tuple[int, bytes]
"""Start and bytes of a further part that was read."""


def units(scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
    """Return one unit for each bucket. Raises as :meth:`Session.open` does."""
    if not wishes:
        return []
    session = Session.open(scope)
    accounts = sorted({wish.account for wish in wishes})
    with ThreadPoolExecutor(max_workers=scope.workers, thread_name_prefix="plan") as pool:
        entered = dict(zip(accounts, pool.map(session.enter, accounts), strict=True))
    return [
        Unit(
            f"{PROVIDER}/{account}/heads/{store.rpartition(':')[2]}",
            f"{account} {store.rpartition(':')[2]} heads",
            partial(collect, entered[account], wanted),
        )
        for (account, store), wanted in looks.by_store(wishes).items()
    ]


def collect(entered: Entered, wishes: Sequence[HeadWish]) -> Iterator[Collected]:
    """Look at objects of one bucket."""
    clients, noticed = entered
    if clients is None:
        yield from noticed
        return
    asked = _Looks(Asker(clients, wishes[0].region), wishes[0].store)
    for wish in wishes:
        head = asked.at("get_object" if wish.read and wish.size else "head_object", wish)
        if head is not None:
            yield read_head(wish, head, asked.besides(wish, head), asked.more(wish, head))
    yield from asked.gaps()
    yield from asked.asker.coverage()


class _Looks:
    """Looks at objects of one bucket.

    A denied answer holds for the bucket: the same is not asked again, and one Gap counts what was left out.
    """

    def __init__(self, asker: Asker, store: str) -> None:
        self.asker = asker
        self._store = store
        self._missed: Counter[Gap] = Counter()
        self._denied: dict[str, Gap] = {}

    def at(self, method: str, wish: HeadWish, *, more: More | None = None) -> dict[str, Any] | None:
        """Ask one question about an object, or for more of it; None where there is no answer."""
        if method in self._denied:
            self.asker.count(Facet.HEADS, answered=False)
            self._missed[self._denied[method]] += 1
            return None
        name, of_version = _PERMISSIONS[method]
        reply = self.asker.run(
            partial(_look, self.asker.clients.client("s3", self.asker.region), method, wish, more),
            facet=Facet.HEADS,
            resource=self._store,
            operation=f"s3:{method}",
            absent=_NO_LOCK if method in _LOCKS else (),
            permission=of_version if wish.version else name,
        )
        if isinstance(reply, Absent):
            return {}
        if isinstance(reply, dict):
            return reply
        if isinstance(reply, Gap):
            if reply.detail == "400" and reply not in self._missed:
                _stop_if_expired(self.asker)
            self._missed[reply] += 1
            if reply.why is Why.DENIED:
                self._denied[method] = reply
        return None

    def besides(self, wish: HeadWish, head: Mapping[str, Any]) -> Answers:
        """Ask what is wished of an object beside its head: its access control list, tags, hold and retention.

        S3 tells of a lock in the head only where there is one and the caller may see it ("HeadObject", Amazon S3 API
        reference), so that its silence is asked about.
        """
        asked = {"get_object_acl": wish.acl, "get_object_tagging": wish.tags}
        asked |= {method: wish.lock and not head.get(header) for method, header in _LOCKS.items()}
        answers = {method: self.at(method, wish) for method, wished in asked.items() if wished}
        return {method: answer for method, answer in answers.items() if answer is not None}

    def more(self, wish: HeadWish, head: Mapping[str, Any]) -> Part | None:
        """Read a further part of an object whose first bytes leave open what it is, if that is wished; else None."""
        if not wish.tail:
            return None
        place = further(size=_size(wish, head), head=head.get("Head", b""), most=wish.tail)
        reply = place and self.at("get_object", wish, more=(*place, head.get("ETag", "")))
        return (place[0], reply["More"]) if place and reply and reply["More"] is not None else None

    def gaps(self) -> Iterator[Gap]:
        """Yield what was not told, each reason once."""
        for gap, objects in self._missed.items():
            yield replace(gap, detail=f"{gap.detail}: {objects} objects")


_PERMISSIONS = {
    "get_object": ("s3:GetObject", "s3:GetObjectVersion"),
    "head_object": ("s3:GetObject", "s3:GetObjectVersion"),
    "get_object_acl": ("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    "get_object_tagging": ("s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
    "get_object_legal_hold": ("s3:GetObjectLegalHold", "s3:GetObjectLegalHold"),
    "get_object_retention": ("s3:GetObjectRetention", "s3:GetObjectRetention"),
}
"""What each question needs of a current object, and of one that is named by its version."""
_LOCKS = {"get_object_legal_hold": "ObjectLockLegalHoldStatus", "get_object_retention": "ObjectLockRetainUntilDate"}
"""The questions about locks, and the member of a head that answers them, too."""
_NO_LOCK = ("NoSuchObjectLockConfiguration",)


def _stop_if_expired(asker: Asker) -> None:
    """Raise :class:`CredentialsExpired` if that is it: the error of a HEAD request has no body to tell."""
    other = Asker(asker.clients, asker.region)
    other.ask("sts", "get_caller_identity", facet=Facet.HEADS, resource=asker.account)


def _look(client: Any, method: str, wish: HeadWish, more: More | None = None) -> dict[str, Any]:
    """Ask for an object's head or list; the first bytes, if wanted, are under ``Head``, further ones under ``More``.

    A server that ignores the range would send the whole recording: no more than the wish is read of it, and
    nothing of it is taken for a further part.
    """
    parameters = {"Bucket": wish.store.rpartition(":")[2], "Key": wish.key}
    if wish.version:
        parameters["VersionId"] = wish.version
    if method != "get_object":
        payload: dict[str, Any] = getattr(client, method)(**parameters)
        return payload
    if more is not None:
        start, length, tag = more
        # What was written over in between would go with another object.
        match = {"IfMatch": tag} if tag else {}
        payload = client.get_object(**parameters, **match, Range=f"bytes={start}-{start + length - 1}")
        with payload["Body"] as body:
            return payload | {"More": body.read(length) if payload.get("ContentRange") else None}
    payload = client.get_object(**parameters, Range=f"bytes=0-{wish.read - 1}")
    with payload["Body"] as body:
        return payload | {"Head": body.read(wish.read)}


def _size(wish: HeadWish, payload: Mapping[str, Any]) -> int:
    _, _, total = (payload.get("ContentRange") or "").rpartition("/")
    return int(total) if total.isdecimal() else int(payload.get("ContentLength", wish.size))


def read_head(
    wish: HeadWish, payload: Mapping[str, Any], besides: Answers = MappingProxyType({}), more: Part | None = None
) -> HeadRow:
    """Read what an object's own answers tell of it: ``payload`` is its head and ``more`` a further part of it, if that
    was read."""
    row = looks.seen(
        wish,
        payload.get("Head"),
        more,
        partial(location, region=wish.region),
        size=_size(wish, payload),
        content_type=payload.get("ContentType"),
        etag=(payload.get("ETag") or "").strip('"') or None,
    )
    mode, key = s3_read.object_encryption(payload)
    return replace(
        row,
        encryption_mode=mode,
        key_id=key,
        acl=s3_read.acl_text(lists) if (lists := besides.get("get_object_acl")) is not None else None,
        tags=s3_read.tags_text(tags) if (tags := besides.get("get_object_tagging")) is not None else None,
        held=s3_read.held(payload, besides.get("get_object_legal_hold")),
        retain_until=s3_read.retained(payload, besides.get("get_object_retention")),
        awaits_copy=payload.get("ReplicationStatus") in s3_read.NOT_COPIED,
    )
