"""List the objects of an S3 bucket: several pages in flight, read without botocore's own parser.

botocore signs, sends, retries, follows redirects and reads errors as for any other call. Only the body of a
good answer is read here, since botocore takes many times as long over it (docs/benchmarks.md). That happens
in botocore's ``before-parse`` event; with a botocore too old to have it a listing is slower and no less right.

Keys are in Unicode code point order, which is S3's UTF-8 binary order and that of Python's ``<`` on str.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextvars import ContextVar
from dataclasses import dataclass
from os.path import commonprefix
from typing import Any, NamedTuple
from xml.etree import ElementTree

from cloudscan_aws.listing_read import Answer, Row, read_answer, read_parsed

_PAGE = 1000
"""Keys a page: the most that S3 gives."""
_READ = "CloudscanListing"
"""Under which name botocore's answer carries what was read here."""
_asking: ContextVar[bool] = ContextVar("asking", default=False)
"""Whether this thread's call is one of ours: others' calls on the same client are answered as ever."""


class Span(NamedTuple):
    """The keys after ``after`` ("" is before all) up to and with ``upto`` (None is the end).

    ``token`` is where within that the server said to go on: a continuation token, or, for versions, the
    version of the key ``after`` that was listed last.
    """

    after: str = ""
    token: str | None = None
    upto: str | None = None


class Page(NamedTuple):
    """Rows as one answer gave them (perhaps none), and what is not listed yet once these are kept."""

    rows: Sequence[Row]
    rest: tuple[Span, ...]


def fetch_objects(
    client: Any,
    bucket: str,
    *,
    prefix: str = "",
    versions: bool = False,
    fetch_owner: bool = False,
    limit: int | None = None,
    spans: Sequence[Span] = (Span(),),
    executor: Executor | None = None,
    in_flight: int = 8,
) -> Iterator[Page]:
    """Yield a bucket's objects, or with ``versions`` all versions and delete markers, page by page.

    Without an executor, with a ``limit`` (the most rows to yield) and for directory buckets, whose lists are
    not in key order, one request follows another and rows come in the server's order. Else up to
    ``in_flight`` requests run on the executor, and pages come as they are answered: in key order within a
    span only, the versions of one key always in theirs. The executor must not be one that the caller itself
    runs on; the client's ``max_pool_connections`` should be at least ``in_flight``.

    The ``rest`` of the last page is empty if and only if the whole list was yielded; that of any page, given
    as ``spans``, takes the list up again. Every key that exists throughout comes exactly once.

    Raises what botocore raises (ClientError, BotoCoreError), and its ResponseParserError for an answer that
    makes no sense or is not in key order. Pages yielded before that are whole; no further requests begin.
    """
    method = "list_object_versions" if versions else "list_objects_v2"
    parameters: dict[str, Any] = {"Bucket": bucket} | ({"Prefix": prefix} if prefix else {})
    if not versions:
        parameters |= {"FetchOwner": True} if fetch_owner else {}  # versions always tell the owner
        spans = [span._replace(token=None) for span in spans]  # how long a token lasts is not documented
    question = _Question(getattr(client, method), parameters, versions)
    # By the wildcard it runs before botocore's own handler, which parses the whole body to see if it is an error.
    event = f"before-parse.*.{client.meta.method_to_api_mapping[method]}"
    client.meta.events.register(event, _read_early, unique_id=f"cloudscan-{event}")
    if executor is None or limit is not None or bucket.endswith("--x-s3"):
        return _one_by_one(question, spans, limit)
    return _SideBySide(question, spans, len(prefix), executor, in_flight).pages()


