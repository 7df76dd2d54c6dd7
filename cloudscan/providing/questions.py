"""What every provider needs to ask a cloud questions: how fast, how many were answered, and what an answer is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NotRequired, TypedDict, TypeVar
from urllib.parse import quote

from cloudscan.errors import CredentialsExpired
from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Facet

T = TypeVar("T")


class Absent:
    """The answer "not configured": a fact, by the error code that whoever asked expected."""

    def __init__(self, code: str) -> None:
        self.code = code


Reply = dict[str, Any] | Absent | Gap
"""The answer to one question."""


class About(TypedDict):
    """What a question is about: its facet, the resource that it is asked of, and the permission that it takes.

    ``absent`` are error words, or HTTP statuses ("404"), that mean "not configured" here.
    """

    facet: Facet
    resource: str
    permission: str
    absent: NotRequired[Iterable[str]]


class Pace:
    """At most so many requests a second, over all threads. None sets no limit."""

    def __init__(self, per_second: float | None) -> None:
        self._step = 1.0 / per_second if per_second else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Sleep until the next request may go out."""
        if not self._step:
            return
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next)
            self._next = at + self._step
        time.sleep(max(0.0, at - now))


class Tally:
    """How many questions of each facet one unit of collection asked of an account, over all threads."""

    def __init__(self) -> None:
        self._counts: dict[Facet, list[int]] = {}
        self._lock = threading.Lock()

    def count(self, facet: Facet, *, answered: bool, limited: bool = False) -> None:
        """Count one question; ``limited`` marks one that the user's own limit cut short."""
        with self._lock:
            counts = self._counts.setdefault(facet, [0, 0, 0])
            counts[0] += 1
            counts[1] += answered
            counts[2] += limited

    def coverage(self, provider: str, account: str) -> Iterator[Coverage]:
        """Yield what was asked and answered; a unit yields it last."""
        for facet, (asked, answered, limited) in sorted(self._counts.items()):
            yield Coverage(provider, account, facet, asked, answered, limited)


class Malformed(ValueError):
    """An answer that is none, told in our own words."""


_DEEP = "nested too deep"
_DEEPEST = 100
"""How deep an answer may be nested: deeper than any that a cloud gives, and safe for all that reads it later."""


def parsed(content: bytes) -> dict[str, Any]:
    """Read an answer in JSON. Raises :class:`Malformed` for what is none, no object, or nested too deep."""
    try:
        payload = json.loads(content)
    except RecursionError as error:
        raise Malformed(_DEEP) from error
    except ValueError as error:
        raise Malformed("no JSON") from error
    if not isinstance(payload, dict):
        raise Malformed("no JSON object")
    level: list[Any] = [payload]
    for _ in range(_DEEPEST):
        within = (value for each in level for value in (each.values() if isinstance(each, dict) else each))
        level = [value for value in within if isinstance(value, dict | list)]
        if not level:
            return payload
    raise Malformed(_DEEP)


