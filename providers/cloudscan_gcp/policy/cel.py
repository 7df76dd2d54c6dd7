"""What a condition in the Common Expression Language asks of a request, as a tree of tests.

From "Attribute reference for IAM Conditions": what follows from the resource (its name, type, service and tags) is
filled in; what the request brings (its time, its address, an API's own attributes) stays a test of that attribute.
A function of the time stays a test of that function, which :func:`with_clock` answers where the time is known. What
is written in another way is an unseen fact that names the part that was not understood: it may be either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from cloudscan.access import Context
from cloudscan.access.comparisons import Operator, moment
from cloudscan.access.conditions import (
    ALWAYS,
    NEVER,
    Condition,
    Over,
    Test,
    Unseen,
    all_of,
    any_of,
    constant,
    from_source,
    keys,
    negate,
)
from cloudscan.access.patterns import MANY, Pattern, Piece
from cloudscan_gcp.policy import clock
from cloudscan_gcp.policy.arithmetic import ADDS, TAKES, combined, size, span
from cloudscan_gcp.policy.comparing import (
    SIGNS,
    Asked,
    Moment,
    Unclear,
    Value,
    compared,
    contained,
    is_number,
    or_default,
    patterns,
)
from cloudscan_gcp.policy.expressions import (
    Attribute,
    Call,
    Listed,
    Literal,
    Node,
    NotUnderstood,
    Odd,
    Operation,
    parse,
)
from cloudscan_gcp.policy.subjects import OBJECT, UNLISTED, Subject

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class _Lacking(Exception):
    """A part that asks for an attribute which is not available: it never grants, whichever way it asks."""


class _Never(Exception):
    """A time that is none: it lets an expression never grant anything."""


def condition_of(expression: str, subject: Subject, source: str = "", *, grants: bool = True) -> Condition:
    """Say what an expression asks. ``source`` is the statement it belongs to, "" for none.

    ``grants``: it is the condition of a binding. From "Support for inherited conditions": a part of it with an
    attribute that is not available for the resource never grants; nor does one with a time that is invalid.
    """
    if not expression:
        return ALWAYS
    try:
        asked = _truth(parse(expression), subject, grants=grants)
    except _Never:
        return NEVER if grants else Unseen(f"what the condition {expression!r} refuses is not documented")
    except (NotUnderstood, RecursionError):
        return Unseen(f"the condition {expression!r} is no expression that is understood")
    return from_source(asked, source) if source else asked


def with_clock(condition: Condition, context: Context) -> Context:
    """Lay what follows from a known time of the request over its context."""
    now = context.values(clock.TIME)
    if now is None:
        return context
    parts = [key for key in keys(condition) if clock.is_part(key)]
    read = {key: clock.part(key, now[0]) if now else None for key in parts}
    return Context.of({key: value for key, value in read.items() if value is not None}).over(context)


def always_there(condition: Condition) -> Condition:
    """Return what holds of every request: it has a time."""
    times = sorted(key for key in keys(condition) if key == clock.TIME or clock.is_part(key))
    return all_of(Test(key, Operator.PRESENT) for key in times)


def _truth(node: Node, subject: Subject, *, grants: bool, wanted: bool = True) -> Condition:
    """Say when what is true or false is as wanted; a part that is unclear is unseen, and its neighbours still count."""
    read: Callable[..., Condition] = partial(_truth, subject=subject, grants=grants)
    match node:
        case Operation(operator="&&" | "||" as sign, parts=parts):
            joined = all_of if (sign == "&&") is wanted else any_of
            return joined([read(part, wanted=wanted) for part in parts])
        case Operation(operator="!", parts=(part,)):
            return read(part, wanted=not wanted)
        case Operation(operator="?", parts=(asked, then, other)):
            ways = [
                (read(asked, wanted=is_so), read(way, wanted=wanted)) for is_so, way in ((True, then), (False, other))
            ]
            return any_of(map(all_of, ways))
    try:
        so = _told(node, subject)
    except _Lacking as lacking:
        return NEVER if grants else Unseen(f"what {lacking} is here is not documented")
    except Unclear as unclear:
        return Unseen(f"whether {unclear} was not understood")
    return so if wanted else negate(so)


def _told(node: Node, subject: Subject) -> Condition:
    match node:
        case Literal(value=bool() as value):
            return constant(value=value)
        case Operation(operator="in", parts=(left, right)):
            if isinstance(right, Listed) and _is_unlisted((left, *right.parts), subject):
                raise Unclear(f"a kind is {subject.kind}")
            return contained(_value(left, subject), _value(right, subject))
        case Operation(operator=sign, parts=(left, right)) if sign in SIGNS:
            if _is_unlisted(node.parts, subject):
                raise Unclear(f"a kind is {subject.kind}")
            return compared(sign, _value(left, subject), _value(right, subject))
        case Call():
            return _called(node, subject)
        case Attribute(name=name) if subject.attribute(name) is None:
            return Test(name, Operator.TRUTH, patterns(("true",)))
    raise Unclear(f"{_said(node)} holds")


def _is_unlisted(parts: tuple[Node, ...], subject: Subject) -> bool:
    """Say whether the kind or the service of a resource is compared with itself, and is none that is documented."""
    texts = {part.value for part in parts if isinstance(part, Literal)}
    asked = {subject.attribute(part.name) for part in parts if isinstance(part, Attribute)}
    return subject.kind in UNLISTED and bool(texts & asked & {subject.kind, subject.service})


def _called(call: Call, subject: Subject) -> Condition:
    """Read a function whose value is true or false."""
    if call.of == Attribute("resource"):
        return _tagged(call, subject)
    arguments = [_value(each, subject) for each in call.arguments]
    if call.of is None and call.name == "inIpRange" and len(arguments) == 2:
        place, block = arguments
        if isinstance(place, Asked) and isinstance(block, str):
            return Test(place.key, Operator.IN_NETWORK, patterns((block,)))
    if call.of is None or len(arguments) != 1:
        raise Unclear(f"{_said(call)} holds")
    of, (wanted,) = _value(call.of, subject), arguments
    if call.name == "hasOnly" and isinstance(of, Asked) and isinstance(wanted, tuple):
        return Test(of.key, Operator.EQUALS, patterns(wanted), over=Over.EVERY)
    if call.name in _PLACED and isinstance(wanted, str):
        return _placed(call.name, of, wanted)
    raise Unclear(f"{_said(call)} holds")


_PLACED: Mapping[str, tuple[Callable[[str, str], bool], Callable[[str], tuple[Piece, ...]]]] = {
    "startsWith": (str.startswith, lambda text: (text, MANY)),
    "endsWith": (str.endswith, lambda text: (MANY, text)),
    "contains": (str.__contains__, lambda text: (MANY, text, MANY)),
}


def _placed(name: str, of: Value, wanted: str) -> Condition:
    holds, pieces = _PLACED[name]
    if isinstance(of, str):
        return constant(value=holds(of, wanted))
    if not isinstance(of, Asked):
        raise Unclear(f"{name} holds of what is no text")
    pattern = Pattern(tuple(piece for piece in pieces(wanted) if piece != ""))
    met = isinstance(of.default, str) and holds(of.default, wanted)
    return or_default(of, Test(of.key, Operator.LIKE, (pattern,)), of.default if met else None)


def _tagged(call: Call, subject: Subject) -> Condition:
    """Answer about tags ("Attribute reference": resource tags). Ids of tags are not read, only their names."""
    arguments = [each.value for each in call.arguments if isinstance(each, Literal)]
    if call.name in ("matchTag", "hasTagKey") and len(arguments) == (2 if call.name == "matchTag" else 1):
        if subject.tags is None:
            return Unseen(f"the tags of {subject.name} were not read")
        held = subject.tags.get(str(arguments[0]))
        return constant(value=held is not None and (call.name == "hasTagKey" or held == arguments[1]))
    if call.name in ("matchTagId", "hasTagKeyId"):
        return Unseen(f"the ids of the tags of {subject.name} were not read")
    raise Unclear(f"resource.{call.name} holds")


def _value(node: Node, subject: Subject) -> Value:
    match node:
        case Literal(value=value) if value is not None:
            return value
        case Attribute(name=name):
            if subject.lacks(name):
                raise _Lacking(name)
            known = subject.attribute(name)
            return Asked(name) if known is None else known
        case Listed(parts=parts):
            values = [_value(part, subject) for part in parts]
            if all(isinstance(value, str) for value in values):
                return tuple(str(value) for value in values)
        case Call(of=Attribute(name="api"), name="getAttribute", arguments=(Literal(value=str() as name), other)):
            default = _value(other, subject)
            return Asked(name, default if isinstance(default, str | tuple) else None)
        case Call(of=Attribute(name=clock.TIME), name=name, arguments=arguments) if name in clock.PARTS:
            zones = [each.value for each in arguments if isinstance(each, Literal)]
            return Asked(f"{clock.TIME}.{name}({', '.join(map(repr, zones))})")
        case Call(of=of, name="extract", arguments=(Literal(value=str() as template),)) if of is not None:
            whole = _value(of, subject)
            if isinstance(whole, str):
                return extracted(whole, template)
    return _computed(node, subject)


def _computed(node: Node, subject: Subject) -> Value:
    match node:
        case Call(of=None, name="timestamp" | "date" | "duration" as name, arguments=(Literal(value=str() as text),)):
            return span(text) if name == "duration" else _moment(name, text)
        case Call(name="size", of=of, arguments=arguments) if len(arguments) == (1 if of is None else 0):
            counted = of or arguments[0]
            return size(_value(counted, subject), named=_start(counted, subject))
        case Operation(operator=sign, parts=(left, right)) if sign in (ADDS, TAKES):
            return combined(sign, _value(left, subject), _value(right, subject))
        case Operation(operator="-", parts=(Literal(value=number),)) if number is not None and is_number(number):
            return -number
    raise Unclear(f"{_said(node)} is so")


def _moment(name: str, text: str) -> Moment:
    """Read a time, or the first moment of a date, in UTC."""
    form = _TIME if name == "timestamp" else _DATE
    if form.fullmatch(text) and moment(text.upper()) is not None:
        return Moment(text.upper())
    if name == "timestamp":
        raise _Never
    raise Unclear(f"{text!r} is a date that")


def _start(node: Node, subject: Subject) -> str:
    """Return how the names of all objects begin that a subject stands for, "" for what is no name of one."""
    start, found, _ = subject.name.partition("/objects/")
    return f"{start}{found}" if node == Attribute("resource.name") and subject.kind == OBJECT else ""


def extracted(text: str, template: str) -> str:
    """Return what stands in a text where a template has its braces, "" where it does not fit ("extract()")."""
    before, opened, rest = template.partition("{")
    _, closed, after = rest.partition("}")
    start = text.find(before)
    if not opened or not closed or start < 0:
        return ""
    start += len(before)
    end = text.find(after, start) if after else len(text)
    return text[start:end] if end >= 0 else ""


def _said(node: Node) -> str:
    match node:
        case Attribute(name=name):
            return name
        case Call(of=of, name=name):
            return f"{_said(of)}.{name}()" if of is not None else f"{name}()"
        case Odd(what=what):
            return f"a part with {what}"
        case Operation(operator=sign):
            return f"a part with {sign}"
        case _:
            return "a value"
