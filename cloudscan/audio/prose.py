"""Whether text may be what somebody said: words in a row, as no setting, log or table of numbers has them.

Plain text and JSON of no known shape prove nothing: recognisers are many, and people write transcripts, too. So text
in which words run on is not settled, and neither is what may be sound written as text. Nothing of either is kept.
"""

import re
from typing import Final

_LONGEST: Final = 512
"""Characters of one value that are looked at."""
_LINES: Final = 400
_IN_A_ROW: Final = 4
_IN_A_LINE: Final = 3
_SHARE_OF_WORDS: Final = 0.8
_SHARE_OF_TEXT: Final = 0.25
_CODED_LENGTH: Final = 1024
"""Characters in a row that no key, signature or checksum has, and a tenth of a second of sound does."""

_LETTERS: Final = "A-Za-z\u00aa-\u1fff\u2c00-\ud7ff\uf900-\ufdff\ufe70-\uffdc\U00010000-\U0003ffff"
_WORD: Final = re.compile(f"[{_LETTERS}][{_LETTERS}'\u2019-]*")
_AROUND: Final = ".,;:!?\u2026\"'()[]\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb\u00bf\u00a1*"
# Eight letters of a script that writes no spaces (Thai, Lao, Burmese, Khmer, Japanese, Chinese) are several words.
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{8}")
_GAPS: Final = re.compile(r"\s+")
_CELLS: Final = re.compile(r"[\t|\r\n]+")
_ENDED: Final = re.compile(r"[.!?\u2026][\"'\u201d\u2019)]?\s*\Z")
# When it was said, and by whom: "[00:01:02] Agent 1: ".
_SAID_BY: Final = re.compile(
    r"((?:[^\w\s]*\s*\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,3})?[^\w\s]*\s*){0,2})[^\w\s]*(\w[\w .-]{0,40}:(?=\s))?"
)
_MARKUP: Final = re.compile(r"<[^<>]*>")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_CODED: Final = re.compile(rb"(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/_-]|\\/){%d,}+" % _CODED_LENGTH)
_CODED_LINES: Final = re.compile(rb"^(?:[A-Za-z0-9+/]{60,76}\r?\n){%d}" % (_CODED_LENGTH // 64), re.MULTILINE)
_NO_SOUND: Final = (b"iVBORw0KGgo", b"/9j/", b"R0lGOD", b"JVBERi", b"PHN2Zy", b"MII", b"d09G")
"""What PNG, JPEG, GIF, PDF, SVG, a certificate (DER) and a font (WOFF) begin with."""
_PICTURE: Final = re.compile(rb"data:(?:image|font)/[\w.+-]+(?:;[\w=-]+)*,\Z")
_ARMOUR: Final = b"-----BEGIN "


def runs_on(text: str) -> bool:
    """Whether a good part of a text are lines of words; cells of a table and what markup encloses count alone."""
    if text.lstrip()[:1] == "<":
        text = _MARKUP.sub("\n", text)
    lines = [line for line in _CELLS.split(text) if line.strip()][:_LINES]
    said = sum(len(line) for line in lines if _is_said(line))
    return said > _SHARE_OF_TEXT * sum(map(len, lines))


def words_in_a_row(value: bytes) -> int:
    """How many words follow one another in a value of JSON: of names and labels few do, of sentences many.

    Capitals at the start of each make a name of them, which counts as one.
    """
    text = _unescaped(value)
    if _UNSPACED.search(text):
        return _IN_A_ROW
    most = row = small = 0
    for token in _GAPS.split(text):
        word = token.strip(_AROUND)
        if _WORD.fullmatch(word):
            row, small = row + 1, small + (word[:1].lower() == word[:1])
            most = max(most, row if small * 2 >= row else 1)
        elif word:
            row = small = 0
    return most


def is_sentence(value: bytes) -> bool:
    """Whether a value of JSON is running text."""
    return words_in_a_row(value) >= _IN_A_ROW


def is_worded(value: bytes) -> bool:
    """Whether a value of JSON is a word or more, and neither a number nor an identifier."""
    words = _GAPS.split(_unescaped(value).strip())
    return all(_WORD.fullmatch(word.strip(_AROUND)) for word in words) and len("".join(words)) > 1


def holds_coded_bytes(text: bytes) -> bool:
    """Whether a long run of base64 is in it (RFC 4648), in one line or in many, that may be anything.

    Keys and certificates are none, nor is what begins as pictures do and what its address calls one.
    """
    for run in _CODED.finditer(text):
        begins = run[0].replace(b"\\/", b"/").startswith(_NO_SOUND)
        if not begins and not _PICTURE.search(text, max(0, run.start() - 64), run.start()):
            return True
    return _CODED_LINES.search(text) is not None and _ARMOUR not in text


def _is_said(line: str) -> bool:
    if _UNSPACED.search(line):
        return True
    begun = _SAID_BY.match(line)
    at, named = (begun[1], begun[2]) if begun else ("", None)
    tokens = [token.strip(_AROUND) for token in _GAPS.split(line[begun.end() :] if begun else line)]
    words = sum(_WORD.fullmatch(token) is not None for token in tokens)
    least = 1 if at or _ENDED.search(line) else _IN_A_LINE - (named is not None)
    return words >= least and words >= _SHARE_OF_WORDS * sum(map(bool, tokens))


def _unescaped(value: bytes) -> str:
    """The beginning of a value as text; an escape that stands for no letter is a gap."""
    text = value[: 6 * _LONGEST].decode("utf-8", "replace")
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else " ", text)[:_LONGEST]
