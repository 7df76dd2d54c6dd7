"""Make text from the cloud harmless: one function for each place where a report puts it.

Names, tags, policies and error texts are chosen by whoever can write to the estate. Whatever such a text
holds, it stays text: it moves no cursor, turns no direction, starts no line and ends no string.
"""

from __future__ import annotations

import re


def terminal(text: str, encoding: str = "utf-8") -> str:
    """Return text that a terminal shows as it is: what is not plainly visible becomes an escape such as ``\\x1b``.

    That is every character that Unicode files under "other" or as a separator, except the space: controls,
    line breaks, the start of an ANSI sequence, the controls of writing direction (UAX #9), zero-width
    characters, private and unassigned ones, lone surrogates. What ``encoding`` has no place for is escaped
    as well. Markup means nothing here: the caller prints ``rich.text.Text``, in which brackets are brackets.
    """
    shown = text if text.isprintable() else "".join(map(_visible, text))
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def json_text(text: str) -> str:
    """Return text that every JSON reader takes: lone surrogates, which many refuse, become ``\\udXXX`` in words.

    The encoder's ``ensure_ascii`` does the rest, so that no control and no mark of direction is in the file.
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def csv_cell(text: str) -> str:
    """Return text for a cell of CSV that stays text in a spreadsheet and in a terminal.

    Spreadsheets take a cell that begins with one of a few characters for a formula ("CSV Injection", OWASP): it gets an
    apostrophe before it, and so does what would begin a cell where a semicolon parts them, as it does for spreadsheets
    in many languages. What is not plainly visible is escaped as for a terminal, line breaks included.
    """
    return _FORMULA.sub(r"\1'", terminal(text))


_FORMULA = re.compile(r"(^|;)(?= *[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a formula would begin, full-width forms included."""


def _visible(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
