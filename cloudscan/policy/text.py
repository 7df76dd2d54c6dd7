"""From the bytes of a policy file to its content: YAML, read so that nothing is lost without a word.

A key that is given twice is an error, where YAML keeps the last; a date stays text until it is known that a date
is wanted; a number is what a person reads, in decimal, where YAML takes 0365 as 245, and 1:30 as 90.
What is wrong is said in words of ours, with line and column, never in those of the parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cloudscan.errors import PolicyFileError

_WORDS = (
    ("mapping values are not allowed", "a colon where none can be; put text that holds one in quotes"),
    ("could not find expected ':'", "a key without its colon, above"),
    ("expected <block end>", "an indentation that fits no line above"),
    ("expected ',' or", "a bracket that is not closed, or a comma that is missing, above"),
    ("unexpected end of stream", "a quote that is not closed, above"),
    ("document separator", "a quote that is not closed, above"),
    ("alias", "text that begins with * needs quotes"),
    ("anchor", "text that begins with & needs quotes"),
    ("constructor for the tag", "a tag (!) that means nothing here"),
    ("unhashable key", "a key that is not text"),
    ("but found another document", "a second document; a policy file is one"),
)
"""What the parser says, by a part of it, and what a person wants to hear."""


def read(path: Path) -> object:
    """Return the content of a policy file. Raises :class:`PolicyFileError` that names the line."""
    import yaml

    text = ""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        body = _content(text)
    except OSError as error:
        raise PolicyFileError(f"cannot read the policy file {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PolicyFileError(f"{path} is not UTF-8 text: save it as UTF-8") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise PolicyFileError(f"{path}, line {line}: a character that YAML does not allow") from error
    except yaml.MarkedYAMLError as error:
        raise PolicyFileError(f"{path}, {_place(error.problem_mark)}: {_words(error, text)}") from error
    except ValueError as error:  # what looks like a number to YAML and is none to Python
        raise PolicyFileError(f"{path} is not valid YAML: it holds a number that cannot be read") from error
    except RecursionError as error:
        raise PolicyFileError(f"{path} is nested too deeply") from error
    if body is None:
        raise PolicyFileError(f"{path} is empty: write at least version: 1, or name no policy file")
    return body


def _content(text: str) -> object:
    loader = _loader()(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _refuse_doubles(node)
        return loader.construct_document(node)
    finally:
        loader.dispose()


@cache
def _loader() -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """A safe loader to which a date is text, and a number what is one in decimal."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":int", ":float"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for kind, pattern in _NUMBERS.items():
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(pattern), list("-+.0123456789"))
    return Loader


_NUMBERS = {
    "int": r"[-+]?(0|[1-9][0-9]*)$",
    "float": r"[-+]?((0|[1-9][0-9]*)?[.][0-9]+([eE][-+]?[0-9]+)?|[.](inf|Inf|INF))$|[.](nan|NaN|NAN)$",
}
"""How numbers are written."""


def _refuse_doubles(root: Any) -> None:
    """Raise a YAML error where a mapping has a key twice. What it merges (<<) may have it as well."""
    import yaml

    for node in _nodes(root):
        if not isinstance(node, yaml.MappingNode):
            continue
        seen: dict[tuple[str, str], Any] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            first = seen.setdefault((key.tag, key.value), key)
            if first is not key:
                before = first.start_mark.line + 1
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} is given twice, first in line {before}",
                    problem_mark=key.start_mark,
                    note=_OURS,
                )


def _nodes(root: Any) -> Iterator[Any]:
    """Yield the nodes of a document, each once, though aliases may lead to it on many ways."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node.value, list):
            waiting += [part for held in node.value for part in (held if isinstance(held, tuple) else (held,))]


_OURS = "in our words"


def _words(error: Any, text: str) -> str:
    problem = str(error.problem or "")
    if error.note == _OURS:
        return problem
    mark = error.problem_mark
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if mark and "\t" in line[: mark.column + 1]:
        return "a tab; YAML is indented with spaces"
    whole = f"{problem} {error.context or ''}"
    for part, words in _WORDS:
        if part in whole:
            return words
    if "cannot start any token" in problem and mark:
        return f"text that begins with {line[mark.column : mark.column + 1]} needs quotes"
    return "this is not valid YAML"


def _place(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
