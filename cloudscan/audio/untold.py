"""Whether text and JSON of no known shape may hold what was said. They prove nothing, so that nothing settles them.

What is plainly something else does: settings, manifests, telemetry and logs, whose words are names, or stand under
keys that describe. A few words under a key that speaks of speech are enough, however short the call was.
"""

import re
from collections.abc import Set
from typing import Final

from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.json_keys import Keys
from cloudscan.audio.prose import holds_coded_bytes, runs_on

_TELLING: Final = re.compile(
    r"(?:\w*_)?(?:input|full|raw|plain|display|final|partial)?transcri(?:pt|ption)s?(?:_?text|_?body)?"
    r"|utterances?|phrases?|speaker(?:_?(?:name|label|display_?name))?|spoken_?text|speech_?text|captions?|subtitles?",
    re.IGNORECASE,
)
"""Keys under which somebody's words stand."""
_SPOKEN_OF: Final = re.compile(r"transcri(?!ptom)|utteranc|phrases|dialog|conversation|hypothes", re.IGNORECASE)
_OF_TEXT: Final = re.compile(r"text|content|body|display|value|words?|phrase|sentence|lexical|message")
_TIMES: Final = re.compile(
    r"(?:start|end|begin)(?:_?(?:time|ms|offset))?|offset|duration|(?:end_)?ts|from|to", re.IGNORECASE
)
_DESCRIBING: Final = re.compile(
    r"\W*\w*(?:desc|descriptions?|title|summary|comments?|licen[cs]es?|authors?|copyright|help|hint|label|tooltip"
    r"|placeholder|headline|name|error|warning|exception|(?:error|status|exception|failure)_?(?:message|msg|text)|reason"
    r"|cause|details?|docs?|docstring|documentation|deprecated|examples?|usage|query|sql|statement|commands?|cmd"
    r"|scripts?|user_?agent|pattern|regex|stack|stacktrace|trace|keywords?|readme|schema|policy|advisory)",
    re.IGNORECASE,
)
"""Keys whose words describe what the document is about, or tell a program what to do."""
_PROGRAMS: Final = re.compile(r"scripts|\w*dependencies|engines|\w*descriptions?", re.IGNORECASE)
"""Keys of settings and of descriptions, below which nothing was said."""
_LOGGED: Final = re.compile(r"(?:log_?)?level(?:name)?|lvl|severity(?:_?text)?|logger", re.IGNORECASE)
_BY_A_LOG: Final = re.compile(r"message|msg|event|log|text|body|textPayload")


def may_be_sound(excerpt: Excerpt) -> bool:
    """Whether text that was read may hold sound that was written as text."""
    return holds_coded_bytes(excerpt.head)


def may_be_said(excerpt: Excerpt, sample: bytes, *, json: bool) -> bool:
    """Whether text that was read may hold words that were said."""
    keys = Keys.of(excerpt) if json else None
    if keys is None or not keys.paths:  # a bracket may begin a line of text
        return runs_on(sample.decode("utf-8", "replace")) or (keys is not None and bool(keys.sentences))
    return any(_tells(path, keys) for path in keys.worded) or any(
        not _describes(path, keys.names) for path in keys.sentences
    )


def _tells(path: tuple[str, ...], keys: Keys) -> bool:
    """Whether a word under this path is one of a document about speech."""
    if not path:
        return False
    leaf = path[-1]
    if _TELLING.fullmatch(leaf):
        return True
    if not _OF_TEXT.fullmatch(leaf):
        return False
    timed = any(map(_TIMES.fullmatch, keys.numbers))
    return timed or path == ("text",) or any(_SPOKEN_OF.search(name) for name in path[:-1])


def _describes(path: tuple[str, ...], names: Set[str]) -> bool:
    """Whether running text under this path is a description, a program's, or the message of a log."""
    if not path:
        return False
    leaf, above = path[-1], path[:-1]
    if _DESCRIBING.fullmatch(leaf) or (_BY_A_LOG.fullmatch(leaf) and any(map(_LOGGED.fullmatch, names))):
        return True
    return any(_PROGRAMS.fullmatch(name) for name in above)