def listed(page: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the items of a page of a list. Raises :class:`Malformed` where they are no list of objects."""
    items = page.get(key)
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Malformed(f"{key} is no list")
    return items


class Turned:
    """The pages of one list that were turned to."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def to(self, token: object) -> str:
        """Turn to the next page. Raises :class:`Malformed` where that was turned to before, or its token is none."""
        if not isinstance(token, str) or token in self._seen:
            raise Malformed("its pages do not move on")
        self._seen.add(token)
        return token


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as an API told it: HTTP status (0 where there was no answer), its most telling word, what it means."""

    status: int
    code: str
    why: Why


F = TypeVar("F", bound=Fault)


class Asking(Generic[F]):
    """Puts questions to one account for one unit of collection, and counts what was answered.

    An answer is a payload, "not configured" is a fact that the caller named beforehand, and whatever else comes back is
    a Gap. Only the end of the caller's credentials stops a collection, since every later question would fail for the
    same reason. A provider's own asker says what its libraries raise (:meth:`troubles`) and what that means
    (:meth:`read`), and in which words it is told (:meth:`detail`, :meth:`ended`).
    """

    provider: ClassVar[str]
    account: str
    region: str

    _tally: Tally

    def gather(
        self,
        pages: Iterable[Mapping[str, Any]],
        key: str,
        *,
        facet: Facet,
        resource: str,
        operation: str,
        permission: str,
        absent: Iterable[str] = (),
        limit: int | None = None,
    ) -> tuple[list[Any], Gap | Absent | None]:
        """Page through a list. Returns the items under ``key`` of every page that came, at most ``limit`` of them.

        Beside them the Gap that ended the list early, if any. The whole list counts as one question; what a limit left
        out is for the caller to count.
        """
        items: list[Any] = []

        def collect() -> dict[str, Any]:
            for page in pages:
                items.extend(self.items(page, key))
                if limit is not None and len(items) > limit:
                    break
            return {}

        reply = self.run(
            collect, facet=facet, resource=resource, operation=operation, permission=permission, absent=absent
        )
        if isinstance(reply, Gap | Absent):
            return items, reply
        if limit is not None and len(items) > limit:
            del items[limit:]
            return items, self.gap(facet, resource, Why.LIMIT, operation, f"only {limit} were asked for", permission)
        return items, None

    def run(
        self,
        call: Callable[[], dict[str, Any]],
        *,
        facet: Facet,
        resource: str,
        operation: str,
        permission: str = "",
        absent: Iterable[str] = (),
    ) -> Reply:
        """Run a call and turn what is raised for a question without an answer into a Reply.

        ``absent`` are error words, or HTTP statuses ("404"), that mean "not configured" here;
        ``permission`` is "" where :meth:`gap` knows it by itself.
        Returns the payload, an :class:`Absent`, or a Gap. Raises :class:`CredentialsExpired`.
        """
        try:
            payload = call()
        except RecursionError:
            return self._deep(facet, resource, operation, permission)
        except self.troubles() as error:
            return self._refused(error, facet, resource, operation, permission, absent)
        self.count(facet, answered=True)
        return payload

    def stream(
        self, pages: Iterable[T], *, facet: Facet, resource: str, operation: str, permission: str = ""
    ) -> Iterator[T | Gap]:
        """Pass the pages of a list on as they come; a Gap is the last where the list ends early.

        A failure is counted here, an answer by the caller, who knows whether a limit cut it short.
        """
        try:
            yield from pages
        except RecursionError:
            yield self._deep(facet, resource, operation, permission)
        except self.troubles() as error:
            refused = self._refused(error, facet, resource, operation, permission, ())
            if isinstance(refused, Gap):
                yield refused

    def _refused(
        self, error: Exception, facet: Facet, resource: str, operation: str, permission: str, absent: Iterable[str]
    ) -> Absent | Gap:
        """Sort what was raised. Raises :class:`CredentialsExpired`."""
        fault = self.read(error)
        if fault.status and {fault.code, str(fault.status)} & set(absent):
            self.count(facet, answered=True)
            return Absent(fault.code)
        if fault.why is Why.EXPIRED:
            raise CredentialsExpired(self.ended(fault)) from error
        settled = self.settles(fault)
        self.count(facet, answered=settled)
        about = self.unused(resource, operation) if settled else resource
        return self.gap(facet, about, fault.why, operation, self.detail(fault, permission), permission)

    def _deep(self, facet: Facet, resource: str, operation: str, permission: str) -> Gap:
        """Say that an answer is nested too deep for the cloud's own library, which reads it."""
        self.count(facet, answered=False)
        return self.gap(facet, resource, Why.MALFORMED, operation, _DEEP, permission)

    def items(self, page: Mapping[str, Any], key: str) -> list[Any]:
        """Return the items of a page of a list. Raises :class:`Malformed` where they make no sense."""
        return listed(page, key)

    def troubles(self) -> tuple[type[Exception], ...]:
        """Return what is raised for a question that got no answer."""
        raise NotImplementedError

    def read(self, error: Exception) -> F:
        """Sort what was raised. Total."""
        raise NotImplementedError

    def ended(self, fault: F) -> str:
        """Say that the caller's credentials are no longer taken."""
        raise NotImplementedError

    def detail(self, fault: F, permission: str) -> str:
        """Say what stood in the way, and the command that would change it."""
        raise NotImplementedError

    def settles(self, fault: F) -> bool:
        """Say whether a refusal answers the question: what was never used has nothing to tell."""
        return False

    def unused(self, resource: str, operation: str) -> str:
        """Name what such a refusal is about: ``resource``, or the service, where it leaves open nothing of that."""
        return resource

    def gap(
        self, facet: Facet, resource: str, why: Why, operation: str, detail: str = "", permission: str | None = None
    ) -> Gap:
        """Make a Gap of what is asked."""
        return Gap(
            provider=self.provider,
            account=self.account,
            region=self.region,
            facet=facet,
            resource=resource,
            why=why,
            operation=operation,
            detail=detail,
            permission=permission or None,
        )

    def count(self, facet: Facet, *, answered: bool, limited: bool = False) -> None:
        """Count one question; ``limited`` marks one that the user's own limit cut short."""
        self._tally.count(facet, answered=answered, limited=limited)

    def coverage(self) -> Iterator[Coverage]:
        """Yield what was asked and answered; yield it last in a unit."""
        yield from self._tally.coverage(self.provider, self.account)


class Shared:
    """Answers that several units of a scan need, by the names that the askers gave them.

    Each question is put once, over all threads; the rest wait for it.
    """

    def __init__(self) -> None:
        self._held: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()

    def answer(self, name: str, ask: Callable[[], T]) -> tuple[T, bool]:
        """Return the answer to a question, and whether it was asked just now.

        Raises what asking raised, to everybody who waits for it.
        """
        with self._lock:
            held = self._held.get(name)
            if held is None:
                mine = self._held[name] = Future()
        if held is not None:
            return held.result(), False
        try:
            mine.set_result(ask())
        except BaseException as error:
            mine.set_exception(error)
            raise
        return mine.result(), True


def gaps_of(reply: Gap | Absent | Mapping[str, Any] | None) -> list[Gap]:
    """Return the Gap that a question came to, if it did."""
    return [reply] if isinstance(reply, Gap) else []


def named(template: str, *names: str) -> str:
    """Fill names into a path. Each is one segment of it, whatever it holds."""
    return template.format(*(quote(name, safe="") for name in names))