def _read_early(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Read a good answer to a call of ours and leave botocore none of it; leave it anything else."""
    if not _asking.get() or response_dict["status_code"] != 200:
        return
    try:
        answer = read_answer(response_dict["body"])
    except ElementTree.ParseError:
        return  # cut off on its way: botocore asks again
    except ValueError as error:
        raise _malformed(str(error)) from error
    if answer is not None:
        customized_response_dict[_READ] = answer
        response_dict["body"] = b""


def _malformed(what: str) -> Exception:
    from botocore.parsers import ResponseParserError

    error: Exception = ResponseParserError(f"the listing makes no sense: {what}")
    return error


@dataclass(frozen=True, slots=True)
class _Question:
    """The question to S3, but for where to begin."""

    method: Callable[..., dict[str, Any]]
    parameters: Mapping[str, Any]
    versions: bool

    def ask(self, span: Span, count: int = _PAGE) -> Answer:
        """Ask for one page from the beginning of the span."""
        if self.versions:
            start = {"KeyMarker": span.after, "VersionIdMarker": span.token}
        elif span.token:
            start = {"ContinuationToken": span.token}
        else:
            start = {"StartAfter": span.after}
        given = {name: value for name, value in start.items() if value}
        before = _asking.set(True)
        try:
            parsed = self.method(**self.parameters, **given, MaxKeys=count)
        finally:
            _asking.reset(before)
        answer: Answer = parsed[_READ] if _READ in parsed else read_parsed(parsed)
        return answer


def _settle(span: Span, answer: Answer) -> tuple[Sequence[Row], Span | None]:
    """Return the rows of an answer that lie in the span it was asked for, and what is left of the span."""
    rows = answer.rows
    if span.upto is not None and rows and rows[-1].key > span.upto:
        return rows[: bisect_right(rows, span.upto, key=lambda row: row.key)], None
    if not answer.truncated:
        return rows, None
    after = answer.key or (rows[-1].key if rows else span.after)
    further = Span(after, answer.token, span.upto)
    if further == span:
        raise _malformed("it does not move on")
    return rows, further


def _one_by_one(question: _Question, spans: Sequence[Span], limit: int | None) -> Iterator[Page]:
    waiting, left = deque(spans), limit
    if limit == 0:
        yield Page((), tuple(waiting))
    while waiting and left != 0:
        span = waiting.popleft()
        rows, further = _settle(span, question.ask(span, _PAGE if left is None else min(left, _PAGE)))
        if further:
            waiting.appendleft(further)
        left = None if left is None else left - len(rows)
        yield Page(rows, tuple(waiting))


@dataclass(slots=True)
class _Asked:
    """A request under way. ``shared`` is how many characters the keys of the page before it had in common.

    ``divisible`` as long as the span is known to have gone on behind that page and was not divided since: so
    there are never more guesses than pages, and the last spans are not divided for ever.
    """

    span: Span
    shared: int = 0
    divisible: bool = False


class _SideBySide:
    """Lists spans side by side. Whenever a request may start and no span waits for it, it divides a span.

    Every step replaces a span by spans that cover the same keys, less those of the page that was yielded: so
    nothing is lost or comes twice, however bad the guess of where to divide. All of this runs in the caller's
    thread, the executor only asks and reads all but the first. At most ``in_flight`` answers wait to be yielded.
    """

    def __init__(
        self, question: _Question, spans: Sequence[Span], prefix: int, executor: Executor, in_flight: int
    ) -> None:
        self._question, self._prefix, self._executor, self._in_flight = question, prefix, executor, in_flight
        self._waiting = deque(spans)
        self._asked: dict[Future[Answer], _Asked] = {}
        self._letters: set[str] = set()

    def pages(self) -> Iterator[Page]:
        """Yield the pages as they are answered."""
        try:
            if len(self._waiting) == 1:  # most buckets end with their first page: no other thread is woken for it
                first = _Asked(self._waiting.popleft())
                yield self._page(first, self._question.ask(first.span))
            else:
                self._fill()
            while self._asked:
                wait(self._asked, return_when=FIRST_COMPLETED)
                future = next(future for future in self._asked if future.done())
                yield self._page(self._asked.pop(future), future.result())
        finally:
            for future in self._asked:
                future.cancel()

    def _page(self, asked: _Asked, answer: Answer) -> Page:
        """Return an answer as a page; what is to be asked now is under way."""
        rows = self._take(asked, answer)
        self._fill()
        return Page(rows, (*(asked.span for asked in self._asked.values()), *self._waiting))

    def _take(self, asked: _Asked, answer: Answer) -> Sequence[Row]:
        """Return an answer's rows and ask for what follows them."""
        keys, span = [row.key for row in answer.rows], asked.span
        if keys and (keys[0] < span.after or (keys[0] == span.after and not span.token) or keys != sorted(keys)):
            raise _malformed("its keys are not in order")
        self._letters.update(*keys[::100], *keys[-1:])
        rows, further = _settle(span, answer)
        if further:
            shared = _alike(keys[0], keys[-1]) if keys else asked.shared
            self._ask(_Asked(further, shared, divisible=True))
        return rows

    def _ask(self, asked: _Asked) -> None:
        self._asked[self._executor.submit(self._question.ask, asked.span)] = asked

    def _fill(self) -> None:
        while len(self._asked) < self._in_flight:
            if self._waiting:
                self._ask(_Asked(self._waiting.popleft()))
                continue
            divisible = [asked for asked in self._asked.values() if asked.divisible]
            if not divisible:
                return
            self._divide(min(divisible, key=lambda asked: self._common(asked.span)))

    def _divide(self, asked: _Asked) -> None:
        """Cut the later part off a span that is being listed, and list it as well."""
        asked.divisible = False
        after, token, upto = asked.span
        letters = sorted(filter(str.isprintable, self._letters))
        point = point_between(after, upto, self._common(asked.span), asked.shared, letters)
        if point is not None:
            asked.span = Span(after, token, point)
            self._ask(_Asked(Span(point, None, upto), asked.shared))

    def _common(self, span: Span) -> int:
        """Return how many characters all keys of a span have in common: the fewer, the wider it is."""
        return self._prefix if span.upto is None else _alike(span.after, span.upto)


def point_between(after: str, upto: str | None, common: int, shared: int, letters: Sequence[str]) -> str | None:
    """Guess a string between two keys that parts the keys between them well; None where there is none.

    All these keys begin with the same ``common`` characters; within a page ``shared`` ones stay the same, so
    that parting at a later place would part less than a page. A third of the way from one to the other is far
    enough on to leave the constant beginnings of keys after a few guesses, and early enough to part much.
    What comes at that place is the middle one of the ``letters`` (those seen in keys) that can.
    """
    deepest = max(common, shared)
    best = common + (deepest - common) // 3
    end = len(after)
    for place in (*range(best, min(deepest + 2, end)), *range(min(best, end) - 1, common - 1, -1)):
        points = [after[:place] + letter for letter in letters if letter > after[place]]
        points = [point for point in points if upto is None or point < upto]
        if points:
            return points[len(points) // 2]
    return None


def _alike(one: str, other: str) -> int:
    return len(commonprefix((one, other)))  # noqa: RUF071 - of characters, not of folders
