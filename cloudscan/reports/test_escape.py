from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan.reports import escape

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x07", "\\x1b]8;;http://evil\\x07link\\x1b]8;;\\x07"),
        ("two\nlines\r\n", "two\\nlines\\r\\n"),
        ("a\tb", "a\\tb"),
        ("\x9b2J", "\\x9b2J"),
        ("invoice\u202egpj.exe", "invoice\\u202egpj.exe"),
        ("\u2066isolated\u2069 \u200b zero", "\\u2066isolated\\u2069 \\u200b zero"),
        ("line\u2028paragraph\u2029next\x85", "line\\u2028paragraph\\u2029next\\x85"),
        ("no\xa0break", "no\\xa0break"),
        ("half\udc80byte", "half\\udc80byte"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("del\x7f", "del\\x7f"),
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_shown_as_an_escape(hostile: str, shown: str) -> None:
    assert escape.terminal(hostile) == shown


@pytest.mark.parametrize("plain", ["", "calls/2026/a b.wav", "音声 Grüße שלום", "[bold]x[/bold]", "=1+1", "C:\\new"])
def test_plain_text_stays_as_it_is(plain: str) -> None:
    assert escape.terminal(plain) == plain


def test_what_the_encoding_lacks_is_escaped_too() -> None:
    assert escape.terminal("→ 音", "ascii") == "\\u2192 \\u97f3"
    assert escape.terminal("Grüße 音", "latin-1") == "Grüße \\u97f3"


@given(ANY_TEXT, st.sampled_from(["utf-8", "ascii", "cp1252"]))
def test_any_text_becomes_one_printable_line_that_can_be_written(text: str, encoding: str) -> None:
    shown = escape.terminal(text, encoding)
    assert shown.isprintable()
    assert shown.encode(encoding).decode(encoding) == shown


@given(ANY_TEXT)
def test_any_text_is_json_that_strict_readers_take(text: str) -> None:
    safe = escape.json_text(text)
    assert json.loads(json.dumps(safe).encode("ascii")) == safe
    assert safe.encode("utf-8").decode("utf-8") == safe


def test_text_without_lone_surrogates_is_unchanged_in_json() -> None:
    assert escape.json_text("\u202e\x1b 音声 \U0001f399") == "\u202e\x1b 音声 \U0001f399"
    assert escape.json_text("half\udc80byte") == "half\\udc80byte"
