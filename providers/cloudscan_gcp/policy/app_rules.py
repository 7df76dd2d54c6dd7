"""Firebase Security Rules of Cloud Storage, as far as they say of all objects who may read them. Pure: from their text.

Rules add up: what one allows no other takes back ("Firebase Security Rules: overlapping match statements"). Read here
are those over every path of a bucket, with no condition, one that is always or never met, or the one that somebody is
signed in. Of any other rule that may let somebody read, it is not known whom and what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cloudscan.model import Answer

KIND = "firebase-storage"
"""The kind of door that such rules keep, as its record says."""
_READS = {"read", "get"}
_COMMENT = re.compile(r"(?P<text>'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")|//[^\n]*|/\*.*?\*/", re.DOTALL)
"""A comment, or a text in which there is none."""
_TOKEN = re.compile(
    r"(?P<service>service\s+(?P<name>[\w.]+)\s*\{)"
    r"|(?P<match>match\s+(?P<path>/(?:[^{}\s]|\{[^{}]*\})*)\s*\{)"
    r"|(?P<allow>allow\s+(?P<verbs>\w+(?:\s*,\s*\w+)*)\s*(?::\s*if\s+(?P<condition>[^;]*?))?\s*;)"
    r"|(?P<function>function\s+\w+\s*\([^)]*\)\s*\{)"
    r"|(?P<open>\{)|(?P<close>\})"
)
_BETWEEN = re.compile(r"\s*(?:rules_version\s*=\s*['\"]\d['\"]\s*;)?\s*")
_WHOLE = re.compile(r"firebase\.storage/b/[^/]+/o/\{\w+=\*\*\}")
_SIGNED_IN = {"request.auth!=null", "request.auth.uid!=null", "null!=request.auth"}
_STORAGE = "firebase.storage"
_BODY = "function"


@dataclass(frozen=True, slots=True)
class AppReaders:
    """May guests, and may users who signed in, read every object of a bucket."""

    guests: Answer
    signed_in: Answer


@dataclass(frozen=True, slots=True)
class _Rule:
    path: str
    condition: str


def readers(text: str, bucket: str) -> AppReaders:
    """Say who reads all of a bucket by these rules. Total: of rules that make no sense nothing is known."""
    rules = _rules(_COMMENT.sub(lambda found: found["text"] or " ", text))
    if rules is None:
        return AppReaders(Answer.UNKNOWN, Answer.UNKNOWN)
    guests = signed_in = Answer.NO
    for rule in rules:
        by_guests, by_users = _allowed(rule, bucket)
        guests, signed_in = _either(guests, by_guests), _either(signed_in, by_users)
    return AppReaders(guests, signed_in)


def _rules(text: str) -> list[_Rule] | None:
    """Return the rules that let somebody read objects, each with its whole path; None where the text makes no sense."""
    found: list[_Rule] = []
    inside: list[str] = []  # what each open bracket is of: a path, the service, or the body of a function
    service, end = False, 0
    for token in _TOKEN.finditer(text):
        written, end = text[end : token.start()], token.end()
        if _BODY in inside:
            if not (token["open"] or token["close"]):
                continue
        elif not _BETWEEN.fullmatch(written) or token["open"]:
            return None
        if token["close"]:
            if not inside:
                return None
            inside.pop()
        elif token["allow"]:
            if _READS & {verb.strip() for verb in token["verbs"].split(",")}:
                found.append(_Rule("".join(inside), re.sub(r"\s+", "", token["condition"] or "true")))
        else:
            service |= token["name"] == _STORAGE
            inside.append(token["path"] or token["name"] or _BODY)
    return found if service and not inside and _BETWEEN.fullmatch(text[end:]) else None


def _allowed(rule: _Rule, bucket: str) -> tuple[Answer, Answer]:
    """Say what a rule gives to guests, and to users who signed in. Its path begins with its service."""
    service, _, place = rule.path.partition("/")
    if rule.condition == "false" or service not in ("", _STORAGE):
        return Answer.NO, Answer.NO
    named = place.removeprefix("b/").partition("/")[0]
    if place.startswith("b/") and named != bucket and re.fullmatch(r"[\w.-]+", named):
        return Answer.NO, Answer.NO
    all_of_it = Answer.YES if _WHOLE.fullmatch(rule.path) else Answer.UNKNOWN
    if rule.condition == "true":
        return all_of_it, all_of_it
    if rule.condition in _SIGNED_IN:
        return Answer.NO, all_of_it
    return Answer.UNKNOWN, Answer.UNKNOWN


def _either(one: Answer, other: Answer) -> Answer:
    return max(one, other, key=(Answer.NO, Answer.UNKNOWN, Answer.YES).index)
